"""Waking from sleep, and whether we run on battery."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .system_bus import Signal

POWER_SUPPLIES = Path("/sys/class/power_supply")
TICK_SECONDS = 60.0
SLEPT_SECONDS = 60.0
"""A tick that comes this much too late was slept through. A false alarm costs one early look at both services."""


def wake_signal(on_wake: Callable[[], None]) -> Signal:
    """logind's word that the computer has woken (PrepareForSleep, false)."""

    def heard(arguments: tuple[object, ...]) -> None:
        if arguments[:1] == (False,):
            on_wake()

    return Signal(
        "org.freedesktop.login1",
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
        "PrepareForSleep",
        heard,
    )


class SleepWatch:
    """Notices sleep where nobody tells: the wall clock ran on while nothing of us did.

    `wall` is in seconds and goes on during sleep. `wait` waits for so many seconds and tells whether to stop.
    """

    def __init__(
        self, wall: Callable[[], float], on_wake: Callable[[], None], wait: Callable[[float], bool] | None = None
    ) -> None:
        self._wall = wall
        self._on_wake = on_wake
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch from now on, on a thread that wakes every `TICK_SECONDS`."""
        self._thread = threading.Thread(target=self.watch, name="sleep-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching and end the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def watch(self) -> None:
        """Watch until told to stop; `on_wake` is called on this thread."""
        before = self._wall()
        while not self._wait(TICK_SECONDS):
            now = self._wall()
            if now - before > TICK_SECONDS + SLEPT_SECONDS:
                self._on_wake()
            before = now


def on_battery() -> bool:
    """Whether this computer runs on battery now; False where nothing tells."""
    if sys.platform == "win32":
        return _windows_on_battery()
    if sys.platform == "darwin":
        return _macos_on_battery()
    return linux_on_battery()


def linux_on_battery(supplies: Path = POWER_SUPPLIES) -> bool:
    """Whether a battery of the computer itself is being used up; batteries of mice and keyboards do not count.

    It is asked at every run: nothing more is read once the mains are found to be there.
    """
    try:
        found = sorted(os.listdir(supplies))  # noqa: PTH208 - names are enough, and cost a tenth of paths
    except OSError:
        return False
    batteries = []
    for name in found:
        supply = f"{supplies}/{name}"
        kind = _told(supply, "type")
        if kind == "Battery":
            batteries.append(supply)
        elif kind in {"Mains", "USB"} and _told(supply, "online") == "1":
            return False
    used_up = (battery for battery in batteries if _told(battery, "status") == "Discharging")
    return any(_told(battery, "scope") != "Device" for battery in used_up)


def _told(supply: str, name: str) -> str:
    try:
        with open(f"{supply}/{name}", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - see above
            return file.read().strip()
    except OSError:
        return ""


def _windows_on_battery() -> bool:
    if sys.platform == "win32":
        import ctypes

        status = (ctypes.c_ubyte * 12)()  # SYSTEM_POWER_STATUS; its first byte is ACLineStatus, 0 means battery
        return bool(ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))) and status[0] == 0
    return False


def _macos_on_battery() -> bool:
    import subprocess  # other systems need none

    try:
        told = subprocess.run(["/usr/bin/pmset", "-g", "batt"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "'Battery Power'" in told.stdout
