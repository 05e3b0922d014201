"""Trim and cut: what a text loses on its way into a CRM."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_HTML = re.compile(r"</?(?:p|br|div|span|b|i|u|em|strong|ul|ol|li|a|h[1-6]|table|tr|td|html|body)\b[^<>]*>|<!--", re.I)
_BLOCKS = {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"}
_SILENT = {"script", "style", "head", "title"}
_BLANK_LINES = re.compile(r"\n{3,}")
ELLIPSIS = "…"


def trimmed(text: str) -> str:
    """The text without white space and line breaks at its ends (SF-1)."""
    return text.strip()


def cut(text: str, limit: int | None) -> str:
    """The text within a limit in characters, ending in an ellipsis where it was cut (ESM-IL1, never silently)."""
    if limit is None or len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS if limit > 1 else text[:limit]


def plain(text: str) -> str:
    """The text without HTML: line breaks for blocks, addresses of links kept; plain text comes back unchanged."""
    if not _HTML.search(text):
        return text
    reader = _PlainText()
    reader.feed(text)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "a":
            self._address = dict(attrs).get("href") or ""
        elif tag in _BLOCKS:
            self._line()
            if tag == "li":
                self.parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            if self._address and self._address not in "".join(self.parts[-1:]):
                self.parts.append(f" ({self._address})")
            self._address = ""
        elif tag in _BLOCKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
