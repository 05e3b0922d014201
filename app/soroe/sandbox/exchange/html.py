"""Between plain words and the pages Exchange keeps them in."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_BLOCKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3"))
_SILENT = frozenset(("style", "script", "head", "title"))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def words_of(page: str) -> str:
    """The words of a page, one paragraph a line, as Exchange gives a text body of an HTML item."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.parts).split("\n")).strip()


def page_of(words: str) -> str:
    """Plain words as a page of HTML."""
    lines = "<br>\r\n".join(escape(line) for line in words.splitlines())
    kind = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    return f"<html>\r\n<head>\r\n{kind}\r\n</head>\r\n<body>\r\n{lines}\r\n</body>\r\n</html>\r\n"
