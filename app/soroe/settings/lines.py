"""On which line of a TOML text each key stands; tomllib does not tell."""

from __future__ import annotations

import tomllib

Path = tuple[str, ...]


def lines_of(text: str) -> dict[Path, int]:
    """The first line (from 1) of every table and key of a text that is valid TOML."""
    found: dict[Path, int] = {}
    table: Path = ()
    chunk: list[str] = []
    for index, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not chunk and stripped.startswith("["):
            table = _first_path(tomllib.loads(stripped))
            _note(found, table, index)
            continue
        if not chunk and (not stripped or stripped.startswith("#")):
            continue
        chunk.append(line)
        value = _parsed("\n".join(chunk))
        if value is not None:
            _note_all(found, table, value, index - len(chunk) + 1)
            chunk = []
    return found


def _parsed(chunk: str) -> dict[str, object] | None:
    """The value of a key, or None while its text goes on in the next line."""
    try:
        return tomllib.loads(chunk)
    except tomllib.TOMLDecodeError:
        return None


def _first_path(tree: object) -> Path:
    if isinstance(tree, list):
        tree = tree[0]
    if not isinstance(tree, dict) or not tree:
        return ()
    key, below = next(iter(tree.items()))
    return (key, *_first_path(below))


def _note(found: dict[Path, int], path: Path, line: int) -> None:
    for depth in range(1, len(path) + 1):
        found.setdefault(path[:depth], line)


def _note_all(found: dict[Path, int], prefix: Path, tree: dict[str, object], line: int) -> None:
    for key, below in tree.items():
        _note(found, (*prefix, key), line)
        if isinstance(below, dict):
            _note_all(found, (*prefix, key), below, line)
