"""A database in memory whose program is killed at a commit or during a write, and that is opened again as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from soroe.adapters.database.connection import Database, Row
from soroe.adapters.database.schema import migrate
from soroe.adapters.database.store import DatabaseStore


class Killed(BaseException):
    """The program is no more: nobody catches this, and whoever tries to clean up finds the database dead."""


class MortalDatabase(Database):
    """Dies at a commit of a run, just before it or just after, or when it is told to; what was committed stays."""

    def __init__(self, connection: apsw.Connection | None = None) -> None:
        self.connection = connection or apsw.Connection(":memory:")
        super().__init__(self.connection)
        self.commits_left: int | None = None
        self.holds_last = False
        """Whether the commit at which the program dies is on disk."""
        self._dead = self._unwinding = False
        if connection is None:
            migrate(self)

    def die(self) -> None:
        """The program is killed here and now."""
        self._dead = True
        raise Killed

    def again(self) -> MortalDatabase:
        """The same database, opened by the program as it starts again."""
        assert not self.connection.in_transaction
        return MortalDatabase(self.connection)

    def store(self) -> DatabaseStore:
        """What the program knows of it."""
        return DatabaseStore(self)

    # --- what dies ---
    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        self._live()
        return super().rows(sql, values)

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        self._live()
        return super().row(sql, values)

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        self._live()
        return super().run(sql, values)

    def commit_whole(self) -> None:
        last = self.commits_left == 0
        if self.commits_left:
            self.commits_left -= 1
        if last and not self.holds_last:
            self.die()
        super().commit_whole()
        if last:
            self.die()

    def roll_back(self, level: int) -> None:
        """As SQLite does with what a killed program left open."""
        self._unwinding = True
        try:
            super().roll_back(level)
        finally:
            self._unwinding = False

    def _live(self) -> None:
        if self._dead and not self._unwinding:
            raise Killed
