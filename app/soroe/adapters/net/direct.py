"""Requests to one host without a proxy, over urllib3's connections, which are kept here.

Its pool would encode each address twice, byte by byte: a sixth of what a minute without any change costs.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from urllib.parse import SplitResult, quote

from urllib3 import BaseHTTPResponse
from urllib3 import exceptions as of
from urllib3.connection import HTTPConnection, HTTPSConnection

from .address import UnsafeAddress
from .losses import AnswerLost, NotReached

_MOST_KEPT = 32
"""Connections kept for one host: more than the threads of one account, so that none is opened for one request."""
_CHUNK = 64 * 1024


class Reply:
    """An answer: status and headers (names in lower case) at once, the body as it is asked for."""

    def __init__(self, answer: BaseHTTPResponse) -> None:
        self._answer = answer
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.headers.itermerged()}

    def chunks(self) -> Iterator[bytes]:
        """The body, as it comes."""
        while chunk := self._answer.read1(_CHUNK):
            yield chunk


class Direct:
    """The connections to one host; safe to share between threads. `opened` counts them."""

    def __init__(self, parts: SplitResult, trust: ssl.SSLContext | None, connect: float, read: float) -> None:
        quieten()
        self._host = parts.hostname or ""
        self._port = parts.port
        self._trust = trust
        self._connect = connect
        self._read = read
        self._kept: list[HTTPConnection] = []
        self._is_closed = False
        self.opened = 0

    def close(self) -> None:
        """Close the kept connections, and those in use as soon as they are free."""
        self._is_closed = True
        while self._kept:
            self._kept.pop().close()

    @contextmanager
    def send(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Iterator[Reply]:
        """One request; its answer is read inside of the block, to its end if the connection is to be kept.

        Raises `NotReached` when nothing was sent, `AnswerLost` when no answer began, and while the body is read.
        """
        if not target.isascii() or not target.isprintable() or " " in target:
            target = quote(target, safe="/%?&=:+,;@!$'()*~#[]")
        connection = self._free() or self._new()
        is_whole = False
        try:
            answer = _asked(connection, method, target, body, headers)
            yield Reply(answer)
            is_whole = True
        except (of.HTTPError, HTTPException, TimeoutError) as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            if is_whole and not self._is_closed and len(self._kept) < _MOST_KEPT:
                self._kept.append(connection)
            else:
                connection.close()

    def _free(self) -> HTTPConnection | None:
        """A kept connection that the other side has neither closed nor said anything on."""
        while self._kept:
            try:
                connection = self._kept.pop()
            except IndexError:  # another thread was faster
                return None
            if connection.is_connected:
                return connection
            connection.close()
        return None

    def _new(self) -> HTTPConnection:
        connection = self._made()
        try:
            connection.connect()
            connection.sock.settimeout(self._read)
        except of.LocationValueError as error:
            raise UnsafeAddress("This is not an address.") from error
        except (of.HTTPError, OSError) as error:
            connection.close()
            raise NotReached(str(error)) from error
        self.opened += 1
        return connection

    def _made(self) -> HTTPConnection:
        if self._trust is None:
            return HTTPConnection(self._host, self._port, timeout=self._connect)
        return HTTPSConnection(self._host, self._port, timeout=self._connect, ssl_context=self._trust)


def quieten() -> None:
    """Silence urllib3's log: its lines quote addresses, and with them calendars' names and change tokens."""
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


def _asked(
    connection: HTTPConnection, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
) -> BaseHTTPResponse:
    try:
        with suppress(BrokenPipeError):  # whoever hangs up while we still speak may have answered before
            connection.request(method, target, body, headers, preload_content=False, decode_content=False)
        return connection.getresponse()
    except (OSError, of.HTTPError, HTTPException) as error:
        raise AnswerLost(type(error).__name__) from error
