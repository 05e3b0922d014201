"""The text hidden on a calendar's series of which the CRM holds single activities that bear no stamp of their own.

Neither such an activity nor an occurrence that does not differ from its series says who its partner is. The series says
for which days activities were made or found, and when those came into the CRM. A laptop that was not there knows by it
which occurrence has a twin somewhere, however little the two look alike by now, and asks (S-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from .event import Ref
from .route import SyncKey
from .stamp import own_check

_MARK = "soroe1s"
_TIME = "%Y%m%dT%H%M%SZ"
_UNTIL = "-"
STILL_MADE = timedelta(minutes=5)
"""So long after the mark was written, activities are made under it; whoever needs longer writes it anew."""
WRONG_CLOCK = timedelta(hours=1)
"""How far a laptop's clock may be from the CRM's."""


@dataclass(frozen=True, slots=True)
class SeriesMark:
    """Which occurrences of a series have had activities: those from `first` to `last`, by the day of their original
    start. The activities came into the CRM between `oldest` and `newest` (UTC). `by` is the laptop that alone wrote all
    of it; empty where several did."""

    first: date
    last: date
    oldest: datetime
    newest: datetime
    by: str = ""

    def holds(self, day: date) -> bool:
        """Whether the occurrence of this day has had an activity."""
        return self.first <= day <= self.last

    def tells_of(self, day: date, made: datetime | None) -> bool:
        """Whether nothing has to be added for an activity of this day that came into the CRM at `made`."""
        return self.holds(day) and (made is None or self.oldest <= made <= self.newest + STILL_MADE)

    def may_mean(self, day: date, made: datetime | None) -> bool:
        """Whether an activity that came into the CRM at `made` may be the one of this day."""
        early, late = self.oldest - WRONG_CLOCK, self.newest + STILL_MADE + WRONG_CLOCK
        return self.holds(day) and (made is None or early <= made <= late)

    def with_one(self, day: date, made: datetime) -> SeriesMark:
        """The mark that tells of one more."""
        days, times = (min(self.first, day), max(self.last, day)), (min(self.oldest, made), max(self.newest, made))
        return SeriesMark(*days, *times, self.by)


def first_mark(day: date, made: datetime, by: str) -> SeriesMark:
    """The mark of a series of which one occurrence has an activity."""
    return SeriesMark(day, day, made, made, by)


def mark_text(mark: SeriesMark, key: SyncKey, series: Ref) -> str:
    """The text to hide on `series`; a copy of the series brings it along, and it says nothing there."""
    days = _UNTIL.join(f"{day:%Y%m%d}" for day in (mark.first, mark.last))
    times = _UNTIL.join(at.strftime(_TIME) for at in (mark.oldest, mark.newest))
    return "|".join((_MARK, key, days, times, mark.by, own_check(series)))


def read_mark(text: str | None, key: SyncKey, series: Ref) -> SeriesMark | None:
    """What this sync has hidden on this very series; None for any other text."""
    parts = (text or "").split("|")
    if len(parts) != 6 or (parts[0], parts[1], parts[5]) != (_MARK, key, own_check(series)):
        return None
    try:
        first, last = (date.fromisoformat(day) for day in parts[2].split(_UNTIL))
        oldest, newest = (datetime.strptime(at, _TIME).replace(tzinfo=UTC) for at in parts[3].split(_UNTIL))
    except ValueError:
        return None
    return SeriesMark(first, last, oldest, newest, parts[4])


def is_mark_of(text: str | None, key: SyncKey) -> bool:
    """Whether this is a mark of this sync, be it on the series it was written on or on a copy."""
    return (text or "").startswith(f"{_MARK}|{key}|")
