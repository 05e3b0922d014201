"""The start of the tray app: the one instance first, then its icon, then everything else (P-8).

Until the icon stands nothing is imported that the icon does not need. The program itself is loaded on a thread, while
Qt already answers the panel.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from soroe.adapters.desktop.instance_lock import InstanceLock
from soroe.ports.errors import LocalTrouble
from soroe.settings.homes import Homes
from soroe.ui.first_icon import FirstIcon, first_icon
from soroe.ui.imports import leave_sources_unread
from soroe.ui.turns import take_turns

from .display import has_display

if TYPE_CHECKING:
    from soroe.adapters.desktop.control import Message

    from .tray import TrayProgram

PATIENCE, PAUSE = 5.0, 0.1
"""Seconds that a second start goes on trying to be heard by a first one that has only just begun, and in between."""


def run_tray(
    argv: Sequence[str], homes: Homes, resources: Path, activation_token: str, load: Callable[[], TrayProgram]
) -> int:
    """Run the tray app until the user quits; a second start raises the running one and ends. Returns the exit code.

    Raises `LocalTrouble` where there is no place for its files, or no display for its icon. `load` makes the
    program, on a thread of its own; what it raises is raised here.
    """
    leave_sources_unread()
    homes.make()
    lock = InstanceLock(homes.runtime)
    if not lock.claim():
        _tell_the_first(homes.runtime, argv, activation_token)
        return 0
    try:
        if not has_display(argv, os.environ):
            raise LocalTrouble("no_display")  # Qt would end the process with a core dump
        application = QApplication(list(argv))
        application.setApplicationName("soroe")
        application.setQuitOnLastWindowClosed(False)
        icon = first_icon(resources)
        return _run_alone(application, icon, argv, homes.runtime, lock, load)
    finally:
        lock.release()


def _tell_the_first(runtime: Path, argv: Sequence[str], activation_token: str) -> None:
    from soroe.adapters.desktop.control import Raise, Reconnect, send

    account = reconnect_wish(argv)
    wish = Reconnect(account) if account else Raise(activation_token)
    until = time.monotonic() + PATIENCE
    while not send(runtime, wish) and time.monotonic() < until:
        time.sleep(PAUSE)


def _run_alone(
    application: QApplication,
    icon: FirstIcon | None,
    argv: Sequence[str],
    runtime: Path,
    lock: InstanceLock,
    load: Callable[[], TrayProgram],
) -> int:
    """With the icon in its place: listen to later starts and to the end of the session, and load the program."""
    from soroe.adapters.desktop.end_signals import EndSignals
    from soroe.adapters.desktop.single_instance import SingleInstance

    signals = EndSignals(QApplication.quit)
    take_turns(short=True)
    start = _Start(argv, icon, load)
    instance = SingleInstance(runtime, start.told, lock)
    instance.claim()
    try:
        return start.run(application)
    finally:
        instance.close()
        signals.close()


class _Start(QObject):
    """From the first icon to the whole program, and to its end. What is asked meanwhile waits until it is loaded."""

    _came = Signal()

    def __init__(self, argv: Sequence[str], icon: FirstIcon | None, load: Callable[[], TrayProgram]) -> None:
        super().__init__()
        self._argv = argv
        self._icon = icon
        self._load = load
        self._tray: TrayProgram | None = None
        self._error: BaseException | None = None
        self._is_begun = False
        self._waiting: list[Message] = []
        self._came.connect(self._begin, Qt.ConnectionType.QueuedConnection)

    def run(self, application: QApplication) -> int:
        """Load the program behind the icon and run it until Qt's loop ends."""
        loading = threading.Thread(target=self._load_all, name="start")
        loading.start()
        try:
            code = application.exec()
        finally:
            loading.join()
            if self._tray is not None:
                self._tray.close()
        if self._error is not None:
            raise self._error
        return code

    def told(self, message: Message) -> None:
        """A second start, or a deep link, asks for something."""
        from soroe.adapters.desktop.control import Quit

        if isinstance(message, Quit):
            QApplication.quit()
        elif self._tray is not None and self._is_begun:
            self._tray.told(message)
        else:
            self._waiting.append(message)

    def _load_all(self) -> None:
        try:
            self._tray = self._load()
            self._tray.prepare()
        except BaseException as error:  # noqa: BLE001  # raised again in `run`, in the main thread
            self._error = error
        self._came.emit()

    def _begin(self) -> None:
        take_turns(short=False)
        try:
            if self._tray is not None and self._error is None:
                self._tray.begin(self._argv, self._icon)
        except BaseException as error:  # noqa: BLE001  # Qt would swallow it here; it is raised again in `run`
            self._error = error
        if self._error is not None:
            QApplication.exit(1)
            return
        self._is_begun = True
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.told(message)


def reconnect_wish(argv: Sequence[str]) -> str:
    """The account named by `--reconnect ACCOUNT` or `--reconnect=ACCOUNT`, if any."""
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        option, is_joined, account = word.partition("=")
        if option == "--reconnect":
            return account if is_joined else following
    return ""
