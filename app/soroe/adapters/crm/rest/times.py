"""An activity's time in a CRM's fields, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import Malformed, at, checked_zone, put
from soroe.core.event import UTC_ZONE, AllDay, Timed, When, instant

from .moments import is_zoned, read_date, read_instant, read_moment, write_date, write_moment
from .profile import AllDayFields, AllDayFlag, NoAllDay, Times

_LONGEST_DAYS = 3660


def read_when(document: object, times: Times, home: str) -> When:
    """When the activity takes place; `home` is the user's own zone. `Malformed` names the field at fault."""
    if _is_all_day(document, times):
        assert not isinstance(times.all_day, NoAllDay)
        start = read_date(at(document, times.all_day.start_at), times.all_day.format, times.all_day.start_at)
        end = read_date(at(document, times.all_day.end_at), times.all_day.format, times.all_day.end_at)
        if times.all_day.end == "inclusive":
            end += timedelta(days=1)
        _check_span(start, end, times.all_day.end_at)
        if end == start:
            raise Malformed(times.all_day.end_at, "an all-day activity ends after it starts")
        return AllDay(start, end)
    zone = _zone(document, times, times.timed.start_zone_at, home)
    start_time = _wall(document, times, times.timed.start_at, times.timed.start_date_at, zone)
    end_time = _end(document, times, start_time, zone, home)
    when = Timed(start_time, end_time, zone)
    if when.end_utc < when.start_utc:
        raise Malformed(times.timed.end_at or times.timed.duration_at or "", "ends before it starts")
    _check_span(start_time.date(), end_time.date(), times.timed.end_at or "")
    return when


def _check_span(start: date, end: date, field: str) -> None:
    if end < start:
        raise Malformed(field, "ends before it starts")
    if (end - start).days > _LONGEST_DAYS:
        raise Malformed(field, f"lasts longer than {_LONGEST_DAYS} days")


def _is_all_day(document: object, times: Times) -> bool:
    match times.all_day:
        case AllDayFields(start_at=start_at):
            return at(document, start_at) is not None
        case AllDayFlag(flag_at=flag_at, all_day_value=all_day, timed_value=timed, other_timed=others):
            found = at(document, flag_at)
            if found in others:
                return False
            if found == all_day and type(found) is type(all_day):
                return True
            if found is None or (found == timed and type(found) is type(timed)):
                return False
            raise Malformed(flag_at, "says neither all-day nor timed")
        case NoAllDay():
            return False
        case _:
            assert_never(times.all_day)


def _zone(document: object, times: Times, path: str | None, home: str) -> str:
    match times.zone:
        case "utc":
            return UTC_ZONE
        case "header" | "account":
            return home
        case "field":
            assert path is not None
            return checked_zone(at(document, path), path)
        case _:
            assert_never(times.zone)


def _wall(document: object, times: Times, path: str, date_path: str | None, zone: str) -> datetime:
    """The wall-clock time in `zone` at these paths."""
    form = times.timed.format
    found = read_moment(at(document, path), form, path)
    if date_path is not None and times.timed.date_format is not None:
        day = read_date(at(document, date_path), times.timed.date_format, date_path)
        found = datetime.combine(day, found.time(), found.tzinfo)
    if found.tzinfo is None:
        return found
    target = UTC if zone == UTC_ZONE else ZoneInfo(zone)
    return found.astimezone(target).replace(tzinfo=None)


def _end(document: object, times: Times, start: datetime, zone: str, home: str) -> datetime:
    timed = times.timed
    if timed.end_at is not None:
        own = zone
        if timed.end_zone_at is not None and times.zone == "field" and at(document, timed.end_zone_at) is not None:
            own = _zone(document, times, timed.end_zone_at, home)
        found = _wall(document, times, timed.end_at, timed.end_date_at or timed.start_date_at, own)
        return found if own == zone else Timed(found, found, own).within(zone).start
    assert timed.duration_at is not None
    length = read_duration(at(document, timed.duration_at), timed.duration or "minutes", timed.duration_at)
    return (instant(start, zone) + length).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def read_duration(value: object, form: str, field: str) -> timedelta:
    """A length in minutes or as hours and minutes; nothing counts as none."""
    if value is None or value == "":
        return timedelta()
    if form == "minutes" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 5_300_000:
        return timedelta(minutes=value)
    if form == "hh:mm" and isinstance(value, str) and len(value) <= 12:
        hours, colon, rest = value.partition(":")
        minutes = rest.partition(":")[0]
        if colon and hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60 and int(hours) < 90_000:
            return timedelta(hours=int(hours), minutes=int(minutes))
    raise Malformed(field, "is not a length of time")


