"""A series changed from one day on, as calendars really do it: the old one ends early, a new one begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from soroe.core.dialect import ESALES, GENERIC, ORACLE, PIPEDRIVE, SALESFORCE, Dialect
from soroe.core.event import EventContent, Particulars, Recurrence, Ref, Timed, occurrence_id
from soroe.ports.remote import Capabilities
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.salesforce import BARE, STAMPED, SalesforceLike
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .world import UNASKED

SINGLE = replace(REST_LIKE, native_recurrence=False)
CRMS: dict[str, tuple[Capabilities, Dialect]] = {
    "generic": (REST_LIKE, GENERIC),
    "salesforce": (STAMPED, SALESFORCE),
    "salesforce-bare": (BARE, SALESFORCE),
    "pipedrive": (PIPEDRIVE_LIKE, PIPEDRIVE),
    "esales": (SINGLE, ESALES),
    "oracle": (SINGLE, ORACLE),
}
EVERY_CRM = pytest.mark.parametrize("crm", CRMS)
SINGLE_ITEMS = pytest.mark.parametrize("crm", ["pipedrive", "esales", "oracle"])
SERIES = pytest.mark.parametrize("crm", ["generic", "salesforce", "salesforce-bare"])
WEEKS = 8


def laptop_with(crm: str) -> Laptop:
    clock = Clock()
    capabilities, dialect = CRMS[crm]
    kind = SalesforceLike if dialect is SALESFORCE else FakeService
    service = kind(capabilities, clock)
    return Laptop(service, FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=dialect, limits=UNASKED)


def weekly(title: str = "Round", when: Timed | None = None, weeks: int = WEEKS, **more: object) -> EventContent:
    rule = Recurrence((f"FREQ=WEEKLY;COUNT={weeks}",))
    return replace(meeting(title, when or at(10)), recurrence=rule, **more)  # type: ignore[arg-type]  # keywords are fields


def synced(crm: str, content: EventContent | None = None) -> tuple[Laptop, Ref]:
    """A weekly series of eight in the calendar, with a deal at every activity."""
    laptop = laptop_with(crm)
    series = laptop.calendar.user_creates(content or weekly())
    laptop.until_quiet()
    for number, ref in enumerate(sorted(laptop.crm.items)):
        laptop.crm.items[ref] = replace(laptop.crm.items[ref], particulars=Particulars(customer=f"deal {number}"))
    return laptop, series


def cut(laptop: Laptop, series: Ref, weeks: int, **changes: object) -> Ref:
    """A person changes a series from a week on: the old one ends before it, a new one begins with it."""
    old = laptop.calendar.items[series].content
    assert isinstance(old.when, Timed)
    shift = timedelta(weeks=weeks)
    ends = old.when.start + shift - timedelta(days=1)
    laptop.calendar.user_changes(series, recurrence=Recurrence((f"FREQ=WEEKLY;UNTIL={ends:%Y%m%d}T000000Z",)))
    when = Timed(old.when.start + shift, old.when.end + shift, old.when.zone)
    rest = replace(old, when=when, recurrence=Recurrence((f"FREQ=WEEKLY;COUNT={WEEKS - weeks}",)))
    return laptop.calendar.user_creates(replace(rest, **changes))  # type: ignore[arg-type]  # keywords are fields


def seen(service: FakeService) -> list[tuple[str, date]]:
    found = []
    for item in service.shown(date(2026, 4, 1), date(2027, 12, 31)):
        when = item.content.when
        title = item.content.title.partition("（")[0]
        found.append((title, when.within("Asia/Tokyo").start if isinstance(when, Timed) else when.start))
    return sorted(found)


def deals(laptop: Laptop) -> list[str]:
    """The deal of every meeting in the CRM, in the order of their times."""
    found = []
    for item in laptop.crm.shown(date(2026, 4, 1), date(2027, 12, 31)):
        when = item.content.when
        start = when.start_utc if isinstance(when, Timed) else when.start
        found.append((str(start), item.particulars.customer if item.particulars else "none"))
    return [customer for _, customer in sorted(found)]


def day(series: Ref, weeks: int) -> Ref:
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 12, 1) + timedelta(weeks=weeks)))


LATER: dict[str, dict[str, object]] = {
    "nothing": {},
    "title": {"title": "Round table"},
    "time": {"when": at(15, day=26)},
    "both": {"title": "Round table", "when": at(15, day=26)},
    "weekday": {"when": at(10, day=28)},
    "notes": {"description": "Bring the plan", "location": "Osaka"},
}


@pytest.mark.parametrize("what", LATER)
@SINGLE_ITEMS
def test_sf_17_esm_i7_this_and_following_in_the_calendar_keeps_every_activity(crm: str, what: str) -> None:
    laptop, series = synced(crm)
    before, hanging = set(laptop.crm.items), deals(laptop)
    cut(laptop, series, 2, **LATER[what])
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert set(laptop.crm.items) == before, "nothing is deleted and made anew"
    assert deals(laptop) == hanging


@pytest.mark.parametrize("what", LATER)
@SERIES
def test_sf_17_this_and_following_in_the_calendar_keeps_what_hangs_on_the_series(crm: str, what: str) -> None:
    laptop, series = synced(crm)
    (activity,) = laptop.crm.items
    cut(laptop, series, 2, **LATER[what])
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert activity in laptop.crm.items
    if crm != "generic":  # a CRM that nothing is known of need not be able to copy what it alone knows
        assert set(deals(laptop)) == {"deal 0"}


@EVERY_CRM
def test_esm_i7_an_edited_occurrence_after_the_cut_keeps_its_activity_where_the_crm_takes_single_items(
    crm: str,
) -> None:
    laptop = laptop_with(crm)
    series = laptop.calendar.user_creates(weekly())
    laptop.calendar.user_changes(day(series, 4), title="Round with guests")
    laptop.until_quiet()
    new = cut(laptop, series, 2, title="Round table")
    laptop.calendar.user_changes(
        Ref(new.container, occurrence_id(new.id, datetime(2026, 6, 9, 1))), title="Round with guests"
    )
    before = set(laptop.crm.items)
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    if not laptop.crm.capabilities.native_recurrence:
        assert set(laptop.crm.items) == before


@EVERY_CRM
def test_a_new_series_that_has_nothing_to_do_with_the_old_one_is_made_anew(crm: str) -> None:
    laptop, series = synced(crm)
    cut(laptop, series, 2, title="Gardening", when=at(18, day=28, minutes=30))
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert "none" in deals(laptop)


@EVERY_CRM
def test_two_series_that_could_both_follow_are_not_guessed_at(crm: str) -> None:
    laptop, series = synced(crm)
    cut(laptop, series, 2, title="Round A")
    laptop.calendar.user_creates(weekly("Round B", at(10, day=26), weeks=6))
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)


@EVERY_CRM
def test_esm_i7_a_change_of_all_keeps_every_activity(crm: str) -> None:
    laptop, series = synced(crm)
    before, hanging = set(laptop.crm.items), deals(laptop)
    laptop.calendar.user_changes(series, title="Round table", location="Osaka")
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert (set(laptop.crm.items), deals(laptop)) == (before, hanging)


@EVERY_CRM
def test_esm_i7_moving_all_to_another_hour_keeps_every_activity(crm: str) -> None:
    laptop, series = synced(crm)
    before, hanging = set(laptop.crm.items), deals(laptop)
    laptop.calendar.user_changes(series, when=at(15))
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert (set(laptop.crm.items), deals(laptop)) == (before, hanging)


@EVERY_CRM
def test_esm_i8_deleting_the_whole_series_takes_its_edited_occurrences_along(crm: str) -> None:
    laptop, series = synced(crm)
    laptop.calendar.user_changes(day(series, 3), title="Round with guests")
    laptop.until_quiet()
    laptop.calendar.user_deletes(series)
    laptop.until_quiet()
    assert laptop.crm.items == {}


@EVERY_CRM
def test_t13_a_single_meeting_with_a_deal_made_weekly_keeps_its_deal(crm: str) -> None:
    laptop, event = synced(crm, meeting("Round"))
    laptop.calendar.user_changes(event, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=4",)))
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert "deal 0" in deals(laptop)
    assert len(seen(laptop.crm)) == 4
    laptop.calendar.user_changes(event, recurrence=None)
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert deals(laptop) == ["deal 0"]


@SINGLE_ITEMS
def test_esm_i6_t4_an_endless_weekly_series_fills_the_window_and_nothing_else(crm: str) -> None:
    laptop = laptop_with(crm)
    joint = laptop.joint
    laptop.joint = lambda: replace(joint(), past_days=7)  # type: ignore[method-assign]  # the default of the product
    laptop.calendar.user_creates(replace(weekly(when=at(10, day=12)), recurrence=Recurrence(("FREQ=WEEKLY",))))
    laptop.until_quiet()
    times = [time for _, time in seen(laptop.crm)]
    assert len(times) in {156, 157, 158}
    assert max(times) <= datetime(2029, 5, 10, 23)
    first = len(laptop.crm.items)
    laptop.clock.later(days=7)
    laptop.until_quiet()
    assert len(laptop.crm.items) == first + 1, "one more at the front, and what left at the back stays"


# --- cut in the CRM ---
@SERIES
def test_sf_16_this_and_following_saved_in_the_crm_splits_the_calendars_series_there(crm: str) -> None:
    laptop = laptop_with(crm)
    series = laptop.crm.user_creates(weekly(), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.crm.user_changes(series, recurrence=Recurrence(("FREQ=WEEKLY;UNTIL=20260525T235959",)))
    laptop.crm.user_creates(weekly("Round, later", at(15, day=26), weeks=6), activity_type="meeting")
    laptop.until_quiet()
    assert seen(laptop.crm) == seen(laptop.calendar)
    assert event in laptop.calendar.items
    assert len(laptop.calendar.items) == 2
    assert [title for title, _ in seen(laptop.calendar)] == ["Round"] * 2 + ["Round, later"] * 6
