"""`Reading`: what the window and the commands show, read from the same file by a connection that cannot write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from soroe.core.event import ContainerId, Ref, Side
from soroe.core.finding import Finding
from soroe.core.route import SyncName
from soroe.ports.reading import BothSides, DayCount, DeletedItem, Filters, MeetingPage, SortKey
from soroe.ports.store import JournalEntry, RunId, RunRecord, SyncState

from .connection import Database, open_file
from .findings import STANDING, to_finding
from .journal import CHANGE_COLUMNS, to_entry
from .meetings import Meetings, Place
from .runs import RUN_COLUMNS, to_run
from .schema import check_version
from .small_values import from_text, to_micros
from .store import DatabaseSyncStore, fact, to_state
from .trees import SIDES, Trees, Words

_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)

_DELETED = f"""
SELECT {CHANGE_COLUMNS}, s.name FROM change AS c JOIN sync AS s ON s.id = c.sync
WHERE c.verb = 'delete' AND c.state = 'done' AND c.at >= ? AND c.before IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM change AS again WHERE again.tree = c.tree AND again.ref = c.ref
  AND again.state = 'done' AND again.verb = 'create' AND again.id > c.id)
AND NOT EXISTS (SELECT 1 FROM change AS again WHERE again.again_tree = c.tree AND again.again_ref = c.ref
  AND again.state = 'done' AND again.id > c.id)
ORDER BY c.at DESC, c.id DESC
"""  # noqa: S608 - constants, no input
_CHART = f"""
SELECT started / {_DAY},
  sum(created_crm + created_calendar + updated_crm + updated_calendar + deleted_crm + deleted_calendar + linked),
  sum(failed), sum(held)
FROM run WHERE started >= ? AND started < ? GROUP BY 1
"""  # noqa: S608 - a constant, no input


class DatabaseReading:
    """Read-only questions to the database; each takes a few milliseconds. Used from one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._words = Words(database)
        self._meetings = Meetings(database, self._words)

    def syncs(self) -> Sequence[tuple[SyncName, SyncState]]:
        """All syncs that have a state, in the order of their names."""
        rows = self._database.rows("SELECT id, state, name FROM sync WHERE state IS NOT NULL ORDER BY name")
        return [(SyncName(from_text(row[2])), to_state(row)) for row in rows]

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        """A page of the meetings. A linked one shows title, time, type and reason of its CRM item."""
        return self._meetings.page(self._places(), filters, sort, descending=descending, offset=offset, limit=limit)

    def both_sides(self, sync: SyncName, side: Side, ref: Ref) -> BothSides:
        """The two items of a meeting, asked by either one's ref."""
        kept = self._kept(sync)
        link = kept.link(side, ref)
        refs = {side: ref} if link is None else {Side.CRM: link.crm, Side.CALENDAR: link.calendar}
        items = {each: kept.last_seen(each, refs[each]) for each in refs}
        why = kept.why(side, ref)
        if why is None and link is not None:
            why = kept.why(side.other, link.ref(side.other))
        return BothSides(items.get(Side.CRM), items.get(Side.CALENDAR), link, why)

    def findings(self, sync: SyncName | None = None) -> Sequence[tuple[SyncName, Finding]]:
        """All findings that were not dismissed, ordered by kind and id."""
        names = self._sync_names()
        rows = self._database.rows(f"{STANDING} ORDER BY f.kind, f.code, f.sync")
        found = ((names[row[2]], row) for row in rows)
        return [(name, to_finding(row)) for name, row in found if sync is None or name == sync]

    def runs(self, offset: int, limit: int) -> Sequence[RunRecord]:
        """The newest runs of all syncs, newest first."""
        names = self._sync_names()
        rows = self._database.rows(
            f"SELECT {RUN_COLUMNS}, r.sync FROM run AS r ORDER BY r.id DESC LIMIT ? OFFSET ?",  # noqa: S608 - constants
            (limit, offset),
        )
        return [to_run(row[:-1], names[row[-1]]) for row in rows]

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        """The changes of a run, in the order they were made."""
        row = self._database.row("SELECT s.name FROM run AS r JOIN sync AS s ON s.id = r.sync WHERE r.id = ?", (run,))
        return [] if row is None else self._kept(SyncName(from_text(row[0]))).changes(run)

    def deleted_items(self, since: datetime) -> Sequence[DeletedItem]:
        """What was deleted by us since then and not restored, newest first."""
        trees: dict[str, Trees] = {}
        found = []
        for row in self._database.rows(_DELETED, (to_micros(since),)):
            name = from_text(row[-1])
            known = trees.setdefault(name, Trees(self._database, SyncName(name)))
            change = to_entry(row[:-1], known)
            if change.before is not None:
                found.append(DeletedItem(known.name, change, change.before))
        return found

    def chart(self, days: int, today: str) -> Sequence[DayCount]:
        """Counts for the last days up to `today` (ISO date, UTC), oldest first, a row for every day."""
        last = (date.fromisoformat(today) - _EPOCH).days
        first = last - days + 1
        rows = self._database.rows(_CHART, (first * _DAY, (last + 1) * _DAY))
        counts = {day: (synced, failed, held) for day, synced, failed, held in rows}
        return [
            DayCount((_EPOCH + timedelta(days=day)).isoformat(), *counts.get(day, (0, 0, 0)))
            for day in range(first, last + 1)
        ]

    def fact(self, key: str) -> str | None:
        """A small fact (see `Store.fact`)."""
        return fact(self._database, key)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _kept(self, sync: SyncName) -> DatabaseSyncStore:
        return DatabaseSyncStore(self._database, Trees(self._database, sync), self._words)

    def _sync_names(self) -> dict[int, SyncName]:
        return {sync: SyncName(from_text(name)) for sync, name in self._database.rows("SELECT id, name FROM sync")}

    def _places(self) -> dict[int, Place]:
        rows = self._database.rows(
            "SELECT t.id, s.name, t.side, t.container FROM tree AS t JOIN sync AS s ON s.id = t.sync"
        )
        return {
            tree: Place(SyncName(from_text(name)), SIDES[side], ContainerId(from_text(container)))
            for tree, name, side, container in rows
        }


def open_reading(path: Path, key: bytes) -> DatabaseReading:
    """Open the user's database for reading only, also from the GUI thread, while others write.

    Raises `LocalTrouble`: `database_missing` or `database_older` until a store was opened on it, and what `open_store`
    raises for a wrong key, damage, or a file of a later program.
    """
    database = open_file(path, key, read_only=True)
    try:
        check_version(database)
    except BaseException:
        database.close()
        raise
    return DatabaseReading(database)
