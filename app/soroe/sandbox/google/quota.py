"""Google's limit of requests per minute and user, as a sliding window; off until somebody switches it on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, assert_never

from soroe.sandbox.google.errors import (
    GoogleError,
    rate_limit_exceeded,
    too_many_requests,
    user_rate_limit_exceeded,
)

PER_MINUTE = 600
"""Requests per minute and user for projects made after May 2026 (Google's page on quotas)."""

_WINDOW = timedelta(seconds=60)

Refusal = Literal["userRateLimitExceeded", "rateLimitExceeded", "429"]


@dataclass(slots=True)
class Quota:
    """Counts each user's requests of the last minute. `per_minute` of nothing means no limit. The caller locks."""

    clock: Callable[[], datetime]
    per_minute: int | None = None
    refusal: Refusal = "userRateLimitExceeded"
    refused: int = 0
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)

    def count(self, email: str) -> None:
        """Counts one request, or refuses it when the minute is full; a refused request does not count."""
        if self.per_minute is None:
            return
        now = self.clock()
        recent = self._recent.setdefault(email, deque())
        while recent and now - recent[0] >= _WINDOW:
            recent.popleft()
        if len(recent) >= self.per_minute:
            self.refused += 1
            raise self._refuse(int((recent[0] + _WINDOW - now).total_seconds()) + 1)
        recent.append(now)

    def _refuse(self, wait: int) -> GoogleError:
        match self.refusal:
            case "userRateLimitExceeded":
                return user_rate_limit_exceeded()
            case "rateLimitExceeded":
                return rate_limit_exceeded()
            case "429":
                return too_many_requests(wait)
            case _:
                assert_never(self.refusal)
