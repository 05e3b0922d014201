"""In which encoding a file that somebody exported is written."""

from __future__ import annotations


def encodings(content: bytes) -> tuple[str, ...]:
    """Those that programs write such files in, the likeliest first: old Outlook writes the language of Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\x1b$" in content:  # the shift to two bytes; the rest looks like ASCII, so UTF-8 would take it for that
        return ("iso2022_jp", "utf-8-sig")
    return ("utf-8-sig", "cp932")
