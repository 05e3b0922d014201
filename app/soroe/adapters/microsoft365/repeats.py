"""Graph's `recurrence`, told as the core's `Recurrence`, and back; and the original starts of occurrences."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from soroe.adapters.net.reading import Json, Misfit, list_of, part_of
from soroe.adapters.outlook.recurrence import (
    WEEK,
    AbsoluteMonthly,
    AbsoluteYearly,
    Daily,
    End,
    EndDate,
    NoEnd,
    Numbered,
    Pattern,
    Position,
    RelativeMonthly,
    RelativeYearly,
    Repetition,
    Unsupported,
    Weekday,
    Weekly,
)
from soroe.adapters.outlook.rrule import repetition, rule
from soroe.core.event import AllDay, Recurrence, Timed, When
from soroe.ports.errors import ItemRejected

from .times import read_instant, zone_name, zone_named

_FIELD = "recurrence"
_MOST_CANCELLED = 5_000
_DAY_NAMES = {
    "monday": Weekday.MONDAY,
    "tuesday": Weekday.TUESDAY,
    "wednesday": Weekday.WEDNESDAY,
    "thursday": Weekday.THURSDAY,
    "friday": Weekday.FRIDAY,
    "saturday": Weekday.SATURDAY,
    "sunday": Weekday.SUNDAY,
}
_NAMES_OF_DAYS = {day: name for name, day in _DAY_NAMES.items()}


def read_recurrence(event: Json, when: When) -> Recurrence | None:
    """How a series repeats, its cancelled occurrences among it; None for a single event."""
    if event.get("recurrence") is None:
        return None
    told = part_of(event, _FIELD)
    pattern, span = part_of(told, "pattern"), part_of(told, "range")
    text = rule(Repetition(_pattern(pattern), _date(span, "startDate"), _end(span)), when)
    if isinstance(text, Unsupported):
        raise Misfit(_FIELD, text.reason)
    return Recurrence((text,), (), tuple(cancelled(event, when)))


def cancelled(event: Json, when: When) -> list[datetime | date]:
    """The original starts of the cancelled occurrences of a series, by its own clock.

    Graph tells them by their occurrence ids, which end in the day: they exist no more.
    """
    found: list[datetime | date] = []
    for one in list_of(event, "cancelledOccurrences", _MOST_CANCELLED):
        day = occurrence_day(one)
        if day is None:
            raise Misfit("cancelledOccurrences", "not an occurrence id")
        found.append(day if isinstance(when, AllDay) else datetime.combine(day, when.start.time()))
    return sorted(found, key=str)


def occurrence_day(told: object) -> date | None:
    """The day at the end of an occurrence id (`OID.<series>.<day>`)."""
    if not isinstance(told, str) or not told.startswith("OID."):
        return None
    try:
        return date.fromisoformat(told.rpartition(".")[2])
    except ValueError:
        return None


def read_original(event: Json) -> datetime | date:
    """The start that an occurrence had by its series: naive UTC, or a date for whole days."""
    if event.get("isAllDay") is True:
        day = occurrence_day(event.get("occurrenceId"))
        if day is not None:
            return day
    start = event.get("originalStart")
    if start is None and event.get("type") == "occurrence":
        start = part_of(event, "start").get("dateTime")  # one that was never moved
    at = read_instant(start, "originalStart")
    if event.get("isAllDay") is not True:
        return at.replace(tzinfo=None)
    name = event.get("originalStartTimeZone")
    zone = zone_named(name) if isinstance(name, str) and at.hour + at.minute else None
    return at.date() if zone is None else at.astimezone(zone).date()


def write_recurrence(recurrence: Recurrence, when: When) -> Json:
    """Graph's recurrence; `ItemRejected` for a rule that Outlook cannot say."""
    found = repetition(recurrence, when)
    if isinstance(found, Unsupported):
        raise ItemRejected("recurrence_not_supported", _FIELD, found.reason)
    zone = zone_name(when.zone) if isinstance(when, Timed) else "UTC"
    return {"pattern": _pattern_json(found.pattern), "range": _range_json(found, zone)}


