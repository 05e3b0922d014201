"""Reading a CRM's JSON without trusting it: typed access by dotted path, and one error that names the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from soroe.adapters.net.exchange import Json

LONGEST_ID = 200
LONGEST_VERSION = 255
LONGEST_TEXT = 100_000
EARLIEST = 1900
LATEST = 9000
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_BREAKS = re.compile(r"(?i)<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,200}>")
_HIDDEN = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->")


class Malformed(ValueError):
    """A field of an item is in a form nobody can use."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def at(document: object, path: str) -> Json:
    """The value at a dotted path, or None where any step is absent."""
    found: object = document
    for step in _steps(path):
        if type(found) is not dict:  # what json makes
            return None
        found = found.get(step)
    return found


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def members(paths: Iterable[str]) -> Callable[[object], dict[str, Json]]:
    """A function that finds the values at all these dotted paths in one go, with None for what is absent.

    The paths are taken apart here, once: reading 10,000 items asks for 30 paths in each.
    """
    absent: dict[str, Json] = {}
    for path in paths:
        steps = path.split(".")
        absent.update((".".join(steps[: depth + 1]), None) for depth in range(len(steps)))
    absent_below: dict[str, Json] = {path: None for path in absent if "." in path}
    below: dict[str, list[tuple[str, str]]] = {}  # outer ones come first
    for path in absent_below:
        outer, _, name = path.rpartition(".")
        below.setdefault(outer, []).append((name, path))
    holders = tuple(below.items())

    def found_in(document: object) -> dict[str, Json]:
        if type(document) is not dict:
            return dict(absent)
        found = {**absent, **document, **absent_below}
        for outer, held in holders:
            holder = found[outer]
            if type(holder) is dict:
                for name, path in held:
                    if name in holder:
                        found[path] = holder[name]
        return found

    return found_in


def put(document: dict[str, Any], path: str, value: object) -> None:
    """Sets the value at a dotted path, making the objects on the way."""
    putter(path)(document, value)


Putter = Callable[[dict[str, Any], object], None]


@lru_cache(maxsize=1024)
def putter(path: str) -> Putter:
    """`put` for one path, which is taken apart here, once."""
    *steps, last = path.split(".")
    if not steps:
        return lambda document, value: document.__setitem__(last, value)

    def put_at(document: dict[str, Any], value: object) -> None:
        for step in steps:
            below = document.setdefault(step, {})
            if type(below) is not dict:
                below = document[step] = {}
            document = below
        document[last] = value

    return put_at


def text_at(document: object, path: str, longest: int = LONGEST_TEXT) -> str:
    """The text at a path, "" for an absent or null one; `Malformed` for another type or a giant."""
    return checked_text(at(document, path), path, longest)


def checked_text(value: object, path: str, longest: int = LONGEST_TEXT) -> str:
    """The text that was found at a path, "" for None; `Malformed` for another type or a giant."""
    if type(value) is not str:
        if value is None:
            return ""
        raise Malformed(path, "is not a text")
    if len(value) > longest:
        raise Malformed(path, f"is longer than {longest} characters")
    if value.isprintable():  # neither control characters nor half characters are
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed(path, "is not Unicode text") from error
    return _CONTROLS.sub("", value)


def without_controls(text: str) -> str:
    """The text without the control characters that services choke on; tabs and line ends stay.

    Used in both directions, so an echo equals what was sent.
    """
    return text if text.isprintable() else _CONTROLS.sub("", text)


def id_at(document: object, path: str) -> str:
    """The id at a path, a text or a whole number, as text; `Malformed` when it is missing or cannot be an id."""
    found: str = checked_id(at(document, path), path)
    return found


def checked_id(value: Json, path: str, longest: int = LONGEST_ID) -> Json:
    """The id that was found at a path, as text, whichever type of id the caller has in mind; `Malformed` for none."""
    if type(value) is int:
        value = str(value)
    if type(value) is not str or not value or not value.isprintable() or value in {".", ".."}:
        raise Malformed(path, "is not an id")
    if len(value) > longest:
        raise Malformed(path, f"is longer than {longest} characters")
    return value


def flag_at(document: object, path: str) -> bool:
    """The yes or no at a path, no for an absent or null one; `Malformed` for anything else."""
    return checked_flag(at(document, path), path)


def checked_flag(value: object, path: str) -> bool:
    """The yes or no that was found at a path, no for None; `Malformed` for anything else."""
    if value is None or value is False:
        return False
    if value is not True:
        raise Malformed(path, "is neither true nor false")
    return True


def checked_zone(name: object, field: str) -> str:
    """The name of a zone that this machine knows; `Malformed` for any other."""
    if type(name) is not str or not name or len(name) > 64:
        raise Malformed(field, "is not a time zone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of the zone database
        raise Malformed(field, "is not a time zone this program knows") from error
    return name


def wall_time(text: str, pattern: str) -> datetime:
    """A naive wall-clock time; raises `ValueError`. Its zone stands elsewhere in the item."""
    return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added by the caller, who has read it


def checked_year(moment: date | datetime, field: str) -> None:
    """Refuses times so far away that calculating with them fails."""
    if not EARLIEST <= moment.year < LATEST:
        raise Malformed(field, f"lies outside the years {EARLIEST} to {LATEST}")


def plain_text(markup: str) -> str:
    """HTML as text: breaks and paragraph ends become line breaks, everything else loses its tags."""
    if "<" not in markup and "&" not in markup:
        return markup
    without = _TAGS.sub("", _BREAKS.sub("\n", _HIDDEN.sub("", markup)))
    import html  # half a megabyte, which no tray needs as long as nothing comes marked up

    return html.unescape(without).replace("\xa0", " ").strip()


def as_markup(text: str) -> str:
    """Text as HTML that shows it unchanged."""
    import html  # as above

    return html.escape(text, quote=False).replace("\n", "<br>")
