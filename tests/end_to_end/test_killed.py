"""A process is killed at any step of a sync, and the next one loses nothing and makes nothing twice (S-2)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from soroe.sandbox.server import LoopbackServer
from tests.end_to_end.calendars import WORLDS
from tests.end_to_end.crms import tomorrow
from tests.end_to_end.holding import Hold
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.nursery import Nursery

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX does")

MOST_REQUESTS = 40


class Case:
    """A laptop in step with both sides. A round puts a change of every kind on both; the database is closed between."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.expected: set[str] = set()
        self._round = 0
        for number, title in enumerate(("Kept", "in CRM", "deleted in CRM", "in calendar", "deleted in calendar")):
            self.create(f"{title} 0", number, in_crm=number < 3)
        self.laptop = Installation(world, folder)
        self.laptop.settle()
        self.laptop.close()

    def wait_with_changes(self) -> None:
        """Change, delete and create on both sides."""
        before, self._round = self._round, self._round + 1
        now, side, calendar = self._round, self.world.side, self.world.calendar
        activities, events = side.ids(), calendar.ids()
        side.renames(activities[f"in CRM {before}"], f"in CRM {now}")
        calendar.renames(events[f"in calendar {before}"], f"in calendar {now}")
        calendar.deletes(events[f"deleted in calendar {before}"])
        gone = {f"in CRM {before}", f"in calendar {before}", f"deleted in calendar {before}"}
        if side.deletions_are_told:
            side.deletes(activities[f"deleted in CRM {before}"])
            gone.add(f"deleted in CRM {before}")
        self.expected = self.expected - gone | {f"in CRM {now}", f"in calendar {now}"}
        self.create(f"deleted in CRM {now}", now, in_crm=True)
        self.create(f"deleted in calendar {now}", now, in_crm=False)

    def restart(self, step: str) -> None:
        """The next start finds everything as it should be, exactly once on each side."""
        self.laptop.open()
        try:
            self.laptop.settle()
            assert self.world.titles() == (sorted(self.expected),) * 2, f"killed {step}"
            assert self.laptop.open_changes() == 0, f"killed {step}"
            assert self.world.calendar.mails() == 0
        finally:
            self.laptop.close()

    def create(self, title: str, number: int, *, in_crm: bool) -> None:
        """An hour on one side."""
        start = tomorrow(9 + number % 8, 1 + number // 8)
        if in_crm:
            self.world.side.creates(title, start)
        else:
            self.world.calendar.creates(title, start)
        self.expected.add(title)


def kill_at_request(case: Case, nursery: Nursery, hold: Hold) -> bool:
    """Start a run and kill it while it waits for the held answer; False when it ended before."""
    child = nursery.start(case.laptop.folder)
    while not hold.reached.wait(0.005):
        if child.ended():
            break
    reached = hold.reached.is_set()
    if reached:
        child.kill()
    else:
        assert child.wait() == "well", child.told("result") + child.told("stderr")
    hold.let_go()
    return reached


def of_crm(world: World) -> LoopbackServer:
    return world.side.server


def of_calendar(world: World) -> LoopbackServer:
    return world.calendar.server


@pytest.mark.parametrize("carried_out", [False, True], ids=["before it took effect", "before its answer came"])
@pytest.mark.parametrize("side", [of_crm, of_calendar])
@pytest.mark.parametrize("world", WORLDS, indirect=True)
def test_a_run_killed_at_any_request_loses_and_doubles_nothing(
    world: World, side: Callable[[World], LoopbackServer], carried_out: bool, tmp_path: Path, nursery: Nursery
) -> None:
    case = Case(world, tmp_path / "home")
    for number in range(1, MOST_REQUESTS):  # at the first request to that side, at the second, …
        case.wait_with_changes()
        if not kill_at_request(case, nursery, Hold(side(world), number, carried_out)):
            assert number > 3
            return
        case.restart(f"at request {number}, carried out: {carried_out}")
    raise AssertionError("a run of six changes should not take so many requests")


@pytest.mark.parametrize("step", ["writing", "written"])
@pytest.mark.parametrize("world", WORLDS, indirect=True)
def test_a_run_killed_around_any_batch_loses_and_doubles_nothing(
    world: World, step: str, tmp_path: Path, nursery: Nursery
) -> None:
    case = Case(world, tmp_path / "home")
    for number in range(1, MOST_REQUESTS):  # before the first batch is sent, or after it was answered; …
        case.wait_with_changes()
        child = nursery.start(case.laptop.folder, pause=f"{step}:{number}")
        if not child.wait_for_pause():
            assert child.told("result") == "well", child.told("result") + child.told("stderr")
            assert number > 2
            return
        child.kill()
        case.restart(f"{step} batch {number}")
    raise AssertionError("a run of six changes should not take so many batches")


@pytest.mark.parametrize("world", WORLDS, indirect=True)
def test_a_recovery_that_is_killed_too_is_recovered(world: World, tmp_path: Path, nursery: Nursery) -> None:
    case = Case(world, tmp_path / "home")
    case.wait_with_changes()
    child = nursery.start(case.laptop.folder, pause="written:1")
    assert child.wait_for_pause()
    child.kill()
    case.laptop.open()
    assert case.laptop.open_changes() > 0
    case.laptop.close()
    killed = 0
    for number in range(1, 5):  # the recovery looks at each open change: killed at its first look, at its second, …
        for server in (world.side.server, world.calendar.server):
            killed += kill_at_request(case, nursery, Hold(server, number, carried_out=True))
    assert killed >= 2
    case.restart("while recovering")


def test_a_first_run_that_is_killed_again_and_again_comes_to_its_end(
    world: World, tmp_path: Path, nursery: Nursery
) -> None:
    case = Case(world, tmp_path / "home")
    for number in range(120):
        case.create(f"Visit {number:03}", number, in_crm=bool(number % 2))
    for number in (1, 3, 8, 13, 40):
        kill_at_request(case, nursery, Hold(world.side.server, number, carried_out=number % 2 == 0))
        kill_at_request(case, nursery, Hold(world.calendar.server, number, carried_out=number % 2 == 1))
    case.restart("again and again")
