"""MD4 (RFC 1320), which NTLM builds on and OpenSSL no longer offers. Good for nothing else."""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF
_ROUNDS = (
    (0, (3, 7, 11, 19), tuple(range(16))),
    (0x5A827999, (3, 5, 9, 13), (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)),
    (0x6ED9EBA1, (3, 9, 11, 15), (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)),
)


def md4(message: bytes) -> bytes:
    """The 16 bytes of a message's digest."""
    padded = message + b"\x80" + b"\0" * ((55 - len(message)) % 64) + struct.pack("<Q", len(message) * 8)
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    for begin in range(0, len(padded), 64):
        block = struct.unpack("<16I", padded[begin : begin + 64])
        a, b, c, d = state
        for number, (constant, shifts, order) in enumerate(_ROUNDS):
            for step, place in enumerate(order):
                mixed = (a + _mix(number, b, c, d) + block[place] + constant) & _MASK
                shift = shifts[step % 4]
                a, b, c, d = d, ((mixed << shift) | (mixed >> (32 - shift))) & _MASK, b, c
        state = [(old + new) & _MASK for old, new in zip(state, (a, b, c, d), strict=True)]
    return struct.pack("<4I", *state)


def _mix(number: int, b: int, c: int, d: int) -> int:
    match number:
        case 0:
            return (b & c) | (~b & d)
        case 1:
            return (b & c) | (b & d) | (c & d)
        case _:
            return b ^ c ^ d
