"""The encrypted database of one user (SQLite3 Multiple Ciphers)."""

from __future__ import annotations

from .connection import set_aside
from .store import DatabaseStore, DatabaseSyncStore, open_store

__all__ = ["DatabaseStore", "DatabaseSyncStore", "open_store", "set_aside"]
