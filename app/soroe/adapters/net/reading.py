"""Taking fields out of JSON that nobody vouches for: every misfit names its field."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Misfit(Exception):
    """A field holds what nobody can use; the item is reported as unreadable with this field and reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def clean(text: str) -> str:
    """The text without what other services choke on: control characters, half characters, carriage returns.

    Tabs and line feeds stay. Used in both directions, so an echo equals what was sent.
    """
    if text.isprintable() or _UNFIT.search(text) is None:  # most texts are one line, for which the first is enough
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def text_of(entry: Json, name: str, longest: int) -> str:
    """A text, cleaned; empty when it is missing."""
    if name not in entry:
        return ""
    value = entry[name]
    if type(value) is str and len(value) <= longest:
        return value if value.isprintable() else clean(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misfit(name, "not a text")
    raise Misfit(name, f"longer than {longest} characters")


def flag_of(entry: Json, name: str) -> bool:
    """A yes or no; no when it is missing."""
    if name not in entry:
        return False
    value = entry[name]
    if type(value) is not bool:
        raise Misfit(name, "neither true nor false")
    return value


def part_of(entry: Json, name: str) -> Json:
    """An object inside; empty when it is missing."""
    if name not in entry:
        return {}
    value = entry[name]
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise Misfit(name, "not an object")


def list_of(entry: Json, name: str, most: int) -> list[Any]:
    """A list inside; empty when it is missing."""
    if name not in entry:
        return []
    value = entry[name]
    if value is None:
        return []
    if type(value) is not list:
        raise Misfit(name, "not a list")
    if len(value) > most:
        raise Misfit(name, f"more than {most} entries")
    return value
