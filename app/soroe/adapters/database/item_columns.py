"""What the columns of an item are made of, beside the item itself: by what it is searched, ordered and found."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from unicodedata import normalize
from zlib import crc32
from zoneinfo import ZoneInfo

from soroe.core.event import AllDay, When

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times are naive by design
_FIRST_DAY = _EPOCH.toordinal()
_DAY_SECONDS = 86_400


def fold(text: str) -> str:
    """Text as searches compare it: NFKC, then without case; so full-width and half-width are one."""
    if text.isascii():
        return text.lower()
    folded = normalize("NFKC", text).casefold()
    try:
        folded.encode("utf-8")
    except UnicodeEncodeError:
        return folded.encode("utf-8", "replace").decode("utf-8")
    return folded


def lower(text: str) -> str:
    """What SQLite's `lower()` makes of the text: only A to Z change."""
    return text.lower() if text.isascii() else text.encode("utf-8", "replace").lower().decode("utf-8")


def title_key(title: str) -> str | None:
    """The folded title, where `lower()` does not make it."""
    if title.isascii():
        return None
    key = fold(title)
    return None if key == title or key == lower(title) else key


def start_seconds(when: When) -> int:
    """The start for ordering, in seconds since the epoch; a zone that nobody knows is ordered as if it were UTC."""
    if isinstance(when, AllDay):
        return (when.start.toordinal() - _FIRST_DAY) * _DAY_SECONDS
    return _timed_seconds(when.start, when.start.fold, when.zone)


@lru_cache(maxsize=1024)  # of an item and its partner, both are asked for, one soon after the other
def _timed_seconds(start: datetime, _fold: int, zone: str) -> int:
    """The start of a timed event; the fold is told beside it, because times that differ only in it count as equal."""
    seconds = _seconds(start - _EPOCH)
    try:
        offset = ZoneInfo(zone).utcoffset(start)  # a third of the cost of `bounds_utc`
    except (LookupError, ValueError, OSError):
        return seconds
    return seconds if offset is None else seconds - _seconds(offset)


def _seconds(span: timedelta) -> int:
    return span.days * _DAY_SECONDS + span.seconds


STAMP_BAR, STAMP_BARS = "|", 3


def stamp_number(stamp: str) -> int:
    """A short number by which an item with this stamp is found: of the stamp up to its last part, the check on the
    item itself. The stamp is compared after."""
    parts = stamp.split(STAMP_BAR, STAMP_BARS)
    found_by = stamp[: len(stamp) - len(parts[-1])] if len(parts) > STAMP_BARS else stamp
    return crc32(found_by.encode("utf-8", "surrogatepass"))
