"""The proxy that the system prescribes, asked when a host is first talked to, and again after it was out of reach."""

from __future__ import annotations

from urllib.parse import urlsplit

from .address import is_loopback


def system_proxy(url: str) -> str | None:
    """The proxy for this address, as `http://[user:password@]host:port`, or None to connect directly.

    The environment comes first, then the settings of Windows or macOS. This machine itself is never proxied.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    from urllib.request import getproxies, proxy_bypass

    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
