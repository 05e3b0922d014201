"""A link to an online meeting: asked for once, made once, on both sides after the next run."""

from __future__ import annotations

from typing import Any

import pytest

from soroe.core.event import AllDay, ItemId, ReadOnlyCause, Recurrence, Ref, Side, bounds_utc
from soroe.engine.accounts import AccountTrouble
from soroe.engine.by_person import CannotResolve
from soroe.engine.meeting_links import add_link
from soroe.engine.undo import undo
from soroe.ports.errors import RetryLater, SignInRequired
from soroe.ports.meeting_links import MeetingLink
from tests.builders import TODAY, Laptop, meeting
from tests.fakes.clock import Clock
from tests.fakes.rooms import Rooms
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, SECOND_CALENDAR, FakeService

from .test_calendars_chosen import chooses

LINK = "https://rooms.example/j/1"


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


def ask(laptop: Laptop, ref: Ref, rooms: Rooms, side: Side = Side.CRM) -> MeetingLink:
    return add_link(laptop.joint(), laptop.store, side, ref, "rooms", rooms)


def in_step(laptop: Laptop, **more: Any) -> Ref:
    """A visit that is on both sides."""
    ref = laptop.crm.user_creates(meeting(**more))
    laptop.until_quiet()
    return ref


def test_a_link_becomes_the_place_on_both_sides(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    assert ask(laptop, ref, rooms).join_url == LINK
    laptop.until_quiet()
    assert [item.content.location for item in (*laptop.crm.items.values(), *laptop.calendar.items.values())] == [
        LINK
    ] * 2


def test_a_place_that_is_there_stays_and_the_link_goes_to_the_notes(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop, location="Osaka", description="Bring samples")
    ask(laptop, ref, rooms)
    laptop.until_quiet()
    content = laptop.crm.items[ref].content
    assert (content.location, content.description) == ("Osaka", f"Bring samples\n\n{LINK}")


def test_a_calendar_that_the_sync_does_not_have_is_left_alone(rooms: Rooms) -> None:
    clock = Clock()
    calendars = (CALENDAR, SECOND_CALENDAR)
    laptop = Laptop(calendar=FakeService(GOOGLE_LIKE, clock, calendars), clock=clock, calendars=calendars)
    event = laptop.calendar.user_moves(laptop.calendar.user_creates(meeting()), SECOND_CALENDAR)
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    chooses(laptop, CALENDAR)
    ask(laptop, event, rooms, Side.CALENDAR)
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.location == ""
    assert laptop.crm.items[activity].content.location == LINK


def test_the_meeting_is_made_for_the_time_and_the_title_of_the_visit(laptop: Laptop, rooms: Rooms) -> None:
    visit = meeting()
    ask(laptop, in_step(laptop), rooms)
    (wanted,) = rooms.made
    assert (wanted.topic, wanted.start, wanted.minutes) == (visit.title, bounds_utc(visit.when)[0], 60)
    assert not wanted.repeats


def test_a_series_gets_one_link_for_every_occurrence(laptop: Laptop, rooms: Rooms) -> None:
    ask(laptop, in_step(laptop, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=3",))), rooms)
    assert [wanted.repeats for wanted in rooms.made] == [True]


def test_one_meeting_gets_one_link(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    ask(laptop, ref, rooms)
    laptop.until_quiet()
    twin = next(iter(laptop.calendar.items))
    for side, one in ((Side.CRM, ref), (Side.CALENDAR, twin)):
        with pytest.raises(CannotResolve, match="has_link_already"):
            ask(laptop, one, rooms, side)
    assert len(rooms.made) == 1


def test_a_lost_answer_makes_no_second_meeting(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    rooms.after_create = RetryLater("answer_lost", outcome_unknown=True)
    with pytest.raises(AccountTrouble):
        ask(laptop, ref, rooms)
    rooms.after_create = None
    assert ask(laptop, ref, rooms).join_url == LINK
    assert len(rooms.made) == 1


def test_a_link_that_was_made_and_not_written_is_written_at_the_next_try(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    laptop.calendar.before_write = lambda _write: RetryLater("http_503")
    with pytest.raises(RetryLater):
        ask(laptop, ref, rooms)
    laptop.calendar.before_write = None
    ask(laptop, ref, rooms)
    laptop.until_quiet()
    assert laptop.crm.items[ref].content.location == LINK
    assert len(rooms.made) == 1


def test_a_service_that_is_not_signed_in_changes_nothing(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    rooms.refuses = SignInRequired("expired")
    with pytest.raises(AccountTrouble) as trouble:
        ask(laptop, ref, rooms)
    assert (trouble.value.account, type(trouble.value.error)) == ("rooms", SignInRequired)
    assert laptop.run().converged
    assert laptop.crm.items[ref].content.location == ""


def test_an_invitation_gets_its_link_in_the_crm_alone(laptop: Laptop, rooms: Rooms) -> None:
    ref = laptop.calendar.user_creates(meeting(), read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    laptop.until_quiet()
    ask(laptop, ref, rooms, Side.CALENDAR)
    assert [item.content.location for item in laptop.crm.items.values()] == [LINK]
    assert laptop.calendar.items[ref].content.location == ""


def test_a_day_and_an_unknown_item_get_no_link(laptop: Laptop, rooms: Rooms) -> None:
    day = in_step(laptop, when=AllDay(TODAY, TODAY.replace(day=TODAY.day + 1)))
    with pytest.raises(CannotResolve, match="all_day_has_no_link"):
        ask(laptop, day, rooms)
    with pytest.raises(CannotResolve, match="no_such_item"):
        ask(laptop, Ref(day.container, ItemId(f"{day.id}x")), rooms)
    assert rooms.made == []


def test_a_link_can_be_taken_back_like_every_change(laptop: Laptop, rooms: Rooms) -> None:
    ref = in_step(laptop)
    ask(laptop, ref, rooms)
    (latest, *_) = laptop.joint().store.runs(1)
    undo(laptop.joint(), latest.id)
    laptop.until_quiet()
    assert laptop.crm.items[ref].content.location == ""
