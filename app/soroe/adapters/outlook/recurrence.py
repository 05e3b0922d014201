"""How Outlook's calendars say that a meeting repeats: six patterns and three ends, and nothing else.

Exchange Server and Microsoft 365 share them. `rrule` translates them from and to rules of RFC 5545.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never


class Weekday(StrEnum):
    """A day of the week, as RFC 5545 spells it; in order from Monday."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"

    @classmethod
    def of(cls, day: date) -> Weekday:
        """The day of the week of a date."""
        return WEEK[day.weekday()]


WEEK = tuple(Weekday)
WORKING_DAYS = WEEK[:5]
WEEKEND = WEEK[5:]
DAY_SETS = (WEEK, WORKING_DAYS, WEEKEND)
"""The only sets of several days that may be counted in a month: Outlook offers "day", "weekday" and "weekend day"."""


class Position(StrEnum):
    """Which one in a month, as Microsoft spells it."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"

    @property
    def number(self) -> int:
        """The same as RFC 5545 counts: 1 to 4, and -1 for the last."""
        return -1 if self is Position.LAST else tuple(Position).index(self) + 1

    @classmethod
    def numbered(cls, number: int) -> Position | None:
        """The position of a number of RFC 5545; None where Outlook has no word for it (a fifth, a last but one)."""
        return next((one for one in cls if one.number == number), None)


@dataclass(frozen=True, slots=True)
class Daily:
    """Every `interval` days."""

    interval: int = 1


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of every `interval`th week; a week begins on `first_day`."""

    interval: int
    days: tuple[Weekday, ...]
    first_day: Weekday = Weekday.MONDAY


@dataclass(frozen=True, slots=True)
class AbsoluteMonthly:
    """On this day of every `interval`th month; in a shorter month, on its last day."""

    interval: int
    day: int


@dataclass(frozen=True, slots=True)
class RelativeMonthly:
    """On, say, the second Tuesday or the last working day of every `interval`th month."""

    interval: int
    position: Position
    days: tuple[Weekday, ...]


@dataclass(frozen=True, slots=True)
class AbsoluteYearly:
    """On this day of this month, every `interval` years; where the month is shorter, on its last day."""

    interval: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class RelativeYearly:
    """On, say, the second Tuesday of May, every `interval` years."""

    interval: int
    month: int
    position: Position
    days: tuple[Weekday, ...]


Pattern = Daily | Weekly | AbsoluteMonthly | RelativeMonthly | AbsoluteYearly | RelativeYearly


@dataclass(frozen=True, slots=True)
class NoEnd:
    """It goes on."""


@dataclass(frozen=True, slots=True)
class EndDate:
    """The last day on which an occurrence may start, by the series' own clock."""

    last: date


@dataclass(frozen=True, slots=True)
class Numbered:
    """So many occurrences, cancelled ones counted."""

    count: int


End = NoEnd | EndDate | Numbered


@dataclass(frozen=True, slots=True)
class Repetition:
    """A pattern, the day of its first occurrence, and its end."""

    pattern: Pattern
    first: date
    end: End


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why something cannot be said across: a code of ours, for the log and for diagnosis."""

    reason: str


def falls_on(pattern: Pattern, day: date) -> bool:
    """Whether a day fits a pattern, its interval aside."""
    match pattern:
        case Daily():
            return True
        case Weekly(days=days):
            return Weekday.of(day) in days
        case AbsoluteMonthly(day=named):
            return day.day == min(named, _length(day))
        case AbsoluteYearly(month=month, day=named):
            return day.month == month and day.day == min(named, _length(day))
        case RelativeMonthly(position=position, days=days):
            return _stands_at(day, position, days)
        case RelativeYearly(month=month, position=position, days=days):
            return day.month == month and _stands_at(day, position, days)
        case _:
            assert_never(pattern)


def _stands_at(day: date, position: Position, days: tuple[Weekday, ...]) -> bool:
    fitting = [number for number in range(1, _length(day) + 1) if Weekday.of(day.replace(day=number)) in days]
    index = position.number if position is Position.LAST else position.number - 1
    return fitting[index] == day.day


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
