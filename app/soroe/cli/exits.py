"""How a command ends: its exit code, and the errors that commands raise themselves."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    FAILURES = 1
    USAGE = 2
    SIGN_IN = 3
    UNREACHABLE = 4
    HELD = 5


_URGENCY = (Exit.USAGE, Exit.SIGN_IN, Exit.UNREACHABLE, Exit.HELD, Exit.FAILURES, Exit.DONE)


def worst(exits: Iterable[Exit]) -> Exit:
    """The code that a script should see when several things ended differently: what a person must mend comes first."""
    return min(exits, key=_URGENCY.index, default=Exit.DONE)


class CommandError(Exception):
    """A command cannot do what was asked. `code` is worded as `cli.error.<code>` with `values`."""

    def __init__(self, code: str, exit_code: Exit = Exit.USAGE, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.values = values
