"""Series over whole runs: exceptions, cancelled occurrences, and single events that become series."""

from __future__ import annotations

from datetime import datetime

from soroe.core.dialect import PIPEDRIVE
from soroe.core.event import ItemId, Occurrence, Recurrence, Ref, Side, occurrence_id
from soroe.ports.remote import Delete
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, PIPEDRIVE_LIKE, FakeService

from .world import WINDOW

DAILY = Recurrence(("FREQ=DAILY;COUNT=4",))


def pipedrive() -> Laptop:
    clock = Clock()
    return Laptop(FakeService(PIPEDRIVE_LIKE, clock), FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=PIPEDRIVE)


def day(series: Ref, number: int) -> Ref:
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 12 + number, 1)))


def both(laptop: Laptop) -> list[list[tuple[str, object]]]:
    """What people see on both sides."""
    return [
        sorted((i.content.title, i.content.when.start) for i in service.shown(WINDOW.first, WINDOW.last))
        for service in (laptop.crm, laptop.calendar)
    ]


def test_a_series_goes_over_whole_with_its_exceptions_and_cancelled_days() -> None:
    laptop = Laptop()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.calendar.user_changes(day(series, 1), title="Stand-up, long", when=at(15, day=13))
    laptop.calendar.user_deletes(day(series, 2))
    laptop.until_quiet()
    crm, calendar = both(laptop)
    assert crm == calendar
    assert len(crm) == 3


def test_a_moved_occurrence_keeps_its_link() -> None:
    laptop = Laptop()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    laptop.calendar.user_changes(day(series, 1), when=at(15, day=13))
    laptop.until_quiet()
    link = laptop.joint().store.link(Side.CALENDAR, day(series, 1))
    laptop.calendar.user_changes(day(series, 1), when=at(16, day=13))
    laptop.until_quiet()
    assert link is not None
    assert laptop.joint().store.link(Side.CALENDAR, day(series, 1)) is not None
    crm, calendar = both(laptop)
    assert crm == calendar


def test_a_cancelled_occurrence_leaves_its_place_across_to_no_other_that_was_changed() -> None:
    laptop = Laptop()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.calendar.user_changes(day(series, 0), title="Stand-up, long")
    laptop.until_quiet()
    laptop.calendar.user_deletes(day(series, 0))
    laptop.calendar.user_changes(day(series, 2), title="Review", when=at(15, day=14))
    laptop.until_quiet()
    crm, calendar = both(laptop)
    assert crm == calendar
    assert len(laptop.crm.items) == 2


def test_a_day_cancelled_in_the_crm_is_cancelled_in_the_calendar() -> None:
    laptop = Laptop()
    series = laptop.crm.user_creates(meeting("Visit", recurrence=DAILY), activity_type="meeting")
    laptop.until_quiet()
    laptop.crm.user_deletes(day(series, 3))
    laptop.until_quiet()
    crm, calendar = both(laptop)
    assert crm == calendar
    assert len(calendar) == 3


def test_esm_i5_a_crm_without_series_gets_every_occurrence_as_an_item() -> None:
    laptop = pipedrive()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 4
    laptop.calendar.user_changes(day(series, 1), title="Stand-up, long")
    laptop.calendar.user_deletes(day(series, 2))
    laptop.until_quiet()
    assert sorted(content.title for content in laptop.crm.contents()) == ["Stand-up", "Stand-up", "Stand-up, long"]


def test_an_activity_deleted_in_the_crm_cancels_just_its_occurrence() -> None:
    laptop = pipedrive()
    laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    activities = sorted(laptop.crm.items)
    laptop.crm.user_deletes(activities[0])
    laptop.crm.user_deletes(activities[1])
    laptop.crm.user_changes(activities[2], title="Stand-up, long")
    laptop.until_quiet()
    assert len(laptop.crm.items) == 2
    assert [title for title, _ in both(laptop)[1]] == ["Stand-up", "Stand-up, long"]
    assert len([write for write in laptop.calendar.written if isinstance(write, Delete)]) == 2


def test_a_deleted_series_takes_all_its_activities_along() -> None:
    laptop = pipedrive()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    laptop.calendar.user_deletes(series)
    laptop.until_quiet()
    assert laptop.crm.items == {}


