"""Other processes that the benchmark starts, and how it speaks with them: a line of JSON each way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
Answer = dict[str, Any]
Handler = Callable[..., Answer]


class ChildFailed(Exception):
    """A process of the benchmark ended, or answered with an error; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took from start to end: CPU seconds (user and system) and its largest memory in MiB."""

    cpu: float
    peak: float


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child: ours, with the sources on its path.

    Modules are compiled once and kept, for us and for the peer alike, as an installation does it.
    """
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"soroe-bench-{os.getuid()}")}
    return {**ours, **compiled, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'app'}", **(more or {})}


def run(command: Sequence[str], more: Mapping[str, str] | None = None, *, cwd: Path = ROOT) -> Cost:
    """Run a command to its end and tell what it took; raises `ChildFailed` with its last words when it fails."""
    process = subprocess.Popen(
        command, env=environment(more), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if process.stdout is None:
        raise ChildFailed(f"{command[0]} has no output to read")
    with process.stdout as told:
        words = told.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise ChildFailed(
            f"{' '.join(command)} ended with {process.returncode}:\n{words.decode(errors='replace')[-3000:]}"
        )
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Child:
    """A module of the benchmark that runs in a process of its own and answers questions until it is closed."""

    def __init__(self, module: str, *arguments: str, more: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(more),
            cwd=ROOT,
        )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ask(self, question: str, **details: Any) -> Answer:
        """Ask, and wait for the answer; raises `ChildFailed` with what went wrong there."""
        given, told = self._process.stdin, self._process.stdout
        if given is None or told is None:
            raise ChildFailed("the process has no pipes")
        given.write(json.dumps([question, details]).encode() + b"\n")
        given.flush()
        line = told.readline()
        if not line:
            raise ChildFailed(f"the process ended with {self._process.wait()} at {question}")
        answer: Answer = json.loads(line)
        if "broken" in answer:
            raise ChildFailed(f"{question}: {answer['broken']}")
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer the questions that come in, one after the other, until the input ends. What goes wrong is answered too."""
    given, told = sys.stdin, os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what others print must not be taken for an answer
    for line in given:
        question, details = json.loads(line)
        try:
            answer = handlers[question](**details)
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it, and ends
            answer = {"broken": "".join(traceback.format_exception(error))}
        told.write(json.dumps(answer) + "\n")
        told.flush()
