"""Writing to a mailbox: quietly, in the state that was decided on, nothing beside what is named, and findable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from soroe.adapters.exchange import body
from soroe.core.event import (
    AllDay,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Timed,
    Tombstone,
    occurrence_id,
)
from soroe.ports.errors import (
    ChangedMeanwhile,
    ItemRejected,
    LimitReached,
    PortError,
    RetryLater,
)
from soroe.ports.remote import Delete, Erased, Failed, Unsent, Update, Written
from soroe.sandbox.exchange.people import attendees
from soroe.sandbox.faults import Answer, DropAfterProcessing
from tests.contracts.exchange_stand import SATO, ExchangeStand
from tests.contracts.stand import at, differing, error, meeting, weekly

TOKYO = ZoneInfo("Asia/Tokyo")
GUESTS = (Guest("suzuki@example.com", "鈴木"), Guest("tanaka@example.com", "Tanaka"))
STAMP = "soroe1|key|partner"


def made(office: ExchangeStand, **fields: Any) -> ObservedItem:
    """An item that a person made in Outlook."""
    start = datetime(2026, 5, 12, 10, tzinfo=TOKYO)
    own = office.sandbox.user_creates(SATO, "Visit", start, start + timedelta(hours=1), **fields)
    return office.read(Ref(office.container, ItemId(own)))


def day(series: ObservedItem, number: int) -> tuple[Ref, Occurrence]:
    start = datetime(2026, 5, number, 1)
    return Ref(series.ref.container, occurrence_id(series.ref.id, start)), Occurrence(series.ref.id, start)


# --- every call ---
def test_every_call_is_quiet_conditional_and_can_be_undone(office: ExchangeStand) -> None:
    item = office.creates(meeting(guests=GUESTS), stamp=STAMP)
    item = office.does(office.updating(item, when=at(15), guests=GUESTS[:1]))
    series = office.creates(weekly(), "series")
    ref, occurrence = day(series, 19)
    office.does(Update(ref, None, meeting("Moved"), (Field.TITLE,), None, occurrence))
    office.write(Delete(ref, None, occurrence), office.deleting(item))
    office.does(office.restoring(item, stamp=STAMP))
    sent = {"CreateItem": "SendMeetingInvitations", "UpdateItem": "SendMeetingInvitationsOrCancellations"}
    sent["DeleteItem"] = "SendMeetingCancellations"
    for name, attribute in sent.items():
        operations = office.sandbox.operations(name)
        assert operations and {one.attributes[attribute] for one in operations} == {"SendToNone"}
    assert {one.attributes["ConflictResolution"] for one in office.sandbox.operations("UpdateItem")} == {
        "NeverOverwrite"
    }
    assert {one.attributes["DeleteType"] for one in office.sandbox.operations("DeleteItem")} == {"MoveToDeletedItems"}
    assert office.mails() == 0


def test_a_batch_of_one_kind_is_two_requests(office: ExchangeStand) -> None:
    items = [office.creates(meeting(f"Visit {number}"), f"{number}") for number in range(5)]
    before = office.arrived()
    renamed = office.write(*(office.updating(item, title="Later") for item in items))
    assert office.arrived() - before == 2 and all(isinstance(one, Written) for one in renamed)
    fresh = [office.read(item.ref) for item in items]
    before = office.arrived()
    assert office.write(*(office.deleting(item) for item in fresh)) == [Erased(item.ref) for item in items]
    assert office.arrived() - before == 2


# --- finding again ---
def test_a_create_is_found_by_its_seed_even_where_looks_are_alike(office: ExchangeStand) -> None:
    office.creates(meeting(), "twin")
    office.loses_an_answer()
    office.write(office.creating(meeting(), "mine"))
    (found,) = office.reader.find(office.creating(meeting(), "mine"))
    assert len(office.titles()) == 2 and found.ref not in {
        one.ref for one in office.reader.find(office.creating(meeting(), "twin"))
    }


def test_every_create_of_a_request_without_an_answer_may_have_happened(office: ExchangeStand) -> None:
    office.loses_an_answer()
    writes = [office.creating(meeting(f"Visit {number}"), f"{number}") for number in range(3)]
    for result, write in zip(office.write(*writes), writes, strict=True):
        trouble = error(result)
        assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
        assert len(office.reader.find(write)) == 1


def test_a_create_that_went_through_but_cannot_be_read_back_is_looked_for(office: ExchangeStand) -> None:
    office.sandbox.operation_faults.add(Answer(503), path="GetItem")
    trouble = error(office.write(office.creating())[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    assert len(office.reader.find(office.creating())) == 1


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_another_write_without_an_answer_may_have_happened_too(office: ExchangeStand, kind: str) -> None:
    item = office.creates()
    office.loses_an_answer()
    write = office.updating(item, title="Later") if kind == "update" else office.deleting(item)
    trouble = error(office.write(write)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    (again,) = office.write(write)
    assert again == Erased(item.ref) if kind == "delete" else isinstance(error(again), ChangedMeanwhile)


# --- trouble in a batch ---
def test_trouble_of_the_account_inside_an_answer_stops_what_comes_after(office: ExchangeStand) -> None:
    office.sandbox.answer_with("ErrorQuotaExceeded", "CreateItem")
    writes = [office.creating(meeting(f"Visit {number}"), f"{number}") for number in range(22)]
    first, *rest = office.write(*writes)
    assert isinstance(error(first), LimitReached) and rest == [Unsent()] * 21


def test_an_item_that_is_refused_holds_up_no_other(office: ExchangeStand) -> None:
    long = office.creating(meeting("x" * 256), "long")
    fine, refused, fine_too = office.write(office.creating(seed="one"), long, office.creating(seed="two"))
    assert isinstance(fine, Written) and isinstance(fine_too, Written)
    trouble = error(refused)
    assert isinstance(trouble, ItemRejected) and trouble.field == "title"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=YEARLY;INTERVAL=2", "every_few_years"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", ""),
        ("FREQ=HOURLY", ""),
        ("FREQ=WEEKLY;COUNT=2000", ""),
    ],
)
def test_a_rule_that_exchange_cannot_say_is_refused_before_anything_is_made(
    office: ExchangeStand, rule: str, reason: str
) -> None:
    trouble = error(office.write(office.creating(meeting(recurrence=Recurrence((rule,)))))[0])
    assert isinstance(trouble, ItemRejected) and (trouble.code, trouble.field) == (
        "recurrence_not_supported", "recurrence",
    )  # fmt: skip # short values, several a line
    assert reason in trouble.service_message and office.titles() == []


def test_added_dates_are_refused(office: ExchangeStand) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=3",), (datetime(2026, 5, 14, 10),))
    assert isinstance(error(office.write(office.creating(meeting(recurrence=rule)))[0]), ItemRejected)


def test_a_zone_that_windows_does_not_know_keeps_its_instants_but_no_series(office: ExchangeStand) -> None:
    when = at(zone="Antarctica/Troll")
    single = office.creates(meeting(when=when))
    assert isinstance(single.content.when, Timed) and single.content.when.start_utc == when.start_utc
    series = meeting(when=when, recurrence=Recurrence(("FREQ=DAILY;COUNT=3",)))
    trouble = error(office.write(office.creating(series, "series"))[0])
    assert isinstance(trouble, ItemRejected) and trouble.field == "when"


# --- nothing beside what is named ---
def test_an_html_body_stays_as_it_is_when_another_field_changes(office: ExchangeStand) -> None:
    html = "<html><body><p>Bring the <b>offer</b></p></body></html>"
    item = made(office, body=html, body_type="HTML")
    office.does(office.updating(item, location="Osaka", show_as="free"))
    kept = office.sandbox.item(item.ref.id)
    assert (kept.body, kept.body_type) == (html, "HTML")
    office.does(office.updating(office.read(item.ref), description="Plain"))
    assert office.sandbox.item(item.ref.id).body_type == "Text"


def test_guests_keep_their_answers_and_their_places(office: ExchangeStand) -> None:
    accepted = replace(attendees("suzuki@example.com")[0], response="Accept")
    item = made(
        office,
        required=(accepted,),
        optional=attendees("tanaka@example.com"),
        resources=attendees("room@example.com"),
    )
    more = (*item.content.guests, Guest("abe@example.com", "Abe"))
    office.does(office.updating(item, guests=more))
    kept = office.sandbox.item(item.ref.id)
    assert [(one.person.email, one.response) for one in kept.required] == [
        ("suzuki@example.com", "Accept"),
        ("abe@example.com", "Unknown"),
    ]
    assert [one.person.email for one in (*kept.optional, *kept.resources)] == ["tanaka@example.com", "room@example.com"]
    assert office.mails() == 0


def test_people_whom_only_the_directory_knows_stay_invited() -> None:
    known, gone = (SimpleNamespace(mailbox=SimpleNamespace(email_address=email)) for email in ("/o=X/cn=Abe", "s@x.jp"))
    item = SimpleNamespace(required_attendees=[known, gone], optional_attendees=None)
    assert body.attendees((), item) == {"required_attendees": [known], "optional_attendees": None}


def test_guests_are_not_written_where_they_are_not_named(office: ExchangeStand) -> None:
    item = made(office, required=attendees("suzuki@example.com"))
    other = replace(item.content, title="Later", guests=())
    office.does(Update(item.ref, item.version, other, (Field.TITLE,)))
    assert len(office.sandbox.item(item.ref.id).required) == 1


def test_a_stamp_alone_changes_nothing_else(office: ExchangeStand) -> None:
    item = made(office)
    stamped = office.does(Update(item.ref, item.version, meeting("Elsewhere"), (), STAMP))
    assert stamped.stamp == STAMP and stamped.content == item.content


def test_a_change_of_nothing_sends_no_change(office: ExchangeStand) -> None:
    item = made(office)
    assert office.does(Update(item.ref, item.version, meeting("Elsewhere"), ())) == item
    assert office.sandbox.operations("UpdateItem") == []


# --- series ---
def test_cancelled_occurrences_are_cancelled_in_a_new_series(office: ExchangeStand) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 19, 10), datetime(2026, 6, 2, 10)))
    series = office.creates(meeting("Round", recurrence=rule))
    assert series.content.recurrence == rule
    for number in (19,):
        ref, _ = day(series, number)
        assert office.reader.read(ref) == Tombstone(ref)


def test_one_more_cancelled_occurrence_leaves_the_exceptions_alone(office: ExchangeStand) -> None:
    series = office.creates(weekly())
    ref, occurrence = day(series, 19)
    office.does(Update(ref, None, meeting("Moved"), (Field.TITLE,), None, occurrence))
    series = office.read(series.ref)
    rule = Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 26, 10),))
    changed = office.does(office.updating(series, recurrence=rule))
    assert changed.content.recurrence == rule and office.read(ref).content.title == "Moved"


def test_a_series_whose_title_changes_keeps_its_exceptions(office: ExchangeStand) -> None:
    series = office.creates(weekly())
    ref, occurrence = day(series, 19)
    office.does(Update(ref, None, meeting("Moved"), (Field.TITLE,), None, occurrence))
    series = office.read(series.ref)
    everything = tuple(name for name in Field if name is not Field.WHEN)
    office.does(Update(series.ref, series.version, replace(series.content, title="Renamed"), everything))
    assert office.read(ref).content.title == "Moved"


def test_a_series_moves_to_another_day_with_its_rule(office: ExchangeStand) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 19, 10),))
    series = office.creates(meeting("Round", recurrence=rule))
    moved_rule = Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 20, 15),))
    content = replace(series.content, when=at(15, day=13), recurrence=moved_rule)
    moved = office.does(Update(series.ref, series.version, content, (Field.WHEN, Field.RECURRENCE)))
    assert differing(moved.content, content) == []
    for number, there in ((13, True), (20, False), (27, True)):
        start = datetime(2026, 5, number, 6)
        seen = office.reader.read(Ref(series.ref.container, occurrence_id(series.ref.id, start)))
        assert isinstance(seen, ObservedItem) is there


def test_a_series_moves_even_where_only_its_time_is_named(office: ExchangeStand) -> None:
    series = office.creates(weekly())
    content = replace(series.content, when=at(15, day=14))
    moved = office.does(Update(series.ref, series.version, content, (Field.WHEN,)))
    assert moved.content.when == at(15, day=14)
    start = datetime(2026, 5, 21, 6)
    assert isinstance(office.reader.read(Ref(series.ref.container, occurrence_id(series.ref.id, start))), ObservedItem)


def test_an_occurrence_may_not_pass_its_neighbour(office: ExchangeStand) -> None:
    series = office.creates(weekly())
    ref, occurrence = day(series, 19)
    trouble = error(office.write(Update(ref, None, meeting(when=at(day=27)), (Field.WHEN,), None, occurrence))[0])
    assert isinstance(trouble, ItemRejected) and trouble.field == "when"


def test_an_occurrence_of_whole_days_is_found_by_its_day(office: ExchangeStand) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=4",))
    series = office.creates(meeting("Days", AllDay(date(2026, 5, 12), date(2026, 5, 13)), recurrence=rule))
    ref = Ref(series.ref.container, occurrence_id(series.ref.id, date(2026, 5, 26)))
    seen = office.reader.read(ref)
    assert isinstance(seen, ObservedItem) and seen.content.when == AllDay(date(2026, 5, 26), date(2026, 5, 27))
    office.does(Update(ref, None, meeting("Fair"), (Field.TITLE,), None, seen.occurrence))
    assert office.write(Delete(ref, None, seen.occurrence)) == [Erased(ref)]
    assert office.reader.read(ref) == Tombstone(ref)


def test_an_occurrence_is_found_through_the_change_of_clocks(office: ExchangeStand) -> None:
    when = Timed(datetime(2026, 10, 20, 9), datetime(2026, 10, 20, 10), "Europe/Berlin")
    series = office.creates(meeting("Round", when, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=4",))))
    for original in (datetime(2026, 10, 20, 7), datetime(2026, 10, 27, 8)):
        ref = Ref(series.ref.container, occurrence_id(series.ref.id, original))
        assert isinstance(office.reader.read(ref), ObservedItem)
    wrong = Ref(series.ref.container, occurrence_id(series.ref.id, datetime(2026, 10, 27, 7)))
    assert office.reader.read(wrong) == Tombstone(wrong)


# --- bringing back ---
def test_what_comes_out_of_deleted_items_keeps_what_only_outlook_knows(office: ExchangeStand) -> None:
    item = office.creates(meeting(), stamp=STAMP)
    office.user_decorates(item.ref)
    item = office.read(item.ref)
    office.write(office.deleting(item))
    back = office.does(office.restoring(item, stamp=STAMP))
    assert office.decoration(back.ref) == ("Red",) and back.ref != item.ref
    assert office.sandbox.deleted_items(SATO) == [] and office.titles() == ["Visit"]


def test_what_nobody_stamped_is_made_anew_and_found_again(office: ExchangeStand) -> None:
    item = made(office)
    office.write(office.deleting(item))
    office.loses_an_answer()
    restore = office.restoring(item)
    trouble = error(office.write(restore)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    assert isinstance(office.write(restore)[0], Written) and office.titles() == ["Visit"]


@pytest.mark.parametrize("operation", ["MoveItem", "UpdateItem"])
def test_a_restore_that_broke_off_brings_the_same_item_back_once(office: ExchangeStand, operation: str) -> None:
    item = office.creates(meeting(), stamp=STAMP)
    office.user_decorates(item.ref)
    item = office.read(item.ref)
    office.write(office.deleting(item))
    office.sandbox.operation_faults.add(DropAfterProcessing(), path=operation)
    restore = replace(office.restoring(item, stamp=STAMP), content=replace(item.content, title="Again"))
    trouble = error(office.write(restore)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown
    back = office.does(restore)
    assert office.decoration(back.ref) == ("Red",) and office.titles() == ["Again"]
    assert office.sandbox.deleted_items(SATO) == []


def test_what_is_there_but_cannot_be_read_is_not_made_twice(office: ExchangeStand) -> None:
    item = office.creates()
    office.spoils(item.ref)
    assert isinstance(error(office.write(office.restoring(item))[0]), ItemRejected)
    assert len(office.sandbox.items(SATO)) == 1


def test_a_series_that_was_only_half_made_is_looked_for(office: ExchangeStand) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 19, 10),))
    office.sandbox.throttle("DeleteItem", back_off=5_000)
    create = office.creating(meeting("Round", recurrence=rule))
    trouble = error(office.write(create)[0])
    assert isinstance(trouble, RetryLater) and trouble.outcome_unknown and trouble.after == 5.0
    assert len(office.reader.find(create)) == 1


def test_the_newest_of_several_deleted_ones_comes_back(office: ExchangeStand) -> None:
    for title in ("Old", "New"):
        item = office.creates(meeting(title), title, stamp=STAMP)
        office.clock.later(minutes=5)
        office.write(office.deleting(item))
    back = office.does(office.restoring(item, stamp=STAMP))
    assert back.content.title == "New" and len(office.sandbox.deleted_items(SATO)) == 1


def test_a_write_never_raises_whatever_the_server_answers(office: ExchangeStand) -> None:
    item = made(office)
    for told in (b"", b"<html>", b"\xff\xfe", b"<s:Envelope/>", b"<x" * 1_000):
        office.sandbox.operation_faults.add(Answer(200, told, "text/xml"))
        for write in (
            office.creating(),
            office.updating(item, title="x"),
            office.deleting(item),
            office.restoring(item),
        ):
            office.sandbox.operation_faults.add(Answer(200, told, "text/xml"))
            (result,) = office.write(write)
            assert isinstance(result, Failed | Written | Erased)
            if isinstance(result, Failed):
                assert isinstance(result.error, PortError)
        office.sandbox.clear_faults()
