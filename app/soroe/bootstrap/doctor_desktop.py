"""The part of the doctor that looks at the desktop: tray, notifications, window, start at login. No Qt in here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from soroe.adapters.desktop.autostart import autostart
from soroe.adapters.desktop.notifications import DesktopNotifications
from soroe.cli.ports import Check
from soroe.ports.errors import LocalTrouble

TRAY_HOST = "org.kde.StatusNotifierWatcher"
TRY_QT = (
    "import sys; from PySide6.QtWidgets import QApplication, QSystemTrayIcon; a = QApplication(sys.argv);"
    "sys.exit(0 if QSystemTrayIcon.isSystemTrayAvailable() else 3)"
)
PATIENCE = 20.0
"""Seconds that the attempt to open a window may take."""
NO_TRAY = 3

Attempt = Callable[[list[str], Mapping[str, str]], int | None]
"""Runs a program and gives its exit code, None when it did not end in time."""


def desktop_checks(environment: Mapping[str, str], attempt: Attempt | None = None) -> list[Check]:
    """Tray, window, notifications and start at login, as far as this session has a desktop at all."""
    headless = sys.platform == "linux" and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    if headless:
        checks = [Check("window", "skipped", "no_display"), Check("tray", "skipped", "no_display")]
    else:
        checks = _window_and_tray(environment, attempt or _attempt)
    return [*checks, _notifications(), _login(environment)]


def _window_and_tray(environment: Mapping[str, str], attempt: Attempt) -> list[Check]:
    """Tried in a process of its own, so that a broken display ends that one and not this."""
    if getattr(sys, "frozen", False):  # the program has no bare interpreter in it
        host = _tray_host()
        return [Check("window", "skipped", "not_asked"), *([host] if host else [])]
    code = attempt([sys.executable, "-c", TRY_QT], environment)
    if code == 0:
        return [Check("window", "ok", "ok"), Check("tray", "ok", "ok")]
    if code == NO_TRAY:
        return [Check("window", "ok", "ok"), Check("tray", "warning", "no_host")]
    return [Check("window", "error", "no_qt"), Check("tray", "skipped", "no_qt")]


def opens_a_window(environment: Mapping[str, str], attempt: Attempt | None = None) -> bool:
    """Whether Qt opens a window here; without its system libraries it cannot, and may end the process that tries."""
    if getattr(sys, "frozen", False):  # the program brings them with it
        return True
    return (attempt or _attempt)([sys.executable, "-c", TRY_QT], environment) in {0, NO_TRAY}


def _attempt(command: list[str], environment: Mapping[str, str]) -> int | None:
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter with a text of our own
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.returncode


def _tray_host() -> Check | None:
    """Whether somebody on the session's bus shows trays (Linux)."""
    if sys.platform != "linux":
        return Check("tray", "ok", "ok")
    from jeepney import message_bus  # type: ignore[import-untyped]  # it publishes no types
    from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # it publishes no types

    try:
        with open_dbus_connection(bus="SESSION") as connection:
            reply = connection.send_and_get_reply(message_bus.NameHasOwner(TRAY_HOST), timeout=5.0)
    except (OSError, KeyError, ValueError):
        return Check("tray", "warning", "no_bus")
    return Check("tray", "ok", "ok") if reply.body[0] else Check("tray", "warning", "no_host")


def _notifications() -> Check:
    notifications = DesktopNotifications("Soroe")
    try:
        works = notifications.works()
    finally:
        notifications.close()
    return Check("notifications", "ok", "ok") if works else Check("notifications", "warning", "none")


def _login(environment: Mapping[str, str]) -> Check:
    home = Path(environment.get("HOME", "") or Path.home())
    config = Path(environment.get("XDG_CONFIG_HOME", "") or home / ".config")
    try:
        state = autostart([sys.executable, "-m", "soroe"], "Soroe", "org.soroe.Soroe", config, home).state()
    except LocalTrouble as trouble:
        return Check("autostart", "warning", trouble.code)
    return Check("autostart", "ok", state.value)
