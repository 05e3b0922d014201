"""Which days a rule of RFC 5545 names, found by asking every day whether it belongs; and libical, where there is one.

Made from the table in RFC 5545, 3.3.10, and without the library that the program walks rules with.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date, timedelta

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)


class Rule:
    """A rule whose parts are days: FREQ of days to years, and every BY… part of a day."""

    def __init__(self, text: str, first: date) -> None:
        self._first = first
        parts = dict(part.split("=") for part in text.split(";"))
        self._frequency = parts["FREQ"]
        self._interval = int(parts.get("INTERVAL", "1"))
        self._count = int(parts.get("COUNT", "1000000"))
        until = parts.get("UNTIL")
        self._until = date.fromisoformat(until[:8]) if until else date.max
        self._week_start = NAMES.index(parts.get("WKST", "MO"))
        self._positions = _numbers(parts, "BYSETPOS")
        self._months, self._weeks = _numbers(parts, "BYMONTH"), _numbers(parts, "BYWEEKNO")
        self._year_days, self._month_days = _numbers(parts, "BYYEARDAY"), _numbers(parts, "BYMONTHDAY")
        self._days = (
            [(int(day[:-2] or 0), NAMES.index(day[-2:])) for day in parts["BYDAY"].split(",")]
            if ("BYDAY" in parts)
            else []
        )

    def days(self, last: date) -> Iterator[date]:
        """The days in order, from the first occurrence on."""
        left, day = self._count, self._first
        while day <= min(last, self._until):
            begin, end = self._period(day)
            for chosen in self._chosen(begin, end):
                if self._first <= chosen <= min(last, self._until) and left:
                    left -= 1
                    yield chosen
            if not left:
                return
            day = end + _DAY

    def _period(self, day: date) -> tuple[date, date]:
        """The stretch of days within which a rule chooses: the day, its week, month or year."""
        match self._frequency:
            case "DAILY":
                return day, day
            case "WEEKLY":
                monday = day - timedelta(days=(day.weekday() - self._week_start) % 7)
                return monday, monday + timedelta(days=6)
            case "MONTHLY":
                return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
            case _:
                return date(day.year, 1, 1), date(day.year, 12, 31)

    def _chosen(self, begin: date, end: date) -> list[date]:
        if self._steps(begin) % self._interval:
            return []
        days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
        found = [day for day in days if self._belongs(day)]
        if self._positions:
            places = {position - 1 if position > 0 else len(found) + position for position in self._positions}
            found = [day for place, day in enumerate(found) if place in places]
        return found

    def _steps(self, begin: date) -> int:
        start = self._period(self._first)[0]
        match self._frequency:
            case "DAILY":
                return (begin - start).days
            case "WEEKLY":
                return (begin - start).days // 7
            case "MONTHLY":
                return (begin.year - start.year) * 12 + begin.month - start.month
            case _:
                return begin.year - start.year

    def _belongs(self, day: date) -> bool:
        if self._months and day.month not in self._months:
            return False
        if self._weeks and not self._in_weeks(day):
            return False
        year = 366 if isleap(day.year) else 365
        if self._year_days and not _counted(day.timetuple().tm_yday, year, self._year_days):
            return False
        if self._month_days and not _counted(day.day, monthrange(day.year, day.month)[1], self._month_days):
            return False
        if self._days:
            return any(self._is_day(day, number, name) for number, name in self._days)
        return bool(self._year_days or self._month_days) or self._as_the_first(day)

    def _as_the_first(self, day: date) -> bool:
        """What a rule leaves out, its first occurrence says."""
        first = self._first
        match self._frequency:
            case "DAILY":
                return True
            case "WEEKLY":
                return day.weekday() == first.weekday()
            case "MONTHLY":
                return day.day == first.day
            case _ if self._weeks:
                return day.weekday() == first.weekday()
            case _:
                return day.day == first.day and bool(self._months or day.month == first.month)

    def _is_day(self, day: date, number: int, name: int) -> bool:
        if day.weekday() != name:
            return False
        if number == 0 or self._frequency in {"DAILY", "WEEKLY"}:
            return True
        of_month = self._frequency == "MONTHLY" or self._months
        place = day.day if of_month else day.timetuple().tm_yday
        length = monthrange(day.year, day.month)[1] if of_month else (366 if isleap(day.year) else 365)
        return number in {(place - 1) // 7 + 1, -((length - place) // 7 + 1)}

    def _in_weeks(self, day: date) -> bool:
        """Whether the week of a day is one of the numbered ones of the day's own calendar year."""
        first = self._first_week(day.year)
        total = (self._first_week(day.year + 1) - first).days // 7
        place = (day - first).days // 7
        return any(place == (number - 1 if number > 0 else total + number) for number in self._weeks) and (
            0 <= place < total
        )

    def _first_week(self, year: int) -> date:
        """The first day of the first week that has four days of the year."""
        fourth = date(year, 1, 4)
        return fourth - timedelta(days=(fourth.weekday() - self._week_start) % 7)


def _numbers(parts: dict[str, str], name: str) -> list[int]:
    return [int(one) for one in parts[name].split(",")] if name in parts else []


def _counted(place: int, length: int, wanted: list[int]) -> bool:
    return place in wanted or place - length - 1 in wanted


class Libical:
    """libical's own expansion, which calendars of GNOME and KDE show: C code, and no relative of ours."""

    def __init__(self, name: str) -> None:
        self._expand = ctypes.CDLL(name).icalrecur_expand_recurrence
        self._expand.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_int, ctypes.POINTER(ctypes.c_int64)]
        self._expand.restype = ctypes.c_int

    def days(self, rule: str, first: date, most: int) -> list[date]:
        """The first so many days; zeros behind them mean that there are no more."""
        epoch = date(1970, 1, 1)
        found = (ctypes.c_int64 * most)()
        self._expand(rule.encode(), (first - epoch).days * 86_400, most, found)
        return [epoch + timedelta(seconds=seconds) for seconds in found if seconds]


def libical() -> Libical | None:
    """The library, if this computer has it."""
    name = ctypes.util.find_library("ical")
    return Libical(name) if name else None
