"""The recurrence of Classic events: which fields a pattern needs, and when its occurrences start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule, weekday

from soroe.sandbox.salesforce.refusals import Refusal, integrity
from soroe.sandbox.salesforce.schema import INSTANCES, MONTHS
from soroe.sandbox.salesforce.values import Values

PATTERN = (
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
_INTERVAL, _MASK, _DAY, _INSTANCE, _MONTH = PATTERN[4:]
_NEEDED: Mapping[str, frozenset[str]] = {
    "RecursDaily": frozenset({_INTERVAL}),
    "RecursEveryWeekday": frozenset({_MASK}),
    "RecursMonthly": frozenset({_DAY, _INTERVAL}),
    "RecursMonthlyNth": frozenset({_INTERVAL, _INSTANCE, _MASK}),
    "RecursWeekly": frozenset({_INTERVAL, _MASK}),
    "RecursYearly": frozenset({_DAY, _MONTH}),
    "RecursYearlyNth": frozenset({_MASK, _INSTANCE, _MONTH}),
}
_MOST = {
    "Daily": 100,
    "EveryWeekday": 100,
    "Weekly": 53,
    "Monthly": 60,
    "MonthlyNth": 60,
    "Yearly": 10,
    "YearlyNth": 10,
}
_DAYS: tuple[weekday, ...] = (SU, MO, TU, WE, TH, FR, SA)
_WORKDAYS = 2 + 4 + 8 + 16 + 32


def starts(values: Values) -> list[datetime]:
    """When the occurrences of a pattern start, in UTC; raises what the service refuses.

    Each type needs exactly its own fields, and the others empty. A pattern has at most 100 daily, 53 weekly, 60 monthly
    or 10 yearly occurrences, and its end lies after its start. Times keep their place in the day of the pattern's zone.
    """
    kind = _check_fields(values)
    zone = _zone(values)
    first: datetime = values["RecurrenceStartDateTime"]
    local = first.astimezone(UTC if values.get("IsAllDayEvent") else zone).replace(tzinfo=None)
    last: date = values["RecurrenceEndDateOnly"]
    if last < local.date():
        message = "Recurrence start date must precede the recurrence end date: Recurrence End"
        raise integrity(message, "RecurrenceEndDateOnly")
    most = _MOST[kind.removeprefix("Recurs")]
    found: list[datetime] = []
    for day in takewhile(lambda day: day.date() <= last, _days(kind, values, local)):
        found.append(datetime.combine(day.date(), local.time(), UTC if values.get("IsAllDayEvent") else zone))
        if len(found) > most:
            message = f"The recurring event has more than {most} occurrences: Recurrence End"
            raise integrity(message, "RecurrenceEndDateOnly")
    if not found:
        raise integrity("The recurrence has no occurrence: Recurrence End", "RecurrenceEndDateOnly")
    return [start.astimezone(UTC) for start in found]


def _check_fields(values: Values) -> str:
    always = ("RecurrenceStartDateTime", "RecurrenceEndDateOnly", "RecurrenceType")
    missing = [name for name in always if values.get(name) is None]
    kind = values.get("RecurrenceType") or ""
    needed = _NEEDED.get(kind, frozenset())
    missing += sorted(name for name in needed if values.get(name) is None)
    if missing:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", tuple(missing))
    unused = [name for name in PATTERN[4:] if name not in needed and values.get(name) is not None]
    if unused:
        raise integrity(f"{kind} does not use {', '.join(unused)}", *unused)
    _check_numbers(kind, values)
    return str(kind)


def _check_numbers(kind: str, values: Values) -> None:
    for name, most in ((_INTERVAL, 999 if kind == "RecursDaily" else 99), (_DAY, 31), (_MASK, 127)):
        number = values.get(name)
        if number is not None and not 1 <= number <= most:
            raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"{name}: value outside of valid range: {number}", (name,))
    mask = values.get(_MASK)
    if kind == "RecursEveryWeekday" and mask != _WORKDAYS:
        raise integrity("Every weekday cannot be Saturday or Sunday: Recurrence Day of Week Mask", _MASK)
    if kind.endswith("Nth") and mask not in (*(1 << place for place in range(7)), _WORKDAYS, 1 + 64, 127):
        raise integrity("Choose one day, the weekdays, the weekend or every day: Recurrence Day of Week Mask", _MASK)


def _zone(values: Values) -> ZoneInfo:
    name = values.get("RecurrenceTimeZoneSidKey") or "UTC"
    if name not in available_timezones():
        raise Refusal(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Recurrence Time Zone: bad value for restricted picklist field: {name}",
            ("RecurrenceTimeZoneSidKey",),
        )
    return ZoneInfo(name)


def _days(kind: str, values: Values, start: datetime) -> Iterator[datetime]:
    """The days of a pattern from its start on, without end."""
    first = datetime.combine(start.date(), time())
    mask = values.get(_MASK) or 0
    chosen = [day for place, day in enumerate(_DAYS) if mask >> place & 1]
    more: dict[str, Any] = {"interval": values.get(_INTERVAL) or 1, "dtstart": first, "wkst": SU}
    if values.get(_MONTH) is not None:
        more["bymonth"] = MONTHS.index(values[_MONTH]) + 1
    if values.get(_INSTANCE) is not None:
        place = INSTANCES.index(values[_INSTANCE]) + 1
        more |= {"byweekday": chosen, "bysetpos": -1 if values[_INSTANCE] == "Last" else place}
    elif kind in ("RecursWeekly", "RecursEveryWeekday"):
        more["byweekday"] = chosen
    elif values.get(_DAY) is not None:
        return _on_day(values[_DAY], more)
    match kind:
        case "RecursDaily":
            return iter(rrule(DAILY, **more))
        case "RecursWeekly" | "RecursEveryWeekday":
            return iter(rrule(WEEKLY, **more))
        case "RecursMonthlyNth":
            return iter(rrule(MONTHLY, **more))
        case _:
            return iter(rrule(YEARLY, **more))


def _on_day(day: int, more: dict[str, Any]) -> Iterator[datetime]:
    """A day of the month; in shorter months their last one."""
    first: datetime = more.pop("dtstart")
    month_start = first.replace(day=1)
    months = rrule(YEARLY if "bymonth" in more else MONTHLY, dtstart=month_start, bymonthday=1, **more)
    for month in months:
        following = (month + timedelta(days=32)).replace(day=1)
        found = min(month + timedelta(days=day - 1), following - timedelta(days=1))
        if found >= first:
            yield found
