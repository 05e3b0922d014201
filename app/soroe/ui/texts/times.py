"""Days, times and spans as people of each language write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from soroe.core.event import AllDay, When

from .catalogue import Language, Texts

WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_JA = ("月", "火", "水", "木", "金", "土", "日")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(at: datetime) -> str:
    """The time of day: 9:05."""
    return f"{at.hour}:{at.minute:02}"


def day(texts: Texts, at: date, today: date) -> str:
    """A day with its weekday; the year only when it is another one."""
    match texts.language:
        case Language.ENGLISH:
            year = "" if at.year == today.year else f" {at.year}"
            return f"{WEEKDAYS_EN[at.weekday()]} {at.day} {MONTHS_EN[at.month - 1]}{year}"
        case Language.JAPANESE:
            year = "" if at.year == today.year else f"{at.year}年"
            return f"{year}{at.month}月{at.day}日({WEEKDAYS_JA[at.weekday()]})"


def short_day(texts: Texts, at: date) -> str:
    """A day for a narrow place: 5 Nov, 11/5."""
    match texts.language:
        case Language.ENGLISH:
            return f"{at.day} {MONTHS_EN[at.month - 1]}"
        case Language.JAPANESE:
            return f"{at.month}/{at.day}"


def day_name(texts: Texts, at: date, today: date) -> str:
    """Today, Yesterday, Tomorrow, or the day."""
    names = {0: "day.today", -1: "day.yesterday", 1: "day.tomorrow"}
    key = names.get((at - today).days)
    return texts(key) if key else day(texts, at, today)


def moment(texts: Texts, at: datetime | None, now: datetime, zone: tzinfo) -> str:
    """An instant (UTC in, `zone` out) near enough to now to be told by its day: “today 9:05”."""
    if at is None:
        return texts("time.never")
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    names = {0: "time.today", -1: "time.yesterday", 1: "time.tomorrow"}
    key = names.get((local.date() - today).days)
    if key:
        return texts(key, time=clock(local))
    return texts("time.other", day=day(texts, local.date(), today), time=clock(local))


def span(texts: Texts, start: datetime, end: datetime, today: date, *, date_only: bool) -> str:
    """From when till when; `start` and `end` are already local, of all-day entries the midnights (end exclusive)."""
    if date_only:
        last = end.date() - timedelta(days=1)
        first = day(texts, start.date(), today)
        days = first if last <= start.date() else _days(texts, start.date(), last, today)
        return f"{days} · {texts('time.all_day')}"
    first = f"{day(texts, start.date(), today)} {clock(start)}"
    if end.date() == start.date():
        return f"{first} – {clock(end)}"
    return f"{first} – {day(texts, end.date(), today)} {clock(end)}"


def _days(texts: Texts, first: date, last: date, today: date) -> str:
    """Several days; the month, or in Japanese the same for the last day, is told once."""
    until = day(texts, last, today)
    if (first.year, first.month) != (last.year, last.month):
        return f"{day(texts, first, today)} – {until}"
    match texts.language:
        case Language.ENGLISH:
            return f"{WEEKDAYS_EN[first.weekday()]} {first.day} – {until}"
        case Language.JAPANESE:
            return f"{day(texts, first, today)} – {last.day}日({WEEKDAYS_JA[last.weekday()]})"


def when(texts: Texts, at: When, now: datetime, zone: tzinfo) -> str:
    """The time of a meeting, told in `zone`."""
    today = now.astimezone(zone).date()
    if isinstance(at, AllDay):
        midnight = datetime.min.time()
        start, end = datetime.combine(at.start, midnight), datetime.combine(at.end, midnight)
        return span(texts, start, end, today, date_only=True)
    return span(texts, at.start_utc.astimezone(zone), at.end_utc.astimezone(zone), today, date_only=False)


def seconds(texts: Texts, n: float) -> str:
    """A duration: 1.4 s."""
    return texts("time.seconds", n=f"{n:.1f}" if n < 10 else f"{n:.0f}")
