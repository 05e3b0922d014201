"""Activities of types that do not go out: what was made of events is one of their twins all the same (PD-4, S-2)."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import Side
from soroe.core.plan import Why
from tests.builders import Laptop, at, meeting

from .sales import Sales, asked, day

CALLS = frozenset({"call"})


def calls_only(laptop: Laptop) -> Laptop:
    """A laptop from which only calls go out, while events become meetings."""
    laptop.route = replace(laptop.route, activity_types=CALLS)
    return laptop


def office_with_series() -> Sales:
    """Activities of a series' occurrences, and nothing on them that would tell a new laptop whose they are."""
    sales = Sales()
    calls_only(sales.old)
    sales.series()
    return sales


def test_a_new_laptop_knows_what_was_made_of_events() -> None:
    sales = office_with_series()
    made = set(sales.crm.items)
    new = calls_only(sales.laptop())
    new.until_quiet()
    assert set(sales.crm.items) == made
    assert new.joint().store.link_count() == len(made) == 3


def test_a_new_laptop_asks_about_one_that_was_changed_beyond_knowing() -> None:
    sales = office_with_series()
    changed = sales.change_beyond_knowing(1)
    new = calls_only(sales.laptop())
    new.until_quiet()
    assert len(sales.crm.items) == 3
    (question,) = asked(new)
    assert (Side.CRM, changed) in question.group()


def test_a_new_laptop_knows_one_by_the_place_of_an_occurrence_that_moved() -> None:
    sales = office_with_series()
    (series,) = sales.calendar.items
    sales.calendar.user_changes(day(series, 1), title="Review", when=at(16, day=21))
    new = calls_only(sales.laptop())
    new.until_quiet()
    assert len(sales.crm.items) == 3
    assert asked(new) == []
    assert sales.shown()[0] == sales.shown()[1]


def test_an_event_is_the_same_meeting_as_an_activity_of_whatever_type() -> None:
    laptop = calls_only(Laptop())
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="lunch")
    laptop.until_quiet()
    assert laptop.joint().store.why(Side.CRM, activity) is Why.TYPE_NOT_CHOSEN
    laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    assert (len(laptop.crm.items), laptop.joint().store.link_count()) == (1, 1)
