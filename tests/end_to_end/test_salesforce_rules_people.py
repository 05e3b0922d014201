"""Whose events travel between Salesforce and Google, and who is invited to them (SF-6, SF-11, SF-24, SF-25)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from soroe.core.finding import FindingKind
from soroe.sandbox.salesforce import User
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.homes import SYNC
from tests.end_to_end.office import at
from tests.end_to_end.salesroom import HOUR, Event, Salesroom, guests, invite, span

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
HERS = "suzuki@example.com"
CUSTOMER = "aoki@aoki-trading.example"
STRANGER = "somebody@elsewhere.example"
GROUP = "sales-all@example.com"


def colleague(room: Salesroom) -> User:
    """Suzuki, who has an account at both services."""
    room.google.add_account(HERS)
    return room.salesforce.add_user(HERS, "Suzuki")


def hers(room: Salesroom, title: str = "Hers", **more: Any) -> Event:
    """An event of Suzuki's in Google, with Sato as her guest."""
    start = tomorrow(15)
    times = {"start": at(start), "end": at(start + HOUR)}
    return room.google.user_inserts(HERS, {"summary": title, **times, "attendees": invite(EMAIL, HERS), **more})


# --- SF-6 ---
def test_sf_6_a_colleagues_event_that_the_user_is_invited_to_is_in_his_calendar(room: Salesroom) -> None:
    suzuki = colleague(room)
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(10), HOUR)
    room.salesforce.user_creates(suzuki, "Without Sato", tomorrow(12), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.enters("His", tomorrow(16))
    room.syncs()
    assert sorted(event["summary"] for event in room.events()) == ["Hers", "His"]
    room.salesforce.user_changes(made["Id"], tomorrow(11), Subject="Hers, moved")
    room.syncs()
    by_title = {event["summary"]: span(event) for event in room.events()}
    assert by_title["Hers, moved"] == ("1 11:00", "1 12:00")
    room.salesforce.user_uninvites(made["Id"], room.sato.id)
    room.syncs()
    assert [event["summary"] for event in room.events()] == ["His"]


def test_sf_6_what_he_changes_of_it_in_the_calendar_stays_there_and_is_told(room: Salesroom) -> None:
    suzuki = colleague(room)
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(10), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.syncs()
    room.changes(room.event(), summary="Mine")
    room.syncs()
    assert room.salesforce.event(made["Id"])["Subject"] == "Hers"
    assert room.event()["summary"] == "Mine"
    (finding,) = room.findings("SF-25")
    assert (finding.kind, finding.cause, finding.fields) == (FindingKind.ONE_WAY, "foreign_organiser", ("title",))


# --- SF-11 ---
def test_sf_11_a_series_takes_a_hundred_guests_and_the_rest_is_reported(room: Salesroom) -> None:
    addresses = [f"guest{number:03}@example.com" for number in range(102)]
    for address in addresses:
        room.salesforce.add_contact(address, address)
    room.makes(recurrence=["RRULE:FREQ=DAILY;COUNT=2"], attendees=invite(*addresses))
    room.syncs()
    whole = room.record()
    assert len(room.invited(whole["Id"])) == 100
    (finding,) = room.findings("SF-11")
    assert (finding.kind, finding.numbers) == (FindingKind.ALTERED, (("before", 102), ("after", 100)))
    assert len(guests(room.event())) == 102


def test_sf_11_a_single_event_takes_a_thousand(room: Salesroom) -> None:
    room.choices["guests"] = "to-crm"
    addresses = [f"guest{number:04}@example.com" for number in range(1001)]
    for address in addresses:
        room.salesforce.add_contact(address, address)
    room.makes(attendees=invite(*addresses))
    room.syncs()
    assert len(room.invited(room.record()["Id"])) == 1000
    (finding,) = room.findings("SF-11")
    assert finding.numbers == (("before", 1001), ("after", 1000))


# --- SF-24 ---
def test_sf_24_his_own_event_with_guests_is_one_event_with_invitees(room: Salesroom) -> None:
    suzuki = colleague(room)
    aoki = room.salesforce.add_contact("Aoki", CUSTOMER)
    room.makes(attendees=invite(HERS, CUSTOMER))
    room.syncs()
    record = room.record()
    assert (record["IsGroupEvent"], room.invited(record["Id"])) == (True, {suzuki.id, aoki["Id"]})
    (copy,) = room.records(suzuki)
    assert copy["IsChild"] is True, "Salesforce's own copy for the invited user, not a second event"
    assert room.salesforce.mails_sent == []
    assert room.world.calendar.mails() == 0


def test_sf_24_an_organiser_outside_leaves_an_event_of_his_own_with_each_guest(room: Salesroom) -> None:
    suzuki = colleague(room)
    invited = {"summary": "Kick-off", "start": at(tomorrow(15)), "end": at(tomorrow(16))}
    people = invite(EMAIL, HERS, CUSTOMER)
    room.google.receives_invitation(EMAIL, CUSTOMER, {**invited, "attendees": people})
    room.syncs()
    record = room.record()
    assert (record["Subject"], record["IsGroupEvent"], room.invited(record["Id"])) == ("Kick-off", False, set())
    assert room.records(suzuki) == [], "hers is made by her own computer"
    assert room.findings("SF-25")


@pytest.mark.parametrize("may", [False, True])
def test_sf_24_an_organiser_who_is_a_user_has_one_event_for_all(room: Salesroom, may: bool) -> None:
    """SF-24: Sato's computer sees the invitation first; Suzuki's group event comes later, and takes its place."""
    suzuki = colleague(room)
    hers(room, guestsCanModify=may)
    room.syncs()
    assert [record["IsChild"] for record in room.records()] == [False]
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(15), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.syncs()
    assert [record["IsChild"] for record in room.records()] == [True]
    assert len(room.events()) == 1
    assert room.laptop.store.sync(SYNC).link_count() == 1
    room.salesforce.user_changes(made["Id"], Location="Osaka")
    before = len(room.events())
    room.syncs()
    assert len(room.events()) == before == 1


def test_sf_24_one_of_his_own_that_he_has_worked_on_meanwhile_is_asked_about(room: Salesroom) -> None:
    suzuki = colleague(room)
    hers(room)
    room.syncs()
    own = room.record()["Id"]
    time.sleep(1.1)  # Salesforce tells when a record was changed in whole seconds
    account = room.salesforce.add_account("Aoki Trading", room.sato)
    room.salesforce.user_changes(own, WhatId=account["Id"])
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(15), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.syncs()
    assert own in {record["Id"] for record in room.records()}
    assert FindingKind.DUPLICATE in {finding.kind for finding in room.findings()}
    assert len(room.events()) == 1


def test_sf_24_where_salesforces_copy_comes_first_the_invitation_takes_the_made_events_place(room: Salesroom) -> None:
    suzuki = colleague(room)
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(15), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.syncs()
    assert len(room.events()) == 1
    invitation = hers(room)
    room.syncs()
    assert [event["id"] for event in room.events()] == [invitation["id"]]
    assert [record["IsChild"] for record in room.records()] == [True]


# --- SF-25 ---
def test_sf_25_whom_the_organiser_adds_and_takes_off_flows_both_ways(room: Salesroom) -> None:
    suzuki = colleague(room)
    kimura = room.salesforce.add_user("kimura@example.com", "Kimura")
    aoki = room.salesforce.add_contact("Aoki", CUSTOMER)
    event = room.makes(attendees=invite(HERS))
    room.syncs()
    record = room.record()["Id"]
    assert room.invited(record) == {suzuki.id}
    room.changes(event, attendees=invite(HERS, CUSTOMER))
    room.syncs()
    assert room.invited(record) == {suzuki.id, aoki["Id"]}
    room.salesforce.user_invites(record, kimura.id)
    room.salesforce.user_uninvites(record, suzuki.id)
    room.syncs()
    assert guests(room.event()) == sorted([CUSTOMER, kimura.email])
    room.changes(event, attendees=invite(kimura.email))
    room.syncs()
    assert room.invited(record) == {kimura.id}
    assert room.world.calendar.mails() == 0


def test_sf_25_a_guest_who_declines_is_no_invitee_any_more(room: Salesroom) -> None:
    suzuki = colleague(room)
    event = room.makes(attendees=invite(HERS))
    room.syncs()
    assert room.invited(room.record()["Id"]) == {suzuki.id}
    room.google.user_answers(HERS, str(event["id"]), "declined")
    room.syncs()
    assert room.invited(room.record()["Id"]) == set()
    assert guests(room.event()) == [HERS], "she stays among the guests in the calendar, as who declined"
    before = room.writes()
    room.syncs()
    assert room.writes() == before


def test_sf_25_an_invitee_who_declines_in_salesforce_stays_a_guest_of_the_calendars(room: Salesroom) -> None:
    suzuki = colleague(room)
    room.makes(attendees=invite(HERS))
    room.syncs()
    room.salesforce.user_answers(room.record()["Id"], suzuki.id, "Declined")
    before = len(room.google.requests.all("PATCH"))
    room.syncs()
    assert guests(room.event()) == [HERS]
    assert len(room.google.requests.all("PATCH")) == before


def test_sf_25_groups_and_people_salesforce_does_not_know_are_left_out_and_reported(room: Salesroom) -> None:
    suzuki = colleague(room)
    room.makes(attendees=invite(HERS, GROUP, STRANGER))
    room.syncs()
    assert room.invited(room.record()["Id"]) == {suzuki.id}
    assert guests(room.event()) == sorted([HERS, GROUP, STRANGER])
    (finding,) = room.findings("SF-25")
    assert (finding.kind, finding.cause, finding.numbers) == (
        FindingKind.ALTERED,
        "guests_unknown",
        (("left_out", 2),),
    )


def test_sf_25_a_guests_own_change_stays_personal(room: Salesroom) -> None:
    suzuki = colleague(room)
    event = hers(room)
    made = room.salesforce.user_creates(suzuki, "Hers", tomorrow(15), HOUR)
    room.salesforce.user_invites(made["Id"], room.sato.id)
    room.syncs()
    room.changes(event, summary="Mine", start=at(tomorrow(17)), end=at(tomorrow(18)))
    room.syncs()
    group = room.salesforce.event(made["Id"])
    assert (group["Subject"], group["StartDateTime"]) == ("Hers", tomorrow(15))
    assert (room.event()["summary"], span(room.event())) == ("Mine", ("1 17:00", "1 18:00"))
    stuck = [finding for finding in room.findings("SF-25") if finding.fields]
    assert {name for finding in stuck for name in finding.fields} == {"title", "when"}
    assert {finding.kind for finding in stuck} == {FindingKind.ONE_WAY}


def test_sf_25_of_an_event_whose_organiser_is_outside_the_own_copy_follows_him(room: Salesroom) -> None:
    start = tomorrow(15)
    body = {"summary": "Kick-off", "start": at(start), "end": at(start + HOUR)}
    event = room.google.receives_invitation(EMAIL, CUSTOMER, body)
    room.syncs()
    room.google.organizer_changes(EMAIL, str(event["id"]), {"start": at(start + HOUR), "end": at(start + 2 * HOUR)})
    room.syncs()
    assert room.record()["StartDateTime"] == start + timedelta(hours=1)
