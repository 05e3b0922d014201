"""A process is killed while it carries series with exceptions over, and no occurrence is lost or doubled (S-2)."""

from __future__ import annotations

import os
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.crms import EMAIL, google_event, tomorrow
from tests.end_to_end.holding import Hold, writes
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.nursery import Nursery

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX does")
MOST_WRITES = 20


def series_in_calendar(world: World, title: str, hour: int) -> list[str]:
    """Four weeks, the second renamed, the third cancelled; returns the titles that a CRM shows of it."""
    start = tomorrow(hour)
    made = world.google.user_inserts(EMAIL, google_event(title, start, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"]))
    second, third = ((start + timedelta(weeks=week)).astimezone(UTC) for week in (1, 2))
    world.google.user_patches(EMAIL, f"{made['id']}_{second:%Y%m%dT%H%M%SZ}", {"summary": f"{title}, special"})
    world.google.user_deletes(EMAIL, f"{made['id']}_{third:%Y%m%dT%H%M%SZ}")
    return [title, f"{title}, special"]


def series_in_crm(world: World, title: str, hour: int) -> list[str]:
    """Four weeks of which one is moved to another place."""
    start = tomorrow(hour)
    rule = ["RRULE:FREQ=WEEKLY;COUNT=4"]
    made = world.crm.user_creates(world.user, title, start, start + timedelta(hours=1), recurrence=rule)
    second = start + timedelta(weeks=1)
    world.crm.user_creates(
        world.user, f"{title}, special", second, second + timedelta(hours=1), series_id=made.id, original_start=second
    )
    return [title, f"{title}, special"]


@pytest.mark.parametrize("of_google", [True, False], ids=["writes to Google", "writes to the CRM"])
def test_series_survive_a_kill_at_any_write(world: World, tmp_path: Path, nursery: Nursery, of_google: bool) -> None:
    laptop = Installation(world, tmp_path / "home")
    laptop.settle()
    laptop.close()
    expected: list[str] = []
    for number in range(1, MOST_WRITES):
        expected += series_in_calendar(world, f"Calendar {number}", 9)
        expected += series_in_crm(world, f"CRM {number}", 14)
        server = world.google.server if of_google else world.side.server
        hold = Hold(server, number, carried_out=number % 2 == 0, matching=writes)
        child = nursery.start(laptop.folder)
        while not hold.reached.wait(0.005) and not child.ended():
            pass
        reached = hold.reached.is_set()
        if reached:
            child.kill()
        hold.let_go()
        laptop.open()
        laptop.settle(4)
        assert world.side.titles() == sorted(expected), f"killed at write {number}"
        assert world.calendar_titles() == sorted(expected), f"killed at write {number}"
        assert laptop.open_changes() == 0
        laptop.close()
        if not reached:
            assert number > 2
            return
    raise AssertionError("two series should not take so many writes")
