"""When an event takes place, in Salesforce's fields and in ours.

Times are UTC. An all-day event has dates: its last day is told, which is inclusive, and stands as midnight UTC; it is
never moved into a zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, checked_year, flag_at
from soroe.core.event import UTC_ZONE, AllDay, Timed, When
from soroe.ports.errors import ItemRejected

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=14)
_LONGEST_TEXT = 40


def when_of(document: object) -> When:
    """When an event takes place; a timed one is told in UTC."""
    start = moment_at(document, "StartDateTime")
    minutes = at(document, "DurationInMinutes")
    if flag_at(document, "IsAllDayEvent"):
        first = start.date() if at(document, "ActivityDate") is None else day_at(document, "ActivityDate")
        last = first if at(document, "EndDateTime") is None else moment_at(document, "EndDateTime").date()
        if last < first:
            raise Malformed("EndDateTime", "lies before the start")
        return AllDay(first, last + ONE_DAY)
    if at(document, "EndDateTime") is not None:
        end = moment_at(document, "EndDateTime")
    elif isinstance(minutes, int) and not isinstance(minutes, bool) and 0 <= minutes < 60 * 24 * 366:
        end = start + timedelta(minutes=minutes)
    else:
        raise Malformed("EndDateTime", "is missing, and no length is told")
    if end < start:
        raise Malformed("EndDateTime", "lies before the start")
    return Timed(start.replace(tzinfo=None), end.replace(tzinfo=None), UTC_ZONE)


def written_when(when: When) -> dict[str, Any]:
    """The fields of a time; raises `ItemRejected` for what Salesforce cannot hold."""
    if isinstance(when, AllDay):
        if when.end - when.start > LONGEST:
            raise ItemRejected("longer_than_14_days", "when")
        first, last = midnight(when.start), midnight(when.end - ONE_DAY)
        return {"IsAllDayEvent": True, "StartDateTime": told(first), "EndDateTime": told(last)}
    start, end = when.start_utc, when.end_utc
    if not timedelta() <= end - start <= LONGEST:
        raise ItemRejected("longer_than_14_days" if end > start else "length_impossible", "when")
    return {"IsAllDayEvent": False, "StartDateTime": told(start), "EndDateTime": told(end)}


def midnight(day: date) -> datetime:
    """The moment by which Salesforce names a day."""
    return datetime.combine(day, time(), UTC)


def told(moment: datetime) -> str:
    """A moment as Salesforce takes it: UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment_at(document: object, path: str) -> datetime:
    """The moment at a path, in UTC."""
    value = at(document, path)
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) and len(value) < _LONGEST_TEXT else "")
    except ValueError as error:
        raise Malformed(path, "is not a time") from error
    checked_year(found, path)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def day_at(document: object, path: str) -> date:
    """The date at a path."""
    value = at(document, path)
    try:
        found = date.fromisoformat(value[:10] if isinstance(value, str) and len(value) < _LONGEST_TEXT else "")
    except ValueError as error:
        raise Malformed(path, "is not a date") from error
    checked_year(found, path)
    return found
