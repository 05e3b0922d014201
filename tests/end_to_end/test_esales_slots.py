"""Appointment slots (予約枠), as far as Google shows anything of them: ordinary copies in their guests' calendars.

The owner is a colleague here; his slot is in nobody's list of events, and only what the guests have is told.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.sandbox.esales import Employee
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.office import Event, Office, at

pytestmark = pytest.mark.parametrize("world", ["esales"], indirect=True)
GUEST = "kimura@example.com"


@pytest.fixture
def owner(office: Office) -> Employee:
    """Who offers the slot."""
    return office.esales.add_employee("boss@example.com", "部長")


def booked(office: Office, owner: Employee, guest: str = EMAIL, **more: object) -> Event:
    """What the guest of a slot has in his calendar."""
    start = tomorrow(15)
    times = {"start": at(start), "end": at(start + timedelta(hours=1))}
    return office.google.receives_invitation(
        guest, owner.mail, {"summary": "面談枠", "attendees": [{"email": guest}], **times, **more}
    )


def test_esm_s1_the_owner_of_a_slot_gets_no_schedule(office: Office) -> None:
    office.google.add_account(GUEST)
    booked(office, office.sato, GUEST)
    office.syncs()
    assert office.schedules() == []


def test_esm_s1_esm_s6_a_kind_of_entry_that_nobody_knows_is_no_meeting(office: Office) -> None:
    """ESM-S1, ESM-S6: should Google show slots one day, they stay out until the one list of kinds takes them in."""
    slot = office.makes("面談枠")
    office.google.becomes_kind(EMAIL, str(slot["id"]), "appointmentSlot")
    office.syncs()
    assert office.schedules() == []


def test_esm_s2_a_guest_of_a_slot_gets_an_ordinary_schedule(office: Office, owner: Employee) -> None:
    booked(office, owner)
    office.syncs()
    assert office.schedule().fields.subject == "面談枠"
    assert office.sato.id in office.schedule().fields.participants


def test_esm_s3_what_a_guest_changes_in_esales_reaches_his_copy_where_google_lets_him(
    office: Office, owner: Employee
) -> None:
    booked(office, owner, guestsCanModify=True)
    office.syncs()
    office.edits(office.schedule(), detail="資料を持参")
    office.syncs()
    assert office.event()["description"] == "資料を持参"


def test_esm_s3_and_stays_in_esales_where_it_does_not_and_says_so(office: Office, owner: Employee) -> None:
    booked(office, owner)
    office.syncs()
    office.edits(office.schedule(), detail="資料を持参")
    office.syncs()
    assert "description" not in office.event()
    assert "ESM-G5" in office.rules()


def test_esm_s4_the_owner_as_a_participant_makes_no_second_event(office: Office, owner: Employee) -> None:
    """ESM-S4, beyond it: the entry stays linked to the guest's own copy, so that later changes have one place to go."""
    booked(office, owner)
    office.syncs()
    office.edits(office.schedule(), participants=(office.sato, owner))
    office.syncs()
    assert len(office.events()) == len(office.schedules()) == 1


def test_esm_s5_a_changed_slot_changes_the_schedule_and_doubles_nothing(office: Office, owner: Employee) -> None:
    """ESM-S5, beyond it: no new schedules, so nothing has to be listed as a duplicate."""
    copy = booked(office, owner)
    office.syncs()
    office.edits(office.schedule(), participants=(office.sato, owner))
    office.syncs()
    office.google.organizer_changes(EMAIL, str(copy["id"]), {"summary": "面談枠（変更）"})
    office.syncs()
    assert office.schedule().fields.subject == "面談枠（変更）"
    assert len(office.events()) == 1
