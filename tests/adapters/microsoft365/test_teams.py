"""Teams meetings over Graph: made once for each wish, taken away without a word, and refused for a reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from soroe.adapters.microsoft365.settings import TEAMS_NEEDED, TEAMS_WANTED
from soroe.adapters.microsoft365.teams import TeamsMeetings
from soroe.adapters.net.pacer import Pacer
from soroe.ports.errors import AdminRequired, ConsentMissing, ItemRejected, PortError, RetryLater, SignInRequired
from soroe.ports.meeting_links import LinkWanted
from soroe.sandbox.faults import Answer, DropAfterProcessing
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.errors import GraphError
from tests.contracts.microsoft365_stand import SATO, Shelf, network_of, secret_of, settings_of
from tests.fakes.clock import Clock

VISIT = LinkWanted("Visit", datetime(2026, 5, 12, 1, tzinfo=UTC), 45, "Asia/Tokyo", "seed-1")
LENT = ("User.Read", "OnlineMeetings.ReadWrite", "Calendars.Read")


@dataclass
class Rooms:
    """One account's Teams, and the service behind it."""

    sandbox: Microsoft365Sandbox
    teams: TeamsMeetings


@contextmanager
def rooms_of(sandbox: Microsoft365Sandbox, scopes: tuple[str, ...] = LENT) -> Iterator[Rooms]:
    shelf = Shelf(secret_of(sandbox, scopes=scopes))
    settings = replace(settings_of(sandbox), needed=TEAMS_NEEDED, wanted=TEAMS_WANTED)
    pacer = Pacer(10_000, 600.0, clock=time.monotonic, wait=time.sleep)
    teams = TeamsMeetings(settings, shelf.secret, shelf.keep, pacer, now=Clock(), network=network_of(sandbox))
    with closing(teams):
        yield Rooms(sandbox, teams)


@pytest.fixture
def sandbox() -> Iterator[Microsoft365Sandbox]:
    with Microsoft365Sandbox(clock=Clock()) as sandbox:
        yield sandbox


@pytest.fixture
def rooms(sandbox: Microsoft365Sandbox) -> Iterator[Rooms]:
    sandbox.add_account(SATO, "Sato")
    with rooms_of(sandbox) as rooms:
        yield rooms


def refused(rooms: Rooms, status: int, code: str) -> PortError:
    rooms.sandbox.refuse(GraphError(status, code, "x"), "POST", "/createOrGet")
    with pytest.raises(PortError) as error:
        rooms.teams.create(VISIT)
    return error.value


def test_a_wish_becomes_a_meeting_with_its_title_and_times(rooms: Rooms) -> None:
    link = rooms.teams.create(VISIT)
    (made,) = rooms.sandbox.meetings.all
    assert (link.id, link.join_url) == (made["id"], made["joinWebUrl"])
    assert link.join_url.startswith("https://teams.microsoft.com/")
    assert (made["subject"], made["startDateTime"][:19], made["endDateTime"][:19]) == (
        "Visit", "2026-05-12T01:00:00", "2026-05-12T01:45:00"
    )  # fmt: skip # short values, several a line


def test_nobody_is_invited_and_nobody_is_mailed(rooms: Rooms) -> None:
    rooms.teams.create(VISIT)
    assert [made["participants"]["attendees"] for made in rooms.sandbox.meetings.all] == [[]]
    assert rooms.sandbox.mails_sent == ()


def test_one_wish_makes_one_meeting_however_often_it_is_asked(rooms: Rooms) -> None:
    assert rooms.teams.create(VISIT) == rooms.teams.create(VISIT) == rooms.teams.find(VISIT)
    assert rooms.teams.create(replace(VISIT, seed="seed-2")) != rooms.teams.find(VISIT)
    assert len(rooms.sandbox.meetings.all) == 2


