"""When the next run is due: polling, back-off, limits, and what only a person can mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from soroe.ports.store import SyncState, SyncStatus

from .health import Health, HealthState

LONGEST_WAIT = timedelta(minutes=15)
RECHECK_BLOCKED = timedelta(hours=1)
KEYCHAIN_WAIT = timedelta(seconds=30)
"""errors.md: back off to at most 15 minutes; ask again every hour where IT blocks; a locked keychain opens any time."""


ON_BATTERY = 3
IDLE = 2
IDLE_AFTER = timedelta(minutes=30)
"""How many times as far apart polls are on battery, and after that long without any change (spec: Timing)."""

SOON = timedelta(seconds=2)
MOST_SOON = 2
"""A run that knows of more to do is followed by another so soon, so many times in a row; then the polls will do."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a sync looks while all is well. `on_battery` is asked each time the next run is planned."""

    poll: timedelta = timedelta(seconds=60)
    on_battery: Callable[[], bool] = lambda: False

    def interval(self, quiet: timedelta, least: timedelta | None) -> timedelta:
        """The time between two runs: `quiet` for so long without a change, and `least` what an API budget asks for."""
        wait = self.poll
        if self.on_battery():
            wait *= ON_BATTERY
        if quiet >= IDLE_AFTER:
            wait *= IDLE
        return max(wait, least or wait)


def due(
    state: SyncState, healths: tuple[Health, ...], now: datetime, interval: timedelta, random: Callable[[], float]
) -> datetime | None:
    """When the next run is due (UTC), or None when a person has to act first.

    `interval` is spread a little, so that installations do not coincide.
    `random` gives numbers from 0 up to 1. A run that is due at once is due `now`.
    """
    if state.status in {SyncStatus.STOPPED, SyncStatus.HELD}:
        return None
    if state.status is SyncStatus.PAUSED:
        return state.paused_until
    latest = now
    for health in healths:
        wait = wait_for(health, now, random)
        if wait is None:
            return None
        latest = max(latest, wait)
    if latest > now:
        return latest
    if state.last_run is None:
        return now
    jitter = 1.0 - 0.1 * random()  # never later than told: both sides are looked at within their time (SF-23)
    return state.last_run + interval * jitter


def wait_for(health: Health, now: datetime, random: Callable[[], float]) -> datetime | None:
    """When an account in this state may be asked again (UTC), or None when a person has to act first."""
    match health.state:
        case HealthState.CONNECTED:
            return now
        case HealthState.RETRYING | HealthState.DELAYED:
            return max(health.until or now, now + backoff(health.failures, random))
        case HealthState.PAUSED_BY_LIMIT:
            return health.until
        case HealthState.BLOCKED_BY_IT:
            return now + RECHECK_BLOCKED
        case HealthState.WAITING_FOR_KEYCHAIN | HealthState.LOCAL_TROUBLE:
            return now + KEYCHAIN_WAIT
        case HealthState.SIGN_IN_NEEDED | HealthState.PERMISSION_MISSING | HealthState.NOT_CONNECTED:
            return None


def backoff(failures: int, random: Callable[[], float]) -> timedelta:
    """2 to the power of the failures in seconds, with full jitter, at most 15 minutes."""
    longest = min(2.0 ** min(failures, 20), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=longest * random())
