"""The page Connections: the accounts by tab, and one account in full (BK-6, BK-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from soroe.core.route import SyncName
from soroe.engine.health import HealthState
from soroe.engine.messages import TestSync
from soroe.ports.store import SyncStatus
from soroe.ui.ports import Account
from soroe.ui.state import ERRORS, AppState, SyncStanding
from soroe.ui.texts import health_words, leg_words

from .today import Tone
from .told import Told


class Tab(StrEnum):
    """The tabs. A connection in error stands under All and Connected (BK-6)."""

    ALL = "all"
    CONNECTED = "connected"
    NOT_CONNECTED = "not_connected"

    def holds(self, account: Account) -> bool:
        """Whether an account stands under this tab."""
        if self is Tab.ALL:
            return True
        return (account.health.state is not HealthState.NOT_CONNECTED) == (self is Tab.CONNECTED)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of the list."""

    name: str
    kind: str
    tone: Tone
    state: str


@dataclass(frozen=True, slots=True)
class SyncUse:
    """A sync that uses the account, with what its button does."""

    name: SyncName
    choices: str
    is_started: bool
    test: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """One account in full. `for_it` is the text to hand to IT when they block it (PD-11), else empty."""

    line: AccountLine
    identity: str
    what: str
    means: str
    since: str
    permissions: tuple[tuple[str, bool], ...]
    expires: str
    uses: tuple[SyncUse, ...]
    reconnect: str
    signing_in: bool
    for_it: str


TONES = {
    HealthState.CONNECTED: Tone.GOOD,
    HealthState.RETRYING: Tone.BUSY,
    HealthState.DELAYED: Tone.WARN,
    HealthState.WAITING_FOR_KEYCHAIN: Tone.WARN,
    HealthState.PAUSED_BY_LIMIT: Tone.WARN,
    HealthState.NOT_CONNECTED: Tone.CALM,
    **dict.fromkeys(ERRORS, Tone.BAD),
}


def lines(accounts: Sequence[Account], tab: Tab, told: Told) -> tuple[AccountLine, ...]:
    """The accounts under a tab; connections in error first."""
    shown = [account for account in accounts if tab.holds(account)]
    ordered = sorted(shown, key=lambda account: (account.health.state not in ERRORS, account.name))
    return tuple(_line(account, told) for account in ordered)


def tabs(accounts: Sequence[Account], told: Told) -> tuple[tuple[Tab, str, int], ...]:
    """The tabs with their names and counts."""
    return tuple(
        (tab, told.texts(f"connections.tab.{tab.value}"), sum(1 for account in accounts if tab.holds(account)))
        for tab in Tab
    )


def details(state: AppState, account: Account, told: Told) -> AccountDetails:
    """One account in full."""
    texts, health = told.texts, account.health
    words = health_words(texts, health, told.now, told.zone)
    new = health.state is HealthState.NOT_CONNECTED
    return AccountDetails(
        _line(account, told),
        account.identity,
        words.what,
        words.means,
        texts("health.since", moment=told.moment(health.since)) if health.since else "",
        tuple((permission.name, permission.granted) for permission in account.permissions),
        texts("connections.expires", moment=told.moment(account.expires))
        if account.expires
        else texts("connections.expires.none"),
        _uses(state, account, told),
        texts("connections.connect" if new else "connections.reconnect"),
        account.name in state.signing_in,
        _for_it(account, told),
    )


def _line(account: Account, told: Told) -> AccountLine:
    words = health_words(told.texts, account.health, told.now, told.zone)
    return AccountLine(account.name, told.texts(f"kind.{account.kind.value}"), TONES[account.health.state], words.state)


def _uses(state: AppState, account: Account, told: Told) -> tuple[SyncUse, ...]:
    return tuple(
        SyncUse(
            sync.name,
            _choices(sync, told),
            sync.state.status is not SyncStatus.STOPPED,
            _test(state, sync.name, told),
        )
        for sync in state.syncs
        if account.name in {sync.setup.crm, sync.setup.calendar}
    )


def _choices(sync: SyncStanding, told: Told) -> str:
    texts, setup = told.texts, sync.setup
    return " · ".join(
        (
            texts(f"direction.{setup.direction.value}"),
            texts(f"privacy.{setup.privacy.value}"),
            texts(f"conflicts.{setup.conflicts.value}"),
        )
    )


def _test(state: AppState, sync: SyncName, told: Told) -> tuple[str, ...]:
    if sync in state.testing:
        return (told.texts("connections.test.under_way"),)
    for done in state.tests:
        if isinstance(done.command, TestSync) and done.command.sync == sync:
            legs = tuple(leg_words(told.texts, leg) for leg in done.legs)
            return (*legs, *((told.texts("done.failed", code=done.code),) if done.code else ()))
    return ()


def _for_it(account: Account, told: Told) -> str:
    if account.health.state is not HealthState.BLOCKED_BY_IT:
        return ""
    return told.texts(
        "connections.for_it",
        account=account.identity,
        kind=told.texts(f"kind.{account.kind.value}"),
        code=account.health.code,
        permissions=told.texts.listed(permission.name for permission in account.permissions) or told.texts("none"),
    )
