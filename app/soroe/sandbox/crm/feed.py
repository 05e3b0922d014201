"""The change feed of one owner: entries in the order of their last change, and the cursors that point into it."""

from __future__ import annotations

import base64
import binascii
import hmac
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NewType

ActivityId = NewType("ActivityId", str)
CURSOR_LIFE = timedelta(days=30)
_TRIM_AT = 64


class Feed:
    """Keeps each id once, at the place of its last change."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._ids: list[ActivityId] = []
        self._last: dict[ActivityId, int] = {}

    def mark(self, activity_id: ActivityId, place: int) -> None:
        """Moves the id to the end; `place` is larger than every place before."""
        self._places.append(place)
        self._ids.append(activity_id)
        self._last[activity_id] = place
        if len(self._places) > 2 * len(self._last) + _TRIM_AT:
            self._trim()

    def forget(self, activity_id: ActivityId) -> None:
        """Takes the id out of the feed."""
        self._last.pop(activity_id, None)

    def after(self, place: int) -> Iterator[tuple[int, ActivityId]]:
        """Yields what changed after `place`, oldest change first."""
        for at in range(bisect_right(self._places, place), len(self._places)):
            if self._last.get(self._ids[at]) == self._places[at]:
                yield self._places[at], self._ids[at]

    def _trim(self) -> None:
        kept = [(p, i) for p, i in zip(self._places, self._ids, strict=True) if self._last.get(i) == p]
        self._places = [p for p, _ in kept]
        self._ids = [i for _, i in kept]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands. `listing_from` is the last place that existed when its full listing began: tombstones up
    to there are none of its business, and `since` (UTC) filters items up to there only."""

    owner_id: str
    place: int
    listing_from: int
    since: datetime | None
    generation: int


class Cursors:
    """Writes positions as opaque signed texts, and reads them back while they are valid."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, position: Position, now: datetime) -> str:
        since = f"{position.since.timestamp():.3f}" if position.since else ""
        parts = (
            position.owner_id,
            position.place,
            position.listing_from,
            since,
            position.generation,
            int(now.timestamp()),
        )
        payload = " ".join(map(str, parts)).encode()
        return base64.urlsafe_b64encode(self._sign(payload) + payload).decode().rstrip("=")

    def read(self, text: str, now: datetime) -> Position | None:
        """Returns the position, or nothing when the cursor is damaged, foreign or older than 30 days."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        payload = raw[6:]
        if not hmac.compare_digest(raw[:6], self._sign(payload)):
            return None
        owner, place, base, since, generation, issued = payload.decode().split(" ")
        if now - datetime.fromtimestamp(int(issued), UTC) > CURSOR_LIFE:
            return None
        limit = datetime.fromtimestamp(float(since), UTC) if since else None
        return Position(owner, int(place), int(base), limit, int(generation))

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, payload, "sha256")[:6]


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """The listing claims that there is nothing, and its cursor skips everything."""


@dataclass(frozen=True, slots=True)
class TruncatedPage:
    """The listing shows `keep` entries, claims to be complete, and its cursor skips the rest."""

    keep: int = 1


@dataclass(frozen=True, slots=True)
class FalseTombstones:
    """The listing tells of deletions that never happened."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpiredCursor:
    """The next request with a cursor is refused as expired, also in the middle of a listing."""


Lie = EmptyPage | TruncatedPage | FalseTombstones | ExpiredCursor
