"""Checks recurrence lines (RFC 5545) the way the contract demands."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from soroe.sandbox.crm.activity import Day, Moment, Time
from soroe.sandbox.crm.problems import Problem, invalid

_FREQUENCIES = frozenset({"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_LISTS = frozenset({"BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"})
_WEEKDAYS = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU))*")
_NUMBERS = re.compile(r"[+-]?\d{1,3}(,[+-]?\d{1,3})*")
_COUNT = re.compile(r"[1-9]\d{0,4}")
_DATE = re.compile(r"\d{8}")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_UTC = re.compile(r"\d{8}T\d{6}Z")


def zone_is_known(name: str) -> bool:
    """Whether the IANA database has this zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the database, such as "Asia"
        return False
    return True


def cancelling(original: Time, start: Time) -> str:
    """The line that cancels an occurrence of a series with this start."""
    if isinstance(original, Day):
        return f"EXDATE;VALUE=DATE:{original.date:%Y%m%d}"
    zone = start.zone if isinstance(start, Moment) else original.zone
    local = original.local.replace(tzinfo=ZoneInfo(original.zone)).astimezone(ZoneInfo(zone))
    return f"EXDATE;TZID={zone}:{local:%Y%m%dT%H%M%S}"


def check_recurrence(lines: tuple[str, ...], start: Time) -> None:
    """Raises a problem that names the line at fault; returns when all lines fit the contract and the start's kind."""
    rules = 0
    for place, line in enumerate(lines):
        field = f"recurrence.{place}"
        if line.startswith("RRULE:"):
            rules += 1
            _check_rule(line.removeprefix("RRULE:"), start, field)
        elif line.startswith(("RDATE:", "RDATE;", "EXDATE:", "EXDATE;")):
            _check_dates(line, start, field)
        else:
            raise invalid(field, "A recurrence line starts with RRULE:, RDATE or EXDATE.")
    if rules > 1:
        raise invalid("recurrence", "A series has one RRULE at most.")
    if lines and not rules and not any(line.startswith("RDATE") for line in lines):
        raise invalid("recurrence", "A series needs an RRULE or an RDATE.")


def _check_rule(rule: str, start: Time, field: str) -> None:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise invalid(field, f"The part {part!r} of the rule is not NAME=VALUE, or comes twice.")
        parts[name] = value
    if "FREQ" not in parts:
        raise invalid(field, "The rule has no FREQ.")
    if "UNTIL" in parts and "COUNT" in parts:
        raise invalid(field, "A rule has UNTIL or COUNT, not both.")
    for name, value in parts.items():
        if not _part_fits(name, value, start):
            raise invalid(field, f"The part {name}={value} of the rule is not valid here.")


def _part_fits(name: str, value: str, start: Time) -> bool:
    if name == "FREQ":
        return value in _FREQUENCIES
    if name in ("INTERVAL", "COUNT"):
        return _COUNT.fullmatch(value) is not None
    if name == "UNTIL":
        return (_DATE if isinstance(start, Day) else _UTC).fullmatch(value) is not None
    if name == "WKST":
        return value in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    if name == "BYDAY":
        return _WEEKDAYS.fullmatch(value) is not None
    return name in _LISTS and _NUMBERS.fullmatch(value) is not None


def _check_dates(line: str, start: Time, field: str) -> None:
    head, colon, values = line.partition(":")
    parameters = head.split(";")[1:]
    if not colon:
        raise invalid(field, "The line has no value.")
    shape = _DATE if isinstance(start, Day) else _LOCAL
    for parameter in parameters:
        problem = _parameter_problem(parameter, start, field)
        if problem is not None:
            raise problem
    if not all(shape.fullmatch(value) for value in values.split(",")):
        wanted = "dates (20260508)" if isinstance(start, Day) else "local times (20260508T100000)"
        raise invalid(field, f"The values have to be {wanted}.")


def _parameter_problem(parameter: str, start: Time, field: str) -> Problem | None:
    name, _, value = parameter.partition("=")
    if name == "VALUE" and value == ("DATE" if isinstance(start, Day) else "DATE-TIME"):
        return None
    if name == "TZID" and not isinstance(start, Day) and zone_is_known(value):
        return None
    return invalid(field, f"The parameter {parameter!r} is not valid here.")
