"""The window's reading: pages of meetings, both sides of one, findings, History, beside a writer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.database import DatabaseReading, DatabaseStore, open_reading, open_store
from soroe.core.event import AllDay, ContainerId, ItemId, Ref, Removed, Side, Timed, Visibility, Witness
from soroe.core.plan import Verb, Why
from soroe.core.route import SyncName
from soroe.ports.errors import LocalTrouble
from soroe.ports.reading import DayCount, Filters, MeetingPage, SortKey, Where, Whose
from soroe.ports.store import ChangeId, ChangeState, RunKind, RunRecord, SyncState, SyncStatus, SyncStore

from .meetings import KEY, NOW, WORK, calendar, change, content, crm, entry, finding, item, link

HOME = SyncName("home")
EVERYTHING = Filters()


@pytest.fixture
def database(path: Path) -> Iterator[DatabaseStore]:
    """The writer."""
    opened = open_store(path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def store(database: DatabaseStore) -> SyncStore:
    """One sync's part of it."""
    return database.sync(WORK)


@pytest.fixture
def reading(database: DatabaseStore, path: Path) -> Iterator[DatabaseReading]:
    """The reader beside it."""
    assert database.fact("") is None
    opened = open_reading(path, KEY)
    yield opened
    opened.close()


def day(number: int, hour: int = 10, zone: str = "Etc/UTC") -> Timed:
    """An hour in May."""
    start = datetime(2026, 5, number, hour)
    return Timed(start, start + timedelta(hours=1), zone)


def page(
    reading: DatabaseReading,
    filters: Filters = EVERYTHING,
    sort: SortKey = SortKey.START,
    *,
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> MeetingPage:
    """A page, by default the first of everything."""
    return reading.meetings(filters, sort, descending=descending, offset=offset, limit=limit)


def titles(found: MeetingPage) -> list[str]:
    """The titles in order."""
    return [row.title for row in found.rows]


def test_a_linked_pair_is_one_row_and_an_item_without_link_another(store: SyncStore, reading: DatabaseReading) -> None:
    store.put(Side.CRM, [entry(item(crm("1"), content("Pair", when=day(1)), activity_type="call"))])
    private = content("Pair", when=day(1), visibility=Visibility.PRIVATE)
    store.put(
        Side.CALENDAR, [entry(item(calendar("e1"), private)), entry(item(calendar("e2"), content("Lone", when=day(2))))]
    )
    store.put(Side.CALENDAR, [entry(item(calendar("e3"), content("Gone", when=day(3))))])
    store.mark_removed(Side.CALENDAR, [Removed(calendar("e3"), Witness.TOMBSTONE)])
    store.save_link(link("1", "e1"))
    store.settle([(Side.CRM, crm("1"), Why.IN_STEP), (Side.CALENDAR, calendar("e2"), Why.DIRECTION)])
    pair, lone = page(reading).rows
    assert (pair.sync, pair.crm, pair.calendar, pair.title, pair.where) == (
        WORK,
        crm("1"),
        calendar("e1"),
        "Pair",
        Where.BOTH,
    )
    assert (pair.activity_type, pair.private, pair.why, pair.date_only) == ("call", True, Why.IN_STEP, False)
    assert (lone.crm, lone.calendar, lone.where, lone.private, lone.why) == (
        None, calendar("e2"), Where.CALENDAR, False, Why.DIRECTION,
    )  # fmt: skip # short values, several a line


@pytest.mark.parametrize("crm_first", [True, False])
@pytest.mark.parametrize("linked_first", [True, False])
def test_a_meeting_is_one_row_in_whatever_order_it_became_known(
    store: SyncStore, reading: DatabaseReading, *, crm_first: bool, linked_first: bool
) -> None:
    sides = [(Side.CRM, crm("1")), (Side.CALENDAR, calendar("e1"))]
    if linked_first:
        store.save_link(link("1", "e1"))
        assert page(reading).total == 0
    for side, ref in sides if crm_first else sides[::-1]:
        store.put(side, [entry(item(ref))])
        if linked_first:
            assert page(reading).total == 1
    store.save_link(link("1", "e1"))
    assert [row.where for row in page(reading).rows] == [Where.BOTH]
    store.mark_removed(Side.CRM, [Removed(crm("1"), Witness.TOMBSTONE)])
    assert page(reading).total == 1
    store.forget(Side.CRM, [crm("1")])
    assert [row.calendar for row in page(reading).rows] == [calendar("e1")]
    store.drop_link(link("1", "e1"))
    assert [row.where for row in page(reading).rows] == [Where.CALENDAR]
    store.mark_removed(Side.CALENDAR, [Removed(calendar("e1"), Witness.TOMBSTONE)])
    assert page(reading).total == 0


def test_times_are_told_in_utc_and_all_day_entries_as_dates(store: SyncStore, reading: DatabaseReading) -> None:
    dates = AllDay(date(2026, 5, 2), date(2026, 5, 4))
    shapes = [day(1, 10, "Asia/Tokyo"), dates, day(3, 10, "Nowhere/Unknown")]
    store.put(Side.CRM, [entry(item(crm(str(n)), content(str(n), when=when))) for n, when in enumerate(shapes)])
    tokyo, whole, unknown = page(reading).rows
    assert (tokyo.start, tokyo.end) == (datetime(2026, 5, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, 2, tzinfo=UTC))
    assert (whole.start, whole.end, whole.date_only) == (
        datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC), True,
    )  # fmt: skip # short values, several a line
    assert unknown.start == datetime(2026, 5, 3, 10, tzinfo=UTC)


