"""The one HTTP client of the adapters: the system's trust store and proxy, timeouts, bounded answers, no redirects.

It is urllib3 with our promises around it. No redirect is followed, so no credential ever travels to another host; a 3xx
answer is returned. Nothing is sent a second time but a GET whose kept connection broke.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from .address import UnsafeAddress, check_address
from .body import read_bounded, unpack
from .proxy import system_proxy

if TYPE_CHECKING:
    import urllib3

_CHUNK = 64 * 1024
_SAFE = frozenset({"GET", "HEAD"})
_CONNECTIONS = 32
"""Connections kept for one host: more than the threads of one account, so that none is opened for one request."""
USER_AGENT = "Soroe"


class AnswerLost(OSError):
    """A request left this machine and no whole answer came back: it may have been carried out."""


class NotReached(OSError):
    """No connection came about: the request never left this machine."""


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

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
        self._pools: dict[tuple[str, str], urllib3.HTTPConnectionPool] = {}
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
        check_address(uri)
        parts = urlsplit(uri)
        key = (parts.scheme, parts.netloc)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        content = body.encode() if isinstance(body, str) else body
        sent_headers = {"user-agent": USER_AGENT, "accept-encoding": "gzip, deflate", **(headers or {})}
        try:
            pool = self._pools.get(key) or self._pool(key, parts)
            opened = pool.num_connections
            try:
                return self._exchange(pool, method, target, content, sent_headers)
            except AnswerLost:
                if method not in _SAFE or opened == 0 or pool.num_connections > opened:
                    raise
            return self._exchange(pool, method, target, content, sent_headers)
        except NotReached:
            with self._lock:
                self._pools.pop(key, None)  # the next request asks for the proxy anew: the network may be another one
            raise

    def _pool(self, key: tuple[str, str], parts: SplitResult) -> urllib3.HTTPConnectionPool:
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                pool = self._pools[key] = _pool_for(parts, self._network)
            return pool

    def _exchange(
        self,
        pool: urllib3.HTTPConnectionPool,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> tuple[Response, bytes]:
        from urllib3.exceptions import HTTPError

        limits = self._network.limits
        try:
            answer = pool.urlopen(
                method, target, body, headers,
                retries=False, redirect=False, preload_content=False, decode_content=False,
            )  # fmt: skip
        except (HTTPError, OSError) as error:
            trouble = _sending_trouble(error)
            if isinstance(trouble, AnswerLost):
                self._count.add()
            raise trouble from error
        self._count.add()
        done = False
        try:
            raw = read_bounded(self._chunks(answer), limits.body)
            done = True
        except (HTTPError, TimeoutError) as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            if not done:
                answer.close()
            answer.release_conn()
        found = {name.lower(): value for name, value in answer.headers.itermerged()}
        packing = found.pop("content-encoding", "")
        return Response(answer.status, found), unpack(raw, packing, limits.body)

    def _chunks(self, answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        deadline = self._network.clock() + self._network.limits.whole
        while chunk := answer.read1(_CHUNK):
            yield chunk
            if self._network.clock() > deadline:
                raise TimeoutError("The answer took too long.")


def _pool_for(parts: SplitResult, network: Network) -> urllib3.HTTPConnectionPool:
    """The connections to one host; https through a proxy goes by CONNECT, so the proxy sees no content."""
    import urllib3  # only once something is asked
    from urllib3.exceptions import HTTPError

    # Its lines quote addresses, and with them calendars' names and change tokens.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)
    limits = network.limits
    timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme == "http":
        return urllib3.PoolManager(timeout=timeout, maxsize=_CONNECTIONS).connection_from_url(origin)
    trust = network.trust()
    proxy = network.proxy(parts.geturl())
    try:
        if proxy is None:
            direct = urllib3.PoolManager(timeout=timeout, maxsize=_CONNECTIONS, ssl_context=trust)
            return direct.connection_from_url(origin)
        via = urllib3.ProxyManager(
            proxy,
            timeout=timeout,
            maxsize=_CONNECTIONS,
            ssl_context=trust,
            proxy_ssl_context=trust,
            proxy_headers=_proxy_password(proxy),
        )
        return via.connection_from_url(origin)
    except HTTPError as error:
        raise NotReached(type(error).__name__) from error


def _proxy_password(proxy: str) -> dict[str, str]:
    import urllib3

    via = urlsplit(proxy)
    if via.username is None:
        return {}
    return dict(urllib3.make_headers(proxy_basic_auth=f"{unquote(via.username)}:{unquote(via.password or '')}"))


def _sending_trouble(error: Exception) -> OSError | UnsafeAddress:
    """What an error before any answer means: whether the request may have left."""
    from urllib3 import exceptions as of

    if isinstance(error, of.LocationValueError):
        return UnsafeAddress("This is not an address.")
    certificate = isinstance(error, of.SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError)
    unsent = (of.NewConnectionError, of.ConnectTimeoutError, of.ProxyError, of.ClosedPoolError)
    if certificate or isinstance(error, unsent):
        return NotReached(str(error))
    return AnswerLost(type(error).__name__)
