"""One event, read whole: a series with the occurrences that it has lost."""

from __future__ import annotations

from soroe.core.event import ContainerId

from .calendars import event_path
from .reading import Json
from .session import Call, Session
from .wire import EVENT_QUERY, SERIES_QUERY, is_series


def event_call(container: ContainerId, own: str) -> Call:
    """The reading of an event of whatever kind."""
    return Call("GET", event_path(container, own), EVENT_QUERY)


def read_entry(session: Session, container: ContainerId, own: str) -> Json:
    """The event with this id; raises `Gone` and the port's other errors."""
    return completed(session, container, session.json(event_call(container, own)))


def completed(session: Session, container: ContainerId, entry: Json) -> Json:
    """The event, asked for once more where it turned out to be a series."""
    if not is_series(entry) or "cancelledOccurrences" in entry:
        return entry
    return session.json(Call("GET", event_path(container, str(entry.get("id", ""))), SERIES_QUERY))
