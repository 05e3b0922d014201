"""The health of one account's connection: a state machine fed by the port errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

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

ERRORS = frozenset(
    {
        HealthState.SIGN_IN_NEEDED,
        HealthState.PERMISSION_MISSING,
        HealthState.BLOCKED_BY_IT,
        HealthState.LOCAL_TROUBLE,
    }
)
"""The states that count as a connection error: the banner, the tray and Connections show them as such (BK-6)."""

WAITS = frozenset({HealthState.DELAYED, HealthState.WAITING_FOR_KEYCHAIN, HealthState.PAUSED_BY_LIMIT})
"""States in which nothing is synced for a while, and nothing is wrong with the sign-in."""

RECONNECTS = frozenset({HealthState.SIGN_IN_NEEDED, HealthState.PERMISSION_MISSING, HealthState.NOT_CONNECTED})
"""States that a Reconnect mends; nothing is sent to the account before."""

REFUSED_PASSWORDS = frozenset({"password_refused", "account_locked", "password_expired"})
"""Codes after which a password is not sent again, by whomever: one more try might lock the account."""


@dataclass(frozen=True, slots=True)
class Health:
    """One account's state since when; `code` is the service's own, a permission, or a local code. Times are UTC.

    `reference` is the service's number of the refused request, for the message to IT; it is no part of the state.
    """

    state: HealthState = HealthState.NOT_CONNECTED
    since: datetime | None = None
    code: str = ""
    until: datetime | None = None
    failures: int = 0
    reference: str = ""

    @property
    def usable(self) -> bool:
        """Whether a run may try this account."""
        return self.state not in RECONNECTS

    @property
    def password_refused(self) -> bool:
        """Whether the password that is kept was refused, and no other has been given since."""
        return self.state is HealthState.SIGN_IN_NEEDED and self.code in REFUSED_PASSWORDS


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
            moved = _moved(health, HealthState.SIGN_IN_NEEDED, error.code, now)
            return replace(moved, reference=error.reference)
        case ConsentMissing():
            moved = _moved(health, HealthState.PERMISSION_MISSING, error.permission, now)
            return replace(moved, reference=error.reference)
        case AdminRequired():
            moved = _moved(health, HealthState.BLOCKED_BY_IT, error.code, now)
            return replace(moved, reference=error.reference)
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


class Mend(StrEnum):
    """The one thing that a person can press to mend a connection."""

    NOTHING = "nothing"
    RECONNECT = "reconnect"
    UNLOCK_KEYCHAIN = "unlock_keychain"
    COPY_FOR_IT = "copy_for_it"
    MOVE_TO_MICROSOFT365 = "move_to_microsoft365"


MOVES = frozenset({"exchange_online"})
"""Codes that no sign-in mends: the mailbox is in Microsoft 365, where Exchange's own protocol is switched off."""


def mend_of(health: Health) -> Mend:
    """What mends a connection: one button, or nothing where it mends itself or words must do."""
    if health.code.partition(":")[0] in MOVES and health.state in ERRORS:
        return Mend.MOVE_TO_MICROSOFT365
    match health.state:
        case HealthState.SIGN_IN_NEEDED | HealthState.PERMISSION_MISSING | HealthState.NOT_CONNECTED:
            return Mend.RECONNECT
        case HealthState.BLOCKED_BY_IT:
            return Mend.COPY_FOR_IT
        case HealthState.WAITING_FOR_KEYCHAIN:
            return Mend.UNLOCK_KEYCHAIN
        case (
            HealthState.CONNECTED
            | HealthState.RETRYING
            | HealthState.DELAYED
            | HealthState.PAUSED_BY_LIMIT
            | HealthState.LOCAL_TROUBLE
        ):
            return Mend.NOTHING
        case _:
            assert_never(health.state)
