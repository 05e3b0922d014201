"""Runs that do nothing cost nothing, and History knows a run as soon as it does anything; what a run reads ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseStore, open_reading, open_store
from soroe.core.event import ContainerId, ItemId, Ref, Removed, Side, Version, Witness
from soroe.core.plan import Why
from soroe.core.route import SyncName
from soroe.ports.store import ChangeState, Entry, Known, RunId, RunKind, RunRecord, SyncStore

from .meetings import KEY, NOW, WORK, calendar, change, content, crm, entry, item, link

LONE = "\ud83d"


@pytest.fixture
def store(database: DatabaseStore) -> SyncStore:
    """A sync that does not run."""
    return database.sync(WORK)


def idle(store: SyncStore) -> RunId:
    """A run that does nothing."""
    run = store.begin_run(RunKind.SYNC, NOW)
    store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
    return run


def test_a_run_that_does_nothing_writes_nothing_after_the_first(path: Path) -> None:
    database = open_store(path, KEY)
    store = database.sync(WORK)
    first = idle(store)
    journal = path.with_name("soroe.db-wal")
    size = journal.stat().st_size
    assert idle(store) == first
    assert journal.stat().st_size == size
    assert store.runs(10) == []
    database.close()


def test_a_run_is_in_history_as_soon_as_it_intends_anything(path: Path) -> None:
    database = open_store(path, KEY)
    store = database.sync(WORK)
    idle(store)
    run = store.begin_run(RunKind.RESOLVE, NOW)
    store.intend([change(run)])
    reading = open_reading(path, KEY)
    assert reading.runs(0, 10) == [RunRecord(run, WORK, RunKind.RESOLVE, NOW)]
    assert [each.target for each in reading.changes(run)] == [calendar()]
    reading.close()
    store.finish_run(RunRecord(run, WORK, RunKind.RESOLVE, NOW, NOW))
    assert store.run(run) == RunRecord(run, WORK, RunKind.RESOLVE, NOW, NOW)
    assert store.begin_run(RunKind.SYNC, NOW) > run
    database.close()


def test_runs_of_two_syncs_have_numbers_in_the_order_they_began(database: DatabaseStore) -> None:
    one, other = database.sync(WORK), database.sync(SyncName("other"))
    first = idle(one)
    assert idle(other) > first
    assert idle(one) == first
    busy = other.begin_run(RunKind.SYNC, NOW)
    other.finish_run(RunRecord(busy, SyncName("other"), RunKind.SYNC, NOW, NOW, linked=1))
    assert one.begin_run(RunKind.SYNC, NOW) > busy


def test_what_a_run_intended_again_after_a_failure_is_in_history_with_it(store: SyncStore) -> None:
    idle(store)
    run = store.begin_run(RunKind.SYNC, NOW)
    with pytest.raises(LookupError), store.transaction():
        store.intend([change(run)])
        raise LookupError
    assert (store.run(run), store.open_changes()) == (None, [])
    store.intend([change(run)])
    assert store.run(run) == RunRecord(run, WORK, RunKind.SYNC, NOW)
    assert len(store.open_changes()) == 1


def test_the_number_of_a_run_whose_end_was_rolled_back_is_not_taken_again(store: SyncStore) -> None:
    run = store.begin_run(RunKind.SYNC, NOW)
    with pytest.raises(LookupError), store.transaction():
        store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
        raise LookupError
    assert store.begin_run(RunKind.SYNC, NOW) > run


def test_changes_are_numbered_as_they_were_intended_and_no_number_is_given_twice(database: DatabaseStore) -> None:
    one, other = database.sync(WORK), database.sync(SyncName("other"))
    run = one.begin_run(RunKind.SYNC, NOW)
    first = one.intend([change(run, target=calendar("e1")), change(run, target=calendar("e2"))])
    assert [(each.id, each.target) for each in one.open_changes()] == list(
        zip(first, (calendar("e1"), calendar("e2")), strict=True)
    )
    with pytest.raises(LookupError), one.transaction():
        one.intend([change(run)])
        raise LookupError
    second = other.intend([change(other.begin_run(RunKind.SYNC, NOW))])
    assert first[0] < first[1] < second[0]
    for each in first:
        one.conclude(each, ChangeState.DROPPED)
    one.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW, failed=1))
    database.remove_sync(SyncName("other"))
    one.prune(NOW + timedelta(days=1))
    assert one.changes(run) == []
    assert one.intend([change(one.begin_run(RunKind.SYNC, NOW))])[0] > second[0]


def test_an_item_we_changed_so_often_since_then_is_told_from_one_we_changed_before(store: SyncStore) -> None:
    run = store.begin_run(RunKind.SYNC, NOW)
    made = [
        change(run, at=NOW + timedelta(minutes=minute), target=calendar(one))
        for one, minutes in (("new", (0, 5, 6, 9)), ("old", (0, 1, 2, 9)), ("few", (7, 9)))
        for minute in minutes
    ]
    *done, _open = store.intend([*made, change(run, at=NOW + timedelta(minutes=9), target=calendar("few"))])
    for number in done:
        store.conclude(number, ChangeState.DONE)
    asked = [calendar(one) for one in ("unseen", "old", "new", "few")]
    since = NOW + timedelta(minutes=5)
    assert store.may_have_rewritten(Side.CALENDAR, asked, 3, since) == [False, False, True, False]
    assert store.may_have_rewritten(Side.CALENDAR, asked, 1, since) == [False, True, True, True]
    assert store.may_have_rewritten(Side.CRM, asked, 1, since) == [False] * 4
    assert store.may_have_rewritten(Side.CALENDAR, [], 3, since) == []


def test_a_run_that_only_met_trouble_is_in_history(store: SyncStore) -> None:
    idle(store)
    run = store.begin_run(RunKind.SYNC, NOW)
    told = RunRecord(run, WORK, RunKind.SYNC, NOW, NOW, trouble="offline")
    store.finish_run(told)
    assert store.runs(10) == [told]


def test_items_read_ahead_are_what_one_by_one_would_tell(store: SyncStore) -> None:
    elsewhere = Ref(ContainerId("team@example.com"), ItemId("e9"))
    seen = [item(calendar(f"e{n}"), content(f"Visit {n}")) for n in range(3)]
    store.put(Side.CALENDAR, [entry(one) for one in [*seen, item(elsewhere)]])
    gone = Removed(calendar("e2"), Witness.ABSENT, NOW)
    store.mark_removed(Side.CALENDAR, [gone])
    store.begin_run(RunKind.SYNC, NOW)
    store.read_ahead(Side.CALENDAR, [calendar("e0"), calendar("e1"), calendar("e2"), calendar("unseen"), elsewhere])
    told = [store.item(Side.CALENDAR, calendar(each)) for each in ("e0", "e1", "e2", "unseen")]
    assert told == [seen[0], seen[1], gone, None]
    assert store.item(Side.CALENDAR, elsewhere) == item(elsewhere)
    assert store.item(Side.CRM, calendar("e0")) is None


def test_items_that_wait_come_with_their_links_and_partners(store: SyncStore) -> None:
    for number in "12":
        store.put(Side.CRM, [entry(item(crm(number), content(f"Visit {number}")), dirty=number == "1")])
        store.put(Side.CALENDAR, [entry(item(calendar(f"e{number}")), dirty=number == "2")])
        store.save_link(link(number, f"e{number}"))
    store.mark_dirty(Side.CRM, [crm("unlinked")])
    store.mark_removed(Side.CALENDAR, [Removed(calendar("e1"), Witness.TOMBSTONE)])
    store.begin_run(RunKind.SYNC, NOW)
    assert len(store.dirty(10)) == 4
    assert store.link(Side.CRM, crm("1")) == store.link(Side.CALENDAR, calendar("e1")) == link("1", "e1")
    assert store.link(Side.CALENDAR, calendar("e2")) == link("2", "e2")
    assert store.link(Side.CRM, crm("unlinked")) is None
    assert store.item(Side.CRM, crm("2")) == item(crm("2"), content("Visit 2"))
    assert store.item(Side.CALENDAR, calendar("e1")) == Removed(calendar("e1"), Witness.TOMBSTONE)


def test_a_run_that_found_nothing_waiting_sees_what_begins_to_wait(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(item(crm("1"))), entry(item(crm("2")))])
    store.put(Side.CALENDAR, [entry(item(calendar()))])
    wakes: tuple[Callable[[], None], ...] = (
        lambda: store.put(Side.CRM, [entry(item(crm("1")), dirty=True)]),
        lambda: store.mark_dirty(Side.CALENDAR, [calendar()]),
        lambda: store.mark_removed(Side.CRM, [Removed(crm("2"), Witness.TOMBSTONE)]),
    )
    for number, wake in enumerate(wakes):
        store.begin_run(RunKind.SYNC, NOW)
        assert len(store.dirty(10)) == number
        wake()
        assert len(store.dirty(10)) == number + 1


def test_a_run_that_settled_all_that_waited_sees_what_begins_to_wait(store: SyncStore) -> None:
    def wait() -> list[tuple[Side, Ref]]:
        store.put(Side.CRM, [entry(item(crm("1")), dirty=True), entry(item(crm("2")), dirty=True)])
        waiting = list(store.dirty(10))
        store.settle([(side, ref, Why.IN_STEP) for side, ref in waiting])
        assert store.dirty(10) == []
        return waiting

    store.put(Side.CALENDAR, [entry(item(calendar()))])
    wakes: tuple[tuple[Side, Ref, Callable[[], None]], ...] = (
        (Side.CRM, crm("1"), lambda: store.put(Side.CRM, [entry(item(crm("1")), dirty=True)])),
        (Side.CALENDAR, calendar(), lambda: store.mark_dirty(Side.CALENDAR, [calendar()])),
        (Side.CALENDAR, calendar(), lambda: store.wake_lookalikes(Side.CRM, [(crm("1"), b"key"), (crm("2"), b"key")])),
        (Side.CRM, crm("2"), lambda: store.mark_removed(Side.CRM, [Removed(crm("2"), Witness.TOMBSTONE)])),
    )
    for side, ref, wake in wakes:
        store.begin_run(RunKind.SYNC, NOW)
        assert wait() == [(Side.CRM, crm("1")), (Side.CRM, crm("2"))]
        store.put(Side.CRM, [entry(item(crm("1")))])
        assert store.dirty(10) == []
        wake()
        assert (side, ref) in store.dirty(10)
        store.settle([(one, waiting, Why.IN_STEP) for one, waiting in store.dirty(10)])


def test_a_run_that_settled_some_of_what_waits_still_sees_the_others(store: SyncStore) -> None:
    store.begin_run(RunKind.SYNC, NOW)
    store.put(Side.CRM, [entry(item(crm(str(n))), dirty=True) for n in range(3)])
    assert store.dirty_and_gone(Side.CRM) == []
    assert len(store.dirty(2)) == 2
    store.settle([(Side.CRM, crm("0"), Why.IN_STEP), (Side.CRM, crm("1"), Why.IN_STEP)])
    assert store.dirty(10) == [(Side.CRM, crm("2"))]
    store.mark_removed(Side.CRM, [Removed(crm("0"), Witness.TOMBSTONE)])
    assert store.dirty(10) == [(Side.CRM, crm("0")), (Side.CRM, crm("2"))]
    assert store.dirty_and_gone(Side.CRM) == [crm("0")]


def test_what_was_settled_and_rolled_back_still_waits(store: SyncStore) -> None:
    store.begin_run(RunKind.SYNC, NOW)
    store.put(Side.CRM, [entry(item(), dirty=True)])
    assert len(store.dirty(10)) == 1
    with pytest.raises(LookupError), store.transaction():
        store.settle([(Side.CRM, crm(), Why.IN_STEP)])
        raise LookupError
    assert store.dirty(10) == [(Side.CRM, crm())]


def test_whether_items_of_a_side_may_bear_stamps_is_never_denied_wrongly(store: SyncStore) -> None:
    store.begin_run(RunKind.SYNC, NOW)
    assert not store.has_stamps(Side.CRM)
    assert not store.has_stamps(Side.CALENDAR)
    store.put(Side.CALENDAR, [entry(item(calendar(), stamp="soroe1|key|.1|own"))])
    assert store.has_stamps(Side.CALENDAR)
    assert not store.has_stamps(Side.CRM)
    store.put(Side.CALENDAR, [entry(item(calendar(f"e{n}"), stamp=f"soroe1|key|.{n}|own")) for n in range(99)])
    store.put(Side.CRM, [entry(item(crm(), stamp="soroe1|key|.9|own"))])
    assert store.has_stamps(Side.CRM)


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_texts_that_are_no_text_are_kept_beside_others(store: SyncStore, odd: int) -> None:
    names = [f"{number}{LONE if number == odd else '日'}" for number in range(3)]
    seen = [
        item(crm(name), content(f"Visit {name}"), version=Version(f"v{name}"), activity_type=f"type {name}")
        for name in names
    ]
    store.put(Side.CRM, [Entry(one, None, dirty=True) for one in seen])
    assert [store.item(Side.CRM, crm(name)) for name in names] == seen
    store.begin_run(RunKind.SYNC, NOW)
    assert {ref.id for _, ref in store.dirty(10)} == set(names)
    known = store.known(Side.CRM, [crm(name) for name in names])
    assert known == {crm(name): Known(Version(f"v{name}"), present=True) for name in names}
