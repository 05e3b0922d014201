"""The process that is killed: loads the program once, and forks a child for each run it is told to make."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import msal  # type: ignore[import-untyped]  # it publishes no types

import soroe.adapters.crm.oracle.crm
import soroe.adapters.crm.pipedrive.crm
import soroe.adapters.crm.rest.crm
import soroe.adapters.crm.rest.profile_file
import soroe.adapters.crm.salesforce.crm
import soroe.adapters.exchange.body
import soroe.adapters.exchange.calendar
import soroe.adapters.exchange.library
import soroe.adapters.exchange.repeats
import soroe.adapters.google.calendar
import soroe.adapters.microsoft365.calendar
import soroe.adapters.net.direct
import soroe.bootstrap.oracle
from soroe.adapters.desktop.crash import log_crashes
from soroe.bootstrap.syncs import Syncs
from soroe.engine.joint import End, Joint
from soroe.engine.run import Run
from soroe.ports.remote import Result, Write, Writer
from tests.end_to_end.homes import SYNC, program

_LOADED = (
    soroe.adapters.crm.oracle.crm,
    soroe.adapters.crm.pipedrive.crm,
    soroe.adapters.crm.rest.crm,
    soroe.adapters.crm.rest.profile_file,
    soroe.adapters.crm.salesforce.crm,
    soroe.adapters.exchange.body,
    soroe.adapters.exchange.calendar,
    soroe.adapters.exchange.library,
    soroe.adapters.exchange.repeats,
    soroe.adapters.google.calendar,
    soroe.adapters.microsoft365.calendar,
    soroe.adapters.net.direct,
    soroe.bootstrap.oracle,
    msal,
)


class Pause:
    """The step before which the process waits for its end: `writing:2` is before the second call of a writer."""

    def __init__(self, where: str, marks: Path) -> None:
        self._step, _, number = where.partition(":")
        self._left = int(number or 0)
        self._marks = marks

    def at(self, step: str, told: object = "") -> None:
        """Wait for ever if this is the place."""
        if self._step == "crashing" and step == "writing":
            self._crash(told)
        if step != self._step:
            return
        self._left -= 1
        if self._left == 0:
            (self._marks / "paused").touch()
            time.sleep(60)

    @staticmethod
    def _crash(told: object) -> None:
        """Break as a defect would: with an exception that quotes a meeting."""
        raise RuntimeError(f"cannot handle {told!r}")


class PausingWriter:
    """A writer that stops before or after it has written."""

    def __init__(self, writer: Writer, pause: Pause) -> None:
        self._writer = writer
        self._pause = pause

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        self._pause.at("writing", batch)
        results = self._writer.write(batch)
        self._pause.at("written")
        return results


def _pausing(end: End, pause: Pause) -> End:
    return end if end.writer is None else replace(end, writer=PausingWriter(end.writer, pause))


def _run(order: dict[str, Any], marks: Path) -> None:
    home = program(Path(order["home"]))
    log_crashes(home.log)
    pause = Pause(order["pause"], marks)
    told = []
    with closing(home.open_store()) as store, closing(Syncs(home, store)) as syncs:
        for _ in range(order["runs"]):
            joint: Joint = syncs.open(SYNC)
            joint = replace(joint, crm=_pausing(joint.crm, pause), calendar=_pausing(joint.calendar, pause))
            with home.turn(SYNC, None):  # as every run of the program does
                result = Run(joint).carry_out()
            told.append(f"{result.trouble!r}" if result.trouble else "well")
    (marks / "result").write_text(" ".join(told), encoding="utf-8")


def _child(order: dict[str, Any]) -> None:
    marks = Path(order["marks"])
    with (marks / "stderr").open("w", encoding="utf-8") as stderr:
        os.dup2(stderr.fileno(), 2)
        try:
            _run(order, marks)
        except BaseException:  # noqa: BLE001 - written down for the test, which shows it
            (marks / "result").write_text(traceback.format_exc(), encoding="utf-8")
            if order["pause"].startswith("crashing"):
                sys.excepthook(*sys.exc_info())
    os._exit(0)


class Orphanage:
    """Notes the end of each child. It uses no thread, because a process with threads must not fork."""

    def __init__(self) -> None:
        self._marks: dict[int, Path] = {}
        self._ended: set[int] = set()
        """Those that ended before anybody knew where to note it; the system soon gives their numbers to others."""

    def watch(self) -> None:
        """Hear of every child that ends from now on."""
        signal.signal(signal.SIGCHLD, self._some_ended)

    def add(self, pid: int, marks: Path) -> None:
        """Watch over a child."""
        self._marks[pid] = marks
        self._note()

    def ended(self, pid: int) -> None:
        """A child has ended."""
        self._ended.add(pid)
        self._note()

    def _some_ended(self, _number: int, _frame: FrameType | None) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            self.ended(pid)

    def _note(self) -> None:
        for pid in self._ended & set(self._marks):
            marks = self._marks.pop(pid, None)
            if marks is not None:  # the signal of another child may have come in between, and noted this one
                self._ended.discard(pid)
                (marks / "ended").touch()


def main() -> None:
    """Fork a child for every line of standard input, which is an order in JSON; tell its process id."""
    gc.freeze()  # no child looks for garbage in what was loaded, which would copy it all
    orphanage = Orphanage()
    orphanage.watch()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _child(order)
        orphanage.add(pid, Path(order["marks"]))
        print(pid, flush=True)  # noqa: T201 - the answer to the order


if __name__ == "__main__":
    main()
