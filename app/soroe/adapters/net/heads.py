"""The heads of HTTP messages: the one that a request begins with is written here, the one of an answer is read.

The standard library reads an answer's head with its parser of mails and checks a request's head line by line: together
six times the work of all the rest of a request. Bodies, chunks and connections are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse, IncompleteRead, LineTooLong
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, NamedTuple, cast

_LONGEST_LINE = 65_536
_MOST_LINES = 100
_MOST_INTERIM = 20
"""Answers that only say "go on" before the real one."""
READ_AT_ONCE = 8_192
"""Bytes of an answer that is looked at closely; Python's own number differs from version to version."""
_LONGEST_LENGTH = 18
"""Digits of a length: no body of more is read in a lifetime."""
_EMPTY_LINES = (b"\r\n", b"\n")

_METHOD = re.compile(r"[A-Z]+\Z")
_STATUS = re.compile(r"HTTP/(?:0\.9|1\.[0-9])[ \t]+([1-9][0-9]{2})(?:[ \t][^\r\n]*)?\r?\n")
_NAMES = re.compile(r"[!-9;-~]*\Z")
_FOLD = re.compile(r"\n[ \t]+")

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_WITHOUT_BODY = frozenset({204, 304})


class HeadUnclear(HTTPException):
    """The head of an answer holds what no head may, or tells two things of which only one can be true."""


