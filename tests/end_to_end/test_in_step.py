"""Each calendar and each CRM, in step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.calendars import WORLDS
from tests.end_to_end.crms import tomorrow
from tests.end_to_end.homes import Installation, World

pytestmark = pytest.mark.parametrize("world", WORLDS, indirect=True)


def test_both_sides_come_into_step_and_then_rest(world: World, install: Callable[..., Installation]) -> None:
    world.side.creates("訪問 青木商事", tomorrow(10))
    world.calendar.creates("Dentist", tomorrow(15))
    laptop = install()
    first = laptop.run()
    assert first.trouble is None
    assert first.record.created == (1, 1)
    second = laptop.run()
    assert second.converged
    assert second.record.requests <= 3
    assert world.titles() == (["Dentist", "訪問 青木商事"],) * 2
    assert world.calendar.mails() == 0


def test_changes_and_deletions_travel_both_ways(world: World, install: Callable[..., Installation]) -> None:
    activity = world.side.creates("Visit", tomorrow(10))
    event = world.calendar.creates("Dentist", tomorrow(15))
    laptop = install()
    laptop.run()
    world.side.renames(activity, "Visit, moved")
    world.calendar.deletes(event)
    result = laptop.run()
    assert (result.record.updated, result.record.deleted) == ((0, 1), (1, 0))
    assert laptop.run().converged
    assert world.titles() == (["Visit, moved"],) * 2
