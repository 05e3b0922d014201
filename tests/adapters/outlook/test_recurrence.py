"""Rules in Outlook's words and back: the same occurrences, or a plain "cannot be said"."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from soroe.adapters.outlook.recurrence import (
    WEEK,
    WEEKEND,
    WORKING_DAYS,
    AbsoluteMonthly,
    AbsoluteYearly,
    Daily,
    EndDate,
    NoEnd,
    Numbered,
    Pattern,
    Position,
    RelativeMonthly,
    RelativeYearly,
    Repetition,
    Unsupported,
    Weekday,
    Weekly,
    falls_on,
)
from soroe.adapters.outlook.rrule import repetition, rule
from soroe.core.event import AllDay, EventContent, Recurrence, Timed, When, Window
from soroe.core.rules.recurrence import occurrences

TUESDAY = date(2026, 5, 12)
LONG = Window(date(2020, 1, 1), date(2035, 12, 31))


def timed(day: date = TUESDAY, zone: str = "Asia/Tokyo") -> Timed:
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
    return Timed(start, start + timedelta(hours=1), zone)


def whole(day: date = TUESDAY) -> AllDay:
    return AllDay(day, day + timedelta(days=1))


def told(text: str, when: When | None = None) -> Repetition | Unsupported:
    return repetition(Recurrence((text,)), when or timed())


# --- what Outlook shows, told by Microsoft's own words and by no rule of RFC 5545 ---
def shown(found: Repetition, most: int) -> list[date]:
    """The first days of a repetition, found by looking at every day."""
    days: list[date] = []
    day = found.first
    last = found.end.last if isinstance(found.end, EndDate) else date(2052, 1, 1)
    count = found.end.count if isinstance(found.end, Numbered) else most
    while day <= last and len(days) < min(count, most):
        if falls_on(found.pattern, day) and in_step(found, day):
            days.append(day)
        day += timedelta(days=1)
    return days


def in_step(found: Repetition, day: date) -> bool:
    pattern, first = found.pattern, found.first
    match pattern:
        case Daily(interval):
            return (day - first).days % interval == 0
        case Weekly(interval, _, first_day):
            back = WEEK.index(first_day)
            weeks = [(one - timedelta(days=(one.weekday() - back) % 7)).toordinal() // 7 for one in (first, day)]
            return (weeks[1] - weeks[0]) % interval == 0
        case AbsoluteMonthly(interval=interval) | RelativeMonthly(interval=interval):
            return ((day.year - first.year) * 12 + day.month - first.month) % interval == 0
        case AbsoluteYearly(interval=interval) | RelativeYearly(interval=interval):
            return (day.year - first.year) % interval == 0


days_of_week = some.lists(some.sampled_from(WEEK), min_size=1, max_size=7, unique=True).map(
    lambda days: tuple(day for day in WEEK if day in days)
)
counted = some.one_of(some.sampled_from(WEEK).map(lambda day: (day,)), some.sampled_from([WEEK, WORKING_DAYS, WEEKEND]))
every = some.integers(1, 6)
months = some.integers(1, 12)
positions = some.sampled_from(Position)
patterns: some.SearchStrategy[Pattern] = some.one_of(
    some.builds(Daily, every),
    some.builds(Weekly, every, days_of_week, some.sampled_from(WEEK)),
    some.builds(AbsoluteMonthly, every, some.integers(1, 31)),
    some.builds(RelativeMonthly, every, positions, counted),
    some.builds(AbsoluteYearly, some.integers(1, 3), months, some.integers(1, 31)),
    some.builds(RelativeYearly, some.integers(1, 3), months, positions, counted),
)
firsts = some.dates(date(2024, 1, 1), date(2027, 12, 31))
ends = some.one_of(
    some.just(NoEnd()),
    some.builds(Numbered, some.integers(1, 30)),
    some.integers(0, 400).map(lambda days: ("after", days)),
)


@settings(max_examples=60, deadline=None)
@given(patterns, firsts, ends)
def test_what_outlook_shows_is_what_the_rule_says(pattern: Pattern, day: date, ending: object) -> None:
    first = next((one for one in (day + timedelta(n) for n in range(370)) if falls_on(pattern, one)), None)
    assume(first is not None)
    assert first is not None
    end = EndDate(first + timedelta(days=ending[1])) if isinstance(ending, tuple) else ending
    assert isinstance(end, NoEnd | Numbered | EndDate)
    found = Repetition(pattern, first, end)
    limit = shown(found, 8)
    for when in (timed(first, "America/New_York"), whole(first)):
        text = rule(found, when)
        assert isinstance(text, str), text
        start = datetime.combine(first, datetime.min.time()) + timedelta(hours=10)
        if "UNTIL" in text:
            content = EventContent("", when, recurrence=Recurrence((text,)))
            window = Window(first, limit[-1] + timedelta(days=400))
            days = [at.start if isinstance(at, AllDay) else at.start.date() for at, _ in occurrences(content, window)]
            assert days[: len(limit)] == limit and (len(days) == len(limit) or len(limit) == 8)
        else:
            assert [one.date() for one in islice(rrulestr(text, dtstart=start), 8)] == limit
        again = repetition(Recurrence((text,)), when)
        assert isinstance(again, Repetition), (text, again)
        assert shown(again, 8) == limit and rule(again, when) == text


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;COUNT=10",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=6",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
        "FREQ=WEEKLY;UNTIL=20260630T145959Z",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=5;BYDAY=2TU",
    ],
)
def test_a_usual_rule_comes_back_word_by_word(text: str) -> None:
    when = timed(date(2026, 5, 29)) if "BYSETPOS" in text else timed()
    found = told(text, when)
    assert isinstance(found, Repetition) and rule(found, when) == text


def test_the_last_day_of_the_month_is_outlooks_thirty_first() -> None:
    when = timed(date(2026, 5, 31))
    found = told("FREQ=MONTHLY;BYMONTHDAY=-1", when)
    assert isinstance(found, Repetition) and found.pattern == AbsoluteMonthly(1, 31)
    assert rule(found, when) == "FREQ=MONTHLY;BYMONTHDAY=-1"


def test_an_end_before_the_time_of_day_ends_the_day_before() -> None:
    found = told("FREQ=DAILY;UNTIL=20260520T005959Z")  # one second before ten in Tokyo
    assert isinstance(found, Repetition) and found.end == EndDate(date(2026, 5, 19))
    found = told("FREQ=DAILY;UNTIL=20260520T010000Z")
    assert isinstance(found, Repetition) and found.end == EndDate(date(2026, 5, 20))


def test_a_series_of_whole_days_ends_on_a_date() -> None:
    found = told("FREQ=WEEKLY;UNTIL=20260602", whole())
    assert isinstance(found, Repetition) and found.end == EndDate(date(2026, 6, 2))
    assert rule(found, whole()) == "FREQ=WEEKLY;UNTIL=20260602"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=31", "leaves_out_short_months"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "day_of_month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "several_days_of_month"),
        ("FREQ=MONTHLY;BYDAY=5TU", "position"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "byday"),
        ("FREQ=MONTHLY;BYDAY=TU", "byday"),
        ("FREQ=MONTHLY;BYDAY=TU,TH;BYSETPOS=1", "several_counted_days"),
        ("FREQ=MONTHLY;BYDAY=2TU;BYMONTH=5", "monthly_bymonth"),
        ("FREQ=YEARLY;BYDAY=20TU", "days_of_a_whole_year"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "day_of_month"),
        ("FREQ=YEARLY;BYMONTH=5,6", "several_months"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU", "some_days_of_every_few"),
        ("FREQ=WEEKLY;BYDAY=WE", "start_is_no_occurrence"),
        ("FREQ=WEEKLY;BYHOUR=9", "part_byhour"),
        ("FREQ=HOURLY", "frequency"),
        ("FREQ=WEEKLY;COUNT=1000", "count"),
        ("FREQ=WEEKLY;COUNT=x", "malformed_count"),
        ("FREQ=WEEKLY;UNTIL=20261399", "malformed_until"),
        ("FREQ=WEEKLY;UNTIL=20200101", "ends_before_it_begins"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "two_ends"),
        ("FREQ=WEEKLY;INTERVAL=0", "interval"),
        ("FREQ=WEEKLY;FREQ=DAILY", "malformed_rule"),
        ("", "part_"),
    ],
)
def test_what_outlook_cannot_say_is_told_with_its_reason(text: str, reason: str) -> None:
    found = told(text)
    assert found == Unsupported(reason)


def test_added_dates_and_several_rules_cannot_be_said() -> None:
    weekly = "FREQ=WEEKLY"
    extra = datetime(2026, 5, 14, 10)
    assert repetition(Recurrence((weekly,), (extra,)), timed()) == Unsupported("added_dates")
    assert repetition(Recurrence((weekly, "FREQ=DAILY")), timed()) == Unsupported("not_one_rule")
    assert repetition(Recurrence(()), timed()) == Unsupported("not_one_rule")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (Daily(0), "interval"),
        (Weekly(1, ()), "no_days"),
        (AbsoluteMonthly(1, 32), "day_of_month"),
        (AbsoluteYearly(1, 13, 1), "month"),
        (AbsoluteYearly(1, 1, 0), "day_of_month"),
        (RelativeMonthly(1, Position.FIRST, (Weekday.MONDAY, Weekday.TUESDAY)), "several_counted_days"),
        (RelativeYearly(1, 0, Position.FIRST, (Weekday.MONDAY,)), "month"),
    ],
)
def test_nonsense_of_a_service_is_told_too(pattern: Pattern, reason: str) -> None:
    assert rule(Repetition(pattern, TUESDAY, NoEnd()), timed()) == Unsupported(reason)
