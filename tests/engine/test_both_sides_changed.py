"""What people changed on both sides before a run came by is merged field by field, whatever the CRM moves too (S-1)."""

from __future__ import annotations

import pytest

from soroe.core.dialect import ESALES, GENERIC, ORACLE, SALESFORCE, Dialect
from soroe.core.event import Particulars, Recurrence, Ref
from soroe.core.rules.grid import rounded
from soroe.ports.remote import Capabilities, Create, Update, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.salesforce import STAMPED
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .test_series import day

DAILY = Recurrence(("FREQ=DAILY;COUNT=4",))
SERIES = pytest.mark.parametrize(
    ("crm", "dialect"), [(REST_LIKE, GENERIC), (STAMPED, SALESFORCE)], ids=["any CRM", "Salesforce"]
)


def in_step(crm: Capabilities, dialect: Dialect, **about: object) -> tuple[Laptop, Ref, Ref]:
    """One meeting that was made in the CRM, with its activity and its event."""
    clock = Clock()
    laptop = Laptop(FakeService(crm, clock), FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=dialect)
    activity = laptop.crm.user_creates(meeting("Visit", location="Osaka"), activity_type="Event", **about)
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    clock.later(minutes=1)
    return laptop, activity, event


def test_an_event_that_was_moved_keeps_its_time_though_the_crm_rounds_that_of_the_entry_edited_there() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ESALES)
    laptop.calendar.user_changes(event, when=at(14, 7))
    laptop.until_quiet()
    laptop.calendar.user_changes(event, when=at(16, 22))
    laptop.clock.later(minutes=1)
    when = rounded(laptop.crm.items[activity].content.when, ESALES)
    assert when == at(14, 5)
    laptop.crm.user_changes(activity, description="Bring the map", when=when)
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.when == at(16, 22)
    assert laptop.calendar.items[event].content.description == "Bring the map"
    assert laptop.crm.items[activity].content.when == at(16, 22)


def test_an_event_that_was_renamed_keeps_its_name_though_its_place_was_changed_in_the_crm() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ORACLE)
    assert laptop.calendar.items[event].content.title == "Visit (Osaka)"
    laptop.calendar.user_changes(event, title="Lunch (Osaka)")
    laptop.clock.later(minutes=1)
    laptop.crm.user_changes(activity, location="Kyoto")
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Lunch"
    assert laptop.calendar.items[event].content.title == "Lunch (Kyoto)"


def test_an_event_that_was_renamed_keeps_its_name_though_its_deal_was_changed_in_the_crm() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ESALES, particulars=Particulars("Aoki", "Lifts"))
    tail = laptop.calendar.items[event].content.title.removeprefix("Visit")
    assert "Lifts" in tail
    laptop.calendar.user_changes(event, title=f"Lunch{tail}")
    laptop.clock.later(minutes=1)
    laptop.crm.user_learns(activity, Particulars("Aoki", "Doors"))
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Lunch"
    assert laptop.calendar.items[event].content.title == f"Lunch{tail}".replace("Lifts", "Doors")


def test_an_activity_that_was_renamed_keeps_its_name_though_the_event_shows_another_place_behind_the_old_one() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ORACLE)
    laptop.crm.user_changes(activity, title="Lunch")
    laptop.clock.later(minutes=1)
    laptop.calendar.user_changes(event, title="Visit (Kyoto)", location="Kyoto")  # as another laptop writes it
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Lunch"
    assert laptop.calendar.items[event].content.title == "Lunch (Kyoto)"


def test_of_two_names_that_people_gave_the_newer_one_stands_with_the_crms_own_place_behind_it() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ORACLE)
    laptop.calendar.user_changes(event, title="Lunch (Osaka)")
    laptop.clock.later(minutes=1)
    laptop.crm.user_changes(activity, title="Dinner", location="Kyoto")
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Dinner"
    assert laptop.calendar.items[event].content.title == "Dinner (Kyoto)"


def test_an_event_that_is_renamed_while_its_new_place_goes_over_keeps_its_name() -> None:
    laptop, activity, event = in_step(PIPEDRIVE_LIKE, ORACLE)
    laptop.calendar.user_changes(event, location="Kyoto")
    laptop.clock.later(minutes=1)

    def rename(_write: Write) -> None:
        laptop.crm.before_write = None
        laptop.calendar.user_changes(event, title="Lunch")
        laptop.clock.later(seconds=5)

    laptop.crm.before_write = rename
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Lunch"
    assert laptop.calendar.items[event].content.title == "Lunch"


@SERIES
def test_an_occurrence_that_was_changed_on_both_sides_is_merged_field_by_field(
    crm: Capabilities, dialect: Dialect
) -> None:
    laptop, series = a_series(crm, dialect)
    (twin,) = laptop.crm.items
    laptop.calendar.user_changes(day(series, 1), title="Stand-up, long")
    laptop.clock.later(minutes=1)
    laptop.crm.user_changes(day(twin, 1), description="Bring the map", when=at(16, day=13))
    laptop.until_quiet()
    for content in (laptop.calendar.items[day(series, 1)].content, laptop.crm.items[day(twin, 1)].content):
        assert (content.title, content.description) == ("Stand-up, long", "Bring the map")
        assert content.when == at(16, day=13)


@SERIES
def test_an_occurrence_that_is_changed_on_the_other_side_while_it_goes_over_keeps_both_changes(
    crm: Capabilities, dialect: Dialect
) -> None:
    laptop, series = a_series(crm, dialect)
    (twin,) = laptop.crm.items
    laptop.calendar.user_changes(day(series, 1), title="Stand-up, long")
    laptop.clock.later(minutes=1)

    def describe(write: Write) -> None:
        if isinstance(write, Create | Update):
            laptop.crm.before_write = None
            laptop.crm.user_changes(day(twin, 1), description="Bring the map")
            laptop.clock.later(seconds=5)

    laptop.crm.before_write = describe
    laptop.until_quiet()
    for content in (laptop.calendar.items[day(series, 1)].content, laptop.crm.items[day(twin, 1)].content):
        assert (content.title, content.description) == ("Stand-up, long", "Bring the map")


def a_series(crm: Capabilities, dialect: Dialect) -> tuple[Laptop, Ref]:
    """A daily series that was made in the calendar, in step."""
    clock = Clock()
    laptop = Laptop(FakeService(crm, clock), FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=dialect)
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.until_quiet()
    clock.later(minutes=1)
    return laptop, series
