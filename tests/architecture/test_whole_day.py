"""Tests by the real clock begin early enough before midnight, in every zone that they tell days in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.whole_day import wait_for_a_whole_day


@pytest.mark.parametrize(
    ("begins", "waits"),
    [
        (datetime(2028, 2, 28, 14, 59, 30, tzinfo=UTC), 30.0),  # midnight in Tokyo
        (datetime(2026, 12, 31, 23, 59, 15, tzinfo=UTC), 45.0),
        (datetime(2026, 11, 21, 23, 58, tzinfo=UTC), 0.0),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), 0.0),
    ],
)
def test_a_test_does_not_begin_in_the_last_minute_of_a_day(begins: datetime, waits: float) -> None:
    clock = [begins]

    def sleep(seconds: float) -> None:
        clock[0] += timedelta(seconds=seconds)

    wait_for_a_whole_day(lambda: clock[0], sleep)
    assert (clock[0] - begins).total_seconds() == waits
