"""The one HTTP client of the adapters: the system's trust store and proxy, timeouts, bounded answers, no redirects.

It is the standard library's client, or urllib3's where a proxy is in the way, with our promises around it. No redirect
is followed, so no credential ever travels to another host; a 3xx answer is returned. Nothing is sent a second time but
a GET whose kept connection broke.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote

from .address import checked_address
from .body import unpack
from .heads import is_one_word
from .losses import AnswerLost as AnswerLost
from .losses import NotReached as NotReached
from .proxy import system_proxy

if TYPE_CHECKING:
    from .direct import Direct, Told
    from .proxied import Proxied

_SAFE = frozenset({"GET", "HEAD"})
USER_AGENT = "Soroe"
_AFTER_SCHEME = len("https://")
_NOT_ESCAPED = "/%?&=:+,;@!$'()*~#[]"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, and for a whole answer; bytes of an answer, unpacked."""

    connect: float = 15.0
    read: float = 60.0
    whole: float = 300.0
    body: int = 32 * 1024 * 1024


class RequestCount:
    """Counts the requests that really left, for the record of a run; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0

    @property
    def sent(self) -> int:
        """Requests sent since the program started."""
        return self._sent

    def add(self, number: int = 1) -> None:
        """Count requests."""
        with self._lock:
            self._sent += number


@cache
def system_trust() -> ssl.SSLContext:
    """The one TLS context of the program, which trusts what the operating system trusts; checks stay on."""
    import truststore  # 20 ms, and only needed once a connection is made

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach the outside: limits, the proxy to take for an address, and the TLS context."""

    limits: Limits = Limits()
    proxy: Callable[[str], str | None] = system_proxy
    trust: Callable[[], ssl.SSLContext] = system_trust
    clock: Callable[[], float] = time.monotonic


class Response(dict[str, str]):
    """The headers of an answer, their names in lower case, and its status."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(headers)
        self.status = status


class LibraryClient:
    """Sends requests over kept connections, in the shape of `httplib2.Http`; safe to share between threads.

    It connects at the first request. Raises `AnswerLost`, `BodyBroken` or `BodyTooLarge` when the request may have been
    carried out, `UnsafeAddress` or `NotReached` when it never left.
    """

    follow_redirects = False
    redirect_codes: frozenset[int] = frozenset()

    def __init__(self, count: RequestCount, network: Network | None = None) -> None:
        self._count = count
        self._network = network or Network()
        self._lock = threading.Lock()
        self._pools: dict[str, Direct | Proxied] = {}
        self.timeout = self._network.limits.read

    def close(self) -> None:
        """Close the kept connections; the next request opens new ones, and asks anew for the proxy."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        redirections: int = 0,
        connection_type: object = None,
        **_ignored: object,
    ) -> tuple[Response, bytes]:
        """One request, one answer. `redirections` and `connection_type` are there for the shape's sake only."""
        # Of an address without escapes to make, whose host was asked before, all is known.
        slash = uri.find("/", _AFTER_SCHEME)
        pool = self._pools.get(uri[:slash]) if slash > 0 and _is_plain(uri) else None
        if pool is not None:
            target = uri[slash:]
        else:
            pool, target = self._looked_at(uri)
        content = body.encode() if isinstance(body, str) else body
        sent_headers = {"user-agent": USER_AGENT, "accept-encoding": "gzip, deflate", **(headers or {})}
        opened = pool.opened
        try:
            try:
                status, told, raw = self._ask(pool, method, target, content, sent_headers)
            except AnswerLost:
                if method not in _SAFE or opened == 0 or pool.opened > opened:
                    raise
                status, told, raw = self._ask(pool, method, target, content, sent_headers)
        except NotReached:
            self._forget(pool)  # the next request asks for the proxy anew: the network may be another one
            raise
        if "content-encoding" in told:
            raw = unpack(raw, told.pop("content-encoding"), self._network.limits.body)
        return Response(status, told), raw

    def _looked_at(self, uri: str) -> tuple[Direct | Proxied, str]:
        """The connections to the host of an address, and what is asked of it; raises `UnsafeAddress`."""
        parts = checked_address(uri)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            pool = self._pools.get(origin)
            if pool is None:
                pool = self._pools[origin] = _pool_for(parts, self._network)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not _is_plain(target):
            target = quote(target, safe=_NOT_ESCAPED)
        return pool, target

    def _forget(self, pool: Direct | Proxied) -> None:
        with self._lock:
            for origin in [origin for origin, one in self._pools.items() if one is pool]:
                del self._pools[origin]

    def _ask(
        self, pool: Direct | Proxied, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Told:
        sent = True
        try:
            return pool.ask(method, target, body, headers)
        except (NotReached, ValueError):
            sent = False
            raise
        finally:
            if sent:
                self._count.add()


def _is_plain(address: str) -> bool:
    """Whether there is no fragment in it, and nothing that needs an escape."""
    return is_one_word(address) and "#" not in address


def _pool_for(parts: SplitResult, network: Network) -> Direct | Proxied:
    """The connections to one host."""
    from .direct import Direct  # the library behind it is loaded once something is asked

    if parts.scheme == "http":
        return Direct(parts, None, network)
    trust = network.trust()
    proxy = network.proxy(parts.geturl())
    if proxy is None:
        return Direct(parts, trust, network)
    from .proxied import Proxied  # a library that nobody else needs

    return Proxied(parts, proxy, trust, network)
