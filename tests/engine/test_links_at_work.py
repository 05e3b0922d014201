"""A link that is asked for in the window: what the sync's thread makes of it, and of the place it comes from."""

from __future__ import annotations

import pytest

from soroe.core.event import Ref, Side
from soroe.engine.accounts import HealthBook
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import AddLink, CommandDone, HealthChanged, Start
from soroe.engine.worker import Desk
from soroe.ports.errors import PortError, RetryLater, SignInRequired
from tests.builders import meeting
from tests.fakes.rooms import Rooms

from .workplace import SYNC, Workplace

LINK = "https://rooms.example/j/1"


@pytest.fixture
def place() -> Workplace:
    place = Workplace()
    place.rooms["zoom"] = Rooms()
    return place


@pytest.fixture
def desk(place: Workplace) -> Desk:
    return place.desk()


@pytest.fixture
def ref(place: Workplace, desk: Desk) -> Ref:
    """A visit that is on both sides."""
    ref = place.crm.user_creates(meeting())
    desk.handle(Start(SYNC))
    return ref


def asks(desk: Desk, ref: Ref, account: str = "zoom") -> AddLink:
    command = AddLink(SYNC, Side.CRM, ref, account)
    desk.handle(command)
    return command


def health(place: Workplace, account: str = "zoom") -> HealthState:
    return HealthBook(place.store, place.clock, lambda _: None).of(account).state


def test_the_link_is_on_both_sides_when_the_command_is_done(place: Workplace, desk: Desk, ref: Ref) -> None:
    command = asks(desk, ref)
    assert place.of(CommandDone) == [CommandDone(command)]
    items = (*place.crm.items.values(), *place.calendar.items.values())
    assert [item.content.location for item in items] == [LINK, LINK]
    assert place.rooms["zoom"].closed == 1


def test_a_link_that_came_about_mends_what_was_said_of_its_place(place: Workplace, desk: Desk, ref: Ref) -> None:
    book = HealthBook(place.store, place.clock, lambda _: None)
    book.met("zoom", RetryLater("http_503"))
    asks(desk, ref)
    assert health(place) is HealthState.CONNECTED
    assert [told.account for told in place.of(HealthChanged)] == ["zoom"]


@pytest.mark.parametrize(
    ("error", "state"),
    [(SignInRequired("expired"), HealthState.SIGN_IN_NEEDED), (RetryLater("http_503"), HealthState.RETRYING)],
)
def test_trouble_of_the_place_is_told_of_the_place_alone(
    place: Workplace, desk: Desk, ref: Ref, error: PortError, state: HealthState
) -> None:
    place.rooms["zoom"].refuses = error
    command = asks(desk, ref)
    assert place.of(CommandDone) == [CommandDone(command, type(error).__name__)]
    assert (health(place), health(place, "crm"), health(place, "calendar")) == (
        state, HealthState.CONNECTED, HealthState.CONNECTED
    )  # fmt: skip # short values, several a line
    assert place.rooms["zoom"].closed == 1


def test_a_place_whose_sign_in_was_refused_is_not_asked(place: Workplace, desk: Desk, ref: Ref) -> None:
    HealthBook(place.store, place.clock, lambda _: None).set("zoom", Health(HealthState.SIGN_IN_NEEDED))
    command = asks(desk, ref)
    assert place.of(CommandDone) == [CommandDone(command, "place_not_connected")]
    assert place.rooms["zoom"].made == []


def test_a_place_that_was_removed_meanwhile_is_told(place: Workplace, desk: Desk, ref: Ref) -> None:
    command = asks(desk, ref, "gone")
    assert place.of(CommandDone) == [CommandDone(command, "LocalTrouble")]


def test_what_cannot_have_a_link_says_why(place: Workplace, desk: Desk, ref: Ref) -> None:
    asks(desk, ref)
    command = asks(desk, ref)
    assert place.of(CommandDone)[-1] == CommandDone(command, "has_link_already")
    assert len(place.rooms["zoom"].made) == 1
