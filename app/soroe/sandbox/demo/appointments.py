"""Appointments as plain values, before they are put into a CRM or a calendar of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ME = "sato@example.com"
COLLEAGUE = "suzuki@example.com"
CUSTOMER = "aoki@aoki-trading.example"
ZONE = "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of day on a day of the fortnight; day 0 is today."""

    day: int
    hour: int
    minute: int = 0
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of the fortnight."""

    day: int
    days: int = 1


@dataclass(frozen=True, slots=True)
class Appointment:
    """One entry of the fortnight."""

    title: str
    when: Hours | Days
    kind: str = "meeting"
    place: str = ""
    notes: str = ""
    private: bool = False
    free: bool = False
    guests: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a fortnight, counted from `today`, in the user's zone."""

    today: date

    def day(self, number: int) -> date:
        """A day of the fortnight."""
        return self.today + timedelta(days=number)

    def start(self, when: Hours | Days) -> date | datetime:
        """The start: a date, or a time with its zone."""
        if isinstance(when, Days):
            return self.day(when.day)
        return datetime.combine(self.day(when.day), datetime.min.time(), ZoneInfo(ZONE)).replace(
            hour=when.hour, minute=when.minute
        )

    def end(self, when: Hours | Days) -> date | datetime:
        """The end: the first day after, or a time with its zone."""
        if isinstance(when, Days):
            return self.day(when.day + when.days)
        start = self.start(when)
        assert isinstance(start, datetime)
        return start + timedelta(minutes=when.minutes)
