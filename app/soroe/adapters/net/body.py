"""Answers of bounded size, also after unpacking."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

_GZIP = b"\x1f\x8b"
_MOST_STREAMS = 64


class BodyTooLarge(OSError):
    """An answer was larger than allowed, packed or unpacked."""


class BodyBroken(OSError):
    """An answer ended early or could not be unpacked."""


def read_bounded(chunks: Iterable[bytes], limit: int) -> bytes:
    """All chunks joined; raises `BodyTooLarge` as soon as they exceed `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"The answer is larger than {limit} bytes.")
        parts.append(chunk)
    return b"".join(parts)


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its content encoding (gzip, deflate or none), at most `limit` bytes of it."""
    name = encoding.strip().lower()
    if name in {"", "identity"} or not body:
        return body
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise BodyBroken("The answer is packed in a way we did not offer.")
    try:
        return _inflate(body, zlib.MAX_WBITS | 32, limit)
    except zlib.error as error:
        if name != "deflate":
            raise BodyBroken("The answer could not be unpacked.") from error
    try:  # some servers call a bare stream "deflate"
        return _inflate(body, -zlib.MAX_WBITS, limit)
    except zlib.error as error:
        raise BodyBroken("The answer could not be unpacked.") from error


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    """All that was packed: mostly it is one stream; of gzip's, some may stand one behind the other (RFC 1952)."""
    plain = b""
    for _ in range(_MOST_STREAMS):
        stream = zlib.decompressobj(window_bits)
        plain += stream.decompress(body, limit + 1 - len(plain))
        if len(plain) > limit:
            raise BodyTooLarge(f"The unpacked answer is larger than {limit} bytes.")
        if not stream.eof:
            raise BodyBroken("The packed answer ended early.")
        body = stream.unused_data
        if not body.startswith(_GZIP):  # nothing more, or what has nothing to do with it
            return plain
    raise BodyTooLarge(f"The answer is packed in more than {_MOST_STREAMS} parts.")
