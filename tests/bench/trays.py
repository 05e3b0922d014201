"""P-7 and P-8: the idle tray and its start, beside a bare Qt tray, in a session of its own with a real panel."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]  # it publishes no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types

from tests.bench.child import ROOT, environment
from tests.bench.laptop import SYNC, Laptop
from tests.bench.proc import usage
from tests.bench.sizes import Bench
from tests.bench.table import Line, at_most, middle, not_measured
from tests.desktop.desktop_session import Session, missing

PROGRAMS = ("dbus-daemon", "Xvfb", "xfce4-panel")
UNUSED = ("exchangelib", "msal", "soroe.adapters.crm.pipedrive", "soroe.sandbox", "googleapiclient", "httpx")
"""Nothing of these belongs in an idle tray with a Google account and a CRM over REST."""
PATIENCE = 30.0
_WATCHER = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "org.freedesktop.DBus.Properties")


def trays(bench: Bench) -> list[Line]:
    """P-7 and P-8."""
    lacking = missing(*PROGRAMS)
    if lacking:
        return [not_measured(row, "the tray beside a bare tray", f"not installed: {lacking}") for row in ("P-7", "P-8")]
    folder = bench.folder / "session"
    folder.mkdir()
    session = Session(folder)
    laptop = Laptop(bench.folder / "p7")
    try:
        session.start_bus()
        session.start_panel()
        laptop.servers.ask("fill", activities=50, events=50)
        laptop.command("syncs", "start", SYNC)
        for _ in range(2):  # the first one writes, the second hears of what was written: the tray itself is to be idle
            laptop.command("sync", "--once")
        ours = ["tests.bench.tray", str(laptop.folder)]
        return [*_idle(bench, session, ours, laptop.folder), *_starts(bench, session, ours)]
    finally:
        laptop.close()
        session.close()


def _idle(bench: Bench, session: Session, ours: list[str], home: Path) -> list[Line]:
    with _running(session, ["tests.bench.bare_tray"]) as (bare, _):
        time.sleep(1.0)
        bare_memory = usage(bare.pid).memory
    with _running(session, ours) as (tray, _):
        time.sleep(max(4.0, bench.sizes.idle / 6))
        before = usage(tray.pid)
        time.sleep(bench.sizes.idle)
        after = usage(tray.pid)
    minutes = bench.sizes.idle / 60
    modules = (home / "modules").read_text(encoding="utf-8").split()
    extra = [name for name in UNUSED if any(module == name or module.startswith(f"{name}.") for module in modules)]
    cpu = (after.cpu - before.cpu) * 1000 / minutes
    return [
        at_most("P-7", "idle tray: memory beside the bare tray", after.memory / bare_memory, 1.8, "×",
                f"{after.memory:.0f} and {bare_memory:.0f} MiB"),
        at_most("P-7", "… wake-ups a minute", (after.wakes - before.wakes) / minutes, 5, "", "all threads"),
        at_most("P-7", "… CPU a minute, with its sync", cpu, 15, "ms"),
        Line("P-7", "… unused providers in memory", "none", ", ".join(extra) or "none", not extra),
    ]  # fmt: skip # short values, several a line


def _starts(bench: Bench, session: Session, ours: list[str]) -> list[Line]:
    pairs: list[tuple[float, float]] = []
    costs: list[tuple[float, float]] = []
    for _ in range(bench.sizes.pairs):
        with _running(session, ["tests.bench.bare_tray"]) as (bare, bare_took):
            bare_cpu = usage(bare.pid).cpu
        with _running(session, ours) as (tray, took):
            pairs.append((took, bare_took))
            costs.append((usage(tray.pid).cpu, bare_cpu))
    ratio = middle([our / their for our, their in pairs])
    note = f"{middle([our for our, _ in pairs]):.2f} s and {middle([their for _, their in pairs]):.2f} s"
    work = middle([our / their for our, their in costs])
    return [at_most("P-8", "start to tray icon, from source", ratio, 1.4, "×", f"{note}; CPU {work:.2f} ×")]


@contextmanager
def _running(session: Session, module: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The program with its icon on the panel, and the seconds that took; it is ended afterwards."""
    screen = {"DISPLAY": session.start_display(), "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, "-m", *module]
    known = _icons(session)
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(session.environment | screen), stdout=subprocess.DEVNULL
    )
    try:
        while _icons(session) <= known:
            if time.monotonic() > began + PATIENCE or process.poll() is not None:
                raise AssertionError(f"no tray icon of {module[0]} came up")
            time.sleep(0.005)
        yield process, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        time.sleep(0.3)


def _icons(session: Session) -> int:
    question = new_method_call(
        _WATCHER, "Get", "ss", ("org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems")
    )
    with open_dbus_connection(bus=session.bus) as connection:
        reply = connection.send_and_get_reply(question)
    return len(reply.body[0][1])
