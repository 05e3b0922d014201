"""Read a CSV of activities row by row, with English or Japanese headings, as CRMs and spreadsheets write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from .remarks import NotReadable, Said, said
from .text_file import NotCertain, read_text, strict

MOST_BYTES = 100 * 1024 * 1024
MOST_OPEN_QUOTES = 100
"""Times that a file is read on behind a quotation mark that nothing closes."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
_HEADINGS = {
    "subject": ("subject", "title", "summary", "件名", "タイトル", "表題"),
    "type": ("type", "activity type", "activitytype", "kind", "category", "種別", "種類", "タイプ", "活動種別", "分類"),
    "start": ("start", "start date", "start at", "starts", "begin", "開始", "開始日時", "開始日"),
    "start time": ("start time", "開始時刻", "開始時間"),
    "end": ("end", "end date", "end at", "ends", "finish", "終了", "終了日時", "終了日"),
    "end time": ("end time", "終了時刻", "終了時間"),
    "all-day": ("all-day", "all day", "allday", "all day event", "終日", "終日イベント"),
    "location": ("location", "place", "where", "場所", "所在地"),
    "description": ("description", "notes", "note", "details", "memo", "詳細", "説明", "内容", "メモ", "備考"),
    "private": ("private", "confidential", "非公開", "プライベート"),
}
_YES = frozenset({"true", "yes", "y", "1", "x", "on", "t", "はい", "○", "◯", "✓", "有", "する", "終日", "非公開"})
_NO = frozenset({"false", "no", "n", "0", "", "off", "f", "-", "いいえ", "×", "無", "しない", "公開"})
_DATE = re.compile(
    r"(?:(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?|(?P<basic>\d{8})"
    r"|(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<y2>\d{4})|(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<y3>\d{4}))"
    r"(?:\s*[((][^))]*[))])?"
)
_TIME = re.compile(
    r"(?P<before>午前|午後|AM|PM)?\s*(?P<h>\d{1,2})[::時](?:(?P<min>\d{1,2})分?)?(?:[::](?P<s>\d{2})(?:\.\d+)?)?\s*"
    r"(?P<after>AM|PM)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


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
    names = _named(headings)
    rows = list(lines)
    if not rows and not any(line for line, _, _ in problems):
        raise NotReadable("file", said("nothing_below"))
    problems += _left_out(first, headings, names, rows)
    found = [(line, dict(zip(names, cells, strict=False))) for line, cells in rows]
    day_first = any(_is_day_first(cells.get(name, "")) for _, cells in found for name in ("start", "end"))
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
        except csv.Error as error:
            if begin + reader.line_num < len(lines) or anew == MOST_OPEN_QUOTES:
                problems.append((row, "row", said("row_broken", detail=str(error))))
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


def _named(headings: list[str]) -> list[str]:
    """Our names of the columns, empty for those we do not use."""
    known = {alias: name for name, aliases in _HEADINGS.items() for alias in aliases}
    names: list[str] = []
    for heading in headings:
        name = known.get(" ".join(heading.strip().lower().replace("_", " ").split()), "")
        names.append(name if name not in names else "")
    for needed in ("subject", "start"):
        if needed not in names:
            first = " / ".join(dict.fromkeys((needed, _japanese(needed))))
            raise NotReadable(needed, said("no_such_column", names=first))
    return names


def _japanese(name: str) -> str:
    return next(alias for alias in _HEADINGS[name] if not alias.isascii())


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
    start = _point(row, "start", zone)
    if start is None:
        raise NotReadable("start", said("empty"))
    end = _point(row, "end", zone, start)
    if _yes_or_no(row, "all-day") or not isinstance(start, datetime):
        return _days(start, end)
    if end is None:
        return start, start
    if not isinstance(end, datetime):
        raise NotReadable("end", said("end_without_time"))
    if end < start:
        raise NotReadable("end", said("end_before_start"))
    return start, end


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


def _point(row: Row, name: str, zone: str, like: date | datetime | None = None) -> date | datetime | None:
    """The date or time in a column and its time column; an end that is a time only is on the day of `like`."""
    written = row.text(name)
    apart = row.text(f"{name} time")
    if not written and apart and like is not None:
        written = f"{like:%Y-%m-%d}"
    if not written:
        return None
    if like is not None and (alone := _TIME.fullmatch(written)):
        day = like.date() if isinstance(like, datetime) else like
        return _moment(name, day, alone, zone)
    found = _DATE.match(written)
    if found is None:
        raise NotReadable(name, said("no_date", written=written[:40]))
    day = _day(name, found, day_first=row.day_first)
    rest = written[found.end() :].lstrip(" T\u3000") or apart
    if not rest:
        return day
    clock = _TIME.fullmatch(rest.strip())
    if clock is None:
        raise NotReadable(name, said("no_time", written=rest[:40]))
    return _moment(name, day, clock, zone)


def _is_day_first(written: str) -> bool:
    """Whether a date with slashes can only mean day/month/year; then all of the file do."""
    found = _DATE.match(written.strip())
    return bool(found and found["one"] and int(found["one"]) > 12)


def _day(name: str, found: re.Match[str], *, day_first: bool) -> date:
    if found["y"]:
        parts = found["y"], found["m"], found["d"]
    elif found["basic"]:
        parts = found["basic"][:4], found["basic"][4:6], found["basic"][6:]
    elif found["one"]:  # month first, as Outlook and Google export it
        one, two = (found["two"], found["one"]) if day_first else (found["one"], found["two"])
        parts = found["y2"], one, two
    else:
        parts = found["y3"], found["month"], found["day"]
    try:
        day = date(*map(int, parts))
    except ValueError as error:
        raise NotReadable(name, said("there_is_no_date", written=found[0])) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotReadable(name, said("year", year=day.year, first=FIRST_YEAR, last=LAST_YEAR))
    return day


def _moment(name: str, day: date, clock: re.Match[str], zone: str) -> datetime:
    hour, minute, second = int(clock["h"]), int(clock["min"] or 0), int(clock["s"] or 0)
    half = (clock["before"] or clock["after"] or "").upper()
    if half in {"PM", "午後"} and hour < 12:
        hour += 12
    elif half in {"AM", "午前"} and hour == 12:
        hour = 0
    try:
        wall = datetime.combine(day, time(hour, minute, second), ZoneInfo(zone))
    except ValueError as error:
        raise NotReadable(name, said("there_is_no_time", written=clock[0].strip())) from error
    offset = clock["offset"]
    if offset:
        away = "+00:00" if offset.upper() == "Z" else offset
        return datetime.fromisoformat(f"{wall:%Y-%m-%dT%H:%M:%S}{away}").astimezone(ZoneInfo(zone))
    return wall
