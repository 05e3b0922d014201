"""HTTP clients for the adapters: the system's trust store and proxy, timeouts, bounded answers, no redirects followed.

Two shapes of the same promises: `http_client` makes an `httpx.Client`, `LibraryClient` is small, and loads next to
nothing. Neither follows a redirect, so no credential ever travels to another host; a 3xx answer is returned.
"""

from __future__ import annotations

import http.client
import select
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from .address import check_address
from .body import BodyBroken, read_bounded, unpack
from .proxy import system_proxy

if TYPE_CHECKING:
    import httpx

_CHUNK = 64 * 1024
_SAFE = frozenset({"GET", "HEAD"})
USER_AGENT = "Soroe"


class AnswerLost(OSError):
    """A request left this machine and no whole answer came back: it may have been carried out."""


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


def http_client(
    count: RequestCount, network: Network | None = None, headers: Mapping[str, str] | None = None, base_url: str = ""
) -> httpx.Client:
    """An `httpx.Client` with the promises of this module; safe to share between threads.

    Raises, besides httpx's own errors: `UnsafeAddress`, `BodyTooLarge`, `BodyBroken`.
    """
    import httpx  # 47 ms, and only used by some accounts

    from .bounded import BoundedTransport

    network = network or Network()
    limits = network.limits
    return httpx.Client(
        transport=BoundedTransport(count, network),
        timeout=httpx.Timeout(limits.read, connect=limits.connect),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", **(headers or {})},
        base_url=base_url,
        follow_redirects=False,
        trust_env=False,
    )


class Response(dict[str, str]):
    """The headers of an answer, their names in lower case, and its status."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        super().__init__()
        self.status = answer.status
        for name, value in answer.getheaders():
            key = name.lower()
            self[key] = f"{self[key]}, {value}" if key in self else value


class LibraryClient:
    """Sends requests over kept connections, in the shape of `httplib2.Http`; for one thread at a time.

    Unlike httplib2 it never sends a request twice on its own, save a GET on a kept connection that had gone stale.
    Raises `UnsafeAddress`, `AnswerLost` when the request may have been carried out, any other `OSError` when not.
    """

    follow_redirects = False
    redirect_codes: frozenset[int] = frozenset()

    def __init__(self, count: RequestCount, network: Network | None = None) -> None:
        self.connections: dict[tuple[str, str], http.client.HTTPConnection] = {}
        self._count = count
        self._network = network or Network()
        self.timeout = self._network.limits.read

    def close(self) -> None:
        """Close the kept connections; the next request opens new ones."""
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()

    def __del__(self) -> None:
        self.close()

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
        kept = self.connections.pop(key, None)
        if kept is not None and _is_stale(kept):
            kept.close()
            kept = None
        content = body.encode() if isinstance(body, str) else body
        sent_headers = {"user-agent": USER_AGENT, "accept-encoding": "gzip, deflate", **(headers or {})}
        try:
            return self._exchange(kept or self._connect(parts), key, parts, method, content, sent_headers)
        except AnswerLost:
            if kept is None or method not in _SAFE:
                raise
        return self._exchange(self._connect(parts), key, parts, method, content, sent_headers)

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        limits = self._network.limits
        connection = _open(parts, self._network)
        connection.connect()
        if connection.sock is not None:
            connection.sock.settimeout(limits.read)
        return connection

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        key: tuple[str, str],
        parts: SplitResult,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> tuple[Response, bytes]:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._count.add()
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            raw = read_bounded(self._chunks(answer), self._network.limits.body)
        except http.client.HTTPException as error:
            connection.close()
            raise AnswerLost(type(error).__name__) from error
        except BodyBroken:
            connection.close()
            raise
        except (ConnectionError, TimeoutError) as error:
            connection.close()
            raise AnswerLost(type(error).__name__) from error
        except OSError:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            self.connections[key] = connection
        response = Response(answer)
        return response, unpack(raw, response.pop("content-encoding", ""), self._network.limits.body)

    def _chunks(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        deadline = self._network.clock() + self._network.limits.whole
        while chunk := answer.read(_CHUNK):
            yield chunk
            if self._network.clock() > deadline:
                raise TimeoutError("The answer took too long.")
        if answer.length:  # http.client does not complain about a short body when it is read in pieces
            raise AnswerLost("The answer ended early.")


def _open(parts: SplitResult, network: Network) -> http.client.HTTPConnection:
    """A connection that is not yet connected; https through a proxy goes by CONNECT, so the proxy sees no content."""
    host, port, wait = parts.hostname or "", parts.port, network.limits.connect
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=wait)
    proxy = network.proxy(parts.geturl())
    if proxy is None:
        return http.client.HTTPSConnection(host, port, timeout=wait, context=network.trust())
    via = urlsplit(proxy)
    connection = http.client.HTTPSConnection(via.hostname or "", via.port or 80, timeout=wait, context=network.trust())
    headers = {}
    if via.username is not None:
        user = f"{unquote(via.username)}:{unquote(via.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(user.encode()).decode()}"
    connection.set_tunnel(host, port or 443, headers)
    return connection


def _is_stale(connection: http.client.HTTPConnection) -> bool:
    """Whether a kept connection was closed by the other end: nothing should be readable between two requests."""
    sock = connection.sock
    if sock is None:
        return True
    if hasattr(select, "poll"):
        watch = select.poll()
        watch.register(sock, select.POLLIN)
        return bool(watch.poll(0))
    return bool(select.select([sock], [], [], 0)[0])
