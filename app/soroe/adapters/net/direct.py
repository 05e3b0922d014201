"""Requests to one host without a proxy, over the standard library's connections, which are kept here.

A larger library would bring six megabytes of memory, and more work for each request than all of our own.
"""

from __future__ import annotations

import select
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead, InvalidURL
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from .address import UnsafeAddress
from .body import BodyTooLarge
from .heads import Begun, HeadedAnswer, RequestHeads, plain_head
from .losses import AnswerLost, NotReached

if TYPE_CHECKING:
    from .transport import Network

_MOST_KEPT = 32
"""Connections kept for one host: more than the threads of one account, so that none is opened for one request."""
_CHUNK = 64 * 1024
Told = tuple[int, dict[str, str], bytes]
"""An answer: its status, its headers (names in lower case) and its body as it came."""


class _Line:
    """A connection; `has_word` tells whether the other side has closed it or said anything unasked."""

    __slots__ = ("connection", "has_word", "socket")

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection
        self.socket: socket.socket = connection.sock
        self.has_word = _word_on(self.socket)


class Direct:
    """The connections to one host; safe to share between threads. `opened` counts them."""

    def __init__(self, parts: SplitResult, trust: ssl.SSLContext | None, network: Network) -> None:
        self._name = parts.hostname or ""
        # The port is always told: without one, the end of an IPv6 address would be taken for it.
        self._port = parts.port or (80 if trust is None else 443)
        self._heads = RequestHeads(_host(self._name, parts.port, trust))
        self._trust = trust
        self._limits = network.limits
        self._clock = network.clock
        self._kept: list[_Line] = []
        self._is_closed = False
        self.opened = 0

    def close(self) -> None:
        """Close the kept connections, and those in use as soon as they are free."""
        self._is_closed = True
        while self._kept:
            self._kept.pop().connection.close()

    def ask(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Told:
        """One request, and its whole answer.

        Raises `NotReached` or `ValueError` when nothing was sent, `AnswerLost` when no whole answer came, and
        `BodyTooLarge`.
        """
        head = self._heads.head(method, target, headers, body)
        line = self._free() or self._new()
        is_whole, is_said = False, True
        try:
            try:
                line.socket.sendall(head + body if body else head)
            except BrokenPipeError:
                is_said = False  # whoever hangs up while we still speak may have answered before
            status, fields, content, is_over = self._answer(line.socket, method)
            is_whole = is_said and not is_over
        except BodyTooLarge:
            raise
        except (OSError, HTTPException) as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            if is_whole and len(self._kept) < _MOST_KEPT:
                self._keep(line)
            else:
                line.connection.close()
        return status, fields, content

    def _answer(self, line: socket.socket, method: str) -> tuple[int, dict[str, str], bytes, bool]:
        """A whole answer, and whether the connection ends with it."""
        begun = line.recv(_CHUNK)
        plain = plain_head(begun) if method != "HEAD" else None
        if plain is not None and plain.length <= self._limits.body:
            status, fields, length, end = plain
            if len(begun) == end + length:  # the usual case: it came in one piece
                return status, fields, begun[end:], False
            content = self._rest(line, begun[end:], length)
            return status, fields, content[:length], len(content) > length
        whole = Begun(begun, line, self._patience())
        answer = HeadedAnswer(whole, method)
        try:
            answer.begin()
            content = self._content(answer)
        finally:
            answer.close()
        return answer.status, answer.fields, content, answer.will_close or whole.says_more

    def _rest(self, line: socket.socket, begun: bytes, length: int) -> bytes:
        """The body of that length which begins so; longer only where more was said than told."""
        left = length - len(begun)
        if left <= 0:
            return begun
        in_time = self._patience()
        parts = [begun]
        while left > 0:
            in_time()
            chunk = line.recv(_CHUNK)
            if not chunk:
                raise IncompleteRead(b"", left)
            parts.append(chunk)
            left -= len(chunk)
        return b"".join(parts)

    def _patience(self) -> Callable[[], None]:
        """What raises `TimeoutError` from the moment on when an answer that has just begun takes too long."""
        clock, deadline = self._clock, self._clock() + self._limits.whole

        def in_time() -> None:
            if clock() > deadline:
                raise TimeoutError("The answer took too long.")

        return in_time

    def _content(self, answer: HeadedAnswer) -> bytes:
        """The body of an answer, to its end."""
        parts: list[bytes] = []
        size = 0
        while chunk := answer.read1(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > self._limits.body:
                raise BodyTooLarge(f"The answer is larger than {self._limits.body} bytes.")
            if answer.length == 0:
                break
        if answer.length:
            raise IncompleteRead(b"", answer.length)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _keep(self, line: _Line) -> None:
        self._kept.append(line)
        if self._is_closed:  # asked for afterwards: another thread may close them all at any moment
            self.close()

    def _free(self) -> _Line | None:
        """A kept connection on which all is quiet."""
        while self._kept:
            try:
                line = self._kept.pop()
            except IndexError:  # another thread was faster
                return None
            if not line.has_word():
                return line
            line.connection.close()
        return None

    def _new(self) -> _Line:
        connection: HTTPConnection | None = None
        try:
            connection = self._made()
            connection.connect()
            connection.sock.settimeout(self._limits.read)
        except (InvalidURL, UnicodeError) as error:
            _close(connection)
            raise UnsafeAddress("This is not an address.") from error
        except OSError as error:
            _close(connection)
            raise NotReached(str(error)) from error
        self.opened += 1
        return _Line(connection)

    def _made(self) -> HTTPConnection:
        if self._trust is None:
            return HTTPConnection(self._name, self._port, timeout=self._limits.connect)
        return HTTPSConnection(self._name, self._port, timeout=self._limits.connect, context=self._trust)


def _close(connection: HTTPConnection | None) -> None:
    if connection is not None:
        connection.close()


def _host(name: str, port: int | None, trust: ssl.SSLContext | None) -> str:
    """The host as requests name it."""
    try:
        shown = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UnsafeAddress("This is not an address.") from error
    if ":" in shown:
        shown = f"[{shown.partition('%')[0]}]"
    return shown if port is None or port == (80 if trust is None else 443) else f"{shown}:{port}"


def _word_on(line: socket.socket) -> Callable[[], bool]:
    """Tells whether there is anything to read on a socket, which includes its end."""
    arrived = _arrived_on(line)
    if isinstance(line, ssl.SSLSocket):  # what the cipher has taken from the socket, the system knows no more
        return lambda: line.pending() > 0 or arrived()
    return arrived


def _arrived_on(line: socket.socket) -> Callable[[], bool]:
    """Tells whether the system has anything for whoever reads from a socket."""
    if sys.platform == "win32":
        return lambda: bool(select.select([line], [], [], 0)[0])
    poll = select.poll()  # made once: it takes sockets of any number, and one call asks it
    poll.register(line, select.POLLIN)
    return lambda: bool(poll.poll(0))
