"""Changing the text of config.toml while the user's comments, order and spacing stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import tomlkit
from tomlkit.container import Container
from tomlkit.items import Table

Value = str | bool | int | date | list[str] | Mapping[str, int]


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
    document = tomlkit.parse(text)
    table: Container | Table = document
    for depth, key in enumerate(path):
        if key not in table:
            table.append(key, tomlkit.table(is_super_table=depth < len(path) - 1))
        below = table[key]
        if not isinstance(below, (Table, Container)):
            raise TypeError(f"{'.'.join(path[: depth + 1])} is no table")
        table = below
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return tomlkit.dumps(document)


def _without(text: str, section: str, name: str) -> str:
    document = tomlkit.parse(text)
    tables = document[section]
    if not isinstance(tables, (Table, Container)) or name not in tables:
        raise KeyError(name)
    tables.remove(name)
    if not tables:
        document.remove(section)
    return tomlkit.dumps(document)