def test_a_lost_answer_makes_no_second_meeting(rooms: Rooms) -> None:
    rooms.sandbox.faults.add(DropAfterProcessing(), "POST", "/createOrGet")
    with pytest.raises(RetryLater) as lost:
        rooms.teams.create(VISIT)
    assert lost.value.outcome_unknown
    (made,) = rooms.sandbox.meetings.all
    found = rooms.teams.find(VISIT)
    assert found is not None
    assert found.id == made["id"]
    assert len(rooms.sandbox.meetings.all) == 1


def test_a_meeting_is_removed_and_one_that_is_gone_counts_as_removed(rooms: Rooms) -> None:
    link = rooms.teams.create(VISIT)
    rooms.teams.remove(link.id)
    rooms.teams.remove(link.id)
    assert rooms.sandbox.meetings.all == ()


def test_a_404_of_something_in_between_is_no_removal(rooms: Rooms) -> None:
    link = rooms.teams.create(VISIT)
    rooms.sandbox.faults.add(Answer.as_json(404, {}), "DELETE")
    with pytest.raises(PortError):
        rooms.teams.remove(link.id)
    assert len(rooms.sandbox.meetings.all) == 1


def test_the_identity_is_who_is_signed_in(rooms: Rooms) -> None:
    assert rooms.teams.identity().name == SATO


def test_an_account_without_teams_needs_its_it(sandbox: Microsoft365Sandbox) -> None:
    sandbox.add_account(SATO, "Sato", work_account=False)
    with rooms_of(sandbox) as rooms, pytest.raises(AdminRequired) as trouble:
        rooms.teams.identity()
    assert trouble.value.code == "teams_not_licensed"


def test_a_mailbox_on_a_server_of_the_company_does_not_speak_against_teams(sandbox: Microsoft365Sandbox) -> None:
    sandbox.add_account(SATO, "Sato", mailbox=False)
    with rooms_of(sandbox) as rooms:
        assert rooms.teams.identity().name == SATO


def test_a_calendar_that_may_not_be_read_does_not_speak_against_teams(sandbox: Microsoft365Sandbox) -> None:
    sandbox.add_account(SATO, "Sato")
    with rooms_of(sandbox, LENT[:2]) as rooms:
        assert rooms.teams.identity().name == SATO
        assert rooms.teams.create(VISIT).join_url


def test_a_permission_that_is_missing_is_named(sandbox: Microsoft365Sandbox) -> None:
    sandbox.add_account(SATO, "Sato")
    with rooms_of(sandbox, ("User.Read",)) as rooms, pytest.raises(PortError) as trouble:
        rooms.teams.create(VISIT)
    assert isinstance(trouble.value, ConsentMissing), repr(trouble.value)
    assert trouble.value.permission == "OnlineMeetings.ReadWrite"


@pytest.mark.parametrize("code", ["Forbidden", "ErrorAccessDenied"])
def test_a_policy_that_forbids_meetings_is_for_it(rooms: Rooms, code: str) -> None:
    trouble = refused(rooms, 403, code)
    assert isinstance(trouble, AdminRequired)
    assert trouble.code == "teams_policy"


def test_too_many_requests_are_waited_for(rooms: Rooms) -> None:
    assert isinstance(refused(rooms, 429, "TooManyRequests"), RetryLater)


def test_an_ended_sign_in_is_told(rooms: Rooms) -> None:
    rooms.sandbox.revoke_refresh_tokens(SATO)
    rooms.sandbox.expire_access_tokens()
    with pytest.raises(SignInRequired):
        rooms.teams.create(VISIT)


@pytest.mark.parametrize("address", ["http://teams.example/x", "javascript:alert(1)", "https://teams.example/ x", None])
def test_an_address_that_is_no_https_address_is_not_passed_on(rooms: Rooms, address: str | None) -> None:
    answer = Answer.as_json(201, {"id": "MSo1", "joinWebUrl": address})
    rooms.sandbox.faults.add(answer, "POST", "/createOrGet")
    with pytest.raises(ItemRejected) as trouble:
        rooms.teams.create(VISIT)
    assert trouble.value.field == "joinWebUrl"
