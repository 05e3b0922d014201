"""Incremental listings: what a sync token brings, refuses and when it dies; and feeds that lie."""

from __future__ import annotations

import pytest

from soroe.sandbox.google import AccessRole, GoogleSandbox
from tests.sandbox.google.caller import Caller, Json, meeting, refusal, weekly
from tests.sandbox.google.conftest import SATO, SUZUKI


def _token(caller: Caller, **query: object) -> str:
    return caller.all_pages(**query)[1]


def test_nothing_changed_brings_nothing(google: GoogleSandbox, sato: Caller) -> None:
    google.user_inserts(SATO, meeting())
    answer = sato.listed(syncToken=_token(sato))
    assert answer["items"] == []
    assert answer["nextSyncToken"]


def test_new_changed_and_deleted_events_come_once(google: GoogleSandbox, sato: Caller) -> None:
    kept, changed, deleted = (google.user_inserts(SATO, meeting(title))["id"] for title in "abc")
    token = _token(sato)
    google.user_patches(SATO, changed, {"summary": "b2"})
    google.user_deletes(SATO, deleted)
    new = google.user_inserts(SATO, meeting("d"))["id"]
    answer = sato.listed(syncToken=token)
    assert [item["id"] for item in answer["items"]] == [changed, deleted, new]
    assert kept not in str(answer)
    assert sato.listed(syncToken=answer["nextSyncToken"])["items"] == []


def test_a_deleted_event_carries_only_what_is_guaranteed(google: GoogleSandbox, sato: Caller) -> None:
    made = google.user_inserts(SATO, meeting("秘密"))
    token = _token(sato)
    google.user_deletes(SATO, made["id"])
    [item] = sato.listed(syncToken=token)["items"]
    assert set(item) == {"kind", "etag", "id", "status"}
    [whole] = sato.listed(syncToken=token, showDeleted=True)["items"]
    assert whole["summary"] == "秘密"


def test_a_write_of_our_own_comes_back_with_the_etag_we_know(sato: Caller) -> None:
    token = _token(sato)
    made = sato.inserted(meeting())
    [echo] = sato.listed(syncToken=token)["items"]
    assert echo["etag"] == made["etag"]


@pytest.mark.parametrize(
    "query",
    [
        {"timeMin": "2026-04-01T00:00:00Z"},
        {"timeMax": "2026-05-01T00:00:00Z"},
        {"updatedMin": "2026-04-01T00:00:00Z"},
        {"q": "x"},
        {"orderBy": "updated"},
        {"iCalUID": "x"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"showDeleted": "false"},
        {"singleEvents": "true"},
        {"eventTypes": "default"},
        {"maxAttendees": "1"},
        {"timeZone": "UTC"},
        {"showHiddenInvitations": "true"},
    ],
)
def test_a_sync_token_refuses_other_parameters_than_its_own(sato: Caller, query: Json) -> None:
    assert refusal(sato.list_events(syncToken=_token(sato), **query)) == (400, "badRequest")


def test_a_sync_token_goes_on_with_the_parameters_it_began_with(google: GoogleSandbox, sato: Caller) -> None:
    query: Json = {"singleEvents": True, "eventTypes": ["default", "focusTime"], "timeZone": "UTC"}
    token = _token(sato, **query, timeMin="2026-04-01T00:00:00Z")
    google.user_inserts(SATO, meeting("普通"))
    google.user_inserts(SATO, meeting("不在", eventType="outOfOffice"))
    items = sato.listed(syncToken=token, **query)["items"]
    assert [item["summary"] for item in items] == ["普通"]


def test_the_window_of_the_first_listing_goes_on(google: GoogleSandbox, sato: Caller) -> None:
    inside = google.user_inserts(SATO, meeting("内"))["id"]
    token = _token(sato, timeMin="2026-04-10T00:00:00+09:00", timeMax="2026-04-11T00:00:00+09:00")
    google.user_inserts(SATO, meeting("外", day="2026-06-01"))
    away = meeting(day="2026-06-02")
    google.user_patches(SATO, inside, {"start": away["start"], "end": away["end"]})
    items = sato.listed(syncToken=token)["items"]
    assert [item["id"] for item in items] == [inside]


def test_expired_tokens_ask_for_a_full_listing(google: GoogleSandbox, sato: Caller) -> None:
    token = _token(sato)
    google.expire_sync_tokens()
    assert refusal(sato.list_events(syncToken=token)) == (410, "fullSyncRequired")
    assert sato.listed(syncToken=_token(sato))["items"] == []


