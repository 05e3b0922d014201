"""How a calendar's series stands in the CRM: as a series, or occurrence by occurrence, and what of it is cut off.

A series that is tied to one across stays a series; one whose occurrences have their activities stays single items.
Where nothing is linked yet, what stands in the CRM already tells: a lost database changes nothing (S-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from soroe.core import notes
from soroe.core.dialect import RecurrenceSupport
from soroe.core.event import ObservedItem, Ref, Side, bounds_utc
from soroe.core.finding import Finding
from soroe.core.matching import match_key
from soroe.core.rules import recurrence
from soroe.core.rules.privacy import project
from soroe.core.rules.recurrence_limits import most_occurrences, single_items, without_end
from soroe.core.stamp import Stamp, decode, find_partner

from .joint import Joint
from .moved import lies_on

_LOOKALIKES = 3
"""So many occurrences are looked for in the CRM before a series is taken for new."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sync looks at: `items`, of the `whole` that is in the window, and what is to be said of it."""

    items: tuple[ObservedItem, ...]
    whole: tuple[ObservedItem, ...]
    findings: tuple[Finding, ...] = ()
    single: bool = False


def shown(joint: Joint, side: Side, series: recurrence.Series) -> Shown:
    """The items that stand for a series; raises `RunawayRule` where that cannot be told."""
    window, dialect = joint.route.window, joint.dialect
    if dialect.recurrence is RecurrenceSupport.SINGLE_ITEMS:
        items = tuple(recurrence.as_single_items(series, window))
        return Shown(items, items, single=True)
    most = _most(joint, series) if side is Side.CALENDAR else None
    if most is None:
        items = recurrence.as_series(series)
        return Shown(items, items)
    whole = tuple(sorted(recurrence.as_single_items(series, window), key=lambda item: bounds_utc(item.content.when)))
    items = tuple(item for place, item in enumerate(whole) if place < most or joint.store.link(side, item.ref))
    cut_off = len(whole) > most
    endless = without_end(series.master.content)
    found = (notes.series_of_singles(series.master.ref, len(whole), most, endless=endless),) if cut_off else ()
    return Shown(items, whole, found, single=True)


def stands_alone(joint: Joint, side: Side, item: ObservedItem) -> bool:
    """Whether this is an occurrence whose series stands in the CRM as single items."""
    if item.occurrence is None:
        return False
    if joint.dialect.recurrence is RecurrenceSupport.SINGLE_ITEMS:
        return True
    if joint.dialect.series is None or side is Side.CRM:
        return False
    series = Ref(item.ref.container, item.occurrence.series)
    return not isinstance(joint.store.item(side, series), ObservedItem)


def _most(joint: Joint, series: recurrence.Series) -> int | None:
    """How many occurrences of a calendar's series stand for it in the CRM; None where it is a series there, too."""
    dialect, content = joint.dialect, series.master.content
    if dialect.series is None or content.recurrence is None:
        return None
    tied = _is_tied(joint, series.master)
    most = single_items(content, dialect, tied=tied)
    if most is None and not tied and _are_single_already(joint, series):
        return most_occurrences(content.recurrence, dialect.series)
    return most


def _is_tied(joint: Joint, master: ObservedItem) -> bool:
    """Whether a series across is this one: by link, by stamp, or by its looks."""
    store = joint.store
    link = store.link(Side.CALENDAR, master.ref)
    stamp = decode(master.stamp)
    if link is not None:
        twin = store.item(Side.CRM, link.crm)
        return not isinstance(twin, ObservedItem) or twin.content.recurrence is not None
    if stamp is not None and stamp.sync == joint.route.key and _is_own(joint, stamp, master):
        across = find_partner(stamp.partner, joint.crm.containers)
        named = store.item(Side.CRM, across) if across is not None else None
        if isinstance(named, ObservedItem):
            return named.content.recurrence is not None
    return any(found.side is Side.CRM and not found.linked for found in store.same_key(_key(joint, master)))


def _is_own(joint: Joint, stamp: Stamp, master: ObservedItem) -> bool:
    return not stamp.own or lies_on(joint, Side.CALENDAR, master.ref, stamp.own)


def _are_single_already(joint: Joint, series: recurrence.Series) -> bool:
    """Whether occurrences of this series have activities of their own: linked, or looking like them."""
    store, master = joint.store, series.master
    for member in sorted(store.series_members(Side.CALENDAR, master.ref)):
        ref = Ref(master.ref.container, member)
        if store.link(Side.CALENDAR, ref) is not None:
            return not isinstance(store.item(Side.CALENDAR, master.ref), ObservedItem)
    if store.item(Side.CALENDAR, master.ref) is not None:
        return False
    first = islice(recurrence.as_single_items(series, joint.route.window), _LOOKALIKES)
    alike = (store.same_key(_key(joint, item)) for item in first)
    return any(found.side is Side.CRM and not found.linked for group in alike for found in group)


def _key(joint: Joint, item: ObservedItem) -> bytes:
    return match_key(project(item, joint.route, joint.dialect).content, Side.CALENDAR, joint.dialect)
