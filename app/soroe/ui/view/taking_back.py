"""How a choice about findings is taken back: by showing them again, or by undoing the run that carried it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingId
from soroe.core.route import SyncName
from soroe.engine.messages import Undo
from soroe.ports.reading import Reading
from soroe.ports.store import RunKind, RunRecord

RUNS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """A dismissed finding is shown again."""

    sync: SyncName
    finding: FindingId


Reversal = ShowAgain | Undo


def can_take_back(action: FindingAction) -> bool:
    """Whether Undo is offered after an action: it is where something was written, or only hidden."""
    match action:
        case (
            FindingAction.KEEP_ONE
            | FindingAction.MERGE
            | FindingAction.TAKE_CRM
            | FindingAction.TAKE_CALENDAR
            | FindingAction.ALLOW
            | FindingAction.DISMISS
        ):
            return True
        case (
            FindingAction.NOT_A_DUPLICATE
            | FindingAction.DROP
            | FindingAction.RETRY
            | FindingAction.RECONNECT
            | FindingAction.CHANGE_PRIVACY
            | FindingAction.SHOW_SETTING
        ):
            return False
        case _:
            assert_never(action)


def reversals(
    action: FindingAction, chosen: Sequence[tuple[SyncName, Finding]], since: datetime, reading: Reading
) -> tuple[Reversal, ...]:
    """What takes the choice back now; empty while the run that carries it out has not come yet.

    A run that changed other meetings too is not among them: it is undone in History, where all of it can be seen.
    """
    if action is FindingAction.DISMISS:
        return tuple(ShowAgain(sync, finding.id) for sync, finding in chosen)
    syncs = {sync for sync, _ in chosen}
    items = {each for _, finding in chosen for each in _items(finding)}
    runs = [run for run in reading.runs(0, RUNS_LOOKED_AT) if run.sync in syncs and run.started >= since]
    return tuple(Undo(run.sync, run.id) for run in runs if not run.undone and _is_of(action, run, items, reading))


def _is_of(action: FindingAction, run: RunRecord, items: set[tuple[Side, Ref]], reading: Reading) -> bool:
    if action in {FindingAction.KEEP_ONE, FindingAction.MERGE}:
        return run.kind is RunKind.RESOLVE
    changes = reading.changes(run.id)
    if run.kind is not RunKind.SYNC or not changes:
        return False
    if action is FindingAction.ALLOW:
        return True
    return all(
        (change.target is not None and (change.side, change.target) in items)
        or (change.source is not None and (change.side.other, change.source) in items)
        for change in changes
    )


def _items(finding: Finding) -> list[tuple[Side, Ref]]:
    own = ((Side.CRM, finding.crm), (Side.CALENDAR, finding.calendar))
    return [*finding.others, *((side, ref) for side, ref in own if ref is not None)]
