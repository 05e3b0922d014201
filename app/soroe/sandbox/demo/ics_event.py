"""One entry of an .ics file in the shape of Google's event resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Event

from soroe.sandbox.google.errors import Json

from .appointments import ME, ZONE
from .ics_file import Block, CalendarFile, mail_address, uid_in, utc_stamp
from .remarks import NotReadable, Said, said

_NEEDED = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_CLASSES = {"PRIVATE": "private", "CONFIDENTIAL": "private"}
_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1600, 2999
"""Years that a calendar may hold. Apple gives 1604 to a birthday of which it does not know the year."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was understood.

    `original` is the stamp of the occurrence it stands for, as it ends Google's instance ids; None for whole events.
    `organizer` is set when somebody else organises it. `left_out` are properties that could not be read and were not
    needed: name and what is wrong.
    """

    block: Block
    uid: str
    sequence: int
    original: str | None
    cancelled: bool
    organizer: str
    body: Json
    left_out: tuple[tuple[str, Said], ...]


@dataclass(frozen=True, slots=True)
class _At:
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

    def moment(self) -> datetime:
        wall = self.wall if isinstance(self.wall, datetime) else datetime.combine(self.wall, time())
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def read_entry(event: Event, file: CalendarFile, block: Block, user: frozenset[str]) -> Entry:
    """The entry; `user` are the addresses of the calendar's owner. Raises `NotReadable` naming the property."""
    left_out: list[tuple[str, Said]] = []
    for name, what in event.errors:
        if name is not None and name.upper() in _NEEDED:
            raise NotReadable(name.upper(), said("not_understood", detail=str(what)[:200]))
        left_out.append(((name or "line").upper(), said("left_out", detail=str(what)[:200])))
    times = _Times(event, file)
    start, end = times.start_and_end()
    if times.goes_on:
        left_out.append(("RECURRENCE-ID", said("this_and_future")))
    left_out += times.not_carried(end.moment() - start.moment())
    body: Json = {"start": start.json(), "end": end.json(), **_words(event), **_manners(event)}
    original = times.original(start)
    if original is None:
        lines = list(times.recurrence(start))
        if lines:
            body["recurrence"] = lines
    guests, strangers = _guests(event, user)
    left_out += [("ATTENDEE", said("no_mail_address", written=text[:80])) for text in strangers]
    organizer = mail_address(_text(event, "ORGANIZER"))
    foreign = organizer if organizer and organizer not in user else ""
    if foreign:
        guests = _invited(guests, foreign)
    if guests:
        body["attendees"] = guests
    cancelled = _text(event, "STATUS").upper() == "CANCELLED"
    return Entry(block, uid_in(block), _sequence(event), original, cancelled, foreign, body, tuple(left_out))


