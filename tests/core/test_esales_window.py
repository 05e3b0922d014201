"""Series without end in eSales Manager: how many schedules they come to (T4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from soroe.core.event import EventContent, Recurrence, Timed, Window
from soroe.core.rules.recurrence import occurrences

TODAY = date(2026, 5, 12)


@pytest.mark.parametrize("weekday", range(7))
def test_esm_i6_t4_a_weekly_series_without_end_comes_to_157_or_158_schedules(weekday: int) -> None:
    """ESM-I6, T4: 7 days back to 3 years ahead, and none outside."""
    window = Window.around(TODAY, 7, 1095)
    start = datetime(2026, 1, 5, 10) + timedelta(days=weekday)
    when = Timed(start, start + timedelta(hours=1), "Asia/Tokyo")
    series = EventContent("定例", when, recurrence=Recurrence(("FREQ=WEEKLY",)))
    found = [when for when, _ in occurrences(series, window)]
    assert len(found) in {157, 158}
    assert all(window.holds(when) for when in found)
