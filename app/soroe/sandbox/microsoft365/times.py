"""Graph's times: a wall clock of seven fractional digits beside the name of its zone, Windows' or IANA's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from soroe.sandbox.microsoft365.errors import Json, body_unreadable, invalid_parameter, unsupported_zone

_WALL = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?)?")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Returns the zone of a Windows or IANA name; refuses others as the service does."""
    from tzlocal.windows_tz import win_tz  # several hundred names, needed only where a sandbox runs

    try:
        return ZoneInfo(win_tz.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise unsupported_zone(name) from None


@dataclass(frozen=True, slots=True)
class When:
    """A point on the wall clock of a zone, kept as it was said; `wall` has no zone of its own."""

    wall: datetime
    zone: str

    @property
    def moment(self) -> datetime:
        """The same in UTC. A wall time that a clock change skips or repeats is read as the earlier one."""
        return self.wall.replace(tzinfo=zone(self.zone)).astimezone(UTC)

    def seen_in(self, name: str) -> When:
        """The same moment on the clock of another zone."""
        if name == self.zone:
            return self
        return When(self.moment.astimezone(zone(name)).replace(tzinfo=None), name)

    def moved(self, by: timedelta) -> When:
        return When(self.wall + by, self.zone)

    def json(self) -> Json:
        return {"dateTime": wall_text(self.wall), "timeZone": self.zone}


def wall_text(wall: datetime) -> str:
    return f"{wall:%Y-%m-%dT%H:%M:%S}.{wall.microsecond:06d}0"


def stamp(moment: datetime) -> str:
    """A moment as `createdDateTime` and its like have it: UTC, seven digits, Z."""
    return f"{wall_text(moment.astimezone(UTC))}Z"


def read_when(value: object, field: str) -> When:
    """Reads a dateTimeTimeZone; an offset inside `dateTime` wins over the zone, as in the service."""
    if not isinstance(value, dict) or not isinstance(value.get("dateTime"), str):
        raise body_unreadable(f"Cannot read the property '{field}' as microsoft.graph.dateTimeTimeZone.")
    name = value.get("timeZone") or "UTC"
    if not isinstance(name, str):
        raise unsupported_zone(str(name))
    wall, offset = _read(value["dateTime"])
    if wall is None:
        raise body_unreadable(f"Cannot convert the literal '{value['dateTime']}' to the expected type 'Edm.DateTime'.")
    zone(name)
    if offset is not None:
        return When((wall - offset).replace(tzinfo=UTC).astimezone(zone(name)).replace(tzinfo=None), name)
    return When(wall, name)


def read_bound(text: str, field: str) -> datetime:
    """Reads `startDateTime` or `endDateTime` of a view; without an offset it counts as UTC."""
    wall, offset = _read(text.replace(" ", "+"))
    if wall is None:
        raise invalid_parameter(f"The value '{text}' of parameter '{field}' is invalid.")
    return (wall - (offset or timedelta())).replace(tzinfo=UTC)


def _read(text: str) -> tuple[datetime | None, timedelta | None]:
    found = _WALL.fullmatch(text)
    if found is None:
        return None, None
    day, clock, fraction, offset = found.groups()
    try:
        wall = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
    except ValueError:
        return None, None
    wall += timedelta(microseconds=int((fraction or "0").ljust(7, "0")[:6]))
    return wall, _offset(offset)


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -size if text[0] == "-" else size