def _pattern(told: Json) -> Pattern:
    interval = _number(told, "interval")
    match told.get("type"):
        case "daily":
            return Daily(interval)
        case "weekly":
            first = _DAY_NAMES.get(str(told.get("firstDayOfWeek", "sunday")))
            if first is None:
                raise Misfit(_FIELD, "unknown first day of the week")
            return Weekly(interval, _days(told), first)
        case "absoluteMonthly":
            return AbsoluteMonthly(interval, _number(told, "dayOfMonth"))
        case "relativeMonthly":
            return RelativeMonthly(interval, _position(told), _days(told))
        case "absoluteYearly":
            return AbsoluteYearly(interval, _number(told, "month"), _number(told, "dayOfMonth"))
        case "relativeYearly":
            return RelativeYearly(interval, _number(told, "month"), _position(told), _days(told))
        case _:
            raise Misfit(_FIELD, "unknown pattern")


def _end(told: Json) -> End:
    match told.get("type"):
        case "noEnd":
            return NoEnd()
        case "endDate":
            return EndDate(_date(told, "endDate"))
        case "numbered":
            return Numbered(_number(told, "numberOfOccurrences"))
        case _:
            raise Misfit(_FIELD, "unknown range")


def _number(told: Json, name: str) -> int:
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Misfit(_FIELD, f"{name} is not a number")
    return value


def _date(told: Json, name: str) -> date:
    value = told.get(name)
    try:
        if isinstance(value, str):
            return date.fromisoformat(value[:10])
    except ValueError:
        pass
    raise Misfit(_FIELD, f"{name} is not a date")


def _days(told: Json) -> tuple[Weekday, ...]:
    names = list_of(told, "daysOfWeek", 7)
    wanted = {_DAY_NAMES.get(name) if isinstance(name, str) else None for name in names}
    if None in wanted or not wanted:
        raise Misfit(_FIELD, "unknown days of the week")
    return tuple(day for day in WEEK if day in wanted)


def _position(told: Json) -> Position:
    try:
        return Position(told.get("index", Position.FIRST))
    except ValueError as error:
        raise Misfit(_FIELD, "unknown index") from error


def _pattern_json(pattern: Pattern) -> Json:
    # Only what a pattern needs: a property that does not belong to it is refused.
    told: Json = {"interval": pattern.interval}
    match pattern:
        case Daily():
            return told | {"type": "daily"}
        case Weekly(days=days, first_day=first):
            return told | {"type": "weekly", "daysOfWeek": _names(days), "firstDayOfWeek": _NAMES_OF_DAYS[first]}
        case AbsoluteMonthly(day=day):
            return told | {"type": "absoluteMonthly", "dayOfMonth": day}
        case RelativeMonthly(position=position, days=days):
            return told | {"type": "relativeMonthly", "daysOfWeek": _names(days), "index": position.value}
        case AbsoluteYearly(month=month, day=day):
            return told | {"type": "absoluteYearly", "dayOfMonth": day, "month": month}
        case RelativeYearly(month=month, position=position, days=days):
            named = {"daysOfWeek": _names(days), "index": position.value}
            return told | {"type": "relativeYearly", "month": month, **named}
        case _:
            assert_never(pattern)


def _names(days: tuple[Weekday, ...]) -> list[str]:
    return [_NAMES_OF_DAYS[day] for day in days]


def _range_json(found: Repetition, zone: str) -> Json:
    told: Json = {"startDate": found.first.isoformat(), "recurrenceTimeZone": zone}
    match found.end:
        case NoEnd():
            return told | {"type": "noEnd"}
        case EndDate(last):
            return told | {"type": "endDate", "endDate": last.isoformat()}
        case Numbered(count):
            return told | {"type": "numbered", "numberOfOccurrences": count}
        case _:
            assert_never(found.end)
