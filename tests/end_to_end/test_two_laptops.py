"""Two processes sync the same accounts at the same time, and nothing is made twice (S-2)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.calendars import WORLDS
from tests.end_to_end.crms import tomorrow
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.nursery import Nursery

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes as POSIX does"),
    pytest.mark.parametrize("world", WORLDS, indirect=True),
]
ROUNDS = 4


class Days:
    """What people do on both sides between two rounds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._round = 0
        self.expected: set[str] = set()

    def go_on(self) -> None:
        """Two new meetings on each side; from the second round on, one of each side's is renamed."""
        self._round += 1
        day = self._round
        for number in range(2):
            self._world.side.creates(f"CRM {day}.{number}", tomorrow(9 + number, day))
            self._world.calendar.creates(f"Calendar {day}.{number}", tomorrow(13 + number, day))
            self.expected |= {f"CRM {day}.{number}", f"Calendar {day}.{number}"}
        if day > 1:
            self._rename(f"CRM {day - 1}.0", f"Calendar {day - 1}.0")

    def _rename(self, in_crm: str, in_calendar: str) -> None:
        self._world.side.renames(self._world.side.ids()[in_crm], f"{in_crm}, renamed")
        self._world.calendar.renames(self._world.calendar.ids()[in_calendar], f"{in_calendar}, renamed")
        self.expected -= {in_crm, in_calendar}
        self.expected |= {f"{in_crm}, renamed", f"{in_calendar}, renamed"}


def test_two_homes_at_once_make_nothing_twice(
    world: World, install: Callable[..., Installation], nursery: Nursery
) -> None:
    laptops = [install(), install()]
    for laptop in laptops:
        laptop.close()
    days = Days(world)
    for _ in range(ROUNDS):
        days.go_on()
        children = [nursery.start(laptop.folder, runs=2) for laptop in laptops]
        told = [child.wait() for child in children]
        assert told == ["well well", "well well"], [child.told("stderr") for child in children]
    for laptop in laptops:
        laptop.open()
        laptop.settle()
    assert world.titles() == (sorted(days.expected),) * 2
    for laptop in laptops:  # and now both rest
        assert laptop.run().converged
        assert laptop.open_changes() == 0


def test_two_processes_on_one_home_make_nothing_twice(world: World, tmp_path: Path, nursery: Nursery) -> None:
    laptop = Installation(world, tmp_path / "home")
    laptop.close()
    days = Days(world)
    for _ in range(ROUNDS):
        days.go_on()
        children = [nursery.start(laptop.folder, runs=2) for _ in range(2)]
        for child in children:
            assert "Traceback" not in child.wait(), child.told("result")
    laptop.open()
    laptop.settle()
    assert world.titles() == (sorted(days.expected),) * 2
    assert laptop.open_changes() == 0
    laptop.close()
