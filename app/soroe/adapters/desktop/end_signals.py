"""The end of the session, or Ctrl-C in the terminal that the program was started from, while Qt has the floor."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EndSignals(QObject):
    """Calls `on_end` in Qt's thread when the program is asked to end. Made and closed in the main thread.

    Python's own handlers run only when Python does, and Qt may wait for hours; so the signal arrives through a socket
    that Qt waits for too.
    """

    def __init__(self, on_end: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        self._on_end = on_end
        self._wakeup = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}

    def close(self) -> None:
        """Leave the signals as they were."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        for end in (self._ours, self._theirs):
            end.close()

    def _heard(self) -> None:
        told = b""
        with contextlib.suppress(BlockingIOError):
            told = self._ours.recv(64)
        if any(number in told for number in SIGNALS):
            self._on_end()
