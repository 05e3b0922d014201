"""The times of an event, which the service keeps in several fields that have to agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from soroe.sandbox.salesforce.refusals import Refusal, integrity
from soroe.sandbox.salesforce.values import Values

DAY = timedelta(days=1)
LONGEST = timedelta(days=14)
TIMES = (
    "IsAllDayEvent",
    "StartDateTime",
    "EndDateTime",
    "ActivityDateTime",
    "ActivityDate",
    "DurationInMinutes",
)


def agreed_times(given: Values, before: Values | None, multiday: bool = True) -> dict[str, Any]:
    """The time fields after a write. `given` are the fields of the request, `before` the record that is changed.

    StartDateTime has to equal ActivityDateTime, or ActivityDate on an all-day event. A timed event needs an end or a
    length, and both have to add up. An all-day event lasts one day unless told otherwise, and its EndDateTime is its
    last day. An event lasts 14 days at most, or one where multiday events are switched off. A new start without an end
    keeps the length.
    """
    all_day = bool(given.get("IsAllDayEvent", before["IsAllDayEvent"] if before else False))
    start = _start(given, before, all_day)
    length = _length(given, before, start, all_day)
    longest = LONGEST if multiday else DAY
    if not timedelta() <= length <= longest:
        most = int(longest.total_seconds() // 60)
        raise integrity(f"Duration must be between 0 and {most} minutes: Duration", _blamed(given))
    return _fields(start, length, all_day)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _start(given: Values, before: Values | None, all_day: bool) -> datetime:
    twin = "ActivityDate" if all_day else "ActivityDateTime"
    told = [
        given[name] for name in ("StartDateTime", "ActivityDateTime", "ActivityDate") if given.get(name) is not None
    ]
    if all_day:
        days = {value.date() if isinstance(value, datetime) else value for value in told}
        starts = {midnight(day) for day in days}
    else:
        starts = {value for value in told if isinstance(value, datetime)}
    if len(starts) > 1:
        raise integrity(f"StartDateTime and {twin} must be the same: Start Date Time", "StartDateTime")
    if starts:
        return starts.pop()
    emptied = given.get("StartDateTime", 0) is None and given.get(twin, 0) is None
    if before is None or emptied:
        raise Refusal(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [DurationInMinutes, ActivityDateTime]",
            ("DurationInMinutes", "ActivityDateTime"),
        )
    start: datetime = before["StartDateTime"]
    return midnight(start.date()) if all_day else start


def _length(given: Values, before: Values | None, start: datetime, all_day: bool) -> timedelta:
    minutes, end = given.get("DurationInMinutes"), given.get("EndDateTime")
    told = timedelta(minutes=minutes) if minutes is not None else None
    if end is not None:
        until = midnight(end.date()) - start + DAY if all_day else end - start
        if told is not None and told != until:
            raise integrity("Duration and End Date Time do not add up: Duration", "DurationInMinutes")
        return until
    if told is not None:
        return _whole_days(told) if all_day else told
    turned = before is not None and before["IsAllDayEvent"] != all_day
    emptied = "DurationInMinutes" in given or "EndDateTime" in given
    if before is not None and not turned and not emptied:
        return timedelta(minutes=before["DurationInMinutes"])
    if all_day:
        return DAY
    if turned and before is not None and not emptied:
        return timedelta(minutes=before["DurationInMinutes"])
    missing = "Required fields are missing: [DurationInMinutes]"
    raise Refusal("REQUIRED_FIELD_MISSING", missing, ("DurationInMinutes",))


def _whole_days(length: timedelta) -> timedelta:
    return max(1, -(-length // DAY)) * DAY if length >= timedelta() else length


def _blamed(given: Values) -> str:
    return "DurationInMinutes" if given.get("DurationInMinutes") is not None else "EndDateTime"


def _fields(start: datetime, length: timedelta, all_day: bool) -> dict[str, Any]:
    end = start + length - DAY if all_day else start + length
    return {
        "IsAllDayEvent": all_day,
        "StartDateTime": start,
        "EndDateTime": end,
        "EndDate": end.date(),
        "ActivityDateTime": start,
        "ActivityDate": start.date(),
        "DurationInMinutes": int(length.total_seconds() // 60),
    }
