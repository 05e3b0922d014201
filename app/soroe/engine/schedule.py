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


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a sync looks while all is well; spread a little, so that installations do not coincide."""

    poll: timedelta = timedelta(seconds=60)


def due(
    state: SyncState, healths: tuple[Health, ...], now: datetime, pace: Pace, random: Callable[[], float]
) -> datetime | None:
    """When the next run is due (UTC), or None when a person has to act first.

    `random` gives numbers from 0 up to 1. A run that is due at once is due `now`.
    """
    if state.status in {SyncStatus.STOPPED, SyncStatus.HELD}:
        return None
    if state.status is SyncStatus.PAUSED:
        return state.paused_until
    waits = [_wait(health, now, random) for health in healths]
    if any(wait is None for wait in waits):
        return None
    latest = max((wait for wait in waits if wait is not None), default=now)
    if latest > now:
        return latest
    if state.last_run is None:
        return now
    jitter = 1.0 + 0.1 * (random() - 0.5)
    return state.last_run + pace.poll * jitter


def _wait(health: Health, now: datetime, random: Callable[[], float]) -> datetime | None:
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
