"""Builds typed values from a TOML table: wrong types, unknown and missing keys are refused by name."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

Kind = Any
"""A type as an annotation states it, or a value of one."""


class ProfileInvalid(ValueError):
    """A profile cannot be used: `key` is the dotted key at fault, `file` where it stands."""

    def __init__(self, key: str, problem: str, file: str = "") -> None:
        super().__init__(f"{file or 'profile'}: {key or 'the file'}: {problem}")
        self.key = key
        self.problem = problem
        self.file = file


def build(kind: Kind, value: object, key: str = "", options: Mapping[str, Any] | None = None) -> Kind:
    """The value as `kind`: str, int, bool, a Literal, a tuple, a Mapping, a dataclass, or a union of these.

    A union of dataclasses is told apart by its `kind` member. `options` are regular expressions by name for the
    text types of the profile (a NewType over str). Raises `ProfileInvalid`.
    """
    rules = options or {}
    if hasattr(kind, "__supertype__"):
        return _named(kind, value, key, rules)
    origin: Kind = get_origin(kind)
    if origin is Literal:
        return _one_of(get_args(kind), value, key)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind), value, key, rules)
    if origin is tuple:
        if not isinstance(value, list):
            raise ProfileInvalid(key, "must be a list")
        return tuple(build(get_args(kind)[0], item, f"{key}.{at}", rules) for at, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise ProfileInvalid(key, "must be a table")
        return {name: build(get_args(kind)[1], item, f"{key}.{name}", rules) for name, item in value.items()}
    if is_dataclass(kind):
        return _table(kind, value, key, rules)
    return _plain(kind, value, key)


def _plain(kind: Kind, value: object, key: str) -> object:
    if kind is object:
        return value
    if type(value) is not kind:
        raise ProfileInvalid(key, f"must be {_WORDS.get(kind, kind.__name__)}")
    return value


_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


def _named(kind: Kind, value: object, key: str, rules: Mapping[str, Any]) -> object:
    found = build(kind.__supertype__, value, key, rules)
    pattern = rules.get(kind.__name__)
    if pattern is not None and not re.fullmatch(pattern, str(found)):
        raise ProfileInvalid(key, f"is not a valid {kind.__name__.lower()}")
    return found


def _one_of(allowed: tuple[object, ...], value: object, key: str) -> object:
    for choice in allowed:
        if type(choice) is type(value) and choice == value:
            return value
    raise ProfileInvalid(key, "must be one of " + ", ".join(repr(choice) for choice in allowed))


def _union(kinds: tuple[Any, ...], value: object, key: str, rules: Mapping[str, Any]) -> object:
    tables = [kind for kind in kinds if is_dataclass(kind)]
    if len(tables) > 1 and isinstance(value, dict):
        choices: dict[object, Any] = {}
        for table in tables:
            choices[get_args(hints(cast(Any, table))["kind"])[0]] = table
        word = value.get("kind")
        if not isinstance(word, str) or word not in choices:
            raise ProfileInvalid(f"{key}.kind", "must be one of " + ", ".join(sorted(map(str, choices))))
        return build(choices[word], value, key, rules)
    first: ProfileInvalid | None = None
    for kind in kinds:
        if kind is types.NoneType:
            continue
        try:
            return build(kind, value, key, rules)
        except ProfileInvalid as error:
            first = first or error
    raise first or ProfileInvalid(key, "is not allowed")


@cache
def hints(kind: Kind) -> dict[str, Any]:
    """The resolved types of a dataclass's fields."""
    return get_type_hints(kind)


def _table(kind: Kind, value: object, key: str, rules: Mapping[str, Any]) -> object:
    if not isinstance(value, dict):
        raise ProfileInvalid(key, "must be a table")
    known = {part.name: part for part in fields(kind)}
    for name in value:
        if name not in known:
            raise ProfileInvalid(_below(key, name), "is not a known key")
    found: dict[str, object] = {}
    for name, part in known.items():
        if name in value:
            found[name] = build(hints(kind)[name], value[name], _below(key, name), rules)
        elif part.default is MISSING and part.default_factory is MISSING:
            raise ProfileInvalid(_below(key, name), "is missing")
    return kind(**found)


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
