"""Exchange's recurrences: the six patterns and three ranges of the schema, and the days they stand for."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.soap import local, node
from soroe.sandbox.exchange.zones import read_day

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
INDEXES = ("First", "Second", "Third", "Fourth", "Last")
_SETS = {"Day": WEEK, "Weekday": WEEK[:5], "WeekendDay": WEEK[5:]}
_CHILDREN = {
    "RelativeYearlyRecurrence": ("DaysOfWeek", "DayOfWeekIndex", "Month"),
    "AbsoluteYearlyRecurrence": ("DayOfMonth", "Month"),
    "RelativeMonthlyRecurrence": ("Interval", "DaysOfWeek", "DayOfWeekIndex"),
    "AbsoluteMonthlyRecurrence": ("Interval", "DayOfMonth"),
    "WeeklyRecurrence": ("Interval", "DaysOfWeek", "FirstDayOfWeek"),
    "DailyRecurrence": ("Interval",),
    "NoEndRecurrence": ("StartDate",),
    "EndDateRecurrence": ("StartDate", "EndDate"),
    "NumberedRecurrence": ("StartDate", "NumberOfOccurrences"),
}
_OPTIONAL = ("FirstDayOfWeek",)
_PATTERNS = tuple(_CHILDREN)[:6]
_MOST_INTERVAL = {"DailyRecurrence": 999}
_MOST_OCCURRENCES = 999


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A pattern and its range; `pattern` and `range` hold the schema's own words in the schema's order."""

    kind: str
    pattern: tuple[tuple[str, str], ...]
    range_kind: str
    first: date
    last: date | None = None
    most: int | None = None

    @property
    def words(self) -> dict[str, str]:
        return dict(self.pattern)

    def beginning(self, day: date) -> Recurrence:
        """The same from another first day on."""
        return Recurrence(self.kind, self.pattern, self.range_kind, day, self.last, self.most)


def read_recurrence(element: Element) -> Recurrence:
    """Reads a Recurrence element; what the schema does not allow is refused."""
    parts = list(element)
    if len(parts) != 2 or local(parts[0]) not in _PATTERNS or local(parts[1]) not in _CHILDREN:
        raise schema("The element 'Recurrence' has incomplete or invalid content.")
    pattern, limits = _words(parts[0]), _words(parts[1])
    kind = local(parts[0])
    _check(kind, pattern)
    first = read_day(limits["StartDate"])
    last = read_day(limits["EndDate"]) if "EndDate" in limits else None
    most = _number(limits, "NumberOfOccurrences", _MOST_OCCURRENCES) if "NumberOfOccurrences" in limits else None
    return Recurrence(kind, tuple(pattern.items()), local(parts[1]), first, last, most)


def shown_recurrence(recurrence: Recurrence) -> Element:
    pattern = node(f"t:{recurrence.kind}", *(node(f"t:{name}", text) for name, text in recurrence.pattern))
    limits = node(f"t:{recurrence.range_kind}", node("t:StartDate", recurrence.first.isoformat()))
    if recurrence.last is not None:
        limits.append(node("t:EndDate", recurrence.last.isoformat()))
    if recurrence.most is not None:
        limits.append(node("t:NumberOfOccurrences", str(recurrence.most)))
    return node("t:Recurrence", pattern, limits)


def days_of(recurrence: Recurrence, until: date) -> Iterator[date]:
    """Yields the days of a series in order, up to and with `until`; deleted ones are among them."""
    last = until if recurrence.last is None else min(until, recurrence.last)
    number = 0
    for day in _endless(recurrence):
        if day > last or number == recurrence.most:
            return
        if day >= recurrence.first:
            number += 1
            yield day


def _endless(recurrence: Recurrence) -> Iterator[date]:
    words = recurrence.words
    step = int(words.get("Interval", "1"))
    try:
        if recurrence.kind == "DailyRecurrence":
            yield from (recurrence.first + timedelta(days=step * n) for n in count())
        elif recurrence.kind == "WeeklyRecurrence":
            yield from _weekly(words, recurrence.first, step)
    except OverflowError:  # the calendar ends with the year 9999
        return
    yearly = "Yearly" in recurrence.kind
    begin = recurrence.first.year * 12 + recurrence.first.month - 1
    if yearly:
        begin = recurrence.first.year * 12 + MONTHS.index(words["Month"])
    for number in range(begin, 9999 * 12, 12 if yearly else step):
        yield _day_in_month(words, number // 12, number % 12 + 1)


def _weekly(words: dict[str, str], first: date, step: int) -> Iterator[date]:
    wanted = {WEEK.index(day) for name in words["DaysOfWeek"].split() for day in _SETS.get(name, (name,))}
    week = first - timedelta(days=(first.weekday() - WEEK.index(words.get("FirstDayOfWeek", "Sunday"))) % 7)
    for n in count():
        for offset in range(7):
            day = week + timedelta(days=7 * step * n + offset)
            if day.weekday() in wanted:
                yield day


def _day_in_month(words: dict[str, str], year: int, month: int) -> date:
    length = monthrange(year, month)[1]
    if "DayOfMonth" in words:
        return date(year, month, min(int(words["DayOfMonth"]), length))
    name = words["DaysOfWeek"]
    wanted = {WEEK.index(day) for day in _SETS.get(name, (name,))}
    fitting = [date(year, month, n) for n in range(1, length + 1) if date(year, month, n).weekday() in wanted]
    return fitting[-1] if words["DayOfWeekIndex"] == "Last" else fitting[INDEXES.index(words["DayOfWeekIndex"])]


def _words(element: Element) -> dict[str, str]:
    """The children of a pattern or range, which have to be the schema's, in the schema's order."""
    allowed = _CHILDREN[local(element)]
    names = [local(child) for child in element]
    wanted = [name for name in allowed if name in names or name not in _OPTIONAL]
    if names != wanted:
        raise schema(f"The element '{local(element)}' has invalid content: expected {', '.join(allowed)}.")
    return {local(child): (child.text or "").strip() for child in element}


def _check(kind: str, words: dict[str, str]) -> None:
    if "Interval" in words:
        _number(words, "Interval", _MOST_INTERVAL.get(kind, 99))
    if "DayOfMonth" in words:
        _number(words, "DayOfMonth", 31)
    for name, known in (("Month", MONTHS), ("DayOfWeekIndex", INDEXES), ("FirstDayOfWeek", WEEK)):
        if name in words and words[name] not in known:
            raise schema(f"The value '{words[name]}' of '{name}' fails the enumeration constraint.")
    days = words.get("DaysOfWeek", "").split()
    if "DaysOfWeek" in words and (not days or any(day not in WEEK and day not in _SETS for day in days)):
        raise schema(f"The value '{words['DaysOfWeek']}' of 'DaysOfWeek' fails the enumeration constraint.")
    if kind.startswith("Relative") and len(days) != 1:
        raise EwsError("ErrorCalendarInvalidDayForTimeChangePattern", "Exactly one day of the week is needed.")


def _number(words: dict[str, str], name: str, most: int) -> int:
    text = words[name]
    if not text.isdecimal():
        raise schema(f"The value '{text}' of '{name}' is invalid according to its datatype 'int'.")
    if not 1 <= int(text) <= most:
        raise EwsError("ErrorCalendarInvalidRecurrence", f"{name} has to be between 1 and {most}.")
    return int(text)
