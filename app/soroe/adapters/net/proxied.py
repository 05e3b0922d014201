"""Requests to one host through a proxy, over urllib3's pool.

https goes by CONNECT, so the proxy sees no content.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

import urllib3
from urllib3 import exceptions as of

from .address import UnsafeAddress
from .body import read_bounded
from .losses import AnswerLost, NotReached
from .pooled import take_our_connections

if TYPE_CHECKING:
    from .direct import Told
    from .transport import Network

_CONNECTIONS = 32
"""Connections kept for one host: more than the threads of one account, so that none is opened for one request."""
_CHUNK = 64 * 1024


class Proxied:
    """The connections to one host through a proxy; safe to share between threads."""

    def __init__(self, parts: SplitResult, proxy: str, trust: ssl.SSLContext, network: Network) -> None:
        _quieten()
        self._limits = network.limits
        self._clock = network.clock
        try:
            via = urllib3.ProxyManager(
                proxy,
                timeout=urllib3.Timeout(connect=self._limits.connect, read=self._limits.read),
                maxsize=_CONNECTIONS,
                ssl_context=trust,
                proxy_ssl_context=trust,
                proxy_headers=_password(proxy),
            )
            take_our_connections(via)
            self._pool = via.connection_from_url(f"{parts.scheme}://{parts.netloc}")
        except of.HTTPError as error:
            raise NotReached(type(error).__name__) from error

    @property
    def opened(self) -> int:
        """How many connections there were."""
        return self._pool.num_connections

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.close()

    def ask(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Told:
        """One request, and its whole answer (see `Direct.ask`)."""
        try:
            answer = self._pool.urlopen(
                method, target, body, headers,
                retries=False, redirect=False, preload_content=False, decode_content=False,
            )  # fmt: skip # short values, several a line
        except (of.HTTPError, OSError) as error:
            raise _sending_trouble(error) from error
        done = False
        try:
            told = {name.lower(): value for name, value in answer.headers.itermerged()}
            content = read_bounded(self._chunks(answer), self._limits.body)
            done = True
        except TimeoutError as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            if not done:
                answer.close()
            answer.release_conn()
        return answer.status, told, content

    def _chunks(self, answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        deadline = self._clock() + self._limits.whole
        try:
            while chunk := answer.read1(_CHUNK):
                yield chunk
                if self._clock() > deadline:
                    raise TimeoutError("The answer took too long.")
        except of.HTTPError as error:
            raise AnswerLost(type(error).__name__) from error


def _quieten() -> None:
    """Silence urllib3's log: its lines quote addresses, and with them calendars' names and change tokens."""
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


def _password(proxy: str) -> dict[str, str]:
    via = urlsplit(proxy)
    if via.username is None:
        return {}
    return dict(urllib3.make_headers(proxy_basic_auth=f"{unquote(via.username)}:{unquote(via.password or '')}"))


def _sending_trouble(error: Exception) -> OSError | UnsafeAddress:
    """What an error before any answer means: whether the request may have left."""
    for one in error.args:  # told by the connection itself (see `OurConnection`)
        if isinstance(one, AnswerLost | NotReached):
            return type(one)(str(one))
    if isinstance(error, of.LocationValueError):
        return UnsafeAddress("This is not an address.")
    unsent = (of.NewConnectionError, of.ConnectTimeoutError, of.ProxyError, of.ClosedPoolError)
    if isinstance(error, unsent):
        return NotReached(str(error))
    return AnswerLost(type(error).__name__)
