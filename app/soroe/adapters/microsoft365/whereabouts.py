"""In which calendar an event is.

Graph finds an event by its immutable id wherever in the mailbox it lies, and whichever calendar the call's address
names: one that was dragged to another calendar, or that lies among the deleted items, reads as if it were still there.
What a calendar holds, only its listing tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from soroe.adapters.net.reading import Json, Misfit
from soroe.core.event import ContainerId

from .calendars import calendar_path, event_path
from .events import listed
from .session import Call, Session
from .times import query_time, read_point
from .wire import is_series

_AROUND = timedelta(days=1)
_ONLY_SERIES = "type eq 'seriesMaster'"


def are_in(session: Session, container: ContainerId, entries: Sequence[Json]) -> list[bool]:
    """Whether each of these events, as they were read, is in this calendar. Costs a listing for each single event or
    occurrence, many in one request, and one for all series. Of one whose time nobody can read, it is believed."""
    series = set(series_in(session, container)) if any(map(is_series, entries)) else set()
    looks = [None if is_series(entry) else _look(container, entry) for entry in entries]
    calls = [look for look in looks if look is not None]
    answers = iter(zip(calls, session.together(calls), strict=True))
    found = []
    for entry, look in zip(entries, looks, strict=True):
        if look is None:
            found.append(not is_series(entry) or entry.get("id") in series)
        else:
            found.append(any(_is_same(one, entry) for one in listed(session, *next(answers))))
    return found


def series_in(session: Session, container: ContainerId) -> Iterator[str]:
    """The ids of the series in a calendar."""
    path, query = event_path(container), "$select=id,type&$top=500"
    call = Call("GET", path, f"{query}&$filter={quote(_ONLY_SERIES)}", calendar=True)
    answer = session.send(call)
    if answer.status == 400:
        call = Call("GET", path, query, calendar=True)  # all of them then
        answer = session.send(call)
    for entry in listed(session, call, answer):
        if is_series(entry) and isinstance(entry.get("id"), str):
            yield entry["id"]


def _is_same(listed_one: Json, entry: Json) -> bool:
    """Whether a listed event is the one that was read; an occurrence that can be read is where its series is."""
    series = entry.get("seriesMasterId")
    return listed_one.get("id") == entry.get("id") or (bool(series) and listed_one.get("seriesMasterId") == series)


def _look(container: ContainerId, entry: Json) -> Call | None:
    """The listing of a calendar around an event's start, a day more at both ends, as zones go."""
    try:
        start = read_point(entry, "start")
        span = {"startDateTime": query_time(start - _AROUND), "endDateTime": query_time(start + _AROUND)}
    except (Misfit, OverflowError):
        return None
    query = f"{urlencode(span)}&$select=id,seriesMasterId&$top=500"
    return Call("GET", f"{calendar_path(container)}/calendarView", query, calendar=True)
