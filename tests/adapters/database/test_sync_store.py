"""The database keeps the promises of a `SyncStore`, in memory and in a file, and keeps syncs apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from soroe.adapters.database import DatabaseStore, open_store
from soroe.adapters.database.connection import open_file
from soroe.core.event import EventContent, Guest, Side, Version
from soroe.core.finding import FindingAction
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.plan import Verb
from soroe.core.route import SyncName
from soroe.ports.store import ChangeState, Choice, Known, RunKind, Store, SyncStore

from .meetings import KEY, NOW, WORK, calendar, change, content, crm, entry, finding, item, link
from .sync_store_contract import SyncStoreContract


@pytest.fixture(params=["memory", "file"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    """An open database."""
    opened = open_store(None if request.param == "memory" else tmp_path / "private" / "soroe.db", KEY)
    yield opened
    opened.close()


@pytest.fixture
def store(database: DatabaseStore) -> SyncStore:
    """One sync's part of it."""
    return database.sync(WORK)


class TestDatabaseSyncStore(SyncStoreContract):
    """The contract, on the database."""


STAMP = "soroe1|key|.17|"


@pytest.mark.parametrize("running", [False, True], ids=["at rest", "in a run"])
@pytest.mark.parametrize("stamp", [STAMP + "own", None])
def test_a_restamped_item_is_as_if_it_had_been_put_and_goes_on_waiting(
    database: DatabaseStore, running: bool, stamp: str | None
) -> None:
    store, other = database.sync(WORK), database.sync(SyncName("other"))
    if running:
        store.begin_run(RunKind.SYNC, NOW)
    before = item(calendar(), stamp="soroe1|key|.18|own", created_at=NOW, changed_at=NOW)
    after = item(calendar(), version=Version('"2"'), stamp=stamp, created_at=NOW, changed_at=NOW + timedelta(hours=1))
    bystander = item(calendar("e2"))
    for one in (store, other):
        one.put(Side.CRM, [entry(item())])
        one.put(Side.CALENDAR, [entry(before, dirty=True), entry(bystander)])
        one.save_link(link())
    store.restamp(Side.CALENDAR, [after])
    other.put(Side.CALENDAR, [entry(after)])
    assert store.item(Side.CALENDAR, calendar()) == database.sync(WORK).item(Side.CALENDAR, calendar()) == after
    assert store.item(Side.CALENDAR, calendar("e2")) == bystander
    assert list(store.stamped(Side.CALENDAR, "soroe1|key|.18|")) == []
    assert list(store.stamped(Side.CALENDAR, STAMP)) == ([after] if stamp else [])
    assert store.known(Side.CALENDAR, [calendar()]) == {calendar(): Known(Version('"2"'), True, b"key")}
    assert store.dirty(10) == other.dirty(10) == [(Side.CALENDAR, calendar())]
    assert store.same_key(b"key") == other.same_key(b"key")
    assert store.link(Side.CALENDAR, calendar()) == link()


def _agreed(crm_side: EventContent, calendar_side: EventContent) -> Link:
    return Link(crm(), calendar(), Baseline(Fingerprint.of(crm_side), Fingerprint.of(calendar_side)), Side.CRM)


BARE, TOLD, ASKED = content(), content(guests_may_change=False), content(guests=(Guest("bo@example.com"),))


@pytest.mark.parametrize(
    "agreed",
    [_agreed(BARE, BARE), _agreed(BARE, TOLD), _agreed(TOLD, BARE), _agreed(ASKED, TOLD), _agreed(BARE, ASKED)],
)
def test_a_link_is_kept_with_all_that_either_side_says(store: SyncStore, agreed: Link) -> None:
    store.save_link(link(title="Before"))
    store.save_link(agreed)
    assert store.link(Side.CRM, crm()) == agreed
    assert list(store.links()) == [agreed]
    store.drop_link(agreed)
    store.save_links([agreed])
    assert list(store.links()) == [agreed]


