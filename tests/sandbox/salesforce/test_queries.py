"""SOQL of the Salesforce-shaped server: what it finds, what it shows, what it refuses, and its pages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import DATA, EVENTS, Caller

HOUR = timedelta(hours=1)
MAY_11 = datetime(2026, 5, 11, 10)


def refusal(call: Caller, text: str) -> tuple[str, str]:
    response = call("GET", f"{DATA}/query", params={"q": text})
    assert response.status_code == 400, response.text
    [error] = response.json()
    return error["errorCode"], error["message"]


@pytest.fixture
def three(salesforce: SalesforceSandbox, sato: User, clock: Clock) -> list[str]:
    """Three events of Sato's, made a minute apart."""
    ids: list[str] = []
    for number, subject in enumerate(("Visit O'Hara", "Call", "訪問:青木商事")):
        made = salesforce.user_creates(
            sato, subject, MAY_11 + timedelta(days=number), HOUR, ShowAs=("Busy", "Free", "OutOfOffice")[number]
        )
        ids.append(made["Id"])
        clock.moves_on(minutes=1)
    return ids


def test_the_selected_fields_come_in_their_order_with_the_record_s_address(call: Caller, three: list[str]) -> None:
    [record] = call.query(f"select Subject, id, StartDateTime from event where Id = '{three[1]}'")
    assert list(record) == ["attributes", "Subject", "Id", "StartDateTime"]
    assert record["attributes"] == {"type": "Event", "url": f"{EVENTS}/{three[1]}"}
    assert record["StartDateTime"] == "2026-05-12T01:00:00.000+0000"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("SystemModstamp > 2026-05-01T03:00:00Z", ["Call", "訪問:青木商事"]),
        ("SystemModstamp >= 2026-05-01T12:00:00.000+09:00", ["Call", "Visit O'Hara", "訪問:青木商事"]),
        ("SystemModstamp < 2026-05-01T03:01:00Z", ["Visit O'Hara"]),
        ("StartDateTime <= 2026-05-12T01:00:00Z", ["Call", "Visit O'Hara"]),
        ("ActivityDate = 2026-05-13", ["訪問:青木商事"]),
        ("DurationInMinutes != 60", []),
        (r"Subject = 'visit o\'hara'", ["Visit O'Hara"]),
        ("Subject LIKE 'c%'", ["Call"]),
        ("ShowAs IN ('Free', 'OutOfOffice')", ["Call", "訪問:青木商事"]),
        ("ShowAs NOT IN ('Free')", ["Visit O'Hara", "訪問:青木商事"]),
        ("IsAllDayEvent = true", []),
        ("Location = null AND ShowAs <> 'Busy'", ["Call", "訪問:青木商事"]),
        ("(Subject = 'Call' OR ShowAs = 'Busy') AND IsPrivate = FALSE", ["Call", "Visit O'Hara"]),
        ("NOT Subject = 'Call'", ["Visit O'Hara", "訪問:青木商事"]),
        ("Owner.Name = 'Sato' AND Subject = '訪問:青木商事'", ["訪問:青木商事"]),
    ],
)
def test_filters(call: Caller, three: list[str], where: str, found: list[str]) -> None:
    assert call.subjects(where) == found


def test_order_limit_and_offset(call: Caller, three: list[str]) -> None:
    text = "SELECT Id FROM Event e WHERE e.IsDeleted = false ORDER BY e.StartDateTime DESC NULLS LAST LIMIT 1 OFFSET 1"
    assert [record["Id"] for record in call.query(text)] == [three[1]]


def test_a_count_tells_how_many_and_shows_none(call: Caller, three: list[str]) -> None:
    told = call("GET", f"{DATA}/query", params={"q": "SELECT COUNT() FROM Event"}).json()
    assert told == {"totalSize": 3, "done": True, "records": []}


