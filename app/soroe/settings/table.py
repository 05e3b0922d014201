"""Reading one table of the settings: every key once, every problem noted, none of them fatal to the rest."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from . import checks
from .checks import BadValue
from .problems import Problem

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)
Path = tuple[str, ...]


@dataclass(slots=True)
class Origin:
    """Where values come from: the file, the lines of its keys, and for keys set by a policy the policy instead."""

    file: str
    lines: Mapping[Path, int]
    policies: Mapping[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def note(self, path: Path, code: str, detail: str = "") -> None:
        """Note a problem at a key, or at the table it should stand in."""
        if path in self.policies:
            self.problems.append(Problem(self.policies[path], 0, ".".join(path), code, detail))
            return
        line = next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), 0)
        self.problems.append(Problem(self.file, line, ".".join(path), code, detail))


class Table:
    """One table; each reader takes its key out, and `close` notes the keys that nobody took.

    A reader that notes a problem returns the default, or a placeholder: what is built from it is never used, because
    one problem is enough to refuse the settings.
    """

    def __init__(self, origin: Origin, path: Path, values: Mapping[str, object]) -> None:
        self.origin = origin
        self.path = path
        self._left = dict(values)
        self._known: list[str] = []

    def note(self, key: str, code: str, detail: str = "") -> None:
        """Note a problem at one of the keys; "" is the table itself."""
        self.origin.note((*self.path, key) if key else self.path, code, detail)

    def has(self, key: str) -> bool:
        """Whether the key is set and was not read yet."""
        return key in self._left

    def peek(self, key: str) -> object:
        """The value of a key that is not read yet, as it stands there."""
        return self._left.get(key)

    def needed_text(self, key: str) -> str:
        """A text that must be there."""
        return self._take(key, checks.full_text, "", needed=True)

    def text(self, key: str, default: str = "") -> str:
        """A text, also an empty one."""
        return self._take(key, checks.text, default)

    def maybe_text(self, key: str) -> str | None:
        """A text that is not empty, or nothing."""
        return self._take(key, checks.full_text, None)

    def needed_address(self, key: str) -> str:
        """A web address that must be there."""
        return self._take(key, checks.address, "", needed=True)

    def address(self, key: str, default: str = "") -> str:
        """A web address."""
        return self._take(key, checks.address, default)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return self._take(key, checks.flag, default)

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within limits."""
        return self._take(key, lambda value: checks.number(value, least, most), default)

    def day(self, key: str) -> date | None:
        """A date, or nothing."""
        return self._take(key, checks.day, None)

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, or nothing."""
        return self._take(key, checks.texts, None)

    def numbers(self, key: str, least: int, most: int) -> tuple[int, ...] | None:
        """A list of whole numbers within limits, or nothing."""
        return self._take(key, lambda value: checks.numbers(value, least, most), None)

    def choice(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        """One of the values of an enumeration."""
        return self._take(key, lambda value: checks.choice(kind, value), default)

    def maybe_choice(self, key: str, kind: type[Choice]) -> Choice | None:
        """One of the values of an enumeration, or nothing."""
        return self._take(key, lambda value: checks.choice(kind, value), None)

    def zone(self, key: str) -> str | None:
        """A time zone, or nothing."""
        return self._take(key, checks.zone, None)

    def table(self, key: str) -> Table:
        """A table in this table; an absent one is empty."""
        self._known.append(key)
        values = self._left.pop(key, {})
        if not isinstance(values, dict):
            self.note(key, "not_table")
            values = {}
        return Table(self.origin, (*self.path, key), values)

    def tables(self) -> list[tuple[str, Table]]:
        """All tables in this table, by name, in the order of the file."""
        return [(key, self.table(key)) for key in list(self._left)]

    def close(self) -> None:
        """Note every key that is not known here, with the most similar one that is."""
        for key in self._left:
            similar = difflib.get_close_matches(key, self._known, n=1)
            self.note(key, "unknown_key", f"; did you mean {similar[0]}?" if similar else "")

    def discard(self) -> None:
        """Give up on this table: its kind is unknown, so its keys cannot be judged."""
        self._left.clear()

    def _take(self, key: str, check: Callable[[object], T], default: T, *, needed: bool = False) -> T:
        self._known.append(key)
        if key not in self._left:
            if needed:
                self.note(key, "missing_key")
            return default
        try:
            return check(self._left.pop(key))
        except BadValue as bad:
            self.note(key, bad.code, bad.detail)
            return default
