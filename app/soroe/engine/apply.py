"""Carry out decisions: intent on disk before the call, link and new version after it, many items at once."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import ObservedItem, Ref, Side, Unreadable
from soroe.core.plan import Decision, Why
from soroe.ports.errors import PortError
from soroe.ports.remote import Written
from soroe.ports.store import RunId

from .claims import Claims, adopt
from .counts import Counts
from .joint import Joint
from .outcome import Outcomes
from .phase import Phase
from .steps import Step, Steps
from .trees import Trees

CHUNK = 50
"""Items a transaction: writing 10,000 links one by one costs six times as much."""
TOGETHER = 10
"""Items that are made one by one and written down in one transaction: a crash leaves so many to be looked up."""


class Applying:
    """Carries out the decisions of one run."""

    def __init__(self, joint: Joint, trees: Trees, run: RunId, counts: Counts) -> None:
        self._joint = joint
        self._store = joint.store
        self._run = run
        self._steps = Steps(joint)
        self._trees = trees
        self._outcomes = Outcomes(joint, trees, counts)
        self._claims = Claims(joint, trees, self._outcomes, self.carry_out)
        self._made: list[Step] = []

    def apply(self, decisions: Sequence[Decision]) -> None:
        """Do all of it, as far as the services let us; raises the trouble of an account when there is one.

        Whatever was not done stays waiting, and is decided anew at the next run.
        """
        for start in range(0, len(decisions), CHUNK):
            self._joint.progress(Phase.APPLY, start, len(decisions))
            self._chunk(decisions[start : start + CHUNK])

    def _chunk(self, decisions: Sequence[Decision]) -> None:
        """Decisions are settled and their writes intended in one transaction: a crash leaves both or neither."""
        with self._store.transaction():
            self._outcomes.take_notes(decisions)
            steps = self._steps.of(decisions)
            claims = self._claims.before(decisions, steps)
            self._intend([*claims, *steps])
        self._send_all(claims, steps)

    def carry_out(self, steps: list[Step]) -> None:
        """Do these steps, which no decision of a sync but a person asked for."""
        with self._store.transaction():
            self._intend(steps)
        self._send_all([], steps)

    def _intend(self, steps: list[Step]) -> None:
        now = self._joint.clock()
        changes = self._store.intend([step.entry(self._run, now) for step in steps])
        for step, change in zip(steps, changes, strict=True):
            step.change = change

    def _send_all(self, claims: list[Step], steps: list[Step]) -> None:
        rounds = [
            (side, [step for step in part if step.action.side is side]) for part in (claims, steps) for side in Side
        ]
        for place, (side, part) in enumerate(rounds):
            try:
                self._send(side, part)
            except BaseException:
                self._drop([step for _, later in rounds[place + 1 :] for step in later])
                raise

    def _send(self, side: Side, steps: list[Step]) -> None:
        """Send what may travel together; creates that must not happen twice travel alone, and last."""
        size = max(1, min(CHUNK, self._joint.end(side).reader.capabilities.batch))
        plain: list[Step] = []
        careful: list[Step] = []
        for step in steps:
            (careful if self._claims.careful(step) else plain).append(step)
        sent = 0
        try:
            for start in range(0, len(plain), size):
                batch = plain[start : start + size]
                sent += len(batch)
                self._write(side, batch)
                self._settle(batch)
            for step in careful:
                sent += 1
                self._send_alone(side, step)
            self._settle_made()
        except PortError:
            self._settle_made(raising=False)
            self._drop([*plain, *careful][sent:])
            raise

    def _send_alone(self, side: Side, step: Step) -> None:
        """Make one item that must not be made twice; `_made` collects what is to be written down together.

        Whoever asks the service what is there besides has to know all that we have made ourselves.
        """
        asks = self._claims.asks(step)
        if asks:
            self._settle_made()
        if not self._claims.ready(step):
            return
        self._write(side, [step])
        self._made.append(step)
        is_made = isinstance(step.result, Written) and not step.result.already
        if asks or not is_made or len(self._made) >= TOGETHER:
            self._settle_made()
        if asks:
            self._claims.after(step)

    def _write(self, side: Side, batch: list[Step]) -> None:
        writes = [step.write for step in batch]
        for step, result in zip(batch, self._joint.end(side).keeper().write(writes), strict=True):
            step.result = result

    def _settle_made(self, *, raising: bool = True) -> None:
        made, self._made = self._made, []
        if made:
            self._settle(made, raising=raising)

    def _settle(self, batch: list[Step], *, raising: bool = True) -> None:
        with self._store.transaction():
            trouble = self._outcomes.settle(batch)
        if not raising:
            return
        if trouble is not None:
            raise trouble
        self._look_again()

    def _look_again(self) -> None:
        """Read the items that had moved on when we wrote to them, so that the next decision is about what is there."""
        while self._outcomes.stale:
            side, ref = self._outcomes.stale.pop()
            answer = self._joint.end(side).reader.read(ref)
            with self._store.transaction():
                self._trees.absorb(side, [answer])
                link = self._store.link(side, ref)
                if isinstance(answer, Unreadable) and link is not None:
                    twin = (side.other, link.ref(side.other), Why.UNREADABLE)
                    self._store.settle([(side, ref, Why.UNREADABLE), twin])
        while self._outcomes.homeless:
            self._steps.homeless.add(self._outcomes.homeless.pop())
        while self._outcomes.repeated:
            self._take_up(*self._outcomes.repeated.pop())

    def _take_up(self, side: Side, source: Ref, made: ObservedItem) -> None:
        """A create found its item made before: it is the twin, unless it is gone, or somebody else's, by now."""
        now = self._joint.end(side).reader.read(made.ref)
        if isinstance(now, ObservedItem) and self._store.link(side, made.ref) is None:
            adopt(self._joint, self._trees, self._outcomes, side, source, now)
            return
        self._steps.former[source] = made.ref
        with self._store.transaction():
            self._trees.absorb(side, [now])

    def _drop(self, steps: Sequence[Step]) -> None:
        with self._store.transaction():
            for step in steps:
                self._outcomes.drop(step)
