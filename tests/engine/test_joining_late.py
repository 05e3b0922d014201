"""A new laptop that takes only what is touched from its start on (PD-3), in a sync that has long been at work (S-2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.event import Side
from tests.builders import Laptop, at

from .sales import Sales, asked, day, pairs


def late(sales: Sales) -> Laptop:
    """A laptop that begins now, and takes nothing that nobody touches from now on."""
    laptop = sales.laptop()
    laptop.route = replace(laptop.route, changed_since=sales.clock())
    sales.clock.later(hours=1)
    laptop.until_quiet()
    sales.clock.later(hours=1)
    return laptop


@pytest.mark.parametrize("side", Side)
def test_a_pair_that_nobody_had_touched_is_known_when_somebody_does(side: Side) -> None:
    sales = Sales()
    series = sales.series()
    new = late(sales)
    if side is Side.CRM:
        sales.crm.user_changes(sales.activity(1), title="Review", when=at(16, day=21))
    else:
        sales.calendar.user_changes(day(series, 1), title="Review", when=at(16, day=21))
    new.until_quiet()
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Review"]] * 2
    assert asked(new) == []


def test_a_pair_that_looked_different_before_is_asked_about_at_once() -> None:
    sales = Sales()
    series = sales.series()
    activity = sales.change_beyond_knowing(1)
    sales.clock.later(hours=1)
    new = late(sales)
    assert pairs(new) == {frozenset({activity, day(series, 1)})}
    sales.crm.user_changes(activity, description="agenda")
    sales.calendar.user_changes(day(series, 1), description="agenda")
    new.until_quiet()
    assert [len(titles) for titles in sales.shown()] == [3, 3]


def test_what_was_never_synced_stays_out_until_somebody_touches_it() -> None:
    sales = Sales()
    sales.series()
    visit = replace(sales.crm.items[sales.activity(0)].content, title="Apart")
    apart = sales.crm.user_creates(visit, activity_type="meeting")
    sales.clock.later(hours=1)
    new = late(sales)
    assert "Apart" not in sales.shown()[1]
    assert asked(new) == []
    sales.crm.user_changes(apart, description="agenda")
    new.until_quiet()
    assert "Apart" in sales.shown()[1]
