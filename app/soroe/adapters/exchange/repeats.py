"""Exchange's recurrence, told as the core's `Recurrence`, and back: by the patterns both Microsoft calendars share."""

# mypy: disable-error-code="import-untyped"
# exchangelib publishes no typing information.

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, assert_never

from exchangelib import recurrence as ews
from exchangelib.ewsdatetime import EWSDate

from soroe.adapters.outlook.recurrence import (
    WEEK,
    WEEKEND,
    WORKING_DAYS,
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
from soroe.core.event import Field, Recurrence, When
from soroe.ports.errors import ItemRejected

from .reading import Misfit

_FIELD = Field.RECURRENCE.value
_SETS = {WEEK: 8, WORKING_DAYS: 9, WEEKEND: 10}
"""The library's numbers for "day", "weekday" and "weekend day"; 1 to 7 are Monday to Sunday."""
_POSITIONS = tuple(Position)
_MOST_OCCURRENCES = 30_000


def read_recurrence(found: Any, when: When, removed: Iterable[datetime | date]) -> Recurrence:  # noqa: ANN401 - the library's recurrence
    """How a series repeats. `removed` are the original starts of its cancelled occurrences."""
    told = rule(read_repetition(found), when)
    if isinstance(told, Unsupported):
        raise Misfit(_FIELD, told.reason)
    return Recurrence((told,), (), tuple(sorted(removed, key=str)))


def read_repetition(found: Any) -> Repetition:  # noqa: ANN401 - as above
    """The library's recurrence as plain values."""
    try:
        return Repetition(_read_pattern(found.pattern), _day(found.boundary.start), _read_end(found.boundary))
    except (AttributeError, TypeError, IndexError, ValueError) as error:
        raise Misfit(_FIELD, "incomplete") from error


def _read_pattern(found: Any) -> Pattern:  # noqa: ANN401 - as above
    match found:
        case ews.DailyPattern():
            return Daily(found.interval)
        case ews.WeeklyPattern():
            first = WEEK[(found.first_day_of_week or 7) - 1]
            return Weekly(found.interval, tuple(WEEK[day - 1] for day in sorted(found.weekdays)), first)
        case ews.AbsoluteMonthlyPattern():
            return AbsoluteMonthly(found.interval, found.day_of_month)
        case ews.RelativeMonthlyPattern():
            return RelativeMonthly(found.interval, _POSITIONS[found.week_number - 1], _days(found.weekday))
        case ews.AbsoluteYearlyPattern():
            return AbsoluteYearly(1, found.month, found.day_of_month)
        case ews.RelativeYearlyPattern():
            return RelativeYearly(1, found.month, _POSITIONS[found.week_number - 1], _days(found.weekday))
        case _:
            raise Misfit(_FIELD, "unknown pattern")


def _read_end(found: Any) -> End:  # noqa: ANN401 - as above
    match found:
        case ews.NoEndPattern():
            return NoEnd()
        case ews.EndDatePattern():
            return EndDate(_day(found.end))
        case ews.NumberedPattern():
            return Numbered(int(found.number))
        case _:
            raise Misfit(_FIELD, "unknown end")


def _days(number: int) -> tuple[Weekday, ...]:
    return next((days for days, own in _SETS.items() if own == number), None) or (WEEK[number - 1],)


def _day(value: Any) -> date:  # noqa: ANN401 - as above
    day = value.date() if isinstance(value, datetime) else value
    return date(day.year, day.month, day.day)


def write_recurrence(recurrence: Recurrence, when: When) -> Any:  # noqa: ANN401 - as above
    """The library's recurrence; raises `ItemRejected` for what Exchange has no words for."""
    found = repetition(recurrence, when)
    if isinstance(found, Unsupported):
        raise ItemRejected("recurrence_not_supported", _FIELD, found.reason)
    pattern, start = _write_pattern(found.pattern), EWSDate.from_date(found.first)
    match found.end:
        case NoEnd():
            end = ews.NoEndPattern(start=start)
        case EndDate(last):
            end = ews.EndDatePattern(start=start, end=EWSDate.from_date(last))
        case Numbered(count):
            end = ews.NumberedPattern(start=start, number=count)
        case _:
            assert_never(found.end)
    return ews.Recurrence(pattern=pattern, boundary=end)


def _write_pattern(pattern: Pattern) -> Any:  # noqa: ANN401 - as above
    match pattern:
        case Daily(interval):
            return ews.DailyPattern(interval=interval)
        case Weekly(interval, days, first):
            numbers = [WEEK.index(day) + 1 for day in days]
            return ews.WeeklyPattern(interval=interval, weekdays=numbers, first_day_of_week=WEEK.index(first) + 1)
        case AbsoluteMonthly(interval, day):
            return ews.AbsoluteMonthlyPattern(interval=interval, day_of_month=day)
        case RelativeMonthly(interval, position, days):
            number, which = _POSITIONS.index(position) + 1, _number(days)
            return ews.RelativeMonthlyPattern(interval=interval, weekday=which, week_number=number)
        case AbsoluteYearly(1, month, day):
            return ews.AbsoluteYearlyPattern(month=month, day_of_month=day)
        case RelativeYearly(1, month, position, days):
            number, which = _POSITIONS.index(position) + 1, _number(days)
            return ews.RelativeYearlyPattern(month=month, weekday=which, week_number=number)
        case AbsoluteYearly() | RelativeYearly():
            raise ItemRejected("recurrence_not_supported", _FIELD, "every_few_years")
        case _:
            assert_never(pattern)


def _number(days: tuple[Weekday, ...]) -> int:
    return _SETS.get(days) or WEEK.index(days[0]) + 1


def occurrence_number(found: Any, when: When, wanted: date) -> int | None:  # noqa: ANN401 - as above
    """Which occurrence of a series (1 is the first, cancelled ones counted) starts on a day by the series' clock."""
    from dateutil.rrule import rrulestr  # only where an occurrence is looked for that nobody has changed

    told_as = read_repetition(found)
    days = rule(Repetition(told_as.pattern, told_as.first, NoEnd()), when)
    if isinstance(days, Unsupported) or wanted < told_as.first:
        return None
    midnight = datetime.min.time()
    target = datetime.combine(wanted, midnight)
    for number, day in enumerate(rrulestr(days, dtstart=datetime.combine(told_as.first, midnight)), start=1):
        if day >= target or number >= _MOST_OCCURRENCES:
            return number if day == target else None
    return None
