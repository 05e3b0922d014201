"""Writes that a person asked for, outside a sync's own runs: journaled like every other, so that they can be undone."""

from __future__ import annotations

from datetime import datetime

from soroe.ports.errors import PortError
from soroe.ports.store import RunId, RunKind, RunRecord

from .apply import Applying
from .counts import Counts, per_side
from .joint import Joint
from .steps import Step
from .trees import Trees


class CannotResolve(Exception):
    """What a person asked for cannot be done; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def carry_out(joint: Joint, steps: list[Step]) -> Counts:
    """Write the steps as a run of their own in History; raises the trouble of an account after noting it there."""
    started = joint.clock()
    run = joint.store.begin_run(RunKind.RESOLVE, started)
    try:
        return _carried_out(joint, steps, run, started)
    finally:  # also where the disk would not take the end of the run
        joint.store.leave_run(run)


def _carried_out(joint: Joint, steps: list[Step], run: RunId, started: datetime) -> Counts:
    counts = Counts()
    trouble: PortError | None = None
    try:
        Applying(joint, Trees(joint), run, counts).carry_out(steps)
    except PortError as error:
        trouble = error
    record = RunRecord(
        run, joint.route.name, RunKind.RESOLVE, started, joint.clock(), updated=per_side(counts.updated),
        deleted=per_side(counts.deleted), failed=counts.failed, trouble=type(trouble).__name__ if trouble else "",
    )  # fmt: skip # short values, several a line
    joint.store.finish_run(record)
    if trouble is not None:
        raise trouble
    return counts
