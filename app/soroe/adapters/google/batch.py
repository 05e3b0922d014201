"""Several calls in one HTTP request: Google's multipart batch, framed by hand.

The client library's own batch ignores a configured endpoint and costs ten times the time a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from soroe.adapters.net.failures import is_web_page

from .session import Answer, Call, Session

LARGEST = 50
"""Calls a batch may hold, by Google's guide; its client library would let 1,000 through and fail there."""

_BOUNDARY = "soroe-part-7f3a9c51"
_MULTIPART = re.compile(r'multipart/[^;]*(?:;[^;]*)*?;[ \t]*boundary=(?:"([^"]+)"|([^";\s]+))', re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
_NUMBER = re.compile(rb"^content-id:[ \t]*<?response-soroe\+(\d{1,3})>?[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_MISSING = frozenset({404, 405, 410, 501})


class NoBatches(Exception):
    """This endpoint knows no batches; nothing was carried out."""


def send_together(session: Session, calls: Sequence[Call]) -> list[Answer | None]:
    """The answer to each call, in the order of the calls; None where the service told of no outcome.

    Raises `NoBatches`, and errors of the port for the batch as a whole.
    """
    content_type = f"multipart/mixed; boundary={_BOUNDARY}"
    outer = session.send_batch(_framed(session.settings.part_path, calls), content_type, len(calls))
    # A page from a gateway that failed (502) may stand before a batch that was carried out.
    if outer.status in _MISSING or (outer.status < 500 and is_web_page(outer.headers, outer.body)):
        raise NoBatches(outer.status)
    if not outer.ok:
        raise session.trouble(outer.refusal(Call("POST", "batch")))
    answers: list[Answer | None] = [None] * len(calls)
    for number, answer in _parts(outer):
        if number < len(answers):
            answers[number] = answer
    return answers


def _framed(root: str, calls: Sequence[Call]) -> str:
    pieces: list[str] = []
    for number, call in enumerate(calls):
        content = call.content()
        query = f"?{call.query}" if call.query else ""
        kind = "" if call.body is None else "Content-Type: application/json\r\n"
        condition = "" if call.if_match is None else f"If-Match: {call.if_match}\r\n"
        pieces.append(
            f"--{_BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <soroe+{number}>\r\n\r\n"
            f"{call.method} {root}{call.path}{query} HTTP/1.1\r\n{kind}{condition}"
            f"Content-Length: {len(content)}\r\n\r\n{content}\r\n"
        )
    pieces.append(f"--{_BOUNDARY}--\r\n")
    return "".join(pieces)


def _parts(outer: Answer) -> list[tuple[int, Answer]]:
    """The numbered answers in a batch's answer; what cannot be read is left out."""
    told = _MULTIPART.match(outer.headers.get("content-type", ""))
    if told is None:
        return []
    boundary = (told[1] or told[2]).encode("ascii", "replace")
    found = []
    for piece in (b"\r\n" + outer.body).split(b"\r\n--" + boundary)[1:]:
        part = _part(piece)
        if part is not None:
            found.append(part)
    return found


def _part(piece: bytes) -> tuple[int, Answer] | None:
    head, _, rest = piece.partition(b"\r\n\r\n")
    number = _NUMBER.search(head)
    status = _STATUS.match(rest)
    if number is None or status is None:
        return None
    lines, _, body = rest.partition(b"\r\n\r\n")
    # Of a success nobody asks for the headers.
    headers = _NO_HEADERS if status[1].startswith(b"2") else _headers(lines)
    return int(number[1]), Answer(int(status[1]), headers, body)


def _headers(lines: bytes) -> dict[str, str]:
    headers = {}
    for line in lines.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers
