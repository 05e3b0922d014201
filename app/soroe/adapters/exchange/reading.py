"""Taking what nobody vouches for: every misfit names its field, every text is cleaned the same in both directions."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff\ufffe\uffff]")


class Misfit(Exception):
    """A field holds what nobody can use; the item is reported as unreadable with this field and reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def clean(text: str) -> str:
    """The text without what XML cannot hold and without carriage returns; tabs and line feeds stay."""
    if _UNFIT.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def text_of(value: object, field: str, longest: int) -> str:
    """A text, cleaned; empty when it is missing."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misfit(field, "not a text")
    if len(value) > longest:
        raise Misfit(field, f"longer than {longest} characters")
    return clean(str(value))
