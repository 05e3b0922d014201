"""The org's budget of requests: so many in 24 hours, and few long ones at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from soroe.sandbox.salesforce.refusals import Refusal

_DAY = timedelta(hours=24)


class Budget:
    """Counts the requests of the last 24 hours, whoever made them; `others` are those of the org's other programs."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.most = 15_000
        self.others = 0
        self.too_many_at_once = 0
        self._clock = clock
        self._made: deque[datetime] = deque()

    @property
    def used(self) -> int:
        oldest = self._clock() - _DAY
        while self._made and self._made[0] <= oldest:
            self._made.popleft()
        return len(self._made) + self.others

    @property
    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self.most}"

    def take(self) -> None:
        """Counts a request; raises REQUEST_LIMIT_EXCEEDED when there is no room for it."""
        if self.too_many_at_once > 0:
            self.too_many_at_once -= 1
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
        if self.used >= self.most:
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._made.append(self._clock())
