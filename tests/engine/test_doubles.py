"""Ways in which a meeting was doubled or lost once, each found by whole runs in any order (`test_any_order`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE
from soroe.core.event import Recurrence, Ref, Side, Visibility, occurrence_id
from soroe.core.finding import FindingAction, FindingKind
from soroe.core.stamp import decode
from soroe.engine.resolve import resolve
from soroe.ports.errors import PortError, RetryLater
from soroe.ports.remote import Capabilities, Create, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.lies import Lies
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .world import WINDOW

WEEKLY = Recurrence(("FREQ=WEEKLY;COUNT=3",))


class Desks:
    """One person's accounts and two laptops of which the second knows nothing yet."""

    def __init__(self, crm: Capabilities = REST_LIKE, calendar: Capabilities = GOOGLE_LIKE) -> None:
        self.clock = Clock()
        self.crm = FakeService(crm, self.clock)
        self.calendar = FakeService(calendar, self.clock)
        self.dialect = GENERIC if crm.native_recurrence else PIPEDRIVE
        self.first, self.second = self.laptop("first"), self.laptop("second")

    def laptop(self, name: str) -> Laptop:
        """A laptop with an empty database."""
        return Laptop(self.crm, self.calendar, clock=self.clock, dialect=self.dialect, installation=name)

    def rest(self) -> None:
        """Both come to rest."""
        for laptop in (self.first, self.second, self.first):
            self.clock.later(minutes=15)
            laptop.until_quiet()
        assert self.second.run().converged

    def shown(self) -> list[list[tuple[str, str]]]:
        """What people see on both sides."""
        return [
            sorted((item.content.title, str(item.content.when.start)) for item in side.shown(WINDOW.first, WINDOW.last))
            for side in (self.crm, self.calendar)
        ]

    def titles(self) -> list[str]:
        """All titles, the same on both sides."""
        crm, calendar = ([title for title, _ in side] for side in self.shown())
        assert crm == calendar
        return crm


def day(series: Ref, number: int) -> Ref:
    """An occurrence of a series that begins on 12 May at 10 in Tokyo."""
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 12 + 7 * number, 1)))


def in_the_middle(service: FakeService, laptop: Laptop) -> None:
    """Another laptop syncs right before the next write."""

    def interrupt(_write: Write) -> PortError | None:
        service.before_write = None
        laptop.run()
        return None

    service.before_write = interrupt


# --- stamps, and partners said to be gone ---
def test_a_feed_that_buries_a_living_partner_makes_no_double() -> None:
    desks = Desks()
    desks.second.run()
    activity = desks.crm.user_creates(meeting("Visit"), activity_type="meeting")
    desks.first.run()
    desks.crm.lies = Lies(false_tombstones=[activity])
    desks.second.run()
    desks.crm.lies = Lies()
    desks.rest()
    assert desks.titles() == ["Visit"]


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("lies", [False, True], ids=["unknown", "said-to-be-gone"])
def test_a_partner_that_nobody_can_read_is_not_made_a_second_time(side: Side, lies: bool) -> None:
    desks = Desks(replace(REST_LIKE, restore=False), replace(GOOGLE_LIKE, restore=False))
    made, twin = (desks.calendar, desks.crm) if side is Side.CALENDAR else (desks.crm, desks.calendar)
    item = made.user_creates(meeting("Visit"), **({} if side is Side.CALENDAR else {"activity_type": "meeting"}))
    desks.first.run()
    made.unreadable[item] = "title"
    made.lies = Lies(false_tombstones=[item] if lies else [])
    for _ in range(3):
        desks.second.run()
    assert (list(made.items), len(twin.items)) == ([item], 1)
    made.unreadable, made.lies = {}, Lies()
    made.user_changes(item, description="bring the samples")
    desks.rest()
    assert desks.titles() == ["Visit"]


def test_two_laptops_bring_the_same_twin_back_though_only_one_knew_it() -> None:
    desks = Desks()
    activity = desks.crm.user_creates(meeting("Visit"), activity_type="meeting")
    desks.first.run()
    (event,) = desks.calendar.items
    desks.crm.user_deletes(activity)
    desks.calendar.user_changes(event, description="bring the samples")
    in_the_middle(desks.crm, desks.second)
    desks.first.run()
    desks.rest()
    assert desks.titles() == ["Visit"]
    assert list(desks.crm.items) == [activity]


def test_a_new_event_that_its_first_feed_called_gone_as_well_is_looked_up() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    desks.first.run()
    event = desks.calendar.user_creates(meeting("Visit"))
    desks.calendar.lies = Lies(false_tombstones=[event])
    desks.first.run()
    desks.calendar.lies = Lies()
    desks.rest()
    assert desks.titles() == ["Visit"]


