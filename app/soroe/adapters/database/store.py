"""The database of one user: `Store` and `SyncStore` on the encrypted file."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from soroe.core.event import ContainerId, Side
from soroe.core.route import SyncName
from soroe.ports.remote import Cursor
from soroe.ports.store import SyncState, SyncStatus

from .connection import Database, Row, open_file, open_in_memory
from .errors import DamagedRow
from .findings import FindingRows
from .journal import JournalRows
from .schema import migrate
from .series import SeriesRows
from .small_values import BROKEN, dump, from_instant, from_text, load, padded, to_instant, to_text, trimmed
from .trees import Trees, Words
from .waiting import WaitingRows

_OF_TREES = "tree IN (SELECT id FROM tree WHERE sync = ?)"
_DROP_LINKS = "DELETE FROM link WHERE sync = ?"
_DROP_ITEMS = f"DELETE FROM item WHERE {_OF_TREES}"  # noqa: S608 - a constant
_DROP_PARTS = f"DELETE FROM series_part WHERE series IN (SELECT id FROM series WHERE {_OF_TREES})"  # noqa: S608 - a constant
_DROP_SERIES = f"DELETE FROM series WHERE {_OF_TREES}"  # noqa: S608 - a constant
_DROP_FINDINGS = "DELETE FROM finding WHERE sync = ?"
_DROP_CURSORS = "UPDATE tree SET cursor = NULL WHERE sync = ?"
_WIPE = (
    "UPDATE sync SET links = 0 WHERE id = ?",
    _DROP_LINKS,
    _DROP_ITEMS,
    _DROP_PARTS,
    _DROP_SERIES,
    _DROP_FINDINGS,
    _DROP_CURSORS,
)
_REMOVE = (
    *_WIPE,
    f"DELETE FROM choice WHERE {_OF_TREES}",  # noqa: S608 - a constant
    "DELETE FROM dismissal WHERE sync = ?",
    "DELETE FROM change WHERE sync = ?",
    "DELETE FROM run WHERE sync = ?",
    "DELETE FROM tree WHERE sync = ?",
    "DELETE FROM sync WHERE id = ?",
)


class DatabaseSyncStore(WaitingRows, SeriesRows, JournalRows, FindingRows):
    """All that is kept for one sync. Used from one thread at a time."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing of what happens inside is on disk afterwards; may be nested."""
        return self._database.transaction()

    def gathering(self) -> AbstractContextManager[None]:
        """Transactions inside come on disk together: at the next `save`, or at the end."""
        return self._database.gathering()

    def save(self) -> None:
        """Put on disk what was gathered."""
        if self._database.is_in_transaction:
            raise AssertionError("a service is asked in the middle of a transaction")
        self._database.save()

    def state(self) -> SyncState:
        """Where this sync stands; the default state when it was never saved."""
        row = self._database.row("SELECT id, state FROM sync WHERE id = ?", (self._trees.sync(),))
        return SyncState() if row is None or row[1] is None else to_state(row)

    def save_state(self, state: SyncState) -> None:
        """Keep the state."""
        with self._database.whole():
            self._database.run("UPDATE sync SET state = ? WHERE id = ?", (_from_state(state), self._trees.make_sync()))

    def cursor(self, side: Side, container: ContainerId) -> Cursor | None:
        """Where the next reading goes on."""
        tree = self._trees.find(side, container)
        if self._memory.beginning is not None and tree in self._memory.beginning.cursors:
            return self._memory.beginning.cursors[tree]
        row = self._database.row("SELECT cursor FROM tree WHERE id = ?", (tree,))
        return None if row is None or row[0] is None else Cursor(from_text(row[0]))

    def set_cursor(self, side: Side, container: ContainerId, cursor: Cursor | None) -> None:
        """Keep, or with None drop, the cursor."""
        with self._database.whole():
            tree = self._trees.make(side, container)
            stored = None if cursor is None else to_text(cursor)
            self._database.run("UPDATE tree SET cursor = ? WHERE id = ?", (stored, tree))
        if self._memory.beginning is not None:
            self._memory.beginning.cursors[tree] = cursor

    def wipe(self) -> None:
        """Drop trees, links, cursors and findings of this sync; choices, dismissals and History stay (PD-5)."""
        _drop(self._database, _WIPE, self._trees.sync())
        self._memory.forget()


class DatabaseStore:
    """The database of one user. Used from one thread at a time; each thread opens its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._words = Words(database)
        self._syncs: dict[SyncName, DatabaseSyncStore] = {}

    def sync(self, name: SyncName) -> DatabaseSyncStore:
        """What is kept for one sync."""
        if name not in self._syncs:
            self._syncs[name] = DatabaseSyncStore(self._database, Trees(self._database, name), self._words)
        return self._syncs[name]

    def fact(self, key: str) -> str | None:
        """A small fact about an account or the program (an account's identity, its health), by key."""
        return fact(self._database, key)

    def set_fact(self, key: str, value: str | None) -> None:
        """Keep, or with None drop, a fact."""
        if value is None:
            self._database.run("DELETE FROM fact WHERE key = ?", (to_text(key),))
            return
        self._database.run(
            "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (to_text(key), to_text(value)),
        )

    def remove_sync(self, name: SyncName) -> None:
        """Drop everything kept for a sync; nobody may be working on it."""
        trees = Trees(self._database, name)
        _drop(self._database, _REMOVE, trees.sync())
        self._syncs.pop(name, None)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def open_store(path: Path | None, key: bytes) -> DatabaseStore:
    """Open the user's database, making it where there is none; without a path, one in memory.

    The key has 32 bytes. Raises `LocalTrouble` with the codes of `errors`: `database_key_wrong` and `database_damaged`
    (then `set_aside` the file and open a new one), `database_newer` (a later version of the program wrote it),
    `database_busy`, `database_unreachable`, `database_read_only`, `disk_full`, `disk_trouble`.
    """
    database = open_in_memory() if path is None else open_file(path, key)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return DatabaseStore(database)


def fact(database: Database, key: str) -> str | None:
    """A small fact, by key."""
    row = database.row("SELECT value FROM fact WHERE key = ?", (to_text(key),))
    return from_text(row[0]) if row else None


def to_state(row: Row) -> SyncState:
    """The state in the second column of a row."""
    try:
        return _state(row[1])
    except BROKEN as error:
        raise DamagedRow("sync", row[0]) from error


@lru_cache(maxsize=16)
def _state(body: bytes) -> SyncState:
    status, started, paused_until, last_run, last_change, *texts, joined = padded(load(body), 10)
    held_for, allowed, window_day, settings = (text or "" for text in texts)
    return SyncState(
        SyncStatus(status),
        _instant(started),
        _instant(paused_until),
        _instant(last_run),
        _instant(last_change),
        held_for,
        allowed,
        window_day,
        settings,
        _instant(joined),
    )


def _instant(value: object) -> datetime | None:
    return from_instant(value)


def _from_state(state: SyncState) -> bytes:
    return dump(
        trimmed(
            [
                state.status.value,
                to_instant(state.started),
                to_instant(state.paused_until),
                to_instant(state.last_run),
                to_instant(state.last_change),
                state.held_for or 0,
                state.allowed or 0,
                state.window_day or 0,
                state.settings or 0,
                to_instant(state.joined),
            ]
        )
    )


def _drop(database: Database, statements: tuple[str, ...], sync: int | None) -> None:
    if sync is None:
        return
    with database.transaction():
        for statement in statements:
            database.run(statement, (sync,))
