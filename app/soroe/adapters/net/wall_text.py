"""Wall-clock times as texts. Days and times of day come again and again, so each is put into words once."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache


def wall_text(wall: datetime) -> str:
    """The time as ISO 8601 tells it, in whole seconds and without an offset."""
    return f"{_day_text(wall.date())}T{_clock_text(wall.time())}"


@lru_cache(maxsize=1024)
def _day_text(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=1024)
def _clock_text(clock: time) -> str:
    return clock.isoformat("seconds")