def test_a_copy_follows_an_original_that_was_deleted_right_away() -> None:
    desks = Desks()
    activity = desks.crm.user_creates(meeting("Visit"), activity_type="meeting")
    desks.first.run()
    (event,) = desks.calendar.items
    desks.calendar.user_copies(event, title="Visit, moved", when=at(16))
    desks.calendar.user_deletes(event)
    desks.rest()
    assert desks.titles() == ["Visit, moved"]
    assert list(desks.crm.items) == [activity]


def test_a_copy_does_not_follow_an_original_that_only_the_feed_says_is_gone() -> None:
    desks = Desks()
    desks.crm.user_creates(meeting("Visit"), activity_type="meeting")
    desks.first.run()
    (event,) = desks.calendar.items
    desks.calendar.user_copies(event, title="Second visit", when=at(16))
    desks.calendar.lies = Lies(false_tombstones=[event])
    desks.first.run()
    desks.calendar.lies = Lies()
    desks.rest()
    assert desks.titles() == ["Second visit", "Visit"]


def test_what_was_made_of_a_copy_beats_the_stamp_that_the_copy_brought_along() -> None:
    desks = Desks()
    desks.crm.user_creates(meeting("Visit"), activity_type="meeting")
    desks.first.run()
    (event,) = desks.calendar.items
    copy = desks.calendar.user_copies(event, title="Second visit", when=at(16))
    desks.first.run()
    desks.calendar.user_deletes(event)
    desks.second.run()
    (second,) = [ref for ref, item in desks.crm.items.items() if item.content.title == "Second visit"]
    link = desks.second.joint().store.link(Side.CALENDAR, copy)
    assert link is not None
    assert link.crm == second
    desks.rest()
    assert desks.titles().count("Second visit") == 1


def test_a_pair_that_a_feed_calls_gone_on_both_sides_is_looked_up_before_its_successor_is_carried_over() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    event = desks.calendar.user_creates(meeting("Visit"))
    desks.first.run()
    (activity,) = desks.crm.items
    desks.calendar.user_deletes(event)
    desks.second.run()
    desks.crm.user_changes(activity, title="Lunch", when=at(12))
    desks.crm.lies = Lies(false_tombstones=[activity])
    desks.first.run()
    desks.crm.lies = Lies()
    desks.rest()
    assert desks.titles() == ["Lunch"]
    assert list(desks.crm.items) == [activity]


# --- series in a CRM that takes them as they are ---
def test_an_exception_that_fell_with_its_series_is_not_made_again() -> None:
    desks = Desks()
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.calendar.user_changes(day(series, 0), title="Kick-off")
    desks.first.until_quiet()
    desks.calendar.user_deletes(day(series, 0))
    desks.second.run()
    assert desks.titles() == ["Jour fixe", "Jour fixe"]
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Jour fixe"]


def test_a_change_to_an_occurrence_that_was_cancelled_across_brings_it_back_on_both_sides() -> None:
    desks = Desks()
    series = desks.crm.user_creates(meeting("Jour fixe", recurrence=WEEKLY), activity_type="meeting")
    desks.rest()
    (event,) = desks.calendar.items
    desks.crm.user_changes(day(series, 0), title="Kick-off")
    desks.calendar.user_deletes(day(event, 0))
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Kick-off"]
    desks.calendar.user_deletes(day(event, 1))
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Kick-off"]


def test_an_occurrence_that_is_made_again_comes_back_in_its_place() -> None:
    desks = Desks()
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.calendar.user_changes(day(series, 0), title="Kick-off")
    desks.rest()
    (activity,) = [ref for ref in desks.crm.items if "#" not in ref.id]
    desks.crm.user_deletes(day(activity, 0))
    desks.calendar.user_changes(day(series, 0), title="Kick-off, second floor")
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Kick-off, second floor"]
    assert day(activity, 0) in desks.crm.items


# --- occurrences as single items, in a CRM where nothing can be hidden ---
def test_an_occurrence_that_was_moved_before_a_new_laptop_saw_it_is_known_by_its_place_in_the_series() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.first.run()
    desks.calendar.user_changes(day(series, 1), when=at(16, day=19))
    desks.second.run()
    desks.rest()
    assert desks.titles() == ["Jour fixe"] * 3
    assert len(desks.crm.items) == 3


def test_an_occurrence_that_differs_from_its_series_bears_a_stamp_and_no_other_does() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.rest()
    assert list(desks.calendar.items) == [series]
    desks.calendar.user_changes(day(series, 1), title="Review")
    desks.rest()
    stamp = decode(desks.calendar.items[day(series, 1)].stamp)
    assert stamp is not None
    assert stamp.partner.endswith(
        "".join(ref.id for ref, item in desks.crm.items.items() if item.content.title == "Review")
    )
    desks.calendar.user_changes(day(series, 1), visibility=Visibility.PRIVATE)
    desks.first.run()
    desks.second = desks.laptop("second")
    desks.rest()
    assert len(desks.crm.items) == 3


