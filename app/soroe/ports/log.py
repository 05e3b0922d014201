"""The log: what happened, told in numbers, codes and marks, never in anybody's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,80}")


@dataclass(frozen=True, slots=True)
class Id:
    """An id or a name, of an item, a calendar, a sync or an account; the log shows a mark in its place.

    The same id has the same mark in all logs and support bundles of one installation, and nobody can go back from the
    mark to the id. (Ids are not harmless: a calendar's is somebody's address.)
    """

    value: str

    def __repr__(self) -> str:
        return "Id(…)"


@dataclass(frozen=True, slots=True)
class Code:
    """A word from a list that a program keeps: an error code, the name of a class, a version.

    What does not look like one (spaces, an @, other scripts, more than 80 characters) is logged as `unclear`, because
    services do put people's words where a code should stand.
    """

    value: str

    def __str__(self) -> str:
        return self.value if _CODE.fullmatch(self.value) else "unclear"

    def __repr__(self) -> str:
        return f"Code({self})"


LogValue = int | float | bool | StrEnum | Id | Code | None
"""What may stand in a log line. Text may not: it has to be said whether it is an id or a code."""


class Log(Protocol):
    """Writes lines of an event's name and its values; never raises for trouble with the disk.

    Event names are fixed words of the program, such as `run_finished`. A value of any other type than `LogValue` raises
    `TypeError`.
    """

    def info(self, event: str, /, **values: LogValue) -> None:
        """Something happened as it should."""
        ...

    def warning(self, event: str, /, **values: LogValue) -> None:
        """Something that support would like to know."""
        ...

    def error(self, event: str, /, **values: LogValue) -> None:
        """Something went wrong."""
        ...

    def failure(self, event: str, error: BaseException, /, **values: LogValue) -> None:
        """Something went wrong with an exception: its class, its causes and its places in the code, not its text."""
        ...
