"""What a CRM can hold of a series: whole, as its next so many occurrences, or not at all (SF-8 to SF-13, SF-26)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from soroe.core.dialect import Dialect, RecurrenceSupport, SeriesLimits
from soroe.core.event import EventContent, Recurrence, Timed, When, starts_on
from soroe.core.plan import Why

from .recurrence import RunawayRule, ends_before, parts_of
from .recurrence_cut import first_so_many, first_starts

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = frozenset(_DAYS[:5])
_SETS = (frozenset(_DAYS), _WORKDAYS, frozenset(_DAYS[5:]))
"""The sets of days that stand beside single ones in "the second … of the month"."""
_PLACES = frozenset({"1", "2", "3", "4", "-1"})
_MONTH_DAYS = frozenset(str(day) for day in (*range(1, 29), -1))
"""The days that every month has: of later ones, services disagree what a short month does."""
_COMMON = frozenset({"FREQ", "COUNT", "UNTIL", "WKST"})


def refused(content: EventContent, dialect: Dialect) -> Why | None:
    """Why a CRM with limits does not take a series at all; None when it does, whole or in part."""
    recurrence, limits = content.recurrence, dialect.series
    if recurrence is None or limits is None:
        return None
    if _too_long(content.when, limits):
        return Why.SERIES_TOO_LONG
    if any(_months_apart(rule) >= limits.too_rare_months for rule in recurrence.rules):
        return Why.SERIES_TOO_RARE
    try:
        ends_first = recurrence.rules and all(ends_before(rule, content.when) for rule in recurrence.rules)
    except ValueError:
        return None  # told where the series is read
    return Why.SERIES_ENDS_FIRST if ends_first and not recurrence.added else None


def _too_long(when: When, limits: SeriesLimits) -> bool:
    """A whole day is a day in a CRM's words; only what is longer is no meeting it can repeat."""
    limit = timedelta(minutes=limits.too_long_minutes)
    length = when.end - when.start
    return length >= limit if isinstance(when, Timed) else length > limit


def _months_apart(rule: str) -> float:
    parts = parts_of(rule)
    try:
        interval = int(parts.get("INTERVAL", "1"))
    except ValueError:
        return 0
    months = {"DAILY": 12 / 365, "WEEKLY": 84 / 365, "MONTHLY": 1.0, "YEARLY": 12.0}
    return interval * months.get(parts.get("FREQ", ""), 0.0)


def most_occurrences(recurrence: Recurrence, limits: SeriesLimits) -> int:
    """The most occurrences of a series with these rules (SF-10): the frequency that allows fewest."""
    most = {"DAILY": limits.daily, "WEEKLY": limits.weekly, "MONTHLY": limits.monthly, "YEARLY": limits.yearly}
    found = [most.get(parts_of(rule).get("FREQ", ""), limits.yearly) for rule in recurrence.rules]
    return min(found, default=limits.daily)


def single_items(content: EventContent, dialect: Dialect, *, tied: bool) -> int | None:
    """How many occurrences of a calendar's series stand in the CRM as single items; 0 for all in the window.

    None: the series stands there as a series. A series that is `tied` to one across stays a series, however long it
    has grown, as long as its rule can be said there at all.
    """
    match dialect.recurrence:
        case RecurrenceSupport.SINGLE_ITEMS:
            return 0
        case RecurrenceSupport.NATIVE | RecurrenceSupport.NONE:
            pass
    recurrence, limits = content.recurrence, dialect.series
    if recurrence is None or limits is None or tied or refused(content, dialect) is not None:
        return None
    most = most_occurrences(recurrence, limits)
    if not can_be_said(content) or len(first_starts(content, most + 1, removed=True)) > most:
        return most
    return None


def can_be_said(content: EventContent) -> bool:
    """Whether a rule has the shape that CRMs with series know: one rule, no added dates, one way to name its days.

    Its first day is one of its days. Such a rule comes true again and again, and is quick to walk.
    """
    recurrence = content.recurrence
    if recurrence is None or len(recurrence.rules) != 1 or recurrence.added:
        return False
    return _can_say(recurrence.rules[0], starts_on(content.when))


