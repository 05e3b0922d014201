"""Single events: what can be written, how they are shown, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.sandbox.microsoft365.caller import Caller, Clock, Json, at, meeting, ok, refusal, weekly
from tests.sandbox.microsoft365.conftest import SATO, SUZUKI, CallerOf

STAMP = "String {5c3f8a10-7a53-4c0e-9c3b-0a1b2c3d4e5f} Name Stamp"


def test_times_come_in_utc_with_seven_digits_and_no_offset(sato: Caller) -> None:
    made = sato.created(meeting())
    assert made["start"] == {"dateTime": "2026-04-10T01:00:00.0000000", "timeZone": "UTC"}
    shown = ok(sato.get(f"me/events/{made['id']}", 'IdType="ImmutableId", outlook.timezone="Asia/Tokyo"'))
    assert shown["start"] == {"dateTime": "2026-04-10T10:00:00.0000000", "timeZone": "Asia/Tokyo"}
    assert shown["originalStartTimeZone"] == "Tokyo Standard Time"


def test_zones_have_windows_names_and_iana_names_and_no_others(sato: Caller) -> None:
    for zone in ("Tokyo Standard Time", "Asia/Tokyo"):
        made = sato.created({"start": at("2026-04-10", 10, zone), "end": at("2026-04-10", 11, zone)})
        assert made["start"]["dateTime"].startswith("2026-04-10T01:00")
    wrong = {"start": at("2026-04-10", 10, "Tokyo"), "end": at("2026-04-10", 11, "Tokyo")}
    assert refusal(sato.post("me/events", wrong)) == (400, "TimeZoneNotSupportedException")
    names = [one["alias"] for one in ok(sato.get("me/outlook/supportedTimeZones"))["value"]]
    assert "Tokyo Standard Time" in names


def test_an_all_day_event_keeps_its_midnights(sato: Caller) -> None:
    body = {"isAllDay": True, "start": at("2026-04-10", 0), "end": at("2026-04-11", 0)}
    made = sato.created(body)
    assert (made["start"]["dateTime"], made["end"]["dateTime"]) == (
        "2026-04-10T00:00:00.0000000",
        "2026-04-11T00:00:00.0000000",
    )
    assert refusal(sato.post("me/events", {**body, "start": at("2026-04-10", 9)})) == (
        400,
        "ErrorPropertyValidationFailure",
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"end": at("2026-04-09", 10)}, "ErrorPropertyValidationFailure"),
        ({"start": None}, "ErrorPropertyValidationFailure"),
        ({"start": {"dateTime": "tomorrow", "timeZone": "UTC"}}, "RequestBodyRead"),
        ({"summary": "x"}, "RequestBodyRead"),
        ({"sensitivity": "secret"}, "RequestBodyRead"),
        ({"showAs": "gone"}, "RequestBodyRead"),
        ({"isReminderOn": "yes"}, "RequestBodyRead"),
        ({"attendees": [{"emailAddress": {"address": "nobody"}}]}, "ErrorInvalidRecipients"),
        ({"singleValueExtendedProperties": [{"id": "Stamp", "value": "1"}]}, "ErrorInvalidExtendedProperty"),
        ({"isOnlineMeeting": True, "onlineMeetingProvider": "skypeForBusiness"}, "ErrorInvalidRequest"),
    ],
)
def test_a_body_that_the_service_does_not_take_is_refused(sato: Caller, change: Json, code: str) -> None:
    assert refusal(sato.post("me/events", {**meeting(), **change})) == (400, code)
    assert ok(sato.get("me/events"))["value"] == []


def test_the_same_transaction_twice_makes_one_event(sato: Caller) -> None:
    first = sato.created(meeting(transactionId="t-1"))
    second = sato.created(meeting("別の件名", transactionId="t-1"))
    assert first["id"] == second["id"]
    assert len(ok(sato.get("me/events"))["value"]) == 1
    assert refusal(sato.patch(first["id"], {"transactionId": "t-2"})) == (400, "ErrorInvalidRequest")


def test_a_change_names_only_what_changes_and_gives_a_new_etag(sato: Caller, clock: Clock) -> None:
    made = sato.created(meeting(location={"displayName": "会議室"}, sensitivity="private", showAs="free"))
    clock.advance(minutes=1)
    changed = ok(sato.patch(made["id"], {"subject": "新しい件名"}))
    assert (changed["subject"], changed["location"]["displayName"]) == ("新しい件名", "会議室")
    assert (changed["sensitivity"], changed["showAs"]) == ("private", "free")
    assert changed["@odata.etag"] == f'W/"{changed["changeKey"]}"' != made["@odata.etag"]
    assert changed["lastModifiedDateTime"] > made["lastModifiedDateTime"]


def test_a_write_under_an_old_etag_is_refused_with_412(sato: Caller) -> None:
    made = sato.created(meeting())
    ok(sato.patch(made["id"], {"subject": "1"}, made["@odata.etag"]))
    assert refusal(sato.patch(made["id"], {"subject": "2"}, made["@odata.etag"])) == (412, "ErrorIrresolvableConflict")
    assert refusal(sato.delete(made["id"], made["@odata.etag"])) == (412, "ErrorIrresolvableConflict")
    assert sato.event(made["id"])["subject"] == "1"


def test_a_deleted_event_is_not_found_and_ids_count_by_their_case(sato: Caller) -> None:
    made = sato.created(meeting())
    swapped = "AAkALgAA" + made["id"][8:].swapcase()
    assert refusal(sato.get(f"me/events/{swapped}")) == (404, "ErrorItemNotFound")
    assert refusal(sato.get("me/events/12345")) == (400, "ErrorInvalidIdMalformed")
    assert sato.delete(made["id"]).status_code == 204
    assert refusal(sato.get(f"me/events/{made['id']}")) == (404, "ErrorItemNotFound")
    assert refusal(sato.delete(made["id"])) == (404, "ErrorItemNotFound")


def test_a_hidden_property_is_found_and_shown_only_when_asked_for(sato: Caller) -> None:
    made = sato.created(meeting(singleValueExtendedProperties=[{"id": STAMP, "value": "it's mine"}]))
    sato.created(meeting("別件"))
    assert "singleValueExtendedProperties" not in sato.event(made["id"])
    expand = f"singleValueExtendedProperties($filter=id eq '{STAMP}')"
    assert sato.event(made["id"], **{"$expand": expand})["singleValueExtendedProperties"] == [
        {"id": STAMP, "value": "it's mine"}
    ]
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{STAMP}' and ep/value eq 'it''s mine')"
    found = ok(sato.get("me/events", **{"$filter": wanted}))["value"]
    assert [one["id"] for one in found] == [made["id"]]
    ok(sato.patch(made["id"], {"subject": "x"}))
    assert len(ok(sato.get("me/events", **{"$filter": wanted}))["value"]) == 1


def test_a_list_has_pages_a_selection_and_an_order(sato: Caller) -> None:
    for hour in range(9, 21):
        sato.created(meeting(f"{hour}時", hour=hour))
    first = ok(sato.get("me/events", **{"$select": "subject", "$orderby": "start/dateTime desc"}))
    assert [one["subject"] for one in first["value"]][:2] == ["20時", "19時"]
    assert set(first["value"][0]) == {"@odata.etag", "id", "subject"}
    second = ok(sato.get(first["@odata.nextLink"]))
    assert [one["subject"] for one in second["value"]] == ["10時", "9時"]
    assert "@odata.nextLink" not in second
    assert refusal(sato.get("me/events", **{"$top": "0"})) == (400, "ErrorInvalidUrlQuery")
    assert refusal(sato.get("me/events", **{"$select": "colour"})) == (400, "RequestBroker--ParseUri")
    assert refusal(sato.get("me/events", **{"$filter": "contains(subject,'x')"})) == (400, "ErrorInvalidUrlQueryFilter")


def test_a_view_needs_its_window_and_shows_only_what_lies_in_it(sato: Caller) -> None:
    sato.created(meeting(day="2026-04-10"))
    sato.created(meeting(day="2026-05-10"))
    sato.created(weekly())
    window: Json = {"startDateTime": "2026-04-10T00:00:00+09:00", "endDateTime": "2026-04-14T00:00:00+09:00"}
    found = ok(sato.get("me/calendarView", **window))["value"]
    assert [one["type"] for one in found] == ["singleInstance", "occurrence"]
    assert refusal(sato.get("me/calendarView")) == (400, "ErrorInvalidParameter")


def test_a_text_body_becomes_a_page_and_is_text_again_when_preferred(sato: Caller) -> None:
    made = sato.created(meeting(body={"contentType": "text", "content": "1行目\n<2行目>"}))
    assert made["body"]["contentType"] == "html"
    assert made["bodyPreview"] == "1行目\n<2行目>"
    shown = ok(sato.get(f"me/events/{made['id']}", 'IdType="ImmutableId", outlook.body-content-type="text"'))
    assert shown["body"] == {"contentType": "text", "content": "1行目\n<2行目>"}


def test_an_online_meeting_stays_as_long_as_its_block_stays(sato: Caller) -> None:
    made = sato.created(meeting(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness"))
    assert made["onlineMeeting"]["joinUrl"] in made["body"]["content"]
    assert refusal(sato.patch(made["id"], {"isOnlineMeeting": False})) == (400, "ErrorInvalidRequest")
    longer = {"contentType": "html", "content": f"<p>議題</p>{made['body']['content']}"}
    assert ok(sato.patch(made["id"], {"body": longer}))["isOnlineMeeting"] is True
    gone = ok(sato.patch(made["id"], {"body": {"contentType": "text", "content": "議題"}}))
    assert (gone["isOnlineMeeting"], gone["onlineMeeting"]) == (False, None)


def test_a_meeting_of_its_own_is_made_once_for_each_external_id(caller_of: CallerOf) -> None:
    sato = caller_of(SATO, ("User.Read", "OnlineMeetings.ReadWrite"))
    body = {"externalId": "e-1", "subject": "商談", "startDateTime": "2026-04-10T10:00:00+09:00"}
    first, second = (sato.post("me/onlineMeetings/createOrGet", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["startDateTime"] == "2026-04-10T01:00:00.0000000Z"
    assert ok(sato.post("me/onlineMeetings", {}))["id"] != first.json()["id"]
    assert refusal(sato.post("me/onlineMeetings/createOrGet", {})) == (400, "BadRequest")
    assert refusal(sato.get("me/events")) == (403, "ErrorAccessDenied")


def test_an_ordinary_id_changes_with_a_move_and_an_immutable_one_stays(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    other = office.add_calendar(SATO, "営業")
    made = sato.created(meeting())
    ordinary = ok(sato.get(f"me/events/{made['id']}", 'outlook.timezone="UTC"'))["id"]
    assert ordinary != made["id"]
    office.user_moves(SATO, made["id"], other)
    assert sato.event(made["id"])["subject"] == "打ち合わせ"
    assert refusal(sato.get(f"me/events/{ordinary}")) == (404, "ErrorItemNotFound")
    translated = sato.post("me/translateExchangeIds", {"inputIds": [made["id"]], "targetIdType": "restId"})
    assert ok(translated)["value"][0]["targetId"] != ordinary


def test_an_event_is_found_whichever_calendar_of_the_mailbox_the_address_names(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    other = office.add_calendar(SATO, "営業")
    made = sato.created(meeting())
    etag = made["@odata.etag"]
    assert sato.event(made["id"])["@odata.etag"] == etag
    assert ok(sato.get(f"me/calendars/{other}/events/{made['id']}"))["@odata.etag"] == etag
    office.user_moves(SATO, made["id"], other)
    moved = ok(sato.get(f"me/calendars/{office.calendar_id(SATO)}/events/{made['id']}"))
    assert moved["id"] == made["id"]
    assert moved["@odata.etag"] != etag
    hers = office.calendar_id(SUZUKI)
    office.share(SUZUKI, hers, SATO)
    assert refusal(sato.get(f"me/calendars/{hers}/events/{made['id']}")) == (404, "ErrorItemNotFound")


def test_a_deleted_event_can_be_made_to_be_found_by_the_id_that_stays(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    made = sato.created(meeting())
    office.user_deletes(SATO, made["id"])
    assert refusal(sato.get(f"me/events/{made['id']}")) == (404, "ErrorItemNotFound")
    office.find_deleted_events()
    assert sato.event(made["id"])["subject"] == "打ち合わせ"
    assert refusal(sato.delete(made["id"])) == (403, "ErrorCannotDeleteObject")
    office.user_restores(SATO, made["id"])
    assert sato.delete(made["id"]).status_code == 204


def test_an_unknown_address_option_or_method_is_refused(sato: Caller) -> None:
    assert refusal(sato.get("me/meetings")) == (400, "BadRequest")
    assert refusal(sato.get("me/events", nonsense="1")) == (400, "BadRequest")
    assert sato.http.put("me/events", json={}).status_code == 405
    assert refusal(sato.http.post("me/events", content=b"{")) == (400, "RequestBodyRead")


def test_the_person_and_the_mailbox_tell_their_names(sato: Caller) -> None:
    assert ok(sato.get("me"))["userPrincipalName"] == SATO
    assert ok(sato.get("me/mailboxSettings"))["timeZone"] == "Tokyo Standard Time"
    calendars: list[dict[str, Any]] = ok(sato.get("me/calendars"))["value"]
    assert [(one["isDefaultCalendar"], one["canEdit"]) for one in calendars] == [(True, True)]
    assert calendars[0]["allowedOnlineMeetingProviders"] == ["teamsForBusiness"]
    assert ok(sato.get("me/calendar"))["id"] == calendars[0]["id"]
