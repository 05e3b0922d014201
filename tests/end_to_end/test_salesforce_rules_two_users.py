"""Two users of Salesforce and Google, each with the program: one meeting stays one event for both (SF-24, SF-25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret
from soroe.core.finding import FindingKind
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID
from soroe.sandbox.salesforce import SalesforceSandbox
from tests.end_to_end.calendars import GoogleSide
from tests.end_to_end.crms import EMAIL, SalesforceCrm, tomorrow
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.office import at
from tests.end_to_end.played import Played
from tests.end_to_end.salesroom import HOUR, Event, Salesroom, invite, span

pytestmark = pytest.mark.parametrize("world", ["salesforce"], indirect=True)
HERS = "suzuki@example.com"


class HerSalesforce(SalesforceCrm):
    """Suzuki in Sato's organisation."""

    def __init__(self, his: SalesforceCrm) -> None:
        Played.__init__(self, his.box, SalesforceSandbox)
        self.user = self.box.add_user(HERS, "Suzuki")
        self.account, self.choices = his.account, his.choices


class HerGoogle(GoogleSide):
    """Suzuki's calendar at the same Google."""

    def __init__(self, his: GoogleSide) -> None:
        Played.__init__(self, his.box, GoogleSandbox)
        self.box.add_account(HERS)
        self.account = his.account.replace(EMAIL, HERS)

    def secret(self) -> str:
        permission = self.box.give_permission(HERS)
        return GoogleSecret(permission.refresh_token, CLIENT_ID, HERS, "", (EVENTS_SCOPE, CALENDAR_LIST_SCOPE)).text()


class Two:
    """Both of them: `room` is Sato's, `hers` is Suzuki's computer."""

    def __init__(self, room: Salesroom, hers: Installation) -> None:
        self.room = room
        self.hers = hers
        assert isinstance(hers.world.side, HerSalesforce)
        self.suzuki = hers.world.side.user

    def both_sync(self, times: int = 2) -> None:
        """Sato's computer is always the first."""
        for _ in range(times):
            self.room.syncs()
            self.hers.settle()

    def invites(self, **more: Any) -> Event:
        """Suzuki invites Sato in Google."""
        start = tomorrow(15)
        times = {"start": at(start), "end": at(start + HOUR)}
        return self.room.google.user_inserts(
            HERS, {"summary": "Hers", **times, "attendees": invite(EMAIL, HERS), **more}
        )

    def records(self) -> list[tuple[str, str, bool]]:
        """Every event in Salesforce: title, whose it is, and whether it is Salesforce's copy for somebody invited."""
        names = {self.suzuki.id: "Suzuki", self.room.sato.id: "Sato"}
        rows = self.room.salesforce.events()
        return sorted((str(row["Subject"]), names[row["OwnerId"]], bool(row["IsChild"])) for row in rows)


@pytest.fixture(params=["no field of ours", "a field of ours"])
def two(request: pytest.FixtureRequest, room: Salesroom, tmp_path: Path) -> Iterator[Two]:
    """Both; where IT has made a field for our mark, Salesforce's copies bear their organiser's."""
    if request.param == "a field of ours":
        room.salesforce.add_external_id("Soroe_Id__c")
        room.side.account += '\nstamp_field = "Soroe_Id__c"'
    assert isinstance(room.world.calendar, GoogleSide)
    world = World(HerSalesforce(room.side), HerGoogle(room.world.calendar))
    hers = Installation(world, tmp_path / "hers", {"guests": "both"})
    yield Two(room, hers)
    hers.close()


def test_sf_24_a_colleagues_meeting_is_one_event_whoever_syncs_first(two: Two) -> None:
    two.invites()
    two.both_sync(3)
    assert two.records() == [("Hers", "Sato", True), ("Hers", "Suzuki", False)]
    assert len(two.room.events()) == len(two.room.google.events(HERS, deleted=False)) == 1
    two.room.google.user_patches(HERS, str(two.room.event()["id"]), {"summary": "Hers, renamed"})
    two.both_sync()
    assert two.records() == [("Hers, renamed", "Sato", True), ("Hers, renamed", "Suzuki", False)]
    assert two.room.world.calendar.mails() == 0


def test_sf_24_a_group_event_made_in_salesforce_is_one_event_in_both_calendars(two: Two) -> None:
    made = two.room.salesforce.user_creates(two.suzuki, "Hers", tomorrow(10), HOUR)
    two.room.salesforce.user_invites(made["Id"], two.room.sato.id)
    two.both_sync(3)
    assert two.records() == [("Hers", "Sato", True), ("Hers", "Suzuki", False)]
    assert [event["summary"] for event in two.room.events()] == ["Hers"]
    assert [event["summary"] for event in two.room.google.events(HERS, deleted=False)] == ["Hers"]
    assert two.room.event()["organizer"]["email"] == HERS, "her invitation has taken the place of his own event"


def test_sf_25_a_guest_whom_the_organiser_lets_change_it_changes_it_for_all(two: Two) -> None:
    two.invites(guestsCanModify=True)
    two.both_sync(3)
    two.room.changes(two.room.event(), start=at(tomorrow(17)), end=at(tomorrow(18)))
    two.both_sync()
    assert {row["StartDateTime"] for row in two.room.salesforce.events()} == {tomorrow(17)}
    assert not [finding for finding in two.room.findings() if finding.fields]


def test_sf_25_one_whom_she_does_not_let_changes_his_own_copy_alone_and_is_told(two: Two) -> None:
    two.invites()
    two.both_sync(3)
    two.room.changes(two.room.event(), start=at(tomorrow(17)), end=at(tomorrow(18)))
    two.both_sync()
    assert {row["StartDateTime"] for row in two.room.salesforce.events()} == {tomorrow(15)}
    assert span(two.room.event()) == ("1 17:00", "1 18:00")
    stuck = [finding for finding in two.room.findings("SF-25") if finding.fields]
    assert [(finding.kind, finding.fields) for finding in stuck] == [(FindingKind.ONE_WAY, ("when",))]


def test_sf_25_a_guest_who_declines_or_is_taken_off_leaves_the_group_event(two: Two) -> None:
    event = two.invites()
    two.both_sync(3)
    two.room.google.user_answers(EMAIL, str(event["id"]), "declined")
    two.both_sync()
    assert two.records() == [("Hers", "Suzuki", False)]
    assert [one["id"] for one in two.room.events()] == [event["id"]], "whether to see it is his own affair"
