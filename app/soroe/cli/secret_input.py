"""Reading one secret from stdin: a line of a pipe, or typed unseen at a terminal."""

from __future__ import annotations

from getpass import getpass

from .context import Context
from .exits import CommandError

LONGEST = 10_000


def read_secret(context: Context, field: str) -> str:
    """The next line of stdin without its end; asks on a terminal only. An empty one raises `CommandError`."""
    typed = context.stdin.isatty()
    line = getpass(f"{context.texts(field)}: ") if typed else context.stdin.readline(LONGEST)
    secret = line.rstrip("\r\n")
    if not secret:
        raise CommandError("secret_empty", field=context.texts(field))
    return secret
