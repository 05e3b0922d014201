"""Outlook's limits for each program and mailbox: four requests at a time, 10,000 in ten minutes."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from soroe.sandbox.microsoft365.errors import too_many_at_once, too_many_requests

AT_ONCE = 4
PER_WINDOW = 10_000
_WINDOW = timedelta(minutes=10)


@dataclass(slots=True)
class Limits:
    """Counts requests. `hold` lets every request occupy its mailbox that many real seconds, so that they overlap."""

    clock: Callable[[], datetime]
    at_once: int = AT_ONCE
    per_window: int = PER_WINDOW
    hold: float = 0.0
    refused: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: Counter[str] = field(default_factory=Counter)
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)

    @contextmanager
    def one(self, mailbox: str) -> Iterator[None]:
        """Runs one request within the limits, or refuses it."""
        self._begin(mailbox)
        try:
            if self.hold > 0:
                time.sleep(self.hold)
            yield
        finally:
            with self._lock:
                self._running[mailbox] -= 1

    def _begin(self, mailbox: str) -> None:
        with self._lock:
            now = self.clock()
            recent = self._recent.setdefault(mailbox, deque())
            while recent and now - recent[0] >= _WINDOW:
                recent.popleft()
            if len(recent) >= self.per_window:
                self.refused += 1
                raise too_many_requests(int((recent[0] + _WINDOW - now).total_seconds()) + 1)
            if self._running[mailbox] >= self.at_once:
                self.refused += 1
                raise too_many_at_once()
            recent.append(now)
            self._running[mailbox] += 1
            self.most_at_once = max(self.most_at_once, self._running[mailbox])
