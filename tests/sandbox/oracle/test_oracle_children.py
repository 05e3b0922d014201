"""Child records of the Oracle-shaped server, and who sees what through them."""

from __future__ import annotations

from datetime import datetime

import pytest

from soroe.sandbox.oracle import Access, OracleSandbox, User
from tests.sandbox.oracle.caller import APPOINTMENTS, EVENTS, Caller, error
from tests.sandbox.oracle.conftest import SignIn


def test_the_owner_is_a_user_of_the_appointment_and_stays(call: Caller, sato: User) -> None:
    users = f"{APPOINTMENTS}/{call.create()}/child/Users"
    (row,) = call.list(users)
    assert (row["UserId"], row["UserEmail"], row["AccessCode"]) == (sato.id, sato.email, "Full")
    assert (row["UserFirstName"], row["UserLastName"]) == ("Takeshi", "Sato")
    assert call("DELETE", f"{users}/{row['Id']}").status_code == 400


def test_a_colleague_is_added_by_the_id_of_the_user_and_sees_the_appointment(
    call: Caller, suzuki: User, signed_in: SignIn
) -> None:
    visit = call.create()
    users = f"{APPOINTMENTS}/{visit}/child/Users"
    answer = call.write("POST", users, "Users", UserId=suzuki.id)
    assert (answer.status_code, answer.json()["Users"][0].keys()) == (201, {"UserId", "links"})
    row = answer.headers["Location"].rpartition("/")[2]
    assert answer.json()["Users"][0]["links"]["parent"]["href"] == f"{APPOINTMENTS}/{visit}"
    hers = signed_in(suzuki)
    assert [each["Id"] for each in hers.list()] == [visit]
    assert hers.change(visit, Subject="x").status_code == 403
    assert call.write("PATCH", f"{users}/{row}", "Users", AccessCode="Edit").status_code == 200
    assert hers.change(visit, Subject="x").status_code == 200
    assert hers("DELETE", f"{APPOINTMENTS}/{visit}").status_code == 403
    assert call("DELETE", f"{users}/{row}").status_code == 204
    assert hers.list() == []


def test_whoever_may_only_read_may_not_add_or_remove_children(
    oracle: OracleSandbox, call: Caller, suzuki: User, signed_in: SignIn
) -> None:
    visit = call.create()
    oracle.user_adds_user(visit, suzuki)
    users = f"{APPOINTMENTS}/{visit}/child/Users"
    hers = signed_in(suzuki)
    own = hers.list(users)[-1]["Id"]
    assert hers.write("POST", users, "Users", UserId=suzuki.id).status_code == 403
    assert hers("DELETE", f"{users}/{own}").status_code == 403
    assert hers.write("PATCH", f"{users}/{own}", "Users", AccessCode="Full").status_code == 403


def test_unknown_and_doubled_people_are_refused(oracle: OracleSandbox, call: Caller, sato: User, suzuki: User) -> None:
    contact = oracle.add_contact("aoki@aoki.example", "Kenji", "Aoki")
    west = oracle.add_book("West", {})
    here = f"{APPOINTMENTS}/{call.create()}/child"
    call.add(f"{here}/Contacts", "Contacts", ContactId=contact.id)
    call.add(f"{here}/Books", "Books", BookName="West")
    for child, fields in (
        ("Users", {"UserId": "1QA2-0"}),
        ("Users", {"UserId": sato.id}),
        ("Users", {"FullName": "Hana Suzuki"}),
        ("Users", {"UserId": suzuki.id, "UserEmail": suzuki.email}),
        ("Users", {"UserId": suzuki.id, "AccessCode": "Owner"}),
        ("Contacts", {"ContactId": "1QA2-0"}),
        ("Contacts", {"ContactId": contact.id}),
        ("Books", {"BookId": west.id}),
        ("Books", {"BookName": "North"}),
        ("Books", {}),
    ):
        assert call.write("POST", f"{here}/{child}", child, **fields).status_code == 400


def test_contacts_come_and_go(oracle: OracleSandbox, call: Caller) -> None:
    contact = oracle.add_contact("aoki@aoki.example", "Kenji", "Aoki", "青木商事")
    contacts = f"{APPOINTMENTS}/{call.create()}/child/Contacts"
    row = call.add(contacts, "Contacts", ContactId=contact.id)
    read = call.get(f"{contacts}/{row}")
    assert (read["ContactEmail"], read["ContactAccountName"]) == ("aoki@aoki.example", "青木商事")
    assert call.write("PATCH", f"{contacts}/{row}", "Contacts", ContactId=contact.id).status_code == 405
    assert call("DELETE", f"{contacts}/{row}").status_code == 204
    assert call.list(contacts) == []


def test_a_row_of_users_stays_with_its_user(call: Caller, sato: User, suzuki: User) -> None:
    users = f"{APPOINTMENTS}/{call.create()}/child/Users"
    own = call.list(users)[0]["Id"]
    answer = call.write("PATCH", f"{users}/{own}", "Users", UserId=suzuki.id)
    assert (answer.status_code, "another row" in error(answer)["detail"]) == (400, True)


def test_children_are_listed_in_pages_and_queried(oracle: OracleSandbox, call: Caller, suzuki: User) -> None:
    visit = call.create()
    oracle.user_adds_user(visit, suzuki)
    users = f"{APPOINTMENTS}/{visit}/child/Users"
    told = call("GET", users, params={"fields": "UserEmail", "limit": "1", "onlyData": "true"}).json()
    assert told == {
        "Users": [{"UserEmail": "sato@example.com"}],
        "_contextInfo": {"limit": 1, "offset": 0, "lastpage": False},
    }
    assert [row["UserId"] for row in call.list(users, q="UserEmail LIKE 'suzuki*'")] == [suzuki.id]


@pytest.mark.parametrize("path", ["child/Contacts", "child/Invitees", "child/Users/1QA2-0"])
def test_what_a_record_does_not_have_is_a_404(call: Caller, path: str) -> None:
    assert call("GET", f"{EVENTS}/{call.create_event()}/{path}").status_code == 404
    assert call("GET", f"{EVENTS}/1QA2-0/{path}").status_code == 404


def test_a_private_appointment_is_for_its_owner_and_its_users_not_for_a_book(
    oracle: OracleSandbox, sato: User, suzuki: User, signed_in: SignIn
) -> None:
    west = oracle.add_book("West", {suzuki: Access.FULL})
    visit = oracle.user_creates(sato, "Dentist", datetime(2026, 5, 12, 9), datetime(2026, 5, 12, 10), Private=True)
    oracle.user_puts_in_book(visit.id, west)
    hers = signed_in(suzuki)
    assert hers.list() == []
    oracle.user_adds_user(visit.id, suzuki)
    assert [row["Private"] for row in hers.list()] == [True]
    oracle.user_removes_user(visit.id, suzuki)
    assert hers.list() == []


def test_an_invitee_of_a_customer_is_put_on_the_appointment_in_the_web_page(
    oracle: OracleSandbox, call: Caller
) -> None:
    contact = oracle.add_contact("aoki@aoki.example", "Kenji", "Aoki")
    visit = call.create()
    oracle.user_adds_contact(visit, contact)
    assert [row["ContactId"] for row in call.list(f"{APPOINTMENTS}/{visit}/child/Contacts")] == [contact.id]
