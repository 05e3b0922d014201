"""The thread of one sync: waits for its time or a command, runs, and tells what came of it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from soroe.core.event import Side
from soroe.ports.errors import ConsentMissing, LocalTrouble, PortError, SignInRequired
from soroe.ports.remote import Budget
from soroe.ports.store import Store, SyncState, SyncStatus

from .accounts import AccountTrouble, HealthBook
from .by_person import CannotResolve
from .health import Health, HealthState, after_error
from .joint import Joint
from .meeting_links import add_link
from .messages import (
    AddLink,
    BudgetChanged,
    Command,
    CommandDone,
    HealthChanged,
    Pause,
    Preview,
    Rebuild,
    Resolve,
    Restore,
    Resume,
    RunFinished,
    RunProgress,
    RunStarted,
    Shutdown,
    Start,
    Stop,
    SyncChanged,
    SyncNow,
    TakeBack,
    TestSync,
    Undo,
    Wake,
)
from .phase import Phase
from .preview import preview
from .rebuild import rebuild
from .resolve import resolve, take_back
from .run import Run, RunResult
from .schedule import KEYCHAIN_WAIT, MOST_SOON, SOON, due
from .trial import clean_up, left_behind, test_sync
from .undo import UndoResult, restore, undo
from .workshop import Workshop

PRUNE_AFTER = timedelta(days=90)


class Worker:
    """One sync's thread. Commands go in through `send`, from any thread; events come out through `publish`."""

    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"sync-{workshop.sync}", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Hand in a command."""
        self._commands.put(command)

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end after `Shutdown`; True when it did."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        store = self._opened_store()
        if store is None:
            return
        with closing(store):
            desk = Desk(self._shop, store)
            try:
                desk.clean_up_test()
                while desk.open:
                    desk.handle(self._next(desk))
            finally:
                self._shop.let_go()

    def _opened_store(self) -> Store | None:
        """The store, once the keychain and the disk let us: a locked keychain means wait, never signed out."""
        wait = KEYCHAIN_WAIT.total_seconds()
        while True:
            try:
                return self._shop.open_store()
            except LocalTrouble as trouble:
                now = self._shop.clock()
                for account in self._shop.accounts:
                    self._shop.publish(HealthChanged(account, after_error(Health(), trouble, now)))
            try:
                if isinstance(self._commands.get(timeout=wait), Shutdown):
                    return None
            except queue.Empty:
                continue

    def _next(self, desk: Desk) -> Command | None:
        """The next command, or None when a run is due first. Sleeps in between; nothing polls."""
        wait = desk.seconds_until_due()
        try:
            return self._commands.get(timeout=wait) if wait is None or wait > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None


class Desk:
    """The work of one sync, without the thread around it."""

    def __init__(self, workshop: Workshop, store: Store) -> None:
        self._shop = workshop
        self._store = store
        self._sync = store.sync(workshop.sync)
        self._joint: Joint | None = None
        self._edition: object = None
        self._health = HealthBook(store, workshop.clock, workshop.publish)
        self.open = True
        self._looked = False
        self._tidied = False
        self._lively = workshop.clock()
        self._budgets: dict[str, Budget] = {}
        self._unfinished = 0

    # --- time ---
    def seconds_until_due(self) -> float | None:
        """How long to wait for the next run; None when only a command can bring one."""
        at = self._due()
        return None if at is None else max(0.0, (at - self._shop.clock()).total_seconds())

    def _due(self, state: SyncState | None = None, healths: tuple[Health, ...] = ()) -> datetime | None:
        """When the next run is due; how the sync and its accounts stand is read, unless it has just been."""
        now = self._shop.clock()
        state = state or self._sync.state()
        healths = healths or tuple(self._health.of(account) for account in self._shop.accounts)
        if not self._looked:
            state = replace(state, last_run=None)  # much may have happened while the program was not there
        return due(state, healths, now, self._interval(now), self._shop.random)

    def _interval(self, now: datetime) -> timedelta:
        if 0 < self._unfinished <= MOST_SOON:
            return SOON
        ends = () if self._joint is None else (self._joint.crm, self._joint.calendar)
        asked = [least for end in ends if (least := end.upkeep.poll_every()) is not None]
        return self._shop.pace.interval(now - self._lively, max(asked, default=None))

    # --- commands ---
    def clean_up_test(self) -> None:
        """At the start of the program: remove what a killed test left behind, also of a sync that rests (PD-2)."""
        if left_behind(self._store, self._shop.sync) and self._may_ask(asked=True):
            with self._shop.turn():
                self._opened()

    def handle(self, command: Command | None) -> None:
        """Carry out a command; None means that a run is due. What writes waits for its turn."""
        if isinstance(command, Pause | Stop | Shutdown):
            self._carry_out(command)
            return
        try:
            with self._shop.turn():
                self._carry_out(command)
        except PortError as error:  # the disk refuses, or the program ends while it waits
            self._health.met(self._shop.accounts[1], error)

    def _carry_out(self, command: Command | None) -> None:  # noqa: C901 - one arm for each command
        match command:
            case None | SyncNow():
                self._run(asked=command is not None)
            case Wake():
                self._let_go()
                self._lively = self._shop.clock()
                self._run(asked=False)
            case Start() | Resume():
                self._enter(SyncStatus.RUNNING)
                self._run(asked=True)
            case Stop():
                self._enter(SyncStatus.STOPPED)
            case Pause(until=until):
                self._enter(SyncStatus.PAUSED, until)
            case Resolve(finding=finding, action=action):
                self._by_person(command, lambda joint: resolve(joint, finding, action))
            case TakeBack(items=items):
                self._by_person(command, lambda joint: take_back(joint, items))
            case AddLink():
                self._by_person(command, lambda joint: self._add_link(joint, command))
            case Undo(run=run):
                self._by_person(command, lambda joint: undo(joint, run))
            case Restore(change=change):
                self._by_person(command, lambda joint: restore(joint, change))
            case Rebuild():
                self._rebuild(command)
            case TestSync():
                self._test(command)
            case Preview():
                self._preview(command)
            case Shutdown():
                self.open = False
            case _ as never:
                assert_never(never)

    def _enter(self, status: SyncStatus, until: datetime | None = None) -> None:
        state = self._sync.state()
        started = state.started or (self._shop.clock() if status is SyncStatus.RUNNING else None)
        state = replace(state, status=status, started=started, paused_until=until)
        self._sync.save_state(state)
        self._shop.publish(SyncChanged(self._shop.sync, state))

    # --- runs ---
    def _run(self, *, asked: bool) -> None:
        state = self._sync.state()
        if state.status is SyncStatus.PAUSED and not asked:
            until = state.paused_until
            if until is None or until > self._shop.clock():
                return
            self._enter(SyncStatus.RUNNING)
        elif state.status in {SyncStatus.STOPPED, SyncStatus.HELD} and not (asked and state.status is SyncStatus.HELD):
            return
        if not self._may_ask(asked=asked):
            self._shop.publish(SyncChanged(self._shop.sync, state))
            return
        joint = self._opened()
        if joint is None:
            return
        self._shop.publish(RunStarted(self._shop.sync, self._shop.clock(), unasked=not asked))
        self._looked = True
        run = Run(joint)
        self._joint = run.joint  # kept, so that it is made anew once a day
        self._finished(run.joint, run.carry_out())

    def _may_ask(self, *, asked: bool) -> bool:
        """Whether the services may be asked: never with a sign-in that was refused, and not beyond a limit unasked."""
        now = self._shop.clock()
        for health in map(self._health.of, self._shop.accounts):
            is_limited = health.state is HealthState.PAUSED_BY_LIMIT and health.until is not None and health.until > now
            if not health.usable or (is_limited and not asked):
                return False
        return True

    def _let_go(self) -> None:
        """Close both accounts and open them anew: after sleep, on another network, after another sign-in."""
        self._joint = None
        self._shop.let_go()

    def _finished(self, joint: Joint, result: RunResult) -> None:
        healths: tuple[Health, ...] = ()
        if result.trouble is None:
            healths = tuple([self._health.went_well(account) for account in self._shop.accounts])
        else:
            for side, account in zip(Side, self._shop.accounts, strict=True):
                if result.side in {side, None}:
                    self._health.met(account, result.trouble)
        self._unfinished = self._unfinished + 1 if result.unfinished else 0
        if not result.converged:
            self._lively = self._shop.clock()
        self._tell_budgets(joint)
        if isinstance(result.trouble, SignInRequired | ConsentMissing):
            self._let_go()  # what they sign in with is read anew
        count = self._sync.finding_count()
        due_at = self._due(result.state, healths)
        self._shop.publish(RunFinished(self._shop.sync, result.record, result.state, count, due_at))
        self._tidy()

    def _tell_budgets(self, joint: Joint) -> None:
        for end in (joint.crm, joint.calendar):
            budget = end.upkeep.budget()
            if budget is not None and budget != self._budgets.get(end.account):
                self._budgets[end.account] = budget
                self._shop.publish(BudgetChanged(end.account, budget.spent, budget.limit, budget.resets))

    def _tidy(self) -> None:
        """Once per start: let go of History older than three months."""
        if not self._tidied:
            self._tidied = True
            self._sync.prune(self._shop.clock() - PRUNE_AFTER)

    def _opened(self) -> Joint | None:
        """The sync, ready to run; opening it may need the keychain and the network, and is tried until it works."""
        edition = self._shop.edition()
        if self._joint is not None and edition != self._edition:
            self._let_go()
        if self._joint is None:
            self._edition = edition
            try:
                self._joint = self._shop.open_joint(self._store, self._progress)
                clean_up(self._joint, self._store)
            except AccountTrouble as trouble:
                self._health.met(trouble.account, trouble.error)
                self._shop.publish(SyncChanged(self._shop.sync, self._sync.state()))
                self._joint = None
            except PortError as error:
                self._health.met(self._shop.accounts[1], error)
                self._joint = None
        return self._joint

    def _progress(self, phase: Phase, done: int, total: int | None) -> None:
        self._shop.publish(RunProgress(self._shop.sync, phase, done, total))

    # --- what people ask for ---
    def _by_person(self, command: Command, act: Callable[[Joint], UndoResult | None]) -> None:
        joint = self._opened()
        if joint is None:
            self._shop.publish(CommandDone(command, "not_connected"))
            return
        try:
            result = act(joint)
        except CannotResolve as refusal:
            self._shop.publish(CommandDone(command, refusal.code))
            return
        except LookupError:
            self._shop.publish(CommandDone(command, "not_found"))
            return
        except AccountTrouble as trouble:
            self._health.met(trouble.account, trouble.error)
            self._shop.publish(CommandDone(command, type(trouble.error).__name__))
            return
        except PortError as error:
            self._shop.publish(CommandDone(command, type(error).__name__))
            return
        skipped = len(result.skipped) if result is not None else 0
        self._shop.publish(CommandDone(command, skipped=skipped))
        self._run(asked=True)

    def _add_link(self, joint: Joint, command: AddLink) -> None:
        """Make a meeting at a place to meet online; a sign-in that was refused there is not tried again."""
        account = command.account
        if not self._health.of(account).usable:
            raise CannotResolve("place_not_connected")
        try:
            links = self._shop.open_links(account)
        except PortError as error:
            raise AccountTrouble(account, error) from error
        with closing(links):
            add_link(joint, self._store, command.side, command.ref, account, links)
        self._health.went_well(account)

    def _rebuild(self, command: Command) -> None:
        joint = self._opened()
        if joint is None:
            self._shop.publish(CommandDone(command, "not_connected"))
            return
        self._shop.publish(RunStarted(self._shop.sync, self._shop.clock()))
        self._finished(joint, rebuild(joint))
        self._shop.publish(CommandDone(command))

    def _test(self, command: Command) -> None:
        joint = self._opened()
        if joint is None:
            self._shop.publish(CommandDone(command, "not_connected"))
            return
        legs = test_sync(joint, self._store, self._shop.title)
        self._shop.publish(CommandDone(command, legs=legs))

    def _preview(self, command: Preview) -> None:
        joint = self._opened()
        if joint is None:
            self._shop.publish(CommandDone(command, "not_connected"))
            return
        try:
            told = preview(self._shop.open_with(command.choices), joint)
            self._shop.publish(CommandDone(command, foreseen=told))
        except AccountTrouble as trouble:
            self._health.met(trouble.account, trouble.error)
            self._shop.publish(CommandDone(command, type(trouble.error).__name__))
        except PortError as error:
            self._shop.publish(CommandDone(command, type(error).__name__))

    def state(self) -> SyncState:
        """Where the sync stands."""
        return self._sync.state()
