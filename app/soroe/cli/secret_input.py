"""Reading one secret from stdin: a line of a pipe, or typed unseen at a terminal."""

from __future__ import annotations

import unicodedata
from getpass import getpass

from .context import Context
from .exits import CommandError

LONGEST = 10_000


def read_secret(context: Context, field: str) -> str:
    """The next line of stdin without its end; asks on a terminal only.

    Raises `CommandError` for an empty one, and for what can be no secret: longer than 10,000 characters, or no text.
    """
    typed = context.stdin.isatty()
    line = getpass(f"{context.texts(field)}: ") if typed else context.stdin.readline(LONGEST + 1)
    secret = line.removeprefix("\ufeff").rstrip("\r\n")  # PowerShell marks what it pipes
    if not secret:
        raise CommandError("secret_empty", field=context.texts(field))
    if len(secret) > LONGEST or any(unicodedata.category(character) in {"Cc", "Cs"} for character in secret):
        raise CommandError("secret_is_none", field=context.texts(field))
    return secret
