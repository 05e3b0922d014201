"""Creating, changing and deleting single events."""

from __future__ import annotations

import pytest

from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.google.caller import Caller, Clock, Json, all_day, meeting, ok, refusal
from tests.sandbox.google.conftest import SATO


def test_a_created_event_has_what_the_service_adds(sato: Caller) -> None:
    made = sato.inserted(meeting("A社 訪問", location="本社"))
    assert made["kind"] == "calendar#event"
    assert made["status"] == "confirmed"
    assert made["eventType"] == "default"
    assert made["sequence"] == 0
    assert made["created"] == made["updated"] == "2026-04-01T09:00:00.000Z"
    assert made["organizer"] == made["creator"] == {"email": SATO, "self": True}
    assert made["iCalUID"] == f"{made['id']}@google.com"
    assert ok(sato.get(made["id"])) == made


def test_an_own_id_makes_a_repeated_create_harmless(sato: Caller) -> None:
    body = meeting(id="abcdef0123456789")
    assert sato.inserted(body)["id"] == "abcdef0123456789"
    assert refusal(sato.insert(body)) == (409, "duplicate")


def test_the_id_of_a_deleted_event_stays_taken(sato: Caller) -> None:
    body = meeting(id="abcdef0123456789")
    sato.inserted(body)
    assert sato.delete("abcdef0123456789").status_code == 204
    assert refusal(sato.insert(body)) == (409, "duplicate")


