"""Appointments and events of the Oracle-shaped server: creating, reading, changing, deleting, listing, asking."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from soroe.sandbox.oracle import OracleSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.oracle.caller import APPOINTMENTS, CONGRESS, EVENTS, MEDIA, REST, VISIT, Caller, error
from tests.sandbox.oracle.conftest import SignIn


def test_the_answer_to_a_create_holds_only_what_was_sent_and_the_links(call: Caller) -> None:
    answer = call.write("POST", APPOINTMENTS, "Appointments", **VISIT)
    (told,) = answer.json()["Appointments"]
    assert {name: told[name] for name in VISIT} == VISIT
    assert told.keys() == {*VISIT, "links"}
    location = answer.headers["Location"]
    assert location.endswith(told["links"]["self"]["href"])
    assert location.startswith("http://127.0.0.1:")


def test_a_change_answers_with_what_was_sent_and_keeps_the_rest(call: Caller, clock: Clock) -> None:
    visit = call.create(Location="Osaka", Description="Bring the offer")
    clock.moves_on(minutes=1)
    answer = call.change(visit, Subject="訪問", Location=None, Description="")
    assert answer.status_code == 200
    assert answer.json()["Appointments"][0].keys() == {"Subject", "Location", "Description", "links"}
    read = call.get(f"{APPOINTMENTS}/{visit}")
    assert (read["Subject"], read["Location"], read["Description"]) == ("訪問", None, None)
    assert (read["StartTime"], read["Type"]) == (VISIT["StartTime"], "Meeting")
    assert read["CreatedDate"] < read["ModifiedDate"]


def test_a_deleted_record_answers_204_and_is_gone(call: Caller) -> None:
    visit = call.create()
    answer = call("DELETE", f"{APPOINTMENTS}/{visit}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert call(method, f"{APPOINTMENTS}/{visit}").status_code == 404
    assert call.change(visit, Subject="x").status_code == 404
    assert call.list() == []


def test_times_end_in_z_and_are_in_the_callers_own_zone(oracle: OracleSandbox, call: Caller, signed_in: SignIn) -> None:
    visit = call.create(StartTime="2026-05-11T10:00:00Z")
    assert oracle.record(visit).values["StartTime"] == datetime(2026, 5, 11, 1, tzinfo=UTC)
    assert call.get(f"{APPOINTMENTS}/{visit}")["StartTime"] == "2026-05-11T10:00:00Z"
    london = oracle.add_user("smith@example.com", "Jo Smith", "Europe/London")
    oracle.user_adds_user(visit, london)
    assert signed_in(london).get(f"{APPOINTMENTS}/{visit}")["StartTime"] == "2026-05-11T02:00:00Z"


def test_a_company_can_be_told_times_in_true_utc(oracle: OracleSandbox, call: Caller) -> None:
    oracle.tell_true_utc()
    visit = call.create(StartTime="2026-05-11T10:00:00Z")
    assert oracle.record(visit).values["StartTime"] == datetime(2026, 5, 11, 10, tzinfo=UTC)
    assert call.get(f"{APPOINTMENTS}/{visit}")["CreatedDate"] == "2026-05-01T03:00:00Z"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"Subject": None}, "Subject"),
        ({"Subject": ""}, "Subject"),
        ({"StartTime": None}, "StartTime"),
        ({"EndTime": None}, "EndTime"),
        ({"Subject": "x" * 151}, "Subject"),
        ({"Subject": "a\x01b"}, "Subject"),
        ({"Location": "x" * 101}, "Location"),
        ({"Description": "x" * 16_351}, "Description"),
        ({"StartTime": "2026-05-11T10:00:00"}, "StartTime"),
        ({"StartTime": "2026-05-11T10:00:00+09:00"}, "StartTime"),
        ({"StartTime": "2026-05-11T10:00:00.000Z"}, "StartTime"),
        ({"StartTime": "2026-02-30T10:00:00Z"}, "StartTime"),
        ({"StartTime": 1}, "StartTime"),
        ({"EndTime": "2026-05-11T09:00:00Z"}, "EndTime"),
        ({"Type": "Visit"}, "Type"),
        ({"Activity": "Task"}, "Activity"),
        ({"Private": "yes"}, "Private"),
        ({"OwnerId": "1QA2-0"}, "OwnerId"),
        ({"AccountId": "1QA2-0"}, "AccountId"),
        ({"OpportunityId": "1QA2-0"}, "OpportunityId"),
        ({"ModifiedDate": "2026-05-11T10:00:00Z"}, "ModifiedDate"),
        ({"Id": "1QA2-0"}, "Id"),
        ({"subject": "x"}, "subject"),
        ({"Colour": "red"}, "Colour"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_value_that_the_service_does_not_take_is_a_400_that_names_the_field(
    call: Caller, changed: dict[str, Any], named: str
) -> None:
    for answer in (
        call.write("POST", APPOINTMENTS, "Appointments", **(VISIT | changed)),
        call.change(call.create(), **changed),
    ):
        assert answer.status_code == 400
        assert named in error(answer)["detail"]
    assert len(call.list()) == 1


def test_known_refusals_carry_their_documented_codes(call: Caller) -> None:
    missing = call.write("POST", APPOINTMENTS, "Appointments", Subject="Visit")
    assert error(missing)["errorCode"] == "SBL-DAT-00498"
    unlisted = call.write("POST", APPOINTMENTS, "Appointments", **VISIT, Activity="Task")
    assert error(unlisted)["errorCode"] == "SBL-DAT-00225"
    assert "(SBL-DAT-00225)" in error(unlisted)["detail"]


@pytest.mark.parametrize("field", ["Name", "Objective", "StartDate", "EndDate"])
def test_an_event_needs_its_name_its_objective_and_both_dates(call: Caller, field: str) -> None:
    fields = {name: value for name, value in CONGRESS.items() if name != field}
    answer = call.write("POST", EVENTS, "Events", **fields)
    assert (answer.status_code, error(answer)["OCRMODErrorDetail"]["Parameters"]) == (400, [field])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"Events":[{}]}',
        b'{"Appointments":{}}',
        b'{"Appointments":[]}',
        b'{"Appointments":[{},{}]}',
        b'{"Appointments":[1]}',
        b'{"Appointments":[{}],"x":1}',
    ],
)
def test_a_body_holds_exactly_one_resource(call: Caller, body: bytes) -> None:
    assert call("POST", APPOINTMENTS, content=body, headers={"Content-Type": MEDIA}).status_code == 400


def test_a_rule_of_the_company_refuses_with_its_own_words(oracle: OracleSandbox, call: Caller) -> None:
    oracle.reject_subjects("極秘", "件名に「極秘」は使えません。")
    answer = call.write("POST", APPOINTMENTS, "Appointments", **(VISIT | {"Subject": "極秘の件"}))
    assert (answer.status_code, error(answer)["detail"]) == (400, "件名に「極秘」は使えません。")
    assert call.write("POST", EVENTS, "Events", **(CONGRESS | {"Name": "極秘の会"})).status_code == 400


def test_an_external_id_is_taken_once(call: Caller) -> None:
    first = call.create(ExternalSystemId="soroe-1")
    answer = call.write("POST", APPOINTMENTS, "Appointments", **VISIT, ExternalSystemId="soroe-1")
    assert error(answer)["errorCode"] == "SBL-DAT-00381"
    call("DELETE", f"{APPOINTMENTS}/{first}")
    assert call.create(ExternalSystemId="soroe-1") != first


def test_a_company_may_have_no_external_ids(oracle: OracleSandbox, call: Caller) -> None:
    oracle.hide_field("Appointments", "ExternalSystemId")
    answer = call.write("POST", APPOINTMENTS, "Appointments", **VISIT, ExternalSystemId="soroe-1")
    assert (answer.status_code, "ExternalSystemId" in error(answer)["detail"]) == (400, True)
    assert "ExternalSystemId" not in call.get(f"{APPOINTMENTS}/{call.create()}")


def test_account_and_opportunity_come_with_their_names(oracle: OracleSandbox, call: Caller) -> None:
    account, deal = oracle.add_account("青木商事"), oracle.add_opportunity("新プラン")
    visit = call.create(AccountId=account, OpportunityId=deal)
    read = call.get(f"{APPOINTMENTS}/{visit}", fields="AccountName,OpportunityName")
    assert (read["AccountName"], read["OpportunityName"]) == ("青木商事", "新プラン")


# ---------------------------------------------------------------------- renamed
def test_a_renamed_field_goes_by_its_new_name_only(oracle: OracleSandbox, call: Caller) -> None:
    oracle.rename_field("Appointments", "Location", "Place_ITAG")
    visit = call.create(Place_ITAG="Osaka")
    read = call.get(f"{APPOINTMENTS}/{visit}")
    assert read["Place_ITAG"] == "Osaka"
    assert "Location" not in read
    assert call("GET", APPOINTMENTS, params={"fields": "Location"}).status_code == 400
    assert call("GET", APPOINTMENTS, params={"q": "Location='Osaka'"}).status_code == 400
    assert call.change(visit, Location="Kyoto").status_code == 400
    assert [row["Place_ITAG"] for row in call.list(q="Place_ITAG='Osaka'", orderBy="Place_ITAG:asc")] == ["Osaka"]


def test_a_renamed_resource_answers_to_both_names(oracle: OracleSandbox, call: Caller) -> None:
    oracle.rename_resource("Appointments", "Visits")
    visits = f"{REST}/latest/Visits"
    for tag in ("Visits", "Appointments"):
        assert call.write("POST", visits, tag, **VISIT).status_code == 201
    assert len(call.list(visits)) == len(call.list()) == 2


def test_describe_tells_fields_and_what_they_are_called_here(oracle: OracleSandbox, call: Caller) -> None:
    oracle.rename_field("Appointments", "Location", "Place_ITAG")
    oracle.rename_resource("Appointments", "Visits")
    told = call("GET", f"{APPOINTMENTS}/describe").json()
    described = told["Resources"]["Appointments"]
    fields = {each["name"]: each for each in described["attributes"]}
    assert described["CustomObjectTagName"] == "Visits"
    assert fields["Location"]["customwsintegrationtag"] == "Place_ITAG"
    assert (fields["Subject"]["mandatory"], fields["Subject"]["maxLength"]) == (True, 150)
    assert (fields["ModifiedDate"]["updatable"], fields["Description"]["queryable"]) == (False, False)
    assert described["children"].keys() == {"Users", "Books", "Contacts"}
    assert [each["method"] for each in described["item"]["actions"]] == ["GET", "PATCH", "DELETE"]


def test_describe_shows_what_was_asked_for_in_pages(call: Caller) -> None:
    told = call("GET", f"{REST}/latest/describe", params={"fields": "collection.actions,links"}).json()
    assert list(told["Resources"]) == ["Appointments", "Events"]  # two are usual
    assert told["Resources"]["Events"].keys() == {
        "title", "titlePlural", "CustomObjectTagName", "collection", "links"
    }  # fmt: skip # short values, several a line
    assert told["_contextInfo"] == {"limit": 2, "offset": 0, "lastpage": False}
    last = call("GET", f"{REST}/latest/describe", params={"offset": "2", "limit": "100"}).json()
    assert (list(last["Resources"]), last["_contextInfo"]["lastpage"]) == (["Users", "Contacts", "Books"], True)
    for wrong in ({"fields": "colours"}, {"limit": "0"}, {"limit": "101"}, {"offset": "x"}, {"q": "x"}):
        assert call("GET", f"{REST}/latest/describe", params=wrong).status_code == 400


def test_people_and_books_can_be_looked_up(oracle: OracleSandbox, sato: User, suzuki: User, call: Caller) -> None:
    oracle.add_contact("aoki@aoki.example", "Kenji", "Aoki", "青木商事")
    oracle.add_book("West", {})
    (found,) = call.list(f"{REST}/latest/Users", q="EMailAddr='suzuki@example.com'")
    assert (found["Id"], found["FullName"], found["TimeZone"]) == (suzuki.id, "Hana Suzuki", "Asia/Tokyo")
    (contact,) = call.list(f"{REST}/latest/Contacts", q="ContactEmail='aoki@aoki.example'")
    assert (contact["ContactFirstName"], contact["AccountName"]) == ("Kenji", "青木商事")
    assert [row["BookName"] for row in call.list(f"{REST}/latest/Books")] == ["West"]
    assert call.get(f"{REST}/latest/Users/{sato.id}")["UserLoginId"] == "sato"
    assert call("GET", f"{REST}/latest/Users", params={"q": "UserLoginId='sato'"}).status_code == 400
    assert call("GET", f"{REST}/latest/Users/1QA2-0").status_code == 404
