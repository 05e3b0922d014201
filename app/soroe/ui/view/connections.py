"""The page Connections: the accounts by tab, and one account in full (BK-6, BK-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from soroe.core.route import SyncName
from soroe.engine.health import ERRORS, Health, HealthState, Mend, mend_of
from soroe.engine.messages import TestSync
from soroe.ports.store import SyncStatus
from soroe.ui.ports import Account, AccountKind, Role, SignInPage
from soroe.ui.state import AppState, SyncStanding
from soroe.ui.texts import (
    Subject,
    Texts,
    forecast_words,
    health_words,
    leg_words,
    mend_words,
    message_for_it,
    permission_name,
    refusal_words,
    service_code,
)

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
    """One account in full.

    `mend` is what its one button does, `button` what that says; `again` offers a sign-in where none is needed.
    `for_it` is the message to hand to IT where they block it (PD-11), else empty. `refusal` tells why the last sign-in
    here did not come about, `page` where one waits in the browser. `is_place`: it makes online meetings for all syncs.
    """

    line: AccountLine
    identity: str
    what: str
    means: str
    do: str
    code: str
    since: str
    permissions: tuple[tuple[str, bool], ...]
    ends: str
    ends_soon: bool
    uses: tuple[SyncUse, ...]
    mend: Mend
    button: str
    again: str
    signing_in: bool
    page: SignInPage | None
    refusal: str
    for_it: str
    is_place: bool
    kind: AccountKind


CHECKED = frozenset({AccountKind.GOOGLE, AccountKind.MICROSOFT365})
"""Services where the failing account itself is checked; the others are reconnected as a whole (BK-7)."""

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


def details(state: AppState, account: Account, told: Told, version: str = "") -> AccountDetails:
    """One account in full."""
    texts, health = told.texts, account.health
    is_place = account.kind.role is Role.LOCATION
    words = health_words(texts, health, told.now, told.zone, account.registration.server, place=is_place)
    mend, refused = mend_of(health), state.refusal(account.name)
    moment = told.moment(health.since) if health.since else ""
    return AccountDetails(
        _line(account, told),
        account.identity,
        words.what,
        words.means,
        words.do,
        _services_own(texts, health),
        texts("health.since", moment=moment) if moment else "",
        tuple((permission_name(texts, permission.name), permission.granted) for permission in account.permissions),
        forecast_words(texts, account.ends, told.now, told.zone) if _works(health) else "",
        ends_soon(account, told),
        _uses(state, account, told),
        mend,
        mend_button(account, told),
        texts("mend.reconnect") if mend in {Mend.NOTHING, Mend.COPY_FOR_IT} else "",
        account.name in state.signing_in,
        state.page(account.name),
        refusal_words(texts, account.name, refused.code, refused.expected, refused.found) if refused else "",
        for_it(account, told, version) if mend is Mend.COPY_FOR_IT else "",
        is_place,
        account.kind,
    )


def _services_own(texts: Texts, health: Health) -> str:
    """A code that the service itself gave, as IT and the support ask for it; ours are told in words already."""
    named = health.state in {HealthState.CONNECTED, HealthState.PERMISSION_MISSING}
    code = service_code(health.code)
    return "" if named or texts.has(f"code.{code.partition(':')[0]}") else code


def mend_button(account: Account, told: Told) -> str:
    """What the one button of a connection says: Check for the failing account of a service that has several (BK-7)."""
    words = mend_words(told.texts, account.health)
    failing = account.health.state in ERRORS and mend_of(account.health) is Mend.RECONNECT
    return told.texts("mend.check") if failing and account.kind in CHECKED else words


def ends_soon(account: Account, told: Told) -> bool:
    """Whether a sign-in that works is about to end."""
    return _works(account.health) and account.ends is not None and account.ends.is_near(told.now)


def _works(health: Health) -> bool:
    return health.state not in ERRORS and health.state is not HealthState.NOT_CONNECTED


def for_it(account: Account, told: Told, version: str = "") -> str:
    """The message for the IT department about a connection, ready to send (PD-11)."""
    known = account.registration
    about = Subject(
        account.identity,
        told.texts(f"kind.{account.kind.value}"),
        known.client_id,
        known.tenant,
        known.server,
        tuple(permission.name for permission in account.permissions),
        version,
    )
    return message_for_it(told.texts, about, account.health).text


def _line(account: Account, told: Told) -> AccountLine:
    texts, state = told.texts, account.health.state
    kind, words = texts(f"kind.{account.kind.value}"), texts(f"health.{state.value}")
    if state is HealthState.CONNECTED and ends_soon(account, told):
        return AccountLine(account.name, kind, Tone.WARN, texts("connections.ends_soon"))
    return AccountLine(account.name, kind, TONES[state], words)


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
