"""Group events: invitations, the copies of invited users, and related records."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.sandbox.salesforce import SalesforceSandbox, User
from tests.sandbox.crm.caller import Clock
from tests.sandbox.salesforce.caller import EVENTS, RELATIONS, Caller

HOUR = timedelta(hours=1)
MAY_11 = datetime(2026, 5, 11, 10)


def test_sf_6_an_invited_user_has_a_copy_that_follows_the_event(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller, call_suzuki: Caller
) -> None:
    """SF-6, SF-24"""
    event_id = call.create()
    relation = call.add(RELATIONS, EventId=event_id, RelationId=suzuki.id)
    assert (call.read(event_id)["IsGroupEvent"], call.read(event_id)["GroupEventType"]) == (True, "1")
    call.change(event_id, Subject="Renamed", StartDateTime="2026-05-12T01:00:00Z")
    [copy] = call_suzuki.query(f"SELECT Id, Subject, StartDateTime, IsChild FROM Event WHERE OwnerId = '{suzuki.id}'")
    assert (copy["Subject"], copy["StartDateTime"][:10], copy["IsChild"]) == ("Renamed", "2026-05-12", True)
    [mine] = call_suzuki.query(f"SELECT EventId, Event.Subject FROM EventRelation WHERE RelationId = '{suzuki.id}'")
    assert (mine["EventId"], mine["Event"]["Subject"]) == (event_id, "Renamed")
    assert call_suzuki.read(event_id)["IsChild"] is False
    assert call("DELETE", f"{RELATIONS}/{relation}").status_code == 204
    assert salesforce.events(suzuki) == []
    assert call.read(event_id)["IsGroupEvent"] is False


def test_an_invited_user_changes_the_reminder_of_his_copy_and_nothing_else(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller, call_suzuki: Caller
) -> None:
    event_id = call.create()
    salesforce.user_invites(event_id, suzuki.id)
    copy = salesforce.events(suzuki)[0]["Id"]
    call_suzuki.change(copy, IsReminderSet=True)
    refused = call_suzuki.refused("PATCH", f"{EVENTS}/{copy}", json={"Subject": "Mine"})
    assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["Subject"])
    refused = call_suzuki.refused("PATCH", f"{EVENTS}/{event_id}", json={"Subject": "Mine"})
    assert refused[:2] == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_who_deletes_his_copy_has_declined(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller, call_suzuki: Caller
) -> None:
    event_id = call.create()
    salesforce.user_invites(event_id, suzuki.id)
    copy = salesforce.events(suzuki)[0]["Id"]
    assert call_suzuki("DELETE", f"{EVENTS}/{copy}").status_code == 204
    [relation] = call.query("SELECT Status, RespondedDate FROM EventRelation")
    assert (relation["Status"], relation["RespondedDate"]) == ("Declined", "2026-05-01T03:00:00.000+0000")


def test_an_answer_is_given_by_the_invited_one(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller, call_suzuki: Caller, clock: Clock
) -> None:
    event_id = call.create()
    relation = salesforce.user_invites(event_id, suzuki.id)["Id"]
    clock.moves_on(minutes=5)
    answered = call_suzuki("PATCH", f"{RELATIONS}/{relation}", json={"Status": "Accepted", "Response": "Gladly"})
    assert answered.status_code == 204
    assert call("GET", f"{RELATIONS}/{relation}").json()["RespondedDate"] == "2026-05-01T03:05:00.000+0000"
    assert call.read(event_id)["SystemModstamp"] == "2026-05-01T03:05:00.000+0000"
    assert call.read(event_id)["LastModifiedDate"] == "2026-05-01T03:00:00.000+0000"
    other = Caller(salesforce.url, salesforce.session_for(salesforce.add_user("ito@example.com", "Ito")))
    assert other.refused("PATCH", f"{RELATIONS}/{relation}", json={"Status": "Declined"})[0] == 404
    other.close()
    assert call.refused("PATCH", f"{RELATIONS}/{relation}", json={"Status": "Perhaps"})[1] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )


def test_contacts_and_leads_are_invited_too_and_have_no_copy(salesforce: SalesforceSandbox, call: Caller) -> None:
    event_id = call.create()
    for guest in (salesforce.add_contact("Aoki", "aoki@example.com"), salesforce.add_lead("Baba", "baba@example.com")):
        call.add(RELATIONS, EventId=event_id, RelationId=guest["Id"])
    records = call.query(f"SELECT Relation.Type, Relation.Email FROM EventRelation WHERE EventId = '{event_id}'")
    found = {(record["Relation"]["Type"], record["Relation"]["Email"]) for record in records}
    assert found == {("Contact", "aoki@example.com"), ("Lead", "baba@example.com")}
    assert len(salesforce.events()) == 1


def test_a_converted_lead_is_found_and_takes_no_invitation(salesforce: SalesforceSandbox, call: Caller) -> None:
    lead = salesforce.add_lead("Baba", "baba@example.com")
    contact = salesforce.user_converts(lead)
    found = call.query("SELECT Id, IsConverted FROM Lead WHERE Email = 'BABA@example.com'")
    assert [(row["Id"], row["IsConverted"]) for row in found] == [(lead["Id"], True)]
    given = {"EventId": call.create(), "RelationId": lead["Id"]}
    assert call.refused("POST", RELATIONS, json=given)[:2] == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    call.add(RELATIONS, **(given | {"RelationId": contact["Id"]}))


@pytest.mark.parametrize("what", ["twice", "the owner", "to a copy", "nobody", "an account", "to nothing"])
def test_a_wrong_invitation_is_refused(
    salesforce: SalesforceSandbox, sato: User, suzuki: User, call: Caller, what: str
) -> None:
    event_id = call.create()
    salesforce.user_invites(event_id, suzuki.id)
    copy = salesforce.events(suzuki)[0]["Id"]
    boss = Caller(
        salesforce.url, salesforce.session_for(salesforce.add_user("boss@example.com", "Boss", sees_all=True))
    )
    account = salesforce.add_account("Aoki Trading")["Id"]
    given, code = {
        "twice": ({"EventId": event_id, "RelationId": suzuki.id}, "DUPLICATE_VALUE"),
        "the owner": ({"EventId": event_id, "RelationId": sato.id}, "DUPLICATE_VALUE"),
        "to a copy": ({"EventId": copy, "RelationId": sato.id}, "FIELD_INTEGRITY_EXCEPTION"),
        "nobody": ({"EventId": event_id}, "REQUIRED_FIELD_MISSING"),
        "an account": ({"EventId": event_id, "RelationId": account}, "MALFORMED_ID"),
        "to nothing": ({"EventId": "00U0000000000zz", "RelationId": suzuki.id}, "INVALID_CROSS_REFERENCE_KEY"),
    }[what]
    assert boss.refused("POST", RELATIONS, json=given)[:2] == (400, code)
    boss.close()


def test_sf_11_a_recurring_event_has_at_most_a_hundred_invitees(
    salesforce: SalesforceSandbox, sato: User, call: Caller
) -> None:
    """SF-11"""
    tomorrow = datetime(2026, 5, 2, 10)
    weekly = {"RecurrenceType": "RecursDaily", "RecurrenceInterval": 1}
    master = salesforce.user_creates_recurring(sato, "Weekly", tomorrow, tomorrow.date(), HOUR, **weekly)
    guests = [salesforce.add_contact(f"Guest {number}") for number in range(101)]
    for guest in guests[:100]:
        salesforce.user_invites(master["Id"], guest["Id"])
    [occurrence] = salesforce.occurrences(master["Id"])
    assert len(salesforce.invited(occurrence["Id"])) == 100
    refused = call.refused("POST", RELATIONS, json={"EventId": master["Id"], "RelationId": guests[100]["Id"]})
    assert refused == (400, "FIELD_INTEGRITY_EXCEPTION", ["EventId"])


def test_an_invitation_to_a_series_is_one_to_each_occurrence_to_come(
    salesforce: SalesforceSandbox, sato: User, suzuki: User
) -> None:
    weekly = {"RecurrenceType": "RecursWeekly", "RecurrenceInterval": 1, "RecurrenceDayOfWeekMask": 2}
    until = datetime(2026, 5, 25).date()
    master = salesforce.user_creates_recurring(sato, "Weekly", MAY_11, until, HOUR, **weekly)
    salesforce.user_invites(master["Id"], suzuki.id)
    assert [(row["IsChild"], row["IsRecurrence"]) for row in salesforce.events(suzuki)] == [(True, False)] * 3
    salesforce.user_uninvites(master["Id"], suzuki.id)
    assert salesforce.events(suzuki) == []


def test_sf_19_an_event_goes_with_the_only_record_it_belonged_to(
    salesforce: SalesforceSandbox, sato: User, clock: Clock
) -> None:
    """SF-19"""
    account, contact = salesforce.add_account("Aoki Trading"), salesforce.add_contact("Aoki", "aoki@example.com")
    alone = salesforce.user_creates(sato, "Alone", MAY_11, HOUR, WhatId=account["Id"])
    both = salesforce.user_creates(sato, "Both", MAY_11, HOUR, WhatId=account["Id"], WhoId=contact["Id"])
    clock.moves_on(minutes=1)
    salesforce.user_deletes_related(account)
    assert salesforce.event(alone["Id"])["IsDeleted"] is True
    left = salesforce.event(both["Id"])
    assert (left["IsDeleted"], left["WhatId"], left["WhoId"]) == (False, None, contact["Id"])
    assert left["SystemModstamp"] > left["LastModifiedDate"]


def test_sf_19_coming_events_go_to_the_new_owner_of_their_record(
    salesforce: SalesforceSandbox, sato: User, suzuki: User
) -> None:
    """SF-19"""
    account = salesforce.add_account("Aoki Trading", sato)
    past = salesforce.user_creates(sato, "Past", datetime(2026, 4, 1, 10), HOUR, WhatId=account["Id"])
    coming = salesforce.user_creates(sato, "Coming", MAY_11, HOUR, WhatId=account["Id"])
    other = salesforce.user_creates(sato, "Other", MAY_11, HOUR)
    salesforce.user_reassigns_related(account, suzuki)
    owners = {row["Subject"]: row["OwnerId"] for row in salesforce.events()}
    assert owners == {"Past": sato.id, "Coming": suzuki.id, "Other": sato.id}
    assert {past["Id"], coming["Id"], other["Id"]} == {row["Id"] for row in salesforce.events()}


def test_a_reassigned_event_leaves_its_first_owner_without_a_trace(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller, call_suzuki: Caller
) -> None:
    event_id = call.create()
    salesforce.user_reassigns(event_id, suzuki)
    assert call.subjects(everything=True) == []
    assert call.refused("GET", f"{EVENTS}/{event_id}")[:2] == (404, "NOT_FOUND")
    assert call_suzuki.subjects() == ["Review"]


def test_a_group_event_is_deleted_and_restored_with_its_copies(
    salesforce: SalesforceSandbox, suzuki: User, call: Caller
) -> None:
    event_id = call.create()
    salesforce.user_invites(event_id, suzuki.id)
    call("DELETE", f"{EVENTS}/{event_id}")
    assert salesforce.events() == []
    salesforce.user_restores(event_id)
    assert [row["IsChild"] for row in salesforce.events()] == [False, True]
    with pytest.raises(Exception, match="not in the recycle bin"):
        salesforce.user_restores(event_id)
