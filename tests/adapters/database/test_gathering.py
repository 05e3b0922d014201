"""Transactions that come on disk together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseStore, DatabaseSyncStore, open_store
from soroe.adapters.database.connection import Database, open_file
from soroe.core.event import Side
from soroe.ports.errors import LocalTrouble

from .meetings import KEY, WORK, crm, entry, item


@pytest.fixture
def store(path: Path) -> Iterator[DatabaseStore]:
    """A database on disk."""
    opened = open_store(path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def sync(store: DatabaseStore) -> DatabaseSyncStore:
    """What it keeps of a sync."""
    return store.sync(WORK)


@pytest.fixture
def other(path: Path, store: DatabaseStore) -> Iterator[Database]:
    """Another program's connection, which does not wait."""
    store.set_fact("opened", "yes")
    opened = open_file(path, KEY)
    opened.script("PRAGMA busy_timeout = 0")
    yield opened
    opened.close()


def put(sync: DatabaseSyncStore, name: str) -> None:
    """One item, in a transaction of its own."""
    with sync.transaction():
        sync.put(Side.CRM, [entry(item(crm(name)))])


def on_disk(other: Database) -> list[str]:
    return [row[0] for row in other.rows("SELECT ref FROM item ORDER BY ref")]


def test_what_is_gathered_comes_on_disk_when_it_is_saved_and_at_the_end(
    sync: DatabaseSyncStore, other: Database
) -> None:
    with sync.gathering():
        put(sync, "a")
        put(sync, "b")
        assert on_disk(other) == []
        sync.save()
        assert on_disk(other) == ["a", "b"]
        put(sync, "c")
        assert on_disk(other) == ["a", "b"]
    assert on_disk(other) == ["a", "b", "c"]
    put(sync, "d")
    assert on_disk(other) == ["a", "b", "c", "d"]


def test_others_may_write_before_the_first_transaction_and_after_what_is_saved(
    sync: DatabaseSyncStore, other: Database
) -> None:
    note = "INSERT INTO fact (key, value) VALUES (?, 'x')"
    with sync.gathering():
        other.run(note, ("before",))
        put(sync, "a")
        with pytest.raises(LocalTrouble, match="database_busy"):
            other.run(note, ("while it waits",))
        sync.save()
        other.run(note, ("after",))
    assert {row[0] for row in other.rows("SELECT key FROM fact")} == {"opened", "before", "after"}


def test_a_transaction_that_fails_takes_along_what_waits_with_it_and_nothing_that_was_saved(
    sync: DatabaseSyncStore, other: Database
) -> None:
    with sync.gathering():
        put(sync, "saved")
        sync.save()
        put(sync, "waits")
        with pytest.raises(ZeroDivisionError), sync.transaction():
            put(sync, "inside")
            raise ZeroDivisionError
        assert sync.item(Side.CRM, crm("waits")) is None, "nothing is remembered that is not there"
        put(sync, "later")
    assert on_disk(other) == ["later", "saved"]


def test_a_part_that_fails_takes_along_nothing_but_itself(sync: DatabaseSyncStore, other: Database) -> None:
    with sync.gathering():
        put(sync, "waits")
        with sync.transaction():
            put(sync, "whole")
            with pytest.raises(ZeroDivisionError), sync.transaction():
                put(sync, "part")
                raise ZeroDivisionError
    assert on_disk(other) == ["waits", "whole"]


def test_what_was_gathered_before_an_error_is_kept(sync: DatabaseSyncStore, other: Database) -> None:
    with pytest.raises(ZeroDivisionError), sync.gathering():
        put(sync, "a")
        raise ZeroDivisionError
    assert on_disk(other) == ["a"]


def test_a_service_cannot_be_asked_in_the_middle_of_a_transaction(sync: DatabaseSyncStore) -> None:
    with sync.gathering(), pytest.raises(AssertionError, match="in the middle of a transaction"), sync.transaction():
        sync.save()


def test_so_many_that_deciding_takes_long_are_saved_before_they_are_decided_about(
    sync: DatabaseSyncStore, other: Database
) -> None:
    with sync.gathering():
        with sync.transaction():
            sync.put(Side.CRM, [entry(item(crm(f"{number:03}"))) for number in range(501)])
        sync.mark_all_dirty()
        assert len(sync.dirty(500)) == 500
        assert on_disk(other) == []
        assert len(sync.dirty(1_000)) == 501
        assert len(on_disk(other)) == 501
