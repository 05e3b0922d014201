"""JSON as services send and take it, by a reader and a writer that are made once."""

from __future__ import annotations

import json
from typing import Any

_read = json.JSONDecoder().raw_decode
_BLANKS = " \t\r\n"


def json_in(body: bytes) -> Any:  # noqa: ANN401 - whatever was sent, until it was looked at
    """The value in a body; raises `ValueError` or `RecursionError` when it is no JSON.

    As `json.loads`, without its guess of the encoding where the body begins as UTF-8 does (RFC 8259).
    """
    if body[:1] not in (b"{", b"[") or body[1:2] == b"\0":
        return json.loads(body)
    text = body.decode("utf-8", "surrogatepass")
    value, end = _read(text)
    if end != len(text) and text[end:].strip(_BLANKS):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


json_text = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""A value as ASCII text without blanks; it holds no part of itself, for which nobody looks."""
