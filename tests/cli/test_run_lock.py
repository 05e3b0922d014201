"""One run of a sync at a time, whichever process makes it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from soroe.adapters.desktop.run_lock import RunLocks
from soroe.bootstrap.program import Program
from soroe.bootstrap.workers import workshop
from soroe.core.route import SyncName
from soroe.engine.messages import Event, Shutdown, Start, SyncNow
from soroe.engine.worker import Worker
from soroe.ports.errors import LocalTrouble, RetryLater
from tests.cli.homes import Installation, World, tomorrow
from tests.cli.shell import ROOT, Shell

HOLD = """
import sys
from pathlib import Path
from soroe.adapters.desktop.run_lock import RunLocks
with RunLocks(Path(sys.argv[1]), lambda seconds: False).turn("work", 5.0):
    print("mine", flush=True)
    sys.stdin.readline()
"""


def never(_seconds: float) -> bool:
    time.sleep(0.01)
    return False


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT / "app")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_another_process_is_waited_for_and_then_named_busy(tmp_path: Path) -> None:
    process = holder(tmp_path)
    try:
        with pytest.raises(RetryLater, match="busy"), RunLocks(tmp_path, never).turn("work", 0.05):
            pass
        with RunLocks(tmp_path, never).turn("other", 0.0):
            pass
    finally:
        end(process)


def test_a_killed_process_leaves_nothing_locked(tmp_path: Path) -> None:
    end(holder(tmp_path))
    with RunLocks(tmp_path, never).turn("work", 5.0):
        assert (tmp_path / next(iter(tmp_path.iterdir())).name).stat().st_mode & 0o777 == 0o600


def test_waiting_ends_with_the_program(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path, lambda _seconds: True)
    with (
        locks.turn("work", None),
        pytest.raises(LocalTrouble, match="shutting_down"),
        locks.turn("work", None),
    ):
        pass


def test_the_name_of_a_sync_is_no_path(tmp_path: Path) -> None:
    with RunLocks(tmp_path / "data", never).turn("../../etc/passwd", 0.0):
        assert [path.parent for path in tmp_path.rglob("*.lock")] == [tmp_path / "data"]


def test_the_trays_thread_waits_while_a_command_runs_the_sync_and_then_goes_on(
    world: World, laptop: Installation, soroe: Shell
) -> None:
    world.crm.user_creates(world.user, "Visit", tomorrow(10), tomorrow(11))
    soroe("syncs", "start", "work")
    settings = laptop.program.settings().sync("work")
    assert settings is not None
    events: list[Event] = []
    ran = threading.Event()

    def publish(event: Event) -> None:
        events.append(event)
        if type(event).__name__ == "RunFinished":
            ran.set()

    worker = Worker(workshop(laptop.program, settings, publish))
    with laptop.program.turn(SyncName("work"), 0.0):
        worker.start()
        worker.send(SyncNow(SyncName("work")))
        assert not ran.wait(0.5)
        assert world.google.events("sato@example.com") == []
    assert ran.wait(90)
    worker.send(Shutdown())
    assert worker.join(90)
    assert len(world.google.events("sato@example.com")) == 1


def test_a_thread_that_waits_for_its_turn_ends_with_the_program(laptop: Installation) -> None:
    settings = laptop.program.settings().sync("work")
    assert settings is not None
    worker = Worker(workshop(laptop.program, settings, lambda _event: None))
    with laptop.program.turn(SyncName("work"), 0.0):
        worker.start()
        worker.send(Start(SyncName("work")))
        laptop.program.stopped.set()
        worker.send(Shutdown())
        assert worker.join(90)


def test_changes_of_the_settings_by_several_at_once_are_all_kept(laptop: Installation) -> None:
    homes = laptop.program.homes
    programs = [Program(homes, laptop.keychain, laptop.program.environment) for _ in range(8)]

    def add(number: int) -> int:
        line = ("syncs", "add", f"also {number}", "--crm", "crm", "--calendar", "calendar", "--calendars", str(number))
        return Shell(programs[number])(*line).code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(8))) == [0] * 8
    assert len(laptop.program.settings().syncs) == 1 + 8
