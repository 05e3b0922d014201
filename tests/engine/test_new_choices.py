"""Choices that change how items look to each other: what was kept under the old ones misleads nobody (S-2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.event import ContainerId, Side, Visibility
from soroe.core.matching import match_key
from soroe.core.route import Direction, PrivacyPolicy
from soroe.engine.phase import Phase
from soroe.engine.run import Run
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, SECOND_CALENDAR, FakeService

PRIVATE = meeting("Doctor", at(14), visibility=Visibility.PRIVATE)


def counts(laptop: Laptop) -> tuple[int, int, int]:
    """Activities, events and links."""
    return len(laptop.crm.items), len(laptop.calendar.items), laptop.joint().store.link_count()


def test_an_event_shown_in_full_from_now_on_is_matched_by_its_title() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.SKIP)
    laptop.calendar.user_creates(PRIVATE)
    laptop.until_quiet()
    laptop.route = replace(laptop.route, privacy=PrivacyPolicy.FULL)
    laptop.crm.user_creates(PRIVATE)
    laptop.until_quiet()
    assert counts(laptop) == (1, 1, 1)


def test_an_event_shown_as_a_block_from_now_on_is_matched_by_the_word_for_it() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.FULL, direction=Direction.CRM_TO_CALENDAR)
    laptop.calendar.user_creates(PRIVATE)
    laptop.until_quiet()
    laptop.route = replace(laptop.route, privacy=PrivacyPolicy.BLOCK, direction=Direction.TWO_WAY)
    laptop.crm.user_creates(meeting("Private", at(14)))
    laptop.until_quiet()
    assert counts(laptop) == (1, 1, 1)


def test_another_word_for_private_events_makes_them_look_like_it_at_once() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.SKIP)
    event = laptop.calendar.user_creates(PRIVATE)
    laptop.until_quiet()
    laptop.route = replace(laptop.route, private_title="予定あり")
    assert laptop.run().converged
    key = match_key(meeting("予定あり", at(14)), Side.CALENDAR, laptop.dialect, laptop.route.zone)
    assert [found.item.ref for found in laptop.joint().store.same_key(key)] == [event]


def test_a_calendar_that_comes_back_is_compared_by_the_choices_of_now() -> None:
    clock, both = Clock(), (CALENDAR, SECOND_CALENDAR)
    laptop = Laptop(calendar=FakeService(GOOGLE_LIKE, clock, both), clock=clock, privacy=PrivacyPolicy.SKIP)

    def choose(*calendars: ContainerId, privacy: PrivacyPolicy) -> None:
        laptop.calendar.all_containers = calendars
        laptop.route = replace(laptop.route, calendars=calendars, privacy=privacy)

    choose(*both, privacy=PrivacyPolicy.SKIP)
    laptop.calendar.user_moves(laptop.calendar.user_creates(PRIVATE), SECOND_CALENDAR)
    laptop.until_quiet()
    choose(CALENDAR, privacy=PrivacyPolicy.FULL)
    laptop.until_quiet()
    laptop.crm.user_creates(PRIVATE)
    choose(*both, privacy=PrivacyPolicy.FULL)
    laptop.until_quiet()
    assert counts(laptop) == (1, 1, 1)


def test_keys_that_were_made_anew_half_way_are_not_left_so_when_the_choice_is_taken_back() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.FULL, direction=Direction.CRM_TO_CALENDAR)
    laptop.calendar.user_creates(PRIVATE)
    laptop.until_quiet()
    before, ended = laptop.route, replace(laptop.route, privacy=PrivacyPolicy.BLOCK)
    laptop.route = ended
    joint, keys = laptop.joint(), laptop.joint().store.set_keys

    class Ended(Exception):
        """The program ends."""

    def end(phase: Phase, _done: int, _of: int | None) -> None:
        if phase is Phase.OBSERVE_CALENDAR and joint.store.state().settings.endswith(":"):
            for ref in laptop.calendar.items:
                keys(Side.CALENDAR, [(ref, b"half way")])
            raise Ended

    with pytest.raises(Ended):
        Run(joint.reporting(end)).plan()
    laptop.route = before
    laptop.crm.user_creates(PRIVATE)
    laptop.until_quiet()
    assert counts(laptop) == (1, 1, 1)


def test_keys_that_a_program_of_before_has_made_are_made_anew() -> None:
    """Else an item kept from then would never look like one that is seen from now on."""
    laptop = Laptop(direction=Direction.CALENDAR_TO_CRM)
    activity = laptop.crm.user_creates(meeting("Visit"))
    laptop.until_quiet()
    store = laptop.joint().store
    with store.transaction():
        store.set_keys(Side.CRM, [(activity, b"as once")])
        state = store.state()
        store.save_state(replace(state, settings=state.settings.rpartition(":")[0]))
    laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    assert counts(laptop) == (1, 1, 1)
