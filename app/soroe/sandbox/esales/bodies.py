"""Reads the bodies of creates and changes: slashes only, nothing unknown, nothing coerced."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.esales.limits import Limits
from soroe.sandbox.esales.refusals import Refusal, bad_value
from soroe.sandbox.esales.schedule import Fields, Kind, Record

_TIME = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d(:\d\d)?")
_DATE = re.compile(r"\d{4}/\d\d/\d\d")
_READ_ONLY = frozenset({"schedule_id", "updater", "registration_date", "update_date"})
_TEXTS = frozenset({"subject", "detail", "address", "building", "postal_code"})

Read = Callable[[str, Any], Any]


def written(body: object, zone: ZoneInfo, limits: Limits) -> dict[str, Any]:
    """Returns the members of a body, read one by one; raises 400 naming the first wrong one."""
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_body", "The body has to be an object.")
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name in _READ_ONLY:
            raise bad_value(name, "is set by the system")
        if name in _TEXTS:
            found[name] = limits.within(name, text(name, value))
        elif name in {"start", "end"}:
            found[name] = _whole_minutes(moment(name, value, zone))
        elif name in _READERS:
            found[name] = _READERS[name](name, value)
        else:
            raise bad_value(name, "is not a known member")
    return found


def check(fields: Fields) -> Fields:
    """Returns the fields if they can stand together: no empty subject, no zero length, one day for an all-day one."""
    if not fields.subject.strip():
        raise bad_value("subject", "must not be empty")
    timed = isinstance(fields.start, datetime) and isinstance(fields.end, datetime)
    if fields.type is Kind.ALL_DAY:
        if isinstance(fields.start, datetime) or isinstance(fields.end, datetime):
            raise bad_value("start", "an all-day schedule has dates without times")
        if fields.end != fields.start:
            raise bad_value("end", "an all-day schedule is one day long")
    elif not timed:
        raise bad_value("start", "needs a time (yyyy/mm/dd hh:MM)")
    elif fields.end <= fields.start:
        raise bad_value("end", "must lie after the start")
    return fields


def moment(field: str, value: object, zone: ZoneInfo) -> datetime | date:
    """Reads a slashed date or date-time; ISO 8601 is refused. The zone is the header's."""
    if not isinstance(value, str):
        raise bad_value(field, "must be a text")
    try:
        if _DATE.fullmatch(value):
            return datetime.strptime(value, "%Y/%m/%d").replace(tzinfo=UTC).date()
        if _TIME.fullmatch(value):
            form = "%Y/%m/%d %H:%M:%S" if value.count(":") == 2 else "%Y/%m/%d %H:%M"
            wall = datetime.strptime(value, form).replace(tzinfo=zone)
            return wall.astimezone(UTC)
    except ValueError:
        raise bad_value(field, "is no time of the calendar") from None
    raise bad_value(field, "must be yyyy/mm/dd or yyyy/mm/dd hh:MM[:ss]")


def _whole_minutes(at: datetime | date) -> datetime | date:
    return at.replace(second=0) if isinstance(at, datetime) else at


def text(field: str, value: object) -> str:
    """Reads a text."""
    if not isinstance(value, str):
        raise bad_value(field, "must be a text")
    return value


def _flag(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise bad_value(field, "must be true or false")
    return value


def _number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_value(field, "must be a number")
    return value


def _maybe_number(field: str, value: object) -> int | None:
    return None if value is None else _number(field, value)


def _kind(field: str, value: object) -> Kind:
    try:
        return Kind(text(field, value))
    except ValueError:
        raise bad_value(field, f"must be one of {', '.join(Kind)}") from None


def _participants(field: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise bad_value(field, "must be a list")
    found = []
    for entry in value:
        if not isinstance(entry, dict) or set(entry) != {"employee_id"}:
            raise bad_value(field, "holds objects with employee_id alone")
        found.append(_number(f"{field}.employee_id", entry["employee_id"]))
    return tuple(dict.fromkeys(found))


def _texts(field: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise bad_value(field, "must be a list")
    return tuple(text(field, entry) for entry in value)


def _record(field: str, value: object) -> Record | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"id", "name"}:
        raise bad_value(field, "must be an object with id and name")
    return Record(_number(f"{field}.id", value["id"]), text(f"{field}.name", value["name"]))


_READERS: Mapping[str, Read] = {
    "type": _kind,
    "schedule_kind": _maybe_number,
    "private": _flag,
    "others_may_change": _flag,
    "participants": _participants,
    "registrant": _number,
    "customer": _record,
    "businessplan": _record,
    "people_met": _texts,
    "facilities": _texts,
}