def renamed() -> tuple[Desks, Ref, Ref]:
    """The activity of an occurrence was renamed, and a laptop that knows nothing is the first to see it."""
    desks = Desks(PIPEDRIVE_LIKE)
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.first.run()
    activity = sorted(desks.crm.items)[1]
    desks.crm.user_changes(activity, title="Review")
    desks.second.run()
    return desks, activity, day(series, 1)


def test_a_pair_that_looks_different_to_a_new_laptop_is_asked_about_and_not_made_twice() -> None:
    desks, activity, event = renamed()
    assert not [write for write in desks.calendar.written if isinstance(write, Create)]
    assert len(desks.crm.items) == 3
    (finding,) = desks.second.joint().store.findings()
    assert (finding.kind, set(finding.group())) == (
        FindingKind.DUPLICATE, {(Side.CRM, activity), (Side.CALENDAR, event)}
    )  # fmt: skip # short values, several a line


def test_an_activity_with_another_title_and_another_time_is_known_by_when_it_was_made() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.first.run()
    activity = sorted(desks.crm.items)[1]
    desks.clock.later(hours=3)
    desks.crm.user_changes(activity, title="Review", when=at(16, day=21))
    alone = desks.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    desks.second.run()
    assert len(desks.crm.items) == 4
    (finding,) = desks.second.joint().store.findings()
    assert set(finding.group()) == {(Side.CRM, activity), (Side.CALENDAR, day(series, 1))}
    assert desks.second.joint().store.link(Side.CRM, alone) is not None, "made later, so it is a meeting of its own"
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Lunch", "Review"]


def test_the_question_goes_away_once_the_laptop_that_knows_the_pair_has_synced() -> None:
    desks, activity, event = renamed()
    desks.rest()
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Review"]
    store = desks.second.joint().store
    link = store.link(Side.CRM, activity)
    assert link is not None
    assert link.calendar == event
    assert store.findings() == []


def test_a_person_may_say_that_the_two_are_one_meeting() -> None:
    desks, activity, event = renamed()
    desks.first = desks.second
    (finding,) = desks.second.joint().store.findings()
    resolve(desks.second.joint(), finding.id, FindingAction.MERGE)
    desks.second.until_quiet()
    link = desks.second.joint().store.link(Side.CRM, activity)
    assert link is not None
    assert link.calendar == event
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Review"]


def test_a_person_may_say_that_the_two_are_different_meetings() -> None:
    desks, _, _ = renamed()
    (finding,) = desks.second.joint().store.findings()
    resolve(desks.second.joint(), finding.id, FindingAction.NOT_A_DUPLICATE)
    desks.second.until_quiet()
    assert desks.titles() == ["Jour fixe", "Jour fixe", "Jour fixe", "Review"]


def test_an_activity_that_goes_away_takes_the_question_along() -> None:
    desks, activity, event = renamed()
    desks.crm.user_deletes(activity)
    desks.second.until_quiet()
    assert desks.titles() == ["Jour fixe"] * 3
    assert desks.second.joint().store.findings() == []
    assert desks.second.joint().store.link(Side.CALENDAR, event) is not None


def test_a_living_occurrence_that_a_feed_called_cancelled_comes_back() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    series = desks.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    desks.first.run()
    desks.calendar.lies = Lies(false_tombstones=[day(series, 1)])
    desks.first.run()
    desks.calendar.lies = Lies()
    desks.crm.user_deletes(sorted(desks.crm.items)[1])
    desks.first.until_quiet()
    assert desks.titles() == ["Jour fixe"] * 2
    assert day(series, 1) in desks.calendar.cancelled


def test_what_was_made_of_a_claimed_event_and_then_renamed_is_asked_about() -> None:
    desks = Desks(PIPEDRIVE_LIKE)
    desks.calendar.user_creates(meeting("Visit"))
    claimed = [False]

    def no_stamp(_write: Write) -> PortError | None:
        if claimed[0]:
            return RetryLater("unreachable")
        claimed[0] = True
        return None

    desks.calendar.before_write = no_stamp
    desks.first.run()
    desks.calendar.before_write = None
    (activity,) = desks.crm.items
    desks.crm.user_changes(activity, title="Visit to Osaka")
    desks.second.run()
    assert len(desks.calendar.items) == 1
    assert [finding.kind for finding in desks.second.joint().store.findings()] == [FindingKind.DUPLICATE]
    desks.rest()
    assert desks.titles() == ["Visit to Osaka"]
    assert desks.second.joint().store.findings() == []
