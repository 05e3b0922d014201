"""A day's allowance of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soroe.adapters.net.allowance import DailyAllowance
from soroe.ports.errors import LimitReached
from tests.fakes.clock import Clock

MIDNIGHT = datetime(2026, 5, 12, tzinfo=UTC)


def spent_all(clock: Clock) -> DailyAllowance:
    allowance = DailyAllowance(3, clock)
    for _ in range(3):
        allowance.take()
    return allowance


def test_after_the_last_request_of_the_day_nothing_is_sent_until_midnight() -> None:
    clock = Clock(datetime(2026, 5, 11, 9, 0, tzinfo=UTC))
    allowance = spent_all(clock)
    with pytest.raises(LimitReached) as limit:
        allowance.take()
    assert limit.value.until == MIDNIGHT
    assert (allowance.budget().spent, allowance.budget().limit, allowance.budget().resets) == (3, 3, MIDNIGHT)


def test_a_new_day_brings_a_new_allowance() -> None:
    clock = Clock(datetime(2026, 5, 11, 23, 59, tzinfo=UTC))
    allowance = spent_all(clock)
    clock.later(minutes=1)
    allowance.take()
    assert (allowance.budget().spent, allowance.budget().resets) == (1, MIDNIGHT + timedelta(days=1))


def test_polls_spend_a_tenth_of_a_day() -> None:
    assert DailyAllowance(14_400, Clock()).polling_interval() == timedelta(minutes=1)
    assert DailyAllowance(5, Clock()).polling_interval() == timedelta(days=1)
