"""JSON as services send and take it, by a reader and a writer that are made once."""

from __future__ import annotations

import json
from collections.abc import Callable
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


def json_writer(encoder: json.JSONEncoder) -> Callable[[Any], str]:
    """The `encode` of an encoder that looks for no circles and indents nothing, for values that are no mere text.

    `encode` itself makes its inner part anew for each value, which takes longer than to write one of ours.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    quoted = getattr(json.encoder, "encode_basestring_ascii" if encoder.ensure_ascii else "encode_basestring", None)
    if make is None or quoted is None:  # a Python without the accelerator
        return encoder.encode
    chunks = make(
        None, encoder.default, quoted, None, encoder.key_separator, encoder.item_separator, encoder.sort_keys,
        encoder.skipkeys, encoder.allow_nan,
    )  # fmt: skip # short values, several a line
    return lambda value: "".join(chunks(value, 0))


json_text = json_writer(json.JSONEncoder(separators=(",", ":"), check_circular=False))
"""A value as ASCII text without blanks; it holds no part of itself, for which nobody looks."""
