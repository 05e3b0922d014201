"""Which addresses may be talked to: https anywhere, plain http on this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


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
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise UnsafeAddress("This is not an address.") from error
    if not host or parts.username is not None:
        raise UnsafeAddress(f"An address needs a host and no user name: {parts.scheme}://{host or ''}")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise UnsafeAddress(f"Only https is allowed outside this machine: {parts.scheme}://{host}")
