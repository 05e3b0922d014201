"""One connection to the encrypted file: opening it, transactions that may be nested, and SQLite's errors translated."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from weakref import WeakSet

import apsw

from soroe.ports.errors import LocalTrouble

from .errors import BUSY, DAMAGED, KEY_WRONG, MISSING, from_system, translated

Row = tuple[Any, ...]
"""A row as SQLite gives it; each reader of a table knows its columns' types."""

KEY_BYTES = 32
_SALT_BYTES = 16
_HEADER = slice(16, 24)
_BUSY_MILLISECONDS = 10_000
_PAGE_BYTES = 8192
"""Rows of items are some 350 bytes long: of a smaller page, a tenth stays empty, and the window's questions read more
of them. A page is encrypted and written whole for each row that changes in it: a run of ten changes would take a third
of a millisecond less with half the size. Files of before may have pages of 4096."""
_WAL_BYTES = 4 * 1024 * 1024
_WRITER_CACHE_KIB = 16_384
_READER_CACHE_KIB = 16_384
_WRITER_STATEMENTS = 512
"""How many uses a statement stays prepared without being used itself; each row of many is a use. After only a hundred,
as is the default, most of our statements would be prepared anew in every run, which takes longer than they do."""
_READER_STATEMENTS = 100
_UNDER_WAY = nullcontext()


class Remembering(Protocol):
    """Whoever remembers rows of a database: what was rolled back must be forgotten."""

    def forget(self) -> None:
        """Forget all rows."""
        ...


class Database:
    """A connection, used from one thread at a time. Every call raises `LocalTrouble` when the disk is the trouble."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()  # kept: a new one for each question costs a third more
        self._depth = 0
        self._gathers = self._has_gathered = False
        self.rollbacks = 0
        self._remembering: WeakSet[Remembering] = WeakSet()

    def tell_of_rollbacks(self, remembering: Remembering) -> None:
        """Have somebody forget whenever something is rolled back, as long as he is there."""
        self._remembering.add(remembering)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        try:
            return self._cursor.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise translated(error) from error

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query."""
        try:  # all are fetched, for a statement left in the middle would keep others from writing
            found = self._cursor.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise translated(error) from error
        return found[0] if found else None

    def rows_of_each(self, sql: str, values: Iterable[Sequence[Any]]) -> list[Row]:
        """The rows of one query asked with each of these values."""
        try:
            return self._connection.executemany(sql, values).fetchall()
        except apsw.Error as error:
            raise translated(error) from error

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Carry out a statement; returns how many rows it changed."""
        try:
            self._cursor.execute(sql, values)
            return self._connection.changes()
        except apsw.Error as error:
            raise translated(error) from error

    def run_each(self, sql: str, values: Iterable[Sequence[Any]]) -> int:
        """Carry out a statement with each of these values, all or none; returns how many rows it changed."""
        with self.whole():
            try:
                before = self._connection.total_changes()
                self._connection.executemany(sql, values)
                return self._connection.total_changes() - before
            except apsw.Error as error:
                raise translated(error) from error

    def insert(self, sql: str, values: Sequence[Any]) -> int:
        """Insert one row; returns its id."""
        self.run(sql, values)
        return self._connection.last_insert_rowid()

    def script(self, sql: str) -> None:
        """Carry out several statements."""
        self.rows(sql)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; an inner one is a savepoint of the outer."""
        return _Transaction(self)

    def whole(self) -> AbstractContextManager[None]:
        """All or nothing, together with the transaction under way if there is one: a savepoint costs two statements.

        For our own steps, whose errors nobody catches before that transaction has ended.
        """
        return _UNDER_WAY if self._depth else self.transaction()

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Transactions inside are committed together, by `save` or at the end: a page that several of them write is
        encrypted and written once. One that fails takes along those that wait with it. Not to be nested."""
        self._gathers = True
        try:
            yield
        finally:
            self._gathers = False
            self.save()

    def save(self) -> None:
        """Commit what was gathered, unless a transaction is under way."""
        if self._has_gathered and not self._depth:
            try:
                self.commit_whole()
            except BaseException:
                self.roll_back(0)
                raise

    @property
    def is_in_transaction(self) -> bool:
        """Whether what was written last may still be taken back."""
        return self._depth > 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def begin(self) -> int:
        """Begin a transaction, or a part of the one under way; returns how many others it is within."""
        level = self._depth
        if level or not self._has_gathered:
            self.run("BEGIN IMMEDIATE" if level == 0 else f"SAVEPOINT level_{level}")
        self._depth = level + 1
        return level

    def commit(self, level: int) -> None:
        """End it: what happened inside holds."""
        self._depth = level
        if level:
            self.run(f"RELEASE level_{level}")
        elif self._gathers:
            self._has_gathered = True
        else:
            self.commit_whole()

    def commit_whole(self) -> None:
        """Put all that happened since the outermost transaction began on disk."""
        self.run("COMMIT")
        self._has_gathered = False

    def roll_back(self, level: int) -> None:
        """End it: nothing of what happened inside holds."""
        self._depth = level
        if level == 0:
            self._has_gathered = False
        self.rollbacks += 1
        for remembering in list(self._remembering):
            remembering.forget()
        if not self._connection.in_transaction:
            return  # a full disk or a failed write made SQLite roll back by itself
        if level == 0:
            self.run("ROLLBACK")
        else:
            self.run(f"ROLLBACK TO level_{level}")
            self.run(f"RELEASE level_{level}")


class _Transaction:
    """What `Database.transaction` gives."""

    __slots__ = ("_database", "_level")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._level = 0

    def __enter__(self) -> None:
        self._level = self._database.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._database.roll_back(self._level)
            return
        try:
            self._database.commit(self._level)
        except BaseException:
            self._database.roll_back(self._level)
            raise


def open_in_memory() -> Database:
    """A database that is gone when it is closed."""
    return Database(apsw.Connection(":memory:", statementcachesize=_WRITER_STATEMENTS))


def open_file(path: Path, key: bytes, *, read_only: bool = False) -> Database:
    """Open the encrypted file, making it (mode 0600, in a directory of mode 0700) where it does not exist.

    The key has 32 bytes. The file's first 16 bytes, which the cipher leaves to us, are a check on the key: so a wrong
    key (`database_key_wrong`) and a damaged file (`database_damaged`) are told apart. Read-only, a file that does not
    exist is `database_missing`.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key of the database must have {KEY_BYTES} bytes, not {len(key)}")
    if read_only:
        if not path.exists():
            raise LocalTrouble(MISSING)
    else:
        _make_private(path)
    _check_head(path, key)
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    try:
        kept = _READER_STATEMENTS if read_only else _WRITER_STATEMENTS
        connection = apsw.Connection(str(path), flags=flags, statementcachesize=kept)
    except apsw.Error as error:
        raise translated(error) from error
    try:
        _prepare(connection, key, read_only=read_only)
    except apsw.Error as error:
        connection.close()
        raise translated(error) from error
    return Database(connection)


