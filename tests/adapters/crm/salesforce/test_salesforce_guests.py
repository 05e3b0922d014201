"""Guests: invitations beside the event, for whom Salesforce knows, and no mail to anybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from soroe.core.event import Field, Guest, ObservedItem, Response
from soroe.ports.errors import ItemRejected
from soroe.ports.remote import Update
from tests.contracts.salesforce_stand import SalesforceStand
from tests.contracts.stand import at, error, meeting

SUZUKI, TANAKA = Guest("suzuki@example.com"), Guest("tanaka@example.com")
STRANGER = Guest("nobody@elsewhere.example", "Nobody")


def addresses(item: ObservedItem) -> list[str]:
    return sorted(guest.email for guest in item.content.guests)


def test_sf_24_an_event_with_guests_is_one_event_with_invitations(stand: SalesforceStand) -> None:
    colleague = stand.sandbox.add_user("ito@example.com", "Ito")
    made = stand.creates(meeting(guests=(SUZUKI, Guest("ito@example.com"))))
    assert addresses(made) == ["ito@example.com", "suzuki@example.com"]
    assert [row["IsChild"] for row in stand.sandbox.events(colleague)] == [True]
    assert stand.titles() == ["Visit"] and stand.mails() == 0


def test_sf_24_the_organiser_invites_himself_to_nothing(stand: SalesforceStand) -> None:
    made = stand.creates(meeting(guests=(Guest("sato@example.com", "Sato"), SUZUKI)))
    assert addresses(made) == ["suzuki@example.com"] and stand.titles() == ["Visit"]


def test_sf_25_guests_come_and_go_and_strangers_are_left_out(stand: SalesforceStand) -> None:
    made = stand.creates(meeting(guests=(SUZUKI, STRANGER)))
    assert addresses(made) == ["suzuki@example.com"]
    changed = stand.does(stand.updating(made, guests=(TANAKA, STRANGER)))
    assert addresses(changed) == ["tanaka@example.com"]
    assert addresses(stand.does(stand.updating(changed, guests=()))) == []


def test_sf_25_who_declined_is_invited_no_more(stand: SalesforceStand) -> None:
    made = stand.creates(meeting(guests=(SUZUKI, TANAKA)))
    declined = Guest("tanaka@example.com", "", Response.DECLINED)
    content = meeting(guests=(SUZUKI, declined))
    changed = stand.does(Update(made.ref, made.version, content, (Field.GUESTS,)))
    assert addresses(changed) == ["suzuki@example.com"]


def test_sf_25_an_answer_given_in_salesforce_is_told(stand: SalesforceStand) -> None:
    contact = stand.sandbox.add_contact("Mori", "mori@example.com")
    made = stand.creates(meeting(guests=(Guest("mori@example.com"),)))
    cursor = stand.cursor()
    stand.clock.later(minutes=5)
    stand.sandbox.user_answers(made.ref.id, contact["Id"], "Accepted")
    (told,) = stand.seen(cursor)[0]
    assert isinstance(told, ObservedItem)
    assert [guest.response for guest in told.content.guests] == [Response.ACCEPTED]


def test_sf_25_a_declined_invitation_leaves_the_invited_users_list(stand: SalesforceStand) -> None:
    hers = stand.sandbox.add_user("ito@example.com", "Ito")
    event = stand.sandbox.user_creates(hers, "Her round", datetime(2026, 5, 12, 10), timedelta(hours=1))
    stand.sandbox.user_invites(event["Id"], stand.sato.id)
    assert stand.titles() == ["Her round"]
    stand.sandbox.user_answers(event["Id"], stand.sato.id, "Declined")
    assert stand.titles() == []


def test_somebody_without_an_address_stays_invited(stand: SalesforceStand) -> None:
    room = stand.sandbox.add_contact("Room 3", None)
    made = stand.creates(meeting(guests=(SUZUKI,)))
    stand.sandbox.user_invites(made.ref.id, room["Id"])
    stand.does(stand.updating(stand.read(made.ref), guests=()))
    assert [row["RelationId"] for row in stand.sandbox.invited(made.ref.id)] == [room["Id"]]


def test_a_colleague_is_preferred_to_a_contact_of_the_same_address(stand: SalesforceStand) -> None:
    colleague = stand.sandbox.add_user("suzuki@example.com", "Suzuki")
    made = stand.creates(meeting(guests=(SUZUKI,)))
    assert [row["RelationId"] for row in stand.sandbox.invited(made.ref.id)] == [colleague.id]


def test_sf_11_more_guests_than_a_series_takes_are_refused_by_name(stand: SalesforceStand) -> None:
    for number in range(101):
        stand.sandbox.add_contact(f"Guest {number}", f"guest{number}@example.com")
    guests = tuple(Guest(f"guest{number}@example.com") for number in range(101))
    row = stand.sandbox.user_creates_recurring(
        stand.sato,
        "Round",
        datetime(2026, 5, 12, 10),
        datetime(2026, 5, 30).date(),
        timedelta(hours=1),
        RecurrenceType="RecursDaily",
        RecurrenceInterval=1,
    )
    series = next(one for one in stand.seen()[0] if isinstance(one, ObservedItem) and one.ref.id == row["Id"])
    update = Update(series.ref, series.version, meeting("Round", at(), guests=guests), (Field.GUESTS,))
    assert isinstance(error(stand.write(update)[0]), ItemRejected)