@pytest.mark.parametrize("wrong", ["abcd", "w" * 10, "ABCDEF", "abc-def", "a" * 1025, ""])
def test_an_id_outside_base32hex_is_refused(sato: Caller, wrong: str) -> None:
    assert refusal(sato.insert(meeting(id=wrong))) == (400, "invalid")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start": None}, "required"),
        ({"end": None}, "required"),
        ({"end": {"date": "2026-04-11"}}, "invalid"),
        ({"end": {"dateTime": "2026-04-10T09:00:00+09:00"}}, "timeRangeEmpty"),
        ({"start": {"dateTime": "2026-04-10T10:00:00"}}, "required"),
        ({"start": {"dateTime": "2026-04-10 10:00"}}, "invalid"),
        ({"start": {"dateTime": "2026-02-30T10:00:00+09:00"}}, "invalid"),
        ({"start": {"dateTime": "2026-04-10T10:00:00", "timeZone": "Tokyo Standard Time"}}, "invalid"),
        ({"visibility": "secret"}, "invalid"),
        ({"transparency": "busy"}, "invalid"),
        ({"summary": 5}, "invalid"),
        ({"attendees": [{"displayName": "A"}]}, "required"),
        ({"attendees": [{"email": "nobody"}]}, "invalid"),
        ({"eventType": "fromGmail"}, "invalid"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 1}] * 6}}, "invalid"),
        ({"source": {"title": "CRM", "url": "soroe://x"}}, "invalid"),
        ({"id": "abcdef", "iCalUID": "x@y"}, "invalid"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(sato: Caller, change: Json, expected: str) -> None:
    assert refusal(sato.insert({**meeting(), **change})) == (400, expected)
    assert sato.listed()["items"] == []


def test_the_end_of_an_all_day_event_is_exclusive(sato: Caller) -> None:
    assert sato.inserted(all_day("展示会", "2026-04-10", "2026-04-11"))["end"] == {"date": "2026-04-11"}
    assert refusal(sato.insert(all_day("展示会", "2026-04-10", "2026-04-10"))) == (400, "timeRangeEmpty")


def test_times_come_back_with_the_offset_of_the_calendar_and_the_zone_of_the_event(sato: Caller) -> None:
    body = meeting()
    body["start"] = {"dateTime": "2026-04-10T10:00:00", "timeZone": "Europe/Berlin"}
    body["end"] = {"dateTime": "2026-04-10T11:00:00", "timeZone": "Europe/Berlin"}
    made = sato.inserted(body)
    assert made["start"] == {"dateTime": "2026-04-10T17:00:00+09:00", "timeZone": "Europe/Berlin"}
    shown = ok(sato.get(made["id"], timeZone="UTC"))
    assert shown["start"] == {"dateTime": "2026-04-10T08:00:00Z", "timeZone": "Europe/Berlin"}


def test_a_patch_merges_objects_and_replaces_lists(sato: Caller) -> None:
    properties = {"private": {"a": "1", "b": "2"}}
    guests = [{"email": "x@example.org"}, {"email": "y@example.org"}]
    made = sato.inserted(meeting(extendedProperties=properties, attendees=guests), sendUpdates="none")
    change = {"extendedProperties": {"private": {"b": None, "c": "3"}}, "attendees": guests[:1], "location": "本社"}
    patched = ok(sato.patch(made["id"], change, sendUpdates="none"))
    assert patched["extendedProperties"] == {"private": {"a": "1", "c": "3"}}
    assert [guest["email"] for guest in patched["attendees"]] == ["x@example.org"]
    assert patched["summary"] == made["summary"]
    assert patched["location"] == "本社"


def test_a_patched_null_takes_a_field_away(sato: Caller) -> None:
    made = sato.inserted(meeting(location="本社"))
    assert "location" not in ok(sato.patch(made["id"], {"location": None}))


def test_an_all_day_event_becomes_timed_only_when_the_date_is_taken_away(sato: Caller) -> None:
    made = sato.inserted(all_day("展示会", "2026-04-10", "2026-04-11"))
    timed = meeting()
    change = {"start": timed["start"], "end": timed["end"]}
    assert refusal(sato.patch(made["id"], change)) == (400, "invalid")
    whole = {key: {"date": None, **value} for key, value in change.items()}
    assert "date" not in ok(sato.patch(made["id"], whole))["start"]


def test_an_update_drops_what_is_not_sent(sato: Caller) -> None:
    more: Json = {"location": "本社", "description": "メモ", "extendedProperties": {"private": {"a": "1"}}}
    made = sato.inserted(meeting(**more))
    updated = ok(sato.update(made["id"], meeting("別の題")))
    assert updated["summary"] == "別の題"
    assert not {"location", "description", "extendedProperties"} & set(updated)
    assert (updated["id"], updated["iCalUID"], updated["created"]) == (made["id"], made["iCalUID"], made["created"])


def test_an_update_needs_start_and_end(sato: Caller) -> None:
    made = sato.inserted(meeting())
    assert refusal(sato.update(made["id"], {"summary": "別の題"})) == (400, "required")


def test_a_write_tells_only_the_fields_asked_for(sato: Caller) -> None:
    made = sato.inserted(meeting("Visit"))
    change = {"extendedProperties": {"private": {"a": "1"}, "shared": {"b": "2"}}}
    told = ok(sato.patch(made["id"], change, fields="id,etag,extendedProperties(private)"))
    now = ok(sato.get(made["id"]))
    assert told == {"id": made["id"], "etag": now["etag"], "extendedProperties": {"private": {"a": "1"}}}
    assert now == {**made, **change, "etag": now["etag"], "updated": now["updated"], "sequence": now["sequence"]}


def test_a_write_that_asks_for_an_unknown_field_is_refused_and_not_carried_out(sato: Caller) -> None:
    made = sato.inserted(meeting("Visit"))
    assert refusal(sato.patch(made["id"], {"summary": "Moved"}, fields="id,title")) == (400, "invalid")
    assert ok(sato.get(made["id"])) == made


def test_a_write_under_an_old_etag_is_refused(sato: Caller) -> None:
    made = sato.inserted(meeting())
    newer = ok(sato.patch(made["id"], {"location": "本社"}, etag=made["etag"]))
    assert newer["etag"] != made["etag"]
    assert refusal(sato.patch(made["id"], {"location": "支社"}, etag=made["etag"])) == (412, "conditionNotMet")
    assert refusal(sato.update(made["id"], meeting(), etag=made["etag"])) == (412, "conditionNotMet")
    assert refusal(sato.delete(made["id"], etag=made["etag"])) == (412, "conditionNotMet")
    assert sato.delete(made["id"], etag=newer["etag"]).status_code == 204


def test_a_changed_time_raises_the_sequence_and_a_changed_title_does_not(sato: Caller, clock: Clock) -> None:
    made = sato.inserted(meeting())
    clock.advance(minutes=1)
    titled = ok(sato.patch(made["id"], {"summary": "別の題"}))
    assert titled["sequence"] == 0
    assert titled["updated"] == "2026-04-01T09:01:00.000Z"
    moved = meeting(hour=15)
    assert ok(sato.patch(made["id"], {"start": moved["start"], "end": moved["end"]}))["sequence"] == 1
    assert refusal(sato.update(made["id"], meeting(sequence=0))) == (400, "invalid")


def test_changed_reminders_change_the_etag_but_not_the_time_of_change(sato: Caller, clock: Clock) -> None:
    made = sato.inserted(meeting())
    clock.advance(minutes=1)
    reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}
    changed = ok(sato.patch(made["id"], {"reminders": reminders}))
    assert changed["reminders"] == reminders
    assert changed["etag"] != made["etag"]
    assert changed["updated"] == made["updated"]


def test_what_only_the_service_may_write_is_ignored(sato: Caller) -> None:
    forged: Json = {
        "created": "2000-01-01T00:00:00Z",
        "organizer": {"email": "x@example.org"},
        "locked": True,
        "etag": '"1"',
    }
    made = sato.inserted(meeting(**forged, hangoutLink="https://meet.google.com/x", unknownField="x"))
    assert made["organizer"]["email"] == SATO
    assert made["created"] == "2026-04-01T09:00:00.000Z"
    assert not {"locked", "hangoutLink", "unknownField"} & set(made)


