"""Calendars that a sync does not have: those taken out of it, and those that a plan has only looked at (S-6, PD-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.event import ContainerId, Ref, Side
from soroe.core.plan import Why
from soroe.engine.explain import explain
from soroe.engine.preview import preview
from soroe.engine.run import Run
from tests.builders import Laptop, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, SECOND_CALENDAR, FakeService

BOTH = (CALENDAR, SECOND_CALENDAR)


def with_two_calendars() -> Laptop:
    """A laptop whose sync has two calendars."""
    clock = Clock()
    laptop = Laptop(calendar=FakeService(GOOGLE_LIKE, clock, BOTH), clock=clock)
    chooses(laptop, *BOTH)
    return laptop


def chooses(laptop: Laptop, *calendars: ContainerId) -> None:
    """A person chooses the calendars of the sync."""
    laptop.calendar.all_containers = calendars
    laptop.route = replace(laptop.route, calendars=calendars)


def in_the_second(laptop: Laptop, title: str = "Dentist") -> Ref:
    """An event in the second calendar."""
    return laptop.calendar.user_moves(laptop.calendar.user_creates(meeting(title)), SECOND_CALENDAR)


def taken_out() -> tuple[Laptop, Ref, Ref]:
    """A laptop of which the second calendar was taken out; one of its two meetings was renamed in the CRM since, the
    other deleted there. Their events come along."""
    laptop = with_two_calendars()
    event, gone = in_the_second(laptop), in_the_second(laptop, "Doctor")
    laptop.until_quiet()
    activities = {item.content.title: ref for ref, item in laptop.crm.items.items()}
    chooses(laptop, CALENDAR)
    laptop.crm.user_changes(activities["Dentist"], title="Dentist, later")
    laptop.crm.user_deletes(activities["Doctor"])
    laptop.until_quiet()
    return laptop, event, gone


def why(laptop: Laptop, side: Side, ref: Ref) -> Why | None:
    return laptop.joint().store.why(side, ref)


@pytest.mark.parametrize("is_previewed", [False, True], ids=["plan", "preview"])
def test_a_calendar_that_was_only_looked_at_is_not_carried_into_the_crm(is_previewed: bool) -> None:
    laptop = with_two_calendars()
    event = in_the_second(laptop)
    joint = laptop.joint()
    if is_previewed:
        preview(joint, joint)
    else:
        Run(joint).plan()
    chooses(laptop, CALENDAR)
    laptop.until_quiet()
    assert laptop.crm.items == {}
    assert why(laptop, Side.CALENDAR, event) is Why.CALENDAR_NOT_CHOSEN


def test_what_was_linked_is_left_alone_once_its_calendar_is_taken_out() -> None:
    laptop, event, gone = taken_out()
    assert [laptop.calendar.items[ref].content.title for ref in (event, gone)] == ["Dentist", "Doctor"]
    (activity,) = laptop.crm.items
    assert why(laptop, Side.CRM, activity) is Why.CALENDAR_NOT_CHOSEN
    told = explain(laptop.joint(), activity.id)
    assert told is not None and told.why is Why.CALENDAR_NOT_CHOSEN


def test_a_calendar_that_is_chosen_again_goes_on_where_it_was() -> None:
    laptop, event, gone = taken_out()
    laptop.calendar.user_changes(event, description="bring the card")
    chooses(laptop, *BOTH)
    laptop.until_quiet()
    assert gone not in laptop.calendar.items
    (crm,), (calendar,) = laptop.crm.contents(), laptop.calendar.contents()
    assert crm.title == calendar.title == "Dentist, later"
    assert crm.description == calendar.description == "bring the card"


def test_an_event_of_a_calendar_that_is_not_chosen_is_nobodys_twin() -> None:
    laptop = with_two_calendars()
    in_the_second(laptop, "Visit")
    Run(laptop.joint()).plan()
    chooses(laptop, CALENDAR)
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    assert sorted(ref.container for ref in laptop.calendar.items) == sorted(BOTH)
    assert laptop.joint().store.link_count() == 1
    assert laptop.joint().store.findings() == []
