"""Events of the Salesforce-shaped server: fields, times, refusals, deletion."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import DATA, EVENTS, HOUR, Caller


def test_a_timed_event_tells_its_times_in_every_field(call: Caller, sato: User) -> None:
    told = call.read(call.create())
    assert told["StartDateTime"] == told["ActivityDateTime"] == "2026-05-11T01:00:00.000+0000"
    assert (told["EndDateTime"], told["EndDate"]) == ("2026-05-11T02:00:00.000+0000", "2026-05-11")
    assert (told["DurationInMinutes"], told["ActivityDate"]) == (60, "2026-05-11")
    assert (told["OwnerId"], told["ShowAs"], told["IsPrivate"]) == (sato.id, "Busy", False)
    assert told["attributes"] == {"type": "Event", "url": f"{EVENTS}/{told['Id']}"}


def test_the_last_day_of_an_all_day_event_is_its_end(call: Caller) -> None:
    days = {"IsAllDayEvent": True, "StartDateTime": "2026-05-11T00:00:00Z", "EndDateTime": "2026-05-12T00:00:00Z"}
    told = call.read(call.create(**days))
    assert (told["ActivityDate"], told["EndDate"], told["DurationInMinutes"]) == ("2026-05-11", "2026-05-12", 2880)


def test_an_all_day_event_without_an_end_lasts_a_day(call: Caller) -> None:
    told = call.read(call.add(EVENTS, Subject="Fair", IsAllDayEvent=True, ActivityDate="2026-05-11"))
    assert (told["DurationInMinutes"], told["EndDateTime"]) == (1440, "2026-05-11T00:00:00.000+0000")


def test_a_new_start_alone_keeps_the_length(call: Caller) -> None:
    event_id = call.create()
    call.change(event_id, StartDateTime="2026-05-12T05:30:00+09:00")
    told = call.read(event_id)
    assert (told["StartDateTime"], told["EndDateTime"]) == (
        "2026-05-11T20:30:00.000+0000",
        "2026-05-11T21:30:00.000+0000",
    )


def test_sf_1_texts_are_trimmed_and_blank_is_nothing(call: Caller) -> None:
    """SF-1"""
    event_id = call.create(Subject="  Review ", Location=" Room 3\t", Description="\n\n Notes \n")
    told = call.read(event_id)
    assert (told["Subject"], told["Location"], told["Description"]) == ("Review", "Room 3", "Notes")
    call.change(event_id, Location="   ")
    assert call.read(event_id)["Location"] is None


def test_the_web_page_ends_lines_in_its_own_way(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    made = salesforce.user_creates(sato, "Call", datetime(2026, 5, 11, 9), timedelta(hours=1), Description="a\nb")
    assert call.read(made["Id"])["Description"] == "a\r\nb"
    assert call.read(call.create(Description="a\nb"))["Description"] == "a\nb"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"Subject": "x" * 256}, "STRING_TOO_LONG", "Subject"),
        ({"Location": "x" * 256}, "STRING_TOO_LONG", "Location"),
        ({"Description": "x" * 32001}, "STRING_TOO_LONG", "Description"),
        ({"ShowAs": "Tentative"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "ShowAs"),
        ({"EndDateTime": "2026-05-11T00:59:00Z"}, "FIELD_INTEGRITY_EXCEPTION", "EndDateTime"),
        ({"EndDateTime": "2026-05-25T01:01:00Z"}, "FIELD_INTEGRITY_EXCEPTION", "EndDateTime"),
        ({"DurationInMinutes": 61}, "FIELD_INTEGRITY_EXCEPTION", "DurationInMinutes"),
        ({"ActivityDateTime": "2026-05-11T02:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION", "StartDateTime"),
        ({"EndDateTime": None}, "REQUIRED_FIELD_MISSING", "DurationInMinutes"),
        ({"WhoId": "005000000000001AAA"}, "MALFORMED_ID", "WhoId"),
        ({"WhoId": "0030000000000zzAAB"}, "MALFORMED_ID", "WhoId"),
        ({"WhatId": "0010000000000zz"}, "INVALID_CROSS_REFERENCE_KEY", "WhatId"),
        ({"OwnerId": "0050000000000zz"}, "INVALID_CROSS_REFERENCE_KEY", "OwnerId"),
        ({"IsChild": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsChild"),
        ({"SystemModstamp": "2026-05-11T00:59:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "SystemModstamp"),
        ({"IsRecurrence2": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsRecurrence2"),
        ({"RecurrenceInterval": 1}, "FIELD_INTEGRITY_EXCEPTION", "RecurrenceInterval"),
    ],
)
def test_a_wrong_value_is_refused_and_named(
    salesforce: SalesforceSandbox, call: Caller, fields: dict[str, object], code: str, field: str
) -> None:
    refusal = call.refused("POST", EVENTS, json={"Subject": "Review", **HOUR, **fields})
    assert refusal == (400, code, [field])
    assert salesforce.events() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Colour": "red"}, "INVALID_FIELD"),
        ({"Subject": 5}, "JSON_PARSER_ERROR"),
        ({"IsPrivate": "true"}, "JSON_PARSER_ERROR"),
        ({"DurationInMinutes": "60"}, "JSON_PARSER_ERROR"),
        ({"StartDateTime": "2026-05-11 01:00"}, "JSON_PARSER_ERROR"),
        ({"StartDateTime": "2026-05-11T01:00:00"}, "JSON_PARSER_ERROR"),
        ({"ActivityDate": "11.5.2026"}, "JSON_PARSER_ERROR"),
    ],
)
def test_what_is_no_value_of_the_field_is_refused(call: Caller, fields: dict[str, object], code: str) -> None:
    status, told, _ = call.refused("POST", EVENTS, json={"Subject": "Review", **HOUR, **fields})
    assert (status, told) == (400, code)


def test_sf_7_fourteen_days_are_taken_and_a_minute_more_is_not(call: Caller) -> None:
    """SF-7"""
    assert call.read(call.create(EndDateTime="2026-05-25T01:00:00Z"))["DurationInMinutes"] == 14 * 1440
    days = {"IsAllDayEvent": True, "ActivityDate": "2026-05-11", "StartDateTime": None}
    call.create(**days, EndDateTime="2026-05-24T00:00:00Z")
    refusal = call.refused("POST", EVENTS, json={**HOUR, **days, "EndDateTime": "2026-05-25T00:00:00Z"})
    assert refusal[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_an_org_without_multiday_events_takes_one_day(salesforce: SalesforceSandbox, call: Caller) -> None:
    salesforce.forbid_multiday_events()
    call.create(EndDateTime="2026-05-12T01:00:00Z")
    refusal = call.refused("POST", EVENTS, json={**HOUR, "EndDateTime": "2026-05-12T01:01:00Z"})
    assert refusal[1] == "FIELD_INTEGRITY_EXCEPTION"


def test_an_event_without_times_is_refused(call: Caller) -> None:
    status, code, fields = call.refused("POST", EVENTS, json={"Subject": "When?"})
    assert (status, code, fields) == (400, "REQUIRED_FIELD_MISSING", ["DurationInMinutes", "ActivityDateTime"])


def test_a_private_event_has_no_related_record(salesforce: SalesforceSandbox, call: Caller) -> None:
    account = salesforce.add_account("Aoki Trading")
    event_id = call.create(WhatId=account["Id"])
    assert call.read(event_id)["AccountId"] == account["Id"]
    refusal = call.refused("PATCH", f"{EVENTS}/{event_id}", json={"IsPrivate": True})
    assert refusal == (400, "FIELD_INTEGRITY_EXCEPTION", ["IsPrivate", "WhatId"])


def test_sf_18_a_validation_rule_tells_its_own_message_and_field(salesforce: SalesforceSandbox, call: Caller) -> None:
    """SF-18"""
    event_id = call.create()
    salesforce.reject_subjects("secret", "Subjects must not be secret (rule 12).")
    response = call("PATCH", f"{EVENTS}/{event_id}", json={"Subject": "A secret"})
    [error] = response.json()
    assert (response.status_code, error["errorCode"]) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert (error["message"], error["fields"]) == ("Subjects must not be secret (rule 12).", ["Subject"])
    assert call.read(event_id)["Subject"] == "Review"


def test_a_deleted_event_is_gone_and_comes_back_with_its_id(
    salesforce: SalesforceSandbox, call: Caller, clock: Clock
) -> None:
    event_id = call.create()
    assert call("DELETE", f"{EVENTS}/{event_id}").status_code == 204
    assert call.refused("GET", f"{EVENTS}/{event_id}")[:2] == (404, "NOT_FOUND")
    assert call.refused("PATCH", f"{EVENTS}/{event_id}", json={"Subject": "x"})[:2] == (404, "ENTITY_IS_DELETED")
    assert call.refused("DELETE", f"{EVENTS}/{event_id}")[:2] == (404, "ENTITY_IS_DELETED")
    assert (call.subjects(), call.subjects(everything=True)) == ([], ["Review"])
    assert call.subjects("IsDeleted = false", everything=True) == []
    salesforce.user_restores(event_id)
    assert call.read(event_id)["Subject"] == "Review"
    call("DELETE", f"{EVENTS}/{event_id}")
    clock.moves_on(days=15)
    assert call.subjects(everything=True) == []


@pytest.mark.parametrize("record_id", ["nonsense", "00U000000000001AAB"])
def test_an_id_of_no_record_is_not_found(call: Caller, record_id: str) -> None:
    assert call.refused("GET", f"{EVENTS}/{record_id}")[:2] == (404, "NOT_FOUND")
    assert call.refused("PATCH", f"{EVENTS}/{record_id}", json={})[:2] == (404, "NOT_FOUND")


def test_ids_of_fifteen_letters_are_taken_and_their_case_matters(call: Caller) -> None:
    event_id = call.create()
    assert len(event_id) == 18
    assert call.read(event_id[:15])["Id"] == call.read(event_id.lower())["Id"] == event_id
    assert call.refused("GET", f"{EVENTS}/{event_id[:15].lower()}")[0] == 404


def test_dates_have_whole_seconds(call: Caller, clock: Clock) -> None:
    clock.moves_on(seconds=1.75)
    told = call.read(call.create())
    assert told["SystemModstamp"] == told["LastModifiedDate"] == "2026-05-01T03:00:01.000+0000"


def test_a_change_is_made_only_where_nothing_changed_since(call: Caller, clock: Clock) -> None:
    event_id = call.create()
    path = f"{EVENTS}/{event_id}"
    read = call("GET", path).headers["Last-Modified"]
    assert read == "Fri, 01 May 2026 03:00:00 GMT"
    assert call("GET", path, headers={"If-Modified-Since": read}).status_code == 304
    clock.moves_on(minutes=1)
    assert call("PATCH", path, json={"Subject": "1"}, headers={"If-Unmodified-Since": read}).status_code == 204
    assert call("GET", path, headers={"If-Modified-Since": read}).status_code == 200
    stale = call("PATCH", path, json={"Subject": "2"}, headers={"If-Unmodified-Since": read})
    assert (stale.status_code, call.read(event_id)["Subject"]) == (412, "1")
    assert call.refused("PATCH", path, json={}, headers={"If-Unmodified-Since": "yesterday"})[0] == 400
    assert call("DELETE", path, headers={"If-Unmodified-Since": read}).status_code == 204


def test_a_change_within_the_same_second_is_not_noticed(call: Caller) -> None:
    path = f"{EVENTS}/{call.create()}"
    read = call("GET", path).headers["Last-Modified"]
    call("PATCH", path, json={"Subject": "Other"})
    assert call("PATCH", path, json={"Subject": "Mine"}, headers={"If-Unmodified-Since": read}).status_code == 204


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(call: Caller, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert call.refused("POST", EVENTS, content=content, headers=headers)[:2] == (400, "JSON_PARSER_ERROR")


def test_a_body_of_another_type_is_refused(call: Caller) -> None:
    assert call.refused("POST", EVENTS, content=b"{}")[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_only_events_and_invitations_are_written(call: Caller) -> None:
    assert call.refused("POST", f"{DATA}/sobjects/User", json={"Name": "x"})[0] == 400
    assert call.refused("POST", f"{DATA}/sobjects/Golf__c", json={})[:2] == (404, "NOT_FOUND")


def test_what_the_web_page_makes_is_read(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    made = salesforce.user_creates(sato, "Fair", date(2026, 5, 11), 3)
    told = call.read(made["Id"])
    assert (told["IsAllDayEvent"], told["EndDate"]) == (True, "2026-05-13")
    salesforce.user_changes(made["Id"], datetime(2026, 5, 11, 9), timedelta(hours=2), IsAllDayEvent=False)
    assert call.read(made["Id"])["StartDateTime"] == "2026-05-11T00:00:00.000+0000"
