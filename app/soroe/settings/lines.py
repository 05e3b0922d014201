"""On which line of a TOML text each key stands; tomllib does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A table's header, or a key with its value; both line numbers count from 1 and are part of it."""

    first: int
    last: int
    header: bool
    tree: dict[str, object]


def statements(text: str) -> Iterator[Statement]:
    """The headers and keys of a text that is valid TOML, in order."""
    chunk: list[str] = []
    for index, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not chunk and (not stripped or stripped.startswith("#")):
            continue
        chunk.append(line)
        tree = _parsed("\n".join(chunk))
        if tree is not None:
            yield Statement(index - len(chunk) + 1, index, chunk[0].lstrip().startswith("["), tree)
            chunk = []


def lines_of(text: str) -> dict[Path, int]:
    """The first line (from 1) of every table and key of a text that is valid TOML."""
    found: dict[Path, int] = {}
    table: Path = ()
    for statement in statements(text):
        if statement.header:
            table = path_of(statement.tree)
            _note(found, table, statement.first)
        else:
            _note_all(found, table, statement.tree, statement.first)
    return found


def path_of(tree: object) -> Path:
    """The path of a header, given what it parses to."""
    if isinstance(tree, list):
        tree = tree[0]
    if not isinstance(tree, dict) or not tree:
        return ()
    key, below = next(iter(tree.items()))
    return (key, *path_of(below))


def _parsed(chunk: str) -> dict[str, object] | None:
    """The value of a key, or None while its text goes on in the next line."""
    try:
        return tomllib.loads(chunk)
    except tomllib.TOMLDecodeError:
        return None


def _note(found: dict[Path, int], path: Path, line: int) -> None:
    for depth in range(1, len(path) + 1):
        found.setdefault(path[:depth], line)


def _note_all(found: dict[Path, int], prefix: Path, tree: dict[str, object], line: int) -> None:
    for key, below in tree.items():
        _note(found, (*prefix, key), line)
        if isinstance(below, dict):
            _note_all(found, (*prefix, key), below, line)
