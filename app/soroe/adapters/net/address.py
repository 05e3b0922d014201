"""Which addresses may be talked to: https anywhere, plain http on this machine only."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


class UnsafeAddress(ValueError):
    """An address that may not be used: neither https nor on this machine, or not an address at all."""


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def check_address(url: str) -> None:
    """Raises `UnsafeAddress` unless the address is https, or http on loopback, and carries no user name."""
    checked_address(url)


def checked_address(url: str) -> SplitResult:
    """The parts of an address; raises `UnsafeAddress` unless it is https, or http on loopback, without a user name."""
    try:
        parts = urlsplit(url)
        _check_origin(parts.scheme, parts.netloc)
    except UnsafeAddress:
        raise
    except ValueError as error:
        raise UnsafeAddress("This is not an address.") from error
    return parts


@lru_cache(maxsize=64)  # a program speaks with a few hosts, thousands of times a day
def _check_origin(scheme: str, netloc: str) -> None:
    parts = SplitResult(scheme, netloc, "", "", "")
    host = parts.hostname
    _ = parts.port
    if not host or parts.username is not None:
        raise UnsafeAddress(f"An address needs a host and no user name: {parts.scheme}://{host or ''}")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise UnsafeAddress(f"Only https is allowed outside this machine: {parts.scheme}://{host}")
