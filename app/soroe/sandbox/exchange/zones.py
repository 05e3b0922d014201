"""Windows' names of time zones, which are the only ones Exchange takes, and moments as XML writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from soroe.sandbox.exchange.errors import EwsError, schema

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")
_YEARS = range(1602, 4500)
"""A calendar of Exchange has the years from 1601 to 4500; the outermost are left out, so that zones can be added."""
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?")


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The zone of a Windows name; others are refused with ErrorTimeZone."""
    from tzlocal.windows_tz import win_tz  # several hundred names, needed only where a sandbox runs

    if name == "UTC":
        return ZoneInfo("UTC")
    if name not in win_tz:
        raise EwsError("ErrorTimeZone", f"The time zone '{name}' was not recognised.")
    return ZoneInfo(win_tz[name])


@lru_cache(maxsize=256)
def windows_name(iana: str) -> str:
    """The Windows name for the IANA name a person's computer has."""
    from tzlocal.windows_tz import tz_win  # as above

    if iana not in tz_win:
        raise ValueError(f"Windows has no time zone for {iana}: choose another zone for the sandbox's person.")
    return str(tz_win[iana])


def read_moment(text: str, without_offset: str) -> datetime:
    """Reads an xs:dateTime into UTC; one without an offset is on the clock of the zone `without_offset`."""
    found = _MOMENT.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        moment = datetime.fromisoformat(found[1] + (found[2] or ""))
    except ValueError:
        raise schema(f"The value '{text}' is invalid according to its datatype 'dateTime'.") from None
    if moment.year not in _YEARS:
        raise EwsError("ErrorInvalidValueForProperty", f"The moment {text} is out of the range a calendar has.")
    return (moment if found[2] else moment.replace(tzinfo=zone(without_offset))).astimezone(UTC)


def read_day(text: str) -> date:
    """Reads an xs:date; its offset does not count."""
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        day = date.fromisoformat(found[1])
    except ValueError:
        raise schema(f"The value '{text}' is invalid according to its datatype 'date'.") from None
    if day.year not in _YEARS:
        raise EwsError("ErrorInvalidValueForProperty", f"The day {text} is out of the range a calendar has.")
    return day


def shown(moment: datetime) -> str:
    """A moment as answers have it: UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def at(wall: datetime, name: str) -> datetime:
    """The UTC moment at which the clock of a zone shows `wall`."""
    return wall.replace(tzinfo=zone(name)).astimezone(UTC)


def wall(moment: datetime, name: str) -> datetime:
    """What the clock of a zone shows at a moment."""
    return moment.astimezone(zone(name)).replace(tzinfo=None)


def midnight_before(moment: datetime, name: str) -> datetime:
    """The midnight at or before a moment on the clock of a zone."""
    return at(wall(moment, name).replace(hour=0, minute=0, second=0, microsecond=0), name)


def midnight_after(moment: datetime, name: str) -> datetime:
    """The midnight at or after a moment on the clock of a zone."""
    before = midnight_before(moment, name)
    return before if before == moment else at(wall(before, name) + timedelta(days=1), name)
