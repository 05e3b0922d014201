"""Times as CRMs keep them: a grid of their own, no entry without a length, whole days, the longest event (T1 to T3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.core.dialect import ESALES, GENERIC, PIPEDRIVE, SALESFORCE, Dialect
from soroe.core.event import UTC_ZONE, AllDay, Field, Side, Timed, instant
from soroe.core.finding import FindingKind
from soroe.core.link import same_time
from soroe.core.plan import Nothing, Why
from soroe.core.reconcile import reconcile
from soroe.core.rules.form import to_crm
from soroe.core.rules.grid import as_days, on_grid, rounded
from tests.builders import ZONE, at, item, meeting, route
from tests.core.pairs import fields_to, made_in_crm
from tests.core.strategies import ZONES, times

MAY_5_TO_7 = AllDay(date(2026, 5, 5), date(2026, 5, 8))
AS_TIME = Timed(datetime(2026, 5, 5), datetime(2026, 5, 7, 23, 55), ZONE)


def between(start: str, end: str) -> Timed:
    begin, finish = (datetime.fromisoformat(f"2026-05-12T{clock}") for clock in (start, end))
    return Timed(begin, finish, ZONE)


@pytest.mark.parametrize(
    ("google", "written", "edited"),
    [
        (("10:03", "10:03"), ("10:03", "10:08"), ("10:00", "10:05")),
        (("09:58", "10:59"), ("09:58", "10:59"), ("09:55", "10:55")),
    ],
    ids=["T1", "T2"],
)
def test_esm_i9_esm_i10_t1_t2_times_are_copied_and_rounded_down_by_the_crm_itself(
    google: tuple[str, str], written: tuple[str, str], edited: tuple[str, str]
) -> None:
    pair = made_in_crm(meeting(when=between(*google)), ESALES)
    assert pair.crm.content.when == between(*written)
    after = pair.activity_changes(description="edited", when=between(*edited))
    assert rounded(pair.crm.content.when, ESALES) == between(*edited)
    assert fields_to(after.decide(), Side.CALENDAR) == {Field.DESCRIPTION}, "the exact time in the calendar stays"
    assert after.synced().forgotten().event.content.when == between(*google)


def test_esm_i9_that_the_crm_rounded_is_told_with_its_rule() -> None:
    pair = made_in_crm(meeting(when=between("09:58", "10:59")), ESALES)
    (finding,) = pair.activity_changes(when=between("09:55", "10:55")).synced().findings
    assert (finding.kind, finding.rule, finding.cause) == (FindingKind.ALTERED, "ESM-I9", "rounded")


def test_esm_i9_a_time_moved_in_the_crm_still_reaches_the_calendar() -> None:
    pair = made_in_crm(meeting(when=between("09:58", "10:59")), ESALES).activity_changes(when=between("10:00", "11:00"))
    assert pair.synced().event.content.when == between("10:00", "11:00")


def test_esm_i10_an_entry_without_a_length_is_told_with_its_rule() -> None:
    pair = made_in_crm(meeting(when=between("10:03", "10:03")), ESALES)
    (finding,) = pair.findings
    assert (finding.rule, finding.cause, finding.numbers) == ("ESM-I10", "lengthened", (("before", 0), ("after", 5)))
    assert pair.decide().actions == ()


def test_esm_i3_a_day_and_a_time_are_copied_as_they_are() -> None:
    day = AllDay(date(2026, 5, 5), date(2026, 5, 6))
    assert on_grid(day, ESALES, ZONE) == day
    assert on_grid(at(10), ESALES, ZONE) == at(10)


def test_esm_i4_t3_several_days_become_an_ordinary_entry_in_the_users_own_zone() -> None:
    pair = made_in_crm(meeting(when=MAY_5_TO_7), ESALES)
    assert pair.crm.content.when == AS_TIME
    (finding,) = pair.findings
    assert (finding.rule, finding.cause) == ("ESM-I4", "as_time")


def test_esm_i4_an_echo_never_makes_an_all_day_event_a_timed_one() -> None:
    pair = made_in_crm(meeting(when=MAY_5_TO_7), ESALES).activity_changes(description="edited there")
    after = pair.synced().forgotten()
    assert after.event.content.when == MAY_5_TO_7
    assert after.event.content.description == "edited there"


def test_esm_i4_days_moved_in_the_crm_are_days_in_the_calendar() -> None:
    later = Timed(AS_TIME.start + timedelta(days=1), AS_TIME.end + timedelta(days=2), ZONE)
    after = made_in_crm(meeting(when=MAY_5_TO_7), ESALES).activity_changes(when=later).synced()
    assert after.event.content.when == AllDay(date(2026, 5, 6), date(2026, 5, 10))


def test_a_crm_that_shows_one_day_only_does_not_shorten_the_calendars_event() -> None:
    pair = made_in_crm(meeting(when=MAY_5_TO_7), PIPEDRIVE)
    assert pair.crm.content.when == AllDay(date(2026, 5, 5), date(2026, 5, 6))
    assert pair.activity_changes(description="edited there").synced().event.content.when == MAY_5_TO_7


@given(times(), ZONES)
def test_days_that_were_told_as_a_time_are_found_again(when: AllDay | Timed, zone: str) -> None:
    form = on_grid(when, ESALES, zone)
    if isinstance(when, AllDay) and isinstance(form, Timed):
        assert as_days(form, ESALES, zone) == when
    assert on_grid(form, ESALES, zone) == form


@given(times(), ZONES)
def test_rounding_twice_is_rounding_once(when: AllDay | Timed, zone: str) -> None:
    once = rounded(on_grid(when, ESALES, zone), ESALES)
    assert rounded(once, ESALES) == once
    assert rounded(when, GENERIC) is when


FORTNIGHT = 14 * 24 * 60


@pytest.mark.parametrize(
    ("when", "taken"),
    [
        (at(9, minutes=FORTNIGHT), True),
        (at(9, minutes=FORTNIGHT + 1), False),
        (AllDay(date(2026, 5, 12), date(2026, 5, 26)), True),
        (AllDay(date(2026, 5, 12), date(2026, 5, 27)), False),
    ],
    ids=["14-days", "14-days-and-a-minute", "14-whole-days", "15-whole-days"],
)
def test_sf_7_an_event_of_more_than_14_days_is_reported_and_not_synced(when: AllDay | Timed, taken: bool) -> None:
    decision = reconcile(None, None, item(Side.CALENDAR, content=meeting(when=when)), route(), SALESFORCE)
    assert bool(decision.actions) is taken
    if not taken:
        assert decision.outcome == Nothing(Why.TOO_LONG)
        (finding,) = decision.findings
        assert (finding.kind, finding.rule) == (FindingKind.REJECTED, "SF-7")
        assert finding.numbers == (("minutes", FORTNIGHT),)


def test_sf_7_a_synced_event_that_grows_too_long_keeps_its_time_in_the_crm_and_says_so() -> None:
    pair = made_in_crm(meeting(when=at(9)), SALESFORCE)
    after = pair.event_changes(when=at(9, minutes=FORTNIGHT + 1), title="Longer").synced()
    assert after.crm.content.when == pair.crm.content.when
    assert after.crm.content.title == "Longer"
    assert [finding.rule for finding in after.findings] == ["SF-7"]
    short = at(9, minutes=FORTNIGHT)
    mended = after.event_changes(when=short).synced()
    assert same_time(mended.crm.content.when, short)
    assert mended.findings == []


@pytest.mark.parametrize("dialect", [GENERIC, PIPEDRIVE, SALESFORCE], ids=lambda dialect: dialect.name)
def test_a_time_that_the_crm_can_hold_is_not_said_to_be_altered(dialect: Dialect) -> None:
    assert to_crm(meeting(when=at(10, 3, minutes=7)), dialect).alterations == ()


@given(st.datetimes(datetime(1950, 1, 1), datetime(2060, 1, 1)), st.sampled_from((0, 1)), ZONES)
def test_a_time_told_in_utc_is_the_instant_that_it_was(wall: datetime, fold: int, zone: str) -> None:
    start = wall.replace(microsecond=0, fold=fold)
    told = Timed(start, start, zone).within(UTC_ZONE)
    assert instant(told.start, UTC_ZONE) == instant(told.end, UTC_ZONE) == instant(start, zone)
