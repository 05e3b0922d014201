"""Reading a mailbox: what Outlook holds, told as the core's values, with few requests and without guessing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from soroe.core.event import (
    AllDay,
    ContainerId,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Ref,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Visibility,
    Window,
    occurrence_id,
)
from soroe.ports.errors import CursorExpired, PortError, RetryLater
from soroe.ports.remote import Cursor
from soroe.sandbox.exchange.ids import read_item_id
from soroe.sandbox.exchange.people import attendees
from soroe.sandbox.exchange.recurrence import Recurrence as Pattern
from soroe.sandbox.faults import TruncateBody
from tests.contracts.exchange_stand import SATO, SUZUKI, ExchangeStand
from tests.contracts.stand import about, at, meeting

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 5, 12, 10, tzinfo=TOKYO)
WEEKLY = Pattern(
    "WeeklyRecurrence", (("Interval", "1"), ("DaysOfWeek", "Tuesday")), "NumberedRecurrence", START.date(), None, 6
)
DAILY = Pattern("DailyRecurrence", (("Interval", "1"),), "NumberedRecurrence", START.date(), None, 40)


def makes(office: ExchangeStand, subject: str = "Visit", hours: float = 1, **fields: Any) -> ObservedItem:
    """What an item that a person makes in Outlook reads as."""
    own = office.sandbox.user_creates(SATO, subject, START, START + timedelta(hours=hours), **fields)
    return office.read(Ref(office.container, ItemId(own)))


def spoilt(office: ExchangeStand, **fields: object) -> Unreadable:
    """What an item reads as whose record holds something that no checks let through."""
    item = makes(office)
    record = office.sandbox.calendar(SATO).records[read_item_id(item.ref.id)[0]]
    record.item = replace(record.item, **fields)  # type: ignore[arg-type] # any field of the record
    seen = office.reader.read(item.ref)
    assert isinstance(seen, Unreadable) and seen.ref == item.ref, seen
    return seen


def sees(office: ExchangeStand, ref: Ref, cursor: Cursor | None = None) -> list[object]:
    return list(about(ref, office.seen(cursor)[0]))


def test_an_html_body_is_told_as_its_text(office: ExchangeStand) -> None:
    html = "<html><body><p>Bring the <b>offer</b></p></body></html>"
    assert "Bring the offer" in makes(office, body=html, body_type="HTML").content.description


@pytest.mark.parametrize(
    ("told", "meant"),
    [("Normal", Visibility.NORMAL), ("Personal", Visibility.PRIVATE), ("Private", Visibility.PRIVATE),
     ("Confidential", Visibility.PRIVATE)],
)  # fmt: skip # short values, several a line
def test_a_sensitivity_is_normal_or_private(office: ExchangeStand, told: str, meant: Visibility) -> None:
    assert makes(office, sensitivity=told).content.visibility is meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [("Free", ShowAs.FREE), ("Tentative", ShowAs.TENTATIVE), ("Busy", ShowAs.BUSY), ("OOF", ShowAs.OUT_OF_OFFICE),
     ("WorkingElsewhere", ShowAs.FREE)],
)  # fmt: skip # short values, several a line
def test_a_busy_status_is_told(office: ExchangeStand, told: str, meant: ShowAs) -> None:
    assert makes(office, show_as=told).content.show_as is meant


def test_whole_days_end_on_the_day_after(office: ExchangeStand) -> None:
    midnight = datetime(2026, 5, 12, tzinfo=TOKYO)
    own = office.sandbox.user_creates(SATO, "Fair", midnight, midnight + timedelta(days=2), all_day=True)
    assert office.read(Ref(office.container, ItemId(own))).content.when == AllDay(date(2026, 5, 12), date(2026, 5, 14))


def test_whole_days_of_another_zone_stay_the_days_they_are(office: ExchangeStand) -> None:
    midnight = datetime(2026, 5, 12, tzinfo=ZoneInfo("America/New_York"))
    zone = {"start_zone": "Eastern Standard Time", "end_zone": "Eastern Standard Time"}
    own = office.sandbox.user_creates(SATO, "Fair", midnight, midnight + timedelta(days=1), all_day=True, **zone)
    assert office.read(Ref(office.container, ItemId(own))).content.when == AllDay(date(2026, 5, 12), date(2026, 5, 13))


def test_a_time_is_told_by_the_clock_of_its_own_zone(office: ExchangeStand) -> None:
    item = makes(office, start_zone="W. Europe Standard Time", end_zone="W. Europe Standard Time")
    assert item.content.when == Timed(datetime(2026, 5, 12, 3), datetime(2026, 5, 12, 4), "Europe/Berlin")


@pytest.mark.parametrize("name", ["Customized Time Zone", "Moon Standard Time"])
def test_an_unknown_zone_holds_the_item_and_names_the_field(office: ExchangeStand, name: str) -> None:
    assert spoilt(office, start_zone=name).field == "StartTimeZone"


def test_guests_are_the_other_people_with_an_address(office: ExchangeStand) -> None:
    required = (*attendees("suzuki@example.com", SATO), *attendees("/o=Example/cn=Tanaka"))
    answered = replace(attendees("abe@example.com")[0], response="Accept")
    item = makes(office, required=required, optional=(answered,), resources=attendees("room@example.com"))
    assert item.content.guests == (
        Guest("abe@example.com", "", Response.ACCEPTED),
        Guest("suzuki@example.com", "", Response.NONE),
    )
    assert item.read_only is None


@pytest.mark.parametrize("answer", ["NoResponseReceived", "Accept", "Tentative", "Decline"])
def test_what_somebody_else_organises_is_not_ours_to_change(office: ExchangeStand, answer: str) -> None:
    own = office.sandbox.receives_invitation(SATO, SUZUKI, "Hers", START, START + timedelta(hours=1))
    if answer != "NoResponseReceived":
        office.sandbox.user_answers(own, answer)
    item = office.read(Ref(office.container, ItemId(own)))
    assert item.read_only is ReadOnlyCause.FOREIGN_ORGANISER
    assert item.declined is (answer == "Decline")


def test_a_meeting_that_was_called_off_does_not_take_place_for_the_user(office: ExchangeStand) -> None:
    own = office.sandbox.receives_invitation(SATO, SUZUKI, "Hers", START, START + timedelta(hours=1))
    office.sandbox.organizer_cancels(own)
    assert office.read(Ref(office.container, ItemId(own))).declined


def test_a_calendar_that_may_only_be_read_says_so_of_every_item(office: ExchangeStand) -> None:
    office.sandbox.add_account(SUZUKI, "hers")
    shared = office.sandbox.calendar(SUZUKI).id
    office.sandbox.share(shared, SATO)
    own = office.sandbox.user_creates(SUZUKI, "Hers", START, START + timedelta(hours=1))
    private = office.sandbox.user_creates(SUZUKI, "Secret", START, START + timedelta(hours=1), sensitivity="Private")
    hers = ContainerId(shared)
    item = office.reader.read(Ref(hers, ItemId(own)))
    assert isinstance(item, ObservedItem) and item.read_only is ReadOnlyCause.READ_ONLY_CONTAINER
    assert office.reader.read(Ref(hers, ItemId(private))) == Tombstone(Ref(hers, ItemId(private)))


def test_further_calendars_are_offered_but_not_deleted_ones(office: ExchangeStand) -> None:
    more = office.sandbox.add_calendar(SATO, "出張")
    entries = office.reader.containers()
    assert [(one.id, one.primary) for one in entries] == [(office.container, True), (ContainerId(more), False)]
    assert entries[1].name == "出張" and all(one.read_only is None for one in entries)


def test_what_lies_in_another_folder_is_gone_from_this_calendar(office: ExchangeStand) -> None:
    item = makes(office)
    cursor = office.cursor()
    moved = office.sandbox.user_moves(item.ref.id, office.sandbox.add_calendar(SATO, "Other"))
    assert sees(office, item.ref, cursor) == [Tombstone(item.ref)]
    for own in (item.ref.id, ItemId(moved)):
        ref = Ref(office.container, own)
        assert office.reader.read(ref) == Tombstone(ref)


def test_a_deleted_item_that_is_dragged_back_is_a_new_one(office: ExchangeStand) -> None:
    item = makes(office)
    cursor = office.cursor()
    office.user_deletes(item.ref)
    (trashed,) = office.sandbox.deleted_items(SATO)
    back = office.sandbox.user_restores(trashed)
    seen, _ = office.seen(cursor)
    assert sorted(type(one).__name__ for one in seen) == ["ObservedItem", "Tombstone"]
    assert about(Ref(office.container, ItemId(back)), seen) and back != item.ref.id


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"subject": "x" * 40_000}, "subject"),
        ({"show_as": "Napping"}, "legacy_free_busy_status"),
        ({"end": START.astimezone(UTC) - timedelta(hours=1)}, "end"),
        ({"location": "x" * 40_000}, "location"),
    ],
)
def test_what_nobody_can_use_is_named_with_its_field(
    office: ExchangeStand, fields: dict[str, object], named: str
) -> None:
    assert spoilt(office, **fields).field == named


def test_a_listing_that_lies_about_an_item_costs_only_what_it_lies_about(office: ExchangeStand) -> None:
    for number in range(3):
        makes(office, f"Visit {number}")
    for lie in ("spoil_first_item", "repeat_items", "answer_out_of_order"):
        getattr(office.sandbox.lies, lie)()
        seen, _ = office.seen()
        assert sorted(one.content.title for one in seen if isinstance(one, ObservedItem)) == [
            "Visit 0", "Visit 1", "Visit 2",
        ]  # fmt: skip # short values, several a line


def test_an_answer_that_is_cut_short_gives_no_cursor(office: ExchangeStand) -> None:
    makes(office)
    office.sandbox.operation_faults.add(TruncateBody(300), path="SyncFolderItems")
    with pytest.raises(RetryLater):
        office.seen()
    assert office.titles() == ["Visit"]


# --- requests ---
def test_nothing_new_costs_one_request_and_a_change_two(office: ExchangeStand) -> None:
    item = makes(office)
    cursor = office.cursor()
    before = office.reader.requests_sent
    _, cursor = office.seen(cursor)
    assert office.reader.requests_sent - before == 1
    office.user_renames(item.ref, "Later")
    before = office.reader.requests_sent
    assert sees(office, item.ref, cursor) == [office.read(item.ref)]
    assert office.reader.requests_sent - before == 3  # the look of the test itself is the third


def test_a_long_history_is_walked_by_its_times_alone(office: ExchangeStand) -> None:
    for day in range(210):
        start = START - timedelta(days=400 + day)
        office.sandbox.user_creates(SATO, "Old", start, start + timedelta(hours=1))
    makes(office)
    before = office.reader.requests_sent
    seen, _ = office.seen(window=Window(date(2026, 5, 1), date(2026, 5, 31)))
    assert len(seen) == 1 and office.reader.requests_sent - before == 2  # one page, and one look at one item


# --- series ---
def series(office: ExchangeStand, pattern: Pattern = WEEKLY) -> ObservedItem:
    return makes(office, "Round", recurrence=pattern)


def occurrence(item: ObservedItem, day: int) -> Occurrence:
    return Occurrence(item.ref.id, datetime(2026, 5, day, 1))


def reference(item: ObservedItem, day: int) -> Ref:
    return Ref(item.ref.container, occurrence_id(item.ref.id, occurrence(item, day).original_start))


def own_id(office: ExchangeStand, item: ObservedItem, number: int) -> str:
    return office.sandbox.occurrences(item.ref.id, START + timedelta(days=60))[number]


def test_an_exception_made_in_outlook_is_told_with_its_series(office: ExchangeStand) -> None:
    master = series(office)
    cursor = office.cursor()
    office.sandbox.user_changes(own_id(office, master, 1), subject="Moved", location="Osaka")
    seen, _ = office.seen(cursor)
    (told,) = about(reference(master, 19), seen)
    assert isinstance(told, ObservedItem) and told.content.title == "Moved"
    assert told.occurrence == occurrence(master, 19) and told.content.recurrence is None
    assert office.reader.read(told.ref) == told and about(master.ref, seen)


def test_an_occurrence_deleted_in_outlook_is_cancelled_in_its_series(office: ExchangeStand) -> None:
    master = series(office)
    cursor = office.cursor()
    office.user_deletes(Ref(office.container, ItemId(own_id(office, master, 1))))
    seen, _ = office.seen(cursor)
    (told,) = about(reference(master, 19), seen)
    assert told == Tombstone(reference(master, 19), None, occurrence(master, 19))
    (again,) = about(master.ref, seen)
    assert isinstance(again, ObservedItem) and again.content.recurrence is not None
    assert again.content.recurrence.removed == (datetime(2026, 5, 19, 10),)


def test_exceptions_that_exchange_forgets_are_told_as_their_series_says(office: ExchangeStand) -> None:
    master = series(office)
    office.sandbox.user_changes(own_id(office, master, 1), subject="Moved")
    office.user_deletes(Ref(office.container, ItemId(own_id(office, master, 2))))
    cursor = office.cursor()
    office.sandbox.user_changes(master.ref.id, recurrence=replace(WEEKLY, most=8))
    seen, cursor = office.seen(cursor)
    for day in (19, 26):
        (told,) = about(reference(master, day), seen)
        assert isinstance(told, ObservedItem) and told.content.title == "Round"
    office.user_renames(master.ref, "Renamed")
    assert [one.ref for one in office.seen(cursor)[0]] == [master.ref]


def test_occurrences_that_a_new_pattern_no_longer_has_are_gone(office: ExchangeStand) -> None:
    master = series(office)
    office.sandbox.user_changes(own_id(office, master, 1), subject="Moved")
    cursor = office.cursor()
    office.sandbox.user_changes(master.ref.id, recurrence=replace(WEEKLY, most=1))
    (told,) = about(reference(master, 19), office.seen(cursor)[0])
    assert told == Tombstone(reference(master, 19), None, occurrence(master, 19))


def test_too_much_forgotten_at_once_asks_for_a_new_listing(office: ExchangeStand) -> None:
    master = series(office, DAILY)
    for number in range(25):
        office.sandbox.user_changes(own_id(office, master, number), subject="Moved")
    cursor = office.cursor()
    office.sandbox.user_changes(master.ref.id, recurrence=replace(DAILY, most=41))
    with pytest.raises(CursorExpired):
        office.seen(cursor)
    assert [one.ref for one in office.seen()[0]] == [master.ref]


def test_a_series_that_ended_before_the_window_is_left_out_and_a_coming_one_too(office: ExchangeStand) -> None:
    series(office)
    for window in (Window(date(2026, 8, 1), date(2026, 8, 31)), Window(date(2026, 4, 1), date(2026, 4, 20))):
        assert office.seen(window=window)[0] == []
    assert len(office.seen(window=Window(date(2026, 6, 1), date(2026, 6, 30)))[0]) == 1


def test_exceptions_far_from_the_window_are_not_read(office: ExchangeStand) -> None:
    master = series(office)
    office.sandbox.user_changes(own_id(office, master, 0), subject="Early")
    office.sandbox.user_changes(own_id(office, master, 5), subject="Late")
    seen, _ = office.seen(window=Window(date(2026, 6, 10), date(2026, 6, 20)))
    assert {one.content.title for one in seen if isinstance(one, ObservedItem)} == {"Round", "Late"}


def test_a_deleted_series_takes_its_memory_along(office: ExchangeStand) -> None:
    master = series(office)
    office.sandbox.user_changes(own_id(office, master, 1), subject="Moved")
    cursor = office.cursor()
    office.user_deletes(master.ref)
    seen, cursor = office.seen(cursor)
    assert seen == [Tombstone(master.ref)] and cursor.endswith(".")


@pytest.mark.parametrize("memory", ["{", "[]", '{"a":1}', "7"])
def test_a_damaged_memory_is_a_damaged_cursor(office: ExchangeStand, memory: str) -> None:
    with pytest.raises(CursorExpired):
        office.seen(Cursor(office.cursor() + memory))


def test_a_cursor_of_another_calendar_is_of_no_use(office: ExchangeStand) -> None:
    other = ContainerId(office.sandbox.add_calendar(SATO, "Other"))
    with pytest.raises(CursorExpired):
        list(office.reader.changes(other, office.cursor(), Window(date(2026, 5, 1), date(2026, 5, 31))))


def test_an_occurrence_of_an_id_that_is_no_series_is_gone(office: ExchangeStand) -> None:
    item = makes(office)
    for ref in (reference(item, 12), Ref(office.container, occurrence_id(ItemId("no id"), datetime(2026, 5, 12, 1)))):
        assert office.reader.read(ref) == Tombstone(ref)


def test_the_search_for_a_create_of_an_exception_looks_at_its_place(office: ExchangeStand) -> None:
    master = series(office)
    create = office.creating(meeting("Moved", at(15, day=20)), "seed", occurrence=occurrence(master, 19))
    assert [one.ref for one in office.reader.find(create)] == [reference(master, 19)]
    gone = replace(create, occurrence=Occurrence(master.ref.id, datetime(2026, 5, 20, 1)))
    assert list(office.reader.find(gone)) == []


def test_errors_in_the_middle_of_a_batch_are_told_as_what_they_are(office: ExchangeStand) -> None:
    makes(office)
    office.sandbox.answer_with("ErrorItemCorrupt", "GetItem")
    (told,) = office.seen()[0]
    assert isinstance(told, Unreadable) and told.reason == "ErrorItemCorrupt"
    office.sandbox.answer_with("ErrorMailboxStoreUnavailable", "GetItem")
    with pytest.raises(PortError) as raised:
        office.seen()
    assert isinstance(raised.value, RetryLater)
