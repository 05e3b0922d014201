"""Dates and times of event bodies: read strictly, kept in the event's own zone, shown in the zone asked for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from soroe.sandbox.google.errors import GoogleError, Json, bad_request, invalid, required

Which = Literal["start", "end"]

FIRST_YEAR, LAST_YEAR = 1800, 2800
"""The years an event may lie in."""

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo | None:
    """Returns the IANA zone of that name, or nothing when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def known_zone(name: str) -> ZoneInfo:
    found = zone(name)
    if found is None:
        raise ValueError(f"The sandbox was given the unknown time zone {name!r}: use an IANA name such as Asia/Tokyo.")
    return found


def rfc3339(moment: datetime) -> str:
    """Writes a moment as Google writes `created` and `updated`: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read_bound(text: str, parameter: str) -> datetime:
    """Reads timeMin, timeMax or updatedMin; a missing offset is refused, as documented."""
    if not _DATE_TIME.fullmatch(text):
        raise bad_request(location=parameter)
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise bad_request(location=parameter) from None
    if moment.tzinfo is None:
        raise bad_request(location=parameter)
    # A bound beyond every event means the same a few years nearer, where arithmetic still has room.
    if moment.year < FIRST_YEAR:
        return datetime(FIRST_YEAR - 1, 1, 1, tzinfo=UTC)
    return datetime(LAST_YEAR + 2, 1, 1, tzinfo=UTC) if moment.year > LAST_YEAR else moment.replace(microsecond=0)


def read_time(raw: object, which: Which, calendar_zone: str, *, recurring: bool) -> Json:
    """Checks one `start` or `end` and returns it as it is stored: a date, or a time in its own zone with offset."""
    if not isinstance(raw, dict) or (raw.get("date") is None and raw.get("dateTime") is None):
        raise required(f"Missing {which} time.")
    name = raw.get("timeZone")
    if name is not None and (not isinstance(name, str) or zone(name) is None):
        raise invalid(f"Invalid time zone definition for {which} time.")
    if raw.get("date") is not None:
        return _read_date(raw, which)
    text = raw["dateTime"]
    if not isinstance(text, str) or not _DATE_TIME.fullmatch(text):
        raise _wrong(which)
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise _wrong(which) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _wrong(which)
    if name is None and (moment.tzinfo is None or recurring):
        raise required(f"Missing time zone definition for {which} time.")
    own_zone = known_zone(name or calendar_zone)
    local = moment.replace(tzinfo=own_zone) if moment.tzinfo is None else moment.astimezone(own_zone)
    return {"dateTime": _written(local), "timeZone": name or calendar_zone}


def _read_date(raw: Json, which: Which) -> Json:
    text = raw["date"]
    if raw.get("dateTime") is not None or not isinstance(text, str) or not _DATE.fullmatch(text):
        raise _wrong(which)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong(which) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong(which)
    return {"date": text}


def _wrong(which: Which) -> GoogleError:
    return invalid(f"Invalid {which} time.")


def _written(moment: datetime) -> str:
    text = moment.replace(microsecond=0).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def from_wall(wall: datetime | date, name: str) -> Json:
    """Turns a wall-clock time in the zone `name`, or a date, into a stored time."""
    if isinstance(wall, datetime):
        # A wall-clock time inside the hour that daylight saving skips is moved on, as a round trip through UTC does.
        there = wall.replace(tzinfo=known_zone(name)).astimezone(UTC).astimezone(known_zone(name))
        return {"dateTime": _written(there), "timeZone": name}
    return {"date": wall.isoformat()}


def wall(stored: Json) -> datetime | date:
    """Returns the wall-clock time (naive, in its own zone) or the date of a stored time."""
    if "date" in stored:
        return date.fromisoformat(stored["date"])
    return datetime.fromisoformat(stored["dateTime"]).astimezone(known_zone(stored["timeZone"])).replace(tzinfo=None)


def instant(stored: Json, calendar_zone: str) -> datetime:
    """Returns the moment in UTC; a date counts from midnight in the calendar's zone."""
    if "date" in stored:
        midnight = datetime.combine(date.fromisoformat(stored["date"]), time(), known_zone(calendar_zone))
        return midnight.astimezone(UTC)
    return datetime.fromisoformat(stored["dateTime"]).astimezone(UTC)


def stamp(stored: Json) -> str:
    """Returns the part of an instance id that names its original start: `20260401T010000Z`, or `20260401` all day."""
    if "date" in stored:
        return str(stored["date"]).replace("-", "")
    return datetime.fromisoformat(stored["dateTime"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def shown(stored: Json, response_zone: str) -> Json:
    """Writes a stored time with the offset of `response_zone`; its own `timeZone` stays beside it."""
    if "date" in stored or stored["timeZone"] == response_zone:
        return stored
    moment = datetime.fromisoformat(stored["dateTime"]).astimezone(known_zone(response_zone))
    return {"dateTime": _written(moment), "timeZone": stored["timeZone"]}


def length(start: Json, end: Json) -> timedelta:
    """Returns how long an event lasts, in real time (all day: in days)."""
    if "date" in start:
        return date.fromisoformat(end["date"]) - date.fromisoformat(start["date"])
    return datetime.fromisoformat(end["dateTime"]) - datetime.fromisoformat(start["dateTime"])


def later(start: Json, by: timedelta, name: str) -> Json:
    """Returns the stored time `by` after `start`, written in the zone `name`."""
    if "date" in start:
        return {"date": (date.fromisoformat(start["date"]) + by).isoformat()}
    moment = datetime.fromisoformat(start["dateTime"]) + by
    return {"dateTime": _written(moment.astimezone(known_zone(name))), "timeZone": name}