def test_a_series_missing_from_a_full_listing_takes_its_activities_along_once_confirmed() -> None:
    laptop = pipedrive()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    laptop.calendar.user_deletes(series)
    laptop.calendar.lies.expired = True
    laptop.until_quiet()
    assert laptop.crm.items == {}
    laptop.clock.later(days=1)
    assert laptop.run().converged
    assert laptop.crm.items == {}


def test_sf_14_a_single_event_that_becomes_a_series_keeps_its_activity() -> None:
    for laptop in (pipedrive(), Laptop()):
        event = laptop.calendar.user_creates(meeting("Stand-up"))
        laptop.until_quiet()
        (activity,) = laptop.crm.items
        laptop.calendar.user_changes(event, recurrence=DAILY)
        laptop.until_quiet()
        assert activity in laptop.crm.items
        crm, calendar = both(laptop)
        assert [title for title, _ in crm] == [title for title, _ in calendar] == ["Stand-up"] * 4


def test_a_series_that_becomes_a_single_event_keeps_the_activity_of_that_day() -> None:
    laptop = pipedrive()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    first = laptop.joint().store.link(Side.CALENDAR, day(series, 0))
    laptop.calendar.user_changes(series, recurrence=None)
    laptop.until_quiet()
    assert first is not None
    assert list(laptop.crm.items) == [first.crm]


def test_the_window_rolls_on_with_the_days() -> None:
    laptop = pipedrive()
    laptop.calendar.user_creates(meeting("Stand-up", recurrence=Recurrence(("FREQ=WEEKLY",))))
    laptop.until_quiet()
    before = len(laptop.crm.items)
    laptop.clock.later(days=14)
    laptop.until_quiet()
    assert len(laptop.crm.items) == before + 2


def test_an_invitation_to_one_occurrence_only_is_a_meeting_of_its_own() -> None:
    for laptop in (pipedrive(), Laptop()):
        occurrence = Occurrence(ItemId("foreign-series"), datetime(2026, 5, 13, 1))
        ref = Ref(CALENDAR, occurrence_id(occurrence.series, occurrence.original_start))
        laptop.calendar.user_invited(ref, meeting("Guest talk", at(10, day=13)), occurrence)
        laptop.until_quiet()
        assert [content.title for content in laptop.crm.contents()] == ["Guest talk"]
        laptop.calendar.user_changes(ref, title="Guest talk, room 2")
        laptop.until_quiet()
        assert [content.title for content in laptop.crm.contents()] == ["Guest talk, room 2"]


def test_a_runaway_rule_is_reported_and_the_rest_goes_on() -> None:
    laptop = pipedrive()
    bomb = laptop.calendar.user_creates(meeting("Bomb", recurrence=Recurrence(("FREQ=SECONDLY",))))
    laptop.calendar.user_creates(meeting("Dentist", at(14)))
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Dentist"]
    (finding,) = laptop.joint().store.findings()
    assert (finding.calendar, finding.fields) == (bomb, ("recurrence",))


def test_an_exception_made_while_the_database_was_lost_goes_over_too() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit", recurrence=DAILY), activity_type="meeting")
    laptop.until_quiet()
    (series,) = laptop.calendar.items
    laptop.calendar.user_changes(day(series, 1), title="Visit, long")
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock)
    fresh.until_quiet()
    crm, calendar = both(fresh)
    assert crm == calendar
    assert "Visit, long" in [title for title, _ in crm]


def test_occurrences_cancelled_while_the_database_was_lost_stay_cancelled() -> None:
    laptop = Laptop()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    laptop.calendar.user_deletes(day(series, 1))
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock)
    fresh.until_quiet()
    crm, calendar = both(fresh)
    assert crm == calendar
    assert len(crm) == 3


def test_s_3_an_exception_that_a_feed_says_is_gone_is_looked_up_before_it_is_cancelled_across() -> None:
    laptop = Laptop()
    series = laptop.crm.user_creates(meeting("Visit", recurrence=DAILY), activity_type="meeting")
    laptop.crm.user_changes(day(series, 1), title="Visit, long")
    laptop.until_quiet()
    laptop.crm.lies.false_tombstones = [day(series, 1)]
    laptop.run()
    laptop.crm.lies.false_tombstones = []
    laptop.until_quiet()
    crm, calendar = both(laptop)
    assert crm == calendar
    assert "Visit, long" in [title for title, _ in calendar]
