"""What a text loses on its way into a CRM: its HTML, and what is too long."""

from __future__ import annotations

import re

_HTML = re.compile(r"</?(?:p|br|div|span|b|i|u|em|strong|ul|ol|li|a|h[1-6]|table|tr|td|html|body)\b[^<>]*>|<!--", re.I)
_BLANK_LINES = re.compile(r"\n{3,}")
ELLIPSIS = "…"


def cut(text: str, limit: int | None) -> str:
    """The text within a limit in characters, ending in an ellipsis where it was cut (ESM-IL1, never silently)."""
    if limit is None or len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS if limit > 1 else text[:limit]


def plain(text: str) -> str:
    """The text without HTML: line breaks for blocks, addresses of links kept; plain text comes back unchanged."""
    if "<" not in text or not _HTML.search(text):
        return text
    from .html_text import PlainText  # few notes are HTML, and Python's parser is large

    reader = PlainText()
    reader.feed(text)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
