"""Meetings and windows as the tests of the CRM connectors need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from soroe.core.event import AllDay, EventContent, ObservedItem, Timed, Window
from soroe.ports.errors import PortError
from soroe.ports.remote import Failed, Result, Written

TODAY = date(2026, 5, 1)
WINDOW = Window.around(TODAY, 7, 100)
TOKYO = "Asia/Tokyo"


class Clock:
    """A clock that stands still until it is moved; tells aware UTC times."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **length: float) -> None:
        """Lets this much time pass."""
        self.now += timedelta(**length)


def meeting(title: str = "Visit", day: int = 4, hour: int = 10, zone: str = TOKYO, **more: Any) -> EventContent:
    """An hour's meeting in May 2026."""
    start = datetime(2026, 5, day, hour)
    return replace(EventContent(title, Timed(start, start + timedelta(hours=1), zone)), **more)


def day_off(day: int = 4, days: int = 1) -> EventContent:
    """An all-day entry in May 2026."""
    return EventContent("Day off", AllDay(date(2026, 5, day), date(2026, 5, day) + timedelta(days=days)))


def done(result: Result) -> ObservedItem:
    """The item of a write that succeeded."""
    assert isinstance(result, Written), result
    return result.item


def trouble(result: Result) -> PortError:
    """The error of a write that failed."""
    assert isinstance(result, Failed), result
    return result.error
