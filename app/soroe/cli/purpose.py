"""What a command line is for, told without reading it: the tray must not wait for the parser of commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_OURS = frozenset({"--window", "--hidden"})
"""`--hidden` is what desktop files usually say for a tray that shows no window, which ours does not in any case."""
_OURS_WITH_VALUE = frozenset({"--reconnect"})
_QTS = frozenset({"reverse", "widgetcount", "nograb", "dograb", "testability", "qdebug"})
_QTS_WITH_VALUE = frozenset(
    {"platform", "platformpluginpath", "platformtheme", "plugin", "session", "style", "stylesheet", "display", "name"}
    | {"geometry", "qwindowgeometry", "title", "qwindowtitle", "icon", "qwindowicon", "visual", "qmljsdebugger"}
)
"""Options of Qt, which session managers and desktop files pass; Qt takes them with one dash or two."""


def is_for_the_tray(argv: Sequence[str]) -> bool:
    """Whether the tray app is meant: there is nothing but its own options, Qt's, and deep links.

    An option that nobody knows is no wish for the tray: it is left to the parser, which refuses it with words.
    """
    words = iter(argv)
    return all(not word or word.startswith("soroe:") or _known(word, words) for word in words)


def _known(option: str, rest: Iterator[str]) -> bool:
    """Whether the tray or Qt knows an option; the value that it needs is taken from the words after it."""
    if option in _OURS:
        return True
    if not option.startswith("-"):
        return False
    said, is_joined, value = option.partition("=")
    if said in _OURS_WITH_VALUE:
        value = value if is_joined else next(rest, "")
        return bool(value) and not value.startswith("-")
    name = said.removeprefix("-").removeprefix("-")
    if name in _QTS_WITH_VALUE:
        return bool(is_joined) or next(rest, None) is not None
    return name in _QTS or option.startswith("-psn_")  # a Mac's number of the process
