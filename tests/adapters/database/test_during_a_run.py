"""During a run the store remembers what it read: every promise holds all the same. And what is written many at once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseStore, open_store
from soroe.core.event import ItemId, ObservedItem, Occurrence, Removed, Side, Witness
from soroe.core.finding import FindingAction
from soroe.core.plan import Why
from soroe.ports.store import ChangeState, Choice, Done, RunId, RunKind, RunRecord, SyncStore

from .meetings import KEY, NOW, WORK, calendar, change, content, crm, entry, item, link
from .sync_store_contract import SyncStoreContract


@pytest.fixture
def run(database: DatabaseStore) -> RunId:
    """A run under way."""
    return database.sync(WORK).begin_run(RunKind.SYNC, NOW)


@pytest.fixture
def store(database: DatabaseStore, run: RunId) -> SyncStore:
    """A sync that is running."""
    return database.sync(WORK)


class TestDuringARun(SyncStoreContract):
    """The contract, while things are remembered."""

    @pytest.fixture
    def store(self, database: DatabaseStore, run: RunId, request: pytest.FixtureRequest) -> SyncStore:
        """A sync that is running; where runs themselves are tried, that run is over."""
        store = database.sync(WORK)
        if "run" in request.node.name:
            store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
        return store


def test_what_was_read_before_a_transaction_failed_is_read_again(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(item())])
    with pytest.raises(LookupError), store.transaction():
        store.put(Side.CRM, [entry(item(of=content("Other")))])
        store.save_links([link()])
        store.choose(Side.CRM, crm(), Choice(FindingAction.DROP, NOW))
        assert store.link(Side.CRM, crm()) == link()
        raise LookupError
    assert store.item(Side.CRM, crm()) == item()
    assert store.link(Side.CRM, crm()) is None
    assert store.choice(Side.CRM, crm()) is None
    assert store.link_count() == 0


def test_many_links_are_kept_at_once_new_known_and_in_the_place_of_others(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(item(crm(one))) for one in "123"])
    store.put(Side.CALENDAR, [entry(item(calendar(one))) for one in ("e1", "e2", "e3")])
    store.save_links([link("1", "e1"), link("2", "e2")])
    assert store.link_count() == 2
    store.save_links([link("1", "e1", "Newer"), link("3", "e3")])
    assert list(store.links()) == [link("1", "e1", "Newer"), link("2", "e2"), link("3", "e3")]
    store.save_links([link("2", "e3"), link("unseen", "e2")])
    assert list(store.links()) == [link("1", "e1", "Newer"), link("2", "e3"), link("unseen", "e2")]
    assert store.link(Side.CRM, crm("3")) is None
    assert store.link(Side.CALENDAR, calendar("e3")) == link("2", "e3")
    assert store.link_count() == 3


STAMP = "soroe1|key|.17|"
AT_NOON = Occurrence(ItemId("series"), datetime(2026, 5, 12, 12, 0))
BEFORE = item(of=content("Before"), stamp=STAMP + "own")


@pytest.mark.parametrize(
    "now",
    [
        item(of=content("Now"), stamp=STAMP + "own"),
        item(of=content("Now"), stamp=STAMP + "other"),
        item(of=content("Now"), stamp="soroe1|key|.18|own"),
        item(of=content("Now")),
        item(of=content("Now"), stamp=STAMP + "own", occurrence=AT_NOON),
        item(stamp=STAMP + "own", activity_type="call", version=None),
    ],
)
@pytest.mark.parametrize("how_known", ["put", "asked for", "read", "removed", "forgotten"])
def test_an_item_put_again_is_found_by_what_it_is_now(
    store: SyncStore, run: RunId, now: ObservedItem, how_known: str
) -> None:
    store.put(Side.CRM, [entry(BEFORE, b"before"), entry(item(crm("2")))])
    if how_known in {"asked for", "read"}:
        store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
        store.begin_run(RunKind.SYNC, NOW)
        assert store.item(Side.CRM, crm()) == BEFORE if how_known == "read" else store.known(Side.CRM, [crm()])
    elif how_known == "removed":
        store.mark_removed(Side.CRM, [Removed(crm(), Witness.TOMBSTONE)])
    elif how_known == "forgotten":
        assert store.known(Side.CRM, [crm()])
        store.forget(Side.CRM, [crm()])
    store.put(Side.CRM, [entry(now, b"now", dirty=True), entry(item(crm("3")))])
    store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
    assert store.item(Side.CRM, crm()) == now
    assert list(store.stamped(Side.CRM, STAMP)) == ([now] if (now.stamp or "").startswith(STAMP) else [])
    assert store.series_members(Side.CRM, crm("series")) == ({ItemId("1")} if now.occurrence else set())
    assert [found.item for found in store.same_key(b"now")] == [now]
    assert store.same_key(b"before") == []
    assert [found.item.ref for found in store.same_key(b"key")] == [crm("2"), crm("3")]
    assert store.dirty(10) == [(Side.CRM, crm())]


def test_of_an_item_told_twice_the_last_word_holds(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(BEFORE, dirty=True)])
    moved, last = item(stamp="soroe1|key|.18|own"), item(of=content("Last"), stamp=STAMP + "own")
    store.put(Side.CRM, [entry(moved), entry(item(crm("0"))), entry(last, b"last")])
    assert store.item(Side.CRM, crm()) == last
    assert list(store.stamped(Side.CRM, STAMP)) == [last]
    assert [found.item for found in store.same_key(b"last")] == [last]
    assert store.dirty(10) == [(Side.CRM, crm())]


def test_an_item_that_nothing_looks_like_is_remembered_until_something_is_put(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(item(crm("1")), b"one", dirty=True), entry(item(crm("2")), b"two", dirty=True)])
    store.put(Side.CALENDAR, [entry(item(calendar()), b"two", dirty=True)])
    assert len(store.dirty(10)) == 3
    assert store.is_alone(Side.CRM, crm("1"), b"one")
    assert not store.is_alone(Side.CRM, crm("2"), b"two")
    assert not store.is_alone(Side.CRM, crm("2"), b"one"), "that is another's key"
    store.put(Side.CALENDAR, [entry(item(calendar("e2")), b"three")])
    assert not store.is_alone(Side.CRM, crm("1"), b"one"), "nobody knows before the next look"


def test_many_changes_are_concluded_at_once(store: SyncStore, run: RunId) -> None:
    made, kept = store.intend([change(run, target=None), change(run)])
    store.conclude_all([Done(made, Side.CALENDAR, calendar("new"), content("Seen")), Done(kept, Side.CRM, crm("9"))])
    assert store.open_changes() == []
    one, other = store.changes(run)
    assert (one.state, one.target, one.after) == (ChangeState.DONE, calendar("new"), content("Seen"))
    assert (other.state, other.after) == (ChangeState.DONE, content("After"))


def test_what_another_program_wrote_between_two_runs_is_seen(store: SyncStore, run: RunId) -> None:
    store.put(Side.CRM, [entry(item())])
    store.finish_run(RunRecord(run, WORK, RunKind.SYNC, NOW, NOW))
    store.begin_run(RunKind.SYNC, NOW)
    assert store.item(Side.CRM, crm()) == item()
    store.mark_removed(Side.CRM, [Removed(crm(), Witness.TOMBSTONE)])
    assert store.item(Side.CRM, crm()) == Removed(crm(), Witness.TOMBSTONE)
    assert store.last_content(Side.CRM, crm()) == content()


def test_a_run_that_is_left_without_an_end_is_remembered_no_more(path: Path) -> None:
    database, other = open_store(path, KEY), open_store(path, KEY)
    store, elsewhere = database.sync(WORK), other.sync(WORK)
    run = store.begin_run(RunKind.SYNC, NOW)
    store.put(Side.CRM, [entry(item())])
    store.leave_run(run)
    elsewhere.put(Side.CRM, [entry(item(of=content("Other")))])
    elsewhere.choose(Side.CRM, crm(), Choice(FindingAction.DROP, NOW))
    elsewhere.mark_dirty(Side.CALENDAR, [calendar()])
    assert store.item(Side.CRM, crm()) == item(of=content("Other"))
    assert store.has_choices()
    assert store.dirty(10) == [(Side.CALENDAR, calendar())]
    assert store.begin_run(RunKind.SYNC, NOW) > run
    other.close()
    database.close()


def test_lookalikes_that_are_free_are_woken_and_no_other(store: SyncStore) -> None:
    store.put(Side.CRM, [entry(item(crm(one))) for one in ("1", "2", "3", "4")] + [entry(item(crm("5")), b"other")])
    store.put(Side.CALENDAR, [entry(item(calendar("e1"))), entry(item(calendar("e2")))])
    store.save_link(link("3", "e2"))
    store.mark_removed(Side.CRM, [Removed(crm("4"), Witness.TOMBSTONE)])
    store.settle([(Side.CRM, crm("4"), Why.IN_STEP)])
    store.wake_lookalikes(Side.CRM, [])
    store.wake_lookalikes(Side.CRM, [(crm("6"), b"unknown"), (crm("1"), b"key")])
    assert store.dirty(10) == [(Side.CRM, crm("2")), (Side.CALENDAR, calendar("e1"))]
