"""Graph's start and end, told as wall-clock times in one zone or as dates, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from soroe.adapters.net.reading import Json, Misfit, part_of
from soroe.adapters.outlook.zones import iana, windows
from soroe.core.event import UTC_ZONE, AllDay, Timed, When


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of a Windows or IANA name; None for one that is unknown or made up by hand in Outlook."""
    found = iana(name) if name else None
    try:
        return None if found is None else ZoneInfo(found)
    except (KeyError, ValueError, OSError):
        return None


def read_when(event: Json, *, repeats: bool) -> When:
    """When an event is, in the zone it was made in.

    A single event whose zone nobody knows is told in UTC, which are the same instants; a series whose clock is not
    known cannot be told. All-day ends are the first day after.
    """
    start, end = read_point(event, "start"), read_point(event, "end")
    if end < start:
        raise Misfit("end", "before the start")
    name = event.get("originalStartTimeZone")
    zone = zone_named(name) if isinstance(name, str) else None
    if event.get("isAllDay") is True:
        first, last = _day(start, zone, "start"), _day(end, zone, "end")
        return AllDay(first, last if last > first else first + timedelta(days=1))
    if zone is None:
        if repeats and name not in (None, "", "UTC"):
            raise Misfit("originalStartTimeZone", "unknown time zone")
        zone = ZoneInfo(UTC_ZONE)
    try:
        return Timed(start.astimezone(zone).replace(tzinfo=None), end.astimezone(zone).replace(tzinfo=None), zone.key)
    except (OverflowError, ValueError) as error:
        raise Misfit("start", "not a time") from error


def read_point(event: Json, field: str) -> datetime:
    """The UTC instant of one of Graph's points in time; they come in UTC, without an offset and with seven digits."""
    point = part_of(event, field)
    zone = point.get("timeZone")
    known = ZoneInfo(UTC_ZONE) if zone in (None, "", "UTC") else zone_named(str(zone)[:128])
    if known is None:
        raise Misfit(f"{field}.timeZone", "unknown time zone")
    return read_instant(point.get("dateTime"), f"{field}.dateTime", known)


def read_instant(value: object, field: str, zone: ZoneInfo | None = None) -> datetime:
    """The UTC instant of an ISO 8601 text, in whole seconds; `zone` is meant where it carries no offset."""
    if not isinstance(value, str) or len(value) > 40:
        raise Misfit(field, "missing" if value is None else "not a time")
    try:
        told = datetime.fromisoformat(value)
        if told.tzinfo is None:
            told = told.replace(tzinfo=zone or UTC)
        exact = told.astimezone(UTC)
        return exact.replace(microsecond=0) if exact.microsecond else exact
    except (ValueError, OverflowError) as error:
        raise Misfit(field, "not a time") from error


def write_when(when: When) -> Json:
    """Graph's start, end and the all-day mark."""
    if isinstance(when, AllDay):
        return {
            "isAllDay": True,
            "start": {"dateTime": f"{when.start}T00:00:00", "timeZone": "UTC"},
            "end": {"dateTime": f"{when.end}T00:00:00", "timeZone": "UTC"},
        }
    told = when if _plain(when.start, when.zone) and _plain(when.end, when.zone) else when.within(UTC_ZONE)
    name = zone_name(told.zone)
    return {
        "isAllDay": False,
        "start": {"dateTime": told.start.replace(microsecond=0, fold=0).isoformat(), "timeZone": name},
        "end": {"dateTime": told.end.replace(microsecond=0, fold=0).isoformat(), "timeZone": name},
    }


def zone_name(zone: str) -> str:
    """A zone as Graph is told of it: by its Windows name, which every mailbox knows, else by the IANA one."""
    return "UTC" if zone in {UTC_ZONE, "UTC"} else windows(zone) or zone


def query_time(at: datetime) -> str:
    """A UTC instant as Graph takes it in a query."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(wall: datetime, zone: str) -> bool:
    """Whether a wall-clock time names one instant; when a clock goes back it may be two, and Graph cannot tell them."""
    try:
        known = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise Misfit("when", "unknown time zone") from error
    return len({wall.replace(tzinfo=known, fold=fold).utcoffset() for fold in (0, 1)}) == 1


def _day(at: datetime, zone: ZoneInfo | None, field: str) -> date:
    """The day of an all-day end: midnight as told, or midnight in the zone it was made in."""
    local = at if (at.hour, at.minute) == (0, 0) or zone is None else at.astimezone(zone)
    if (local.hour, local.minute) != (0, 0):
        raise Misfit(field, "an all-day event that does not start at midnight")
    return local.date()
