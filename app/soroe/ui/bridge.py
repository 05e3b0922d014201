"""The one place where what other threads say crosses into Qt."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from soroe.core.route import SyncName
from soroe.engine.messages import RunProgress, RunStarted

from .ports import Outside

PAUSE_MS = 40
"""Events that come in a stream are handed on at most this often: a full sync must not hold up the window."""

LASTING = 0.5
"""Seconds after which a run that nobody asked for is shown. One that finds nothing new is over in milliseconds: Qt and
the desktop's panel, which would draw another icon and take it back, sleep through it (P-7)."""


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

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._begun: dict[SyncName, float] = {}
        self._waiting: deque[FromOutside] = deque()
        self._is_woken = False
        self._is_closed = False
        self._handed = -PAUSE_MS / 1000
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._hand_over)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def publish(self, event: FromOutside) -> None:
        """Take an event from any thread; after `close` it is dropped."""
        if self._is_closed:
            return
        self._waiting.append(event)
        if not self._is_woken and not self._can_wait(event):
            self._is_woken = True
            self._woken.emit()

    def _can_wait(self, event: FromOutside) -> bool:
        """Whether an event may stay until a later one has Qt woken: the end of its run, or progress after `LASTING`."""
        if isinstance(event, RunStarted):
            self._begun[event.sync] = self._clock() if event.unasked else 0.0
            return event.unasked
        return isinstance(event, RunProgress) and self._clock() - self._begun.get(event.sync, 0.0) < LASTING

    def close(self) -> None:
        """Take no more events: the window is going away."""
        self._is_closed = True

    def _wake(self) -> None:
        rest = PAUSE_MS / 1000 - (self._clock() - self._handed)
        if rest <= 0:
            self._hand_over()
        elif not self._rest.isActive():
            self._rest.start(ceil(rest * 1000))

    def _hand_over(self) -> None:
        self._is_woken = False
        events = []
        while self._waiting:
            events.append(self._waiting.popleft())
        if events:
            self._handed = self._clock()
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
