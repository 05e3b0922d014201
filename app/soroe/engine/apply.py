"""Carry out decisions: intent on disk before the call, link and new version after it, many items at once."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import Side
from soroe.core.plan import Decision
from soroe.ports.store import RunId

from .counts import Counts
from .joint import Joint
from .messages import Phase
from .outcome import Outcomes
from .steps import Step, Steps
from .trees import Trees

CHUNK = 50
"""Items a transaction: writing 10,000 links one by one costs six times as much."""


class Applying:
    """Carries out the decisions of one run."""

    def __init__(self, joint: Joint, trees: Trees, run: RunId, counts: Counts) -> None:
        self._joint = joint
        self._store = joint.store
        self._run = run
        self._steps = Steps(joint)
        self._trees = trees
        self._outcomes = Outcomes(joint, trees, counts)

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
            for decision in decisions:
                self._outcomes.take_note(decision)
            steps = [step for decision in decisions for step in self._steps.of(decision)]
            self._intend(steps)
        self._send_all(steps)

    def carry_out(self, steps: list[Step]) -> None:
        """Do these steps, which no decision of a sync but a person asked for."""
        with self._store.transaction():
            self._intend(steps)
        self._send_all(steps)

    def _intend(self, steps: list[Step]) -> None:
        now = self._joint.clock()
        changes = self._store.intend([step.entry(self._run, now) for step in steps])
        for step, change in zip(steps, changes, strict=True):
            step.change = change

    def _send_all(self, steps: list[Step]) -> None:
        waiting = steps
        try:
            for side in Side:
                mine = [step for step in steps if step.action.side is side]
                waiting = [step for step in waiting if step.action.side is not side]
                self._send(side, mine)
        except BaseException:
            self._drop(waiting)
            raise

    def _send(self, side: Side, steps: list[Step]) -> None:
        end = self._joint.end(side)
        size = max(1, min(CHUNK, end.reader.capabilities.batch))
        for start in range(0, len(steps), size):
            batch = steps[start : start + size]
            for step, result in zip(batch, end.keeper().write([step.write for step in batch]), strict=True):
                step.result = result
            with self._store.transaction():
                trouble = self._outcomes.settle(batch)
            if trouble is not None:
                self._drop(steps[start + size :])
                raise trouble
            self._look_again()

    def _look_again(self) -> None:
        """Read the items that had moved on when we wrote to them, so that the next decision is about what is there."""
        while self._outcomes.stale:
            side, ref = self._outcomes.stale.pop()
            answer = self._joint.end(side).reader.read(ref)
            with self._store.transaction():
                self._trees.absorb(side, [answer])

    def _drop(self, steps: Sequence[Step]) -> None:
        with self._store.transaction():
            for step in steps:
                self._outcomes.drop(step)
