"""Our series against two others who read the same rules: a walk that asks every day, and libical where it is.

`SOROE_RULES=20000 pytest tests/core/test_recurrence_independent.py` tries as many rules as it says, anew each time.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from soroe.core.event import AllDay, EventContent, Recurrence, Timed, Window
from soroe.core.rules.recurrence import occurrences
from tests.core.almanac import NAMES, Rule, libical

MANY = int(os.environ.get("SOROE_RULES", "0"))
TRIED = settings(
    max_examples=MANY or 150, derandomize=not MANY, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
ZONES = (
    "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
    "Africa/Casablanca", "Etc/UTC",
)  # fmt: skip # short values, several a line
SPAN = timedelta(days=2 * 366)
LIBICAL = libical()


def numbers(low: int, high: int, most: int = 4) -> st.SearchStrategy[str]:
    """A list of numbers of which none is 0, counted from either end."""
    one = st.integers(low, high).filter(bool)
    return st.lists(one, min_size=1, max_size=most, unique=True).map(lambda found: ",".join(map(str, sorted(found))))


def named_days(*, counted: int) -> st.SearchStrategy[str]:
    """A list of week days, counted up to so many a period; all counted, or none."""
    plain = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
    if not counted:
        return plain.map(",".join)
    place = st.integers(-counted, counted).filter(bool)
    one = st.tuples(place, st.sampled_from(NAMES)).map(lambda found: f"{found[0]}{found[1]}")
    return (plain | st.lists(one, min_size=1, max_size=3, unique=True)).map(",".join)


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, date]:
    """Any rule of days, and the day that a series with it begins on: one of its days (RFC 5545, 3.8.5.3)."""
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 4)))}
    may: dict[str, st.SearchStrategy[str]] = {"BYMONTH": numbers(1, 12)}
    match frequency:
        case "DAILY":
            may |= {"BYMONTHDAY": numbers(-31, 31), "BYDAY": named_days(counted=0)}
        case "WEEKLY":
            may |= {"BYDAY": named_days(counted=0)}
        case "MONTHLY":
            may |= {"BYMONTHDAY": numbers(-31, 31), "BYDAY": named_days(counted=5)}
        case _:
            may |= {"BYMONTHDAY": numbers(-31, 31), "BYDAY": named_days(counted=5), "BYYEARDAY": numbers(-366, 366)}
            may |= {"BYWEEKNO": numbers(-53, 53)}
    for name in draw(st.lists(st.sampled_from(sorted(may)), max_size=2, unique=True)):
        parts[name] = draw(may[name])
    _without_riddles(parts)
    if frequency in {"MONTHLY", "YEARLY"} and {"BYDAY", "BYMONTHDAY"} & parts.keys() and draw(st.booleans()):
        parts["BYSETPOS"] = draw(numbers(-3, 3, most=2))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(NAMES))
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    around = draw(st.dates(date(2023, 1, 1), date(2026, 12, 31)))
    first = next(Rule(text, around).days(around + SPAN), None) or date.max
    assume(first != date.max and next(Rule(text, first).days(first), None) == first)
    end = draw(st.sampled_from(("", "COUNT", "UNTIL")))
    if end == "COUNT":
        text += f";COUNT={draw(st.integers(1, 60))}"
    elif end == "UNTIL":
        text += f";UNTIL={draw(st.dates(first, first + SPAN)):%Y%m%d}T235959"
    return text, first


def _without_riddles(parts: dict[str, str]) -> None:
    """Leave out what RFC 5545 leaves open, and calendars do not offer: numbered weeks beside counted days or months."""
    if "BYWEEKNO" in parts:
        for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY"):
            parts.pop(name, None)
        if any(character.isdigit() for character in parts.get("BYDAY", "")):
            parts.pop("BYDAY")
    if "BYYEARDAY" in parts and any(character.isdigit() for character in parts.get("BYDAY", "")):
        parts.pop("BYDAY")


def ours(rule: str, first: date, zone: str = "Etc/UTC", hour: int = 9) -> list[date]:
    start = datetime(first.year, first.month, first.day, hour)
    content = EventContent("Round", Timed(start, start + timedelta(hours=1), zone), recurrence=Recurrence((rule,)))
    found = occurrences(content, Window(first, first + SPAN))
    return [at.start.date() for at, _ in found if isinstance(at, Timed)]


@TRIED
@given(rules(), st.sampled_from(ZONES), st.integers(0, 23))
@example(("FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 1, 30)), "Asia/Tokyo", 9)
@example(("FREQ=YEARLY;INTERVAL=1;BYWEEKNO=1;BYDAY=MO", date(2025, 12, 29)), "Europe/Berlin", 0)
def test_a_rule_names_the_days_that_asking_every_day_finds(found: tuple[str, date], zone: str, hour: int) -> None:
    rule, first = found
    if "BYWEEKNO" in rule and first.month == 12:
        return  # whether the first week belongs to the year that it begins in is read in both ways
    assert ours(rule, first, zone, hour) == list(Rule(rule, first).days(first + SPAN))


@TRIED
@given(rules())
def test_whole_days_need_no_zone(found: tuple[str, date]) -> None:
    rule, first = found
    content = EventContent("Fair", AllDay(first, first + timedelta(days=1)), recurrence=Recurrence((rule,)))
    days = [at.start for at, _ in occurrences(content, Window(first, first + SPAN))]
    assert days == ours(rule, first)


def offered(rule: str) -> bool:
    """Whether calendars offer such a rule: libical 3.0 gets others wrong.

    Those are days counted from the end of a month in daily and yearly rules, days of any month of a year, days of a
    year in some months, weeks by number, and weeks that begin in their middle.
    """
    backwards = re.search(r"BY(MONTHDAY|YEARDAY)=[^;]*-", rule) is not None
    week = re.search("WKST=(TU|WE|TH|FR|SA)", rule) is not None
    any_month = "FREQ=YEARLY" in rule and "BYMONTHDAY" in rule and "BYMONTH=" not in rule
    year_day = "BYYEARDAY" in rule and "BYMONTH=" in rule
    return not (backwards or week or any_month or year_day or "BYWEEKNO" in rule)


@pytest.mark.skipif(LIBICAL is None, reason="libical is not on this computer (Debian: libical3)")
@TRIED
@given(rules())
def test_libical_names_the_same_days(found: tuple[str, date]) -> None:
    rule, first = found
    assume(offered(rule))
    assert LIBICAL is not None
    days = ours(rule, first)[:60]
    assert [day for day in LIBICAL.days(rule, first, 60) if day <= first + SPAN] == days


@TRIED
@given(rules(), st.sampled_from(ZONES), st.times())
def test_an_occurrence_is_named_by_the_instant_at_which_its_series_puts_it(
    found: tuple[str, date], zone: str, at: object
) -> None:
    rule, first = found
    start = datetime.combine(first, at).replace(microsecond=0, fold=0)  # type: ignore[arg-type]  # a time of day
    content = EventContent("Round", Timed(start, start + timedelta(hours=1), zone), recurrence=Recurrence((rule,)))
    seen = []
    for when, original in occurrences(content, Window(first, first + timedelta(days=400))):
        assert isinstance(when, Timed) and isinstance(original, datetime)
        assert when.start.time() == start.time(), "the wall clock is kept"
        moment = when.start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        assert original == moment
        seen.append(original)
    assert seen == sorted(set(seen)), "no two occurrences have one name"
