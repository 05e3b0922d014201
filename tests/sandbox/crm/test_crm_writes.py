"""Creates, changes, deletes, restores and batches of the sandbox CRM."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.server import DropAfterProcessing
from tests.sandbox.crm.caller import Caller, Clock, meeting

TEN = datetime(2026, 5, 11, 10)
ELEVEN = datetime(2026, 5, 11, 11)


def test_a_created_activity_has_the_defaults_of_the_contract(call: Caller, sato: User) -> None:
    response = call.create()
    created = response.json()
    assert response.status_code == 201
    assert response.headers["Location"].endswith(created["id"])
    assert (created["owner_id"], created["organizer"]["email"]) == (sato.id, "sato@example.com")
    assert (created["show_as"], created["private"], created["guests"], created["done"]) == ("busy", False, [], False)
    assert call("GET", f"activities/{created['id']}").json() == created


def test_a_repeated_create_gets_the_first_answer_again(crm: CrmSandbox, call: Caller) -> None:
    first = call.create(key="the-same-key")
    crm.user_changes(first.json()["id"], subject="Renamed since")
    again = call.create(key="the-same-key")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(crm.activities()) == 1


def test_a_create_whose_answer_was_lost_makes_nothing_twice(crm: CrmSandbox, call: Caller) -> None:
    crm.faults.add(DropAfterProcessing(), method="POST", path="/activities")
    with pytest.raises(Exception, match=r"disconnected|reset|closed"):
        call.create(key="the-same-key")
    assert len(crm.activities()) == 1
    assert call.create(key="the-same-key").status_code == 201
    assert len(crm.activities()) == 1


def test_a_key_used_for_another_body_is_refused(call: Caller) -> None:
    call.create(key="the-same-key")
    response = call.create(key="the-same-key", subject="Something else")
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refused_create_does_not_use_up_its_key(call: Caller) -> None:
    assert call.create(key="the-same-key", subject="").status_code == 422
    assert call.create(key="the-same-key", subject="Mended").status_code == 201


def test_a_second_activity_with_the_same_external_id_is_refused_with_the_first_ones_id(call: Caller) -> None:
    first = call.create(external_id="mark-1").json()
    response = call.create(external_id="mark-1")
    assert response.status_code == 409
    assert (response.json()["code"], response.json()["existing_id"]) == ("external_id_taken", first["id"])


def test_an_external_id_is_free_again_once_its_activity_is_deleted(call: Caller) -> None:
    first = call.create(external_id="mark-1").json()
    assert call.delete(first).status_code == 204
    assert call.create(external_id="mark-1").status_code == 201
    response = call("POST", f"activities/{first['id']}/restore?notify_guests=false")
    assert (response.status_code, response.json()["code"]) == (409, "external_id_taken")


def test_a_change_touches_only_what_is_sent(call: Caller) -> None:
    created = call.create(description="Agenda", location="Room 3").json()
    changed = call.change(created, location=None, subject="Annual review").json()
    assert (changed["subject"], changed["description"], changed["location"]) == ("Annual review", "Agenda", "")
    assert changed["etag"] != created["etag"]


def test_a_change_that_changes_nothing_keeps_the_version(crm: CrmSandbox, call: Caller) -> None:
    created = call.create().json()
    cursor = call.list()["next_cursor"]
    assert call.change(created, subject=created["subject"]).json()["etag"] == created["etag"]
    assert call.list(cursor=cursor)["items"] == []


def test_a_timed_activity_becomes_an_all_day_one(call: Caller) -> None:
    created = call.create().json()
    gone = {"date_time": None, "time_zone": None}
    changed = call.change(created, start={"date": "2026-05-11", **gone}, end={"date": "2026-05-13", **gone}).json()
    assert (changed["start"], changed["end"]) == ({"date": "2026-05-11"}, {"date": "2026-05-13"})
    half = call.change(changed, start={"date_time": "2026-05-11T10:00:00", "time_zone": "Asia/Tokyo"})
    assert (half.status_code, half.json()["field"]) == (422, "start")


def test_a_stale_version_is_refused(crm: CrmSandbox, call: Caller) -> None:
    created = call.create().json()
    crm.user_changes(created["id"], subject="Changed in the web page")
    for response in (call.change(created, subject="Too late"), call.delete(created)):
        assert (response.status_code, response.json()["code"]) == (412, "version_mismatch")
    assert crm.activity(created["id"]).content.subject == "Changed in the web page"


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
def test_an_unconditional_write_is_refused(call: Caller, headers: dict[str, str]) -> None:
    created = call.create().json()
    for method, body in (("PATCH", {"subject": "Anyway"}), ("DELETE", None)):
        response = call(method, f"activities/{created['id']}", json=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (428, "if_match_missing")


def test_a_deleted_activity_is_gone_with_a_tombstone_and_can_be_restored(call: Caller, clock: Clock) -> None:
    created = call.create(external_id="mark-1").json()
    clock.moves_on(hours=1)
    assert call.delete(created).status_code == 204
    gone = call("GET", f"activities/{created['id']}")
    assert gone.status_code == 410
    assert gone.json()["tombstone"] == {
        "id": created["id"],
        "deleted_at": "2026-05-01T04:00:00.000Z",
        "reason": "deleted",
    }
    assert call.delete(created).status_code == 410
    clock.moves_on(days=29)
    restored = call("POST", f"activities/{created['id']}/restore?notify_guests=false")
    assert (restored.status_code, restored.json()["external_id"]) == (200, "mark-1")
    again = call("POST", f"activities/{created['id']}/restore?notify_guests=false")
    assert again.json() == restored.json()


def test_after_thirty_days_nothing_is_left_to_restore(call: Caller, clock: Clock) -> None:
    created = call.create().json()
    call.delete(created)
    clock.moves_on(days=30, seconds=1)
    assert call("POST", f"activities/{created['id']}/restore").status_code == 404
    assert call("GET", f"activities/{created['id']}").status_code == 404


def test_related_records_survive_every_write(crm: CrmSandbox, sato: User, call: Caller) -> None:
    related = {"account": "Example KK", "deal": "Renewal", "contacts": ["Tanaka"]}
    activity = crm.user_creates(sato, "Visit", TEN, ELEVEN, related=related)
    [item] = call.list()["items"]
    changed = call.change(item, subject="Visit, moved").json()
    call.delete(changed)
    restored = call("POST", f"activities/{activity.id}/restore").json()
    assert restored["related"] == related


def test_a_locked_or_foreign_activity_is_read_only_with_its_cause(crm: CrmSandbox, sato: User, call: Caller) -> None:
    suzuki = crm.add_user("suzuki@example.com", "Suzuki")
    locked = crm.locks(crm.user_creates(sato, "Closed deal", TEN, ELEVEN).id)
    foreign = crm.user_creates(suzuki, "Of Suzuki", TEN, ELEVEN)
    for activity, cause in ((locked, "locked"), (foreign, "no_permission")):
        seen = call("GET", f"activities/{activity.id}").json()
        response = call.change(seen, subject="Mine now")
        assert response.status_code == 403
        assert (response.json()["code"], response.json()["cause"]) == ("read_only", cause)


def test_a_company_rule_rejects_with_its_own_message(crm: CrmSandbox, call: Caller) -> None:
    crm.reject_subjects("lunch", "Please do not log lunches.")
    response = call.create(subject="Team lunch")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "rejected_by_rule")
    assert (problem["field"], problem["detail"]) == ("subject", "Please do not log lunches.")
    crm.accept_all_subjects()
    assert call.create(subject="Team lunch").status_code == 201


def test_a_batch_tells_of_each_operation_on_its_own(crm: CrmSandbox, call: Caller) -> None:
    crm.reject_subjects("lunch", "No lunches.")
    kept, doomed = call.create(subject="Kept").json(), call.create(subject="Doomed").json()
    operations = [
        {"op": "create", "idempotency_key": "batch-key-1", "activity": meeting(subject="Created")},
        {"op": "create", "idempotency_key": "batch-key-2", "activity": meeting(subject="Team lunch")},
        {"op": "update", "id": kept["id"], "if_match": kept["etag"], "patch": {"subject": "Kept, renamed"}},
        {"op": "update", "id": kept["id"], "if_match": kept["etag"], "patch": {"subject": "Too late"}},
        {"op": "delete", "id": doomed["id"], "if_match": doomed["etag"]},
        {"op": "delete", "id": "act_999", "if_match": '"1"'},
        {"op": "rename", "id": "act_1"},
    ]
    response = call("POST", "activities/batch?notify_guests=false", json={"operations": operations})
    results = response.json()["results"]
    assert [result["status"] for result in results] == [201, 422, 200, 412, 204, 404, 422]
    assert results[1]["problem"]["detail"] == "No lunches."
    again = call("POST", "activities/batch?notify_guests=false", json={"operations": operations[:1]})
    assert again.json()["results"] == results[:1]
    assert sorted(activity.content.subject for activity in crm.activities()) == ["Created", "Kept, renamed"]


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_one_to_a_hundred_operations(call: Caller, count: int) -> None:
    operation = {"op": "delete", "id": "act_1", "if_match": '"1"'}
    response = call("POST", "activities/batch", json={"operations": [operation] * count})
    assert (response.status_code, response.json()["field"]) == (422, "operations")


def test_guests_are_mailed_unless_the_call_says_no(crm: CrmSandbox, call: Caller) -> None:
    guests = [{"email": "guest@example.com"}]
    quiet = call.create(guests=guests).json()
    call.change(quiet, subject="Renamed")
    assert crm.mails_sent == []
    headers = {"Idempotency-Key": "a-loud-create"}
    loud = call("POST", "activities", json=meeting(guests=guests), headers=headers).json()
    path = f"activities/{loud['id']}"
    loud = call("PATCH", path, json={"done": True}, headers={"If-Match": loud["etag"]}).json()
    loud = call("PATCH", path, json={"location": "Room 3"}, headers={"If-Match": loud["etag"]}).json()
    call("DELETE", path, headers={"If-Match": loud["etag"]})
    assert [mail.kind for mail in crm.mails_sent] == ["invitation", "update", "cancellation"]


def test_a_series_keeps_its_changed_occurrence_through_delete_and_restore(call: Caller) -> None:
    series = call.create(subject="Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"]).json()
    original = {"date_time": "2026-05-18T10:00:00", "time_zone": "Asia/Tokyo"}
    moved = {"date_time": "2026-05-19T10:00:00", "time_zone": "Asia/Tokyo"}
    of_series = {"series_id": series["id"], "original_start": original, "start": moved, "end": moved}
    occurrence = call.create(subject="Weekly, moved", **of_series).json()
    taken = call.create(subject="Weekly, again", **of_series)
    assert (taken.json()["code"], taken.json()["existing_id"]) == ("occurrence_taken", occurrence["id"])
    call.delete(series)
    assert call("GET", f"activities/{occurrence['id']}").status_code == 410
    call("POST", f"activities/{series['id']}/restore")
    back = call("GET", f"activities/{occurrence['id']}").json()
    assert (back["series_id"], back["original_start"]) == (series["id"], original)


def test_an_occurrence_deleted_alone_is_cancelled_in_its_series(call: Caller) -> None:
    series = call.create(recurrence=["RRULE:FREQ=DAILY"]).json()
    original = {"date_time": "2026-05-12T10:00:00", "time_zone": "Asia/Tokyo"}
    of_series = {"series_id": series["id"], "original_start": original}
    occurrence = call.create(**of_series, start=original, end=original).json()
    call.delete(occurrence)
    lines = ["RRULE:FREQ=DAILY", "EXDATE;TZID=Asia/Tokyo:20260512T100000"]
    now = call("GET", f"activities/{series['id']}").json()
    assert now["recurrence"] == lines
    assert now["etag"] != series["etag"]
    again = call.create(**of_series, start=original, end=original)
    assert again.status_code == 201, "it may be brought back, and stands in its place"
    call.delete(again.json())
    assert call("GET", f"activities/{series['id']}").json()["recurrence"] == lines


def test_a_series_turned_single_loses_its_changed_occurrences(call: Caller) -> None:
    series = call.create(recurrence=["RRULE:FREQ=DAILY"]).json()
    original = {"date_time": "2026-05-12T10:00:00", "time_zone": "Asia/Tokyo"}
    of_series = {"series_id": series["id"], "original_start": original}
    occurrence = call.create(**of_series, start=original, end=original).json()
    assert call.change(series, recurrence=[]).status_code == 200
    assert call("GET", f"activities/{occurrence['id']}").status_code == 410


def test_the_user_in_the_web_page_may_use_dates_and_times_alike(crm: CrmSandbox, sato: User, call: Caller) -> None:
    crm.user_creates(sato, "Fair", date(2026, 5, 11), date(2026, 5, 14))
    crm.user_creates(sato, "Call", TEN, ELEVEN)
    fair, talk = call.list()["items"]
    assert (fair["start"], fair["end"]) == ({"date": "2026-05-11"}, {"date": "2026-05-14"})
    assert talk["start"] == {"date_time": "2026-05-11T10:00:00", "time_zone": "Asia/Tokyo"}


def test_a_person_restores_an_activity_in_the_web_page(crm: CrmSandbox, sato: User, call: Caller) -> None:
    created = crm.user_creates(sato, "Back again", TEN, ELEVEN)
    crm.user_deletes(created.id)
    cursor = call.list()["next_cursor"]
    assert [stone.id for stone in crm.tombstones()] == [created.id]
    crm.user_restores(created.id)
    assert [item["id"] for item in call.list(cursor=cursor)["items"]] == [created.id]
    assert crm.tombstones() == []
