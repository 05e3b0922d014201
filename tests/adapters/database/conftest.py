"""What the tests of the database start from; a file that needs another database makes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseStore, open_store

from .meetings import KEY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database on disk is."""
    return tmp_path / "soroe.db"


@pytest.fixture
def database() -> Iterator[DatabaseStore]:
    """An open database, in memory."""
    opened = open_store(None, KEY)
    yield opened
    opened.close()
