"""Graph's patternedRecurrence: what the service takes, and the days it stands for."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, takewhile

from soroe.sandbox.microsoft365.errors import Json, body_unreadable, property_invalid
from soroe.sandbox.microsoft365.times import zone

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEXES = ("first", "second", "third", "fourth", "last")
_PATTERNS = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")
_RANGES = ("endDate", "noEnd", "numbered")
_NO_DATE = "0001-01-01"
_MOST = 999


def read_recurrence(raw: object, first: date, zone_name: str) -> Json:
    """Checks a recurrence and returns it with every property filled in, as the service shows it."""
    if not isinstance(raw, dict) or not isinstance(raw.get("pattern"), dict) or not isinstance(raw.get("range"), dict):
        raise property_invalid("A recurrence needs a pattern and a range.")
    return {"pattern": _pattern(raw["pattern"]), "range": _range(raw["range"], first, zone_name)}


def days_of(recurrence: Json, until: date) -> Iterator[date]:
    """Yields the days of a series in order, up to and with `until`."""
    limits = recurrence["range"]
    first = date.fromisoformat(limits["startDate"])
    last = min(until, date.fromisoformat(limits["endDate"])) if limits["type"] == "endDate" else until
    allowed = limits["numberOfOccurrences"] if limits["type"] == "numbered" else None
    found = takewhile(lambda day: day <= last, (day for day in _endless(recurrence["pattern"], first) if day >= first))
    for number, day in enumerate(found):
        if allowed is not None and number >= allowed:
            return
        yield day


def _endless(pattern: Json, first: date) -> Iterator[date]:
    step = pattern["interval"]
    kind = pattern["type"]
    if kind == "daily":
        yield from _until_the_end_of_time(first + timedelta(days=step * n) for n in count())
    elif kind == "weekly":
        yield from _weekly(pattern, first)
    else:
        yearly = kind.endswith("Yearly")
        months = step * 12 if yearly else step
        begin = first.year * 12 + (pattern["month"] if yearly else first.month) - 1
        for number in range(begin, 9999 * 12, months):
            yield _day_in_month(pattern, number // 12, number % 12 + 1)


def _until_the_end_of_time(days: Iterator[date]) -> Iterator[date]:
    try:
        yield from days
    except OverflowError:  # the calendar ends with the year 9999
        return


def _weekly(pattern: Json, first: date) -> Iterator[date]:
    wanted = {_DAYS.index(day) for day in pattern["daysOfWeek"]}
    week = first - timedelta(days=(first.weekday() - _DAYS.index(pattern["firstDayOfWeek"])) % 7)
    yield from _until_the_end_of_time(
        day
        for n in count()
        for day in (week + timedelta(days=7 * pattern["interval"] * n + offset) for offset in range(7))
        if day.weekday() in wanted
    )


def _day_in_month(pattern: Json, year: int, month: int) -> date:
    length = monthrange(year, month)[1]
    if pattern["type"].startswith("absolute"):
        return date(year, month, min(pattern["dayOfMonth"], length))
    wanted = {_DAYS.index(day) for day in pattern["daysOfWeek"]}
    fitting = [date(year, month, n) for n in range(1, length + 1) if date(year, month, n).weekday() in wanted]
    index = _INDEXES.index(pattern["index"])
    return fitting[-1] if index == len(_INDEXES) - 1 else fitting[index]


def _pattern(raw: Json) -> Json:
    kind = _one_of(raw, "type", _PATTERNS)
    interval = raw.get("interval")
    if not isinstance(interval, int) or isinstance(interval, bool) or not 1 <= interval <= _MOST:
        raise property_invalid("The interval of a recurrence has to be a whole number from 1.")
    relative, yearly = kind.startswith("relative"), kind.endswith("Yearly")
    days = raw.get("daysOfWeek") or []
    if not isinstance(days, list) or any(not isinstance(day, str) or day.lower() not in _DAYS for day in days):
        raise body_unreadable("Requested value was not found in microsoft.graph.dayOfWeek.")
    if (kind == "weekly" or relative) and not days:
        raise property_invalid(f"A recurrence of the type {kind} needs daysOfWeek.")
    return {
        "type": kind,
        "interval": interval,
        "month": _number(raw, "month", 12) if yearly else 0,
        "dayOfMonth": _number(raw, "dayOfMonth", 31) if kind.startswith("absolute") else 0,
        "daysOfWeek": [day.lower() for day in days] if kind == "weekly" or relative else [],
        "firstDayOfWeek": _one_of(raw, "firstDayOfWeek", _DAYS, "sunday"),
        "index": _one_of(raw, "index", _INDEXES, "first"),
    }


def _range(raw: Json, first: date, zone_name: str) -> Json:
    kind = _one_of(raw, "type", _RANGES)
    begin = _date(raw, "startDate")
    if begin != first:
        raise property_invalid("The startDate of a recurrence has to be the day of the event's start.")
    end = _date(raw, "endDate") if kind == "endDate" else None
    if end is not None and end < begin:
        raise property_invalid("The endDate of a recurrence must not be before its startDate.")
    name = raw.get("recurrenceTimeZone") or zone_name
    zone(name)
    return {
        "type": kind,
        "startDate": begin.isoformat(),
        "endDate": end.isoformat() if end is not None else _NO_DATE,
        "recurrenceTimeZone": name,
        "numberOfOccurrences": _number(raw, "numberOfOccurrences", _MOST) if kind == "numbered" else 0,
    }


def _one_of(raw: Json, name: str, known: tuple[str, ...], default: str | None = None) -> str:
    value = raw.get(name)
    if value is None and default is not None:
        return default
    for one in known:
        if isinstance(value, str) and value.lower() == one.lower():
            return one
    raise body_unreadable(f"Requested value '{value}' was not found for the property '{name}'.")


def _number(raw: Json, name: str, most: int) -> int:
    value = raw.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise property_invalid(f"The {name} of a recurrence has to be a whole number from 1 to {most}.")
    return value


def _date(raw: Json, name: str) -> date:
    try:
        return date.fromisoformat(str(raw.get(name)))
    except ValueError:
        raise body_unreadable(f"Cannot convert the property '{name}' to the expected type 'Edm.Date'.") from None
