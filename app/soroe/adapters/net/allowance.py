"""A day's allowance of requests, for services that state one (a CRM's profile: `requests_per_day`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta

from soroe.ports.errors import LimitReached
from soroe.ports.remote import Budget

DAY = timedelta(days=1)
POLLING_SHARE = 0.1
"""The part of a day's allowance that looking for changes may spend; the rest is for writes (performance: P-10)."""


class DailyAllowance:
    """Lets `limit` requests pass between two midnights (UTC), and tells how many are spent.

    It counts what this program has sent since it started: the service counts other programs and other computers too,
    and its own refusal is the last word. `clock` tells aware UTC times. Safe to share between threads.
    """

    def __init__(self, limit: int, clock: Callable[[], datetime]) -> None:
        if limit < 1:
            raise ValueError("A day needs at least one request.")
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._spent = 0
        self._resets = _midnight_after(clock())

    def take(self) -> None:
        """Spend one request; raises `LimitReached` until midnight when none is left."""
        with self._lock:
            self._turn_the_page()
            if self._spent >= self._limit:
                raise LimitReached("requests_per_day", self._resets)
            self._spent += 1

    def budget(self) -> Budget:
        """What is spent of today's requests."""
        with self._lock:
            self._turn_the_page()
            return Budget(self._spent, self._limit, self._resets)

    def polling_interval(self) -> timedelta:
        """How far apart polls of one request have to be, to spend a tenth of a day's allowance."""
        return DAY / max(self._limit * POLLING_SHARE, 1.0)

    def _turn_the_page(self) -> None:
        now = self._clock()
        if now >= self._resets:
            self._spent, self._resets = 0, _midnight_after(now)


def _midnight_after(now: datetime) -> datetime:
    return datetime.combine(now.date() + DAY, time(), now.tzinfo)
