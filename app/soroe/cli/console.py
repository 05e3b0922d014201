"""Where a command's words go: answers to stdout, progress to stderr, and nothing that could steer a terminal."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .usage import Words

GAP = "  "


def clean(text: str) -> str:
    """The text without control characters: a title from a server must not move the cursor or recolour the terminal."""
    return "".join(" " if character in "\t\r\n" else character for character in text if not _steers(character))


def _steers(character: str) -> bool:
    return character not in "\t\r\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs"}


def width(text: str) -> int:
    """How many columns a terminal gives to a text: wide East Asian characters take two, combining marks none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def shortened(text: str, columns: int) -> str:
    """The text in at most so many columns, with an ellipsis where something was left out."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        used += _columns(character)
        if used > columns - 1:
            break
        kept += character
    return kept + "…"


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; empty columns are left out."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(width(row[place]) for row in cells) for place in range(len(cells[0]))]
    return [_line(row, widths) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    shown = [cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True) if room]
    return GAP.join(shown).rstrip()


class Console:
    """The output of one command: with `as_json` one document on stdout, else lines for people."""

    def __init__(self, out: TextIO, err: TextIO, *, as_json: bool) -> None:
        self._out = out
        self._err = err
        self.as_json = as_json
        self._lacking = ""  # the encoding that lacked a character of the answer
        self._shown = ""

    def lines(self, lines: Iterable[str]) -> None:
        """Lines for people, on stdout."""
        for line in lines:
            text = "\n".join(clean(part) for part in line.split("\n"))
            if not self._lacking and not _holds(self._out, text):
                self._lacking = _encoding(self._out)
            self._write(self._out, text)

    def document(self, document: Mapping[str, object]) -> None:
        """The one JSON document, on stdout."""
        text = json.dumps(document, ensure_ascii=False, indent=2)
        if not _holds(self._out, text):  # JSON can escape it
            text = json.dumps(document, indent=2)
        self._write(self._out, text)

    def note(self, text: str) -> None:
        """A line beside the answer, on stderr: progress, hints, errors."""
        self.end_progress()
        self._write(self._err, "\n".join(clean(part) for part in text.split("\n")))

    def told(self, texts: Words) -> None:
        """The answer is told: say why question marks stand in it, where they do."""
        if self._lacking:
            self.note(texts("cli.lacking", encoding=self._lacking))
            self._lacking = ""

    def progress(self, text: str, *, phase: str) -> None:
        """How far it is, on stderr: rewritten in place on a terminal, else once a phase."""
        if not self._err.isatty():
            if phase != self._shown:
                self._shown = phase
                self._write(self._err, clean(text))
            return
        room = max(0, width(self._shown) - width(text))
        self._err.write("\r" + clean(text) + " " * room)
        self._err.flush()
        self._shown = text

    def end_progress(self) -> None:
        """Nothing more is going on: clear the line on a terminal."""
        if self._shown and self._err.isatty():
            self._err.write("\r" + " " * width(self._shown) + "\r")
            self._err.flush()
        self._shown = ""

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            write_line(stream, text)
        except NotWritten:
            if stream is not self._err:  # what is said beside the answer stops nothing
                raise


class NotWritten(Exception):
    """The answer could not be written where it was to go; the text is the system's reason."""


def write_line(stream: TextIO, text: str) -> None:
    """Write a line, with a question mark for what the stream's encoding lacks; raises `NotWritten`.

    A stream that failed once takes nothing more: Python would fail again when it ends.
    """
    encoding = _encoding(stream)
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:  # `soroe plan | head` has read enough; what was asked for is still carried out
        _turn_away(stream)
    except OSError as error:
        _turn_away(stream)
        raise NotWritten(error.strerror or type(error).__name__) from error


def _holds(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has every character of the text."""
    try:
        text.encode(_encoding(stream))
    except UnicodeEncodeError:
        return False
    return True


def _encoding(stream: TextIO) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _turn_away(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
