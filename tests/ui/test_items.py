"""A meeting's fields as words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from soroe.core.event import AllDay, EventContent, Field, Guest, Recurrence, ShowAs, Timed, Visibility
from soroe.ui.texts import Texts, field_value, side_by_side
from tests.fakes.desk import NOW, ZONE

MORNING = Timed(datetime(2026, 5, 12, 10, 0), datetime(2026, 5, 12, 11, 0), "Asia/Tokyo")


def meeting(title: str = "Visit", when: Timed | AllDay = MORNING, location: str = "") -> EventContent:
    return EventContent(title, when, location=location)


def test_both_sides_stand_field_by_field_and_differences_are_marked(english: Texts) -> None:
    crm, calendar = meeting("Visit", location="Zoom"), meeting("Visit", location="Office")
    pairs = {pair.field: pair for pair in side_by_side(english, crm, calendar, NOW, ZONE)}
    assert (pairs[Field.LOCATION].left, pairs[Field.LOCATION].right) == ("Zoom", "Office")
    assert pairs[Field.LOCATION].differs
    assert not pairs[Field.TITLE].differs
    assert Field.SHOW_AS not in pairs
    assert Field.GUESTS not in pairs


def test_a_side_that_is_not_there_differs_in_nothing(english: Texts) -> None:
    pairs = side_by_side(english, meeting("Visit"), None, NOW, ZONE)
    assert not any(pair.differs for pair in pairs)


def test_what_is_unusual_is_shown(english: Texts) -> None:
    content = replace(meeting("Visit"), show_as=ShowAs.FREE, visibility=Visibility.PRIVATE)
    shown = {pair.field: pair.left for pair in side_by_side(english, content, None, NOW, ZONE)}
    assert (shown[Field.SHOW_AS], shown[Field.VISIBILITY]) == ("Free", "Private")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (Timed(datetime(2026, 5, 12, 9, 0), datetime(2026, 5, 12, 10, 30), "Asia/Tokyo"), "Tue 12 May 9:00 – 10:30"),
        (Timed(datetime(2026, 5, 12, 9, 0), datetime(2026, 5, 12, 10, 0), "Europe/Paris"), "Tue 12 May 16:00 – 17:00"),
        (
            Timed(datetime(2026, 5, 12, 23, 0), datetime(2026, 5, 13, 1, 0), "Asia/Tokyo"),
            "Tue 12 May 23:00 – Wed 13 May 1:00",
        ),
        (AllDay(date(2026, 5, 12), date(2026, 5, 13)), "Tue 12 May · all day"),
        (AllDay(date(2026, 12, 31), date(2027, 1, 2)), "Thu 31 Dec – Fri 1 Jan 2027 · all day"),
    ],
)
def test_a_time_is_told_in_the_users_zone(english: Texts, when: Timed | AllDay, told: str) -> None:
    assert field_value(english, meeting(when=when), Field.WHEN, NOW, ZONE) == told


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (("FREQ=WEEKLY;BYDAY=MO",), "Every week"),
        (("FREQ=WEEKLY;INTERVAL=2",), "Repeats"),
        (("FREQ=DAILY", "FREQ=YEARLY"), "Repeats"),
        (("FREQ=SECONDLY",), "Repeats"),
    ],
)
def test_a_series_says_how_it_repeats_only_when_it_is_simple(english: Texts, rules: tuple[str, ...], told: str) -> None:
    content = replace(meeting(), recurrence=Recurrence(rules))
    assert field_value(english, content, Field.RECURRENCE, NOW, ZONE) == told


def test_a_few_guests_are_named_and_many_are_counted(english: Texts, japanese: Texts) -> None:
    few = replace(meeting(), guests=(Guest("a@example.com", "Aoki"), Guest("b@example.com")))
    many = replace(meeting(), guests=tuple(Guest(f"{n}@example.com") for n in range(1200)))
    assert field_value(english, few, Field.GUESTS, NOW, ZONE) == "Aoki, b@example.com"
    assert field_value(japanese, many, Field.GUESTS, NOW, ZONE) == "1,200 名"
