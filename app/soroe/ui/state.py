"""What the window and the tray know, and how an event changes it: pure values, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar, assert_never

from soroe.core.finding import FindingKind
from soroe.core.route import SyncName
from soroe.engine.health import ERRORS, Health, HealthState
from soroe.engine.messages import (
    AddLink,
    BudgetChanged,
    CommandDone,
    Event,
    HealthChanged,
    Preview,
    RunFinished,
    RunProgress,
    RunStarted,
    SyncChanged,
    TestSync,
)
from soroe.ports.store import RunRecord, SyncState

from .ports import Account, SignInEnded, SignInPage, SyncSetup

NEVER_STARTED = SyncState()


@dataclass(frozen=True, slots=True)
class SyncStanding:
    """One sync as it stands now. `progress` is set while a run is under way; times are UTC."""

    setup: SyncSetup
    state: SyncState = NEVER_STARTED
    last: RunRecord | None = None
    next_run: datetime | None = None
    findings: int = 0
    running: bool = False
    progress: RunProgress | None = None

    @property
    def name(self) -> SyncName:
        """The sync's name."""
        return self.setup.name

    @property
    def looked(self) -> datetime | None:
        """When both sides were last looked at; runs that met nothing are not in History, but they count here."""
        moments = [at for at in (self.state.last_run, self.last.started if self.last else None) if at]
        return max(moments, default=None)

    @property
    def report(self) -> RunRecord | None:
        """The last look's record, None when it met nothing (its record is not kept)."""
        if self.last is None or self.state.last_run is None:
            return self.last
        ended = self.last.finished or self.last.started
        return self.last if ended >= self.state.last_run else None


@dataclass(frozen=True, slots=True)
class AppState:
    """Everything that is shown outside the tables, which read the database themselves."""

    now: datetime
    accounts: tuple[Account, ...] = ()
    syncs: tuple[SyncStanding, ...] = ()
    budgets: tuple[BudgetChanged, ...] = ()
    counts: tuple[tuple[FindingKind, int], ...] = ()
    tests: tuple[CommandDone, ...] = ()
    preview: CommandDone | None = None
    testing: frozenset[SyncName] = frozenset()
    signing_in: frozenset[str] = frozenset()
    linking: frozenset[AddLink] = frozenset()
    pages: tuple[SignInPage, ...] = ()
    refusals: tuple[SignInEnded, ...] = ()
    tray: bool = True

    def account(self, name: str) -> Account | None:
        """The account of this name."""
        return next((account for account in self.accounts if account.name == name), None)

    def sync(self, name: SyncName) -> SyncStanding | None:
        """The sync of this name."""
        return next((sync for sync in self.syncs if sync.name == name), None)

    @property
    def findings(self) -> int:
        """How many findings wait."""
        return sum(n for _, n in self.counts)

    @property
    def in_error(self) -> tuple[Account, ...]:
        """The accounts whose connection is in error."""
        return tuple(account for account in self.accounts if account.health.state in ERRORS)

    @property
    def keychain_waits(self) -> bool:
        """Whether the keychain keeps an account waiting."""
        return any(account.health.state is HealthState.WAITING_FOR_KEYCHAIN for account in self.accounts)

    def page(self, account: str) -> SignInPage | None:
        """Where an account's sign-in waits in the browser."""
        return next((page for page in self.pages if page.account == account), None)

    def refusal(self, account: str) -> SignInEnded | None:
        """Why an account's last sign-in here did not come about."""
        return next((ended for ended in self.refusals if ended.account == account), None)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read from the configuration and the database; `findings` are counts."""

    accounts: tuple[Account, ...]
    syncs: tuple[SyncSetup, ...]
    states: tuple[tuple[SyncName, SyncState], ...]
    runs: tuple[RunRecord, ...]
    findings: tuple[tuple[SyncName, FindingKind, int], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed (UTC)."""

    now: datetime


@dataclass(frozen=True, slots=True)
class SignInStarted:
    """The user asked for a sign-in; the browser has the word now."""

    account: str


@dataclass(frozen=True, slots=True)
class TestStarted:
    """The user asked for a test sync."""

    __test__ = False  # pytest must not take this for a test class

    sync: SyncName


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """The user asked for an online meeting; the sync's thread has the word now."""

    command: AddLink


@dataclass(frozen=True, slots=True)
class TrayFound:
    """Whether the desktop has a place for our icon."""

    there: bool


UiEvent = Event | SignInPage | SignInEnded | Loaded | Tick | SignInStarted | TestStarted | LinkAsked | TrayFound


OfAccount = TypeVar("OfAccount", SignInPage, SignInEnded)


