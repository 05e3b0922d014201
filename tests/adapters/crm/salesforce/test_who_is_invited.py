"""Whom Salesforce lets us invite, and what its fields let us stamp, in organisations of all kinds."""

from __future__ import annotations

import pytest

from soroe.core.event import Guest
from tests.contracts.salesforce_stand import STAMP_FIELD, SalesforceStand, salesforce
from tests.contracts.stand import at, meeting, weekly

SUZUKI = Guest("suzuki@example.com")
MARK = "soroe1|key|a.b|"


def guests_of(stand: SalesforceStand, *guests: Guest) -> list[str]:
    """Who is invited to an event that is made with these guests."""
    made = stand.creates(meeting(guests=guests))
    return sorted(guest.email for guest in made.content.guests)


def test_a_profile_without_leads_invites_colleagues_and_contacts_all_the_same() -> None:
    with salesforce() as stand:
        stand.sandbox.hide_object("Lead")
        assert guests_of(stand, SUZUKI, Guest("nobody@example.com")) == ["suzuki@example.com"]
        asked = len([one for one in stand.sandbox.requests if "Lead" in str(one.query)])
        assert guests_of(stand, SUZUKI, Guest("nobody@example.com")) == ["suzuki@example.com"]
        assert len([one for one in stand.sandbox.requests if "Lead" in str(one.query)]) == asked == 1


@pytest.mark.parametrize("kinds", [["Contact"], ["Contact", "Lead"], ["User", "Contact", "Lead"]])
def test_addresses_that_the_user_may_not_see_belong_to_nobody(kinds: list[str]) -> None:
    with salesforce() as stand:
        for kind in kinds:
            stand.sandbox.hide_field("Email", kind)
        assert guests_of(stand, SUZUKI) == []


def test_a_lead_that_became_a_contact_is_invited_as_the_contact() -> None:
    with salesforce() as stand:
        lead = stand.sandbox.add_lead("Baba", "baba@example.com")
        contact = stand.sandbox.user_converts(lead)
        assert guests_of(stand, Guest("baba@example.com")) == ["baba@example.com"]
        (event,) = stand.sandbox.events()
        assert [one["RelationId"] for one in stand.sandbox.invited(event["Id"])] == [contact["Id"]]


def test_a_converted_lead_without_a_contact_is_nobody() -> None:
    with salesforce() as stand:
        lead = stand.sandbox.add_lead("Baba", "baba@example.com")
        stand.sandbox.user_deletes_related(stand.sandbox.user_converts(lead))
        assert guests_of(stand, Guest("baba@example.com")) == []


def test_a_deleted_contact_is_nobody_and_one_of_the_same_address_is_found() -> None:
    with salesforce() as stand:
        old = stand.sandbox.add_contact("Aoki", "aoki@example.com")
        stand.sandbox.user_deletes_related(old)
        assert guests_of(stand, Guest("aoki@example.com")) == []
        stand.sandbox.add_contact("Aoki", "aoki@example.com")
        assert guests_of(stand, Guest("aoki@example.com")) == ["aoki@example.com"]


@pytest.mark.parametrize("unique", [True, False])
def test_a_series_is_stamped_only_where_its_records_may_share_a_value(unique: bool) -> None:
    with salesforce() as stand:
        stand.sandbox.change_field(STAMP_FIELD, unique=unique)
        series = stand.creates(weekly(), stamp=MARK)
        assert series.stamp == (None if unique else MARK)
        renamed = stand.does(stand.updating(series, stamp=MARK, title="Renamed"))
        assert (renamed.content.title, renamed.stamp) == ("Renamed", series.stamp)


def test_a_single_event_that_becomes_a_series_leaves_a_unique_stamp_behind() -> None:
    with salesforce() as stand:
        single = stand.creates(meeting(), stamp=MARK)
        assert single.stamp == MARK
        series = stand.does(stand.updating(single, recurrence=weekly().recurrence))
        assert (series.content.recurrence is not None, series.stamp) == (True, None)


def test_many_guests_are_read_though_salesforce_tells_them_in_parts() -> None:
    with salesforce() as stand:
        ref = stand.user_creates("Fair", at())
        for number in range(7):
            person = stand.sandbox.add_contact(f"Guest {number}", f"guest{number}@example.com")
            stand.sandbox.user_invites(ref.id, person["Id"])
        stand.sandbox.page_size(2000, inner=3)
        assert [guest.email for guest in stand.read(ref).content.guests] == [
            f"guest{number}@example.com" for number in range(7)
        ]
