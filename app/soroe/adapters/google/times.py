"""Google's start and end, told as wall-clock times in one zone or as dates, and back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from soroe.adapters.net.reading import Json, Misfit, part_of
from soroe.adapters.net.wall_text import wall_text
from soroe.core.event import UTC_ZONE, AllDay, Timed, When

_LONGEST = 40
"""Characters of a time, with its offset."""
_MICROSECOND = timedelta(microseconds=1)
_MILLISECONDS = re.compile(r"[0-9-]{10}T(?:[01][0-9]|2[0-3])[0-9:]{6}\.[0-9]{3}Z\Z")


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path and not a name; a directory of zones
        return None


def zone_named(name: object, field: str) -> ZoneInfo:
    """The zone of this IANA name; an unknown one holds the item rather than moving it (spec "Time")."""
    found = _zone(name) if type(name) is str and len(name) <= 64 else None
    if found is None:
        raise Misfit(field, "unknown time zone")
    return found


def read_when(event: Json, calendar_zone: str) -> When:
    """When an event is. Its zone is the start's; without one the calendar's, and without that UTC.

    An end told in another zone becomes the same instant in the start's zone. All-day ends are the first day after.
    """
    start, end = part_of(event, "start"), part_of(event, "end")
    if "date" in start and start["date"] is not None:
        first, last = _day(start, "start.date"), _day(end, "end.date")
        if last < first:
            raise Misfit("end.date", "before the start")
        return AllDay(first, last if last > first else _next_day(first))  # Google shows an empty range as one day
    starts, ends = start.get("dateTime"), end.get("dateTime")
    named = start.get("timeZone") or calendar_zone or UTC_ZONE
    if type(starts) is str and type(ends) is str and type(named) is str:
        return _timed_again(starts, ends, named)
    return _timed(starts, ends, named)


def _timed(starts: object, ends: object, named: object) -> Timed:
    zone = zone_named(named, "start.timeZone")
    first, last = _wall(starts, "start.dateTime", zone), _wall(ends, "end.dateTime", zone)
    # Where a clock goes back, a later instant may be told by an earlier time, and the other way round.
    if (last < first or last.fold != first.fold) and _instant(last, zone) < _instant(first, zone):
        raise Misfit("end.dateTime", "before the start")
    return Timed(first, last, zone.key)


_timed_again = lru_cache(maxsize=512)(_timed)
"""An event is told several times over (in a listing, in the answers to our writes), mostly with the same time."""


def read_original_start(event: Json) -> datetime | date:
    """The start that an occurrence had by its series: naive UTC, or a date."""
    original = part_of(event, "originalStartTime")
    if "date" in original and original["date"] is not None:
        return _day(original, "originalStartTime.date")
    zone = zone_named(original.get("timeZone") or UTC_ZONE, "originalStartTime.timeZone")
    return read_instant(original.get("dateTime"), "originalStartTime.dateTime", zone).replace(tzinfo=None)


def read_instant(value: object, field: str, zone: ZoneInfo | None = None) -> datetime:
    """The UTC instant of an RFC 3339 text, in whole seconds."""
    if type(value) is not str or len(value) > _LONGEST:
        raise Misfit(field, "missing" if value is None else "not a time")
    try:
        return _read_instant(value, zone)
    except (ValueError, OverflowError) as error:
        raise Misfit(field, "not a time") from error


@lru_cache(maxsize=512)  # when an event was made is told again with each of its states; one batch changes many at once
def _read_instant(text: str, zone: ZoneInfo | None) -> datetime:
    if _MILLISECONDS.match(text):  # as Google tells all instants: to leave them out is less work than to take off
        return datetime.fromisoformat(f"{text[:19]}Z")
    told = datetime.fromisoformat(text)
    if told.tzinfo is not UTC:
        told = (told if told.tzinfo is not None else told.replace(tzinfo=zone or UTC)).astimezone(UTC)
    return told - told.microsecond * _MICROSECOND if told.microsecond else told


def write_when(when: When, *, replacing: bool) -> tuple[Json, Json]:
    """Google's start and end; with `replacing`, the keys of the other kind are cleared in a patch."""
    if isinstance(when, AllDay):
        start, end = {"date": when.start.isoformat()}, {"date": when.end.isoformat()}
        other = {"dateTime": None, "timeZone": None}
    else:
        # The offset is told along with the zone: when a clock goes back, one wall-clock time is two instants.
        zone = zone_named(when.zone, "when")
        start = {"dateTime": _told(when.start, zone), "timeZone": when.zone}
        end = {"dateTime": _told(when.end, zone), "timeZone": when.zone}
        other = {"date": None}
    return ({**start, **other}, {**end, **other}) if replacing else (start, end)


def _told(wall: datetime, zone: ZoneInfo) -> str:
    offset = zone.utcoffset(wall)
    assert offset is not None
    return wall_text(wall) + _offset_text(offset)


@lru_cache(maxsize=256)
def _offset_text(offset: timedelta) -> str:
    return time(tzinfo=timezone(offset)).isoformat("seconds")[len("00:00:00") :]


def _wall(value: object, field: str, zone: ZoneInfo) -> datetime:
    """One of Google's points in time on the clocks of a zone, which is meant where it carries no offset."""
    if type(value) is not str or len(value) > _LONGEST:
        raise Misfit(field, "missing" if value is None else "not a time")
    try:
        told = datetime.fromisoformat(value)
        if told.tzinfo is None:
            told = _instant(told, zone)  # a time that the clocks skip is told as what it means
        if told.microsecond:
            told -= told.microsecond * _MICROSECOND
        at = told.astimezone(zone)
        return datetime.combine(at.date(), at.time())  # it loses its zone so in a third of the time of `replace`
    except (ValueError, OverflowError) as error:
        raise Misfit(field, "not a time") from error


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _day(point: Json, field: str) -> date:
    value = point.get("date")
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Misfit(field, "missing" if value is None else "not a date")


def _next_day(day: date) -> date:
    try:
        return day + timedelta(days=1)
    except OverflowError as error:
        raise Misfit("end.date", "not a date") from error
