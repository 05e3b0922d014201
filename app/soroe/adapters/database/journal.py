"""The journal: every change with what stood there before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from soroe.core.event import EventContent, Ref, Side, Version
from soroe.core.plan import Verb, Why
from soroe.ports.store import ChangeId, ChangeState, Done, JournalEntry, RunId

from .connection import Row
from .content_codec import (
    from_content,
    from_occurrence,
    from_particulars,
    from_ref,
    to_content,
    to_occurrence,
    to_particulars,
    to_ref,
)
from .runs import RunRows
from .small_values import dump, from_micros, load, padded, to_micros, to_text, to_texts, trimmed
from .trees import CALENDAR, CRM, SIDES, Trees, decoded

CHANGE_COLUMNS = "c.id, c.run, c.at, c.verb, c.side, c.state, c.tree, c.ref, c.before, c.after, c.error, c.more"
_INTEND = """
INSERT INTO change
  (id, run, sync, at, verb, side, state, tree, ref, again_tree, again_ref, before, after, error, more)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'change'"
_CONCLUDE = """
UPDATE change SET state = 'done', after = coalesce(?, after), tree = ?, ref = ? WHERE id = ? AND sync = ?
"""
# Of the newest changes but one, nothing is read but their places in the index by item.
_CHANGED_SO_OFTEN = """
SELECT (SELECT at FROM change WHERE tree = ? AND ref = ? AND state = 'done' ORDER BY id DESC LIMIT 1 OFFSET ?) >= ?
"""
_REWRITES = "SELECT count(*) FROM change WHERE tree = ? AND ref = ? AND state = 'done' AND verb = 'update' AND at >= ?"
_MADE_ANEW = """
SELECT 1 FROM change AS c JOIN change AS again ON again.again_tree = c.tree AND again.again_ref = c.ref
WHERE c.id = ? AND c.sync = ? AND again.id > c.id AND again.state = 'done'
  AND (again.tree, again.ref) <> (c.tree, c.ref)
"""


