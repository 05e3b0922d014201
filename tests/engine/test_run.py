"""Whole runs over services in memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from soroe.adapters.database import open_store
from soroe.core.event import Ref, Removed, Side, Witness
from soroe.core.finding import FindingKind
from soroe.engine.run import Run
from soroe.ports.errors import LocalTrouble, RetryLater
from soroe.ports.store import SyncStore
from tests.builders import TEST_KEY, Laptop, at, meeting


def kinds(laptop: Laptop) -> list[FindingKind]:
    return [finding.kind for finding in laptop.joint().store.findings()]


def test_new_items_arrive_on_the_other_side() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit to Aoki Trading"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Dentist", at(14)))
    result = laptop.run()
    assert result.trouble is None
    assert (result.record.created, result.record.failed) == ((1, 1), 0)
    assert sorted(content.title for content in laptop.crm.contents()) == ["Dentist", "Visit to Aoki Trading"]
    assert laptop.run().converged


def test_a_change_on_one_side_reaches_the_other() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_changes(event, title="Visit, second floor")
    laptop.crm.user_changes(activity, location="Osaka")
    result = laptop.run()
    assert (result.record.updated, result.record.conflicts) == ((1, 1), 0)
    assert laptop.crm.items[activity].content == laptop.calendar.items[event].content
    assert laptop.run().converged


def test_a_deleted_event_takes_its_activity_along() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting(), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_deletes(event)
    assert laptop.run().record.deleted == (1, 0)
    assert activity not in laptop.crm.items
    assert laptop.run().converged


def test_the_same_meeting_on_both_sides_is_linked_and_not_copied() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit  ＡＢＣ"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("visit abc"))
    result = laptop.run()
    assert (result.record.created, result.record.linked) == ((0, 0), 1)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1


def test_two_lookalikes_are_asked_about_and_never_guessed() -> None:
    laptop = Laptop()
    for _ in range(2):
        laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Visit"))
    assert laptop.run().record.created == (0, 0)
    assert kinds(laptop) == [FindingKind.DUPLICATE]


def test_a_lost_answer_to_a_create_makes_no_double() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting(), activity_type="meeting")
    laptop.calendar.after_write = lambda _write: RetryLater("timeout", outcome_unknown=True)
    assert laptop.run().trouble is not None
    laptop.calendar.after_write = None
    laptop.until_quiet()
    assert len(laptop.calendar.items) == 1


class _FullDisk:
    """The store of a sync whose disk fails when a run asks at its end whether there is more to do."""

    def __init__(self, store: SyncStore) -> None:
        self._store = store

    def dirty(self, limit: int) -> Sequence[tuple[Side, Ref]]:
        if limit == 1:
            raise LocalTrouble("disk_full")
        return self._store.dirty(limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_run_that_cannot_tell_whether_there_is_more_is_closed_with_that_trouble() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    joint, failing = laptop.joint(), cast("Any", _FullDisk(laptop.joint().store))
    result = Run(replace(joint, store=failing)).carry_out()
    assert (type(result.trouble), result.unfinished, result.converged) == (LocalTrouble, False, False)
    (record,) = joint.store.runs(5)
    assert (record.trouble, record.created) == ("LocalTrouble", (0, 1))
    assert record.finished is not None


class _BusyAtTheEnd(_FullDisk):
    """The store of a sync whose file another program holds when a run is to be closed."""

    _is_ending = False

    def dirty(self, limit: int) -> Sequence[tuple[Side, Ref]]:
        self._is_ending = limit == 1
        return self._store.dirty(limit)

    def transaction(self) -> AbstractContextManager[None]:
        if self._is_ending:
            raise LocalTrouble("database_busy")
        return self._store.transaction()


def test_after_a_run_whose_end_could_not_be_written_the_store_tells_what_is_on_disk(tmp_path: Path) -> None:
    laptop = Laptop(store=open_store(tmp_path / "soroe.db", TEST_KEY))
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    joint, failing = laptop.joint(), cast("Any", _BusyAtTheEnd(laptop.joint().store))
    with pytest.raises(LocalTrouble, match="database_busy"):
        Run(replace(joint, store=failing)).carry_out()
    removed = Removed(activity, Witness.TOMBSTONE)
    other = open_store(tmp_path / "soroe.db", TEST_KEY)  # as another program does that has the right to run it now
    other.sync(laptop.route.name).mark_removed(Side.CRM, [removed])
    other.close()
    assert joint.store.item(Side.CRM, activity) == removed
    laptop.store.close()


def test_a_lost_database_makes_no_double() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Dentist", at(14)))
    laptop.until_quiet()
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock)
    fresh.crm.user_changes(next(iter(fresh.crm.items)), title="Visit moved", when=at(16))
    fresh.until_quiet()
    assert len(fresh.crm.items) == len(fresh.calendar.items) == 2
    assert sorted(c.title for c in fresh.crm.contents()) == sorted(c.title for c in fresh.calendar.contents())
