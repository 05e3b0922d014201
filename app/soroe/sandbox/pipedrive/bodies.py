"""Reads request bodies as strictly as version 2 does: no coercion, no unknown and no read-only members."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from soroe.sandbox.pipedrive.activity import LOCATION_PARTS
from soroe.sandbox.pipedrive.refusals import Refusal, bad_value

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_LENGTH = re.compile(r"\d{2,3}:[0-5]\d(:[0-5]\d)?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_READ_ONLY = frozenset({"id", "creator_user_id", "is_deleted", "add_time", "update_time", "person_id"})
_ATTENDEE: Mapping[str, tuple[type, ...]] = {
    "email": (str,),
    "name": (str,),
    "status": (str,),
    "is_organizer": (bool,),
    "person_id": (int, type(None)),
    "user_id": (int, type(None)),
}
_PARTICIPANT: Mapping[str, tuple[type, ...]] = {"person_id": (int,), "primary": (bool,)}

Read = Callable[[str, Any], Any]


def written_fields(body: object) -> dict[str, Any]:
    """Returns the members of a create or a change, checked one by one; raises 400 naming the first wrong one."""
    if not isinstance(body, dict):
        raise Refusal(400, "Validation failed: the body is not an object", code="ERR_SCHEMA_VALIDATION_FAILED")
    fields: dict[str, Any] = {}
    for name, value in body.items():
        if name in _READ_ONLY:
            raise bad_value(name, "this field is read-only")
        read = _READERS.get(name)
        if read is None:
            raise bad_value(name, "unknown field")
        fields[name] = read(name, value)
    return fields


def _text(longest: int) -> Read:
    def read(field: str, value: object) -> str:
        if not isinstance(value, str):
            raise bad_value(field, "must be a string")
        if len(value) > longest:
            raise bad_value(field, f"must not be longer than {longest} characters")
        return value

    return read


def _number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_value(field, "must be an integer")
    return value


def _flag(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise bad_value(field, "must be a boolean")
    return value


def _matching(pattern: re.Pattern[str], wanted: str) -> Read:
    def read(field: str, value: object) -> str:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise bad_value(field, f"must be {wanted}")
        return value

    return read


def _clock(pattern: re.Pattern[str], wanted: str) -> Read:
    matching = _matching(pattern, wanted)

    def read(field: str, value: object) -> str:
        text = str(matching(field, value))
        return text if text.count(":") == 2 else f"{text}:00"

    return read


def _date(field: str, value: object) -> date:
    if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is None:
        raise bad_value(field, "must be a date (YYYY-MM-DD)")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise bad_value(field, "is no date of the calendar") from None


def _or_null(read: Read) -> Read:
    return lambda field, value: None if value is None else read(field, value)


def _location(field: str, value: object) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise bad_value(field, "must be an object")
    for name, part in value.items():
        if name != "value" and name not in LOCATION_PARTS:
            raise bad_value(f"{field}.{name}", "unknown field")
        if part is not None and not isinstance(part, str):
            raise bad_value(f"{field}.{name}", "must be a string")
    return {"value": value.get("value"), **{part: value.get(part) for part in LOCATION_PARTS}}


def _rows(shape: Mapping[str, tuple[type, ...]], needed: str) -> Read:
    def read(field: str, value: object) -> tuple[dict[str, Any], ...]:
        if not isinstance(value, list):
            raise bad_value(field, "must be an array")
        return tuple(_row(f"{field}[{place}]", row, shape, needed) for place, row in enumerate(value))

    return read


def _row(field: str, row: object, shape: Mapping[str, tuple[type, ...]], needed: str) -> dict[str, Any]:
    if not isinstance(row, dict) or needed not in row:
        raise bad_value(field, f"must be an object with {needed}")
    for name, value in row.items():
        if name not in shape:
            raise bad_value(f"{field}.{name}", "unknown field")
        if type(value) not in shape[name]:
            raise bad_value(f"{field}.{name}", f"must be {' or '.join(kind.__name__ for kind in shape[name])}")
    return dict(row)


_READERS: Mapping[str, Read] = {
    "subject": _text(255),
    "type": _text(64),
    "owner_id": _number,
    "due_date": _date,
    "due_time": _or_null(_clock(_CLOCK, "a UTC time (HH:MM or HH:MM:SS)")),
    "duration": _or_null(_clock(_LENGTH, "a duration (HH:MM or HH:MM:SS)")),
    "busy": _flag,
    "done": _flag,
    "location": _or_null(_location),
    "note": _or_null(_text(65535)),
    "public_description": _or_null(_text(65535)),
    "participants": _rows(_PARTICIPANT, "person_id"),
    "attendees": _rows(_ATTENDEE, "email"),
    "deal_id": _or_null(_number),
    "lead_id": _or_null(_matching(_UUID, "a UUID")),
    "org_id": _or_null(_number),
    "project_id": _or_null(_number),
    "priority": _or_null(_number),
    "outcome": _or_null(_number),
}
