"""Pipedrive's limits: requests in two rolling seconds, the company's tokens of the day, the block for the stubborn."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from soroe.sandbox.pipedrive.refusals import Blocked, Refusal

WINDOW = timedelta(seconds=2)
BLOCK = timedelta(minutes=15)
STRIKES = 10
_TOKENS_A_SEAT = 30_000


class Plan(Enum):
    """A company's plan: requests in two seconds by API token and by OAuth, and the factor of the daily budget."""

    LITE = (20, 80, 1)
    GROWTH = (40, 160, 2)
    PREMIUM = (100, 400, 5)
    ULTIMATE = (120, 480, 7)


class Cost(Enum):
    """What one request costs in tokens."""

    READ_ONE = 1
    READ_ONE_V1 = 2
    LIST = 10
    LIST_V1 = 20
    WRITE = 5
    DELETE = 3


class Budget:
    """Counts always, refuses only where `enforced`; the caller holds one lock. The day ends at midnight in `zone`.

    `daily_headers` off leaves out the two headers that Pipedrive does not always send.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.plan = Plan.LITE
        self.seats = 1
        self.zone = "UTC"
        self.enforced = False
        self.daily_headers = True
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._strikes: defaultdict[str, int] = defaultdict(int)
        self._blocked_until: datetime | None = None
        self._day = ""
        self._spent = 0

    @property
    def daily(self) -> int:
        """The company's tokens of one day."""
        return _TOKENS_A_SEAT * self.plan.value[2] * self.seats

    @property
    def spent(self) -> int:
        """The tokens spent since the last midnight."""
        self._turn_the_page()
        return self._spent

    def spend_all(self) -> None:
        """Uses up today's budget, as other programs of the company may do."""
        self._turn_the_page()
        self._spent = max(self._spent, self.daily)

    def block(self) -> None:
        """Blocks every caller for a quarter of an hour from now."""
        self._blocked_until = self.clock() + BLOCK

    def take(self, token: str, oauth: bool, cost: Cost) -> dict[str, str]:
        """Counts one request and returns the headers of its answer; raises 429, or the block."""
        now = self.clock()
        if self._blocked_until is not None and now < self._blocked_until:
            raise Blocked
        self._turn_the_page()
        recent, most = self._recent[token], self.plan.value[1 if oauth else 0]
        while recent and now - recent[0] >= WINDOW:
            recent.popleft()
        if self.enforced and len(recent) >= most:
            raise self._too_many(token, most, recent[0] + WINDOW - now)
        if self.enforced and self._spent + cost.value > self.daily:
            raise self._too_many(token, most, timedelta(0))
        self._strikes[token] = 0
        recent.append(now)
        self._spent += cost.value
        return self._headers(most, most - len(recent), WINDOW - (now - recent[0]))

    def _too_many(self, token: str, most: int, wait: timedelta) -> Refusal:
        self._strikes[token] += 1
        if self._strikes[token] > STRIKES:
            self.block()
        headers = self._headers(most, 0, wait)
        if wait:
            headers["Retry-After"] = headers["x-ratelimit-reset"]
        info = "You have exceeded the rate limit or the daily budget. Try again later."
        return Refusal(429, "request over limit", info, "TOO_MANY_REQUESTS", headers)

    def _headers(self, most: int, left: int, reset: timedelta) -> dict[str, str]:
        seconds = max(1, math.ceil(reset.total_seconds()))
        headers = {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(max(0, left)),
            "x-ratelimit-reset": str(seconds),
        }
        if self.daily_headers:
            headers["x-daily-ratelimit-token-limit"] = str(self.daily)
            headers["x-daily-ratelimit-token-remaining"] = str(max(0, self.daily - self._spent))
        return headers

    def _turn_the_page(self) -> None:
        today = f"{self.clock().astimezone(ZoneInfo(self.zone)):%Y-%m-%d}"
        if today != self._day:
            self._day, self._spent = today, 0
