"""Every write that left the program, one by one, also out of batches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from soroe.sandbox.request_log import RecordedRequest, RequestLog

_PART = re.compile(rb"(?m)^(POST|PATCH|PUT|DELETE) (\S+)(?: HTTP/1\.1)?\r?$")
WRITING = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class SentWrite:
    """One write: its method, its path, its query, its body."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any


def writes_to(requests: RequestLog) -> list[SentWrite]:
    """All writes that a server got; sign-in, tokens and searches are none."""
    return [write for request in requests for write in _writes_in(request)]


def _writes_in(request: RecordedRequest) -> Iterator[SentWrite]:
    if request.method not in WRITING or re.search(r"/(token|revoke|oauth|search$)", request.path):
        return
    if request.path.startswith("/batch"):
        yield from _parts(request.body)
        return
    yield SentWrite(request.method, request.path, request.query, _document(request.body))


def _parts(body: bytes) -> Iterator[SentWrite]:
    """The parts of a batch: each begins with its own request line and ends where the next part's boundary begins."""
    for found in _PART.finditer(body):
        rest = body[found.end() :].partition(b"\n--")[0]
        text = rest.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        address = urlsplit(found[2].decode())
        yield SentWrite(found[1].decode(), address.path, parse_qs(address.query), _document(text))


def _document(body: bytes) -> Any:
    return json.loads(body) if body.strip() else None
