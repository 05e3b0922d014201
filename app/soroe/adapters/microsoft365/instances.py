"""Graph's ids of occurrences: they can be told from nothing, so they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from soroe.core.event import Occurrence, Ref, occurrence_named
from soroe.ports.errors import Gone, RetryLater

from .calendars import event_path
from .reading import Json, Misfit, list_of
from .repeats import read_original
from .session import Answer, Call, Session
from .times import query_time
from .wire import is_id, is_series

_AROUND = timedelta(days=1)
_MOST = 1_000


def event_id(session: Session, ref: Ref) -> str:
    """Graph's id for a ref of ours; raises `Gone` when there can be no such event, or no such occurrence."""
    occurrence = occurrence_named(ref.id)
    if occurrence is not None:
        return _looked_up(session, ref, occurrence)
    if not is_id(ref.id):
        raise Gone("no_such_id")
    return ref.id


def _looked_up(session: Session, ref: Ref, occurrence: Occurrence) -> str:
    """The id of an occurrence: among the changed ones of its series, wherever they were moved, or where it stood.

    What comes is compared with what was asked for: to write to the wrong occurrence would be worse than to none.
    """
    if not is_id(occurrence.series):
        raise Gone("no_such_id")
    start = occurrence.original_start
    at = start.replace(tzinfo=UTC) if isinstance(start, datetime) else datetime.combine(start, time(), UTC)
    try:
        around = {"startDateTime": query_time(at - _AROUND), "endDateTime": query_time(at + 2 * _AROUND)}
    except OverflowError as error:
        raise Gone("no_such_occurrence") from error
    path = event_path(ref.container, occurrence.series)
    whole = Call("GET", path, "$expand=exceptionOccurrences")
    plain = Call("GET", f"{path}/instances", f"{urlencode(around)}&$top=100")
    of_series, nearby = session.together((whole, plain))
    series = _document(session, whole, of_series)
    if not is_series(series):
        raise Gone("no_series")
    entries = _entries(series, "exceptionOccurrences") + _entries(_document(session, plain, nearby), "value")
    for entry in entries:
        found = entry.get("id")
        if isinstance(found, str) and is_id(found) and _starts(entry, occurrence):
            return found
    raise Gone("no_such_occurrence")


def _document(session: Session, call: Call, answer: Answer | None) -> Json:
    if answer is None:
        raise RetryLater("answer_lost")
    if not answer.ok:
        raise session.trouble_of(call, answer)
    return answer.json(call)


def _entries(told: Json, name: str) -> list[Json]:
    try:
        return [one for one in list_of(told, name, _MOST) if isinstance(one, dict)]
    except Misfit:
        return []


def _starts(entry: Json, occurrence: Occurrence) -> bool:
    try:
        return read_original(entry) == occurrence.original_start
    except Misfit:
        return False
