"""How much of the organisation's requests of 24 hours is spent: everybody's, for they share them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from soroe.ports.errors import LimitReached
from soroe.ports.remote import Budget

SLOW_AT = 0.80
STOP_AT = 0.95
POLLING_SHARE = 0.1
SLOWER = 5
LOOK_AGAIN = timedelta(hours=1)
_TOLD = re.compile(r"api-usage=(\d{1,12})/(\d{1,12})")


class Usage:
    """Reads `Sforce-Limit-Info`, which comes with every answer, and stops before colleagues are locked out.

    Salesforce counts the last 24 hours, so there is no moment at which the count starts anew: once it is nearly spent,
    one request an hour is let through to see. `clock` tells aware UTC times. Safe to share between threads.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._spent = 0
        self._limit = 0
        self._told_at: datetime | None = None

    def take_note(self, headers: Mapping[str, str]) -> None:
        """Keep what an answer's headers (names in lower case) tell."""
        found = _TOLD.search(headers.get("sforce-limit-info", ""))
        if found is not None and int(found.group(2)) > 0:
            with self._lock:
                self._spent, self._limit, self._told_at = int(found.group(1)), int(found.group(2)), self._clock()

    def check(self) -> None:
        """Raises `LimitReached` while nearly everything is spent."""
        with self._lock:
            if self._told_at is None or self._spent < self._limit * STOP_AT:
                return
            until = self._told_at + LOOK_AGAIN
            if self._clock() < until:
                raise LimitReached("org_requests_nearly_spent", until)

    def budget(self) -> Budget | None:
        """What is spent, where Salesforce has told it yet."""
        with self._lock:
            return None if self._told_at is None else Budget(self._spent, self._limit)

    def polling_interval(self) -> timedelta | None:
        """How far apart polls have to be, for one laptop to spend a tenth of the day at most; slower when it runs out.

        None where Salesforce has not told its limit yet.
        """
        with self._lock:
            if self._told_at is None:
                return None
            usual = timedelta(days=1) / max(self._limit * POLLING_SHARE, 1.0)
            return max(usual, timedelta(minutes=1)) * SLOWER if self._spent >= self._limit * SLOW_AT else usual
