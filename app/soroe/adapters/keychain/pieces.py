"""How a secret is laid out in keychain items that hold a limited number of characters.

The item itself holds the *head*. A short secret stands in it: `1:` and the secret. A long one is cut into pieces that
stand in items of their own, and the head names their set (a or b), their number and the checksum of the whole:
`2:a:3:<sha256>`. A new secret is written to the other set first and the head last, so that a crash at any point leaves
a head whose pieces are complete.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, assert_never

PieceSet = Literal["a", "b"]
SETS: tuple[PieceSet, PieceSet] = ("a", "b")
MOST_PIECES = 64


@dataclass(frozen=True, slots=True)
class Whole:
    """A head with the secret in it."""

    value: str


@dataclass(frozen=True, slots=True)
class Split:
    """A head that names the pieces of its secret."""

    pieces: PieceSet
    count: int
    checksum: str


Head = Whole | Split


def head_text(head: Head) -> str:
    """The head as it is stored."""
    match head:
        case Whole(value):
            return f"1:{value}"
        case Split(pieces, count, checksum):
            return f"2:{pieces}:{count}:{checksum}"
        case _:
            assert_never(head)


def parse_head(text: str) -> Head | None:
    """The head that was stored, or None if the text is not one of ours."""
    if text.startswith("1:"):
        return Whole(text[2:])
    parts = text.split(":")
    if len(parts) != 4 or parts[0] != "2" or not parts[2].isascii() or not parts[2].isdigit():
        return None
    count = int(parts[2])
    for name in SETS:
        if parts[1] == name and 0 < count <= MOST_PIECES:
            return Split(name, count, parts[3])
    return None


def piece_item(item: str, pieces: PieceSet, number: int) -> str:
    """The name of the keychain item that holds a piece; pieces count from 0."""
    return f"{item}#{pieces}{number}"


def other_set(head: Head | None) -> PieceSet:
    """The set that the present head does not use."""
    return "b" if isinstance(head, Split) and head.pieces == "a" else "a"


def length(text: str) -> int:
    """Length in UTF-16 units, which is how Windows counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(value: str, limit: int) -> tuple[str, ...]:
    """The value in pieces of at most `limit` UTF-16 units; no character is cut in two."""
    pieces: list[str] = []
    start = units = 0
    for index, character in enumerate(value):
        width = 2 if ord(character) > 0xFFFF else 1
        if units + width > limit:
            pieces.append(value[start:index])
            start, units = index, 0
        units += width
    pieces.append(value[start:])
    return tuple(pieces)


def checksum(value: str) -> str:
    """What tells a complete set of pieces from a mixed one."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
