"""In which encoding a file that somebody exported is written: told only where it can be told surely."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from soroe.core.event import Window

from .remarks import Said, said

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
JAPANESE, WESTERN, MAIL = "Shift_JIS (cp932)", "Windows-1252", "ISO-2022-JP"
"""The names that people know: what Windows writes in Japan and in the west of Europe, and Japanese mail."""
_STRAY = 0.02
"""Of the characters beyond ASCII: how many may be odd, for somebody's own signs and slips of the pen."""
_HIGH = r"\u0080-\U0010ffff"
_LOWER = "ß-öø-ÿœšž"
_UPPER = "À-ÖØ-ÞŒŠŽŸ"
_JOINS = "’‘–—…·•\xa0\xad"
_SIGNS = "“”„«»¡¿°§½¼¾²³µ£€®©™ªº×"
_IN_THE_WEST = re.compile(
    rf"(?<=[A-Za-z])[{_LOWER}]|[{_LOWER}](?=[A-Za-z])|(?<=[A-Z])[{_UPPER}]"
    rf"|(?:(?<![a-z{_HIGH}])|(?<=[{_JOINS}{_SIGNS}]))[{_UPPER}](?=[A-Za-z])"
    rf"|(?<![A-Za-z{_HIGH}])[{_LOWER}{_UPPER}](?![A-Za-z{_HIGH}])"
    rf"|[{_JOINS}]|(?<![A-Za-z])[{_SIGNS}]|[{_SIGNS}](?![A-Za-z])"
)
"""A letter with a mark beside plain ones, in the middle of a word in lower case only, or alone; a sign where it can be.

Two bytes of a Japanese character hardly ever look so: the first of every kana and most others is a sign of no use.
"""

_ALONE = re.compile(rf"(?<![A-Za-z0-9{_HIGH}])[{_HIGH}](?![A-Za-z0-9{_HIGH}])")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the user's. `encoding` is what he says that it is written in; empty where that has to be found out.

    `shown` are the days that are synced: how much of the file lies outside is told.
    """

    path: Path
    encoding: str = ""
    shown: Window | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says. `taken` names the encoding that had to be concluded; empty for UTF-8 and what was told."""

    text: str
    taken: str = ""


class NotCertain(Exception):
    """The encoding is not certain, or not what it is said to be."""

    def __init__(self, what: Said) -> None:
        super().__init__(what)
        self.what = what


Decode = Callable[[str], str | None]
"""The file's whole text by an encoding, or None if it is not written in that."""


def outside(count: int, shown: Window) -> Said:
    """How much of a file is before or after the days that are synced."""
    return said("outside", count=count, first=shown.first.isoformat(), last=shown.last.isoformat())


def is_encoding(name: str) -> bool:
    """Whether there is an encoding of texts with this name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def strict(content: bytes, encoding: str) -> str | None:
    """All of it by this encoding, or None."""
    try:
        return content.decode(encoding)
    except UnicodeError:
        return None


def read_text(content: bytes, decode: Decode, told: str = "", named: str = "") -> Text:
    """The text of a file; raises `NotCertain` rather than to take one encoding for another.

    By what the user says (`told`); by the mark at its beginning; UTF-8, which nothing else looks like; by what the file
    says of itself (`named`); else Shift_JIS or Windows-1252, if it reads well in one of them and in the other not.
    """
    if told:
        return Text(_sure(decode, told).removeprefix("\ufeff"))
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Text(_sure(decode, encoding))
    if b"\x1b$" in content and content.isascii():  # the shift to two bytes, which UTF-8 would take for plain ASCII
        text = decode("iso2022_jp")
        if text is not None:
            return Text(text, MAIL)
    text = decode("utf-8")
    if text is not None:
        return Text(text)
    if named and is_encoding(named):
        text = decode(named)
        if text is not None:
            return Text(text, named)
    found = [] if b"\x00" in content else [Text(text, name) for name, text in _readings(decode)]
    if len(found) != 1:
        raise NotCertain(said("encoding_not_certain"))
    return found[0]


def _sure(decode: Decode, encoding: str) -> str:
    text = decode(encoding)
    if text is None:
        raise NotCertain(said("other_encoding", encoding=encoding.removesuffix("-sig").upper()))
    return text


def _readings(decode: Decode) -> list[tuple[str, str]]:
    """Those of the two in which the text reads well."""
    japanese, western = decode("cp932"), decode("cp1252")
    found = []
    if japanese is not None and reads_japanese(japanese):
        found.append((JAPANESE, japanese))
    if western is not None and reads_western(western):
        found.append((WESTERN, western))
    return found


def reads_japanese(text: str) -> bool:
    """Whether the characters beyond ASCII are mostly usual ones of Japanese, and mostly in words of their own.

    Of Western letters taken for Shift_JIS each stands between plain letters, as a rare character.
    """
    runs = re.findall(rf"[{_HIGH}]+", text)
    counted = Counter("".join(runs))
    total = counted.total()
    usual = sum(count for character, count in counted.items() if _is_usual(character))
    odd = sum(count for character, count in counted.items() if "\ue000" <= character <= "\uf8ff" or character < "\xa0")
    words = sum(len(run) for run in runs if len(run) > 1) + len(_ALONE.findall(text))
    return 2 * usual >= total and 2 * words >= total and odd <= _STRAY * total


def reads_western(text: str) -> bool:
    """Whether the letters with marks stand in words, and the signs where signs stand."""
    total = len(re.findall(rf"[{_HIGH}]", text))
    return total - sum(1 for _ in _IN_THE_WEST.finditer(text)) <= _STRAY * total


def _is_usual(character: str) -> bool:
    """Kana, signs of Japanese, and the 2,965 characters of the first level, which are those of daily use."""
    written = character.encode("cp932", "ignore")
    return len(written) == 2 and written < b"\x98\x9f"
