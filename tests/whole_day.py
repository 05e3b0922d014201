"""Tests that go by the real clock see one day only: what they call tomorrow is to be tomorrow at their end, too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

LONGEST = timedelta(minutes=1)
"""So long a test may take, on a slow machine."""
ZONES: tuple[tzinfo, ...] = (UTC, ZoneInfo("Asia/Tokyo"))
"""Of the servers, and of the people."""


def _now() -> datetime:
    return datetime.now(UTC)


def wait_for_a_whole_day(now: Callable[[], datetime] = _now, sleep: Callable[[float], None] = time.sleep) -> None:
    """Let midnight pass, where a test that begins now could still run then."""
    for zone in ZONES:
        begins = now().astimezone(zone)
        midnight = (begins + LONGEST).replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight > begins:
            sleep((midnight - begins).total_seconds())
