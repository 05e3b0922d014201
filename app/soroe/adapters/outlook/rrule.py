"""A rule of RFC 5545 in Outlook's words, and Outlook's words as a rule.

A rule that Outlook cannot say is told as `Unsupported`, never as another rule that is nearly the same. Patterns that
name the 29th to the 31st fall on the last day of a shorter month in Outlook, where RFC 5545 leaves that month out: the
translation keeps the days, not the words.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from soroe.core.event import AllDay, Recurrence, When, starts_on

from .recurrence import (
    DAY_SETS,
    WEEK,
    AbsoluteMonthly,
    AbsoluteYearly,
    Daily,
    End,
    EndDate,
    NoEnd,
    Numbered,
    Pattern,
    Position,
    RelativeMonthly,
    RelativeYearly,
    Repetition,
    Unsupported,
    Weekday,
    Weekly,
    falls_on,
)


class _Unsaid(Exception):
    """Outlook has no words for this rule."""


MOST_OCCURRENCES = 999
"""The most that Exchange takes as a number of occurrences."""
_MOST_DAYS = 999
_MOST_ELSE = 99
_LONGEST_FEBRUARY = 29
_SAFE_DAY = 28
"""The last day that every month has."""


def repetition(recurrence: Recurrence, when: When) -> Repetition | Unsupported:
    """The rule of a series in Outlook's words. `removed` is left out: occurrences are cancelled one by one.

    `when` is the first occurrence. Several rules, added dates, and a start that is no occurrence cannot be said.
    """
    if recurrence.added:
        return Unsupported("added_dates")
    if len(recurrence.rules) != 1:
        return Unsupported("not_one_rule")
    first = starts_on(when)
    try:
        parts = _parts(recurrence.rules[0])
        pattern = _pattern(parts, first)
        end = _end(parts, when)
    except _Unsaid as unsaid:
        return Unsupported(str(unsaid))
    if not falls_on(pattern, first):
        return Unsupported("start_is_no_occurrence")
    return Repetition(pattern, first, end)


def rule(found: Repetition, when: When) -> str | Unsupported:
    """The RRULE value for what Outlook says, without anything that the start says already.

    The end is told as the last second of its day in the zone of `when`, in UTC; for whole days, as the date.
    """
    try:
        parts = _rule_parts(found.pattern, found.first)
    except _Unsaid as unsaid:
        return Unsupported(str(unsaid))
    match found.end:
        case NoEnd():
            pass
        case Numbered(count):
            if count < 1:
                return Unsupported("count")
            parts.append(f"COUNT={count}")
        case EndDate(last):
            parts.append(f"UNTIL={_until(last, when)}")
        case _:
            assert_never(found.end)
    return ";".join(parts)


# --- from a rule to a pattern ---
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"})


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.upper().rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _KNOWN:
            raise _Unsaid(f"part_{name.lower()[:20]}")
        if name in parts or not value:
            raise _Unsaid("malformed_rule")
        parts[name] = value
    return parts


def _number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise _Unsaid(f"malformed_{name.lower()}") from error


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    return tuple(sorted(_number(one, name) for one in parts[name].split(","))) if name in parts else ()


def _pattern(parts: dict[str, str], first: date) -> Pattern:
    interval = _number(parts.get("INTERVAL", "1"), "INTERVAL")
    daily = parts.get("FREQ") == "DAILY"
    if not 1 <= interval <= (_MOST_DAYS if daily else _MOST_ELSE):
        raise _Unsaid("interval")
    match parts.get("FREQ"):
        case "DAILY":
            _only(parts, "BYDAY")
            if "BYDAY" not in parts:
                return Daily(interval)
            if interval > 1:
                raise _Unsaid("some_days_of_every_few")
            return Weekly(1, _plain_days(parts))
        case "WEEKLY":
            _only(parts, "BYDAY")
            days = _plain_days(parts) if "BYDAY" in parts else (Weekday.of(first),)
            return Weekly(interval, days, _week_start(parts))
        case "MONTHLY":
            _only(parts, "BYDAY", "BYMONTHDAY", "BYSETPOS")
            if "BYDAY" in parts:
                return RelativeMonthly(interval, *_counted_days(parts))
            return AbsoluteMonthly(interval, _day_of_month(parts, first))
        case "YEARLY":
            return _yearly(parts, interval, first)
        case _:
            raise _Unsaid("frequency")


def _yearly(parts: dict[str, str], interval: int, first: date) -> Pattern:
    if "BYMONTH" not in parts and ("BYDAY" in parts or "BYMONTHDAY" in parts):
        raise _Unsaid("days_of_a_whole_year")
    months = _numbers(parts, "BYMONTH") or (first.month,)
    if len(months) > 1 or not 1 <= months[0] <= 12:
        raise _Unsaid("several_months")
    month = months[0]
    if "BYDAY" in parts:
        position, days = _counted_days(parts)
        return RelativeYearly(interval, month, position, days)
    _only(parts, "BYMONTH", "BYMONTHDAY")
    named = _numbers(parts, "BYMONTHDAY") or (first.day,)
    longest = _LONGEST_FEBRUARY if month == 2 else monthrange(2001, month)[1]
    if named == (-1,):
        return AbsoluteYearly(interval, month, longest)
    if len(named) > 1 or not 1 <= named[0] <= longest or (month, named[0]) == (2, _LONGEST_FEBRUARY):
        raise _Unsaid("day_of_month")
    return AbsoluteYearly(interval, month, named[0])


def _only(parts: dict[str, str], *names: str) -> None:
    for name in parts:
        if name.startswith("BY") and name not in names:
            raise _Unsaid(f"{parts['FREQ'].lower()}_{name.lower()}")


def _plain_days(parts: dict[str, str]) -> tuple[Weekday, ...]:
    wanted = set(parts["BYDAY"].split(","))
    if not wanted <= set(WEEK):
        raise _Unsaid("byday")
    return tuple(day for day in WEEK if day in wanted)


def _week_start(parts: dict[str, str]) -> Weekday:
    try:
        return Weekday(parts.get("WKST", Weekday.MONDAY))
    except ValueError as error:
        raise _Unsaid("malformed_wkst") from error


def _counted_days(parts: dict[str, str]) -> tuple[Position, tuple[Weekday, ...]]:
    """Which of which days: an ordinal at one day, or a set of days and BYSETPOS."""
    if "BYMONTHDAY" in parts:
        raise _Unsaid("days_and_dates")
    text = parts["BYDAY"]
    if "BYSETPOS" in parts:
        days = _plain_days(parts)
        number = _number(parts["BYSETPOS"], "BYSETPOS")
        if len(days) > 1 and days not in DAY_SETS:
            raise _Unsaid("several_counted_days")
    else:
        ordinal, day = text[:-2], text[-2:]
        if day not in set(WEEK) or not ordinal or "," in text:
            raise _Unsaid("byday")
        days, number = (Weekday(day),), _number(ordinal, "BYDAY")
    position = Position.numbered(number)
    if position is None:
        raise _Unsaid("position")
    return position, days


def _day_of_month(parts: dict[str, str], first: date) -> int:
    days = _numbers(parts, "BYMONTHDAY") or (first.day,)
    if "BYSETPOS" in parts:
        # The last of the 28th up to some day: how a day that short months lack is told by `_rule_parts`.
        if parts["BYSETPOS"] == "-1" and days[0] == _SAFE_DAY and days == tuple(range(_SAFE_DAY, days[-1] + 1)):
            return days[-1]
        raise _Unsaid("position")
    if days == (-1,):
        return 31
    if len(days) > 1:
        raise _Unsaid("several_days_of_month")
    if not 1 <= days[0] <= 31:
        raise _Unsaid("day_of_month")
    if days[0] > _SAFE_DAY:
        raise _Unsaid("leaves_out_short_months")
    return days[0]


def _end(parts: dict[str, str], when: When) -> End:
    if "COUNT" in parts and "UNTIL" in parts:
        raise _Unsaid("two_ends")
    if "COUNT" in parts:
        count = _number(parts["COUNT"], "COUNT")
        if not 1 <= count <= MOST_OCCURRENCES:
            raise _Unsaid("count")
        return Numbered(count)
    if "UNTIL" not in parts:
        return NoEnd()
    last = _last_day(parts["UNTIL"], when)
    if last < starts_on(when):
        raise _Unsaid("ends_before_it_begins")
    return EndDate(last)


def _last_day(until: str, when: When) -> date:
    """The last day on which an occurrence starts at or before UNTIL, by the series' own clock."""
    try:
        if isinstance(when, AllDay) or len(until) == 8:
            return datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
        at = datetime.strptime(until[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone is told by its last letter
        if until[15:] == "Z":
            at = at.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).replace(tzinfo=None)
        return at.date() if at.time() >= when.start.time() else at.date() - timedelta(days=1)
    except (ValueError, OverflowError, KeyError) as error:
        raise _Unsaid("malformed_until") from error


# --- from a pattern to a rule ---
def _rule_parts(pattern: Pattern, first: date) -> list[str]:
    repeats = _repeats(pattern)
    match pattern:
        case Daily():
            return repeats
        case Weekly(interval=interval, days=days, first_day=first_day):
            if not days:
                raise _Unsaid("no_days")
            if set(days) != {Weekday.of(first)}:
                repeats.append(f"BYDAY={','.join(day for day in WEEK if day in days)}")
                if interval > 1 and first_day is not Weekday.MONDAY:
                    repeats.append(f"WKST={first_day}")
            return repeats
        case AbsoluteMonthly(day=day):
            return repeats + _monthly_day(day, first)
        case RelativeMonthly(position=position, days=days):
            return repeats + _counted(position, days)
        case AbsoluteYearly(month=month, day=day):
            return repeats + _yearly_day(month, day, first)
        case RelativeYearly(month=month, position=position, days=days):
            return [*repeats, f"BYMONTH={_checked_month(month)}", *_counted(position, days)]
        case _:
            assert_never(pattern)


def _repeats(pattern: Pattern) -> list[str]:
    match pattern:
        case Daily():
            frequency = "DAILY"
        case Weekly():
            frequency = "WEEKLY"
        case AbsoluteMonthly() | RelativeMonthly():
            frequency = "MONTHLY"
        case AbsoluteYearly() | RelativeYearly():
            frequency = "YEARLY"
        case _:
            assert_never(pattern)
    if not 1 <= pattern.interval <= 9_999:
        raise _Unsaid("interval")
    return [f"FREQ={frequency}"] + ([f"INTERVAL={pattern.interval}"] if pattern.interval > 1 else [])


def _monthly_day(day: int, first: date) -> list[str]:
    if not 1 <= day <= 31:
        raise _Unsaid("day_of_month")
    if day == 31:
        return ["BYMONTHDAY=-1"]
    if day > _SAFE_DAY:
        return [f"BYMONTHDAY={','.join(str(one) for one in range(_SAFE_DAY, day + 1))}", "BYSETPOS=-1"]
    return [] if day == first.day else [f"BYMONTHDAY={day}"]


def _yearly_day(month: int, day: int, first: date) -> list[str]:
    if not 1 <= day <= 31:
        raise _Unsaid("day_of_month")
    if _checked_month(month) == 2 and day >= _LONGEST_FEBRUARY:
        return ["BYMONTH=2", "BYMONTHDAY=-1"]
    named = min(day, monthrange(2001, month)[1])
    return [] if (month, named) == (first.month, first.day) else [f"BYMONTH={month}", f"BYMONTHDAY={named}"]


def _checked_month(month: int) -> int:
    if not 1 <= month <= 12:
        raise _Unsaid("month")
    return month


def _counted(position: Position, named: tuple[Weekday, ...]) -> list[str]:
    days = tuple(day for day in WEEK if day in named)
    if len(days) == 1:
        return [f"BYDAY={position.number}{days[0]}"]
    if days not in DAY_SETS:
        raise _Unsaid("several_counted_days")
    return [f"BYDAY={','.join(days)}", f"BYSETPOS={position.number}"]


def _until(last: date, when: When) -> str:
    if isinstance(when, AllDay):
        return f"{last:%Y%m%d}"
    try:
        end = datetime.combine(last, time(23, 59, 59), ZoneInfo(when.zone)).astimezone(UTC)
    except OverflowError:  # the last day there is
        return f"{last:%Y%m%d}T235959Z"
    return f"{end:%Y%m%dT%H%M%SZ}"
