"""Record ids: 15 letters and digits whose case matters, or 18 with three more that tell the case of the first 15."""

from __future__ import annotations

import re

from soroe.sandbox.salesforce.refusals import Refusal

PREFIXES = {
    "Event": "00U",
    "EventRelation": "0RE",
    "User": "005",
    "Contact": "003",
    "Lead": "00Q",
    "Account": "001",
    "Opportunity": "006",
}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_LENGTH = 15


def new_id(prefix: str, number: int) -> str:
    """The 18-letter id of the record with this number."""
    digits = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        digits = _DIGITS[rest] + digits
    return full_id(prefix + "Rm" + digits.rjust(_LENGTH - len(prefix) - 2, "0"))


def full_id(short: str) -> str:
    """The 18-letter form of a 15-letter id."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start : start + 5]) if letter.isupper())
        suffix += _CASES[bits]
    return short + suffix


def known_id(text: str) -> str | None:
    """The 18-letter form of an id in either form; nothing when it is no id. The long form may come in any case."""
    if _SHAPE.fullmatch(text) is None:
        return None
    if len(text) == _LENGTH:
        return full_id(text)
    restored = _with_case(text[:_LENGTH], text[_LENGTH:].upper())
    found = full_id(restored) if restored is not None else ""
    return found if found[_LENGTH:] == text[_LENGTH:].upper() else None


def _with_case(letters: str, suffix: str) -> str | None:
    restored = ""
    for start, mark in zip((0, 5, 10), suffix, strict=True):
        if mark not in _CASES:
            return None
        bits = _CASES.index(mark)
        for place, letter in enumerate(letters[start : start + 5]):
            restored += letter.upper() if bits >> place & 1 else letter.lower()
    return restored


def kind_of(record_id: str) -> str | None:
    """The object whose records have ids with this beginning."""
    return next((name for name, prefix in PREFIXES.items() if record_id.startswith(prefix)), None)


def need_id(text: object, label: str, field: str, kinds: tuple[str, ...]) -> str:
    """The 18-letter form of an id that a request gives in `field`; raises MALFORMED_ID."""
    found = known_id(text) if isinstance(text, str) else None
    if found is None or kind_of(found) not in kinds:
        raise Refusal("MALFORMED_ID", f"{label}: id value of incorrect type: {text}", (field,))
    return found