def write_when(when: When, times: Times, home: str, body: dict[str, Any], *, change: bool) -> None:
    """Puts the time into the body; a change also empties the fields of the other kind."""
    if isinstance(when, AllDay):
        _write_all_day(when, times, body, change=change)
        return
    zone = {"utc": UTC_ZONE, "header": home, "account": home, "field": when.zone}[times.zone]
    told = when.within(zone)
    timed = times.timed
    for path, date_path, zone_path, wall in (
        (timed.start_at, timed.start_date_at, timed.start_zone_at, told.start),
        (timed.end_at, timed.end_date_at, timed.end_zone_at, told.end),
    ):
        if path is None:
            continue
        put(body, path, write_moment(_for(wall, zone, timed.format), timed.format))
        if date_path is not None and timed.date_format is not None:
            put(body, date_path, write_date(wall.date(), timed.date_format))
        if zone_path is not None and times.zone == "field":
            put(body, zone_path, told.zone)
    if timed.duration_at is not None:
        minutes = int((when.end_utc - when.start_utc).total_seconds() // 60)
        length = minutes if timed.duration == "minutes" else f"{minutes // 60:02d}:{minutes % 60:02d}"
        put(body, timed.duration_at, length)
    _mark_timed(times, body, change=change)


def _for(wall: datetime, zone: str, form: str) -> datetime:
    """The wall-clock time, made an instant where the form needs one."""
    return instant(wall, zone) if is_zoned(form) else wall


def _mark_timed(times: Times, body: dict[str, Any], *, change: bool) -> None:
    match times.all_day:
        case AllDayFields(start_at=start_at, end_at=end_at):
            if change:
                put(body, start_at, None)
                put(body, end_at, None)
        case AllDayFlag(flag_at=flag_at, timed_value=timed_value):
            put(body, flag_at, timed_value)
        case NoAllDay():
            return
        case _:
            assert_never(times.all_day)


def _write_all_day(when: AllDay, times: Times, body: dict[str, Any], *, change: bool) -> None:
    shape = times.all_day
    if isinstance(shape, NoAllDay):
        raise Malformed("when", "this CRM has no all-day activities")
    if isinstance(shape, AllDayFields) and change:
        timed = times.timed
        own = {shape.start_at, shape.end_at}
        for path in (timed.start_at, timed.end_at, timed.start_zone_at, timed.end_zone_at, timed.duration_at):
            if path is not None and path not in own:
                put(body, path, None)
    end = when.end - timedelta(days=1) if shape.end == "inclusive" else when.end
    put(body, shape.start_at, write_date(when.start, shape.format))
    put(body, shape.end_at, write_date(end, shape.format))
    if isinstance(shape, AllDayFlag):
        put(body, shape.flag_at, shape.all_day_value)


def read_original_start(document: object, times: Times, home: str) -> datetime | date:
    """Which occurrence an exception stands for: a naive UTC time, or a date."""
    shape = times.original_start
    if shape is None:
        raise Malformed("original_start", "this CRM tells no original start")
    if shape.date_at is not None and at(document, shape.date_at) is not None:
        return read_date(at(document, shape.date_at), "date", shape.date_at)
    form = times.timed.format
    found = read_moment(at(document, shape.timed_at), form, shape.timed_at)
    if found.tzinfo is not None:
        return read_instant(at(document, shape.timed_at), form, shape.timed_at).replace(tzinfo=None)
    zone = _zone(document, times, shape.zone_at or times.timed.start_zone_at, home)
    return instant(found, zone).replace(tzinfo=None)


def write_original_start(original: datetime | date, times: Times, zone: str, body: dict[str, Any]) -> None:
    """Puts the original start into the body, told in `zone`, the zone of the series."""
    shape = times.original_start
    if shape is None:
        raise Malformed("original_start", "this CRM takes no exceptions of a series")
    if not isinstance(original, datetime):
        if shape.date_at is None:
            raise Malformed("original_start", "this CRM has no all-day series")
        put(body, shape.date_at, original.isoformat())
        return
    told = Timed(original, original, UTC_ZONE).within(zone).start
    put(body, shape.timed_at, write_moment(_for(told, zone, times.timed.format), times.timed.format))
    if shape.zone_at is not None:
        put(body, shape.zone_at, zone)
