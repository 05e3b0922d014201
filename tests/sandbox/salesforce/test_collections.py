"""Many records in one request, external ids, describe, limits."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import DATA, EVENTS, HOUR, RELATIONS, Caller

MANY = f"{DATA}/composite/sobjects"


def record(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Event"}, "Subject": "Review", **HOUR, **fields}


def results(call: Caller, method: str, **options: Any) -> list[dict[str, Any]]:
    response = call(method, MANY, **options)
    assert response.status_code == 200, response.text
    answer: list[dict[str, Any]] = response.json()
    return answer


def test_sf_21_a_record_that_fails_leaves_the_others_alone(salesforce: SalesforceSandbox, call: Caller) -> None:
    """SF-21"""
    salesforce.reject_subjects("secret", "Not this one.")
    records = [record(), record(Subject="secret"), record(ShowAs="x"), record(Subject="Last")]
    first, second, third, last = results(call, "POST", json={"allOrNone": False, "records": records})
    assert first == {"id": first["id"], "success": True, "errors": []}
    refused = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Not this one.", "fields": ["Subject"]}
    assert second == {"success": False, "errors": [refused]}
    assert third["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert call.subjects() == ["Last", "Review"]
    changes = [{**record(Subject="Changed"), "id": first["id"]}, {**record(Subject="secret"), "Id": last["id"]}]
    assert [each["success"] for each in results(call, "PATCH", json={"records": changes})] == [True, False]
    assert call.subjects() == ["Changed", "Last"]
    ids = f"{first['id']},{first['id']},nonsense"
    codes = [each["errors"] for each in results(call, "DELETE", params={"ids": ids})]
    assert codes[0] == [] and codes[1][0]["statusCode"] == "ENTITY_IS_DELETED"
    assert codes[2][0]["statusCode"] == "MALFORMED_ID"


def test_all_or_none_undoes_everything(call: Caller) -> None:
    records = [record(), record(ShowAs="x")]
    undone, failed = results(call, "POST", json={"allOrNone": True, "records": records})
    assert undone["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert failed["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert call.subjects() == []


@pytest.mark.parametrize(
    "body",
    [
        {"records": [record()] * 201},
        {"records": "x"},
        {},
        {"records": [{**record(), "Id": "00U"}]},
        {"records": [record(), {"attributes": {"type": "Lead"}}] * 6},
    ],
    ids=["too many", "no list", "nothing", "an id", "too many chunks"],
)
def test_a_collection_of_the_wrong_shape_is_refused_whole(call: Caller, body: dict[str, Any]) -> None:
    assert call.refused("POST", MANY, json=body)[0] == 400
    assert call.subjects() == []


def test_a_record_without_a_type_fails_alone(call: Caller) -> None:
    [failed] = results(call, "POST", json={"records": [{"Subject": "x", **HOUR}]})
    assert failed["errors"][0]["statusCode"] == "INVALID_TYPE"


def test_many_records_are_read_at_once(call: Caller) -> None:
    event_id = call.create()
    gone = call.create()
    call("DELETE", f"{EVENTS}/{gone}")
    asked = {"ids": [gone, event_id], "fields": ["Subject", "StartDateTime"]}
    found = call("POST", f"{MANY}/Event", json=asked).json()
    assert found[0] is None
    assert (found[1]["Subject"], "EndDateTime" in found[1]) == ("Review", False)
    params = {"ids": f"{event_id},{gone}", "fields": "Subject"}
    assert call("GET", f"{MANY}/Event", params=params).json() == [
        {"attributes": {"type": "Event", "url": f"{EVENTS}/{event_id}"}, "Subject": "Review"},
        None,
    ]
    assert call.refused("POST", f"{MANY}/Event", json={"ids": ["x"], "fields": ["Id"]})[:2] == (400, "MALFORMED_ID")


def test_an_external_id_finds_makes_and_changes(salesforce: SalesforceSandbox, call: Caller) -> None:
    path = f"{EVENTS}/Soroe_Id__c/abc-1"
    assert call.refused("PATCH", path, json={**HOUR})[:2] == (404, "NOT_FOUND")
    salesforce.add_external_id()
    made = call("PATCH", path, json={"Subject": "Made", **HOUR})
    assert (made.status_code, made.json()["created"]) == (201, True)
    changed = call("PATCH", path, json={"Subject": "Changed"})
    assert (changed.status_code, changed.json()["created"]) == (200, False)
    assert call("GET", f"{EVENTS}/Soroe_Id__c/ABC-1").json()["Subject"] == "Changed"
    assert call.refused("PATCH", path, json={"Soroe_Id__c": "abc-1"})[:2] == (400, "INVALID_FIELD")
    assert call.refused("GET", f"{EVENTS}/Soroe_Id__c/other")[:2] == (404, "NOT_FOUND")
    again = call.refused("POST", EVENTS, json={"Soroe_Id__c": "ABC-1", **HOUR})
    assert again[:2] == (400, "DUPLICATE_VALUE")
    assert [r["Soroe_Id__c"] for r in call.query("SELECT Soroe_Id__c FROM Event WHERE Soroe_Id__c = 'abc-1'")] == [
        "abc-1"
    ]


def test_an_external_id_of_several_records_lists_them(salesforce: SalesforceSandbox, call: Caller) -> None:
    salesforce.add_external_id(unique=False)
    ids = [call.create(Soroe_Id__c="abc-1") for _ in range(2)]
    for method in ("GET", "PATCH"):
        answer = call(method, f"{EVENTS}/Soroe_Id__c/abc-1", **({"json": {}} if method == "PATCH" else {}))
        assert (answer.status_code, answer.json()) == (300, [f"{EVENTS}/{each}" for each in ids])


def test_describe_tells_the_fields_that_the_user_sees(salesforce: SalesforceSandbox, call: Caller) -> None:
    salesforce.hide_field("Location")
    salesforce.lock_field("Description")
    salesforce.change_field("Subject", length=80)
    fields = {field["name"]: field for field in call("GET", f"{EVENTS}/describe").json()["fields"]}
    assert "Location" not in fields
    assert (fields["Description"]["createable"], fields["Description"]["length"]) == (False, 32000)
    assert (fields["Subject"]["length"], fields["Subject"]["updateable"]) == (80, True)
    assert [value["value"] for value in fields["ShowAs"]["picklistValues"]] == ["Busy", "OutOfOffice", "Free"]
    assert (fields["WhoId"]["referenceTo"], fields["WhoId"]["relationshipName"]) == (["Contact", "Lead"], "Who")
    assert (fields["IsRecurrence"]["createable"], fields["IsRecurrence"]["updateable"]) == (True, False)


def test_a_hidden_field_does_not_exist_and_a_locked_one_is_not_written(
    salesforce: SalesforceSandbox, call: Caller
) -> None:
    event_id = call.create(Location="Room 3", Description="Agenda")
    salesforce.hide_field("Location")
    salesforce.lock_field("Description")
    assert call.refused("PATCH", f"{EVENTS}/{event_id}", json={"Location": "x"})[1] == "INVALID_FIELD"
    refused = call.refused("PATCH", f"{EVENTS}/{event_id}", json={"Description": "x", "Subject": "y"})
    assert refused == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Description"])
    params = {"q": "SELECT Location FROM Event"}
    assert call.refused("GET", f"{DATA}/query", params=params)[:2] == (400, "INVALID_FIELD")
    told = call.read(event_id)
    assert (told["Subject"], told["Description"], "Location" in told) == ("Review", "Agenda", False)
    salesforce.hide_field("Location", hidden=False)
    assert call.read(event_id)["Location"] == "Room 3"


def test_an_object_that_the_profile_has_no_right_to_does_not_exist(salesforce: SalesforceSandbox, call: Caller) -> None:
    salesforce.hide_object("Lead")
    params = {"q": "SELECT Id FROM Lead"}
    assert call.refused("GET", f"{DATA}/query", params=params)[:2] == (400, "INVALID_TYPE")
    assert call.refused("GET", f"{DATA}/sobjects/Lead/describe")[:2] == (404, "NOT_FOUND")
    assert "Lead" not in {told["name"] for told in call("GET", f"{DATA}/sobjects").json()["sobjects"]}


def test_the_versions_are_told_to_everybody_and_others_do_not_exist(call: Caller) -> None:
    assert call("GET", "/services/data/").json()[-1] == {
        "label": "Winter '26",
        "url": "/services/data/v65.0",
        "version": "65.0",
    }
    assert call.refused("GET", "/services/data/v12.0/limits")[:2] == (404, "NOT_FOUND")
    assert call.refused("GET", f"{DATA}/golf")[:2] == (404, "NOT_FOUND")
    assert call.refused("PUT", EVENTS, json={})[:2] == (405, "METHOD_NOT_ALLOWED")


def test_every_answer_tells_the_org_s_budget(salesforce: SalesforceSandbox, call: Caller, clock: Clock) -> None:
    salesforce.allow_requests(5)
    assert call("GET", f"{DATA}/limits").json() == {"DailyApiRequests": {"Max": 5, "Remaining": 4}}
    refused = call("GET", f"{EVENTS}/nonsense")
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/5"
    salesforce.spend_daily_budget(share=0.6)
    response = call("GET", f"{DATA}/limits")
    assert (response.status_code, response.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert response.json()[0]["message"] == "TotalRequests Limit exceeded."
    clock.moves_on(hours=24)
    assert call("GET", f"{DATA}/limits").headers["Sforce-Limit-Info"] == "api-usage=4/5"


def test_too_many_long_requests_at_once_are_refused_for_a_moment(salesforce: SalesforceSandbox, call: Caller) -> None:
    salesforce.refuse_at_once()
    [error] = call("GET", f"{DATA}/limits").json()
    assert (error["errorCode"], "Concurrent" in error["message"]) == ("REQUEST_LIMIT_EXCEEDED", True)
    assert call("GET", f"{DATA}/limits").status_code == 200


def test_a_row_that_somebody_else_locks_is_not_written(salesforce: SalesforceSandbox, call: Caller) -> None:
    event_id = call.create()
    salesforce.lies.lock_rows()
    refused = call.refused("PATCH", f"{EVENTS}/{event_id}", json={"Subject": "Changed"})
    assert refused == (400, "UNABLE_TO_LOCK_ROW", [])
    call.change(event_id, Subject="Changed")


def test_the_owner_has_to_be_active_and_to_let_others_in(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller
) -> None:
    event_id = call.create()
    salesforce.close_calendar(suzuki)
    path = f"{EVENTS}/{event_id}"
    assert call.refused("PATCH", path, json={"OwnerId": suzuki.id})[:2] == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    salesforce.deactivate(suzuki)
    assert call.refused("PATCH", path, json={"OwnerId": suzuki.id})[:2] == (400, "INACTIVE_OWNER_OR_USER")


def test_writing_sends_no_mail_and_the_action_that_does_is_noticed(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller
) -> None:
    event_id = call.create()
    call.add(RELATIONS, EventId=event_id, RelationId=suzuki.id)
    call.change(event_id, OwnerId=suzuki.id, IsReminderSet=True)
    assert salesforce.mails_sent == []
    mail = {"emailAddresses": "a@example.com,b@example.com", "emailSubject": "Hello", "emailBody": "Hello"}
    call("POST", f"{DATA}/actions/standard/emailSimple", json={"inputs": [mail]})
    assert salesforce.mails_sent == ["a@example.com", "b@example.com"]
