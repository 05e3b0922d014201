"""The change feed of the sandbox CRM: full listings, changes, tombstones, cursors, and feeds that lie."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from soroe.sandbox.crm import (
    CrmSandbox,
    EmptyPage,
    ExpiredCursor,
    FalseTombstones,
    TruncatedPage,
    User,
)
from tests.sandbox.crm.caller import Caller, Clock

TEN = datetime(2026, 5, 11, 10)
ELEVEN = datetime(2026, 5, 11, 11)


def subjects(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["subject"] for item in page["items"]]


def test_the_first_listing_shows_everything_in_pages(crm: CrmSandbox, sato: User, call: Caller) -> None:
    for number in range(5):
        crm.user_creates(sato, f"Meeting {number}", TEN, ELEVEN)
    first = call.list(limit=2)
    second = call.list(limit=2, cursor=first["next_cursor"])
    third = call.list(limit=2, cursor=second["next_cursor"])
    assert [subjects(page) for page in (first, second, third)] == [
        ["Meeting 0", "Meeting 1"],
        ["Meeting 2", "Meeting 3"],
        ["Meeting 4"],
    ]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]


def test_the_kept_cursor_brings_only_what_changed(crm: CrmSandbox, sato: User, call: Caller) -> None:
    kept = crm.user_creates(sato, "Kept", TEN, ELEVEN)
    moved = crm.user_creates(sato, "Moved", TEN, ELEVEN)
    doomed = crm.user_creates(sato, "Doomed", TEN, ELEVEN)
    cursor = call.list()["next_cursor"]
    crm.user_changes(moved.id, start=ELEVEN, end=datetime(2026, 5, 11, 12))
    crm.user_deletes(doomed.id)
    page = call.list(cursor=cursor)
    assert [item["id"] for item in page["items"]] == [moved.id]
    assert [stone["id"] for stone in page["tombstones"]] == [doomed.id]
    assert kept.id in [activity.id for activity in crm.activities(sato)]


def test_an_unchanged_feed_is_one_small_answer(crm: CrmSandbox, sato: User, call: Caller) -> None:
    for number in range(300):
        crm.user_creates(sato, f"Meeting {number}", TEN, ELEVEN)
    cursor = call.list(limit=500)["next_cursor"]
    crm.requests.clear()
    assert call.list(limit=500, cursor=cursor)["items"] == []
    assert len(crm.requests) == 1
    assert crm.requests.body_bytes() < 200


def test_an_activity_changed_between_two_pages_comes_again(crm: CrmSandbox, sato: User, call: Caller) -> None:
    first = crm.user_creates(sato, "First", TEN, ELEVEN)
    crm.user_creates(sato, "Second", TEN, ELEVEN)
    page = call.list(limit=1)
    crm.user_changes(first.id, subject="First, renamed")
    assert subjects(call.list(cursor=page["next_cursor"])) == ["Second", "First, renamed"]


def test_a_first_listing_tells_no_old_deletions_but_those_made_meanwhile(
    crm: CrmSandbox, sato: User, call: Caller
) -> None:
    old = crm.user_creates(sato, "Old", TEN, ELEVEN)
    crm.user_deletes(old.id)
    shown = crm.user_creates(sato, "Shown", TEN, ELEVEN)
    crm.user_creates(sato, "Other", TEN, ELEVEN)
    page = call.list(limit=1)
    assert page["tombstones"] == []
    crm.user_deletes(shown.id)
    assert [stone["id"] for stone in call.list(cursor=page["next_cursor"])["tombstones"]] == [shown.id]


def test_since_limits_the_first_listing_only(crm: CrmSandbox, sato: User, call: Caller, clock: Clock) -> None:
    old = crm.user_creates(sato, "Old", TEN, ELEVEN)
    clock.moves_on(hours=1)
    crm.user_creates(sato, "New", TEN, ELEVEN)
    page = call.list(since="2026-05-01T04:00:00Z")
    assert subjects(page) == ["New"]
    crm.user_changes(old.id, subject="Old, renamed")
    assert subjects(call.list(cursor=page["next_cursor"])) == ["Old, renamed"]


def test_a_reassigned_activity_leaves_one_feed_and_enters_the_other(crm: CrmSandbox, sato: User, call: Caller) -> None:
    suzuki = crm.add_user("suzuki@example.com", "Suzuki")
    activity = crm.user_creates(sato, "Handed over", TEN, ELEVEN)
    cursor = call.list()["next_cursor"]
    crm.user_reassigns(activity.id, suzuki)
    [stone] = call.list(cursor=cursor)["tombstones"]
    assert (stone["id"], stone["reason"]) == (activity.id, "reassigned")
    assert subjects(call.list(owner=suzuki.id)) == ["Handed over"]


def test_a_private_activity_of_another_user_shows_its_time_only(crm: CrmSandbox, sato: User, call: Caller) -> None:
    suzuki = crm.add_user("suzuki@example.com", "Suzuki")
    crm.user_creates(suzuki, "Salary talk", TEN, ELEVEN, private=True, location="Room 3", external_id="mark-1")
    [item] = call.list(owner=suzuki.id)["items"]
    assert (item["subject"], item["location"], item["external_id"]) == ("Private", "", None)
    assert item["start"]["date_time"] == "2026-05-11T10:00:00"
    assert (item["read_only"], item["read_only_cause"]) == (True, "no_permission")


def test_a_cursor_older_than_thirty_days_has_expired(call: Caller, clock: Clock) -> None:
    cursor = call.list()["next_cursor"]
    clock.moves_on(days=30, seconds=1)
    response = call("GET", "activities", params={"owner": "me", "cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (410, "cursor_expired")


@pytest.mark.parametrize("cursor", ["garbage", "Zm9vYmFyYmF6", "%%%"])
def test_a_damaged_cursor_counts_as_expired(call: Caller, cursor: str) -> None:
    response = call("GET", "activities", params={"owner": "me", "cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (410, "cursor_expired")


def test_a_cursor_belongs_to_its_owner(crm: CrmSandbox, call: Caller) -> None:
    suzuki = crm.add_user("suzuki@example.com", "Suzuki")
    cursor = call.list()["next_cursor"]
    response = call("GET", "activities", params={"owner": suzuki.id, "cursor": cursor})
    assert (response.status_code, response.json()["field"]) == (422, "owner")


def test_a_lookup_by_external_id_finds_the_live_activity_only(crm: CrmSandbox, sato: User, call: Caller) -> None:
    activity = crm.user_creates(sato, "Marked", date(2026, 5, 11), date(2026, 5, 12), external_id="mark-1")
    assert subjects(call.list(external_id="mark-1")) == ["Marked"]
    crm.user_deletes(activity.id)
    assert call.list(external_id="mark-1")["items"] == []


def test_an_empty_page_can_be_told_though_there_is_something(crm: CrmSandbox, sato: User, call: Caller) -> None:
    crm.user_creates(sato, "There", TEN, ELEVEN)
    crm.lie(EmptyPage())
    page = call.list()
    assert (page["items"], page["has_more"]) == ([], False)
    assert call.list(cursor=page["next_cursor"])["items"] == []
    assert subjects(call.list()) == ["There"]


def test_a_truncated_page_claims_to_be_complete(crm: CrmSandbox, sato: User, call: Caller) -> None:
    for number in range(3):
        crm.user_creates(sato, f"Meeting {number}", TEN, ELEVEN)
    crm.lie(TruncatedPage(keep=1))
    page = call.list()
    assert (subjects(page), page["has_more"]) == (["Meeting 0"], False)


def test_a_false_tombstone_names_a_live_activity(crm: CrmSandbox, sato: User, call: Caller) -> None:
    activity = crm.user_creates(sato, "Alive", TEN, ELEVEN)
    crm.lie(FalseTombstones((activity.id,)))
    page = call.list()
    assert ([stone["id"] for stone in page["tombstones"]], page["items"]) == ([activity.id], [])
    assert call("GET", f"activities/{activity.id}").status_code == 200


def test_a_cursor_can_expire_in_the_middle_of_a_listing(crm: CrmSandbox, sato: User, call: Caller) -> None:
    for number in range(3):
        crm.user_creates(sato, f"Meeting {number}", TEN, ELEVEN)
    crm.lie(ExpiredCursor())
    page = call.list(limit=2)
    response = call("GET", "activities", params={"owner": "me", "cursor": page["next_cursor"]})
    assert response.status_code == 410
    crm.expire_cursors()
    assert call("GET", "activities", params={"owner": "me", "cursor": page["next_cursor"]}).status_code == 410


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "owner"),
        ({"owner": "usr_99"}, "owner"),
        ({"owner": "me", "limit": "0"}, "limit"),
        ({"owner": "me", "limit": "501"}, "limit"),
        ({"owner": "me", "limit": "ten"}, "limit"),
        ({"owner": "me", "since": "2026-05-01T10:00:00"}, "since"),
        ({"owner": "me", "since": "yesterday"}, "since"),
        ({"owner": "me", "since": "2026-13-01T10:00:00Z"}, "since"),
        ({"owner": "me", "colour": "red"}, "colour"),
        ({"owner": "me", "external_id": "with space"}, "external_id"),
    ],
)
def test_a_wrong_parameter_is_named(call: Caller, query: dict[str, str], field: str) -> None:
    response = call("GET", "activities", params=query)
    assert (response.status_code, response.json()["field"]) == (422, field)
