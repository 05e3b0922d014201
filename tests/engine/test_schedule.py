"""When the next run is due: while all is well, after trouble, within limits, and where a person has to act first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soroe.engine.health import Health, HealthState
from soroe.engine.schedule import (
    IDLE_AFTER,
    KEYCHAIN_WAIT,
    LONGEST_WAIT,
    RECHECK_BLOCKED,
    Pace,
    backoff,
    due,
)
from soroe.ports.store import SyncState, SyncStatus

NOW = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FINE = Health(HealthState.CONNECTED, NOW)
RUNNING = SyncState(status=SyncStatus.RUNNING, last_run=NOW)


def when(*healths: Health, state: SyncState = RUNNING, random: float = 0.5) -> datetime | None:
    return due(state, healths or (FINE, FINE), NOW, MINUTE, lambda: random)


def test_a_sync_runs_a_minute_after_its_last_run() -> None:
    assert when(random=0.0) == NOW + MINUTE


def test_the_minute_is_spread_so_that_installations_do_not_coincide() -> None:
    assert when(random=0.0) == NOW + MINUTE
    assert NOW + 0.89 * MINUTE < (when(random=0.999) or NOW) < NOW + 0.91 * MINUTE


def test_a_sync_that_never_ran_is_due_at_once() -> None:
    assert when(state=SyncState(status=SyncStatus.RUNNING)) == NOW


@pytest.mark.parametrize("status", [SyncStatus.STOPPED, SyncStatus.HELD])
def test_a_stopped_or_held_sync_waits_for_a_person(status: SyncStatus) -> None:
    assert when(state=SyncState(status=status, last_run=NOW)) is None


def test_a_paused_sync_goes_on_at_its_time_or_when_it_is_told_to() -> None:
    until = NOW + timedelta(hours=3)
    assert when(state=SyncState(status=SyncStatus.PAUSED, paused_until=until)) == until
    assert when(state=SyncState(status=SyncStatus.PAUSED)) is None


@pytest.mark.parametrize(
    "state", [HealthState.SIGN_IN_NEEDED, HealthState.PERMISSION_MISSING, HealthState.NOT_CONNECTED]
)
def test_an_account_that_needs_a_reconnect_is_not_asked_again(state: HealthState) -> None:
    assert when(FINE, Health(state, NOW)) is None


def test_an_account_that_it_blocks_is_asked_again_every_hour() -> None:
    assert when(Health(HealthState.BLOCKED_BY_IT, NOW), FINE) == NOW + RECHECK_BLOCKED


def test_a_locked_keychain_is_tried_again_soon() -> None:
    assert when(Health(HealthState.WAITING_FOR_KEYCHAIN, NOW), FINE) == NOW + KEYCHAIN_WAIT


def test_a_limit_is_waited_for_to_the_second() -> None:
    until = NOW + timedelta(hours=7)
    assert when(Health(HealthState.PAUSED_BY_LIMIT, NOW, until=until), FINE) == until


def test_the_account_in_the_worst_state_decides() -> None:
    until = NOW + timedelta(hours=7)
    limited = Health(HealthState.PAUSED_BY_LIMIT, NOW, until=until)
    assert when(Health(HealthState.RETRYING, NOW, failures=3), limited) == until


def test_retry_after_is_honoured_and_the_back_off_never_undercuts_it() -> None:
    asked = NOW + timedelta(minutes=9)
    assert when(Health(HealthState.RETRYING, NOW, until=asked, failures=1), FINE) == asked
    shorter = NOW + timedelta(seconds=1)
    assert when(Health(HealthState.RETRYING, NOW, until=shorter, failures=8), FINE) == NOW + timedelta(seconds=128)


def test_the_back_off_doubles_with_full_jitter_and_ends_at_a_quarter_of_an_hour() -> None:
    assert [backoff(failures, lambda: 1.0).total_seconds() for failures in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert backoff(3, lambda: 0.0) == timedelta()
    assert backoff(50, lambda: 1.0) == LONGEST_WAIT


def test_polling_slows_down_on_battery_when_idle_and_for_a_small_budget() -> None:
    pace = Pace(MINUTE)
    portable = Pace(MINUTE, on_battery=lambda: True)
    assert pace.interval(timedelta(), None) == MINUTE
    assert portable.interval(timedelta(), None) == 3 * MINUTE
    assert pace.interval(IDLE_AFTER, None) == 2 * MINUTE
    assert portable.interval(IDLE_AFTER, None) == 6 * MINUTE
    assert pace.interval(timedelta(), 5 * MINUTE) == 5 * MINUTE
    assert portable.interval(timedelta(), 2 * MINUTE) == 3 * MINUTE


def test_polling_is_fast_again_as_soon_as_the_plug_is_in() -> None:
    plugged = [False]
    pace = Pace(MINUTE, on_battery=lambda: not plugged[0])
    slow = pace.interval(timedelta(), None)
    plugged[0] = True
    assert pace.interval(timedelta(), None) == MINUTE < slow
