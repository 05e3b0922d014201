"""The one place where what other threads say crosses into Qt."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from soroe.engine.messages import RunProgress

from .ports import Outside

PAUSE_MS = 40
"""Events that come in a stream are handed on at most this often: a full sync must not hold up the window."""


@dataclass(frozen=True, slots=True)
class NoticePressed:
    """A button of a notification was pressed."""

    key: str
    button: str


FromOutside = Outside | NoticePressed


class Bridge(QObject):
    """`publish` may be called from any thread; `arrived` is emitted in Qt's, with all events since the last time."""

    arrived = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[FromOutside] = deque()
        self._is_woken = False
        self._is_closed = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE_MS)
        self._rest.timeout.connect(self._hand_over)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def publish(self, event: FromOutside) -> None:
        """Take an event from any thread; after `close` it is dropped."""
        if self._is_closed:
            return
        self._waiting.append(event)
        if not self._is_woken:
            self._is_woken = True
            self._woken.emit()

    def close(self) -> None:
        """Take no more events: the window is going away."""
        self._is_closed = True

    def _wake(self) -> None:
        if not self._rest.isActive():
            self._hand_over()

    def _hand_over(self) -> None:
        self._is_woken = False
        events = []
        while self._waiting:
            events.append(self._waiting.popleft())
        if events:
            self._rest.start()
            self.arrived.emit(latest(events))


def latest(events: Iterable[FromOutside]) -> tuple[FromOutside, ...]:
    """The events without progress that later progress of the same sync has overtaken."""
    kept: list[FromOutside] = []
    seen: set[str] = set()
    for event in reversed(list(events)):
        if isinstance(event, RunProgress):
            if event.sync in seen:
                continue
            seen.add(event.sync)
        kept.append(event)
    return tuple(reversed(kept))
