"""Exchange's recurrences and the core's: the same rule there and back, and occurrences counted as Exchange does."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from exchangelib import recurrence as ews  # type: ignore[import-untyped] # it publishes no typing information

from soroe.adapters.exchange.reading import Misfit
from soroe.adapters.exchange.repeats import occurrence_number, read_recurrence, read_repetition, write_recurrence
from soroe.core.event import AllDay, Field, Recurrence, Timed, When
from tests.contracts.stand import differing, meeting

TUESDAY = Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo")
LAST_DAY = Timed(datetime(2026, 5, 31, 10), datetime(2026, 5, 31, 11), "Asia/Tokyo")
DAY = AllDay(date(2026, 5, 12), date(2026, 5, 13))


@pytest.mark.parametrize("when", [TUESDAY, DAY], ids=["timed", "whole days"])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=999",
        "FREQ=WEEKLY;BYDAY=TU,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=5;BYDAY=2TU;COUNT=5",
    ],
)
def test_a_rule_means_the_same_there_and_back(when: When, rule: str) -> None:
    wanted = Recurrence((rule,))
    back = read_recurrence(write_recurrence(wanted, when), when, ())
    assert differing(meeting(when=when, recurrence=back), meeting(when=when, recurrence=wanted)) == []


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=-1"])
def test_the_last_days_of_months_come_back(rule: str) -> None:
    wanted = Recurrence((rule,))
    assert read_recurrence(write_recurrence(wanted, LAST_DAY), LAST_DAY, ()) == wanted


def test_an_end_is_the_last_day_by_the_series_own_clock() -> None:
    wanted = Recurrence(("FREQ=WEEKLY;UNTIL=20260630T145959Z",))
    found = write_recurrence(wanted, TUESDAY)
    assert found.boundary.end == date(2026, 6, 30) and read_recurrence(found, TUESDAY, ()) == wanted


def test_cancelled_starts_are_told_in_order() -> None:
    removed = (datetime(2026, 6, 2, 10), datetime(2026, 5, 19, 10))
    found = write_recurrence(Recurrence(("FREQ=WEEKLY",)), TUESDAY)
    assert read_recurrence(found, TUESDAY, removed).removed == tuple(sorted(removed))


@pytest.mark.parametrize(
    "found",
    [
        None,
        SimpleNamespace(pattern=None, boundary=None),
        ews.Recurrence(pattern=ews.DailyPattern(interval=1), boundary=None),
        ews.Recurrence(pattern=ews.WeeklyPattern(interval=1, weekdays=None), start=date(2026, 5, 12)),
        ews.Recurrence(pattern=ews.RelativeMonthlyPattern(interval=1, weekday=None, week_number=9), start=DAY.start),
    ],
)
def test_a_recurrence_that_makes_no_sense_is_a_misfit(found: Any) -> None:
    with pytest.raises(Misfit) as raised:
        read_repetition(found)
    assert raised.value.field == Field.RECURRENCE


@pytest.mark.parametrize(
    ("rule", "wanted", "number"),
    [
        ("FREQ=WEEKLY;COUNT=6", date(2026, 5, 12), 1),
        ("FREQ=WEEKLY;COUNT=6", date(2026, 5, 26), 3),
        ("FREQ=WEEKLY;COUNT=6", date(2026, 5, 27), None),
        ("FREQ=WEEKLY;COUNT=6", date(2026, 5, 5), None),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", date(2026, 5, 28), 4),
        ("FREQ=DAILY", date(2036, 5, 12), 3654),
        ("FREQ=MONTHLY;BYDAY=2TU", date(2026, 7, 14), 3),
    ],
)
def test_occurrences_are_counted_from_the_first(rule: str, wanted: date, number: int | None) -> None:
    assert occurrence_number(write_recurrence(Recurrence((rule,)), TUESDAY), TUESDAY, wanted) == number
