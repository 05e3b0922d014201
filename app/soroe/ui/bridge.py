"""The one place where what other threads say crosses into Qt."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import ceil

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from soroe.core.route import SyncName
from soroe.engine.messages import RunFinished, RunProgress, RunStarted
from soroe.ports.store import SyncState

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
    """`publish` may be called from any thread; `arrived` is emitted in Qt's, with all events since the last time.

    While nobody looks (`is_seen`), the end of a run that nobody asked for and that found nothing new wakes nobody. It
    is handed on with whatever happens next, or when `catch_up` asks for it.
    """

    arrived = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._begun: dict[SyncName, float] = {}
        self._waiting: deque[FromOutside] = deque()
        self._unseen: dict[SyncName, RunFinished] = {}
        self._told: dict[SyncName, tuple[SyncState, int]] = {}
        self._lock = threading.Lock()
        self.is_seen = False
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
        with self._lock:
            if isinstance(event, RunFinished) and self._tells_nothing(event):
                self._unseen[event.sync] = event
                self._waiting = deque(one for one in self._waiting if not _is_of_run(one, event.sync))
                return
            self._waiting.append(event)
            if self._is_woken or self._can_wait(event):
                return
            self._is_woken = True
        self._woken.emit()

    def catch_up(self) -> None:
        """Hand on at once what nobody was woken for: somebody begins to look. To be called in Qt's thread."""
        self._hand_over()

    def _tells_nothing(self, end: RunFinished) -> bool:
        """Whether everything but the time stands as it was told before."""
        now = replace(end.state, last_run=None), end.findings
        before, self._told[end.sync] = self._told.get(end.sync), now
        if self.is_seen or self._is_woken or end.record.is_news or now != before:
            return False
        return any(isinstance(one, RunStarted) and one.sync == end.sync for one in self._waiting)  # else it is shown

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
        with self._lock:
            self._is_woken = False
            events = [*self._unseen.values(), *self._waiting]
            self._unseen.clear()
            self._waiting.clear()
        if events:
            self._handed = self._clock()
            self.arrived.emit(latest(events))


def _is_of_run(event: FromOutside, sync: SyncName) -> bool:
    return isinstance(event, RunStarted | RunProgress) and event.sync == sync


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
