"""Values of fields: read from JSON with the service's complaints, and shown as the service writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from soroe.sandbox.salesforce.ids import need_id
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.schema import Field

Values = Mapping[str, Any]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)")
_TO_THE_SECOND = len("2026-05-01T03:00:00")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read_instant(text: str) -> datetime | None:
    """A UTC time from ISO 8601 with an offset, or nothing. Fractions of seconds are dropped, as the service does."""
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """A date from YYYY-MM-DD, or nothing."""
    if _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_value(field: Field, given: object) -> object:
    """The value that a request gives for a field; raises what the service raises."""
    if given is None:
        return None
    match field.kind:
        case "boolean":
            return given if isinstance(given, bool) else _not_a("boolean", given)
        case "int":
            return given if isinstance(given, int) and not isinstance(given, bool) else _not_a("int", given)
        case "datetime":
            return (read_instant(given) if isinstance(given, str) else None) or _not_a("datetime", given)
        case "date":
            return _read_date(given)
        case "reference":
            return need_id(given, field.label, field.name, field.refers)
        case _:
            return _read_text(field, given)


def _read_date(given: object) -> object:
    if not isinstance(given, str):
        return _not_a("date", given)
    instant = read_instant(given)
    return read_day(given) or (instant.date() if instant is not None else _not_a("date", given))


def _read_text(field: Field, given: object) -> object:
    if not isinstance(given, str):
        return _not_a("string", given)
    text = given.strip()
    if len(text) > field.length:
        raise Refusal(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            (field.name,),
        )
    if field.kind == "picklist" and field.restricted and text and text not in field.picklist:
        raise Refusal(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            (field.name,),
        )
    return text or None


def _not_a(kind: str, given: object) -> object:
    token = (
        "VALUE_STRING" if isinstance(given, str) else "VALUE_NUMBER_INT" if isinstance(given, int) else "START_OBJECT"
    )
    raise Refusal(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {token} value {given} or request may be missing a required field",
    )


def shown(value: object) -> object:
    """A value as the service writes it in JSON."""
    if isinstance(value, datetime):
        return value.isoformat()[:_TO_THE_SECOND] + ".000+0000"
    return value.isoformat() if isinstance(value, date) else value
