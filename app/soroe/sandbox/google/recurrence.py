"""Recurrence lines of a series: what is refused, and which occurrences they make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from dateutil.rrule import rrule, rruleset, rrulestr

from soroe.sandbox.google.errors import Json, invalid
from soroe.sandbox.google.times import FIRST_YEAR, LAST_YEAR, known_zone, stamp, wall, zone
from soroe.sandbox.google.times import from_wall as stored_from_wall

MOST_INSTANCES = 730
"""An open-ended series shows this many instances where no upper bound is given."""

_DAY = timedelta(days=1)
_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z-]+=[^:;]+)*):(.+)")
_PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9]\d*"),
    "COUNT": re.compile(r"[1-9]\d*"),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z)?"),
    "WKST": re.compile(r"MO|TU|WE|TH|FR|SA|SU"),
    "BYDAY": re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYMONTHDAY": re.compile(r"-?\d{1,2}(,-?\d{1,2})*"),
    "BYYEARDAY": re.compile(r"-?\d{1,3}(,-?\d{1,3})*"),
    "BYWEEKNO": re.compile(r"-?\d{1,2}(,-?\d{1,2})*"),
    "BYMONTH": re.compile(r"\d{1,2}(,\d{1,2})*"),
    "BYSETPOS": re.compile(r"-?\d{1,3}(,-?\d{1,3})*"),
}


def check(lines: object, start: Json) -> list[str]:
    """Returns the recurrence lines if they can be expanded from `start`; refuses them otherwise."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise invalid("Invalid recurrence rule.", "recurrence")
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise invalid("Invalid recurrence rule.", "recurrence")
        kind, parameters, value = found.groups()
        if kind in ("RRULE", "EXRULE"):
            _check_rule(value, all_day="date" in start)
        else:
            _check_dates(parameters, value)
    try:
        any(_rules(tuple(lines), wall(start), start.get("timeZone", "")))
    except ValueError:
        raise invalid("Invalid recurrence rule.", "recurrence") from None
    return list(lines)


def _check_rule(value: str, *, all_day: bool) -> None:
    parts: dict[str, str] = {}
    for part in value.split(";"):
        name, equals, setting = part.partition("=")
        if not equals or name in parts or name not in _PARTS or not _PARTS[name].fullmatch(setting):
            raise invalid("Invalid recurrence rule.", "recurrence")
        parts[name] = setting
    # RFC 5545: FREQ is needed, COUNT excludes UNTIL, and UNTIL is of the same kind as the start.
    if "FREQ" not in parts or ("COUNT" in parts and "UNTIL" in parts):
        raise invalid("Invalid recurrence rule.", "recurrence")
    if "UNTIL" in parts and (len(parts["UNTIL"]) == len("20260401")) != all_day:
        raise invalid("Invalid recurrence rule.", "recurrence")


def _check_dates(parameters: str, value: str) -> None:
    named = re.search(r";TZID=([^;:]+)", parameters)
    if named and zone(named[1]) is None:
        raise invalid("Invalid recurrence rule.", "recurrence")
    if not all(re.fullmatch(r"\d{8}(T\d{6}Z?)?", text) for text in value.split(",")):
        raise invalid("Invalid recurrence rule.", "recurrence")


def instance_starts(master: Json, low: datetime | None, high: datetime | None) -> Iterator[Json]:
    """Yields the original starts (stored times) of a series' instances whose start lies between the bounds.

    `low` and `high` are moments in UTC, both included and only approximate by a day: the caller filters exactly.
    Without `high` at most `MOST_INSTANCES` are made.
    """
    start = master["start"]
    name = start.get("timeZone", "")
    for one in islice(_between(master, low, high), MOST_INSTANCES if high is None else None):
        yield stored_from_wall(one if "dateTime" in start else one.date(), name)


def _between(master: Json, low: datetime | None, high: datetime | None) -> Iterator[datetime]:
    from_day = low.astimezone(UTC).replace(tzinfo=None) - _DAY if low else None
    to_day = high.astimezone(UTC).replace(tzinfo=None) + _DAY if high else None
    for one in _rules(tuple(master["recurrence"]), wall(master["start"]), master["start"].get("timeZone", "")):
        if to_day is not None and one > to_day:
            return
        if from_day is None or one >= from_day:
            yield one


def has_instance(master: Json, instance_stamp: str) -> Json | None:
    """Returns the original start of the instance with that stamp, or nothing when the series has none."""
    start = master["start"]
    try:
        if "date" in start:
            moment = datetime.strptime(instance_stamp, "%Y%m%d").replace(tzinfo=UTC)
        else:
            moment = datetime.strptime(instance_stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return next((s for s in instance_starts(master, moment, moment) if stamp(s) == instance_stamp), None)


@lru_cache(maxsize=1024)
def _rules(lines: tuple[str, ...], start: datetime | date, name: str) -> rruleset:
    """Builds the set of wall-clock starts; all-day series use midnight as their wall clock."""
    first = start if isinstance(start, datetime) else datetime.combine(start, time())
    rules = rruleset(cache=True)
    rules.rdate(first)
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"The sandbox cannot read the recurrence line {line!r}.")
        kind, parameters, value = found.groups()
        match kind:
            case "RRULE":
                rules.rrule(_rule(value, first, name))
            case "EXRULE":
                rules.exrule(_rule(value, first, name))
            case "RDATE":
                for one in _dates(parameters, value, first, name):
                    rules.rdate(one)
            case _:
                for one in _dates(parameters, value, first, name):
                    rules.exdate(one)
    return rules


def _rule(value: str, first: datetime, name: str) -> rrule:
    def local_until(found: re.Match[str]) -> str:
        if "T" not in found[1]:
            return f"UNTIL={found[1]}T235959"
        moment = datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(known_zone(name))
        return f"UNTIL={moment:%Y%m%dT%H%M%S}"

    made = rrulestr("RRULE:" + re.sub(r"UNTIL=(\w+)", local_until, value), dtstart=first)
    if not isinstance(made, rrule):
        raise ValueError(f"The sandbox cannot read the recurrence rule {value!r}.")
    return made


def _dates(parameters: str, value: str, first: datetime, name: str) -> Iterator[datetime]:
    named = re.search(r";TZID=([^;:]+)", parameters)
    for text in value.split(","):
        # RFC 5545 dates are ISO 8601 in the basic form, which fromisoformat reads; a Z gives them a zone.
        moment = datetime.fromisoformat(text)
        if "T" not in text:
            yield datetime.combine(moment.date(), first.time())
            continue
        if moment.tzinfo is None and named:
            moment = moment.replace(tzinfo=known_zone(named[1]))
        yield moment.astimezone(known_zone(name)).replace(tzinfo=None) if moment.tzinfo and name else moment
