"""Take a run back, or bring one deleted item back: from the journal, on both sides (S-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from soroe.core.event import EventContent, Field, ObservedItem, Ref, Unreadable
from soroe.core.joined import merged
from soroe.core.plan import Action, Verb, Why, about_one
from soroe.core.stamp import token
from soroe.ports.errors import PortError
from soroe.ports.remote import Create, Delete, Erased, Restore, Update, Write, Written
from soroe.ports.store import ChangeId, ChangeState, JournalEntry, RunId, RunKind, RunRecord

from .apply import Applying
from .counts import Counts, per_side
from .joint import Joint
from .recover import recover
from .resting import to_rest
from .seen import moved_since
from .steps import Step
from .taken_back import agree_to_differ
from .trees import Trees


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What was taken back; `skipped` are changes whose items were changed since, which are left alone."""

    record: RunRecord
    skipped: tuple[JournalEntry, ...]
    trouble: PortError | None = None


def undo(joint: Joint, run: RunId) -> UndoResult:
    """Take back every change of a run that nobody has touched since, the newest first.

    What the run made is deleted, what it rewrote gets its former values, what it deleted is restored. The items then
    stand as they did before; a change that somebody makes later is synced as always.
    """
    done = [change for change in joint.store.changes(run) if change.state is ChangeState.DONE and not change.is_mark]
    result = _take_back(joint, list(reversed(done)))
    if result.trouble is None:
        joint.store.mark_undone(run)
    return result


def restore(joint: Joint, change: ChangeId) -> UndoResult:
    """Bring back one item that we deleted. Raises `LookupError` for a change that deleted nothing."""
    for record in joint.store.runs(10_000):
        for entry in joint.store.changes(record.id):
            if entry.id == change and entry.verb is Verb.DELETE and entry.state is ChangeState.DONE:
                return _take_back(joint, [entry])
    raise LookupError(f"change {change} deleted nothing")


def _take_back(joint: Joint, changes: Sequence[JournalEntry]) -> UndoResult:
    joint = joint.today()
    started = joint.clock()
    run = joint.store.begin_run(RunKind.UNDO, started)
    try:
        return _taken_back(joint, changes, run, started)
    finally:  # also where the disk would not take the end of the run
        joint.store.leave_run(run)


def _taken_back(joint: Joint, changes: Sequence[JournalEntry], run: RunId, started: datetime) -> UndoResult:
    counts, trees = Counts(), Trees(joint)
    applying = Applying(joint, trees, run, counts, also=lambda step: _stays_so(joint, step))
    skipped: list[JournalEntry] = []
    trouble: PortError | None = None
    try:
        if joint.store.open_changes():
            recover(joint, trees)  # an earlier try may have done more than it heard of
        for change in changes:
            step = _step(joint, trees, change, run)
            if step is None or not _lets_rest(joint, applying, change):
                skipped.append(change)
                continue
            applying.carry_out([step])
            if not isinstance(step.result, Written | Erased):  # somebody changed it just then, or its service refuses
                skipped.append(change)
    except PortError as error:
        trouble = error
    record = RunRecord(
        run, joint.route.name, RunKind.UNDO, started, joint.clock(),
        per_side(counts.created), per_side(counts.updated), per_side(counts.deleted), failed=counts.failed,
        trouble=type(trouble).__name__ if trouble else "",
    )  # fmt: skip # short values, several a line
    joint.store.finish_run(record)
    return UndoResult(record, tuple(skipped), trouble)


def _stays_so(joint: Joint, step: Step) -> None:
    action = step.action
    if isinstance(step.result, Written | Erased):
        fields = tuple(name.value for name in action.fields)
        agree_to_differ(joint, action.verb, action.side, action.why, action.source, action.target, fields)


def _lets_rest(joint: Joint, applying: Applying, change: JournalEntry) -> bool:
    """Tell other laptops, where that is possible, that a twin is taken back; False where its source moved on just then.

    To them, its end would look like any other, and end its source.
    """
    if change.verb is not Verb.CREATE or change.source is None:
        return True
    rest = to_rest(joint, change.side.other, change.source)
    if rest is None:
        return True
    applying.carry_out([rest])
    return isinstance(rest.result, Written)


def _step(joint: Joint, trees: Trees, change: JournalEntry, run: RunId) -> Step | None:
    """The write that takes a change back; None when the item is no longer as the change left it, or nobody can tell."""
    if change.target is None or joint.end(change.side).writer is None:
        return None
    answer = joint.ask(change.side).read(change.target)
    with joint.store.transaction():
        trees.absorb(change.side, [answer])
    if isinstance(answer, Unreadable):
        return None
    now = answer if isinstance(answer, ObservedItem) else None
    match change.verb:
        case Verb.CREATE if now is not None and _untouched(change, now, tuple(Field)):
            write: Write = Delete(now.ref, now.version, now.occurrence)
            action = Action(Verb.DELETE, change.side, Why.UNDONE, change.source, now.ref, now.content)
            return Step(about_one(change.side, now.ref), action, write, now.content)
        case Verb.UPDATE if now is not None and change.before is not None:
            return _former_values(change, now, change.before)
        case Verb.DELETE if now is None and change.before is not None and not joint.store.was_made_anew(change.id):
            return _brought_back(joint, change, change.target, change.before, run)
        case _:
            return None


def _former_values(change: JournalEntry, now: ObservedItem, before: EventContent) -> Step | None:
    fields = tuple(Field(name) for name in change.fields)
    if not fields or not _untouched(change, now, fields):
        return None
    content = merged(now.content, before, fields)
    action = Action(Verb.UPDATE, change.side, Why.UNDONE, None, now.ref, content, fields, now.version)
    held = change.particulars if Field.LOCATION in fields else None
    write = Update(now.ref, now.version, content, fields, occurrence=now.occurrence, particulars=held)
    return Step(about_one(change.side, now.ref), action, write, now.content, now.particulars if held else None)


def _brought_back(joint: Joint, change: JournalEntry, target: Ref, content: EventContent, run: RunId) -> Step:
    seed = token(f"{joint.route.key}/{run}/{target.container}/{target.id}/{joint.clock().isoformat()}", 20)
    action = Action(Verb.CREATE, change.side, Why.RESTORED, None, target, content, activity_type=change.activity_type)
    write: Write
    if joint.end(change.side).reader.capabilities.restore and change.occurrence is None:
        write = Restore(target, content, seed, None, change.activity_type, change.particulars)
    else:
        write = Create(target.container, content, seed, None, change.activity_type, particulars=change.particulars)
    return Step(about_one(change.side, target), action, write, None)


def _untouched(change: JournalEntry, now: ObservedItem, fields: tuple[Field, ...]) -> bool:
    return change.after is not None and moved_since(change.after, now.content).isdisjoint(fields)
