"""What argparse says of a wrong command line, in our own words: it knows one language, and changes it by version."""

from __future__ import annotations

import re
from typing import Protocol


class Words(Protocol):
    """Finds sentences (`soroe.ui.texts.Texts`)."""

    def __call__(self, key: str, **values: object) -> str:
        """The sentence for a key."""
        ...


_SAID: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (?P<what>.+)", "required"),
    (r"unrecognized arguments: (?P<what>.+)", "unknown"),
    (r"argument (?P<argument>.+?): invalid choice: (?P<value>.+?) \(.*?choose from (?P<choices>.+)\)", "choice"),
    (r"argument (?P<argument>.+?): invalid int value: (?P<value>.+)", "number"),
    (r"argument (?P<argument>.+?): invalid fromisoformat value: (?P<value>.+)", "date"),
    (r"argument (?P<argument>.+?): invalid .+ value: (?P<value>.+)", "value"),
    (r"argument (?P<argument>.+?): ignored explicit argument (?P<value>.+)", "value"),
    (r"argument (?P<argument>.+?): expected .+", "expected"),
)


def usage_words(texts: Words, said: str) -> str:
    """The sentence for a message of argparse; one that is not known stands as it is."""
    for pattern, name in _SAID:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found is not None:
            return texts(f"cli.usage.{name}", **found.groupdict())
    return said
