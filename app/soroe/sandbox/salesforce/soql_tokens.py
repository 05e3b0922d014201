"""The words of a SOQL query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from soroe.sandbox.salesforce.refusals import Refusal

_WORD = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_][\w.]*(?::\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind (name, string, datetime, date, number, sign, end), its text, and where it stands."""

    kind: str
    text: str
    at: int

    def says(self, word: str) -> bool:
        """Whether this is the keyword or sign `word`, in any case."""
        return self.kind in ("name", "sign") and self.text.upper() == word


def malformed(token: Token) -> Refusal:
    told = "<EOF>" if token.kind == "end" else f"'{token.text}'"
    return Refusal("MALFORMED_QUERY", f"unexpected token: {told}")


def tokens(text: str) -> Iterator[Token]:
    """Yields the words, and one of kind `end`; raises MALFORMED_QUERY at what is no word."""
    place = 0
    while place < len(text):
        found = _WORD.match(text, place)
        if found is None:
            raise Refusal("MALFORMED_QUERY", f"line 1:{place} no viable alternative at character '{text[place]}'")
        kind = str(found.lastgroup)
        if kind == "string":
            yield Token(kind, _unescaped(found.group()[1:-1]), place)
        elif kind != "space":
            yield Token(kind, found.group(), place)
        place = found.end()
    yield Token("end", "", place)


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        letter = found.group(1)
        if letter[0] == "u" and len(letter) > 1:
            return chr(int(letter[1:], 16))
        if letter not in _ESCAPES:
            raise Refusal("MALFORMED_QUERY", f"Illegal string literal: invalid escape \\{letter}")
        return _ESCAPES[letter]

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, text, flags=re.DOTALL)
