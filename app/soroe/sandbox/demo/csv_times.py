"""Dates, times of day and lengths as people and programs write them in a table, in two languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from .remarks import NotReadable, said

FIRST_YEAR, LAST_YEAR = 1900, 2200
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
"""The year before the first one of each."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DATE = re.compile(
    rf"(?:{_WEEKDAY}\.?,?\s+)?(?:"
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?|(?P<basic>\d{8})"
    r"|(?P<era>令和|平成|昭和|[RHS](?=\d))\s*(?P<ey>元|\d{1,2})\s*[-/.年]\s*(?P<em>\d{1,2})\s*[-/.月]\s*(?P<ed>\d{1,2})\s*日?"
    r"|(?P<one>\d{1,2})(?P<sign>[-/])(?P<two>\d{1,2})(?P=sign)(?P<y2>\d{4})"
    r"|(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<y3>\d{4})"
    rf"|(?P<word>{_MONTH})\.?\s+(?P<wd>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<wy>\d{{4}})"
    rf"|(?P<vd>\d{{1,2}})(?:st|nd|rd|th)?[ -](?P<verb>{_MONTH})\.?,?[ -](?P<vy>\d{{4}}))(?!\d)"
    r"(?:\s*\([^)]*\)|\s*[月火水木金土日]曜日?)?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<before>午前|午後|[AP]\.?M\.?)?\s*(?P<h>\d{1,2})(?:(?:[:時])(?:(?P<half>半)|(?P<min>\d{1,2})分?)?)?"
    r"(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<after>[AP]\.?M\.?)?\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?P<h>\d{1,3}):(?P<min>\d{2})(?::\d{2})?|(?:(?P<hours>\d{1,3})時間)?(?:(?P<minutes>\d{1,4})分)?")


class Order(Enum):
    """Which of the two numbers before the year is the day, in dates such as 3/4/2026."""

    UNSEEN = "unseen"
    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"
    EITHER = "either"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the columns of a start or an end: the date, or both, and the time where it has its own column."""

    name: str
    text: str
    apart: str
    day_first: bool


def plain(text: str) -> str:
    """Full-width digits and signs as the usual ones, and every gap as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def order_of(written: list[str]) -> Order:
    """What the dates of a whole file tell about their order."""
    pairs = [
        (int(found["one"]), int(found["two"])) for text in written if (found := _DATE.match(text)) and found["one"]
    ]
    day_first, month_first = any(one > 12 for one, _ in pairs), any(two > 12 for _, two in pairs)
    if day_first and month_first:
        return Order.BOTH
    if day_first or month_first:
        return Order.DAY_FIRST if day_first else Order.MONTH_FIRST
    return Order.EITHER if any(one != two for one, two in pairs) else Order.UNSEEN


def read_point(written: Written, zone: str, like: date | datetime | None = None) -> date | datetime | None:
    """The date or time that is written; an end that is a time only is on the day of `like`.

    Times without an offset are in `zone`. Raises `NotReadable` naming the column.
    """
    text, apart, name = plain(written.text), plain(written.apart), written.name
    if not text and apart and like is not None:
        text = f"{like:%Y-%m-%d}"
    if not text:
        return None
    found = _DATE.match(text)
    if found is None:
        alone = _clock(text) if like is not None else None
        if alone is None or like is None:
            raise NotReadable(name, said("no_date", written=text[:40]))
        return _moment(name, like.date() if isinstance(like, datetime) else like, alone, zone)
    day = _day(name, found, day_first=written.day_first)
    rest = re.sub(r"^(?:T(?=\d)|[\s,]|at\b)+", "", text[found.end() :], flags=re.IGNORECASE) or apart
    if not rest:
        return day
    clock = _clock(rest)
    if clock is None:
        raise NotReadable(name, said("no_time", written=rest[:40]))
    return _moment(name, day, clock, zone)


def read_length(name: str, text: str, *, minutes: bool) -> timedelta | None:
    """How long something takes, as hours and minutes or a number of minutes; raises `NotReadable` naming the column."""
    text = plain(text)
    if not text:
        return None
    if minutes and (number := re.fullmatch(r"(\d{1,6})(?:\.0+)?", text)):
        return timedelta(minutes=int(number[1]))
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise NotReadable(name, said("no_length", written=text[:40]))
    return timedelta(hours=int(found["h"] or found["hours"] or 0), minutes=int(found["min"] or found["minutes"] or 0))


def _clock(text: str) -> re.Match[str] | None:
    """A time of day: a number alone is none."""
    found = _TIME.fullmatch(text)
    return found if found and (re.search("[:時]", text) or found["before"] or found["after"]) else None


def _day(name: str, found: re.Match[str], *, day_first: bool) -> date:
    if found["era"]:
        first = _ERAS[found["era"].upper()]
        parts = str(first + (1 if found["ey"] == "元" else int(found["ey"]))), found["em"], found["ed"]
    elif found["y"]:
        parts = found["y"], found["m"], found["d"]
    elif found["basic"]:
        parts = found["basic"][:4], found["basic"][4:6], found["basic"][6:]
    elif found["one"]:
        one, two = (found["two"], found["one"]) if day_first else (found["one"], found["two"])
        parts = found["y2"], one, two
    elif found["word"] or found["verb"]:
        month = _MONTHS.index((found["word"] or found["verb"])[:3].lower()) + 1
        parts = found["wy"] or found["vy"], str(month), found["wd"] or found["vd"]
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
    hour, minute, second = int(clock["h"]), int(clock["min"] or (30 if clock["half"] else 0)), int(clock["s"] or 0)
    half = (clock["before"] or clock["after"] or "").upper().replace(".", "")
    if half in {"PM", "午後"} and hour < 12:
        hour += 12
    elif half in {"AM", "午前"} and hour == 12:
        hour = 0
    midnight = (hour, minute, second, half) == (24, 0, 0, "")  # the end of the day, which is the next one's beginning
    try:
        if half in {"AM", "午前"} and hour > 12:
            raise ValueError(hour)
        of_day = time() if midnight else time(hour, minute, second)
    except ValueError as error:
        raise NotReadable(name, said("there_is_no_time", written=clock[0].strip())) from error
    wall = datetime.combine(day + timedelta(days=midnight), of_day, ZoneInfo(zone))
    offset = clock["offset"]
    if offset:
        away = "+00:00" if offset.upper() in {"Z", "UTC", "GMT"} else offset
        return datetime.fromisoformat(f"{wall:%Y-%m-%dT%H:%M:%S}{away}").astimezone(ZoneInfo(zone))
    return wall
