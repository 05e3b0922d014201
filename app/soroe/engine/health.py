"""The health of one account's connection: a state machine fed by the port errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    LimitReached,
    LocalTrouble,
    PortError,
    RetryLater,
    SignInRequired,
)

DELAYED_AFTER = timedelta(hours=1)
"""How long an account may be out of reach before the user hears of it (errors.md, class RETRY)."""


class HealthState(StrEnum):
    """What a connection is like, in the user's terms."""

    CONNECTED = "connected"
    RETRYING = "retrying"
    DELAYED = "delayed"
    WAITING_FOR_KEYCHAIN = "waiting_for_keychain"
    SIGN_IN_NEEDED = "sign_in_needed"
    PERMISSION_MISSING = "permission_missing"
    BLOCKED_BY_IT = "blocked_by_it"
    PAUSED_BY_LIMIT = "paused_by_limit"
    LOCAL_TROUBLE = "local_trouble"
    NOT_CONNECTED = "not_connected"


CALLS_FOR_USER = frozenset(
    {
        HealthState.SIGN_IN_NEEDED,
        HealthState.PERMISSION_MISSING,
        HealthState.BLOCKED_BY_IT,
        HealthState.LOCAL_TROUBLE,
        HealthState.WAITING_FOR_KEYCHAIN,
        HealthState.DELAYED,
    }
)
"""States that the tray notifies of, once until they change."""

RECONNECTS = frozenset({HealthState.SIGN_IN_NEEDED, HealthState.PERMISSION_MISSING, HealthState.NOT_CONNECTED})
"""States that a Reconnect mends; nothing is sent to the account before."""


@dataclass(frozen=True, slots=True)
class Health:
    """One account's state since when; `code` is the service's own, a permission, or a local code. Times are UTC."""

    state: HealthState = HealthState.NOT_CONNECTED
    since: datetime | None = None
    code: str = ""
    until: datetime | None = None
    failures: int = 0

    @property
    def usable(self) -> bool:
        """Whether a run may try this account."""
        return self.state not in RECONNECTS


def after_success(health: Health, now: datetime) -> Health:
    """The health after the service answered as it should."""
    if health.state is HealthState.CONNECTED:
        return health
    return Health(HealthState.CONNECTED, now)


def after_error(health: Health, error: PortError, now: datetime) -> Health:
    """The health after an error of the whole account."""
    match error:
        case RetryLater():
            begun = health.since if health.failures and health.since else now
            state = HealthState.DELAYED if now - begun >= DELAYED_AFTER else HealthState.RETRYING
            return Health(state, begun, error.reason, failures=health.failures + 1)
        case LimitReached():
            return _moved(health, HealthState.PAUSED_BY_LIMIT, error.reason, now, until=error.until)
        case SignInRequired():
            return _moved(health, HealthState.SIGN_IN_NEEDED, error.code, now)
        case ConsentMissing():
            return _moved(health, HealthState.PERMISSION_MISSING, error.permission, now)
        case AdminRequired():
            return _moved(health, HealthState.BLOCKED_BY_IT, error.code, now)
        case LocalTrouble():
            waiting = error.code in {"keychain_locked"}
            state = HealthState.WAITING_FOR_KEYCHAIN if waiting else HealthState.LOCAL_TROUBLE
            return _moved(health, state, error.code, now)
        case _:
            return health


def _moved(health: Health, state: HealthState, code: str, now: datetime, until: datetime | None = None) -> Health:
    if health.state is state and health.code == code:
        return replace(health, until=until, failures=health.failures + 1)
    return Health(state, now, code, until, failures=1)
