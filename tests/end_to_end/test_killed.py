"""A process is killed at any step of a sync, and the next one loses nothing and makes nothing twice (S-2)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.server import LoopbackServer
from tests.end_to_end.crms import CRMS, EMAIL, google_event, tomorrow
from tests.end_to_end.holding import Hold
from tests.end_to_end.homes import Installation, World
from tests.end_to_end.nursery import Nursery

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX does")

EXPECTED = sorted(["Kept", "CRM, renamed", "Calendar, renamed", "New in CRM", "New in calendar", "Too new in CRM"])
MOST_REQUESTS = 40


def linked(world: World, folder: Path) -> Installation:
    """A laptop in step, and then a change of every kind waiting on both sides. Its database is closed."""
    for title, hour in (("Kept", 9), ("CRM, old", 10)):
        world.side.creates(title, tomorrow(hour))
    if world.side.deletions_are_told:
        world.side.creates("CRM, deleted", tomorrow(11))
    for title, hour in (("Calendar, old", 12), ("Calendar, deleted", 13)):
        world.google.user_inserts(EMAIL, google_event(title, tomorrow(hour)))
    laptop = Installation(world, folder)
    laptop.settle()
    laptop.close()
    activities = world.side.ids()
    world.side.renames(activities["CRM, old"], "CRM, renamed")
    if world.side.deletions_are_told:
        world.side.deletes(activities["CRM, deleted"])
    world.side.creates("New in CRM", tomorrow(14))
    world.side.creates("Too new in CRM", tomorrow(16))
    events = {str(event["summary"]): str(event["id"]) for event in world.google.events(EMAIL, deleted=False)}
    world.google.user_patches(EMAIL, events["Calendar, old"], {"summary": "Calendar, renamed"})
    world.google.user_deletes(EMAIL, events["Calendar, deleted"])
    world.google.user_inserts(EMAIL, google_event("New in calendar", tomorrow(15)))
    return laptop


def in_step_after_restart(laptop: Installation, world: World, step: str) -> None:
    """The next start finds everything as it should be, exactly once on each side."""
    laptop.open()
    try:
        laptop.settle()
        assert world.titles() == (EXPECTED, EXPECTED), f"killed {step}"
        assert laptop.open_changes() == 0, f"killed {step}"
        assert world.google.mails_sent == ()
    finally:
        laptop.close()


def kill_at_request(world: World, laptop: Installation, nursery: Nursery, hold: Hold) -> bool:
    """Start a run and kill it while it waits for the held answer; False when it ended before."""
    child = nursery.start(laptop.folder)
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


def each_request(
    kind: str, folder: Path, nursery: Nursery, side: Callable[[World], LoopbackServer], *, carried_out: bool
) -> int:
    """Kill a run at its first request to a side, another at its second, and so on; returns how many there were."""
    for number in range(1, MOST_REQUESTS):
        with closing(CRMS[kind]()) as crm, GoogleSandbox() as google:
            world = World(crm, google)
            laptop = linked(world, folder / f"home{number}")
            hold = Hold(side(world), number, carried_out)
            if not kill_at_request(world, laptop, nursery, hold):
                return number - 1
            in_step_after_restart(laptop, world, f"at request {number}, carried out: {carried_out}")
    raise AssertionError("a run of six changes should not take so many requests")


def of_crm(world: World) -> LoopbackServer:
    return world.side.server


def of_google(world: World) -> LoopbackServer:
    return world.google.server


@pytest.mark.parametrize("carried_out", [False, True], ids=["before it took effect", "before its answer came"])
@pytest.mark.parametrize("side", [of_crm, of_google])
@pytest.mark.parametrize("kind", list(CRMS))
def test_a_run_killed_at_any_request_loses_and_doubles_nothing(
    kind: str, side: Callable[[World], LoopbackServer], carried_out: bool, tmp_path: Path, nursery: Nursery
) -> None:
    assert each_request(kind, tmp_path, nursery, side, carried_out=carried_out) >= 3


@pytest.mark.parametrize("step", ["writing", "written"])
@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_a_run_killed_around_any_batch_loses_and_doubles_nothing(
    world: World, step: str, tmp_path: Path, nursery: Nursery
) -> None:
    laptop = linked(world, tmp_path / "home")
    kills = 0
    while True:  # each start is killed at its first batch, until nothing is left to write
        child = nursery.start(laptop.folder, pause=f"{step}:1")
        if not child.wait_for_pause():
            assert child.told("result") == "well", child.told("result") + child.told("stderr")
            break
        child.kill()
        kills += 1
        assert kills < 20
        if step == "writing" and kills == 3:  # it never gets to write: go on without the pause
            break
    assert kills >= 2
    in_step_after_restart(laptop, world, f"{step}, {kills} times")


@pytest.mark.parametrize("world", list(CRMS), indirect=True)
def test_a_recovery_that_is_killed_too_is_recovered(world: World, tmp_path: Path, nursery: Nursery) -> None:
    laptop = linked(world, tmp_path / "home")
    hold = Hold(world.google.server, 1, carried_out=True, matching=lambda method, path: "batch" in path)
    assert kill_at_request(world, laptop, nursery, hold)
    laptop.open()
    assert laptop.open_changes() > 0
    laptop.close()
    killed = 0
    for number in range(1, 8):  # the recovery looks at each open change: killed at its first look, at its second, …
        hold = Hold(world.google.server, number, carried_out=True, matching=lambda method, path: "/events/" in path)
        killed += kill_at_request(world, laptop, nursery, hold)
    assert killed >= 1
    in_step_after_restart(laptop, world, "while recovering")


def test_a_first_run_that_is_killed_again_and_again_comes_to_its_end(
    world: World, tmp_path: Path, nursery: Nursery
) -> None:
    titles = [f"Visit {number:03}" for number in range(120)]
    for number, title in enumerate(titles):
        start = tomorrow(9 + number % 8, 1 + number // 8)
        if number % 2:
            world.side.creates(title, start)
        else:
            world.google.user_inserts(EMAIL, google_event(title, start))
    laptop = Installation(world, tmp_path / "home")
    laptop.close()
    for number in (1, 2, 3, 5, 8, 13):
        kill_at_request(world, laptop, nursery, Hold(world.side.server, number, carried_out=number % 2 == 0))
        kill_at_request(world, laptop, nursery, Hold(world.google.server, number, carried_out=number % 2 == 1))
    laptop.open()
    laptop.settle(4)
    assert world.titles() == (titles, titles)
    assert laptop.open_changes() == 0
    laptop.close()
