"""An activity's time in a CRM's fields, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import Malformed, Putter, checked_zone, put, putter
from soroe.adapters.net.exchange import Json
from soroe.core.event import UTC_ZONE, AllDay, Timed, When, instant

from .moments import as_instant, is_zoned, moment_reader, moment_writer, read_date, write_date, write_moment
from .profile import AllDayFields, AllDayFlag, NoAllDay, Times

_LONGEST = timedelta(days=3660)
Values = Mapping[str, Json]
"""What an item has at the paths that a profile names."""


class TimesReading:
    """Reads when activities take place, in the way that one profile tells times.

    Its `values` are what an item has at the paths that the profile names (`members`); `home` tells the user's own zone.
    `Malformed` names the field at fault.
    """

    def __init__(self, times: Times, home: Callable[[], str]) -> None:
        self._times = times
        self._timed = times.timed
        self._home = home
        self._moment = moment_reader(times.timed.format)
        self._zone_by_item = times.zone == "field"
        self._day_at: str | None = times.all_day.start_at if isinstance(times.all_day, AllDayFields) else None

    def when(self, values: Values) -> When:
        """When the activity takes place."""
        if self._day_at is None or values[self._day_at] is not None:
            shape = self._times.all_day
            if not isinstance(shape, NoAllDay) and self._is_all_day(values, shape):
                return _all_day(values, shape)
        timed, path = self._timed, self._timed.start_at
        zone = self._zone(values, timed.start_zone_at)
        start = self._moment(values[path], path)
        if start.tzinfo is not None or timed.start_date_at is not None:
            start = self._as_wall(start, values, timed.start_date_at, zone)
        end = self._end(values, start, zone)
        if end < start if zone == UTC_ZONE else _is_earlier(end, start, zone):
            raise Malformed(timed.end_at or timed.duration_at or "", "ends before it starts")
        if not start <= end <= start + _LONGEST:
            _check_span(start.date(), end.date(), timed.end_at or "")
        return Timed(start, end, zone)

    def original_start(self, values: Values) -> datetime | date:
        """Which occurrence an exception stands for: a naive UTC time, or a date."""
        shape = self._times.original_start
        if shape is None:
            raise Malformed("original_start", "this CRM tells no original start")
        if shape.date_at is not None and values[shape.date_at] is not None:
            return read_date(values[shape.date_at], "date", shape.date_at)
        found = self._moment(values[shape.timed_at], shape.timed_at)
        zone = UTC_ZONE
        if found.tzinfo is None:
            zone = self._zone(values, shape.zone_at or self._timed.start_zone_at)
        return as_instant(found, zone).replace(tzinfo=None)

    def _is_all_day(self, values: Values, shape: AllDayFields | AllDayFlag) -> bool:
        if isinstance(shape, AllDayFields):
            return values[shape.start_at] is not None
        found, all_day, timed = values[shape.flag_at], shape.all_day_value, shape.timed_value
        if found in shape.other_timed:
            return False
        if found == all_day and type(found) is type(all_day):
            return True
        if found is None or (found == timed and type(found) is type(timed)):
            return False
        raise Malformed(shape.flag_at, "says neither all-day nor timed")

    def _zone(self, values: Values, path: str | None) -> str:
        if self._zone_by_item:
            assert path is not None
            return checked_zone(values[path], path)
        return UTC_ZONE if self._times.zone == "utc" else self._home()

    def _as_wall(self, found: datetime, values: Values, date_path: str | None, zone: str) -> datetime:
        """The wall-clock time in `zone` of a time that was found, with its date where that stands by itself."""
        if date_path is not None and self._timed.date_format is not None:
            day = read_date(values[date_path], self._timed.date_format, date_path)
            found = datetime.combine(day, found.time(), found.tzinfo)
        if found.tzinfo is None:
            return found
        target = UTC if zone == UTC_ZONE else ZoneInfo(zone)
        return found.astimezone(target).replace(tzinfo=None)

    def _end(self, values: Values, start: datetime, zone: str) -> datetime:
        timed = self._timed
        if timed.end_at is not None:
            own = zone
            told = values[timed.end_zone_at] if self._zone_by_item and timed.end_zone_at is not None else None
            if told is not None and told != zone:
                own = self._zone(values, timed.end_zone_at)
            found = self._moment(values[timed.end_at], timed.end_at)
            date_path = timed.end_date_at or timed.start_date_at
            if found.tzinfo is not None or date_path is not None:
                found = self._as_wall(found, values, date_path, own)
            return found if own == zone else Timed(found, found, own).within(zone).start
        assert timed.duration_at is not None
        length = read_duration(values[timed.duration_at], timed.duration or "minutes", timed.duration_at)
        return (instant(start, zone) + length).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _is_earlier(one: datetime, other: datetime, zone: str) -> bool:
    """Whether a time comes before another one: where a clock is turned back, a later time may be the earlier one."""
    offset_at = ZoneInfo(zone).utcoffset
    if offset_at(one) == offset_at(other):
        return one < other
    return instant(one, zone) < instant(other, zone)


def _all_day(values: Values, shape: AllDayFields | AllDayFlag) -> AllDay:
    start = read_date(values[shape.start_at], shape.format, shape.start_at)
    end = read_date(values[shape.end_at], shape.format, shape.end_at)
    if shape.end == "inclusive":
        end += timedelta(days=1)
    _check_span(start, end, shape.end_at)
    if end == start:
        raise Malformed(shape.end_at, "an all-day activity ends after it starts")
    return AllDay(start, end)


def _check_span(start: date, end: date, field: str) -> None:
    if end < start:
        raise Malformed(field, "ends before it starts")
    if end - start > _LONGEST:
        raise Malformed(field, f"lasts longer than {_LONGEST.days} days")


def times_told(times: Times) -> Iterator[str]:
    """Where an item tells its times."""
    timed, all_day, original = times.timed, times.all_day, times.original_start
    paths: list[str | None] = [timed.start_at, timed.end_at, timed.start_zone_at, timed.end_zone_at]
    paths += [timed.start_date_at, timed.end_date_at, timed.duration_at]
    paths += [getattr(all_day, name, None) for name in ("start_at", "end_at", "flag_at")]
    if original is not None:
        paths += [original.timed_at, original.zone_at, original.date_at]
    paths += [times.instants.updated_at, times.instants.created_at]
    return (path for path in paths if path is not None)


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


class TimesWriting:
    """Writes when activities take place, in the way that one profile tells times; `home` tells the user's own zone."""

    def __init__(self, times: Times, home: Callable[[], str]) -> None:
        self._times = times
        self._home = home
        timed = times.timed
        by_item = times.zone == "field"
        self._moment = moment_writer(timed.format)
        self._is_zoned = is_zoned(timed.format)
        self._start = _putters(timed.start_at, timed.start_date_at, timed.start_zone_at if by_item else None)
        self._end = _putters(timed.end_at, timed.end_date_at, timed.end_zone_at if by_item else None)

    def put(self, body: dict[str, Any], when: When, *, change: bool) -> None:
        """Puts the time into the body; a change also empties the fields of the other kind."""
        if isinstance(when, AllDay):
            _write_all_day(when, self._times, body, change=change)
            return
        timed, told_by = self._times.timed, self._times.zone
        zone = when.zone if told_by == "field" else UTC_ZONE if told_by == "utc" else self._home()
        told = when.within(zone)
        self._put_wall(body, told.start, zone, self._start)
        self._put_wall(body, told.end, zone, self._end)
        if timed.duration_at is not None:
            minutes = int((when.end_utc - when.start_utc).total_seconds() // 60)
            length = minutes if timed.duration == "minutes" else f"{minutes // 60:02d}:{minutes % 60:02d}"
            put(body, timed.duration_at, length)
        _mark_timed(self._times, body, change=change)

    def _put_wall(self, body: dict[str, Any], wall: datetime, zone: str, putters: _Putters) -> None:
        put_time, put_date, put_zone = putters
        if put_time is None:
            return
        put_time(body, self._moment(instant(wall, zone) if self._is_zoned else wall))
        if put_date is not None and self._times.timed.date_format is not None:
            put_date(body, write_date(wall.date(), self._times.timed.date_format))
        if put_zone is not None:
            put_zone(body, zone)


_Putters = tuple[Putter | None, Putter | None, Putter | None]


def _putters(*paths: str | None) -> _Putters:
    time, day, zone = (None if path is None else putter(path) for path in paths)
    return time, day, zone


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
    form = times.timed.format
    put(body, shape.timed_at, write_moment(instant(told, zone) if is_zoned(form) else told, form))
    if shape.zone_at is not None:
        put(body, shape.zone_at, zone)
