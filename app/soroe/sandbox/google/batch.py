"""`/batch/calendar/v3`: many calls in one request, each with its own status, after Google's guide on batches."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from soroe.sandbox.faults import Answer, Faults
from soroe.sandbox.google.errors import GoogleError, conflict
from soroe.sandbox.google.http import Request, Response, error_response
from soroe.sandbox.google.lies import Lies

MOST_PARTS = 50
"""Calls in one batch (Google's guide on batches)."""

_PREFIX = "/calendar/v3/"


class Batch:
    """Takes a batch apart and has each part served as if it had come alone, in order.

    Faults that answer (not those that break connections) also apply to parts, by method and path.
    """

    def __init__(self, serve: Callable[[Request], Response], faults: Faults, lies: Lies) -> None:
        self._serve = serve
        self._faults = faults
        self._lies = lies

    def answer(self, headers: Mapping[str, str], body: bytes) -> Response:
        """Returns the multipart answer; the outer status is 200 whatever the parts say."""
        boundary = re.search(r'boundary="?([^";]+)"?', headers.get("content-type", ""))
        if not headers.get("content-type", "").startswith("multipart/mixed") or boundary is None:
            return _refused("The batch request must be multipart/mixed with a boundary.")
        parts = list(_parts(body, boundary[1].encode()))
        if not parts:
            return _refused("Failed to parse batch request, error: 0 items. Received batch body: empty.")
        if len(parts) > MOST_PARTS:
            return _refused(f"The batch request has too many calls: {len(parts)} are more than {MOST_PARTS}.")
        own = f"batch_{secrets.token_urlsafe(16)}"
        text = b"".join(self._answered(own, headers, part) for part in parts)
        return Response(200, text + f"--{own}--".encode(), {"Content-Type": f"multipart/mixed; boundary={own}"})

    def _answered(self, boundary: str, outer: Mapping[str, str], part: bytes) -> bytes:
        outside, inside = _split(part)
        content_id = _headers(outside).get("content-id", "")
        response = self._served(outer, inside)
        marked = f"<response-{content_id[1:-1]}>" if content_id.startswith("<") else f"response-{content_id}"
        lines = [f"--{boundary}", "Content-Type: application/http"]
        if content_id:
            lines.append(f"Content-ID: {marked}")
        lines += ["", f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines += [f"Content-Length: {len(response.body)}", "", ""]
        return "\r\n".join(lines).encode() + response.body + b"\r\n"

    def _served(self, outer: Mapping[str, str], inside: bytes) -> Response:
        head, body = _split(inside)
        first, _, rest = head.partition(b"\n")
        words = first.decode().split()
        if len(words) < 2 or not words[1].startswith(_PREFIX):
            return _refused("The parts of a batch must name a path of the same API, without a host.")
        method, target = words[0], words[1]
        effect = self._faults.take(method, target)
        refusal = None
        if isinstance(effect, Answer):
            refusal = Response(effect.status, effect.body, {"Content-Type": effect.content_type, **effect.headers})
            if not effect.processed:
                return refusal
        if method != "GET" and self._lies.take("conflict"):
            return error_response(conflict())
        path, _, query = target.removeprefix(_PREFIX).partition("?")
        # The outer headers count for every part, except the ones about the content (guide on batches).
        headers = {name: value for name, value in outer.items() if not name.startswith("content-")} | _headers(rest)
        length = headers.get("content-length")
        content = body[: int(length)] if length else body
        answer = self._serve(Request(method, path, parse_qs(query, keep_blank_values=True), headers, content))
        return answer if refusal is None else refusal


def _parts(body: bytes, boundary: bytes) -> Iterator[bytes]:
    for part in re.split(rb"(?:^|\r?\n)--" + re.escape(boundary), body)[1:]:
        if part.startswith(b"--"):
            return
        yield part.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n")


def _split(content: bytes) -> tuple[bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def _headers(text: bytes) -> dict[str, str]:
    found = {}
    for line in text.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def _refused(message: str) -> Response:
    return error_response(GoogleError(400, "badRequest", message))
