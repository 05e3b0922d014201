"""Changing the text of config.toml while the user's comments, order and spacing stay."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from .lines import path_of, statements

if TYPE_CHECKING:
    from tomlkit.items import Table

Value = str | bool | int | date | Sequence[str] | Mapping[str, int]


def with_account(text: str, name: str, values: Mapping[str, Value | None]) -> str:
    """The text with an account added or changed; None takes a key out, keys that are not named stay."""
    return _changed(text, ("accounts", name), values)


def with_sync(text: str, name: str, values: Mapping[str, Value | None]) -> str:
    """The text with a sync added or changed; None takes a key out, keys that are not named stay."""
    return _changed(text, ("syncs", name), values)


def with_app(text: str, values: Mapping[str, Value | None]) -> str:
    """The text with the app's own settings changed."""
    return _changed(text, ("app",), values)


def without_account(text: str, name: str) -> str:
    """The text without an account; one that is not there raises `KeyError`."""
    return _without(text, "accounts", name)


def without_sync(text: str, name: str) -> str:
    """The text without a sync; one that is not there raises `KeyError`."""
    return _without(text, "syncs", name)


def _changed(text: str, path: tuple[str, ...], values: Mapping[str, Value | None]) -> str:
    import tomlkit  # settings are changed seldom, and read without it

    document = tomlkit.parse(text)
    table: object = document
    for key in path:
        table = table.get(key) if isinstance(table, MutableMapping) else None
    if table is None:
        return _appended(text, path, values)
    if not isinstance(table, MutableMapping):
        raise TypeError(f"{'.'.join(path)} is no table")
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return tomlkit.dumps(document)


def _appended(text: str, path: tuple[str, ...], values: Mapping[str, Value | None]) -> str:
    """The text with a new table at its end, where it parts no comment from the table that it speaks of."""
    import tomlkit

    made = tomlkit.document()
    tables: list[Table] = [tomlkit.table(is_super_table=depth < len(path) - 1) for depth in range(len(path))]
    for key, value in values.items():
        if value is not None:
            tables[-1].append(key, value)
    for depth in range(len(path) - 1, 0, -1):
        tables[depth - 1].append(path[depth], tables[depth])
    made.append(path[0], tables[0])
    before = f"{text.rstrip()}\n\n" if text.strip() else ""
    return before + tomlkit.dumps(made).lstrip()


def _without(text: str, section: str, name: str) -> str:
    """The text without the tables of a name; comments between them and the next table stay, they may be the next's."""
    import tomlkit

    if name not in tomllib.loads(text).get(section, {}):
        raise KeyError(name)
    kept = text.splitlines(keepends=True)
    inside = False
    for statement in statements(text):
        if statement.header:
            inside = path_of(statement.tree)[:2] == (section, name)
        if inside:
            kept[statement.first - 1 : statement.last] = [""] * (statement.last - statement.first + 1)
    shorter = "".join(kept)
    if name not in tomllib.loads(shorter).get(section, {}):
        return shorter
    document = tomlkit.parse(shorter)  # written as `section.name.key = …` or as an inline table
    del document[section][name]
    return tomlkit.dumps(document)