def test_every_column_sorts_both_ways_and_pages_never_overlap(store: SyncStore, reading: DatabaseReading) -> None:
    kinds = ["call", "meeting", None]
    store.put(
        Side.CRM,
        [
            entry(item(crm(str(n)), content("zAäあ"[n % 4] + str(n), when=day(n % 7 + 1)), activity_type=kinds[n % 3]))
            for n in range(1_200)
        ],
    )
    for sort in SortKey:
        for descending in (False, True):
            whole = page(reading, sort=sort, descending=descending, limit=5_000).rows
            assert len({row.crm for row in whole}) == 1_200
            parts = [
                row
                for offset in range(0, 1_200, 400)
                for row in page(reading, sort=sort, descending=descending, offset=offset, limit=400).rows
            ]
            assert parts == list(whole)
            keys: dict[SortKey, list[Any]] = {
                SortKey.START: [row.start for row in whole],
                SortKey.TITLE: [row.title.casefold() for row in whole],
                SortKey.TYPE: [row.activity_type or "" for row in whole],
                SortKey.WHERE: [row.where for row in whole],
            }
            assert keys[sort] == sorted(keys[sort], reverse=descending)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("VISIT", ["Visit Aoki"]),
        ("ao", ["Visit Aoki"]),
        ("商談", ["商談：アオキ"]),
        ("ｱｵｷ", ["商談：アオキ"]),
        ("ÄRZTE", ["Ärzte-Kongress"]),
        ("strasse", ["Hauptstraße"]),
        ("100%", ["100% done_"]),
        ("_", ["100% done_"]),
        ("nobody", []),
    ],
)
def test_text_is_found_without_regard_to_case_or_width(
    store: SyncStore, reading: DatabaseReading, text: str, found: list[str]
) -> None:
    names = ["Visit Aoki", "商談：アオキ", "Ärzte-Kongress", "Hauptstraße", "100% done_", "odd \ud800"]
    store.put(Side.CRM, [entry(item(crm(str(n)), content(name))) for n, name in enumerate(names)])
    result = page(reading, Filters(text=text))
    assert titles(result) == found
    assert (result.total, result.hidden) == (len(found), len(names) - len(found))


