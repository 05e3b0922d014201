"""The encrypted database of one user (SQLite3 Multiple Ciphers)."""

from __future__ import annotations

from .connection import set_aside
from .reading import DatabaseReading, open_reading
from .store import DatabaseStore, DatabaseSyncStore, open_store

__all__ = ["DatabaseReading", "DatabaseStore", "DatabaseSyncStore", "open_reading", "open_store", "set_aside"]