class _Times:
    """When an entry is."""

    def __init__(self, event: Event, file: CalendarFile) -> None:
        self._event = event
        self._file = file
        self._whole_days = _text(event, "X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"

    def start_and_end(self) -> tuple[_At, _At]:
        start = self._one("DTSTART")
        if start is None:
            raise NotReadable("DTSTART", said("no_start"))
        end = self._one("DTEND") or self._after(start)
        if start.all_day != end.all_day:
            raise NotReadable("DTEND", said("mixed_times"))
        if end.moment() < start.moment():
            raise NotReadable("DTEND", said("end_before_start"))
        if start.all_day and end.wall == start.wall:
            end = _At(start.wall + _DAY, start.zone)
        return start, end

    def _after(self, start: _At) -> _At:
        """The end by DURATION; without one, a day for a date and no time for a time (RFC 5545, 3.6.1)."""
        duration = self._event.get("DURATION")
        lasts = getattr(duration, "dt", getattr(duration, "td", None))
        if not isinstance(lasts, timedelta):
            lasts = _DAY if start.all_day else timedelta()
        try:
            return _At(start.wall + lasts, start.zone)
        except OverflowError as error:
            raise NotReadable("DURATION", said("beyond_9999")) from error

    def original(self, start: _At) -> str | None:
        """Which occurrence of its series this is, as it ends Google's instance ids."""
        at = self._one("RECURRENCE-ID")
        if at is None:
            return None
        return at.moment().strftime("%Y%m%dT%H%M%SZ") if not at.all_day else f"{at.wall:%Y%m%d}"

    @property
    def goes_on(self) -> bool:
        """Whether all later occurrences were meant, too, as hardly any program still writes."""
        return "RANGE" in getattr(self._event.get("RECURRENCE-ID"), "params", {})

    def recurrence(self, start: _At) -> Iterator[str]:
        for rule in _all(self._event, "RRULE"):
            yield f"RRULE:{self._rule(dict(rule), start)}"  # type: ignore[call-overload]  # icalendar has no types
        for name in ("RDATE", "EXDATE"):
            for dates in _all(self._event, name):
                zone = getattr(dates, "params", {}).get("TZID", "")
                points = [self._point(name, one.dt, zone) for one in getattr(dates, "dts", [])]
                if points:
                    yield _dates_line(name, points, start)

    def not_carried(self, length: timedelta) -> Iterator[tuple[str, Said]]:
        """What a series says that nobody's calendar can hold: the property, and what becomes of it."""
        if "EXRULE" in self._event:
            yield "EXRULE", said("exrule")
        added = [one.dt for dates in _all(self._event, "RDATE") for one in getattr(dates, "dts", [])]
        if any(isinstance(one, tuple) and _lasts(*one) != length for one in added):
            yield "RDATE", said("period_lengths")

    def _rule(self, parts: dict[str, list[object]], start: _At) -> str:
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

    def _until(self, values: list[object], start: _At) -> str:
        until = values[0]
        if start.all_day:
            if isinstance(until, date):
                return f"{until:%Y%m%d}"
        elif isinstance(until, datetime):
            return utc_stamp(until if until.tzinfo else _no_later(until).replace(tzinfo=ZoneInfo(start.zone)))
        elif isinstance(until, date):
            last = _no_later(datetime.combine(until, time(23, 59, 59)))
            return utc_stamp(last.replace(tzinfo=ZoneInfo(start.zone)))
        raise NotReadable("RRULE", said("no_until"))

    # --- points ---
    def _one(self, name: str) -> _At | None:
        value = self._event.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            raise NotReadable(name, said("more_than_once"))
        return self._point(name, getattr(value, "dt", None), getattr(value, "params", {}).get("TZID", ""))

    def _point(self, name: str, value: object, zone: str) -> _At:
        if isinstance(value, tuple):  # a period: its start counts
            value = value[0]
        if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise NotReadable(name, said("year", year=value.year, first=FIRST_YEAR, last=LAST_YEAR))
        if isinstance(value, datetime):
            if self._whole_days and value.time() == time():
                return _At(value.date(), self._usual())
            if zone:
                return _At(value.replace(tzinfo=None), self._file.zone_named(zone))
            if value.tzinfo is not None:
                return _At(value.astimezone(UTC).replace(tzinfo=None), "UTC")
            return _At(value, self._usual())
        if isinstance(value, date):
            return _At(value, self._usual())
        raise NotReadable(name, said("no_date_no_time"))

    def _usual(self) -> str:
        """The zone of floating times."""
        return self._file.zone or ZONE


def _lasts(start: datetime, until: datetime | timedelta) -> timedelta:
    return until if isinstance(until, timedelta) else until - start


def _no_later(until: datetime) -> datetime:
    """The end of a rule, moved away from the year 9999, which some programs write for "no end"."""
    return until.replace(year=min(until.year, LAST_YEAR))


def _dates_line(name: str, points: list[_At], start: _At) -> str:
    if start.all_day:
        return f"{name};VALUE=DATE:" + ",".join(f"{point.wall:%Y%m%d}" for point in points)
    written = []
    for point in points:
        if isinstance(point.wall, datetime):
            written.append(utc_stamp(point.moment()))
            continue
        # A date instead of a time means the occurrence of that day.
        assert isinstance(start.wall, datetime)
        written.append(utc_stamp(_At(datetime.combine(point.wall, start.wall.time()), start.zone).moment()))
    return f"{name}:" + ",".join(written)


def _word(value: object) -> str:
    text = getattr(value, "to_ical", None)
    return text().decode() if callable(text) else str(value)


def _words(event: Event) -> Json:
    body: Json = {}
    title = _text(event, "SUMMARY")
    if title:
        body["summary"] = title
    notes = _text(event, "DESCRIPTION") or _text(event, "X-ALT-DESC").replace("\\n", "\n").replace("\\,", ",")
    if notes.strip():
        body["description"] = notes
    place = _text(event, "LOCATION")
    if place:
        body["location"] = place
    return body


def _manners(event: Event) -> Json:
    """Private or not, free or busy, tentative or sure."""
    body: Json = {}
    visibility = _CLASSES.get(_text(event, "CLASS").upper())
    if visibility:
        body["visibility"] = visibility
    if _text(event, "TRANSP").upper() == "TRANSPARENT" or _text(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE":
        body["transparency"] = "transparent"
    if _text(event, "STATUS").upper() == "TENTATIVE":
        body["status"] = "tentative"
    return body


def _guests(event: Event, user: frozenset[str]) -> tuple[list[Json], list[str]]:
    """The guests, the owner under the account's own address; and those who have no mail address."""
    guests: dict[str, Json] = {}
    strangers = []
    for one in _all(event, "ATTENDEE"):
        email = mail_address(str(one))
        if not email:
            strangers.append(str(one))
            continue
        params = getattr(one, "params", {})
        email = ME if email in user else email
        guest: Json = {
            "email": email,
            "responseStatus": _ANSWERS.get(str(params.get("PARTSTAT", "")).upper(), "needsAction"),
        }
        if params.get("CN"):
            guest["displayName"] = str(params["CN"])
        if str(params.get("ROLE", "")).upper() == "OPT-PARTICIPANT":
            guest["optional"] = True
        guests.setdefault(email, guest)
    return list(guests.values()), strangers


def _invited(guests: list[Json], organizer: str) -> list[Json]:
    """An invitation has its organiser and the account among its guests."""
    known = {guest["email"] for guest in guests}
    first = [] if organizer in known else [{"email": organizer, "responseStatus": "accepted"}]
    last = [] if ME in known else [{"email": ME, "responseStatus": "needsAction"}]
    return [*first, *guests, *last]


def _sequence(event: Event) -> int:
    try:
        return int(str(event.get("SEQUENCE", 0)))
    except ValueError:
        return 0


def _text(event: Event, name: str) -> str:
    value = _all(event, name)
    return str(value[0]) if value else ""


def _all(event: Event, name: str) -> list[object]:
    found = event.get(name, [])
    return list(found) if isinstance(found, list) else [found]