def test_related_records_are_told_along(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    contact = salesforce.add_contact("Aoki", "aoki@example.com")
    made = salesforce.user_creates(sato, "Visit", MAY_11, HOUR, WhoId=contact["Id"])
    [record] = call.query("SELECT Who.Name, Who.Email, Who.Type, What.Name, Owner.Email FROM Event")
    assert {name: record["Who"][name] for name in ("Name", "Email", "Type")} == {
        "Name": "Aoki",
        "Email": "aoki@example.com",
        "Type": "Contact",
    }
    assert (record["What"], record["Owner"]["Email"]) == (None, "sato@example.com")
    assert record["attributes"]["url"].endswith(made["Id"])


def test_invitees_come_with_their_event(
    salesforce: SalesforceSandbox, sato: User, suzuki: User, call: Caller, three: list[str]
) -> None:
    salesforce.user_invites(three[0], suzuki.id)
    text = (
        "SELECT Id, (SELECT RelationId, Relation.Email, Status FROM EventRelations WHERE IsInvitee = true) FROM Event"
    )
    first, second, _ = call.query(text)
    [guest] = first["EventRelations"]["records"]
    assert (guest["RelationId"], guest["Relation"]["Email"], guest["Status"]) == (suzuki.id, suzuki.email, "New")
    assert second["EventRelations"] is None


def test_the_invitees_within_an_event_come_in_pages_too(
    salesforce: SalesforceSandbox, call: Caller, three: list[str]
) -> None:
    guests = [salesforce.add_contact(f"Guest {number}")["Id"] for number in range(5)]
    for guest in guests:
        salesforce.user_invites(three[0], guest)
    salesforce.page_size(2000, inner=2)
    [event] = call.query(f"SELECT Id, (SELECT RelationId FROM EventRelations) FROM Event WHERE Id = '{three[0]}'")
    page = event["EventRelations"]
    assert (page["totalSize"], page["done"]) == (5, False)
    found = [each["RelationId"] for each in page["records"]]
    while not page["done"]:
        page = call("GET", page["nextRecordsUrl"]).json()
        found += [each["RelationId"] for each in page["records"]]
    assert found == guests


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("SELECT Id FORM Event", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
        ("SELECT Id FROM Event WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT Id FROM Event LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id, Id FROM Event", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Event WHERE Subject = 'a", "MALFORMED_QUERY", "no viable alternative"),
        (r"SELECT Id FROM Event WHERE Subject = 'a\q'", "MALFORMED_QUERY", "invalid escape"),
        (
            "SELECT Id FROM Event WHERE IsDeleted = true AND IsChild = true OR IsPrivate = true",
            "MALFORMED_QUERY",
            "'OR'",
        ),
        ("SELECT Id FROM Golf__c", "INVALID_TYPE", "'Golf__c' is not supported"),
        ("SELECT Colour FROM Event", "INVALID_FIELD", "No such column 'Colour' on entity 'Event'"),
        ("SELECT Owner.Colour FROM Event", "INVALID_FIELD", "No such column 'Colour'"),
        ("SELECT Golf.Name FROM Event", "INVALID_FIELD", "Didn't understand relationship 'Golf'"),
        ("SELECT Id, (SELECT Id FROM Golfers) FROM Event", "INVALID_TYPE", "relationship 'Golfers'"),
        ("SELECT Id FROM Event WHERE Description = 'a'", "INVALID_FIELD", "'Description' can not be filtered"),
        ("SELECT Id FROM Event ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"),
        (
            "SELECT Id FROM Event WHERE SystemModstamp > '2026-05-01T00:00:00Z'",
            "INVALID_FIELD",
            "type dateTime and should not",
        ),
        ("SELECT Id FROM Event WHERE SystemModstamp > 2026-05-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Event WHERE ActivityDate > 2026-05-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Event WHERE Subject = Call", "INVALID_FIELD", "type string and should be enclosed in quotes"),
        ("SELECT Id FROM Event WHERE IsPrivate = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Event WHERE OwnerId = 'sato'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: sato"),
        ("SELECT Id FROM Event OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Event WHERE CreatedDate > SOMEDAY", "INVALID_FIELD", "must be of type dateTime"),
        (
            "SELECT Id FROM Event WHERE Id IN (SELECT EventId FROM EventRelation)",
            "MALFORMED_QUERY",
            "not supported for semi join inner selects",
        ),
    ],
)
def test_a_wrong_query_is_refused_in_the_service_s_words(call: Caller, text: str, code: str, words: str) -> None:
    told, message = refusal(call, text)
    assert (told, words in message) == (code, True), message


def test_an_inner_query_of_another_object_is_taken(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    contact = salesforce.add_contact("Aoki", "aoki@example.com")
    salesforce.user_creates(sato, "Visit", MAY_11, HOUR, WhoId=contact["Id"])
    salesforce.user_creates(sato, "Desk", MAY_11, HOUR)
    inner = "SELECT Id FROM Contact WHERE Email = 'aoki@example.com'"
    assert call.subjects(f"WhoId IN ({inner})") == ["Visit"]
    assert call.subjects(f"WhoId NOT IN ({inner})") == ["Desk"]


def test_an_answer_comes_in_pages_and_as_it_was_when_asked(
    salesforce: SalesforceSandbox, call: Caller, three: list[str]
) -> None:
    salesforce.page_size(2)
    page = call("GET", f"{DATA}/query", params={"q": "SELECT Subject FROM Event ORDER BY StartDateTime"}).json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (3, False, 2)
    assert page["nextRecordsUrl"].startswith(f"{DATA}/query/01g") and page["nextRecordsUrl"].endswith("-2")
    salesforce.user_changes(three[2], Subject="Changed meanwhile")
    last = call("GET", page["nextRecordsUrl"]).json()
    assert (last["done"], [record["Subject"] for record in last["records"]]) == (True, ["訪問:青木商事"])
    assert "nextRecordsUrl" not in last


@pytest.mark.parametrize("how", ["after two days", "all at once", "after ten others", "of another user"])
def test_a_locator_expires(
    salesforce: SalesforceSandbox, call: Caller, call_suzuki: Caller, clock: Clock, three: list[str], how: str
) -> None:
    salesforce.page_size(2)

    def ask() -> str:
        page = call("GET", f"{DATA}/query", params={"q": "SELECT Id FROM Event"}).json()
        return str(page["nextRecordsUrl"])

    address, asking = ask(), call
    match how:
        case "after two days":
            clock.moves_on(days=2)
        case "all at once":
            salesforce.forget_locators()
        case "after ten others":
            for _ in range(10):
                ask()
        case _:
            asking = call_suzuki
    assert asking.refused("GET", address)[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_a_program_may_wish_for_smaller_pages_down_to_two_hundred(
    salesforce: SalesforceSandbox, sato: User, call: Caller
) -> None:
    for number in range(201):
        salesforce.user_creates(sato, f"Meeting {number}", MAY_11, HOUR)
    asked = {"params": {"q": "SELECT Id FROM Event"}, "headers": {"Sforce-Query-Options": "batchSize=10"}}
    assert len(call("GET", f"{DATA}/query", **asked).json()["records"]) == 200


def test_events_of_others_are_not_found(
    salesforce: SalesforceSandbox, sato: User, suzuki: User, call_suzuki: Caller, three: list[str]
) -> None:
    assert call_suzuki.subjects() == []
    assert call_suzuki.refused("GET", f"{EVENTS}/{three[0]}")[:2] == (404, "NOT_FOUND")
    assert call_suzuki.refused("PATCH", f"{EVENTS}/{three[0]}", json={"Subject": "x"})[:2] == (404, "NOT_FOUND")
    account = salesforce.add_account("Aoki Trading")
    salesforce.user_changes(three[1], WhatId=account["Id"])
    assert call_suzuki.subjects() == ["Call"]
    refused = call_suzuki.refused("PATCH", f"{EVENTS}/{three[1]}", json={"Subject": "x"})
    assert refused[:2] == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    boss = Caller(
        salesforce.url, salesforce.session_for(salesforce.add_user("boss@example.com", "Boss", sees_all=True))
    )
    assert len(boss.subjects()) == 3
    boss.close()


def test_archived_events_are_found_by_the_query_for_all(
    salesforce: SalesforceSandbox, call: Caller, three: list[str]
) -> None:
    salesforce.archive(three[1])
    assert "Call" not in call.subjects()
    assert "Call" in call.subjects("IsArchived = true", everything=True)


def test_a_query_too_long_for_an_address_is_refused(call: Caller) -> None:
    ids = ", ".join(f"'{'0' * 18}'" for _ in range(1000))
    text = f"SELECT Id FROM Event WHERE Id IN ({ids})"
    assert call.refused("GET", f"{DATA}/query", params={"q": text})[:2] == (414, "URI_TOO_LONG")


def test_a_feed_can_lie(salesforce: SalesforceSandbox, call: Caller, three: list[str]) -> None:
    salesforce.lies.answer_empty()
    assert call.subjects() == []
    salesforce.lies.answer_truncated(1)
    assert len(call.subjects()) == 1
    salesforce.page_size(2)
    salesforce.lies.expire_locators()
    address = call("GET", f"{DATA}/query", params={"q": "SELECT Id FROM Event"}).json()["nextRecordsUrl"]
    assert call.refused("GET", address)[1] == "INVALID_QUERY_LOCATOR"
    assert call("GET", address).json()["done"] is True
    assert len(call.subjects()) == 3
