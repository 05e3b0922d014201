"""`sync` without `--once`, in this process: runs, trouble, and a clean end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from soroe.engine.health import HealthState
from soroe.sandbox.faults import Delay
from tests.cli.homes import EMAIL, Installation, World, google_event, tomorrow
from tests.cli.shell import Outcome, Shell
from tests.desktop.desktop_session import wait_until


def run_until(laptop: Installation, reached: Callable[[], bool], *line: str) -> Outcome:
    """Run `soroe sync` on a thread of its own until something is so, and then end it as a signal would."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(Shell(laptop.program)("sync", *line)))
    thread.start()
    try:
        wait_until(reached, seconds=90)
    finally:
        laptop.program.stopped.set()
        thread.join(60)
    return outcomes[0]


def test_it_syncs_by_itself_and_tells_each_run_that_did_something(
    world: World, laptop: Installation, started: Shell
) -> None:
    world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    sync = laptop.store.sync(laptop.program.settings().syncs[0].name)
    outcome = run_until(laptop, lambda: bool(sync.runs(1)) and sync.runs(1)[0].finished is not None)
    assert outcome.code == 0
    assert outcome.out == "work: 1 created\n"
    assert "Keeping in step: work" in outcome.err


def test_a_sign_in_that_ended_meanwhile_is_told_and_is_the_exit_code(
    world: World, laptop: Installation, started: Shell
) -> None:
    started("sync", "--once")
    world.google.user_removes_app(EMAIL)

    def noticed() -> bool:
        accounts = Shell(laptop.program).json("accounts", "list").document["accounts"]
        return HealthState.SIGN_IN_NEEDED in {account["state"] for account in accounts}

    store = laptop.store.sync(laptop.program.settings().syncs[0].name)
    store.save_state(replace(store.state(), last_run=None))
    outcome = run_until(laptop, noticed, "--json")
    assert outcome.code == 3
    assert outcome.document["findings"][0]["account"] == "calendar"


def test_a_run_that_the_end_of_the_program_cuts_short_blames_nobody(
    world: World, laptop: Installation, started: Shell
) -> None:
    for number in range(300):
        world.google.user_inserts(EMAIL, google_event(f"Visit {number}", tomorrow(number % 23)))
    # The second batch of a hundred is slow, so that the program is told to end before the third is sent.
    world.crm.faults.add(Delay(2), "POST", "batch", skip=1)
    outcome = run_until(laptop, lambda: len(world.crm.activities()) > 0)
    assert outcome.code == 0
    assert 0 < len(world.crm.activities()) < 300
    laptop.program.stopped.clear()
    (run,) = started.json("history").document["runs"]
    assert run["trouble"] == "shutting_down"
    assert {one["state"] for one in started.json("accounts", "list").document["accounts"]} == {"connected"}
    assert started("sync", "--once").code == 0
    assert len(world.crm.activities()) == 300


def test_a_sync_that_was_not_started_does_not_keep_running(soroe: Shell) -> None:
    assert soroe.json("sync").document["error"]["code"] == "not_started"