def _prepare(connection: apsw.Connection, key: bytes, *, read_only: bool) -> None:
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    # One plan for each statement: else it is made anew whenever a value might fit a partial index, which takes longer
    # than most of our questions themselves.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", f"raw:{key.hex()}{_key_check(key).hex()}")
    connection.pragma("page_size", _PAGE_BYTES)  # of a new file
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    connection.pragma("cache_size", -(_READER_CACHE_KIB if read_only else _WRITER_CACHE_KIB))
    if read_only:
        connection.pragma("query_only", True)
        return
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "normal")
    connection.pragma("journal_size_limit", _WAL_BYTES)
    connection.pragma("secure_delete", False)  # what is overwritten was encrypted to begin with


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o077:
            path.parent.chmod(0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise from_system(error) from error


def _check_head(path: Path, key: bytes) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.stop)
    except OSError as error:
        raise from_system(error) from error
    if not head or head[:_SALT_BYTES] == _key_check(key):
        return
    raise LocalTrouble(KEY_WRONG if _looks_whole(head) else DAMAGED)


def _looks_whole(head: bytes) -> bool:
    """Whether the part of the header that the cipher leaves readable says what every file of ours says (page size)."""
    return head[_HEADER][:4] in {b"\x20\x00\x02\x02", b"\x10\x00\x02\x02"} and head[_HEADER][5:] == b"\x40\x20\x20"


def _key_check(key: bytes) -> bytes:
    return blake2b(key, digest_size=_SALT_BYTES, person=b"soroe key check").digest()


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be used, with its journal files, and return its new name; a new one can then be made.

    Nothing is lost: the database is a cache of the truth (S-2). No connection may be open. Raises
    `LocalTrouble("database_busy")` where another program holds the file.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            journal = path.with_name(path.name + suffix)
            if journal.exists():
                journal.rename(aside.with_name(aside.name + suffix))
    except FileNotFoundError as error:
        raise LocalTrouble(MISSING) from error
    except OSError as error:
        raise LocalTrouble(BUSY) from error
    return aside
