"""Real processes of the program, started quickly and killed without warning.

One process loads the program once and then forks: each child is a process of its own with its own connections, and
dies by SIGKILL as after a power cut.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@dataclass
class Child:
    """One run in a process of its own. `pause` names the step before which it waits to be killed."""

    pid: int
    marks: Path

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> str:
        """Wait for the end; returns what the run came to, empty when it was killed."""
        self._until(lambda: self._mark("ended"))
        return self.told("result")

    def wait_for_pause(self) -> bool:
        """Wait until the child is at its pause; False when it came to its end without."""
        self._until(lambda: self._mark("paused") or self._mark("ended"))
        return self._mark("paused")

    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._mark("ended")

    def told(self, name: str) -> str:
        """What the child wrote down under a name."""
        path = self.marks / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _mark(self, name: str) -> bool:
        return (self.marks / name).exists()

    @staticmethod
    def _until(done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, "the process did not get there"
            time.sleep(0.005)


class Nursery:
    """The process that forks the children."""

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "app"), str(ROOT)])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.child"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip # short values, several a line
        self._count = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def start(self, home: Path, pause: str = "", runs: int = 1) -> Child:
        """Run the sync of a home `runs` times, waiting before the step named by `pause`: `written:2`, `writing:1`…"""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._count += 1
        marks = home.parent / f"child{self._count}"
        marks.mkdir()
        order = {"home": str(home), "marks": str(marks), "pause": pause, "runs": runs}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()), marks)
