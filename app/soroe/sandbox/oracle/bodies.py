"""Reads the bodies of writes strictly: one resource, known fields, the right types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from soroe.sandbox.oracle.fields import Field, Kind, Table
from soroe.sandbox.oracle.listing import Asked
from soroe.sandbox.oracle.refusals import PICKLIST, REQUIRED, Refusal, bad_value
from soroe.sandbox.oracle.times import understood


def written(body: object, tag_names: tuple[str, ...], table: Table, asked: Asked, creates: bool) -> dict[str, Any]:
    """The values by default tag; raises 400. With `creates` every mandatory field has to be there, else none of them
    may be emptied. An empty text empties a field, as null does."""
    given = _only_one(body, tag_names)
    named = asked.tags.named(table)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in named:
            raise bad_value(name, "there is no such field")
        if not named[name].updatable:
            raise bad_value(name, "the field is read-only")
        values[named[name].name] = _value(name, named[name], value, asked.zone)
    for name, each in named.items():
        missing = values.get(each.name) is None and (creates or each.name in values)
        if each.mandatory and missing:
            detail = f"'<field>{name}</field>' is a required field. Please enter a value for the field."
            raise Refusal(400, "%1 is a required field. Please enter a value for the field.", detail, REQUIRED, name)
    return values


def _only_one(body: object, tag_names: tuple[str, ...]) -> Mapping[str, Any]:
    """The one resource of the body; the guide: only one can be created in each request."""
    if not isinstance(body, dict) or len(body) != 1 or next(iter(body)) not in tag_names:
        raise Refusal(400, f"The body must hold {tag_names[0]} and nothing else.")
    listed = next(iter(body.values()))
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], dict):
        raise Refusal(400, f"{tag_names[0]} must be a list of exactly one resource.")
    return listed[0]


def _value(name: str, field: Field, value: object, zone: tzinfo) -> Any:  # noqa: ANN401 - a value of JSON
    if value is None or value == "":
        return None
    if field.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise bad_value(name, "must be true or false")
        return value
    if not isinstance(value, str):
        raise bad_value(name, "must be text")
    if field.kind is Kind.TIME:
        return understood(value, zone, name)
    if field.kind is Kind.PICK and value not in field.picks:
        title = "The value entered in field %2 of buscomp %3 does not match any value in the bounded pick list %1."
        detail = f"The value entered in field {name} does not match any value in the bounded pick list {field.title}."
        raise Refusal(400, title, detail, PICKLIST, field.title, name)
    if len(value) > field.longest:
        raise bad_value(name, f"is longer than {field.longest} characters")
    if any(ord(character) < 32 and character not in "\t\r\n" for character in value):
        raise bad_value(name, "contains a control character")
    return value
