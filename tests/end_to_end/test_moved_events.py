"""A person drags events from one calendar to another: each service tells of it in its own way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soroe.core.event import Side
from tests.end_to_end.calendars import ExchangeSide, GoogleSide, Microsoft365Side
from tests.end_to_end.crms import EMAIL, tomorrow
from tests.end_to_end.homes import Installation, World

EVERY = pytest.mark.parametrize("world", ["rest", "rest-exchange", "rest-microsoft365", "pipedrive"], indirect=True)
MICROSOFT = pytest.mark.parametrize("world", ["rest-microsoft365"], indirect=True)


def calendars(world: World) -> list[str]:
    """The ids of the user's own calendar and of a further one that he has just made."""
    match world.calendar:
        case GoogleSide(box=google):
            return [EMAIL, google.add_calendar(EMAIL, "Visits")]
        case Microsoft365Side(box=office):
            return [office.calendar_id(EMAIL), office.add_calendar(EMAIL, "Visits")]
        case ExchangeSide(box=exchange):
            return [exchange.calendar(EMAIL).id, exchange.add_calendar(EMAIL, "Visits")]
    raise AssertionError(world.calendar)


def drags(world: World, event: str, calendar: str) -> None:
    """The user drags an event of his own calendar to another, and gives it another title there."""
    match world.calendar:
        case GoogleSide(box=google):
            google.user_moves(EMAIL, event, calendar)
            google.user_patches(EMAIL, event, {"summary": "Visit, upstairs"}, calendar)
        case Microsoft365Side(box=office):
            office.user_moves(EMAIL, event, calendar)
            office.user_renames(EMAIL, event, "Visit, upstairs")
        case ExchangeSide(box=exchange):
            exchange.user_changes(exchange.user_moves(event, calendar), subject="Visit, upstairs")


@EVERY
def test_an_event_that_is_dragged_to_another_synced_calendar_is_one_meeting_still(
    world: World, install: Callable[..., Installation]
) -> None:
    both = calendars(world)
    event = world.calendar.creates("Visit", tomorrow(15))
    laptop = install(calendars=both)
    laptop.settle()
    before = list(world.side.ids().values())
    drags(world, event, both[1])
    laptop.settle()
    assert world.titles() == (["Visit, upstairs"], [])
    assert laptop.about_meetings() == []
    if not isinstance(world.calendar, ExchangeSide):  # there a dragged event gets another id, and is another event
        assert list(world.side.ids().values()) == before


@EVERY
def test_an_event_that_is_dragged_out_of_the_sync_takes_its_activity_along(
    world: World, install: Callable[..., Installation]
) -> None:
    own, other = calendars(world)
    event = world.calendar.creates("Visit", tomorrow(15))
    laptop = install(calendars=[own])
    laptop.settle()
    drags(world, event, other)
    laptop.settle()
    assert world.titles() == ([], [])
    assert laptop.about_meetings() == []


@EVERY
def test_a_full_listing_holds_nothing_up_after_an_event_was_dragged_out_of_the_sync(
    world: World, install: Callable[..., Installation]
) -> None:
    own, other = calendars(world)
    event = world.calendar.creates("Visit", tomorrow(15))
    laptop = install(calendars=[own])
    laptop.settle()
    laptop.joint().store.set_cursor(Side.CALENDAR, laptop.joint().calendar.containers[0], None)
    drags(world, event, other)
    laptop.settle()
    assert world.titles() == ([], [])


@MICROSOFT
def test_an_event_that_can_be_read_among_the_deleted_ones_is_deleted_all_the_same(
    world: World, install: Callable[..., Installation]
) -> None:
    assert isinstance(world.calendar, Microsoft365Side)
    world.calendar.box.find_deleted_events()
    event, other = (world.calendar.creates(title, tomorrow(hour)) for title, hour in (("Visit", 15), ("Call", 17)))
    laptop = install()
    laptop.settle()
    world.calendar.deletes(event)
    laptop.settle()
    assert world.titles() == (["Call"], ["Call"])
    laptop.joint().store.set_cursor(Side.CALENDAR, laptop.joint().calendar.containers[0], None)
    world.calendar.deletes(other)
    laptop.settle()
    assert world.titles() == ([], [])
