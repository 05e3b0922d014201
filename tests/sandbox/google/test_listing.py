"""Full listings: windows, filters, pages, parts of answers."""

from __future__ import annotations

import pytest

from soroe.sandbox.google import GoogleSandbox
from tests.sandbox.google.caller import Caller, Clock, Json, all_day, meeting, ok, refusal, weekly
from tests.sandbox.google.conftest import SATO


def test_the_sync_token_is_only_on_the_last_page(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(7):
        google.user_inserts(SATO, meeting(f"{number}"))
    items, token, pages = sato.all_pages(maxResults=3)
    assert pages == 3
    assert sorted(item["summary"] for item in items) == [str(number) for number in range(7)]
    assert token


def test_a_page_has_250_events_unless_asked_and_never_more_than_2500(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(2501):
        google.user_inserts(SATO, all_day(f"{number}", "2026-04-10", "2026-04-11"))
    assert len(sato.listed()["items"]) == 250
    assert len(sato.listed(maxResults=9999)["items"]) == 2500


def test_a_page_can_be_asked_for_again(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(4):
        google.user_inserts(SATO, meeting(f"{number}"))
    token = sato.listed(maxResults=2)["nextPageToken"]
    assert sato.listed(maxResults=2, pageToken=token) == sato.listed(maxResults=2, pageToken=token)


def test_a_page_token_belongs_to_its_listing(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(4):
        google.user_inserts(SATO, meeting(f"{number}"))
    token = sato.listed(maxResults=2)["nextPageToken"]
    assert refusal(sato.list_events(maxResults=2, pageToken=token, showDeleted=True)) == (400, "invalid")
    assert refusal(sato.list_events(pageToken="nonsense")) == (400, "invalid")


def test_an_event_changed_while_paging_comes_again_with_the_token(google: GoogleSandbox, sato: Caller) -> None:
    made = [google.user_inserts(SATO, meeting(f"{number}")) for number in range(4)]
    first = sato.listed(maxResults=2)
    google.user_patches(SATO, made[0]["id"], {"summary": "changed"})
    last = sato.listed(maxResults=2, pageToken=first["nextPageToken"])
    again = sato.listed(syncToken=last["nextSyncToken"])["items"]
    assert [item["summary"] for item in again] == ["changed"]


def test_a_window_takes_what_overlaps_it(sato: Caller) -> None:
    for day in ("2026-04-09", "2026-04-10", "2026-04-11"):
        sato.inserted(meeting(day, day))
    sato.inserted(all_day("展示会", "2026-04-08", "2026-04-11"))
    sato.inserted(all_day("休み", "2026-04-11", "2026-04-12"))
    window = {"timeMin": "2026-04-10T00:00:00+09:00", "timeMax": "2026-04-11T00:00:00+09:00"}
    assert {item["summary"] for item in sato.listed(**window)["items"]} == {"2026-04-10", "展示会"}


def test_a_series_is_in_the_window_when_one_of_its_instances_is(sato: Caller) -> None:
    sato.inserted(weekly())
    inside = {"timeMin": "2026-04-27T00:00:00+09:00", "timeMax": "2026-04-28T00:00:00+09:00"}
    outside = {"timeMin": "2026-05-01T00:00:00+09:00"}
    assert [item["summary"] for item in sato.listed(**inside)["items"]] == ["定例"]
    assert sato.listed(**outside)["items"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"timeMin": "2026-04-10"}, "badRequest"),
        ({"timeMin": "2026-04-10T00:00:00"}, "badRequest"),
        ({"timeMin": "2026-04-10T00:00:00Z", "timeMax": "2026-04-10T00:00:00Z"}, "timeRangeEmpty"),
        ({"maxResults": "0"}, "invalid"),
        ({"singleEvents": "yes"}, "invalid"),
        ({"eventTypes": "party"}, "invalid"),
        ({"orderBy": "startTime"}, "badRequest"),
        ({"orderBy": "title", "singleEvents": "true"}, "invalid"),
        ({"timeZone": "Tokyo"}, "invalid"),
        ({"privateExtendedProperty": "crm"}, "badRequest"),
        ({"fields": "items(id"}, "invalid"),
        ({"fields": "events"}, "invalid"),
        ({"fields": "items(title)"}, "invalid"),
    ],
)
def test_a_wrong_parameter_is_refused(sato: Caller, query: Json, expected: str) -> None:
    assert refusal(sato.list_events(**query)) == (400, expected)


def test_events_are_found_by_a_private_property_a_uid_a_type_or_a_word(sato: Caller) -> None:
    stamped = sato.inserted(meeting("印あり", extendedProperties={"private": {"crm": "42"}}))
    focus = sato.inserted(meeting("集中", eventType="focusTime"))
    assert _ids(sato.listed(privateExtendedProperty="crm=42")) == [stamped["id"]]
    assert _ids(sato.listed(privateExtendedProperty="crm=43")) == []
    assert _ids(sato.listed(iCalUID=focus["iCalUID"])) == [focus["id"]]
    assert _ids(sato.listed(eventTypes="focusTime")) == [focus["id"]]
    assert len(_ids(sato.listed(eventTypes=["focusTime", "default"]))) == 2
    assert _ids(sato.listed(q="集中")) == [focus["id"]]


def test_a_search_gives_no_sync_token(sato: Caller) -> None:
    for query in ({"q": "x"}, {"privateExtendedProperty": "a=b"}, {"iCalUID": "x"}, {"orderBy": "updated"}):
        assert "nextSyncToken" not in sato.listed(**query)
    assert "nextSyncToken" in sato.listed(timeMin="2026-04-10T00:00:00Z")


def test_only_the_fields_asked_for_come_back(sato: Caller) -> None:
    sato.inserted(meeting())
    answer = sato.listed(fields="nextSyncToken,items(id,start/dateTime)")
    assert set(answer) == {"nextSyncToken", "items"}
    assert set(answer["items"][0]) == {"id", "start"}
    assert set(answer["items"][0]["start"]) == {"dateTime"}
    assert set(sato.listed(fields="items/id")) == {"items"}
    assert set(sato.listed(fields="*")) > {"kind", "etag", "items", "accessRole"}


def test_a_listing_without_the_token_field_never_gives_a_token(sato: Caller) -> None:
    assert "nextSyncToken" not in sato.listed(fields="items(id)")


def test_deleted_events_are_listed_only_on_request(sato: Caller) -> None:
    made = sato.inserted(meeting())
    sato.delete(made["id"])
    assert sato.listed()["items"] == []
    shown = sato.listed(showDeleted=True)["items"]
    assert [(item["id"], item["status"], item["summary"]) for item in shown] == [
        (made["id"], "cancelled", "打ち合わせ")
    ]


def test_events_are_ordered_by_start_or_by_change(sato: Caller, clock: Clock) -> None:
    late = sato.inserted(meeting("遅い", hour=15))
    clock.advance(minutes=1)
    early = sato.inserted(meeting("早い", hour=9))
    assert _ids(sato.listed(orderBy="startTime", singleEvents=True)) == [early["id"], late["id"]]
    assert _ids(sato.listed(orderBy="updated")) == [late["id"], early["id"]]


def test_what_changed_since_a_moment_is_listed_with_the_deleted(sato: Caller, clock: Clock) -> None:
    sato.inserted(meeting("前"))
    clock.advance(minutes=30)
    made = sato.inserted(meeting("後"))
    sato.delete(made["id"])
    assert _ids(sato.listed(updatedMin="2026-04-01T09:15:00Z")) == [made["id"]]
    assert refusal(sato.list_events(updatedMin="2026-01-01T00:00:00Z")) == (410, "updatedMinTooLongAgo")


def test_a_long_list_of_guests_is_cut_to_oneself(google: GoogleSandbox, sato: Caller) -> None:
    guests = [{"email": SATO}, *({"email": f"g{number}@example.org"} for number in range(5))]
    google.user_inserts(SATO, meeting(attendees=guests))
    item = sato.listed(maxAttendees=3)["items"][0]
    assert item["attendeesOmitted"] is True
    assert [guest["email"] for guest in item["attendees"]] == [SATO]


def test_the_list_of_calendars_names_role_zone_and_the_primary_one(google: GoogleSandbox, sato: Caller) -> None:
    other = google.add_calendar(SATO, "営業", time_zone="Europe/Berlin")
    items = ok(sato.send("GET", "users/me/calendarList"))["items"]
    assert [(item["id"], item["accessRole"], item.get("primary", False)) for item in items] == [
        (SATO, "owner", True),
        (other, "owner", False),
    ]
    assert items[1]["timeZone"] == "Europe/Berlin"


def _ids(answer: Json) -> list[str]:
    return [item["id"] for item in answer["items"]]