def advance(state: AppState, event: UiEvent) -> AppState:  # noqa: C901  # one arm for each kind of event
    """The state after an event; an event about a sync or account that is not there changes nothing."""
    match event:
        case RunStarted(name, at, _):
            begun = _with(state, name, lambda sync: replace(sync, running=True, progress=None))
            return replace(begun, now=max(state.now, at))
        case RunProgress(sync=name):
            return _with(state, name, lambda sync: replace(sync, running=True, progress=event))
        case RunFinished():
            return _finished(state, event)
        case SyncChanged(name, standing):
            return _with(state, name, lambda sync: replace(sync, state=standing))
        case HealthChanged(name, health):
            return _healed(state, name, health)
        case BudgetChanged(account=name):
            others = tuple(budget for budget in state.budgets if budget.account != name)
            return replace(state, budgets=tuple(sorted((*others, event), key=lambda budget: budget.account)))
        case CommandDone():
            return _done(state, event)
        case Loaded():
            return _loaded(state, event)
        case Tick(now):
            return replace(state, now=now)
        case SignInStarted(name):
            begun = replace(state, refusals=_without(state.refusals, name), pages=_without(state.pages, name))
            return replace(begun, signing_in=state.signing_in | {name})
        case SignInPage(account=name):
            return replace(state, pages=(*_without(state.pages, name), event))
        case SignInEnded():
            return _ended(state, event)
        case TestStarted(name):
            return replace(state, testing=state.testing | {name})
        case LinkAsked(command):
            return replace(state, linking=state.linking | {command})
        case TrayFound(there):
            return replace(state, tray=there)
        case _:
            assert_never(event)


def _with(app: AppState, name: SyncName, change: Callable[[SyncStanding], SyncStanding]) -> AppState:
    return replace(app, syncs=tuple(change(sync) if sync.name == name else sync for sync in app.syncs))


def _finished(state: AppState, event: RunFinished) -> AppState:
    return _with(
        state,
        event.sync,
        lambda sync: replace(
            sync,
            state=event.state,
            last=event.record,
            next_run=event.next_run,
            findings=event.findings,
            running=False,
            progress=None,
        ),
    )


def _healed(state: AppState, name: str, health: Health) -> AppState:
    accounts = tuple(replace(one, health=health) if one.name == name else one for one in state.accounts)
    healed, before = replace(state, accounts=accounts), state.account(name)
    mended = health.state is HealthState.CONNECTED and before is not None and before.health.state is not health.state
    return _ended(healed, SignInEnded(name)) if mended else healed


def _ended(state: AppState, event: SignInEnded) -> AppState:
    """A sign-in that was given up leaves nothing behind; one that was refused says why until the next one begins."""
    name, told = event.account, event.code not in {"", "sign_in_cancelled"}
    return replace(
        state,
        signing_in=state.signing_in - {name},
        pages=_without(state.pages, name),
        refusals=(*_without(state.refusals, name), *((event,) if told else ())),
    )


def _without(told: tuple[OfAccount, ...], account: str) -> tuple[OfAccount, ...]:
    return tuple(one for one in told if one.account != account)


def _is_of(test: CommandDone, name: SyncName) -> bool:
    return isinstance(test.command, TestSync) and test.command.sync == name


def _done(state: AppState, event: CommandDone) -> AppState:
    if isinstance(event.command, AddLink):
        return replace(state, linking=state.linking - {event.command})
    if isinstance(event.command, Preview):
        return replace(state, preview=event)
    if not isinstance(event.command, TestSync):
        return state
    name = event.command.sync
    others = tuple(test for test in state.tests if not _is_of(test, name))
    return replace(state, tests=(*others, event), testing=state.testing - {name})


def _loaded(state: AppState, event: Loaded) -> AppState:
    known = {sync.name: sync for sync in state.syncs}
    states = dict(event.states)
    last = _newest(event.runs)
    syncs = tuple(
        replace(
            known.get(setup.name, SyncStanding(setup)),
            setup=setup,
            state=states.get(setup.name, NEVER_STARTED),
            last=last.get(setup.name),
            findings=sum(n for name, _, n in event.findings if name == setup.name),
        )
        for setup in event.syncs
    )
    totals = ((kind, sum(n for _, of, n in event.findings if of is kind)) for kind in FindingKind)
    counts = tuple((kind, n) for kind, n in totals if n)
    return replace(state, accounts=event.accounts, syncs=syncs, counts=counts)


def _newest(runs: Sequence[RunRecord]) -> dict[SyncName, RunRecord]:
    newest: dict[SyncName, RunRecord] = {}
    for run in runs:
        newest.setdefault(run.sync, run)
    return newest