def test_filters_are_joined_and_tell_how_many_they_hide(
    database: DatabaseStore, store: SyncStore, reading: DatabaseReading
) -> None:
    store.put(Side.CRM, [entry(item(crm("1"), content("a"), activity_type="call"))])
    store.put(Side.CRM, [entry(item(crm("2"), content("b"), activity_type="meeting"))])
    store.put(Side.CALENDAR, [entry(item(calendar("e"), content("c")))])
    store.settle([(Side.CRM, crm("1"), Why.TOO_LONG)])
    database.sync(HOME).put(Side.CRM, [entry(item(crm("1"), content("d"), activity_type="call"))])
    expected = {
        Filters(types=frozenset({"call"})): ["a", "d"],
        Filters(types=frozenset({"call"}), sync=WORK): ["a"],
        Filters(where=Where.CALENDAR): ["c"],
        Filters(where=Where.BOTH): [],
        Filters(whys=frozenset({Why.TOO_LONG, Why.DECLINED})): ["a"],
        Filters(whys=frozenset({Why.DECLINED})): [],
        Filters(sync=HOME): ["d"],
        Filters(sync=SyncName("none")): [],
        Filters(): ["a", "b", "c", "d"],
    }
    for filters, found in expected.items():
        result = page(reading, filters, SortKey.TITLE)
        assert (titles(result), result.total, result.hidden) == (found, len(found), 4 - len(found)), filters
        assert page(reading, filters, limit=0).total == len(found)


def test_pd_1_mine_are_all_that_are_in_nobody_elses_calendar(store: SyncStore, reading: DatabaseReading) -> None:
    hers = ContainerId("suzuki@example.com")
    theirs = Ref(hers, ItemId("h"))
    store.put(Side.CRM, [entry(item(crm("1"), content("a"))), entry(item(crm("2"), content("b")))])
    store.put(Side.CALENDAR, [entry(item(calendar("e"), content("c"))), entry(item(theirs, content("b")))])
    store.put(Side.CALENDAR, [entry(item(Ref(hers, ItemId("g")), content("d")))])
    store.save_link(replace(link("2"), calendar=theirs))
    expected = {
        Filters(whose=Whose(frozenset({hers}), inside=True)): ["b", "d"],
        Filters(whose=Whose(frozenset({hers}), inside=False)): ["a", "c"],
        Filters(whose=Whose(frozenset({ContainerId("nobody")}), inside=True)): [],
    }
    for filters, found in expected.items():
        for sort in SortKey:
            result = page(reading, filters, sort)
            assert (sorted(titles(result)), result.hidden) == (found, 4 - len(found)), (filters, sort)


def test_the_reader_sees_what_the_writer_committed_and_nothing_else(store: SyncStore, reading: DatabaseReading) -> None:
    assert page(reading).total == 0
    with store.transaction():
        store.put(Side.CRM, [entry(item())])
        assert page(reading).total == 0
    assert page(reading).total == 1
    store.put(Side.CRM, [entry(item(crm("2")))])
    assert page(reading, Filters(text="visit")).total == 2


def test_the_reader_cannot_write(database: DatabaseStore, reading: DatabaseReading) -> None:
    database.set_fact("a", "b")
    assert reading.fact("a") == "b"
    with pytest.raises(LocalTrouble, match="database_read_only"):
        reading._database.run("DELETE FROM fact")


def test_a_reader_needs_a_database(path: Path) -> None:
    with pytest.raises(LocalTrouble, match="database_missing"):
        open_reading(path, KEY)
    path.touch()
    with pytest.raises(LocalTrouble, match="database_older"):
        open_reading(path, KEY)


def test_both_sides_are_shown_from_either_one_also_after_a_removal(store: SyncStore, reading: DatabaseReading) -> None:
    one, other = item(crm("1"), content("Ours")), item(calendar("e1"), content("Theirs"))
    store.put(Side.CRM, [entry(one)])
    store.put(Side.CALENDAR, [entry(other)])
    store.save_link(link("1", "e1"))
    store.settle([(Side.CALENDAR, calendar("e1"), Why.CONFLICT)])
    store.mark_removed(Side.CRM, [Removed(crm("1"), Witness.ABSENT)])
    for side, ref in ((Side.CRM, crm("1")), (Side.CALENDAR, calendar("e1"))):
        found = reading.both_sides(WORK, side, ref)
        assert (found.crm, found.calendar, found.link, found.why) == (one, other, link("1", "e1"), Why.CONFLICT)
    lone = reading.both_sides(WORK, Side.CRM, crm("none"))
    assert (lone.crm, lone.calendar, lone.link, lone.why) == (None, None, None, None)


