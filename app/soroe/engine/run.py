"""One run: recover, observe, reconcile, guard, apply, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from soroe.core.event import Side
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.guard import Allowed, Held, Tally
from soroe.core.notes import about_the_sync
from soroe.core.plan import Decision, Nothing, Plan, in_order
from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.store import RunId, RunKind, RunRecord, SyncState, SyncStatus

from .apply import Applying
from .choices import take_up
from .counts import Counts, per_side
from .decide import Deciding
from .joint import Joint
from .observe import LastWords, observe
from .outcome import Outcomes
from .phase import Phase
from .recover import recover
from .series_marks import was_at_work
from .trees import Trees
from .witness import Witness

MOST_PASSES = 4
"""How often a run decides anew about items that moved on while it wrote."""
_SOME = 200
"""So many decisions are let go of at a time."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run came to: its record, and the trouble that ended it early, if any. `side` tells whose trouble.

    `unfinished`: there is more to do at once, which waits for nobody: items that moved on while they were written, or
    a feed that was caught lying and is to be listed anew. `state` is where the sync stands after the run.
    """

    record: RunRecord
    state: SyncState
    trouble: PortError | None = None
    side: Side | None = None
    converged: bool = False
    unfinished: bool = False


class Run:
    """One run of one sync. Make a new one for every run."""

    def __init__(self, joint: Joint, kind: RunKind = RunKind.SYNC) -> None:
        self.joint = joint.today()
        """The sync as this run has it: with today's window."""
        self._store = joint.store
        self._kind = kind
        self._counts = Counts()
        self._side: Side | None = None
        self._idle = False
        self._was_asked = False
        """Whether a person was asked before this run, or has answered: only runs ask, and nobody answers before."""

    @property
    def side(self) -> Side | None:
        """The side that is being asked or written to, while one is: whose trouble it is that ends the run."""
        return self._side

    def plan(self) -> Plan:
        """What a run would do now; both sides are read, nothing is written to either (`soroe plan`)."""
        trees = Trees(self.joint)
        # What is in the tree by the time a change is recovered counts as somebody else's.
        self._recover(trees)
        self._observe(trees)
        return in_order(Deciding(self.joint, trees).pending())

    def carry_out(self) -> RunResult:
        """Bring both sides into step as far as they let us; never raises for trouble of a service."""
        started = self.joint.clock()
        run = self._store.begin_run(self._kind, started)
        try:
            with self._store.gathering():
                return self._carry_out(run, started)
        finally:  # also where the disk would not take the end of the run
            self._store.leave_run(run)

    def _carry_out(self, run: RunId, started: datetime) -> RunResult:
        before = self._requests()
        trouble: PortError | None = None
        unfinished = False
        try:
            trees = Trees(self.joint)
            self._recover(trees)
            self._observe(trees)
            self._settle_all(run, trees)
            # Asked before the run is closed: until then the store answers most of it from memory.
            unfinished = not self._idle and not self._counts.held and self._has_more()
        except PortError as error:
            trouble = error
        record = self._record(run, started, self._requests() - before, trouble)
        writes = self._counts.writes
        with self._store.transaction():
            self._store.finish_run(record)
            state = self._remember(record, changed=writes + self._counts.linked > 0)
        busy = writes or self._counts.held or self._counts.waiting
        quiet = trouble is None and not busy
        side = self._side if trouble else None
        return RunResult(record, state, trouble, side, converged=quiet, unfinished=unfinished)

    def _record(self, run: RunId, started: datetime, requests: int, trouble: PortError | None) -> RunRecord:
        finished = self.joint.clock()
        return RunRecord(
            run,
            self.joint.route.name,
            self._kind,
            started,
            finished,
            per_side(self._counts.created),
            per_side(self._counts.updated),
            per_side(self._counts.deleted),
            linked=self._counts.linked,
            conflicts=self._counts.conflicts,
            failed=self._counts.failed,
            held=self._counts.held,
            requests=requests,
            seconds=(finished - started).total_seconds(),
            trouble=_name(trouble),
        )

    def _has_more(self) -> bool:
        waiting = self._counts.waiting
        if len(self._store.dirty(waiting + 1)) > waiting:
            return True
        ends = (self.joint.crm, self.joint.calendar)
        return any(self._store.cursor(end.side, place) is None for end in ends for place in end.containers)

    def _recover(self, trees: Trees) -> None:
        if self._store.open_changes():
            recover(self.joint, trees)

    def _observe(self, trees: Trees) -> None:
        day = self.joint.route.window.first.isoformat()
        state = take_up(self.joint, trees)
        self._was_asked = bool(state.held_for or state.allowed)
        last = LastWords(self.joint, trees)
        try:
            for side in Side:
                self._side = side
                observe(self.joint, trees, side, last)
        finally:  # what one side has told is kept also where the other one fails
            last.take_in()
        self._side = None
        if state.window_day != day:
            with self._store.transaction():
                trees.roll()
                state = self._store.state()
                takes_up = not state.window_day and state.joined is None and was_at_work(self.joint, trees)
                joined = self.joint.clock() if takes_up else state.joined
                self._store.save_state(replace(state, window_day=day, joined=joined))
                if not state.held_for:
                    self._store.set_sync_findings(about_the_sync(self.joint.dialect))

    def _settle_all(self, run: RunId, trees: Trees) -> None:
        deciding = Deciding(self.joint, trees)
        applying: Applying | None = None
        for _ in range(MOST_PASSES):
            self.joint.progress(Phase.RECONCILE, 0, None)
            pending = deciding.pending()
            self._counts.waiting = deciding.waiting
            self._idle = applying is None and deciding.nothing_waits
            if not pending:
                return
            applying = applying or Applying(self.joint, trees, run, self._counts, deciding.linked)
            try:
                if not self._settle(pending, applying, trees):
                    return
            finally:
                _let_go(pending)

    def _settle(self, pending: list[Decision], applying: Applying, trees: Trees) -> bool:
        """One pass; False where nothing is left to do, or a person is to be asked first."""
        witness = Witness(self.joint, trees, in_order(pending).decisions)
        decisions = witness.plausible()
        if not decisions or self._held(decisions):
            return False
        try:
            applying.apply(witness.confirmed())
        except PortError as trouble:
            if not isinstance(trouble, LocalTrouble):  # which is nobody's
                self._side = applying.side
            raise
        return True

    # --- S-4: the guard ---
    def _held(self, decisions: Sequence[Decision]) -> bool:
        tally = Tally(self._store.link_count(), self.joint.limits)
        for decision in decisions:
            tally.add(decision)
        if not self._was_asked and isinstance(tally.verdict(), Allowed):
            return False
        state = self._store.state()
        match tally.verdict(state.allowed):
            case Allowed():
                if state.held_for or state.allowed:
                    self._clear_hold()
                return False
            case Held() as verdict:
                self._hold(verdict, decisions)
                return True

    def _hold(self, verdict: Held, decisions: Sequence[Decision]) -> None:
        finding = Finding(
            FindingKind.HELD,
            "S-4" if verdict.reason != "duplicate_wave" else "PD-9",
            Severity.ERROR,
            verdict.reason,
            numbers=(("count", verdict.count), ("limit", verdict.limit)),
            actions=(FindingAction.ALLOW, FindingAction.DROP),
        )
        with self._store.transaction():
            self._store.set_sync_findings([finding, *about_the_sync(self.joint.dialect)])
            outcomes = Outcomes(self.joint, Trees(self.joint), self._counts)
            outcomes.take_notes([decision for decision in decisions if isinstance(decision.outcome, Nothing)])
            state = self._store.state()
            self._store.save_state(replace(state, status=SyncStatus.HELD, held_for=verdict.question))
        self._counts.held = verdict.count

    def _clear_hold(self) -> None:
        with self._store.transaction():
            state = self._store.state()  # somebody may have paused or stopped it meanwhile
            self._store.set_sync_findings(about_the_sync(self.joint.dialect))
            status = SyncStatus.RUNNING if state.status is SyncStatus.HELD else state.status
            self._store.save_state(replace(state, status=status, held_for="", allowed=""))

    def _requests(self) -> int:
        return self.joint.crm.reader.requests_sent + self.joint.calendar.reader.requests_sent

    def _remember(self, record: RunRecord, *, changed: bool) -> SyncState:
        """Note when the sync last ran; somebody may have paused or stopped it meanwhile."""
        state = self._store.state()
        last_change = record.finished if changed else state.last_change
        state = replace(state, last_run=record.finished, last_change=last_change)
        self._store.save_state(state)
        return state


def _name(trouble: PortError | None) -> str:
    """What History calls it; that the program ended in the middle is no trouble of this computer."""
    if isinstance(trouble, LocalTrouble) and trouble.code == "shutting_down":
        return trouble.code
    return type(trouble).__name__ if trouble is not None else ""


def _let_go(pending: list[Decision]) -> None:
    """Forget decisions some at a time: 50,000 at once would hold up the window for 50 ms (P-9). `pending` is the last
    to hold them."""
    while pending:
        del pending[-_SOME:]
