"""Classic recurring events: their pattern in Salesforce's fields, and as a rule of RFC 5545.

Salesforce's patterns are Outlook's, with an end that is always a day, and years only one by one. Every week begins on
Sunday there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import Malformed, at, checked_zone, flag_at, text_at
from soroe.adapters.outlook.recurrence import (
    WEEK,
    AbsoluteMonthly,
    AbsoluteYearly,
    Daily,
    EndDate,
    Pattern,
    Position,
    RelativeMonthly,
    RelativeYearly,
    Repetition,
    Unsupported,
    Weekday,
    Weekly,
    falls_on,
)
from soroe.adapters.outlook.rrule import repetition, rule
from soroe.core.event import UTC_ZONE, AllDay, EventContent, Recurrence, Timed, When, Window, starts_on
from soroe.core.rules.recurrence import RunawayRule, occurrences
from soroe.ports.errors import ItemRejected

from .times import ONE_DAY, day_at, midnight, moment_at, told

NAMES = (
    "RecurrenceStartDateTime",
    "RecurrenceEndDateOnly",
    "RecurrenceTimeZoneSidKey",
    "RecurrenceType",
    "RecurrenceInterval",
    "RecurrenceDayOfWeekMask",
    "RecurrenceDayOfMonth",
    "RecurrenceInstance",
    "RecurrenceMonthOfYear",
)
LONGEST_SERIES = timedelta(days=366 * 12)
_FROM_SUNDAY = (WEEK[-1], *WEEK[:-1])
_WORKDAYS = 2 + 4 + 8 + 16 + 32
_INSTANCES = {
    Position.FIRST: "First",
    Position.SECOND: "Second",
    Position.THIRD: "Third",
    Position.FOURTH: "Fourth",
    Position.LAST: "Last",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ZONES = {UTC_ZONE: "GMT", "UTC": "GMT"}
"""Salesforce's word for UTC."""


# --- to Salesforce ---
def pattern_fields(content: EventContent) -> dict[str, Any]:
    """The fields of a series; raises `ItemRejected` for one that a Classic recurring event cannot say."""
    recurrence, when = content.recurrence, content.when
    if recurrence is None:
        raise ItemRejected("no_recurrence", "recurrence")
    found = repetition(recurrence, when)
    if isinstance(found, Unsupported):
        raise ItemRejected("recurrence_not_in_salesforce", "recurrence")
    length = when.end - when.start
    if length > ONE_DAY or (isinstance(when, Timed) and length >= ONE_DAY):
        raise ItemRejected("recurring_24_hours_or_longer", "when")
    start = midnight(when.start) if isinstance(when, AllDay) else when.start_utc
    return {
        **dict.fromkeys(NAMES),
        **_worded(found.pattern),
        "RecurrenceStartDateTime": told(start),
        "RecurrenceEndDateOnly": _last_day(content, found).isoformat(),
        "RecurrenceTimeZoneSidKey": None if isinstance(when, AllDay) else _ZONES.get(when.zone, when.zone),
        "IsAllDayEvent": isinstance(when, AllDay),
        "StartDateTime": told(start),
        "DurationInMinutes": int(length.total_seconds()) // 60,
    }


def _last_day(content: EventContent, found: Repetition) -> date:
    if isinstance(found.end, EndDate):
        return found.end.last
    starts = slots(replace(content, recurrence=_all_of(content.recurrence)))
    if not starts or starts_on(starts[-1][0]) > found.first + LONGEST_SERIES - 31 * ONE_DAY:
        raise ItemRejected("recurrence_without_end", "recurrence")
    return starts_on(starts[-1][0])


def _all_of(recurrence: Recurrence | None) -> Recurrence | None:
    return None if recurrence is None else replace(recurrence, removed=())


def _worded(pattern: Pattern) -> dict[str, Any]:
    match pattern:
        case Daily(interval=interval):
            return {"RecurrenceType": "RecursDaily", "RecurrenceInterval": interval}
        case Weekly(interval=interval, days=days, first_day=first_day):
            if interval > 1 and len(days) > 1 and Weekday.SUNDAY in days and first_day is not Weekday.SUNDAY:
                raise ItemRejected("recurrence_not_in_salesforce", "recurrence")  # its weeks begin on another day
            return {
                "RecurrenceType": "RecursWeekly",
                "RecurrenceInterval": interval,
                "RecurrenceDayOfWeekMask": _mask(days),
            }
        case AbsoluteMonthly(interval=interval, day=day):
            return {"RecurrenceType": "RecursMonthly", "RecurrenceInterval": interval, "RecurrenceDayOfMonth": day}
        case RelativeMonthly(interval=interval, position=position, days=days):
            return {
                "RecurrenceType": "RecursMonthlyNth",
                "RecurrenceInterval": interval,
                "RecurrenceInstance": _INSTANCES[position],
                "RecurrenceDayOfWeekMask": _mask(days),
            }
        case AbsoluteYearly(interval=interval, month=month, day=day):
            _only_every_year(interval)
            return {
                "RecurrenceType": "RecursYearly",
                "RecurrenceDayOfMonth": day,
                "RecurrenceMonthOfYear": _MONTHS[month - 1],
            }
        case RelativeYearly(interval=interval, month=month, position=position, days=days):
            _only_every_year(interval)
            return {
                "RecurrenceType": "RecursYearlyNth",
                "RecurrenceInstance": _INSTANCES[position],
                "RecurrenceDayOfWeekMask": _mask(days),
                "RecurrenceMonthOfYear": _MONTHS[month - 1],
            }
        case _:
            assert_never(pattern)