def test_a_link_of_a_file_of_before_is_read_as_it_was(tmp_path: Path) -> None:
    path, agreed = tmp_path / "private" / "soroe.db", _agreed(BARE, TOLD)
    store = open_store(path, KEY)
    store.sync(WORK).save_link(agreed)
    store.close()
    database = open_file(path, KEY)
    kept = database.row("SELECT calendar_base FROM link")
    database.run("UPDATE link SET calendar_base = ?", (agreed.baseline.calendar.digests,))
    database.close()
    assert kept is not None
    assert len(kept[0]) < len(agreed.baseline.calendar.digests)
    store = open_store(path, KEY)
    assert store.sync(WORK).link(Side.CRM, crm()) == agreed
    store.close()


def test_two_syncs_in_one_file_do_not_meet(database: Store) -> None:
    one, other = database.sync(WORK), database.sync(SyncName("other"))
    one.put(Side.CRM, [entry(item(), dirty=True)])
    one.save_link(link())
    one.set_findings([(Side.CRM, crm())], [finding(crm=crm())])
    run = one.begin_run(RunKind.SYNC, NOW)
    one.intend([change(run)])
    assert other.item(Side.CRM, crm()) is None
    assert (other.dirty(10), list(other.links()), other.same_key(b"key"), other.findings()) == ([], [], [], [])
    assert (other.run(run), other.changes(run), other.open_changes()) == (None, [], [])
    other.mark_all_dirty()
    other.wipe()
    assert one.item(Side.CRM, crm()) == item()
    assert one.link_count() == 1


def test_a_removed_sync_leaves_nothing_for_one_of_the_same_name(database: Store) -> None:
    old = database.sync(WORK)
    old.put(Side.CRM, [entry(item())])
    old.choose(Side.CRM, crm(), Choice(FindingAction.DROP, NOW))
    old.intend([change(old.begin_run(RunKind.SYNC, NOW))])
    old.dismiss(finding().id, NOW)
    database.remove_sync(WORK)
    new = database.sync(WORK)
    assert new.item(Side.CRM, crm()) is None
    assert new.choice(Side.CRM, crm()) is None
    assert (new.runs(10), new.open_changes()) == ([], [])
    new.set_sync_findings([finding()])
    assert new.findings() == [finding()]


def test_a_fact_is_kept_replaced_and_dropped(database: Store) -> None:
    assert database.fact("health/crm") is None
    database.set_fact("health/crm", "well")
    database.set_fact("health/crm", "unwell \ud800")
    assert database.fact("health/crm") == "unwell \ud800"
    database.set_fact("health/crm", None)
    assert database.fact("health/crm") is None


@pytest.mark.parametrize("odd", ["", "\x00", "a\x00b", "\ud83d", "\ud83d\ude00", "😀", "ｱｲｳ", "' OR 1=1 --", "9" * 400])
def test_ids_of_any_characters_are_told_apart(store: SyncStore, odd: str) -> None:
    seen = item(calendar(odd), content(odd), version=None, stamp=odd, activity_type=odd)
    store.put(Side.CALENDAR, [entry(seen, dirty=True), entry(item(calendar(odd + "x")))])
    store.save_link(link("1", odd))
    assert store.item(Side.CALENDAR, calendar(odd)) == seen
    assert store.dirty(10) == [(Side.CALENDAR, calendar(odd))]
    assert list(store.known(Side.CALENDAR, [calendar(odd)])) == [calendar(odd)]
    assert store.link(Side.CRM, crm()) == link("1", odd)


def test_names_learned_in_a_transaction_that_failed_are_learned_again(store: SyncStore) -> None:
    with pytest.raises(LookupError), store.transaction():
        store.put(Side.CRM, [entry(item(stamp="soroe1|k|p|"))])
        raise LookupError
    seen = item(stamp="soroe1|k|p|")
    store.put(Side.CRM, [entry(seen)])
    assert store.item(Side.CRM, crm()) == seen


def test_what_was_deleted_was_made_anew_once_another_item_was_made_in_its_stead(store: SyncStore) -> None:
    run = store.begin_run(RunKind.SYNC, NOW)
    deleted, again = store.intend([change(run, verb=Verb.DELETE), change(run, verb=Verb.CREATE)])
    store.conclude(deleted, ChangeState.DONE)
    assert not store.was_made_anew(deleted)  # it is only intended
    store.conclude(again, ChangeState.DONE)
    assert not store.was_made_anew(deleted)  # it is the very same that was brought back
    store.conclude(again, ChangeState.DONE, target=calendar("e2"))
    assert store.was_made_anew(deleted)
    assert not store.was_made_anew(again)
