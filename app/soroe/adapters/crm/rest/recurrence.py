"""Recurrence as lines of RFC 5545, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import Malformed, checked_year, checked_zone, wall_time
from soroe.core.event import UTC_ZONE, AllDay, Recurrence, When

MOST_LINES = 50
MOST_DATES = 4_000
LONGEST_LINE = 4_000
_PART = re.compile(r"[A-Z]+=[A-Z0-9+,\-]{1,400}")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})


def read_recurrence(lines: object, when: When, field: str) -> Recurrence | None:
    """The recurrence in these lines, None for no lines; `Malformed` for rules no calendar would show."""
    if lines is None or lines == [] or lines == "":
        return None
    if isinstance(lines, str):
        lines = lines.splitlines()
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Malformed(field, "is not a list of lines")
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise Malformed(field, "has too many or too long lines")
    rules: list[str] = []
    added: list[datetime | date] = []
    removed: list[datetime | date] = []
    for line in lines:
        head, colon, value = line.strip().partition(":")
        name, _, parameters = head.partition(";")
        if not colon:
            raise Malformed(field, "has a line without a value")
        match name.upper():
            case "RRULE":
                rules.append(_checked_rule(value, field))
            case "RDATE":
                added.extend(_dates(value, parameters, when, field))
            case "EXDATE":
                removed.extend(_dates(value, parameters, when, field))
            case _:
                raise Malformed(field, "has a line that is no recurrence")
    if not rules and not added:
        raise Malformed(field, "has neither a rule nor dates")
    return Recurrence(tuple(rules), tuple(added), tuple(removed))


def _checked_rule(value: str, field: str) -> str:
    parts: dict[str, str] = {}
    for part in value.upper().strip().rstrip(";").split(";"):
        name, _, word = part.partition("=")
        if not _PART.fullmatch(part) or name in parts:
            raise Malformed(field, "has a rule that is not NAME=VALUE")
        parts[name] = word
    if parts.get("FREQ") not in _FREQUENCIES:
        raise Malformed(field, "repeats in a way no calendar shows")
    for name in ("COUNT", "INTERVAL"):
        word = parts.get(name, "1")
        if not word.isdecimal() or not 1 <= int(word[:9]) <= 100_000:
            raise Malformed(field, f"has a {name} that is out of bounds")
    if any(name in parts for name in ("BYSECOND", "BYMINUTE", "BYHOUR")):
        raise Malformed(field, "repeats in a way no calendar shows")
    return ";".join(f"{name}={word}" for name, word in parts.items())


def _dates(value: str, parameters: str, when: When, field: str) -> Iterable[datetime | date]:
    zone: str | None = None
    for parameter in filter(None, parameters.split(";")):
        name, _, word = parameter.partition("=")
        if name.upper() == "TZID":
            zone = checked_zone(word.strip('"'), field)
        elif name.upper() != "VALUE" or word.upper() == "PERIOD":
            raise Malformed(field, "has a date with an unknown parameter")
    texts = value.split(",")
    if len(texts) > MOST_DATES:
        raise Malformed(field, "lists too many dates")
    return [_moment(text.strip(), zone, when, field) for text in texts]


def _moment(text: str, zone: str | None, when: When, field: str) -> datetime | date:
    try:
        if isinstance(when, AllDay):
            found: datetime | date = wall_time(text[:8], "%Y%m%d").date()
            checked_year(found, field)
            return found
        wall = wall_time(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise Malformed(field, "has a date that does not exist, or of another kind than the start") from error
    checked_year(wall, field)
    own = UTC_ZONE if text.endswith("Z") else zone or when.zone
    if own == when.zone:
        return wall
    return wall.replace(tzinfo=ZoneInfo(own)).astimezone(ZoneInfo(when.zone)).replace(tzinfo=None)


def write_recurrence(recurrence: Recurrence | None, when: When) -> list[str]:
    """The lines for a recurrence; none for none."""
    if recurrence is None:
        return []
    lines = [f"RRULE:{rule}" for rule in recurrence.rules]
    for name, dates in (("RDATE", recurrence.added), ("EXDATE", recurrence.removed)):
        lines.extend(_date_line(name, moment, when) for moment in dates)
    return lines


def _date_line(name: str, moment: datetime | date, when: When) -> str:
    if isinstance(when, AllDay):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    wall = moment if isinstance(moment, datetime) else datetime.combine(moment, when.start.time())
    if when.zone == UTC_ZONE:
        return f"{name}:{wall:%Y%m%dT%H%M%S}"
    return f"{name};TZID={when.zone}:{wall:%Y%m%dT%H%M%S}"


def without(recurrence: Recurrence, when: When, original: datetime | date) -> Recurrence:
    """The recurrence with one more occurrence cancelled; `original` is a naive UTC time, or a date."""
    moment: datetime | date = original
    if isinstance(original, datetime) and not isinstance(when, AllDay):
        moment = original.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).replace(tzinfo=None)
    if moment in recurrence.removed:
        return recurrence
    return Recurrence(recurrence.rules, recurrence.added, (*recurrence.removed, moment))


def last_day(recurrence: Recurrence) -> date | None:
    """The last day a series can reach, where its rules say so; None when it may go on for ever."""
    latest: date | None = None
    for rule in recurrence.rules:
        until = re.search(r"UNTIL=(\d{8})", rule)
        if until is None:
            return None
        try:
            day = wall_time(until.group(1), "%Y%m%d").date()
        except ValueError:  # a rule with an impossible end is kept rather than left out of the window
            return None
        latest = max(latest or day, day)
    for moment in recurrence.added:
        day = moment.date() if isinstance(moment, datetime) else moment
        latest = max(latest or day, day)
    return latest
