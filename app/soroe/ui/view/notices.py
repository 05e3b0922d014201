"""Which notifications a change of state calls for: one per account and kind of trouble, until it changes."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.route import SyncName
from soroe.engine.forecast import Forecast
from soroe.engine.health import ERRORS, HealthState, Mend, mend_of
from soroe.ports.store import SyncStatus
from soroe.ui.ports import Account, Role
from soroe.ui.state import AppState
from soroe.ui.texts import NoticeWords, ending_notice, notice_words

from .told import Told

KEYCHAIN = "keychain"
"""The key of the notification about the keychain, which belongs to no account."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification to show. Its button does what `mend` says, and opens the window where that is nothing."""

    key: str
    title: str
    body: str
    account: str | None = None
    sync: SyncName | None = None
    mend: Mend = Mend.NOTHING


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A notification whose trouble is over."""

    key: str


def notices(before: AppState, after: AppState, told: Told) -> tuple[Notice | Withdrawn, ...]:
    """What to show and what to take back now that `before` became `after`; ordinary success says nothing."""
    return (
        *_of_keychain(before, after, told),
        *_of_accounts(before, after, told),
        *_of_endings(before, after, told),
        *_of_syncs(before, after, told),
    )


def _of_keychain(before: AppState, after: AppState, told: Told) -> list[Notice | Withdrawn]:
    """A locked keychain keeps every account waiting; it is told once, not for each."""
    waited, waits = _waiting(before), _waiting(after)
    if waits is not None and waited is None:
        words = notice_words(told.texts, waits.name, waits.health)
        assert words is not None
        return [Notice(KEYCHAIN, words.title, words.body, mend=Mend.UNLOCK_KEYCHAIN)]
    return [Withdrawn(KEYCHAIN)] if waited is not None and waits is None else []


def _waiting(state: AppState) -> Account | None:
    """The first account that waits for the keychain."""
    waiting = (account for account in state.accounts if account.health.state is HealthState.WAITING_FOR_KEYCHAIN)
    return next(waiting, None)


def _words(account: Account, told: Told) -> NoticeWords | None:
    """The words about one account's own trouble."""
    if account.health.state is HealthState.WAITING_FOR_KEYCHAIN:
        return None
    return notice_words(told.texts, account.name, account.health, place=account.kind.role is Role.LOCATION)


def _of_accounts(before: AppState, after: AppState, told: Told) -> list[Notice | Withdrawn]:
    found: list[Notice | Withdrawn] = []
    for account in after.accounts:
        old = before.account(account.name)
        same = old is not None and (old.health.state, old.health.code) == (account.health.state, account.health.code)
        if same:
            continue
        key = f"account:{account.name}"
        words = _words(account, told)
        if words is not None:
            found.append(Notice(key, words.title, words.body, account.name, mend=mend_of(account.health)))
        elif old is not None and _words(old, told) is not None:
            found.append(Withdrawn(key))
    return found


def _of_endings(before: AppState, after: AppState, told: Told) -> list[Notice | Withdrawn]:
    """A sign-in that is about to end is told once, a day before; by the time that a state is of, not the clock's."""
    found: list[Notice | Withdrawn] = []
    for account in after.accounts:
        old, key = before.account(account.name), f"ending:{account.name}"
        was_near, is_near = old is not None and _ending(old, before) is not None, _ending(account, after)
        if is_near is not None and not was_near:
            words = ending_notice(told.texts, account.name, is_near, told.now, told.zone)
            found.append(Notice(key, words.title, words.body, account.name, mend=Mend.RECONNECT))
        elif was_near and is_near is None:
            found.append(Withdrawn(key))
    return found


def _ending(account: Account, state: AppState) -> Forecast | None:
    works = account.health.state not in ERRORS and account.health.state is not HealthState.NOT_CONNECTED
    return account.ends if works and account.ends is not None and account.ends.is_near(state.now) else None


def _of_syncs(before: AppState, after: AppState, told: Told) -> list[Notice | Withdrawn]:
    found: list[Notice | Withdrawn] = []
    for sync in after.syncs:
        old = before.sync(sync.name)
        was_held = old is not None and old.state.status is SyncStatus.HELD
        is_held = sync.state.status is SyncStatus.HELD
        key, texts = f"sync:{sync.name}", told.texts
        if is_held and not was_held:
            title = texts("notice.held.title", sync=sync.name)
            found.append(Notice(key, title, texts("notice.held.body"), sync=sync.name))
        elif was_held and not is_held:
            found.append(Withdrawn(key))
    return found
