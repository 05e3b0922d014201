"""Notice that the choices of a sync were changed: what was settled under the old ones is looked at again (PD-4)."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.stamp import token
from soroe.ports.store import SyncState

from .joint import Joint


def take_up(joint: Joint) -> SyncState:
    """Ask for every item to be reconciled when the settings are no longer those of the last run; returns the state.

    A window of other days is listed anew, because a change feed does not tell of what it had passed over. The first run
    of a sync has nothing to look at again.
    """
    store = joint.store
    state = store.state()
    now = _told(joint)
    if state.settings == now:
        return state
    taken = replace(state, settings=now)
    with store.transaction():
        if state.settings:
            store.mark_all_dirty()
            if _reach(state.settings) != _reach(now):
                for end in (joint.crm, joint.calendar):
                    for container in end.containers:
                        store.set_cursor(end.side, container, None)
        store.save_state(taken)
    return taken


def _reach(told: str) -> str:
    return told.partition(":")[0]


def _told(joint: Joint) -> str:
    """The choices that decide what becomes of an item; the words for a private block follow the language and do not."""
    route = joint.route
    types = "*" if route.activity_types is None else ",".join(sorted(route.activity_types))
    chosen = (
        *sorted(route.calendars), *sorted(route.foreign_calendars), route.direction, types, route.incoming_type,
        route.privacy, route.conflicts, route.changed_since, route.zone, route.guests_to_calendar, route.guests_to_crm,
        joint.dialect.name,
    )  # fmt: skip
    return f"{joint.past_days}/{joint.future_days}:{token('|'.join(map(str, chosen)), 10)}"
