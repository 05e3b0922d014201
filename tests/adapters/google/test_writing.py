"""What the adapter writes to a calendar, against a running sandbox."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date, datetime

import pytest

from soroe.adapters.google.body import own_id
from soroe.core.event import (
    AllDay,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Recurrence,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Visibility,
)
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, ReadOnly, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Update, Written
from soroe.sandbox.faults import Answer, DropAfterProcessing, DropConnectionBefore
from soroe.sandbox.google import GoogleSandbox
from tests.adapters.google.conftest import HERS, SATO, Desk, body, error, meeting, ref

EVERYTHING = EventContent(
    "訪問",
    Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), "Asia/Tokyo"),
    "two\nlines",
    "Osaka",
    ShowAs.FREE,
    Visibility.PRIVATE,
)


def told(content: EventContent) -> EventContent:
    """The content as Google tells it: of every event it says whether guests may change it."""
    return replace(content, guests_may_change=bool(content.guests_may_change))


def test_a_created_event_comes_back_as_it_was_written(desk: Desk) -> None:
    item = desk.create(EVERYTHING)
    assert item.content == told(EVERYTHING)
    assert item.read_only is None
    assert desk.items()["訪問"] == item


@pytest.mark.parametrize(
    "content",
    [
        meeting("Tentative", show_as=ShowAs.TENTATIVE),
        EventContent("Fair", AllDay(date(2026, 4, 10), date(2026, 4, 12))),
        meeting("Weekly", recurrence=Recurrence(("FREQ=WEEKLY;COUNT=5",), removed=(datetime(2026, 4, 17, 10),))),
        EventContent(
            "Days",
            AllDay(date(2026, 4, 10), date(2026, 4, 11)),
            recurrence=Recurrence(("FREQ=DAILY;COUNT=5",), (date(2026, 5, 1),), (date(2026, 4, 12),)),
        ),
        EventContent("UTC", Timed(datetime(2026, 4, 10, 1), datetime(2026, 4, 10, 2), "Etc/UTC")),
        EventContent("Odd", Timed(datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 4), "Europe/Berlin")),
        meeting("Untitled", description="x" * 5000),
        meeting(""),
    ],
    ids=lambda content: content.title,
)
def test_what_is_written_is_what_is_read(desk: Desk, content: EventContent) -> None:
    assert desk.create(content).content == told(content)


def test_text_that_no_service_takes_is_cleaned_on_the_way(desk: Desk) -> None:
    item = desk.create(meeting("a\x00b\ud800c", description="one\r\ntwo\x07\tthree"))
    assert item.content.title == "ab\ufffdc"
    assert item.content.description == "one\ntwo\tthree"


def test_no_write_of_any_kind_ever_makes_google_mail_a_guest(desk: Desk, google: GoogleSandbox) -> None:
    guests = (Guest("guest@example.net", "Guest"),)
    item = desk.create(meeting(guests=guests))
    changed = replace(item.content, title="Moved", guests=(Guest("other@example.net"),))
    desk.write(Update(item.ref, None, changed, tuple(Field)), Delete(item.ref, None))
    desk.write(Restore(item.ref, changed, "again"), Delete(item.ref, None), Create(HERS, changed, "seed"))
    assert google.mails_sent == ()
    writes = [one for one in google.requests if one.method != "GET" and "/calendars/" in one.path]
    assert len(writes) >= 5
    assert all(one.query["sendUpdates"] == ["none"] for one in writes)


def test_a_stamp_is_hidden_on_the_event_and_can_be_written_alone(desk: Desk) -> None:
    item = desk.create(meeting(location="Osaka"))
    assert item.stamp is None
    (result,) = desk.write(Update(item.ref, item.version, item.content, (), stamp="soroe1|a|b|c"))
    assert isinstance(result, Written)
    assert result.item.stamp == "soroe1|a|b|c"
    assert result.item.content == item.content
    assert desk.event(item)["extendedProperties"] == {"private": {"soroe": "soroe1|a|b|c"}}


def test_a_patch_holds_only_the_changed_fields(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(EVERYTHING)
    google.requests.clear()
    desk.write(Update(item.ref, item.version, replace(item.content, location="Kobe"), (Field.LOCATION,)))
    (sent,) = google.requests.all("PATCH")
    assert json.loads(sent.body) == {"location": "Kobe"}
    assert sent.headers["if-match"] == item.version


def test_an_emptied_field_is_really_empty(desk: Desk) -> None:
    item = desk.create(replace(EVERYTHING, recurrence=Recurrence(("FREQ=DAILY;COUNT=3",))))
    bare = EventContent("", item.content.when)
    (result,) = desk.write(Update(item.ref, item.version, bare, tuple(Field)))
    assert isinstance(result, Written)
    assert result.item.content == told(bare)
    stored = desk.event(item)
    assert not {"description", "location", "recurrence", "summary"} & set(stored)


def test_a_timed_event_becomes_all_day_and_back(desk: Desk) -> None:
    item = desk.create(meeting())
    days = EventContent("Visit", AllDay(date(2026, 4, 10), date(2026, 4, 11)))
    (first,) = desk.write(Update(item.ref, item.version, days, (Field.WHEN,)))
    assert isinstance(first, Written)
    assert first.item.content.when == days.when
    (second,) = desk.write(Update(item.ref, first.item.version, meeting(), (Field.WHEN,)))
    assert isinstance(second, Written)
    assert second.item.content.when == meeting().when


def test_a_write_decided_on_an_old_state_is_refused(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    google.user_patches(SATO, item.ref.id, {"location": "Kobe"})
    update = Update(item.ref, item.version, replace(item.content, title="Mine"), (Field.TITLE,))
    results = desk.write(update, Delete(item.ref, item.version))
    assert [type(error(one)) for one in results] == [ChangedMeanwhile, ChangedMeanwhile]
    assert desk.event(item)["summary"] == "Visit"


def test_deleting_what_is_gone_counts_as_done(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    assert desk.write(Delete(item.ref, item.version)) == [Erased(item.ref)]
    assert desk.write(Delete(item.ref, None)) == [Erased(item.ref)]
    assert desk.write(Delete(ref("neverwas"), None)) == [Erased(ref("neverwas"))]


@pytest.mark.parametrize("page", [Answer(404, b"<html></html>", "text/html"), Answer(404, b"", "text/plain")])
def test_a_404_that_is_not_googles_own_is_no_word_that_an_event_is_gone(
    desk: Desk, google: GoogleSandbox, page: Answer
) -> None:
    item = desk.create(meeting())
    google.faults.add(page, path=item.ref.id, times=2)
    assert isinstance(desk.write(Delete(item.ref, item.version))[0], Failed)
    with pytest.raises(PortError):
        desk.calendar.read(item.ref)
    assert desk.event(item)["status"] == "confirmed"


def test_changing_what_is_gone_says_so(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    google.user_deletes(SATO, item.ref.id)
    update = Update(item.ref, None, meeting("New"), (Field.TITLE,))
    assert isinstance(error(desk.write(update)[0]), Gone)


def test_a_repeated_create_finds_the_first_ones_event(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    (again,) = desk.write(Create(HERS, meeting(), "seed"))
    assert again == Written(item, already=True)
    assert len(google.events(SATO)) == 1


def test_a_create_whose_answer_was_lost_is_told_as_unknown_and_found_again(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(DropAfterProcessing(), "POST", "/events")
    create = Create(HERS, meeting(), "seed")
    trouble = error(desk.write(create)[0])
    assert isinstance(trouble, RetryLater)
    assert trouble.outcome_unknown
    assert [one.content.title for one in desk.calendar.find(create)] == ["Visit"]
    (again,) = desk.write(create)
    assert isinstance(again, Written)
    assert again.already
    assert len(google.events(SATO)) == 1


def test_a_create_that_never_arrived_is_found_nowhere(desk: Desk) -> None:
    assert desk.calendar.find(Create(HERS, meeting(), "seed")) == ()


def test_a_create_whose_id_was_deleted_brings_it_back_with_the_new_content(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting("Old", description="old"))
    google.user_deletes(SATO, item.ref.id)
    (again,) = desk.write(Create(HERS, meeting("New"), "seed", stamp="s"))
    assert isinstance(again, Written)
    assert not again.already
    assert again.item.ref == item.ref
    assert again.item.content == told(meeting("New"))
    assert again.item.stamp == "s"


def test_a_create_whose_id_cannot_be_brought_back_takes_the_next_one(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    google.user_deletes(SATO, item.ref.id)
    google.faults.add(Answer(403, b'{"error": {"errors": [{"reason": "forbidden"}]}}'), "PATCH", item.ref.id)
    (again,) = desk.write(Create(HERS, meeting(), "seed"))
    assert isinstance(again, Written)
    assert again.item.ref == ref(own_id("seed", 1))
    assert desk.calendar.find(Create(HERS, meeting(), "seed")) == (again.item,)


def test_a_deleted_event_is_restored_under_its_id_with_its_guests(desk: Desk, google: GoogleSandbox) -> None:
    made = google.user_inserts(SATO, body("Visit", attendees=[{"email": "guest@example.net"}]))
    item = desk.items()["Visit"]
    desk.write(Delete(item.ref, item.version))
    (back,) = desk.write(Restore(item.ref, item.content, "seed", stamp="s"))
    assert isinstance(back, Written)
    assert back.item.ref.id == made["id"]
    assert back.item.content == item.content
    assert back.item.stamp == "s"


def test_what_is_gone_for_good_is_restored_under_a_new_id(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    desk.write(Delete(item.ref, None))
    google.purge_deleted()
    (back,) = desk.write(Restore(item.ref, item.content, "other"))
    assert isinstance(back, Written)
    assert back.item.ref == ref(own_id("other"))


def test_one_occurrence_is_changed_cancelled_and_brought_back(desk: Desk) -> None:
    series = desk.create(meeting("Weekly", recurrence=Recurrence(("FREQ=WEEKLY;COUNT=5",))))
    name = ref(f"{series.ref.id}#20260417T010000Z")
    occurrence = Occurrence(series.ref.id, datetime(2026, 4, 17, 1))
    moved = meeting("Special", day=18)
    (changed,) = desk.write(Update(name, None, moved, (Field.TITLE, Field.WHEN), occurrence=occurrence))
    assert isinstance(changed, Written)
    assert changed.item.ref == name
    assert changed.item.occurrence == occurrence
    assert changed.item.content == told(moved)
    assert desk.write(Delete(name, changed.item.version, occurrence)) == [Erased(name)]
    assert Tombstone(name, None, occurrence) in [
        replace(one, at=None) for one in desk.changes()[0] if isinstance(one, Tombstone)
    ]
    (back,) = desk.write(Restore(name, moved, "seed"))
    assert isinstance(back, Written)
    assert back.item.content == told(moved)


def test_an_exception_can_be_made_from_the_other_sides_item(desk: Desk) -> None:
    series = desk.create(meeting("Weekly", recurrence=Recurrence(("FREQ=WEEKLY;COUNT=5",))))
    occurrence = Occurrence(series.ref.id, datetime(2026, 4, 24, 1))
    (made,) = desk.write(Create(HERS, meeting("Special", day=25), "seed", "stamp", occurrence=occurrence))
    assert isinstance(made, Written)
    assert made.item.occurrence == occurrence
    assert made.item.stamp == "stamp"
    assert made.item.content.title == "Special"


def test_an_occurrence_of_a_series_that_was_cut_is_looked_up(desk: Desk, google: GoogleSandbox) -> None:
    cut = body("Weekly", id="abcdefgh", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])
    google.user_inserts(SATO, cut)
    stored = google.calendar(SATO)
    record = stored.records.pop("abcdefgh")
    record.id = "abcdefgh_R20260410T010000"
    stored.put(record)
    google.requests.clear()
    name = ref("abcdefgh_R20260410T010000#20260417T010000Z")
    occurrence = Occurrence(ItemId("abcdefgh_R20260410T010000"), datetime(2026, 4, 17, 1))
    (result,) = desk.write(Update(name, None, meeting("Special", day=17), (Field.TITLE,), occurrence=occurrence))
    assert isinstance(result, Written)
    assert result.item.content.title == "Special"
    assert google.requests.count("GET", "/instances") == 1


def test_an_occurrence_that_goes_by_another_name_is_found(desk: Desk, google: GoogleSandbox) -> None:
    series = google.user_inserts(SATO, body("Weekly", id="abcdefgh", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"]))["id"]
    derived = f"{series}_20260417T010000Z"
    google.user_patches(SATO, derived, {"location": "Kobe"})
    stored = google.calendar(SATO)
    exception = stored.records.pop(derived)
    exception.id = "oddid0001"
    stored.put(exception)
    unknown = b'{"error": {"errors": [{"reason": "notFound"}]}}'
    google.faults.add(Answer(404, unknown), path=f"{derived}[?]", times=2)
    name = ref(f"{series}#20260417T010000Z")
    (changed,) = desk.write(Update(name, None, meeting("Special", day=17), (Field.TITLE,)))
    assert isinstance(changed, Written)
    assert changed.item.ref == name
    assert changed.item.content.location == "Kobe"
    assert desk.write(Delete(name, changed.item.version)) == [Erased(name)]
    assert google.event(SATO, "oddid0001")["status"] == "cancelled"


def test_guests_are_written_only_when_asked_and_rooms_stay(desk: Desk, google: GoogleSandbox) -> None:
    attendees = [
        {"email": SATO, "responseStatus": "accepted"},
        {"email": "stays@example.net", "responseStatus": "accepted", "comment": "gladly"},
        {"email": "goes@example.net"},
        {"email": "room@example.net", "resource": True},
    ]
    google.user_inserts(SATO, body("Visit", attendees=attendees))
    item = desk.items()["Visit"]
    wanted = replace(item.content, title="New", guests=(Guest("new@example.net", "New"), Guest("Stays@example.net")))
    (untouched,) = desk.write(Update(item.ref, item.version, wanted, (Field.TITLE,)))
    assert isinstance(untouched, Written)
    assert untouched.item.content.guests == item.content.guests
    (result,) = desk.write(Update(item.ref, untouched.item.version, wanted, (Field.GUESTS,)))
    assert isinstance(result, Written)
    stored = {one["email"]: one for one in desk.event(item)["attendees"]}
    assert set(stored) == {SATO, "stays@example.net", "room@example.net", "new@example.net"}
    assert stored["stays@example.net"]["comment"] == "gladly"
    assert Guest("stays@example.net", "", Response.ACCEPTED) in result.item.content.guests


def test_a_list_of_guests_that_is_not_whole_is_never_written_back(desk: Desk, google: GoogleSandbox) -> None:
    item = desk.create(meeting())
    partial = {"etag": item.version, "attendees": [{"email": SATO, "self": True}], "attendeesOmitted": True}
    google.faults.add(Answer(200, json.dumps(partial).encode()), "GET", item.ref.id, times=2)
    wanted = meeting("New", guests=(Guest("new@example.net"),))
    results = [
        *desk.write(Update(item.ref, item.version, wanted, (Field.GUESTS,))),
        *desk.write(Update(item.ref, item.version, wanted, (Field.GUESTS, Field.TITLE))),
    ]
    refused = error(results[0])
    assert isinstance(refused, ItemRejected)
    assert refused.field == "guests"
    assert isinstance(results[1], Written)
    assert "attendees" not in desk.event(item)


def test_an_unknown_zone_is_refused_before_anything_is_sent(desk: Desk, google: GoogleSandbox) -> None:
    google.requests.clear()
    lost = EventContent("Lost", Timed(datetime(2026, 4, 1), datetime(2026, 4, 2), "Mars/Olympus"))
    refused = error(desk.write(Create(HERS, lost, "seed"))[0])
    assert isinstance(refused, ItemRejected)
    assert len(google.requests) == 0


def test_what_google_refuses_names_the_field_and_the_rest_go_on(desk: Desk) -> None:
    backwards = EventContent("Bad", Timed(datetime(2026, 4, 2), datetime(2026, 4, 1), "Asia/Tokyo"))
    results = desk.write(Create(HERS, backwards, "a"), Create(HERS, meeting(), "b"))
    assert isinstance(error(results[0]), ItemRejected)
    assert isinstance(results[1], Written)


def test_a_connection_that_is_refused_a_write_is_not_repeated_on_its_own(desk: Desk, google: GoogleSandbox) -> None:
    desk.changes()
    google.requests.clear()
    google.faults.add(DropConnectionBefore(), "POST", "/events", times=-1)
    trouble = error(desk.write(Create(HERS, meeting(), "seed"))[0])
    assert isinstance(trouble, RetryLater)
    assert trouble.outcome_unknown
    assert google.requests.count("POST", "/events") == 1


def test_somebody_elses_event_is_refused_as_read_only(desk: Desk, google: GoogleSandbox) -> None:
    google.receives_invitation(SATO, "boss@example.net", body("Review"))
    item = desk.items()["Review"]
    refusal = b'{"error": {"errors": [{"reason": "forbiddenForNonOrganizer"}]}}'
    google.faults.add(Answer(403, refusal), "PATCH", item.ref.id)
    update = Update(item.ref, item.version, meeting("Mine"), (Field.TITLE,))
    assert isinstance(error(desk.write(update)[0]), ReadOnly)


def test_an_answer_that_shows_no_event_leaves_the_outcome_unknown(desk: Desk, google: GoogleSandbox) -> None:
    google.faults.add(Answer(200, b'{"id": "x"}', processed=True), "POST", "/events")
    trouble = error(desk.write(Create(HERS, meeting(), "seed"))[0])
    assert isinstance(trouble, RetryLater)
    assert trouble.outcome_unknown


def test_reading_after_writing_shows_the_same_versions(desk: Desk) -> None:
    results = desk.write(*(Create(HERS, meeting(f"Visit {n}"), f"seed {n}") for n in range(5)))
    written = {one.item.ref: one.item.version for one in results if isinstance(one, Written)}
    seen = {one.ref: one.version for one in desk.changes()[0] if isinstance(one, ObservedItem)}
    assert seen == written


def test_no_title_guest_or_token_reaches_a_log_of_any_level(
    desk: Desk, google: GoogleSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    marked = meeting("CANARY", description="CANARY", location="CANARY", guests=(Guest("CANARY@example.net"),))
    desk.write(Create(HERS, marked, "a", "s"), Create(HERS, marked, "b", "s"), Create(HERS, EVERYTHING, "a"))
    desk.changes()
    google.faults.add(Answer(403, b"CANARY"), "PATCH")
    google.faults.add(Answer(400, b'{"error": {"message": "CANARY", "errors": [{"reason": "invalid"}]}}'), "PATCH")
    for _ in range(2):
        (result,) = desk.write(Update(ref(own_id("a")), None, marked, (Field.TITLE,)))
        assert "CANARY" not in str(error(result))
    tokens = [*google.grants.access, *google.grants.refresh]
    assert tokens
    assert not any(secret in caplog.text for secret in ("CANARY", *tokens))
