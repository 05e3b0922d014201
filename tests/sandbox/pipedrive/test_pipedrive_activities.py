"""Activities of the Pipedrive-shaped server: fields, lists, changes, deletions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from soroe.sandbox.pipedrive import PipedriveSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.pipedrive.caller import ACTIVITIES, Caller, data

HOUR = timedelta(hours=1)


def test_a_time_in_tokyo_is_kept_in_utc_with_the_date_of_utc(
    pipedrive: PipedriveSandbox, sato: User, call: Caller
) -> None:
    created = pipedrive.user_creates(sato, "Early call", datetime(2026, 5, 5, 8), HOUR)
    shown = data(call("GET", f"{ACTIVITIES}/{created.id}"))
    assert (shown["due_date"], shown["due_time"], shown["duration"]) == ("2026-05-04", "23:00:00", "01:00:00")


def test_an_activity_without_a_time_has_a_plain_date(pipedrive: PipedriveSandbox, sato: User, call: Caller) -> None:
    pipedrive.user_creates(sato, "Fair", date(2026, 5, 5))
    [shown] = call.list()
    assert (shown["due_date"], shown["due_time"], shown["duration"]) == ("2026-05-05", None, None)


def test_short_times_are_written_out(call: Caller) -> None:
    created = call.create(due_date="2026-05-05", due_time="09:30", duration="00:45")
    assert (created["due_time"], created["duration"]) == ("09:30:00", "00:45:00")


def test_an_activity_without_a_subject_is_called_after_its_type(call: Caller) -> None:
    assert data(call("POST", ACTIVITIES, json={"type": "lunch"}))["subject"] == "Lunch"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": 5}, "subject"),
        ({"subject": "x" * 256}, "subject"),
        ({"type": "golf"}, "type"),
        ({"owner_id": "1"}, "owner_id"),
        ({"owner_id": 99}, "owner_id"),
        ({"due_date": "2026-5-1"}, "due_date"),
        ({"due_date": "2026-02-30"}, "due_date"),
        ({"due_time": "25:00"}, "due_time"),
        ({"due_time": "9:00"}, "due_time"),
        ({"duration": 60}, "duration"),
        ({"busy": 1}, "busy"),
        ({"done": "true"}, "done"),
        ({"location": "Room 3"}, "location"),
        ({"location": {"planet": "Mars"}}, "location.planet"),
        ({"person_id": 7}, "person_id"),
        ({"id": 7}, "id"),
        ({"attendees": [{"name": "No address"}]}, "attendees[0]"),
        ({"attendees": [{"email": "a@example.com", "colour": "red"}]}, "attendees[0].colour"),
        ({"participants": [{"person_id": True}]}, "participants[0].person_id"),
        ({"lead_id": "abc"}, "lead_id"),
        ({"private": True}, "private"),
        ({"custom_field": "ours"}, "custom_field"),
    ],
)
def test_strict_validation_refuses_and_names_the_field(call: Caller, body: dict[str, object], field: str) -> None:
    response = call("POST", ACTIVITIES, json={"subject": "Review", "type": "meeting"} | body)
    assert response.status_code == 400
    assert f": {field}: " in response.json()["error"]
    assert call.list() == []


def test_attendees_are_shown_only_when_asked_for(call: Caller) -> None:
    call.create(attendees=[{"email": "guest@example.com", "name": "Guest"}])
    assert "attendees" not in call.list()[0]
    assert call.list(include_fields="attendees")[0]["attendees"][0]["email"] == "guest@example.com"


def test_the_person_follows_from_the_primary_participant(call: Caller) -> None:
    created = call.create(participants=[{"person_id": 3, "primary": False}, {"person_id": 4, "primary": True}])
    assert created["person_id"] == 4


def test_a_patch_changes_only_what_is_sent(call: Caller, clock: Clock) -> None:
    created = call.create(public_description="Agenda", due_date="2026-05-05", due_time="09:00")
    clock.moves_on(minutes=1)
    changed = data(call("PATCH", f"{ACTIVITIES}/{created['id']}", json={"due_time": None, "done": True}))
    assert (changed["due_time"], changed["public_description"]) == (None, "Agenda")
    assert changed["marked_as_done_time"] == changed["update_time"] == "2026-05-01T03:01:00Z"


def test_a_place_that_the_geocoder_knows_is_rewritten(pipedrive: PipedriveSandbox, call: Caller) -> None:
    pipedrive.geocodes("Marunouchi 1-1", "1 Chome-1 Marunouchi, Chiyoda City", country="Japan", locality="Chiyoda")
    created = call.create(location={"value": "Marunouchi 1-1"})
    assert created["location"]["value"] == "1 Chome-1 Marunouchi, Chiyoda City"
    assert created["location"]["country"] == "Japan"
    assert call.create(location={"value": "Room 3"})["location"]["country"] is None


def test_there_is_no_filter_by_type(call: Caller) -> None:
    response = call("GET", ACTIVITIES, params={"type": "meeting"})
    assert (response.status_code, "type" in response.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    "query",
    [
        {"updated_since": "2026-05-01T03:00:00.000Z"},
        {"updated_since": "2026-05-01 03:00:00"},
        {"updated_since": "2026-13-01T03:00:00Z"},
        {"limit": "501"},
        {"limit": "0"},
        {"owner_id": "me"},
        {"sort_by": "subject"},
        {"sort_direction": "down"},
        {"include_fields": "everything"},
        {"ids": ",".join(str(number) for number in range(101))},
        {"ids": "1,x"},
        {"cursor": "garbage"},
        {"cursor": "WzEsMl0"},
        {"cursor": "WyJ1cGRhdGVfdGltZSIsIngiLDFd", "sort_by": "update_time"},
        {"cursor": "WyJ1cGRhdGVfdGltZSIsIjIwMjYtMDEtMDEiLDFd", "sort_by": "update_time"},
        {"done": "1"},
    ],
)
def test_a_wrong_list_parameter_is_refused(call: Caller, query: dict[str, str]) -> None:
    assert call("GET", ACTIVITIES, params=query).status_code == 400


def test_updated_since_includes_its_second_and_updated_until_does_not(
    pipedrive: PipedriveSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    for subject in ("At three", "A second later"):
        pipedrive.user_creates(sato, subject, date(2026, 5, 5))
        clock.moves_on(seconds=1)
    found = call.list(updated_since="2026-05-01T03:00:01Z")
    assert [item["subject"] for item in found] == ["A second later"]
    found = call.list(updated_since="2026-05-01T12:00:00+09:00", updated_until="2026-05-01T03:00:01Z")
    assert [item["subject"] for item in found] == ["At three"]


@pytest.mark.parametrize("sort_by", ["id", "update_time", "add_time", "due_date"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_the_cursor_walks_through_every_activity_once(
    pipedrive: PipedriveSandbox, sato: User, call: Caller, sort_by: str, direction: str
) -> None:
    for number in range(7):
        pipedrive.user_creates(sato, f"Meeting {number}", date(2026, 5, 20 - number // 2))
    seen: list[int] = []
    query: dict[str, object] = {"limit": 3, "sort_by": sort_by, "sort_direction": direction}
    while True:
        answer = call("GET", ACTIVITIES, params=query).json()
        seen += [item["id"] for item in answer["data"]]
        if answer["additional_data"]["next_cursor"] is None:
            break
        query["cursor"] = answer["additional_data"]["next_cursor"]
    assert sorted(seen) == list(range(1, 8))


def test_an_activity_changed_many_times_is_listed_once_at_its_last_change(
    pipedrive: PipedriveSandbox, sato: User, call: Caller, clock: Clock
) -> None:
    for subject in ("Often", "Once"):
        pipedrive.user_creates(sato, subject, date(2026, 5, 5))
    for number in range(200):
        clock.moves_on(seconds=1)
        pipedrive.user_changes(1, subject=f"Often {number}")
    by_update = call.list(sort_by="update_time", updated_since="2026-05-01T00:00:00Z")
    assert [item["subject"] for item in by_update] == ["Once", "Often 199"]
    assert [item["id"] for item in call.list(updated_since="2026-05-01T03:00:01Z")] == [1]
    assert [item["id"] for item in call.list()] == [1, 2]


def test_a_reassigned_activity_vanishes_from_the_owners_list(
    pipedrive: PipedriveSandbox, sato: User, call: Caller
) -> None:
    suzuki = pipedrive.add_user("suzuki@example.com", "Suzuki")
    created = pipedrive.user_creates(sato, "Handed over", date(2026, 5, 5))
    pipedrive.user_reassigns(created.id, suzuki)
    assert call.list(owner_id=sato.id) == []
    assert [item["owner_id"] for item in call.list(ids=created.id)] == [suzuki.id]


def test_a_deleted_activity_leaves_the_lists_and_shows_its_mark_for_thirty_days(call: Caller, clock: Clock) -> None:
    created = call.create()
    path = f"{ACTIVITIES}/{created['id']}"
    assert data(call("DELETE", path)) == {"id": created["id"]}
    assert call.list(updated_since="2026-05-01T00:00:00Z") == []
    assert call.list(ids=created["id"]) == []
    assert data(call("GET", path))["is_deleted"] is True
    assert call("PATCH", path, json={"subject": "Back"}).status_code == 404
    assert call("DELETE", path).status_code == 404
    clock.moves_on(days=30, seconds=1)
    assert call("GET", path).status_code == 404


def test_a_person_can_restore_what_was_deleted(pipedrive: PipedriveSandbox, sato: User, call: Caller) -> None:
    created = pipedrive.user_creates(sato, "Back again", date(2026, 5, 5))
    pipedrive.user_deletes(created.id)
    pipedrive.user_restores(created.id)
    assert [item["subject"] for item in call.list()] == ["Back again"]


def test_recent_changes_tell_deletions_too(pipedrive: PipedriveSandbox, sato: User, call: Caller, clock: Clock) -> None:
    for number in range(3):
        pipedrive.user_creates(sato, f"Meeting {number}", datetime(2026, 5, 5, 18), HOUR)
    clock.moves_on(minutes=5)
    pipedrive.user_deletes(2)
    since = {"since_timestamp": "2026-05-01 03:05:00", "items": "activity"}
    [entry] = call("GET", "/v1/recents", params=since).json()["data"]
    assert (entry["id"], entry["data"]["active_flag"], entry["data"]["due_time"]) == (2, False, "09:00")
    since["since_timestamp"] = "2026-05-01 03:00:00"
    answer = call("GET", "/api/v1/recents", params={**since, "limit": 2}).json()
    assert answer["additional_data"]["pagination"]["next_start"] == 2
    assert [entry["id"] for entry in answer["data"]] == [1, 3]
    assert call("GET", "/v1/recents", params={"since_timestamp": "2026-05-01T03:00:00Z"}).status_code == 400


def test_the_types_and_the_own_user_stand_in_version_one(pipedrive: PipedriveSandbox, sato: User, call: Caller) -> None:
    pipedrive.add_activity_type("lunch", "Lunch", active=False)
    types = call("GET", "/v1/activityTypes").json()["data"]
    assert [kind["key_string"] for kind in types if not kind["active_flag"]] == ["lunch"]
    own = data(call("GET", "/v1/users/me"))
    assert (own["id"], own["email"], own["timezone_name"]) == (sato.id, "sato@example.com", "Asia/Tokyo")
    assert call("POST", ACTIVITIES, json={"type": "lunch"}).status_code == 400


@pytest.mark.parametrize("path", ["/v1/activities", "/api/v1/activities/1"])
def test_the_old_activity_endpoints_are_retired(call: Caller, path: str) -> None:
    assert call("GET", path).status_code == 410


def test_a_list_can_come_back_empty_though_there_is_something(
    pipedrive: PipedriveSandbox, sato: User, call: Caller
) -> None:
    pipedrive.user_creates(sato, "There", date(2026, 5, 5))
    pipedrive.list_nothing()
    assert call.list() == []
    assert len(call.list()) == 1


def test_long_durations_can_be_refused(pipedrive: PipedriveSandbox, call: Caller) -> None:
    assert call.create(duration="48:00")["duration"] == "48:00:00"
    pipedrive.refuse_long_durations()
    assert call("POST", ACTIVITIES, json={"type": "meeting", "duration": "24:00"}).status_code == 400
