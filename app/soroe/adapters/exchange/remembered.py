"""What was told of each series' occurrences, kept in the cursor: Exchange forgets exceptions without a word.

When the pattern or the time of a series changes, its changed and cancelled occurrences are as the series says again.
The feed then brings the series alone, so whoever was told of an exception would keep it for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime

from soroe.core.event import ItemId, Occurrence, occurrence_id, occurrence_named
from soroe.core.stamp import token
from soroe.ports.errors import CursorExpired

MOST_AT_ONCE = 20
"""Forgotten occurrences of one series that are looked at one by one; with more, a new listing is cheaper."""


class Remembered:
    """The occurrences told of, by series. A cursor carries it as text."""

    def __init__(self, text: str = "") -> None:
        self._starts: dict[str, list[str]] = {}
        if not text:
            return
        try:
            found = json.loads(text)
            self._starts = {str(series): [str(start) for start in starts] for series, starts in found.items()}
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            raise CursorExpired("damaged") from error

    def text(self) -> str:
        """What a cursor carries; empty where there is nothing to remember. It never holds a full stop."""
        return json.dumps(self._starts, separators=(",", ":")) if self._starts else ""

    def told(self, series: ItemId, starts: Iterable[datetime | date], since: date) -> list[Occurrence]:
        """Remember these occurrences instead of those told before; what is left over has been forgotten over there.

        What lies before `since` is of no use any more. Raises `CursorExpired` where too much was forgotten at once.
        """
        key = token(series, 5)
        now = {_stamp(start) for start in starts if _day(start) >= since}
        named = [
            occurrence_named(ItemId(f"{series}#{stamp}")) for stamp in self._starts.get(key, []) if stamp not in now
        ]
        gone = [one for one in named if one is not None and _day(one.original_start) >= since]
        if len(gone) > MOST_AT_ONCE:
            raise CursorExpired("many_occurrences_forgotten")
        self._starts.pop(key, None)
        if now:
            self._starts[key] = sorted(now)
        return gone

    def forget(self, series: str) -> None:
        """The series is gone, and its occurrences with it."""
        self._starts.pop(token(series, 5), None)


def _stamp(start: datetime | date) -> str:
    return occurrence_id(ItemId(""), start).removeprefix("#")


def _day(start: datetime | date) -> date:
    return start.date() if isinstance(start, datetime) else start