def _only_every_year(interval: int) -> None:
    if interval > 1:
        raise ItemRejected("interval_of_years", "recurrence")  # SF-9


def _mask(days: tuple[Weekday, ...]) -> int:
    return sum(1 << place for place, day in enumerate(_FROM_SUNDAY) if day in days)


# --- from Salesforce ---
def series_time(record: object) -> tuple[When, Recurrence]:
    """When the first meeting of a series takes place, and how it repeats; raises `Malformed`."""
    start = moment_at(record, "RecurrenceStartDateTime")
    pattern = _pattern(record)
    last = day_at(record, "RecurrenceEndDateOnly")
    if flag_at(record, "IsAllDayEvent"):
        first = _first(pattern, start.date(), last)
        when: When = AllDay(first, first + ONE_DAY)
    else:
        name = text_at(record, "RecurrenceTimeZoneSidKey", 64)
        zone = UTC_ZONE if name in {"", "GMT"} else checked_zone(name, "RecurrenceTimeZoneSidKey")
        minutes = at(record, "DurationInMinutes")
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= 24 * 60:
            raise Malformed("DurationInMinutes", "is not a length of time")
        wall = start.astimezone(ZoneInfo(zone) if zone != UTC_ZONE else UTC).replace(tzinfo=None)
        begins = wall + (_first(pattern, wall.date(), last) - wall.date())
        when = Timed(begins, begins + timedelta(minutes=minutes), zone)
    text = rule(Repetition(pattern, starts_on(when), EndDate(last)), when)
    if isinstance(text, Unsupported):
        raise Malformed("RecurrenceType", "is a pattern nobody can say")
    return when, Recurrence((text,))


def _first(pattern: Pattern, start: date, last: date) -> date:
    """The first day of a pattern at or after its start, which need not fit it."""
    day = start
    while day <= last and (day - start).days < 366 * 2:
        if falls_on(pattern, day):
            return day
        day += ONE_DAY
    raise Malformed("RecurrenceEndDateOnly", "leaves the series without a meeting")


def _pattern(record: object) -> Pattern:
    kind = text_at(record, "RecurrenceType", 80)
    match kind:
        case "RecursDaily":
            return Daily(_number(record, "RecurrenceInterval", 999))
        case "RecursEveryWeekday":
            return Weekly(1, _days(_WORKDAYS))
        case "RecursWeekly":
            days = _days(_number(record, "RecurrenceDayOfWeekMask", 127))
            interval = _number(record, "RecurrenceInterval", 99)
            sunday = interval > 1 and len(days) > 1 and Weekday.SUNDAY in days
            return Weekly(interval, days, Weekday.SUNDAY if sunday else Weekday.MONDAY)
        case "RecursMonthly":
            return AbsoluteMonthly(
                _number(record, "RecurrenceInterval", 99), _number(record, "RecurrenceDayOfMonth", 31)
            )
        case "RecursMonthlyNth":
            days = _days(_number(record, "RecurrenceDayOfWeekMask", 127))
            return RelativeMonthly(_number(record, "RecurrenceInterval", 99), _position(record), days)
        case "RecursYearly":
            return AbsoluteYearly(1, _month(record), _number(record, "RecurrenceDayOfMonth", 31))
        case "RecursYearlyNth":
            days = _days(_number(record, "RecurrenceDayOfWeekMask", 127))
            return RelativeYearly(1, _month(record), _position(record), days)
        case _:
            raise Malformed("RecurrenceType", "is a pattern nobody can say")


def _number(record: object, name: str, most: int) -> int:
    found = at(record, name)
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= most:
        raise Malformed(name, "is not a number that fits the pattern")
    return found


def _days(mask: int) -> tuple[Weekday, ...]:
    chosen = {day for place, day in enumerate(_FROM_SUNDAY) if mask >> place & 1}
    return tuple(day for day in WEEK if day in chosen)


def _position(record: object) -> Position:
    word = text_at(record, "RecurrenceInstance", 80)
    found = next((position for position, name in _INSTANCES.items() if name == word), None)
    if found is None:
        raise Malformed("RecurrenceInstance", "is no place in a month")
    return found


def _month(record: object) -> int:
    word = text_at(record, "RecurrenceMonthOfYear", 80)
    if word not in _MONTHS:
        raise Malformed("RecurrenceMonthOfYear", "is no month")
    return _MONTHS.index(word) + 1


def slots(content: EventContent) -> list[tuple[When, datetime | date]]:
    """Every meeting of a series by its rule: the time, and the original start by which the program names it."""
    first = starts_on(content.when)
    try:
        return list(occurrences(content, Window(first - ONE_DAY, first + LONGEST_SERIES)))
    except RunawayRule as runaway:
        raise ItemRejected("recurrence_without_end", "recurrence") from runaway