class RequestHeads:
    """The heads of requests to one host; safe to share between threads.

    Of requests that differ in nothing but their bodies, one after the other, the lines are written and checked once.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._last: tuple[object, str] = (None, "")
        """What was asked last, and its lines."""

    def head(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        """The head of a request, whose `headers` may tell the length themselves, as `content-length`.

        Raises `ValueError` for a header that would be two, and for what can be no header at all.
        """
        asked = method, target, tuple(headers.items())  # not the headers themselves, which may be used once more
        known, lines = self._last
        if asked != known:
            lines = _lines(method, target, self._host, headers)
            self._last = asked, lines
        return _whole(lines, method, headers, body)


def _lines(method: str, target: str, host: str, headers: Mapping[str, str]) -> str:
    """The lines up to the headers' end; what would break one of them in two is refused (without a pattern: addresses
    are long, and a pattern looks at each character by itself)."""
    told = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    is_sound = told.count("\n") == told.count("\r") == len(headers) and "\0" not in told
    is_sound = is_sound and "" not in headers and _NAMES.match("".join(headers)) is not None
    if not is_sound or _METHOD.match(method) is None or not is_one_word(target):
        raise ValueError("This is no header: it holds a line break, or its name is none.")
    return f"{method} {target} HTTP/1.1\r\nhost: {host}\r\n{told}"


def is_one_word(text: str) -> bool:
    """Whether a text holds only what ASCII can print, and no blanks, and something at all."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def _whole(lines: str, method: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """The head of these lines, with the length of the body where it is not told among them."""
    if (body is not None or method in _WITH_BODY) and "content-length" not in headers:
        return f"{lines}content-length: {len(body or b'')}\r\n\r\n".encode("latin-1")
    return f"{lines}\r\n".encode("latin-1")


class PlainHead(NamedTuple):
    """The head of an answer as nearly all have it: its body has a length, and the connection stays."""

    status: int
    fields: dict[str, str]
    length: int
    end: int
    """Where in the answer the body begins."""


def plain_head(begun: bytes) -> PlainHead | None:
    """The head of an answer that begins so; None where it is not all there, and for all that asks for a closer look."""
    end = begun.find(b"\r\n\r\n") + 4
    if end < 4 or begun.count(b"\n", 0, end) > _MOST_LINES or begun.find(b"\n\n", 0, end) >= 0:
        return None
    text = begun[:end].decode("latin-1")
    line = _STATUS.match(text)
    if line is None or not text.startswith("HTTP/1.1"):
        return None
    status, fields = int(line[1]), _fields(text, line.end())
    length = fields.get("content-length", "")
    if status < 200 or status in _WITHOUT_BODY or "transfer-encoding" in fields or "connection" in fields:
        return None
    if not length.isdecimal() or len(length) > _LONGEST_LENGTH:
        return None
    return PlainHead(status, fields, int(length), end)


class Begun(RawIOBase):
    """A socket of which something was read already: it is read once more, up to the end of one answer.

    `in_time` is asked before each further look at the socket, and raises once the answer takes too long. `says_more`
    tells, once the answer was read, whether anything came behind it: what comes next is not to be trusted then.
    """

    def __init__(self, begun: bytes, line: socket, in_time: Callable[[], None]) -> None:
        self._begun = begun
        self._line = line
        self._in_time = in_time
        self._is_over = False
        self.says_more = False

    def makefile(self, _mode: str) -> BufferedReader:
        """What the standard library asks a socket for."""
        return _OneAnswer(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer has no type in Python 3.11
        """Fill the buffer, with what was read already first."""
        if not self._begun:
            if self._is_over:
                return 0
            self._in_time()
            return self._line.recv_into(buffer)
        some, self._begun = self._begun[: len(buffer)], self._begun[len(buffer) :]
        buffer[: len(some)] = some
        return len(some)

    def end(self, reader: BufferedReader) -> None:
        """The answer was read: from now on the socket is left alone."""
        self._is_over = True
        self.says_more = bool(reader.peek(1))


class _OneAnswer(BufferedReader):
    """The reader of one answer, which the standard library closes at its end."""

    def __init__(self, begun: Begun) -> None:
        super().__init__(begun, READ_AT_ONCE)
        self._begun = begun

    def close(self) -> None:
        if not self.closed:
            self._begun.end(self)
        super().close()


class HeadedAnswer(HTTPResponse):
    """The standard library's answer with a head read by us; `fields` are its headers, their names in lower case.

    `begin` raises `HTTPException` for a head that is none: one with lines that are no headers, one that ends early, one
    with two lengths or with a transfer encoding that nobody asked for.
    """

    fields: dict[str, str]

    def __init__(self, line: Begun, method: str) -> None:
        super().__init__(cast(socket, line), method=method)
        self._is_for_head = method == "HEAD"

    def begin(self) -> None:
        """Read the head; answers that only say "go on" are passed over."""
        for _ in range(_MOST_INTERIM):
            text = self._head().decode("latin-1")
            line = _STATUS.match(text)
            if line is None:
                raise HeadUnclear("status")
            self.status = self.code = int(line[1])
            if self.status >= 200:
                break
        else:
            raise HeadUnclear("interim")
        self.version = 10 if text.startswith(("HTTP/1.0", "HTTP/0.9")) else 11
        self.fields = _fields(text, line.end())
        self._bound()

    def _head(self) -> bytes:
        """All up to the empty line, and that line."""
        known = self.fp.peek()
        end = known.find(b"\r\n\r\n")
        if end >= 0 and known.count(b"\n", 0, end) <= _MOST_LINES and b"\n\n" not in known[:end]:
            return self.fp.read(end + 4)  # the usual case: it came in one piece
        lines: list[bytes] = []
        while not lines or lines[-1] not in _EMPTY_LINES:
            line = self.fp.readline(_LONGEST_LINE + 1)
            if len(line) > _LONGEST_LINE:
                raise LineTooLong("head")
            if not line.endswith(b"\n"):
                raise IncompleteRead(line)
            if len(lines) > _MOST_LINES:
                raise HeadUnclear("lines")
            lines.append(line)
        return b"".join(lines)

    def _bound(self) -> None:
        """Where the body ends, and whether the connection does."""
        fields = self.fields
        coding = fields["transfer-encoding"].lower() if "transfer-encoding" in fields else ""
        if coding not in ("", "chunked", "identity"):
            raise HeadUnclear("transfer-encoding")
        self.chunked = coding == "chunked"
        self.chunk_left = None
        kept = fields["connection"].lower() if "connection" in fields else ""
        self.will_close = "close" in kept or (self.version == 10 and "keep-alive" not in kept)
        self.length = None
        if self.status in _WITHOUT_BODY or self._is_for_head:
            self.length, self.chunked = 0, False
        elif "content-length" in fields:
            told = fields["content-length"]
            if not self.chunked and told.isdecimal() and len(told) <= _LONGEST_LENGTH:
                self.length = int(told)
            else:
                self.length = None if self.chunked else _agreed_length(told)
                self.will_close = True  # it was told twice, or beside chunks: what comes next is not to be trusted
        elif not self.chunked:
            self.will_close = True


def _fields(text: str, start: int) -> dict[str, str]:
    """The headers of a head from there on; one that is told twice becomes one, with a comma."""
    told = (text[start:-1] if text.endswith("\n\n") else text[start:-2]).replace("\r\n", "\n")
    fields = _fields_in(told)
    if fields is None and _FOLD.search(told):  # obsolete, but seen: a header of several lines
        fields = _fields_in(_FOLD.sub(" ", told))
    if fields is None:
        raise HeadUnclear("headers")
    return fields


def _fields_in(told: str) -> dict[str, str] | None:
    """The headers of these lines; None where one of them is none."""
    fields: dict[str, str] = {}
    if not told:
        return fields
    for line in told[:-1].split("\n"):
        name, colon, told_value = line.partition(":")
        if not colon:
            return None
        key, value = name.lower(), told_value.strip(" \t")  # blanks around it are none of it (RFC 9110, section 5.5)
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    is_sound = "" not in fields and is_one_word("".join(fields)) and "\r" not in told and "\0" not in told
    return fields if is_sound else None


def _agreed_length(told: str) -> int:
    """The length of a body that is told more than once, but not differently."""
    lengths = {one.strip() for one in told.split(",")}
    length = lengths.pop()
    if lengths or not length.isdecimal() or len(length) > _LONGEST_LENGTH:
        raise HeadUnclear("content-length")
    return int(length)