class JournalRows(RunRows):
    """The changes of the sync, run by run."""

    def intend(self, entries: Sequence[JournalEntry]) -> Sequence[ChangeId]:
        """Write down what is about to be done, before it is done."""
        if not entries:
            return []
        if self._memory.beginning is not None:
            self._memory.beginning.has_open_changes = True
        with self._database.whole():
            sync = self._trees.make_sync()
            self._write_runs(sync, {entry.run for entry in entries})
            newest = self._database.row(_NEWEST)
            first = newest[0] + 1 if newest else 1
            # Numbered here: a statement that returns what it has inserted takes twice as long.
            numbered = enumerate(entries, first)
            self._database.run_each(_INTEND, [(number, *self._change_row(sync, entry)) for number, entry in numbered])
        return [ChangeId(number) for number in range(first, first + len(entries))]

    def conclude(
        self,
        change: ChangeId,
        state: ChangeState,
        *,
        target: Ref | None = None,
        after: EventContent | None = None,
        error: str = "",
    ) -> None:
        """Write down what became of it; without `target` or `after`, what was intended stays."""
        with self._database.whole():
            self._database.run(
                "UPDATE change SET state = ?, after = coalesce(?, after), error = ? WHERE id = ? AND sync = ?",
                (state.value, None if after is None else to_content(after), error, change, self._trees.sync()),
            )
            if target is not None:
                row = self._database.row("SELECT side FROM change WHERE id = ?", (change,))
                place = self._split(SIDES[row[0]], target) if row else (None, None)
                self._database.run(
                    "UPDATE change SET tree = ?, ref = ? WHERE id = ? AND sync = ?",
                    (*place, change, self._trees.sync()),
                )

    def conclude_all(self, done: Sequence[Done]) -> None:
        """Write down that many changes were carried out."""
        with self._database.whole():
            trees = {
                side: self._trees.make_all(side, [one.target for one in done if one.side is side]) for side in SIDES
            }
            crm, calendar = trees[Side.CRM], trees[Side.CALENDAR]
            sync = self._trees.sync()
            self._database.run_each(
                _CONCLUDE,
                [
                    (
                        None if one.after is None else to_content(one.after),
                        (crm if one.side is Side.CRM else calendar)[one.target.container],
                        ref,
                        one.change,
                        sync,
                    )
                    for one, ref in zip(done, to_texts([one.target.id for one in done]), strict=True)
                ],
            )

    def open_changes(self) -> Sequence[JournalEntry]:
        """Changes that were intended and never concluded: a crash stood in between."""
        if self._memory.beginning is not None and not self._memory.beginning.has_open_changes:
            return []
        return self._entries("WHERE c.sync = ? AND c.state = 'intended' ORDER BY c.id", (self._trees.sync(),))

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        """The changes of a run, in the order they were made."""
        return self._entries("WHERE c.run = ? AND c.sync = ? ORDER BY c.id", (run, self._trees.sync()))

    def last_change_of(self, side: Side, ref: Ref, verb: Verb | None = None) -> JournalEntry | None:
        """The newest change of an item that was really made (`ChangeState.DONE`)."""
        place = (self._trees.find(side, ref.container), to_text(ref.id))
        which, wanted = ("AND c.verb = ? ", (verb.value,)) if verb else ("", ())
        found = self._entries(
            f"WHERE c.tree = ? AND c.ref = ? AND c.state = 'done' {which}ORDER BY c.id DESC LIMIT 1", (*place, *wanted)
        )
        return found[0] if found else None

    def was_made_anew(self, change: ChangeId) -> bool:
        """Whether another item was made since in the stead of the one that this change deleted."""
        return self._database.row(_MADE_ANEW, (change, self._trees.sync())) is not None

    def rewrites(self, side: Side, refs: Sequence[Ref], since: datetime) -> Sequence[int]:
        """How often we updated each of these items since then."""
        if not refs:
            return []
        find, at = self._trees.find, to_micros(since)
        rows = [(find(side, ref.container), to_text(ref.id), at) for ref in refs]
        return [row[0] for row in self._database.rows_of_each(_REWRITES, rows)]

    def may_have_rewritten(self, side: Side, refs: Sequence[Ref], times: int, since: datetime) -> Sequence[bool]:
        """Whether we may have updated each of these items so many times since then; False is sure.

        It takes no longer for an item with a long history, as `rewrites` does.
        """
        if not refs:
            return []
        find, at = self._trees.find, to_micros(since)
        rows = [(find(side, ref.container), to_text(ref.id), times - 1, at) for ref in refs]
        return [bool(row[0]) for row in self._database.rows_of_each(_CHANGED_SO_OFTEN, rows)]

    def prune(self, before: datetime) -> None:
        """Drop runs and changes that finished before then; a run with a change still open stays."""
        with self._database.whole():
            old = self._database.rows(
                "SELECT id FROM run WHERE sync = ?1 AND finished < ?2 "
                "AND id NOT IN (SELECT run FROM change WHERE sync = ?1 AND state = 'intended')",
                (self._trees.sync(), to_micros(before)),
            )
            self._database.run_each("DELETE FROM change WHERE run = ?", old)
            self._database.run_each("DELETE FROM run WHERE id = ?", old)

    def _change_row(self, sync: int, entry: JournalEntry) -> Row:
        place = (None, None) if entry.target is None else self._split(entry.side, entry.target)
        before = None if entry.before is None else to_content(entry.before)  # of a stamp, also what is there after it
        return (
            entry.run,
            sync,
            to_micros(entry.at),
            entry.verb,
            CRM if entry.side is Side.CRM else CALENDAR,
            entry.state,
            *place,
            *(place if entry.verb is Verb.CREATE else (None, None)),
            before,
            before if entry.after is entry.before else None if entry.after is None else to_content(entry.after),
            entry.error,
            _to_more(entry),
        )

    def _entries(self, which: str, values: Sequence[object]) -> Sequence[JournalEntry]:
        rows = self._database.rows(f"SELECT {CHANGE_COLUMNS} FROM change AS c {which}", values)  # noqa: S608 - constants
        return [to_entry(row, self._trees) for row in rows]


def _to_more(entry: JournalEntry) -> bytes:
    kind, occurrence, origin, particulars = entry.activity_type, entry.occurrence, entry.origin, entry.particulars
    values = [
        entry.why,
        0 if entry.source is None else to_ref(entry.source),
        0 if entry.before_version is None else entry.before_version,
        entry.fields or 0,
        entry.seed or 0,
        0 if entry.stamp is None else entry.stamp,
    ]
    if kind is not None or occurrence is not None or origin is not None or particulars is not None:
        values += (
            0 if kind is None else kind,
            0 if occurrence is None else to_occurrence(occurrence),
            0 if origin is None else origin,
            0 if particulars is None else to_particulars(particulars),
        )
    return dump(trimmed(values))


def to_entry(row: Row, trees: Trees) -> JournalEntry:
    """The journal entry of a row of `CHANGE_COLUMNS`."""
    return decoded("change", row, lambda values: _entry(values, trees))


def _entry(row: Row, trees: Trees) -> JournalEntry:
    change, run, at, verb, side, state, tree, ref, before, after, error, more = row
    why, source, version, fields, seed, stamp, activity_type, occurrence, origin, held = padded(load(more), 10)
    return JournalEntry(
        run=RunId(run),
        at=from_micros(at),
        verb=Verb(verb),
        side=SIDES[side],
        why=Why(why),
        source=from_ref(source),
        target=None if tree is None else trees.ref(tree, ref),
        before=None if before is None else from_content(before),
        after=None if after is None else from_content(after),
        before_version=None if version == 0 else Version(version),
        fields=tuple(fields or ()),
        seed=seed or "",
        stamp=None if stamp == 0 else stamp,
        activity_type=None if activity_type == 0 else activity_type,
        occurrence=from_occurrence(occurrence),
        origin=None if origin == 0 else Side(origin),
        particulars=None if held == 0 else from_particulars(held),
        state=ChangeState(state),
        error=error,
        id=ChangeId(change),
    )
