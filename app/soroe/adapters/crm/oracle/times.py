"""Oracle's date-times: they end in "Z" and are, by the vendor's guide, meant in the user's own zone all the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import Malformed, checked_year
from soroe.core.event import AllDay, Timed, When

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?")
_MIDNIGHT = datetime.min.time()
_TOLERANCE = timedelta(minutes=10)


class Times(StrEnum):
    """What the "Z" at the end of a date-time stands for at a company: the user's zone, as documented, or UTC."""

    USER = "user"
    UTC = "utc"


@dataclass(frozen=True, slots=True)
class Dial:
    """Tells times as the service does. `zone` is the user's own (IANA).

    Where a service tells wall-clock times, of the two equal hours at the end of summer time the first is meant.
    """

    zone: str
    times: Times = Times.USER

    def wall(self, text: object, field: str) -> datetime:
        """The naive wall-clock time in the user's zone; `Malformed` for anything else."""
        if not isinstance(text, str) or not _FORM.fullmatch(text):
            raise Malformed(field, "is not a time")
        try:
            found = datetime.fromisoformat(text.rstrip("Z")).replace(microsecond=0)
        except ValueError as error:
            raise Malformed(field, "is not a time") from error
        checked_year(found, field)
        if self.times is Times.USER:
            return found
        return found.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def instant(self, text: object, field: str) -> datetime:
        """The UTC instant."""
        return self.wall(text, field).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def told(self, moment: datetime) -> str:
        """An instant as the service writes it; whole seconds."""
        zone = ZoneInfo(self.zone) if self.times is Times.USER else UTC
        return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%SZ}"

    def told_since(self, moment: datetime, now: datetime) -> str:
        """The earliest way that an instant between `moment` and `now` can be written.

        When summer time ends between the two, the wall clock goes back, and what changed since is told as earlier.
        """
        if self.times is Times.UTC:
            return self.told(moment)
        zone = ZoneInfo(self.zone)
        before, after = moment.astimezone(zone), now.astimezone(zone)
        back = max((before.utcoffset() or timedelta()) - (after.utcoffset() or timedelta()), timedelta())
        return f"{before.replace(tzinfo=None) - back:%Y-%m-%dT%H:%M:%SZ}"

    def when(self, start: datetime, end: datetime) -> When:
        """The time of a record: from midnight to midnight is a range of days; there is no other way to say it."""
        if start.time() == end.time() == _MIDNIGHT and end > start:
            return AllDay(start.date(), end.date())
        return Timed(start, end, self.zone)

    def both(self, when: When) -> tuple[str, str]:
        """Start and end as the service writes them."""
        if isinstance(when, AllDay):
            walls = (datetime.combine(when.start, _MIDNIGHT), datetime.combine(when.end, _MIDNIGHT))
            start, end = (wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC) for wall in walls)
        else:
            start, end = when.start_utc, when.end_utc
        return self.told(start), self.told(end)


class Problem(StrEnum):
    """What of the settings does not fit how a service tells times."""

    IN_UTC = "times_are_utc"
    IN_USERS_ZONE = "times_are_the_users_own"
    OTHER_ZONE = "zone_differs"


def judged(told: str, now: datetime, dial: Dial) -> Problem | None:
    """What does not fit when a service writes the moment `now` (UTC, by its own clock) as `told`; None when all does.

    Ten minutes more or less do not matter: no two zones are so close.
    """
    other = replace(dial, times=Times.UTC if dial.times is Times.USER else Times.USER)
    if _shows(told, now, dial):
        return None
    if _shows(told, now, other):
        return Problem.IN_UTC if other.times is Times.UTC else Problem.IN_USERS_ZONE
    return Problem.OTHER_ZONE


def _shows(told: str, now: datetime, dial: Dial) -> bool:
    if not _FORM.fullmatch(told):
        return False
    wall = datetime.fromisoformat(dial.told(now).rstrip("Z"))
    return abs(wall - datetime.fromisoformat(told.rstrip("Z")).replace(tzinfo=None)) < _TOLERANCE
