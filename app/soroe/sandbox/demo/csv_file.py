"""Read a CSV of activities row by row, with English or Japanese headings, as CRMs and spreadsheets write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from .csv_headings import named
from .csv_times import Order, Written, order_of, plain, read_length, read_point
from .remarks import NotReadable, Said, said
from .text_file import NotCertain, read_text, strict

MOST_BYTES = 100 * 1024 * 1024
MOST_OPEN_QUOTES = 100
"""Times that a file is read on behind a quotation mark that nothing closes."""
_YES = frozenset({"true", "yes", "y", "1", "x", "on", "t", "はい", "○", "◯", "✓", "有", "する", "終日", "非公開"})
_NO = frozenset({"false", "no", "n", "0", "", "off", "f", "-", "いいえ", "×", "無", "しない", "公開"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row by our names of its columns, and the line of the file it ends in."""

    line: int
    cells: Mapping[str, str]
    day_first: bool

    def text(self, name: str) -> str:
        """The cell, empty where the file has no such column."""
        return self.cells.get(name, "").strip()


@dataclass(frozen=True, slots=True)
class Activity:
    """A row that was understood; an all-day `end` is the day after the last."""

    line: int
    subject: str
    kind: str
    start: date | datetime
    end: date | datetime
    place: str
    notes: str
    private: bool


def read_rows(content: bytes, problems: list[tuple[int, str, Said]], encoding: str = "") -> list[Row]:
    """The rows below the headings; broken ones go to `problems`, and so does what concerns the whole file, as line 0.

    `encoding` is what the user says that it is written in. Raises `NotReadable` for a file that is none.
    """
    text = _decoded(content, encoding, problems)
    if not text.strip():
        raise NotReadable("file", said("empty_file"))
    if "\x00" in text:
        raise NotReadable("file", said("no_text_file"))
    csv.field_size_limit(MOST_BYTES)
    lines = (line for line in _lines(text, problems) if any(map(str.strip, line[1])))
    first, headings = next(lines, (0, []))
    names = named(headings)
    rows = list(lines)
    if not rows and not any(line for line, _, _ in problems):
        raise NotReadable("file", said("nothing_below"))
    problems += _left_out(first, headings, names, rows)
    found = [(line, dict(zip(names, cells, strict=False))) for line, cells in rows]
    order = order_of([plain(cells.get(name, "")) for _, cells in found for name in ("start", "end")])
    if order is Order.EITHER:
        problems.append((0, "start", said("either_order")))
    if order is Order.BOTH:
        problems.append((0, "start", said("both_orders")))
    day_first = order is Order.DAY_FIRST
    return [Row(line, {k: v for k, v in cells.items() if k}, day_first) for line, cells in found]


def _lines(text: str, problems: list[tuple[int, str, Said]]) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line that it ends in; after a broken one it goes on with the next line."""
    delimiter, begin = _delimiter(text)
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines[begin:], delimiter=delimiter, strict=True)
    anew = 0
    while True:
        row = begin + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if begin + reader.line_num < len(lines) or anew == MOST_OPEN_QUOTES:
                problems.append((row, "row", said("row_broken")))
                continue
            # A quotation mark that nothing closes has swallowed the rest of the file.
            problems.append((row, "row", said("open_quote")))
            anew, begin = anew + 1, row
            reader = csv.reader(lines[begin:], delimiter=delimiter, strict=True)
            continue
        yield begin + reader.line_num, cells


def _left_out(
    first: int, headings: list[str], names: list[str], rows: list[tuple[int, list[str]]]
) -> Iterator[tuple[int, str, Said]]:
    """What the rows hold beyond the columns that are taken: told, because it will be in no CRM."""
    for place, heading in enumerate(headings):
        if not names[place] and any(cells[place].strip() for _, cells in rows if place < len(cells)):
            name = " ".join(heading.split())[:40]
            what = said("column_not_taken") if name else said("unnamed_column_not_taken", number=place + 1)
            yield first, name, what
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(headings) :]):
            yield line, "row", said("beyond_columns", count=len(headings))


def _decoded(content: bytes, told: str, problems: list[tuple[int, str, Said]]) -> str:
    if len(content) > MOST_BYTES:
        raise NotReadable("file", said("too_large"))
    try:
        read = read_text(content, partial(strict, content), told)
    except NotCertain as error:
        raise NotReadable("file", error.what) from error
    if read.taken:
        problems.append((0, "file", said("read_as", encoding=read.taken)))
    return read.text


def _delimiter(text: str) -> tuple[str, int]:
    """What parts the columns, and how many lines stand before them: Excel may say it in a line of its own."""
    first = text.lstrip().partition("\n")[0].strip()
    if told := re.fullmatch(r"sep=(.)", first, re.IGNORECASE):
        return told[1], text[: text.index(first)].count("\n") + 1
    return max((",", ";", "\t"), key=first.count), 0


# --- one row ---
def understood(row: Row, zone: str) -> Activity:
    """The activity in a row; times without an offset are in `zone`. Raises `NotReadable` naming the column."""
    subject = " ".join(row.text("subject").split())
    if not subject:
        raise NotReadable("subject", said("empty"))
    for name, value, most in (
        ("subject", subject, 255),
        ("location", row.text("location"), 1000),
        ("description", row.text("description"), 32000),
    ):
        if len(value) > most:
            raise NotReadable(name, said("too_long", count=len(value), most=most))
    start, end = _times(row, zone)
    return Activity(
        row.line, subject, row.text("type"), start, end, row.text("location"), row.text("description"),
        _yes_or_no(row, "private"),
    )  # fmt: skip # short values, several a line


def _times(row: Row, zone: str) -> tuple[date | datetime, date | datetime]:
    start = read_point(_written(row, "start"), zone)
    if start is None:
        raise NotReadable("start", said("empty"))
    end = read_point(_written(row, "end"), zone, start)
    if _yes_or_no(row, "all-day") or not isinstance(start, datetime):
        return _days(start, end)
    if end is None:
        return start, start + _length(row)
    if not isinstance(end, datetime):
        raise NotReadable("end", said("end_without_time"))
    if end < start:
        raise NotReadable("end", said("end_before_start"))
    return start, end


def _written(row: Row, name: str) -> Written:
    return Written(name, row.text(name), row.text(f"{name} time"), row.day_first)


def _length(row: Row) -> timedelta:
    """How long it takes by a column of its own."""
    for name in ("minutes", "duration"):
        found = read_length(name, row.text(name), minutes=name == "minutes")
        if found is not None:
            return found
    return timedelta()


def _days(start: date | datetime, end: date | datetime | None) -> tuple[date, date]:
    """Whole days. The end names the last day, unless it is a midnight, which ends the day before."""
    first = start.date() if isinstance(start, datetime) else start
    if end is None:
        return first, first + timedelta(days=1)
    last = end.date() if isinstance(end, datetime) else end
    if last < first:
        raise NotReadable("end", said("end_before_start"))
    midnight = isinstance(end, datetime) and end.time() == time() and last > first
    return first, last if midnight else last + timedelta(days=1)


def _yes_or_no(row: Row, name: str) -> bool:
    word = row.text(name).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotReadable(name, said("neither_yes_nor_no", written=word[:40]))
