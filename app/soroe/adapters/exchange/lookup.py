"""Items by id, and occurrences by their series and original start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from soroe.core.event import (
    ObservedItem,
    Occurrence,
    Ref,
    Timed,
    Tombstone,
    Unreadable,
    instant,
    occurrence_named,
)
from soroe.ports.errors import ACCOUNT_TROUBLE, Gone, ItemRejected, PortError, ReadOnly

from .reading import Misfit
from .session import Session
from .wire import READ_FIELDS, CalendarFacts, is_elsewhere, read_item, read_series, read_when, start_of

if TYPE_CHECKING:
    from .library import Element, Mailbox

AT_ONCE = 50
"""Items read in one request: each costs the server's store several looks."""
_ID = re.compile(r"[A-Za-z0-9+/=_-]{1,1024}\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a write goes: the library's id of an item or an occurrence, and the item that lies there now."""

    id: Any
    found: Element
    occurrence: Occurrence | None = None


def is_id(text: str) -> bool:
    """Whether a text could be an id of Exchange's; anything else is not even asked for."""
    return _ID.match(text) is not None


def get(mailbox: Mailbox, ids: Sequence[Any]) -> list[Element | Exception]:
    """The items with these ids (texts or ids of the library's), in order; an item's error stands in its place."""
    if not ids:
        return []
    from exchangelib.properties import ItemId  # type: ignore[import-untyped] # it publishes no typing information

    from .library import GetItems, paths

    asked = [ItemId(id=one) if isinstance(one, str) else one for one in ids]
    service = GetItems(account=mailbox, chunk_size=AT_ONCE)
    return list(service.call(items=asked, additional_fields=paths(READ_FIELDS), shape="IdOnly"))


def read(session: Session, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
    """One item or occurrence. Whatever lies elsewhere, in Deleted Items for one, is gone."""
    try:
        place = session.run(lambda mailbox: find_place(session, mailbox, ref))
    except Gone:
        return Tombstone(ref)
    except Misfit as misfit:
        return Unreadable(ref, misfit.field, misfit.reason)
    except ItemRejected as rejected:
        return Unreadable(ref, rejected.field or "item", rejected.code)
    return read_item(place.found, session.facts(ref.container), place.occurrence)


def find_place(session: Session, mailbox: Mailbox, ref: Ref) -> Place:
    """Where an item or an occurrence lies; raises `Gone` where it does not."""
    from exchangelib.properties import ItemId, OccurrenceItemId

    facts = session.facts(ref.container)
    occurrence = occurrence_named(ref.id)
    if occurrence is None:
        found = one(session, mailbox, ref.id, facts)
        return Place(ItemId(id=found.id, changekey=found.version), found)
    master = one(session, mailbox, occurrence.series, facts)
    series = read_series(master, facts)
    original = occurrence.original_start
    if original in series.cancelled or master.item is None or master.item.recurrence is None:
        raise Gone("cancelled")
    if original in series.exceptions:
        found = one(session, mailbox, series.exceptions[original].id, facts)
        return Place(ItemId(id=found.id, changekey=found.version), found, occurrence)
    number = _number(master, facts, occurrence)
    found = one(
        session, mailbox, OccurrenceItemId(id=master.id, changekey=master.version, instance_index=number), facts
    )
    return Place(ItemId(id=found.id, changekey=found.version), found, occurrence)


def one(session: Session, mailbox: Mailbox, own: Any, facts: CalendarFacts) -> Element:  # noqa: ANN401 - a text or an id of the library's
    """One item that lies in this calendar; raises `Gone` and the other errors of the port."""
    if isinstance(own, str) and not is_id(own):
        raise Gone("no_id")
    (found,) = get(mailbox, [own])
    if isinstance(found, Exception):
        trouble = session.trouble(found)
        # Of an item in somebody else's mailbox Exchange says that access is denied, or that there is no such item.
        raise Gone("no_access") if isinstance(trouble, ReadOnly) else trouble
    if is_elsewhere(found, facts):
        raise Gone("elsewhere")
    return found


def settled(
    session: Session, found: Element | Exception, ref: Ref, occurrence: Occurrence | None = None
) -> ObservedItem | Tombstone | Unreadable:
    """What one entry of an answer tells of an item; trouble of the whole account is raised."""
    facts = session.facts(ref.container)
    if not isinstance(found, Exception):
        return Tombstone(ref, None, occurrence) if is_elsewhere(found, facts) else read_item(found, facts, occurrence)
    trouble: PortError = session.trouble(found)
    if isinstance(trouble, ACCOUNT_TROUBLE):
        raise trouble
    if isinstance(trouble, Gone):
        return Tombstone(ref, None, occurrence)
    return Unreadable(ref, "item", type(found).__name__)


def _number(master: Element, facts: CalendarFacts, occurrence: Occurrence) -> int:
    """Which occurrence of its series this is; raises `Gone` for a start that the series never had."""
    from .repeats import occurrence_number

    when = read_when(master, facts)
    original = occurrence.original_start
    if isinstance(original, datetime) is not isinstance(when, Timed):
        raise Gone("no_occurrence")
    day = start_of(original, when)
    if isinstance(when, Timed):
        told = instant(datetime.combine(day, when.start.time()), when.zone)
        if told.replace(tzinfo=None) != original:
            raise Gone("no_occurrence")
    number = occurrence_number(master.item.recurrence, when, day)
    if number is None:
        raise Gone("no_occurrence")
    return number