def test_a_change_of_rights_ends_the_tokens_of_the_calendar(google: GoogleSandbox, sato: Caller) -> None:
    token = _token(sato)
    google.share(SATO, "primary", SUZUKI, AccessRole.reader)
    assert refusal(sato.list_events(syncToken=token)) == (410, "fullSyncRequired")


def test_a_token_that_is_none_is_refused(sato: Caller) -> None:
    assert refusal(sato.list_events(syncToken="nonsense")) == (400, "invalid")


def test_a_token_of_another_calendar_does_not_count(google: GoogleSandbox, sato: Caller) -> None:
    other = google.add_calendar(SATO, "営業")
    assert refusal(sato.list_events(other, syncToken=_token(sato))) == (410, "fullSyncRequired")


def test_changes_also_come_in_pages(google: GoogleSandbox, sato: Caller) -> None:
    token = _token(sato)
    for number in range(5):
        google.user_inserts(SATO, meeting(f"{number}"))
    items, following, pages = sato.all_pages(syncToken=token, maxResults=2)
    assert (len(items), pages) == (5, 3)
    assert sato.listed(syncToken=following)["items"] == []


def test_deleting_a_series_tells_of_its_exceptions_too(google: GoogleSandbox, sato: Caller) -> None:
    series = google.user_inserts(SATO, weekly())["id"]
    exception = f"{series}_20260413T010000Z"
    google.user_patches(SATO, exception, {"summary": "別の題"})
    token = _token(sato)
    google.user_deletes(SATO, series)
    items = sato.listed(syncToken=token)["items"]
    assert {item["id"]: item["status"] for item in items} == {series: "cancelled", exception: "cancelled"}


def test_hostile_pages_are_short_or_empty_and_still_lead_to_the_end(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(9):
        google.user_inserts(SATO, meeting(f"{number}"))
    google.lies.hostile_paging = True
    first = sato.listed(maxResults=4)
    assert first["items"] == []
    assert first["nextPageToken"]
    items, token, pages = sato.all_pages(maxResults=4)
    assert sorted(item["summary"] for item in items) == [str(number) for number in range(9)]
    assert pages > 3
    assert token


def test_an_empty_feed_lies_with_a_valid_token(google: GoogleSandbox, sato: Caller) -> None:
    google.user_inserts(SATO, meeting())
    google.lies.answer_empty()
    lie = sato.listed()
    assert lie["items"] == []
    assert sato.listed(syncToken=lie["nextSyncToken"])["items"] == []
    assert len(sato.listed()["items"]) == 1


def test_a_truncated_feed_lies_with_a_valid_token(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(5):
        google.user_inserts(SATO, meeting(f"{number}"))
    google.lies.answer_truncated(keep=2)
    lie = sato.listed()
    assert len(lie["items"]) == 2
    assert lie["nextSyncToken"]
    assert len(sato.listed()["items"]) == 5


def test_a_feed_may_bring_items_twice(google: GoogleSandbox, sato: Caller) -> None:
    google.user_inserts(SATO, meeting())
    google.lies.repeat_items()
    assert len(sato.listed()["items"]) == 2
    assert len(sato.listed()["items"]) == 1


def test_a_listing_may_expire_between_two_pages(google: GoogleSandbox, sato: Caller) -> None:
    for number in range(3):
        google.user_inserts(SATO, meeting(f"{number}"))
    google.lies.gone_while_paging()
    page = sato.listed(maxResults=2)["nextPageToken"]
    assert refusal(sato.list_events(maxResults=2, pageToken=page)) == (410, "fullSyncRequired")
    assert len(sato.all_pages(maxResults=2)[0]) == 3


def test_the_list_of_calendars_has_its_own_sync_token(google: GoogleSandbox, sato: Caller) -> None:
    path = "users/me/calendarList"
    token = sato.send("GET", path).json()["nextSyncToken"]
    google.share(SUZUKI, "primary", SATO, AccessRole.reader)
    shared = sato.send("GET", path, syncToken=token).json()
    assert [(item["id"], item["accessRole"]) for item in shared["items"]] == [(SUZUKI, "reader")]
    google.unshare(SUZUKI, "primary", SATO)
    gone = sato.send("GET", path, syncToken=shared["nextSyncToken"]).json()["items"]
    assert [(item["id"], item["deleted"]) for item in gone] == [(SUZUKI, True)]
    assert refusal(sato.send("GET", path, syncToken=token, minAccessRole="owner")) == (400, "badRequest")