def test_syncs_and_findings_of_all_syncs_are_listed(
    database: DatabaseStore, store: SyncStore, reading: DatabaseReading
) -> None:
    paused = SyncState(SyncStatus.PAUSED, paused_until=NOW)
    store.save_state(paused)
    database.sync(HOME).set_sync_findings([finding("mine")])
    store.set_sync_findings([finding("yours"), finding("hidden")])
    store.dismiss(finding("hidden").id, NOW)
    assert reading.syncs() == [(WORK, paused)]
    assert {(name, each.cause) for name, each in reading.findings()} == {(HOME, "mine"), (WORK, "yours")}
    assert [each.cause for _, each in reading.findings(HOME)] == ["mine"]


def run_with(store: SyncStore, at: datetime = NOW, name: SyncName = WORK, **counts: Any) -> RunRecord:
    """A finished run."""
    number = store.begin_run(RunKind.SYNC, at)
    record = RunRecord(number, name, RunKind.SYNC, at, at, created=(0, counts.pop("created", 0)), **counts)
    store.finish_run(record)
    return record


def test_history_lists_the_runs_of_all_syncs_newest_first(
    database: DatabaseStore, store: SyncStore, reading: DatabaseReading
) -> None:
    first, second = run_with(store, created=1), run_with(database.sync(HOME), name=HOME, linked=2)
    assert reading.runs(0, 10) == [second, first]
    assert reading.runs(1, 10) == [first]
    (number,) = store.intend([change(first.id)])
    assert [each.id for each in reading.changes(first.id)] == [number]
    assert reading.changes(second.id) == []


def test_the_chart_has_a_row_for_every_day(store: SyncStore, reading: DatabaseReading) -> None:
    run_with(store, NOW, created=2, linked=1, held=4)
    run_with(store, NOW.replace(hour=23, minute=59), failed=3)
    run_with(store, NOW - timedelta(days=2), created=5)
    run_with(store, NOW - timedelta(days=3), created=9)
    assert reading.chart(3, "2026-05-11") == [
        DayCount("2026-05-09", 5, 0, 0),
        DayCount("2026-05-10", 0, 0, 0),
        DayCount("2026-05-11", 3, 3, 4),
    ]


def deleted(store: SyncStore, run: RunRecord, id: str, at: datetime = NOW) -> ChangeId:
    """A deletion that was made."""
    (number,) = store.intend([change(run.id, at=at, verb=Verb.DELETE, target=calendar(id), after=None)])
    store.conclude(number, ChangeState.DONE)
    return number


def test_deleted_items_can_be_restored_until_they_were(store: SyncStore, reading: DatabaseReading) -> None:
    run = run_with(store, created=1)
    early, kept, again, elsewhere = (deleted(store, run, id) for id in ("old", "kept", "again", "elsewhere"))
    deleted(store, run, "long ago", NOW - timedelta(days=40))
    since = NOW - timedelta(days=30)
    assert [each.change.id for each in reading.deleted_items(since)] == [elsewhere, again, kept, early]
    assert reading.deleted_items(since)[0].content == content("Before")
    for target in ("again", "elsewhere"):
        (number,) = store.intend([change(run.id, verb=Verb.CREATE, why=Why.RESTORED, target=calendar(target))])
        store.conclude(number, ChangeState.DONE, target=calendar("again" if target == "again" else "new-id"))
    (number,) = store.intend([change(run.id, verb=Verb.CREATE, why=Why.RESTORED, target=calendar("kept"))])
    store.conclude(number, ChangeState.FAILED, error="gone")
    assert [(each.sync, each.change.id) for each in reading.deleted_items(since)] == [(WORK, kept), (WORK, early)]
