"""When an entry of an .ics file is: its times, its rules, and which occurrence it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Event

from soroe.sandbox.google.errors import Json

from .ics_file import utc_stamp
from .ics_zones import Zones
from .remarks import NotReadable, Said, said

_DAY = timedelta(days=1)
_ENDS_OF_DAYS = (time(), time(23, 59, 59))
FIRST_YEAR, LAST_YEAR = 1600, 2999
"""Years that a calendar may hold. Apple gives 1604 to a birthday of which it does not know the year."""


@dataclass(frozen=True, slots=True)
class At:
    """A point as the file writes it: a date, or a wall-clock time with its IANA zone."""

    wall: date | datetime
    zone: str

    @property
    def all_day(self) -> bool:
        return not isinstance(self.wall, datetime)

    def json(self) -> Json:
        if isinstance(self.wall, datetime):
            return {"dateTime": self.wall.isoformat(timespec="seconds"), "timeZone": self.zone}
        return {"date": self.wall.isoformat()}

    def after(self, lasts: timedelta) -> At:
        """So much later: days by the calendar, hours and minutes as they pass (RFC 5545, 3.3.6)."""
        if not isinstance(self.wall, datetime):
            return At(self.wall + lasts, self.zone)
        days = At(self.wall + timedelta(days=lasts.days), self.zone)
        later = days.moment() + timedelta(seconds=lasts.seconds)
        return At(later.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None), self.zone)

    def stamp(self) -> str:
        """As it ends Google's ids of instances."""
        return f"{self.wall:%Y%m%d}" if self.all_day else self.moment().strftime("%Y%m%dT%H%M%SZ")

    def day(self, usual: str) -> str:
        """The day on the clock that it is written by; of a moment in UTC that ends no day, on the usual clock."""
        local = isinstance(self.wall, datetime) and self.zone == "UTC" and self.wall.time() not in _ENDS_OF_DAYS
        return f"{self.moment().astimezone(ZoneInfo(usual)) if local else self.wall:%Y%m%d}"

    def moment(self) -> datetime:
        wall = self.wall if isinstance(self.wall, datetime) else datetime.combine(self.wall, time())
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


