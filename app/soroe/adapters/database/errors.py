"""What SQLite says about the file or the disk, as the one error that the engine knows."""

from __future__ import annotations

import errno

import apsw

from soroe.ports.errors import LocalTrouble

KEY_WRONG = "database_key_wrong"
DAMAGED = "database_damaged"
NEWER = "database_newer"
OLDER = "database_older"
BUSY = "database_busy"
READ_ONLY = "database_read_only"
MISSING = "database_missing"
UNREACHABLE = "database_unreachable"
ROW_DAMAGED = "database_row_damaged"
DISK_FULL = "disk_full"
DISK_TROUBLE = "disk_trouble"

_CODES: tuple[tuple[type[apsw.Error], str], ...] = (
    (apsw.NotADBError, DAMAGED),
    (apsw.CorruptError, DAMAGED),
    (apsw.FullError, DISK_FULL),
    (apsw.BusyError, BUSY),
    (apsw.LockedError, BUSY),
    (apsw.ReadOnlyError, READ_ONLY),
    (apsw.PermissionsError, READ_ONLY),
    (apsw.CantOpenError, UNREACHABLE),
    (apsw.IOError, DISK_TROUBLE),
)


class DamagedRow(LocalTrouble):
    """One row of the database cannot be read; `table` and `row` (its number) say which."""

    def __init__(self, table: str, row: int) -> None:
        super().__init__(ROW_DAMAGED)
        self.table = table
        self.row = row

    def __str__(self) -> str:
        return f"{self.code}: {self.table} {self.row}"


_SYSTEM_CODES = {
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.EROFS: READ_ONLY,
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EIO: DISK_TROUBLE,
}


def from_system(error: OSError) -> LocalTrouble:
    """What the system says of the file or its directory."""
    return LocalTrouble(_SYSTEM_CODES.get(error.errno or 0, UNREACHABLE))


def translated(error: apsw.Error) -> Exception:
    """The `LocalTrouble` that this error of SQLite means, or the error itself where our own SQL is at fault.

    The page cipher reports a page that fails its check as "not a database"; the key was proven when the file was
    opened, so from then on that means damage.
    """
    for kind, code in _CODES:
        if isinstance(error, kind):
            return LocalTrouble(code)
    return error
