"""Series in a CRM that takes them within limits: whole where they fit, else their next occurrences, rolled forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from soroe.core.dialect import SALESFORCE
from soroe.core.event import AllDay, EventContent, Particulars, Recurrence, Ref, Side, Timed, occurrence_id
from soroe.core.finding import Finding
from soroe.core.plan import Why
from soroe.ports.remote import Capabilities
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.salesforce import BARE, STAMPED, SalesforceLike
from tests.fakes.service import GOOGLE_LIKE, FakeService

from .world import UNASKED

ORGANISATIONS = pytest.mark.parametrize("organisation", [STAMPED, BARE], ids=["stamped", "bare"])
TWO_DAYS = AllDay(date(2026, 5, 12), date(2026, 5, 14))
DEAL = Particulars(customer="Aoki Trading", deal="Renewal")


def salesforce(organisation: Capabilities = STAMPED) -> Laptop:
    clock = Clock()
    crm = SalesforceLike(organisation, clock)
    return Laptop(crm, FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=SALESFORCE, limits=UNASKED)


def afresh(laptop: Laptop) -> Laptop:
    """The same accounts after the database was lost."""
    return Laptop(laptop.crm, laptop.calendar, clock=laptop.clock, dialect=laptop.dialect, installation="new")


def repeating(rule: str, title: str = "Round", when: Timed | AllDay | None = None) -> EventContent:
    return meeting(title, when or at(10), recurrence=Recurrence((rule,)))


def starts(service: FakeService, first: date = date(2026, 4, 1), last: date = date(2029, 12, 31)) -> list[date]:
    times = [item.content.when for item in service.shown(first, last)]
    return sorted(time.within("Asia/Tokyo").start if isinstance(time, Timed) else time.start for time in times)


def about(laptop: Laptop, rule: str) -> list[Finding]:
    return [finding for finding in laptop.joint().store.findings() if finding.rule == rule]


def numbers(finding: Finding) -> dict[str, int]:
    return dict(finding.numbers)


# --- SF-10: how many ---
@ORGANISATIONS
@pytest.mark.parametrize(("rule", "count"), [("FREQ=DAILY", 100), ("FREQ=WEEKLY", 53)], ids=["daily", "weekly"])
def test_sf_10_a_series_within_the_limit_stays_a_series(organisation: Capabilities, rule: str, count: int) -> None:
    laptop = salesforce(organisation)
    laptop.calendar.user_creates(repeating(f"{rule};COUNT={count}"))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 1
    assert starts(laptop.crm) == starts(laptop.calendar)
    assert about(laptop, "SF-10") == []


@ORGANISATIONS
@pytest.mark.parametrize(
    ("rule", "total", "most"),
    [("FREQ=DAILY", 120, 100), ("FREQ=WEEKLY", 60, 53)],
    ids=["V3-daily", "V4-weekly"],
)
def test_sf_10_a_longer_series_stands_as_its_next_occurrences(
    organisation: Capabilities, rule: str, total: int, most: int
) -> None:
    laptop = salesforce(organisation)
    laptop.calendar.user_creates(repeating(f"{rule};COUNT={total}"))
    laptop.until_quiet()
    assert starts(laptop.crm) == starts(laptop.calendar)[:most]
    (finding,) = about(laptop, "SF-10")
    assert numbers(finding) == {"before": total, "after": most, "cut": total - most}


def test_sf_10_the_next_occurrences_roll_forward_every_day_without_any_news() -> None:
    laptop = salesforce()
    laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=120"))
    laptop.until_quiet()
    first = starts(laptop.crm)
    for days in (31, 5, 90):
        laptop.clock.later(days=days)
        laptop.until_quiet()
        assert starts(laptop.crm)[: len(first)] == first, "what leaves the window at the back stays"
    assert starts(laptop.crm) == starts(laptop.calendar)
    assert about(laptop, "SF-10") == []
    laptop.clock.later(days=1)
    assert laptop.run().converged


def test_sf_10_a_cancelled_occurrence_lets_another_one_in_and_takes_none_away_when_it_returns() -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=120"))
    laptop.until_quiet()
    laptop.calendar.user_deletes(day(series, 3))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 100
    before = set(laptop.crm.items)
    laptop.calendar.user_changes(series, title="Round, new")
    laptop.until_quiet()
    assert set(laptop.crm.items) == before
    assert {content.title for content in laptop.crm.contents()} == {"Round, new"}


@ORGANISATIONS
def test_sf_10_a_lost_database_neither_doubles_nor_remakes_the_occurrences(organisation: Capabilities) -> None:
    laptop = salesforce(organisation)
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=120"))
    laptop.until_quiet()
    before = set(laptop.crm.items)
    fresh = afresh(laptop)
    fresh.until_quiet()
    assert set(laptop.crm.items) == before
    assert list(laptop.calendar.items) == [series]


@ORGANISATIONS
def test_sf_10_a_series_that_shrinks_keeps_the_activities_it_has(organisation: Capabilities) -> None:
    laptop = salesforce(organisation)
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=120"))
    laptop.until_quiet()
    before = set(laptop.crm.items)
    laptop.calendar.user_changes(series, recurrence=Recurrence(("FREQ=DAILY;COUNT=20",)))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 20
    assert set(laptop.crm.items) <= before
    assert about(laptop, "SF-10") == []
    afresh(laptop).until_quiet()
    assert len(laptop.crm.items) == 20
    assert list(laptop.calendar.items) == [series]


@ORGANISATIONS
def test_sf_10_a_linked_series_that_grows_stays_one_and_is_cut_at_the_limit(organisation: Capabilities) -> None:
    laptop = salesforce(organisation)
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=5"))
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    laptop.crm.items[activity] = replace(laptop.crm.items[activity], particulars=DEAL)
    laptop.calendar.user_changes(series, recurrence=Recurrence(("FREQ=DAILY;COUNT=130",)))
    laptop.until_quiet()
    assert list(laptop.crm.items) == [activity]
    assert len(starts(laptop.crm)) == 100
    (finding,) = about(laptop, "SF-10")
    assert numbers(finding) == {"before": 130, "after": 100, "cut": 30}
    fresh = afresh(laptop)
    fresh.until_quiet()
    assert list(laptop.crm.items) == [activity], "a lost database does not turn it into single items"
    laptop.clock.later(days=101)
    fresh.until_quiet()
    later = datetime(2026, 8, 20, 10)
    assert [one for one in starts(laptop.crm) if one >= later] == [
        one for one in starts(laptop.calendar) if one >= later
    ]
    assert {item.particulars for item in laptop.crm.items.values()} == {DEAL}
    assert len(starts(laptop.calendar)) == 130, "the calendar's own series is untouched"


# --- SF-8, SF-9, SF-13: not at all ---
@pytest.mark.parametrize(
    ("rule_id", "why", "content"),
    [
        ("SF-8", Why.SERIES_TOO_LONG, repeating("FREQ=WEEKLY;COUNT=3", when=at(10, minutes=24 * 60))),
        ("SF-8", Why.SERIES_TOO_LONG, repeating("FREQ=WEEKLY;COUNT=3", when=TWO_DAYS)),
        ("SF-9", Why.SERIES_TOO_RARE, repeating("FREQ=YEARLY;INTERVAL=2;COUNT=3")),
        ("SF-9", Why.SERIES_TOO_RARE, repeating("FREQ=MONTHLY;INTERVAL=24;COUNT=3")),
        ("SF-13", Why.SERIES_ENDS_FIRST, repeating("FREQ=WEEKLY;UNTIL=20260401T000000Z")),
    ],
    ids=["V7-24-hours", "two-days", "V8-every-two-years", "every-24-months", "ends-first"],
)  # fmt: skip # short values, several a line
def test_sf_8_sf_9_sf_13_a_series_that_the_crm_does_not_take_is_reported(
    rule_id: str, why: Why, content: EventContent
) -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(content)
    laptop.calendar.user_creates(meeting("Dentist", at(14)))
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Dentist"]
    (finding,) = about(laptop, rule_id)
    assert (finding.calendar, finding.cause) == (series, why)
    assert laptop.joint().store.why(Side.CALENDAR, series) is why


@pytest.mark.parametrize(
    "when", [at(10, minutes=24 * 60 - 1), AllDay(date(2026, 5, 12), date(2026, 5, 13))], ids=["V7-23:59", "one-day"]
)
def test_sf_8_a_series_of_less_than_a_day_or_of_whole_days_is_synced(when: Timed | AllDay) -> None:
    laptop = salesforce()
    laptop.calendar.user_creates(repeating("FREQ=WEEKLY;COUNT=3", when=when))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 1
    assert laptop.joint().store.findings() == []


def test_sf_8_a_linked_series_made_too_long_keeps_its_activity_as_it_was_until_it_fits_again() -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(repeating("FREQ=WEEKLY;COUNT=3"))
    laptop.until_quiet()
    before = starts(laptop.crm)
    laptop.calendar.user_changes(series, when=at(9, minutes=25 * 60))
    laptop.until_quiet()
    assert starts(laptop.crm) == before
    assert [finding.cause for finding in about(laptop, "SF-8")] == [Why.SERIES_TOO_LONG]
    laptop.calendar.user_changes(series, when=at(9))
    laptop.until_quiet()
    assert starts(laptop.crm) == starts(laptop.calendar)
    assert about(laptop, "SF-8") == []


@ORGANISATIONS
def test_sf_2_a_rule_that_the_crm_cannot_say_stands_as_single_items(organisation: Capabilities) -> None:
    laptop = salesforce(organisation)
    added = Recurrence(("FREQ=DAILY;COUNT=3",), (datetime(2026, 5, 20, 10),))
    laptop.calendar.user_creates(
        meeting("Round", at(10), recurrence=Recurrence(("FREQ=MONTHLY;BYMONTHDAY=10,20;COUNT=4",)))
    )
    laptop.calendar.user_creates(meeting("Extra", at(16), recurrence=added))
    laptop.until_quiet()
    assert sorted({content.recurrence for content in laptop.crm.contents()}, key=str) == [None]
    assert len(laptop.crm.items) == 8
    before = set(laptop.crm.items)
    afresh(laptop).until_quiet()
    assert set(laptop.crm.items) == before


# --- SF-12, SF-15: what has begun ---
def day(series: Ref, number: int, hour: int = 1) -> Ref:
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 12, hour) + timedelta(days=number)))


def begun(organisation: Capabilities = STAMPED) -> tuple[Laptop, Ref]:
    """A daily series of ten days, of which three are over, with a deal in the CRM."""
    laptop = salesforce(organisation)
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=10"))
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    laptop.crm.items[activity] = replace(laptop.crm.items[activity], particulars=DEAL)
    laptop.clock.later(days=4)
    laptop.until_quiet()
    return laptop, series


@ORGANISATIONS
def test_sf_12_moving_the_start_of_a_begun_series_splits_it_at_today(organisation: Capabilities) -> None:
    laptop, series = begun(organisation)
    laptop.calendar.user_changes(series, when=at(15))
    laptop.until_quiet()
    assert starts(laptop.crm) == [
        *(datetime(2026, 5, number, 10) for number in (12, 13, 14)),
        *(datetime(2026, 5, number, 15) for number in range(15, 22)),
    ]
    assert len(starts(laptop.calendar)) == 10
    assert [item.particulars for item in laptop.crm.items.values()] == [DEAL, DEAL]
    before = dict(laptop.crm.items)
    assert laptop.run().converged
    fresh = afresh(laptop)
    fresh.until_quiet()
    assert list(laptop.crm.items) == list(before)
    assert len(starts(laptop.calendar)) == 10


def test_sf_12_after_the_split_changes_go_both_ways() -> None:
    laptop, series = begun()
    laptop.calendar.user_changes(series, when=at(15))
    laptop.until_quiet()
    past, rest = sorted(laptop.crm.items, key=lambda ref: str(laptop.crm.items[ref].content.when.start))
    laptop.crm.user_changes(rest, title="Round, from the CRM")
    laptop.until_quiet()
    assert [content.title for content in laptop.calendar.contents()] == ["Round, from the CRM"]
    laptop.calendar.user_changes(series, location="Osaka")
    laptop.until_quiet()
    assert [laptop.crm.items[ref].content.location for ref in (past, rest)] == ["", "Osaka"]
    laptop.calendar.user_deletes(day(series, 7, 6))
    laptop.until_quiet()
    assert datetime(2026, 5, 19, 15) not in starts(laptop.crm)
    assert starts(laptop.calendar)[0] == datetime(2026, 5, 12, 15)
    laptop.calendar.user_deletes(series)
    laptop.until_quiet()
    assert list(laptop.crm.items) == [past]


def test_sf_12_a_series_can_be_moved_again_on_another_day() -> None:
    laptop, series = begun()
    laptop.calendar.user_changes(series, when=at(15))
    laptop.until_quiet()
    laptop.clock.later(days=2)
    laptop.calendar.user_changes(series, when=at(8))
    laptop.until_quiet()
    hours = [start.hour for start in starts(laptop.crm) if isinstance(start, datetime)]
    assert hours == [10, 10, 10, 15, 15, 8, 8, 8, 8, 8]


def test_sf_12_a_series_that_has_not_begun_is_simply_moved() -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=3"))
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    laptop.calendar.user_changes(series, when=at(15))
    laptop.until_quiet()
    assert list(laptop.crm.items) == [activity]
    assert starts(laptop.crm) == starts(laptop.calendar)


def test_sf_15_a_change_of_a_past_occurrence_is_not_synced_and_reported() -> None:
    laptop, series = begun()
    before = starts(laptop.crm)
    laptop.calendar.user_changes(day(series, 1), title="Round, as it went")
    laptop.calendar.user_deletes(day(series, 0))
    laptop.calendar.user_changes(day(series, 5), title="Round, long")
    laptop.until_quiet()
    assert starts(laptop.crm) == before
    titles = [item.content.title for item in laptop.crm.shown(date(2026, 5, 1), date(2026, 6, 1))]
    assert sorted(titles) == ["Round"] * 9 + ["Round, long"]
    findings = about(laptop, "SF-15")
    assert {finding.calendar for finding in findings} == {day(series, 1), series}
    assert {finding.cause for finding in findings} == {Why.PAST_OCCURRENCE}


def test_sf_15_a_linked_occurrence_stays_in_the_crm_once_it_is_past() -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=10"))
    laptop.calendar.user_changes(day(series, 1), title="Round, long")
    laptop.until_quiet()
    laptop.clock.later(days=4)
    laptop.calendar.user_changes(day(series, 1), title="Round, longer")
    laptop.until_quiet()
    titles = sorted(item.content.title for item in laptop.crm.shown(date(2026, 5, 1), date(2026, 6, 1)))
    assert titles == ["Round"] * 9 + ["Round, long"]
    laptop.calendar.user_deletes(day(series, 1))
    laptop.until_quiet()
    assert len(starts(laptop.crm)) == 10


def test_sf_15_an_early_occurrence_of_today_is_not_past_though_it_is_yesterday_in_utc() -> None:
    laptop = salesforce()
    series = laptop.calendar.user_creates(repeating("FREQ=DAILY;COUNT=3", when=at(8)))
    laptop.until_quiet()
    laptop.clock.later(hours=8)  # two in the morning in Tokyo
    first = Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 11, 23)))
    laptop.calendar.user_changes(first, title="Round, long")
    laptop.until_quiet()
    titles = sorted(item.content.title for item in laptop.crm.shown(date(2026, 5, 1), date(2026, 6, 1)))
    assert titles == ["Round", "Round", "Round, long"]
    assert about(laptop, "SF-15") == []


# --- SF-14: single and series ---
@ORGANISATIONS
@pytest.mark.parametrize(
    ("rule", "activities"), [("FREQ=DAILY;COUNT=4", 1), ("FREQ=DAILY;COUNT=120", 100)], ids=["short", "long"]
)
def test_sf_14_v11_a_single_event_that_becomes_a_series_keeps_what_hangs_on_its_activity(
    organisation: Capabilities, rule: str, activities: int
) -> None:
    laptop = salesforce(organisation)
    event = laptop.calendar.user_creates(meeting("Round"))
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    laptop.crm.items[activity] = replace(laptop.crm.items[activity], particulars=DEAL)
    laptop.calendar.user_changes(event, title="Round table", recurrence=Recurrence((rule,)))
    laptop.until_quiet()
    assert list(laptop.calendar.items) == [event]
    assert len(laptop.crm.items) == activities
    assert starts(laptop.crm) == starts(laptop.calendar)[:100]
    assert DEAL in [item.particulars for item in laptop.crm.items.values()]
    laptop.calendar.user_changes(event, recurrence=None)
    laptop.until_quiet()
    assert [item.particulars for item in laptop.crm.items.values()] == [DEAL]
    assert starts(laptop.crm) == starts(laptop.calendar)
