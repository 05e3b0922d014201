"""The runs of a sync, as History tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from soroe.core.route import SyncName
from soroe.ports.store import RunId, RunKind, RunRecord

from .beginning import read_beginning
from .connection import Database, Row
from .rows import SyncRows
from .small_values import from_micros, to_micros
from .trees import Trees, Words, decoded

RUN_COLUMNS = (
    "r.id, r.kind, r.started, r.finished, r.created_crm, r.created_calendar, r.updated_crm, r.updated_calendar, "
    "r.deleted_crm, r.deleted_calendar, r.linked, r.conflicts, r.failed, r.held, r.requests, r.seconds, r.trouble, "
    "r.undone"
)
_BEGIN = "INSERT INTO run (sync, kind, started) VALUES (?, ?, ?)"
_WRITE = "INSERT INTO run (id, sync, kind, started) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
# Kind and start stand as the run began: the index by day is written to wherever a statement names the start.
_FINISH = """
UPDATE run SET finished = ?, created_crm = ?, created_calendar = ?, updated_crm = ?,
  updated_calendar = ?, deleted_crm = ?, deleted_calendar = ?, linked = ?, conflicts = ?, failed = ?, held = ?,
  requests = ?, seconds = ?, trouble = ?, undone = ? WHERE id = ? AND sync = ?
"""


class UnwrittenRuns:
    """Runs that have begun and that nothing was written of.

    Nearly every run does nothing, and a row that is made and dropped is more to write than all else of such a run. So
    the number of a run that did nothing is taken again for the next one, which is on disk as soon as it does anything.
    """

    def __init__(self, database: Database) -> None:
        self.begun: dict[RunId, tuple[RunKind, datetime]] = {}
        self.written: set[RunId] = set()
        self._free: RunId | None = None
        database.tell_of_rollbacks(self)

    def forget(self) -> None:
        """A number may have been given back, and a row be gone: take none again, and write it anew."""
        self._free = None
        self.written.clear()

    def take(self, newest: RunId) -> RunId | None:
        """A number that no run has, higher than that of the newest run."""
        free, self._free = self._free, None
        return free if free is not None and free > newest else None

    def give_back(self, run: RunId) -> None:
        """Nothing is on disk of this run, and nobody else can have its number."""
        self._free = run


class RunRows(SyncRows):
    """The runs of the sync."""

    def __init__(self, database: Database, trees: Trees, words: Words) -> None:
        super().__init__(database, trees, words)
        self._unwritten = UnwrittenRuns(database)
        self._changing: set[RunId] = set()

    def begin_run(self, kind: RunKind, at: datetime) -> RunId:
        """Open a run."""
        sync = self._trees.make_sync()
        beginning = read_beginning(self._database, sync)
        run = self._unwritten.take(beginning.newest_run)
        if run is None:
            run = RunId(self._database.insert(_BEGIN, (sync, kind.value, to_micros(at))))
        else:
            self._unwritten.begun[run] = kind, at
        self._trees.hold(beginning.trees)
        self._memory.begin(beginning)
        return run

    def _write_runs(self, sync: int, runs: Iterable[RunId]) -> None:
        """See to it that these runs are on disk, for something is being written of them."""
        for run in runs:
            self._changing.add(run)
            if run in self._unwritten.begun and run not in self._unwritten.written:
                kind, at = self._unwritten.begun[run]
                self._database.run(_WRITE, (run, sync, kind.value, to_micros(at)))
                self._unwritten.written.add(run)

    def finish_run(self, record: RunRecord) -> None:
        """Close a run with its counts; a run that did nothing and met nothing is dropped from History."""
        self._forget_run()
        sync = self._trees.make_sync()
        if record.is_news or (record.id in self._changing and self._has_changes(record.id)):
            with self._database.whole():
                self._write_runs(sync, [record.id])
                self._database.run(_FINISH, _finished(record, sync))
        else:
            if record.id not in self._unwritten.begun or record.id in self._changing:
                self._database.run("DELETE FROM run WHERE id = ? AND sync = ?", (record.id, sync))
            self._unwritten.give_back(record.id)
        self.leave_run(record.id)

    def leave_run(self, run: RunId) -> None:
        """A run is over, also where its end could not be written: nothing is answered from what it saw any more."""
        self._forget_run()
        self._unwritten.begun.pop(run, None)
        self._unwritten.written.discard(run)
        self._changing.discard(run)

    def _forget_run(self) -> None:
        """From now on others may write to this sync, too."""
        self._memory.end()
        self._trees.release()

    def run(self, run: RunId) -> RunRecord | None:
        """One run."""
        found = self._runs("WHERE r.id = ? AND r.sync = ?", (run, self._trees.sync()))
        return found[0] if found else None

    def runs(self, limit: int) -> Sequence[RunRecord]:
        """The newest runs, newest first."""
        return self._runs("WHERE r.sync = ? ORDER BY r.id DESC LIMIT ?", (self._trees.sync(), limit))

    def mark_undone(self, run: RunId) -> None:
        """Remember that a run was taken back."""
        self._database.run("UPDATE run SET undone = 1 WHERE id = ? AND sync = ?", (run, self._trees.sync()))

    def _has_changes(self, run: RunId) -> bool:
        return self._database.row("SELECT 1 FROM change WHERE run = ? LIMIT 1", (run,)) is not None

    def _runs(self, which: str, values: Sequence[object]) -> Sequence[RunRecord]:
        rows = self._database.rows(f"SELECT {RUN_COLUMNS} FROM run AS r {which}", values)  # noqa: S608 - constants
        return [to_run(row, self._trees.name) for row in rows]


def _finished(record: RunRecord, sync: int) -> Row:
    return (
        None if record.finished is None else to_micros(record.finished),
        *record.created,
        *record.updated,
        *record.deleted,
        record.linked,
        record.conflicts,
        record.failed,
        record.held,
        record.requests,
        record.seconds,
        record.trouble,
        record.undone,
        record.id,
        sync,
    )


def to_run(row: Row, sync: SyncName) -> RunRecord:
    """The run of a row of `RUN_COLUMNS`."""
    return decoded("run", row, lambda values: _run(values, sync))


def _run(row: Row, sync: SyncName) -> RunRecord:
    number, kind, started, finished, *counts, linked, conflicts, failed, held, requests, seconds, trouble, undone = row
    created_crm, created_calendar, updated_crm, updated_calendar, deleted_crm, deleted_calendar = counts
    return RunRecord(
        id=RunId(number),
        sync=sync,
        kind=RunKind(kind),
        started=from_micros(started),
        finished=None if finished is None else from_micros(finished),
        created=(created_crm, created_calendar),
        updated=(updated_crm, updated_calendar),
        deleted=(deleted_crm, deleted_calendar),
        linked=linked,
        conflicts=conflicts,
        failed=failed,
        held=held,
        requests=requests,
        seconds=seconds,
        trouble=trouble,
        undone=bool(undone),
    )
