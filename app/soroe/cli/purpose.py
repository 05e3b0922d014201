"""What a command line is for, told without reading it: the tray must not wait for the parser of commands."""

from __future__ import annotations

from collections.abc import Sequence

_OPTIONS = frozenset({"-h", "--help", "--version", "--json"})
"""Options that stand before a command, or alone."""


def is_for_the_tray(argv: Sequence[str]) -> bool:
    """Without a command the tray app is meant, also with options of its own or a deep link."""
    first = argv[0] if argv else ""
    return not first or first.startswith("soroe:") or (first.startswith("-") and first not in _OPTIONS)
