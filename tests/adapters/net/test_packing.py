"""Answers that came packed."""

from __future__ import annotations

import gzip

import pytest

from soroe.adapters.net.body import BodyBroken, BodyTooLarge, unpack


@pytest.mark.parametrize("packed", [gzip.compress(b"x" * 100, mtime=0)[:-9], b"not packed"])
def test_a_broken_packing_is_told(packed: bytes) -> None:
    with pytest.raises(BodyBroken):
        unpack(packed, "gzip", 1000)


def test_what_was_packed_in_several_parts_is_unpacked_whole() -> None:
    packed = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0)
    assert unpack(packed, "gzip", 100) == b"one two"
    with pytest.raises(BodyTooLarge):
        unpack(packed, "gzip", 6)
    with pytest.raises(BodyBroken):
        unpack(packed[:-3], "gzip", 100)
    with pytest.raises(BodyTooLarge):
        unpack(gzip.compress(b"", mtime=0) * 100, "gzip", 100)


def test_what_stands_behind_a_packing_is_none_of_it() -> None:
    assert unpack(gzip.compress(b"one", mtime=0) + bytes(8), "gzip", 100) == b"one"