@lru_cache(256)
def _can_say(rule: str, first: date) -> bool:
    parts = parts_of(rule)
    days = frozenset(parts["BYDAY"].split(",")) if "BYDAY" in parts else frozenset()
    interval = parts.get("INTERVAL", "1")
    if not interval.isdecimal() or int(interval) < 1:
        return False
    match parts.get("FREQ"):
        case "DAILY":
            every_weekday = (days, interval) == (_WORKDAYS, "1") and _DAYS[first.weekday()] in _WORKDAYS
            return _only(parts, "INTERVAL", *(("BYDAY",) if every_weekday else ()))
        case "WEEKLY":
            usual = not days or (days <= set(_DAYS) and _DAYS[first.weekday()] in days)
            # Where weeks begin on Sunday, a Sunday of every other week is another Sunday.
            shifted = interval != "1" and len(days) > 1 and "SU" in days and parts.get("WKST") != "SU"
            return _only(parts, "BYDAY", "INTERVAL") and usual and not shifted
        case "MONTHLY":
            return _named_day(parts, first, _MONTH_DAYS, "INTERVAL")
        case "YEARLY":
            month = parts.get("BYMONTH", str(first.month))
            if interval != "1" or month != str(first.month) or ("BYDAY" in parts and "BYMONTH" not in parts):
                return False
            longest = 28 if first.month == 2 else monthrange(2001, first.month)[1]
            return _named_day(parts, first, frozenset(map(str, range(1, longest + 1))), "INTERVAL", "BYMONTH")
        case _:
            return False


def _named_day(parts: dict[str, str], first: date, numbers: frozenset[str], *also: str) -> bool:
    """Whether a day of a month is named by its number, or as the second Tuesday, the last weekday; and begins there."""
    last = first.day == monthrange(first.year, first.month)[1]
    if "BYDAY" in parts:
        days = frozenset(parts["BYDAY"].split(","))
        if "BYSETPOS" in parts:
            return _only(parts, "BYDAY", "BYSETPOS", *also) and parts["BYSETPOS"] in _PLACES and _is_set(days)
        place, day = parts["BYDAY"][:-2].lstrip("+"), parts["BYDAY"][-2:]
        return _only(parts, "BYDAY", *also) and len(days) == 1 and day == _DAYS[first.weekday()] and place in _PLACES
    named = parts.get("BYMONTHDAY", str(first.day))
    if "BYSETPOS" in parts:  # the last of the 28th up to some day: that day, or the last one of a shorter month
        upto = ",".join(map(str, range(28, max(first.day, 28) + 1)))
        return _only(parts, "BYMONTHDAY", "BYSETPOS", *also) and (named, parts["BYSETPOS"]) == (upto, "-1")
    begins = last if named == "-1" else named == str(first.day)
    return _only(parts, "BYMONTHDAY", *also) and begins and named in numbers


def _is_set(days: frozenset[str]) -> bool:
    return days in _SETS or (len(days) == 1 and days <= set(_DAYS))


def _only(parts: dict[str, str], *names: str) -> bool:
    return parts.keys() <= _COMMON | set(names)


def cut(content: EventContent, dialect: Dialect) -> tuple[EventContent, int]:
    """A series no longer than the CRM takes, and how many occurrences it had: 0 where it has no end that matters."""
    recurrence, limits = content.recurrence, dialect.series
    if recurrence is None or limits is None or not can_be_said(content):
        return content, 0
    most = most_occurrences(recurrence, limits)
    try:
        short = first_so_many(content, most)
        if short is content:
            return content, most
        endless = not any({"COUNT", "UNTIL"} & parts_of(rule).keys() for rule in recurrence.rules)
        return short, 0 if endless else len(first_starts(content, 10_000, removed=True))
    except RunawayRule:
        return content, most


def without_end(content: EventContent) -> bool:
    """Whether a series goes on for ever."""
    rules = content.recurrence.rules if content.recurrence is not None else ()
    return any(not {"COUNT", "UNTIL"} & parts_of(rule).keys() for rule in rules)