def test_long_property_names_vanish_and_long_values_are_cut_without_a_word(sato: Caller) -> None:
    private = {"k" * 44: "v" * 2000, "k" * 45: "v"}
    made = sato.inserted(meeting(extendedProperties={"private": private}))
    assert made["extendedProperties"] == {"private": {"k" * 44: "v" * 1024}}


def test_more_than_300_properties_are_refused(sato: Caller) -> None:
    many = {f"k{number}": "v" for number in range(301)}
    assert refusal(sato.insert(meeting(extendedProperties={"private": many}))) == (400, "invalid")


def test_the_type_of_an_event_cannot_change(sato: Caller) -> None:
    made = sato.inserted(meeting())
    assert refusal(sato.patch(made["id"], {"eventType": "focusTime"})) == (400, "invalid")


def test_a_deleted_event_is_gone_but_still_readable(sato: Caller) -> None:
    made = sato.inserted(meeting())
    assert sato.delete(made["id"]).content == b""
    assert ok(sato.get(made["id"]))["status"] == "cancelled"
    assert refusal(sato.delete(made["id"])) == (410, "deleted")
    assert refusal(sato.patch(made["id"], {"summary": "別の題"})) == (410, "deleted")
    assert sato.listed()["items"] == []


def test_a_deleted_event_comes_back_with_the_status_confirmed(sato: Caller) -> None:
    made = sato.inserted(meeting())
    sato.delete(made["id"])
    assert ok(sato.update(made["id"], meeting(status="confirmed")))["status"] == "confirmed"
    assert [event["id"] for event in sato.listed()["items"]] == [made["id"]]


def test_an_event_that_never_was_is_not_found(sato: Caller) -> None:
    for answer in (sato.get("nosuchevent"), sato.patch("nosuchevent", {}), sato.delete("nosuchevent")):
        assert refusal(answer) == (404, "notFound")
    assert refusal(sato.list_events("nobody@example.com")) == (404, "notFound")


def test_a_purged_event_is_not_found(google: GoogleSandbox, sato: Caller) -> None:
    made = sato.inserted(meeting())
    sato.delete(made["id"])
    google.purge_deleted()
    assert refusal(sato.get(made["id"])) == (404, "notFound")


def test_the_status_cancelled_deletes(sato: Caller) -> None:
    made = sato.inserted(meeting())
    assert ok(sato.patch(made["id"], {"status": "cancelled"}))["status"] == "cancelled"
    assert refusal(sato.delete(made["id"])) == (410, "deleted")


def test_a_moved_event_leaves_only_its_id_behind(google: GoogleSandbox, sato: Caller) -> None:
    other = google.add_calendar(SATO, "営業")
    made = sato.inserted(meeting())
    moved = ok(sato.send("POST", f"calendars/primary/events/{made['id']}/move", destination=other))
    assert moved["organizer"] == {"email": other, "displayName": "営業", "self": True}
    left = ok(sato.get(made["id"]))
    assert set(left) == {"kind", "etag", "id", "status"}
    assert left["status"] == "cancelled"


def test_only_plain_events_can_be_moved(google: GoogleSandbox, sato: Caller) -> None:
    other = google.add_calendar(SATO, "営業")
    made = sato.inserted(meeting(eventType="focusTime"))
    answer = sato.send("POST", f"calendars/primary/events/{made['id']}/move", destination=other)
    assert refusal(answer) == (400, "invalid")


def test_an_import_needs_a_uid_and_refuses_it_twice(sato: Caller) -> None:
    path = "calendars/primary/events/import"
    assert refusal(sato.send("POST", path, meeting())) == (400, "required")
    body = meeting(iCalUID="x@crm.example", organizer={"email": "x@example.org"})
    assert ok(sato.send("POST", path, body))["organizer"] == {"email": "x@example.org"}
    assert refusal(sato.send("POST", path, body)) == (409, "duplicate")


def test_a_meet_link_is_made_a_moment_later_and_only_on_request(sato: Caller) -> None:
    request = {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    body = meeting(conferenceData={"createRequest": request})
    assert "conferenceData" not in sato.inserted(body)
    made = sato.inserted(body, conferenceDataVersion=1)
    assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    shown = ok(sato.get(made["id"]))
    assert shown["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}
    assert shown["hangoutLink"].startswith("https://meet.google.com/")
    assert ok(sato.update(made["id"], meeting("別の題")))["hangoutLink"] == shown["hangoutLink"]


def test_a_body_that_is_not_json_is_refused(sato: Caller) -> None:
    url = "calendars/primary/events"
    broken = sato.http.post(url, content=b"{", headers={"Content-Type": "application/json"})
    assert refusal(broken) == (400, "parseError")
    assert refusal(sato.http.post(url, data={"summary": "x"})) == (400, "badRequest")
