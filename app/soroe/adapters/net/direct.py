"""Requests to one host without a proxy, over the standard library's connections, which are kept here.

A larger library would bring six megabytes of memory, and more work for each request than all of our own.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, InvalidURL
from selectors import EVENT_READ, DefaultSelector
from urllib.parse import SplitResult, quote

from .address import UnsafeAddress
from .losses import AnswerLost, NotReached

_MOST_KEPT = 32
"""Connections kept for one host: more than the threads of one account, so that none is opened for one request."""
_CHUNK = 64 * 1024


class Reply:
    """An answer: status and headers (names in lower case) at once, the body as it is asked for."""

    def __init__(self, answer: HTTPResponse) -> None:
        self._answer = answer
        self.status = answer.status
        self.headers: dict[str, str] = {}
        for name, value in answer.headers.items():
            key, text = name.lower(), " ".join(value.split()) if "\n" in value else value  # it may be folded
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def chunks(self) -> Iterator[bytes]:
        """The body, as it comes; raises `AnswerLost` when it ends early."""
        try:
            while chunk := self._answer.read1(_CHUNK):
                yield chunk
        except (OSError, HTTPException) as error:
            raise AnswerLost(type(error).__name__) from error
        if self._answer.length:
            raise AnswerLost("IncompleteRead")


class Direct:
    """The connections to one host; safe to share between threads. `opened` counts them."""

    def __init__(self, parts: SplitResult, trust: ssl.SSLContext | None, connect: float, read: float) -> None:
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
            with answer:
                yield Reply(answer)
            is_whole = connection.sock is not None  # a server that hangs up after its answer has had it closed by now
        except TimeoutError as error:
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
            if _is_quiet(connection):
                return connection
            connection.close()
        return None

    def _new(self) -> HTTPConnection:
        try:
            connection = self._made()
        except InvalidURL as error:
            raise UnsafeAddress("This is not an address.") from error
        connection.auto_open = 0  # what is sent again is decided elsewhere
        try:
            connection.connect()
            connection.sock.settimeout(self._read)
        except UnicodeError as error:
            connection.close()
            raise UnsafeAddress("This is not an address.") from error
        except OSError as error:
            connection.close()
            raise NotReached(str(error)) from error
        self.opened += 1
        return connection

    def _made(self) -> HTTPConnection:
        # The port is always told: without one, the end of an IPv6 address would be taken for it.
        if self._trust is None:
            return HTTPConnection(self._host, self._port or 80, timeout=self._connect)
        return HTTPSConnection(self._host, self._port or 443, timeout=self._connect, context=self._trust)


def _is_quiet(connection: HTTPConnection) -> bool:
    with DefaultSelector() as selector:
        selector.register(connection.sock, EVENT_READ)
        return not selector.select(0)


def _asked(
    connection: HTTPConnection, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
) -> HTTPResponse:
    try:
        with suppress(BrokenPipeError):  # whoever hangs up while we still speak may have answered before
            connection.request(method, target, body, headers)
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise AnswerLost(type(error).__name__) from error
    if answer.length is None and not answer.chunked:
        answer.length = _length(answer)
    return answer


def _length(answer: HTTPResponse) -> int | None:
    """The length of an answer that tells it more than once; None where it tells none. Two that differ are no answer."""
    told = {part.strip() for value in answer.headers.get_all("content-length", ()) for part in value.split(",")}
    if len(told) > 1 or not all(length.isdecimal() and length.isascii() for length in told):
        answer.close()
        raise AnswerLost("LengthUnclear")
    return int(told.pop()) if told else None
