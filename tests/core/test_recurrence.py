"""Series, seen as a CRM can take them: whole, or occurrence by occurrence; never without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.core.event import (
    AllDay,
    EventContent,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Side,
    Timed,
    Tombstone,
    Window,
    occurrence_id,
    occurrence_named,
)
from soroe.core.rules.recurrence import RunawayRule, as_series, as_single_items, assemble, occurrences
from tests.builders import item, meeting

WINDOW = Window(date(2026, 4, 1), date(2027, 12, 31))
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def starts(rule: str, first: datetime, zone: str = "Asia/Tokyo", window: Window = WINDOW) -> list[datetime]:
    when = Timed(first, first + timedelta(hours=1), zone)
    content = EventContent("Weekly", when, recurrence=Recurrence((rule,)))
    return [at.start for at, _ in occurrences(content, window) if isinstance(at, Timed)]


# --- another way to find the days of a rule: ask every day whether it belongs ---
@st.composite
def rules(draw: st.DrawFn) -> tuple[str, date]:
    first = draw(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    interval = draw(st.integers(1, 4))
    match draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "NTH", "YEARLY"))):
        case "DAILY":
            rule = "FREQ=DAILY"
        case "WEEKLY":
            days = sorted({first.weekday(), *draw(st.sets(st.integers(0, 6)))})
            rule = "FREQ=WEEKLY;WKST=MO;BYDAY=" + ",".join(NAMES[day] for day in days)
        case "MONTHLY":
            rule = f"FREQ=MONTHLY;BYMONTHDAY={first.day}"
        case "NTH":
            rule = f"FREQ=MONTHLY;BYDAY={(first.day - 1) // 7 + 1}{NAMES[first.weekday()]}"
        case _:
            rule = f"FREQ=YEARLY;BYMONTH={first.month};BYMONTHDAY={first.day}"
    rule += f";INTERVAL={interval}"
    end = draw(st.sampled_from(("", "COUNT", "UNTIL")))
    if end == "COUNT":
        rule += f";COUNT={draw(st.integers(1, 40))}"
    elif end == "UNTIL":
        rule += f";UNTIL={draw(st.dates(first, date(2028, 1, 1))):%Y%m%d}T235959"
    return rule, first


def by_asking_every_day(rule: str, first: date, last: date) -> Iterator[date]:
    parts = dict(part.split("=") for part in rule.split(";"))
    interval, left = int(parts["INTERVAL"]), int(parts.get("COUNT", "1000000"))
    until = date.fromisoformat(parts["UNTIL"][:8]) if "UNTIL" in parts else last
    day = first
    while day <= min(until, last) and left:
        if _belongs(parts, day, first, interval):
            left -= 1
            yield day
        day += timedelta(days=1)


def _belongs(parts: dict[str, str], day: date, first: date, interval: int) -> bool:
    months = (day.year - first.year) * 12 + day.month - first.month
    match parts["FREQ"]:
        case "DAILY":
            return (day - first).days % interval == 0
        case "WEEKLY":
            monday = first - timedelta(days=first.weekday())
            return (day - monday).days // 7 % interval == 0 and NAMES[day.weekday()] in parts["BYDAY"].split(",")
        case "MONTHLY" if "BYMONTHDAY" in parts:
            return months % interval == 0 and day.day == int(parts["BYMONTHDAY"])
        case "MONTHLY":
            nth = f"{(day.day - 1) // 7 + 1}{NAMES[day.weekday()]}"
            return months % interval == 0 and nth == parts["BYDAY"]
        case _:
            return (day.year - first.year) % interval == 0 and (day.month, day.day) == (first.month, first.day)


@given(rules(), st.sampled_from(("Asia/Tokyo", "Europe/Berlin", "America/New_York")))
def test_a_rule_gives_the_days_that_a_calendar_shows(rule_and_first: tuple[str, date], zone: str) -> None:
    rule, first = rule_and_first
    expected = [day for day in by_asking_every_day(rule, first, WINDOW.last) if day >= WINDOW.first]
    assert [start.date() for start in starts(rule, datetime(first.year, first.month, first.day, 9), zone)] == expected


@given(rules())
def test_an_all_day_series_has_the_same_days_without_any_zone(rule_and_first: tuple[str, date]) -> None:
    rule, first = rule_and_first
    content = EventContent("Fair", AllDay(first, first + timedelta(days=1)), recurrence=Recurrence((rule,)))
    found = [(at, original) for at, original in occurrences(content, WINDOW)]
    expected = [day for day in by_asking_every_day(rule, first, WINDOW.last) if day >= WINDOW.first]
    assert found == [(AllDay(day, day + timedelta(days=1)), day) for day in expected]


def test_a_series_keeps_its_wall_clock_time_across_daylight_saving() -> None:
    first = datetime(2026, 10, 24, 9)
    content = EventContent("Call", Timed(first, first + timedelta(hours=1), "Europe/Berlin"), recurrence=daily(3))
    found = list(occurrences(content, WINDOW))
    assert [at.start.hour for at, _ in found if isinstance(at, Timed)] == [9, 9, 9]
    assert [original for _, original in found] == [
        datetime(2026, 10, 24, 7), datetime(2026, 10, 25, 8), datetime(2026, 10, 26, 8),
    ]  # fmt: skip # short values, several a line


def test_a_time_that_daylight_saving_skips_is_still_one_occurrence() -> None:
    assert len(starts("FREQ=DAILY;COUNT=3", datetime(2027, 3, 27, 2, 30), "Europe/Berlin")) == 3


def test_until_is_told_in_utc_and_ends_on_the_series_own_clock() -> None:
    until = datetime(2026, 5, 14, 9, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    found = starts(f"FREQ=DAILY;UNTIL={until:%Y%m%dT%H%M%SZ}", datetime(2026, 5, 12, 9))
    assert [start.day for start in found] == [12, 13, 14]


def test_added_and_removed_dates_count() -> None:
    first = datetime(2026, 5, 12, 9)
    recurrence = Recurrence(("FREQ=DAILY;COUNT=3",), (datetime(2026, 5, 20, 9),), (datetime(2026, 5, 13, 9),))
    content = EventContent("Call", Timed(first, first + timedelta(hours=1), "Asia/Tokyo"), recurrence=recurrence)
    days = [at.start.day for at, _ in occurrences(content, WINDOW) if isinstance(at, Timed)]
    assert days == [12, 14, 20]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=1", "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
        "FREQ=FORTNIGHTLY", "nonsense", "", "FREQ=DAILY;COUNT=x", "FREQ=YEARLY;BYEASTER=1", "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;INTERVAL=0",
    ],
)  # fmt: skip # short values, several a line
def test_a_rule_that_runs_away_or_makes_no_sense_is_refused(rule: str) -> None:
    long = Window(date(2026, 1, 1), date(2029, 1, 1))
    with pytest.raises(RunawayRule):
        starts(rule, datetime(2026, 1, 1, 9), window=long)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_a_rule_that_never_comes_true_is_given_up_soon(frequency: str) -> None:
    begun = time.process_time()
    assert starts(f"FREQ={frequency};BYMONTH=2;BYMONTHDAY=30", datetime(2026, 1, 1, 9)) == []
    assert time.process_time() - begun < 5


def test_a_series_begun_long_ago_is_walked_to_the_window() -> None:
    assert starts("FREQ=DAILY", datetime(1990, 1, 1, 9), window=Window(date(2026, 5, 1), date(2026, 5, 3)))[0] == (
        datetime(2026, 5, 1, 9)
    )


def test_a_leap_day_comes_every_four_years() -> None:
    found = starts("FREQ=YEARLY", datetime(2024, 2, 29, 9), window=Window(date(2024, 1, 1), date(2033, 1, 1)))
    assert [start.year for start in found] == [2024, 2028, 2032]


# --- what a CRM sees ---
def daily(count: int) -> Recurrence:
    return Recurrence((f"FREQ=DAILY;COUNT={count}",))


def series(*parts: ObservedItem | Tombstone) -> tuple[ObservedItem, list[ObservedItem | Tombstone]]:
    master = item(Side.CALENDAR, "s", meeting(recurrence=daily(3)))
    return master, [master, *parts]


def exception(number: int, title: str) -> ObservedItem:
    start = datetime(2026, 5, 12 + number, 1)
    occurrence = Occurrence(item(Side.CALENDAR, "s").ref.id, start)
    content = meeting(title)
    return item(Side.CALENDAR, occurrence_id(occurrence.series, start), content, occurrence=occurrence)


def cancelled(number: int) -> Tombstone:
    one = exception(number, "")
    return Tombstone(one.ref, occurrence=one.occurrence)


def test_a_crm_with_series_sees_the_master_with_cancelled_occurrences_folded_in() -> None:
    _, parts = series(exception(1, "moved"), cancelled(2))
    whole = assemble(parts)
    assert whole is not None
    master, one = as_series(whole)
    assert master.content.recurrence is not None
    assert master.content.recurrence.removed == (datetime(2026, 5, 14, 10),)
    assert one.content.title == "moved"


def test_a_crm_without_series_sees_every_occurrence_as_an_item() -> None:
    _, parts = series(exception(1, "moved"), cancelled(2))
    whole = assemble(parts)
    assert whole is not None
    shown = list(as_single_items(whole, WINDOW))
    assert sorted(one.content.title for one in shown) == ["Visit to Aoki Trading", "moved"]
    assert {one.content.recurrence for one in shown} == {None}


def test_a_series_whose_master_nobody_told_is_no_series_yet() -> None:
    assert assemble([exception(1, "moved")]) is None


def test_an_occurrence_is_known_by_its_id() -> None:
    for start in (datetime(2026, 5, 12, 1), date(2026, 5, 12)):
        name = occurrence_id(item(id="a#b").ref.id, start)
        assert occurrence_named(name) == Occurrence(item(id="a#b").ref.id, start)
    for plain in ("a", "a#b", "a#2026", "#"):
        assert occurrence_named(Ref(item().ref.container, item(id=plain).ref.id).id) is None
