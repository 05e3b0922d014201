"""What one value may be. Each check returns the value in its type or raises `BadValue`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Choice = TypeVar("Choice", bound=StrEnum)

_NAME = re.compile(r"[\w][\w .-]{0,63}")


class BadValue(Exception):
    """A value that cannot be used; `code` and `detail` are those of `Problem`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def text(value: object) -> str:
    """Any text, also an empty one."""
    if not isinstance(value, str):
        raise BadValue("not_text")
    return value


def full_text(value: object) -> str:
    """A text that is not empty."""
    if not text(value).strip():
        raise BadValue("empty")
    return text(value)


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadValue("not_bool")
    return value


def number(value: object, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadValue("not_number")
    if value < least:
        raise BadValue("too_small", str(least))
    if value > most:
        raise BadValue("too_large", str(most))
    return value


def numbers(value: object, least: int, most: int) -> tuple[int, ...]:
    """A list of different whole numbers from `least` to `most`, at least one."""
    if not isinstance(value, list):
        raise BadValue("not_list")
    if not value:
        raise BadValue("empty")
    found = tuple(number(entry, least, most) for entry in value)
    if len(set(found)) < len(found):
        raise BadValue("not_list")
    return found


def day(value: object) -> date:
    """A date without a time, as TOML's own date or as text."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise BadValue("not_date") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadValue("not_date")
    return value


def texts(value: object) -> tuple[str, ...]:
    """A list of different texts, at least one."""
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise BadValue("not_list")
    if not value:
        raise BadValue("empty")
    if len(set(value)) < len(value):
        raise BadValue("not_list")
    return tuple(value)


def choice(kind: type[Choice], value: object) -> Choice:
    """One of the values of an enumeration."""
    for member in kind:
        if value == member.value:
            return member
    raise BadValue("not_choice", listed(kind))


def listed(values: Iterable[str]) -> str:
    """Several values for a message."""
    return ", ".join(str(value) for value in values)


def address(value: object) -> str:
    """An https address, or an http one of this very computer (security rules); never with a password in it."""
    given = full_text(value)
    if any(character.isspace() or not character.isprintable() for character in given):
        raise BadValue("not_address")
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadValue("not_address") from error
    if parts.scheme not in {"https", "http"} or not host:
        raise BadValue("not_address")
    if parts.username is not None or parts.password is not None:
        raise BadValue("address_with_secret")
    if parts.scheme == "http" and not _is_this_computer(host):
        raise BadValue("plain_http")
    return given


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def zone(value: object) -> str:
    """An IANA time zone that this computer knows."""
    name = full_text(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadValue("not_zone") from error
    return name


def name(value: str) -> str:
    """The name of an account or a sync: short, and safe in files, entries of the keychain and messages."""
    if not _NAME.fullmatch(value):
        raise BadValue("bad_name")
    return value
