"""The page History: runs, each change with before and after, and what can be restored."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.event import Field
from soroe.core.route import SyncName
from soroe.ports.reading import DeletedItem
from soroe.ports.store import ChangeId, ChangeState, JournalEntry, RunId, RunRecord
from soroe.ui.texts import (
    FieldPair,
    change_state,
    code_words,
    run_kind,
    run_report,
    side_by_side,
    side_name,
    times,
    title_words,
    verb_words,
    why_sentence,
)

from .today import Tone
from .told import Told


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list."""

    id: RunId
    sync: SyncName
    when: str
    kind: str
    report: str
    tone: Tone
    can_undo: bool


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """One change: what, where, to which meeting, why, and its fields before and after."""

    what: str
    title: str
    why: str
    fields: tuple[FieldPair, ...]
    trouble: str


@dataclass(frozen=True, slots=True)
class DeletedLine:
    """Something that can be restored."""

    sync: SyncName
    change: ChangeId
    title: str
    when: str
    deleted: str
    why: str


def run_line(run: RunRecord, told: Told) -> RunLine:
    """One run as words."""
    changed = any(map(any, (run.created, run.updated, run.deleted)))
    if run.undone:
        tone, report = Tone.CALM, told.texts("run.undone")
    else:
        tone = Tone.BAD if run.failed or run.trouble else Tone.WARN if run.conflicts or run.held else Tone.GOOD
        report = run_report(told.texts, run) if run.finished else told.texts("run.under_way")
    can_undo = changed and not run.undone and run.finished is not None
    return RunLine(run.id, run.sync, told.moment(run.started), run_kind(told.texts, run.kind), report, tone, can_undo)


def change_card(change: JournalEntry, told: Told) -> ChangeCard:
    """One change with its fields before and after; of an update only the fields that changed."""
    texts = told.texts
    shown = change.after or change.before
    pairs = side_by_side(texts, change.before, change.after, told.now, told.zone)
    if change.before and change.after:
        pairs = tuple(pair for pair in pairs if pair.differs or pair.field.value in change.fields)
    else:
        pairs = tuple(pair for pair in pairs if pair.field is not Field.TITLE)
    trouble = ""
    if change.state is not ChangeState.DONE:
        code = code_words(texts, change.error)
        trouble = f"{change_state(texts, change.state)}{f': {code}' if code else ''}"
    return ChangeCard(
        verb_words(texts, change.verb, change.side),
        title_words(texts, shown.title) if shown else "",
        why_sentence(texts, change.why),
        pairs,
        trouble,
    )


def deleted_line(item: DeletedItem, told: Told) -> DeletedLine:
    """One deleted item as words."""
    texts, change = told.texts, item.change
    return DeletedLine(
        item.sync,
        change.id,
        title_words(texts, item.content.title),
        times.when(texts, item.content.when, told.now, told.zone),
        texts("history.deleted.on", moment=told.moment(change.at), side=side_name(texts, change.side)),
        why_sentence(texts, change.why),
    )
