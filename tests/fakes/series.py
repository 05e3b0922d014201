"""Which occurrences a series has: a plain walk over the days, made without the program's own expansion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from soroe.core.event import AllDay, ObservedItem, Occurrence, Recurrence, When, Window

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST = timedelta(days=3 * 366)


def found_in(master: ObservedItem, window: Window | None) -> Iterator[tuple[Occurrence, When]]:
    """The occurrences of a daily or weekly series, with their times; three years of them, or those in the window."""
    content = master.content
    assert content.recurrence is not None or window is None, "an occurrence was asked of a single event"
    if content.recurrence is None:
        return
    when = content.when
    for day in starts(content.recurrence, _day(when)):
        at: When
        original: datetime | date
        if isinstance(when, AllDay):
            at, original = AllDay(day, day + (when.end - when.start)), day
        else:
            start = datetime.combine(day, when.start.time())
            at = type(when)(start, start + (when.end - when.start), when.zone)
            original = start.replace(tzinfo=ZoneInfo(when.zone)).astimezone(UTC).replace(tzinfo=None)
        if window is None or window.holds(at):
            yield Occurrence(master.ref.id, original), at


def starts(recurrence: Recurrence, first: date) -> Iterator[date]:
    """The days of a series of one daily or weekly rule (INTERVAL, COUNT, UNTIL, BYDAY without numbers)."""
    (rule,) = recurrence.rules
    parts = dict(part.split("=") for part in rule.split(";"))
    removed = {_date(at) for at in recurrence.removed}
    days = parts.get("BYDAY", DAYS[first.weekday()]).split(",") if parts["FREQ"] == "WEEKLY" else DAYS
    interval, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "100000"))
    until = date.fromisoformat(parts["UNTIL"][:8]) if "UNTIL" in parts else first + LONGEST
    monday = first - timedelta(days=first.weekday())
    for number in range((min(until, first + LONGEST) - first).days + 1):
        day = first + timedelta(days=number)
        step = (day - monday).days // 7 if parts["FREQ"] == "WEEKLY" else number
        if step % interval or DAYS[day.weekday()] not in days:
            continue
        count -= 1
        if count < 0:
            return
        if day not in removed:
            yield day


def _day(when: When) -> date:
    return when.start if isinstance(when, AllDay) else when.start.date()


def _date(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at
