"""Partial answers: the `fields` parameter, for example `nextPageToken,items(id,start/dateTime)`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from soroe.sandbox.google.errors import Json, invalid

Mask = dict[str, "Mask"]
"""What to keep, by name; an empty mask keeps everything below."""

_TOKEN = re.compile(r"[A-Za-z0-9_*-]+|[(),/]")


@lru_cache(maxsize=256)
def read_mask(text: str) -> Mask:
    """Reads a `fields` value; refuses one that cannot be read."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise _wrong(text)
    mask, rest = _members(tokens, text)
    if rest:
        raise _wrong(text)
    return mask


def _members(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        if not tokens or tokens[0] in "(),/":
            raise _wrong(text)
        name, tokens = tokens[0], tokens[1:]
        below: Mask = {}
        at = mask.setdefault(name, below)
        while tokens[:1] == ["/"]:
            if len(tokens) < 2 or tokens[1] in "(),/":
                raise _wrong(text)
            at = at.setdefault(tokens[1], {})
            tokens = tokens[2:]
        if tokens[:1] == ["("]:
            inner, tokens = _members(tokens[1:], text)
            at.update(inner)
            if tokens[:1] != [")"]:
                raise _wrong(text)
            tokens = tokens[1:]
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _wrong(text: str) -> Exception:
    return invalid(f"Invalid field selection {text}", "fields")


def check_names(mask: Mask, known: frozenset[str]) -> None:
    """Refuses a top-level name that the resource does not have."""
    for name in mask:
        if name != "*" and name not in known:
            raise invalid(f"Invalid field selection {name}", "fields")


def masked(value: Any, mask: Mask) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Keeps of `value` what the mask names; arrays are masked item by item."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(one, mask) for one in value]
    if not isinstance(value, dict):
        return value
    kept: Json = {}
    for name, below in mask.items():
        if name in value:
            kept[name] = masked(value[name], below)
    return kept