class Times:
    """When an entry is. `usual` is the zone of floating times, `of_days` the one in which a moment tells a day."""

    def __init__(self, event: Event, zones: Zones, usual: str, of_days: str) -> None:
        self._event = event
        self._zones = zones
        self._usual = usual
        self._of_days = of_days
        self._whole_days = text_of(event, "X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"
        self._repeats = "RRULE" in event or "RDATE" in event
        named = (_zone_written(event.get(name)) for name in ("DTSTART", "DTEND"))
        self._floating = next(filter(None, named), "")
        """The zone of what says none itself: programs leave it out beside a time that names it."""

    def start_and_end(self) -> tuple[At, At]:
        start = self._one("DTSTART")
        if start is None:
            raise NotReadable("DTSTART", said("no_start"))
        end = self._one("DTEND") or self._after(start)
        if start.all_day != end.all_day:
            raise NotReadable("DTEND", said("mixed_times"))
        if end.moment() < start.moment():
            raise NotReadable("DTEND", said("end_before_start"))
        if start.all_day and end.wall == start.wall:
            end = At(start.wall + _DAY, start.zone)
        return start, end

    def _after(self, start: At) -> At:
        """The end by DURATION; without one, a day for a date and no time for a time (RFC 5545, 3.6.1)."""
        duration = self._event.get("DURATION")
        lasts = getattr(duration, "dt", getattr(duration, "td", None))
        if not isinstance(lasts, timedelta):
            lasts = _DAY if start.all_day else timedelta()
        if lasts < timedelta():
            raise NotReadable("DURATION", said("end_before_start"))
        try:
            return start.after(lasts)
        except OverflowError as error:
            raise NotReadable("DURATION", said("beyond_9999")) from error

    def original(self) -> At | None:
        """Which occurrence of its series this is."""
        return self._one("RECURRENCE-ID")

    @property
    def goes_on(self) -> bool:
        """Whether all later occurrences were meant, too, as hardly any program still writes."""
        return "RANGE" in getattr(self._event.get("RECURRENCE-ID"), "params", {})

    def recurrence(self, start: At) -> Iterator[str]:
        """The lines of a series, in the form Google takes."""
        rules = [self._rule(dict(rule), start) for rule in all_of(self._event, "RRULE")]  # type: ignore[call-overload]  # icalendar has no types
        yield from (f"RRULE:{rule}" for rule in rules)
        dates = {name: list(self._dates(name)) for name in ("RDATE", "EXDATE")}
        if rules and not any(_begins(rule, start) for rule in rules):
            dates["RDATE"].append(start)  # the first meeting takes place, whatever the rule says (RFC 5545, 3.8.2.4)
        for name, points in dates.items():
            if points:
                yield _dates_line(name, points, start, self._of_days)

    def _dates(self, name: str) -> Iterator[At]:
        for dates in all_of(self._event, name):
            zone = _zone_written(dates)
            yield from (self._point(name, one.dt, zone) for one in getattr(dates, "dts", []))

    def not_carried(self, length: timedelta) -> Iterator[tuple[str, Said]]:
        """What a series says that nobody's calendar can hold: the property, and what becomes of it."""
        if "EXRULE" in self._event:
            yield "EXRULE", said("exrule")
        added = [one.dt for dates in all_of(self._event, "RDATE") for one in getattr(dates, "dts", [])]
        if any(isinstance(one, tuple) and _lasts(*one) != length for one in added):
            yield "RDATE", said("period_lengths")

    def _rule(self, parts: dict[str, list[object]], start: At) -> str:
        """The rule with its UNTIL in the form Google takes: a date for whole days, else a moment in UTC."""
        words = []
        for name, values in parts.items():
            if name.upper() == "UNTIL":
                words.append(f"UNTIL={self._until(values, start)}")
            elif values:
                words.append(f"{name.upper()}={','.join(_word(value) for value in values)}")
        if not any(word.startswith("FREQ=") for word in words):
            raise NotReadable("RRULE", said("no_freq"))
        return ";".join(words)

    def _until(self, values: list[object], start: At) -> str:
        until = values[0]
        if start.all_day:
            if isinstance(until, datetime) and until.tzinfo is not None:
                return At(until.astimezone(UTC).replace(tzinfo=None), "UTC").day(self._of_days)
            if isinstance(until, date):
                return f"{until:%Y%m%d}"
        elif isinstance(until, datetime):
            return utc_stamp(until if until.tzinfo else _no_later(until).replace(tzinfo=ZoneInfo(start.zone)))
        elif isinstance(until, date):
            last = _no_later(datetime.combine(until, time(23, 59, 59)))
            return utc_stamp(last.replace(tzinfo=ZoneInfo(start.zone)))
        raise NotReadable("RRULE", said("no_until"))

    # --- points ---
    def _one(self, name: str) -> At | None:
        value = self._event.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            raise NotReadable(name, said("more_than_once"))
        return self._point(name, getattr(value, "dt", None), _zone_written(value))

    def _point(self, name: str, value: object, zone: str) -> At:
        if isinstance(value, tuple):  # a period: its start counts
            value = value[0]
        if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise NotReadable(name, said("year", year=value.year, first=FIRST_YEAR, last=LAST_YEAR))
        if isinstance(value, datetime):
            if self._whole_days and value.time() == time():
                return At(value.date(), self._usual)
            if not zone and value.tzinfo is not None:
                return At(value.astimezone(UTC).replace(tzinfo=None), "UTC")
            zone = zone or self._floating
            return self._in(zone, value.replace(tzinfo=None)) if zone else At(value, self._usual)
        if isinstance(value, date):
            return At(value, self._usual)
        raise NotReadable(name, said("no_date_no_time"))

    def _in(self, name: str, wall: datetime) -> At:
        """A time in a zone of the file; where no known zone has its rules, what repeats by no rule is told in UTC."""
        known = self._zones.named(name, wall.year)
        moment = None if self._repeats else self._zones.moment(name, wall)
        if known is not None and moment in {None, At(wall, known).moment()}:
            return At(wall, known)
        if moment is None:
            raise NotReadable("TZID", said("no_zone", name=name[:80]))
        return At(moment.replace(tzinfo=None), "UTC")


def _zone_written(value: object) -> str:
    named = getattr(value, "params", {}).get("TZID", "")
    return str(named[0] if isinstance(named, list) and named else named)


def _lasts(start: datetime, until: datetime | timedelta) -> timedelta:
    return until if isinstance(until, timedelta) else until - start


def _begins(rule: str, start: At) -> bool:
    """Whether the first meeting is one that the rule gives; rules that no calendar repeats are for it to refuse."""
    parts = [part for part in rule.split(";") if not part.startswith("UNTIL=")]
    wall = start.wall if isinstance(start.wall, datetime) else datetime.combine(start.wall, time())
    if not any(f"FREQ={word}" in parts for word in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")):
        return True
    try:
        return next(iter(rrulestr(";".join(parts), dtstart=wall)), wall) == wall
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return True


def _no_later(until: datetime) -> datetime:
    """The end of a rule, moved away from the year 9999, which some programs write for "no end"."""
    return until.replace(year=min(until.year, LAST_YEAR))


def _dates_line(name: str, points: list[At], start: At, of_days: str) -> str:
    if start.all_day:
        return f"{name};VALUE=DATE:" + ",".join(point.day(of_days) for point in points)
    written = []
    for point in points:
        if isinstance(point.wall, datetime):
            written.append(utc_stamp(point.moment()))
            continue
        # A date instead of a time means the occurrence of that day.
        assert isinstance(start.wall, datetime)
        written.append(utc_stamp(At(datetime.combine(point.wall, start.wall.time()), start.zone).moment()))
    return f"{name}:" + ",".join(written)


def _word(value: object) -> str:
    text = getattr(value, "to_ical", None)
    return text().decode() if callable(text) else str(value)


def text_of(event: Event, name: str) -> str:
    value = all_of(event, name)
    return str(value[0]) if value else ""


def all_of(event: Event, name: str) -> list[object]:
    found = event.get(name, [])
    return list(found) if isinstance(found, list) else [found]
