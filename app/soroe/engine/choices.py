"""Notice that the choices of a sync were changed: what was settled under the old ones is looked at again (PD-4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from soroe.core.dialect import Dialect
from soroe.core.event import ItemId, ObservedItem, Ref
from soroe.core.matching import recipe
from soroe.core.route import Route
from soroe.core.stamp import token
from soroe.ports.store import SyncState

from .joint import End, Joint
from .phase import Phase
from .trees import Trees

_SOME = 500
"""Items that are given new keys in one transaction: the window writes, too."""


def take_up(joint: Joint, trees: Trees) -> SyncState:
    """Ask for every item to be reconciled when the settings are no longer those of the last run; returns the state.

    Items that no longer look to each other as they did get new keys before anything is matched: by a key of before, an
    item would miss its twin, and a second one would be made (S-2). A window of other days is listed anew, because a
    change feed does not tell of what it had passed over. The first run of a sync has nothing to look at again.
    """
    store = joint.store
    state = store.state()
    now = _told(joint.route, joint.dialect, joint.past_days, joint.future_days)
    if state.settings == now:
        return state
    taken = replace(state, settings=now)
    reach, chosen, looks = _parts(now)
    old_reach, old_chosen, old_looks = _parts(state.settings)
    if state.settings and (chosen, looks) != (old_chosen, old_looks):  # a calendar may have been left out for a while
        with store.transaction():  # whatever ends this half way, whatever is chosen then: they are made anew again
            store.save_state(replace(state, settings=f"{old_reach}:{old_chosen}:"))
        for end in (joint.crm, joint.calendar):
            _look_anew(joint, trees, end)
    with store.transaction():
        if state.settings and (reach, chosen) != (old_reach, old_chosen):
            store.mark_all_dirty()
        if state.settings and reach != old_reach:
            for end in (joint.crm, joint.calendar):
                for container in end.containers:
                    store.set_cursor(end.side, container, None)
        store.save_state(taken)
    return taken


def _look_anew(joint: Joint, trees: Trees, end: End) -> None:
    store, side, done = joint.store, end.side, 0
    phase = Phase.OBSERVE_CRM if end is joint.crm else Phase.OBSERVE_CALENDAR
    for container in end.containers:
        for ids in _pages(store.refs(side, container)):
            joint.progress(phase, done, None)
            refs = [Ref(container, item_id) for item_id in ids]
            store.read_ahead(side, refs)
            items = ((ref, store.item(side, ref)) for ref in refs)
            keys = [(ref, trees.key(side, item)) for ref, item in items if isinstance(item, ObservedItem)]
            with store.transaction():
                store.set_keys(side, keys)
            done += len(ids)


def _pages(ids: Iterable[ItemId]) -> Iterator[list[ItemId]]:
    left = iter(ids)
    while page := list(islice(left, _SOME)):
        yield page


def _parts(told: str) -> tuple[str, str, str]:
    """What `_told` has joined; a program of before told nothing of looks."""
    reach, chosen, looks = [*told.split(":"), "", ""][:3]
    return reach, chosen, looks


@lru_cache(maxsize=16)  # every run asks, and the choices of a sync stay the same for a day at least
def _told(route: Route, dialect: Dialect, past_days: int, future_days: int) -> str:
    """The days, the choices that decide what becomes of an item, and all that makes items look alike to each other.

    The words for a private block follow the language, and decide nothing but how it looks.
    """
    types = "*" if route.activity_types is None else ",".join(sorted(route.activity_types))
    chosen = (
        *sorted(route.calendars), *sorted(route.foreign_calendars), route.direction, types, route.incoming_type,
        route.privacy, route.conflicts, route.changed_since, route.zone, route.guests_to_calendar, route.guests_to_crm,
        dialect.name,
    )  # fmt: skip # short values, several a line
    return f"{past_days}/{future_days}:{token('|'.join(map(str, chosen)), 10)}:{token(recipe(route, dialect), 10)}"
