"""How a choice about findings is taken back: by showing them again, or by undoing the run that carried it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingId
from soroe.core.route import SyncName
from soroe.engine.messages import TakeBack, Undo
from soroe.ports.reading import Reading
from soroe.ports.store import RunKind, RunRecord

RUNS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """A dismissed finding is shown again."""

    sync: SyncName
    finding: FindingId


Reversal = ShowAgain | TakeBack | Undo


def can_take_back(action: FindingAction) -> bool:
    """Whether Undo is offered after an action: it is where something was written, decided, or only hidden.

    Dropping a held run puts back what had disappeared; that is answered again when it is found to be gone again.
    """
    match action:
        case (
            FindingAction.KEEP_ONE
            | FindingAction.MERGE
            | FindingAction.TAKE_CRM
            | FindingAction.TAKE_CALENDAR
            | FindingAction.ALLOW
            | FindingAction.DISMISS
            | FindingAction.NOT_A_DUPLICATE
            | FindingAction.RETRY
        ):
            return True
        case FindingAction.DROP | FindingAction.RECONNECT | FindingAction.CHANGE_PRIVACY | FindingAction.SHOW_SETTING:
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
    undone = tuple(Undo(run.sync, run.id) for run in runs if not run.undone and _is_of(action, run, items, reading))
    if action is FindingAction.NOT_A_DUPLICATE:  # the copies that it led to go first, then the question comes back
        return (*undone, *(TakeBack(sync, tuple(_items(finding))) for sync, finding in chosen))
    return undone


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
