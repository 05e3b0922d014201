"""What the sandbox CRM refuses, the document refuses too, and the other way round."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from soroe.sandbox.crm import CrmSandbox, User
from tests.sandbox.crm.caller import Caller, Contract, meeting

TIMED = {"date_time": "2026-05-11T10:00:00", "time_zone": "Asia/Tokyo"}
DAY = {"date": "2026-05-11"}

BY_SHAPE: list[tuple[dict[str, Any], str]] = [
    ({"subject": None}, "subject"),
    ({"subject": 5}, "subject"),
    ({"subject": ""}, "subject"),
    ({"subject": "  "}, "subject"),
    ({"subject": "x" * 256}, "subject"),
    ({"description": "x" * 32001}, "description"),
    ({"location": ["Room 3"]}, "location"),
    ({"location": "x" * 1001}, "location"),
    ({"show_as": "asleep"}, "show_as"),
    ({"private": 1}, "private"),
    ({"done": "true"}, "done"),
    ({"external_id": ""}, "external_id"),
    ({"external_id": "with space"}, "external_id"),
    ({"external_id": "揃え"}, "external_id"),
    ({"external_id": "x" * 256}, "external_id"),
    ({"start": "2026-05-11T10:00:00+09:00"}, "start"),
    ({"start": {}}, "start"),
    ({"start": {"date_time": "2026-05-11T10:00:00"}}, "start"),
    ({"start": {**TIMED, **DAY}}, "start"),
    ({"start": {"date_time": "2026-05-11T10:00:00Z", "time_zone": "Asia/Tokyo"}}, "start.date_time"),
    ({"start": {"date_time": "2026-05-11T10:00", "time_zone": "Asia/Tokyo"}}, "start.date_time"),
    ({"start": {"date": "11.5.2026"}, "end": {"date": "2026-05-12"}}, "start.date"),
    ({"start": {"date": "2026-02-30"}, "end": {"date": "2026-05-12"}}, "start.date"),
    ({"guests": "guest@example.com"}, "guests"),
    ({"guests": [{"name": "No address"}]}, "guests.0.email"),
    ({"guests": [{"email": "nobody"}]}, "guests.0.email"),
    ({"guests": [{"email": "a@example.com", "response": "perhaps"}]}, "guests.0.response"),
    ({"guests": [{"email": "a@example.com", "colour": "red"}]}, "guests.0.colour"),
    ({"guests": [{"email": f"g{number}@example.com"} for number in range(201)]}, "guests"),
    ({"recurrence": "RRULE:FREQ=DAILY"}, "recurrence"),
    ({"recurrence": ["FREQ=DAILY"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY"] * 51}, "recurrence"),
    ({"series_id": "act_1"}, "original_start"),
    ({"original_start": TIMED}, "series_id"),
    ({"owner_id": "usr_2"}, "owner_id"),
    ({"etag": '"1"'}, "etag"),
    ({"colour": "red"}, "colour"),
]

BY_MEANING: list[tuple[dict[str, Any], str]] = [
    ({"type": "golf"}, "type"),
    ({"subject": "Two\nlines"}, "subject"),
    ({"start": {"date_time": "2026-05-11T25:00:00", "time_zone": "Asia/Tokyo"}}, "start.date_time"),
    ({"start": {"date_time": "2026-05-11T10:00:00", "time_zone": "Mars/Base"}}, "start.time_zone"),
    ({"start": {"date_time": "2026-05-11T10:00:00", "time_zone": "Tokyo Standard Time"}}, "start.time_zone"),
    ({"start": DAY}, "end"),
    ({"start": DAY, "end": DAY}, "end"),
    ({"start": TIMED, "end": {**TIMED, "date_time": "2026-05-11T09:59:59"}}, "end"),
    ({"guests": [{"email": "a@example.com"}, {"email": "A@example.com"}]}, "guests.1.email"),
    ({"recurrence": ["RRULE:FREQ=FORTNIGHTLY"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:COUNT=3"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260601T000000Z"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY;UNTIL=20260601"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=0"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY;X-OURS=1"]}, "recurrence.0"),
    ({"recurrence": ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"]}, "recurrence"),
    ({"recurrence": ["RRULE:FREQ=DAILY", "EXDATE:20260512"]}, "recurrence.1"),
    ({"recurrence": ["RRULE:FREQ=DAILY", "EXDATE;TZID=Mars/Base:20260512T100000"]}, "recurrence.1"),
    ({"recurrence": ["EXDATE:20260512T100000"]}, "recurrence"),
    ({"series_id": "act_9", "original_start": TIMED}, "series_id"),
    ({"series_id": "act_9", "original_start": TIMED, "recurrence": ["RRULE:FREQ=DAILY"]}, "recurrence"),
]

ACCEPTED: list[dict[str, Any]] = [
    {},
    {"subject": "x" * 255, "description": "x" * 32000, "location": "x" * 1000},
    {"start": DAY, "end": {"date": "2026-05-12"}},
    {"start": {**DAY, "date_time": None, "time_zone": None}, "end": {"date": "2026-05-12"}},
    {"start": TIMED, "end": TIMED},
    {"start": TIMED, "end": {"date_time": "2026-05-11T04:00:00", "time_zone": "Europe/Berlin"}},
    {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260601T000000Z;WKST=MO"]},
    {"recurrence": ["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "EXDATE;TZID=Asia/Tokyo:20260529T100000"]},
    {"recurrence": ["RDATE:20260512T100000,20260515T100000"]},
    {"start": DAY, "end": {"date": "2026-05-12"}, "recurrence": ["RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270511"]},
    {"guests": [{"email": "guest@example.com", "name": "Guest", "response": "tentative"}], "show_as": "out_of_office"},
]


@pytest.mark.parametrize(("fields", "named"), BY_SHAPE)
def test_a_body_of_the_wrong_shape_is_refused_by_the_server_and_by_the_document(
    crm: CrmSandbox, call: Caller, contract: Contract, fields: dict[str, Any], named: str
) -> None:
    response = call.create(**fields)
    assert (response.status_code, response.json()["field"]) == (422, named)
    assert not contract.validator("/components/schemas/NewActivity").is_valid(meeting(**fields))
    assert crm.activities() == []


@pytest.mark.parametrize(("fields", "named"), BY_MEANING)
def test_a_body_that_makes_no_sense_is_refused_and_the_member_named(
    crm: CrmSandbox, call: Caller, fields: dict[str, Any], named: str
) -> None:
    response = call.create(**fields)
    assert (response.status_code, response.json()["field"]) == (422, named)
    assert crm.activities() == []


@pytest.mark.parametrize("fields", ACCEPTED)
def test_what_the_document_allows_is_accepted(call: Caller, contract: Contract, fields: dict[str, Any]) -> None:
    contract.validator("/components/schemas/NewActivity").validate(meeting(**fields))
    created = call.create(**fields)
    assert created.status_code == 201, created.text
    assert call.change(created.json(), subject="Changed").status_code == 200


@pytest.mark.parametrize(
    ("patch", "named"),
    [
        ({"subject": None}, "subject"),
        ({"guests": None}, "guests"),
        ({"start": None}, "start"),
        ({"start": {"date": "2026-05-11"}}, "start"),
        ({"end": {"date_time": "2026-05-11T09:00:00"}}, "end"),
        ({"series_id": "act_1"}, "series_id"),
        ({"related": {}}, "related"),
        ({"updated_at": "2026-05-01T00:00:00Z"}, "updated_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_patch_is_refused_and_changes_nothing(call: Caller, patch: dict[str, Any], named: str) -> None:
    created = call.create().json()
    response = call.change(created, **patch)
    assert (response.status_code, response.json()["field"]) == (422, named)
    assert call("GET", f"activities/{created['id']}").json() == created


def test_the_zone_stays_when_only_the_local_time_is_patched(call: Caller) -> None:
    created = call.create().json()
    changed = call.change(created, end={"date_time": "2026-05-11T12:00:00"}).json()
    assert changed["end"] == {"date_time": "2026-05-11T12:00:00", "time_zone": "Asia/Tokyo"}


@pytest.mark.parametrize("body", [b"{", b"", b'{"subject": NaN}', b'{"a": 1, "a": 2}', b"\xff\xfe"])
def test_a_body_that_is_no_json_is_refused(call: Caller, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "some-key-1"}
    response = call("POST", "activities", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "malformed_json")


def test_a_body_of_another_type_is_refused(call: Caller) -> None:
    headers = {"Content-Type": "text/plain", "Idempotency-Key": "some-key-1"}
    response = call("POST", "activities", content=b"{}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_larger_than_a_mebibyte_is_refused(call: Caller) -> None:
    response = call.create(description="x" * 1_100_000)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(("key", "status", "code"), [(None, 400, "idempotency_key_missing"), ("short", 422, None)])
def test_a_create_needs_a_proper_idempotency_key(call: Caller, key: str | None, status: int, code: str | None) -> None:
    headers = {"Idempotency-Key": key} if key else {}
    response = call("POST", "activities", json=meeting(), headers=headers)
    assert response.status_code == status
    assert response.json()["code"] == (code or "validation_failed")
    assert response.json()["field"] == "Idempotency-Key"


def test_a_notify_guests_that_is_neither_true_nor_false_is_refused(call: Caller) -> None:
    response = call("POST", "activities?notify_guests=no", json=meeting(), headers={"Idempotency-Key": "some-key-1"})
    assert (response.status_code, response.json()["field"]) == (422, "notify_guests")


def test_an_inactive_type_is_refused_in_new_activities_and_kept_in_old_ones(
    crm: CrmSandbox, call: Caller, sato: User
) -> None:
    old = call.create(type="lunch").json()
    crm.add_activity_type("lunch", "Lunch", active=False)
    assert call.create(type="lunch").json()["field"] == "type"
    assert call.change(old, subject="Still a lunch").status_code == 200
    [kind] = [kind for kind in call("GET", "activity-types").json()["items"] if kind["key"] == "lunch"]
    assert kind["active"] is False


def test_a_wrong_method_is_refused_with_the_methods_that_there_are(crm: CrmSandbox, sato: User) -> None:
    headers = {"X-API-Key": crm.api_key_for(sato)}
    for method, path, needed in (
        ("PUT", "me", {"GET"}),
        ("OPTIONS", "activities", {"GET", "POST"}),
        ("DELETE", "activities/act_1/restore", {"POST"}),
        ("GET", "activities/batch", {"POST"}),
        ("DELETE", "activities/batch", {"POST"}),
    ):
        response = httpx.request(method, f"{crm.base_url}/{path}", headers=headers, verify=False)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert {name.strip() for name in response.headers["Allow"].split(",")} - {"HEAD"} == needed


@pytest.mark.parametrize("op", [{}, [], None, 1, "purge"])
def test_an_operation_of_an_unknown_kind_is_refused_and_the_others_are_carried_out(call: Caller, op: object) -> None:
    create = {"op": "create", "idempotency_key": "key-00001", "activity": meeting()}
    response = call("POST", "activities/batch", json={"operations": [{"op": op, "id": "act_1"}, create]})
    assert [one["status"] for one in response.json()["results"]] == [422, 201]


def test_a_version_longer_than_any_is_refused_by_its_form(call: Caller) -> None:
    created = call.create().json()
    change = {"op": "update", "id": created["id"], "if_match": '"' + "x" * 254 + '"', "patch": {"subject": "Y"}}
    assert call("POST", "activities/batch", json={"operations": [change]}).json()["results"][0]["status"] == 422


def test_an_instant_is_told_in_utc(call: Caller) -> None:
    for since, status in (
        ("2026-05-01T00:00:00Z", 200),
        ("2026-05-01T00:00:00.123456789Z", 200),
        ("2026-05-01T09:00:00+09:00", 422),
        ("2026-05-01T00:00:00", 422),
    ):
        assert call("GET", "activities", params={"owner": "me", "since": since}).status_code == status
