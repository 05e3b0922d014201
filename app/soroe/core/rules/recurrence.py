"""Series: what the feed tells of them in parts, as the meetings they are.

A CRM that takes series sees the master (cancelled occurrences folded into it) and its exceptions. A CRM that takes
single items sees every occurrence in the window (ESM-I5, ESM-I6). Expansion is bounded: a runaway rule is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from soroe.core.event import (
    AllDay,
    EventContent,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Seen,
    Timed,
    Tombstone,
    Unreadable,
    When,
    Window,
    occurrence_id,
    starts_on,
)

MOST_OCCURRENCES = 4_000
"""A daily meeting over the default window of three years has 1,103 occurrences; more than this is no meeting."""
MOST_STEPS = 200_000
"""How many steps a rule may take to reach the window before it counts as running away."""
_CALENDAR_CYCLE = 400
"""The Gregorian calendar repeats itself, week days included, every so many years."""
_LAST_YEAR = 9_999
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_PARTS = frozenset(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYSETPOS",
        "BYHOUR",
        "BYMINUTE",
        "BYSECOND",
    ]
)


class RunawayRule(ValueError):
    """The rule has more occurrences than anybody can meet, or cannot be understood."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series as the feed told it."""

    master: ObservedItem
    exceptions: tuple[ObservedItem, ...]
    cancelled: tuple[Occurrence, ...]


def assemble(parts: Iterable[Seen]) -> Series | None:
    """The series made of these parts; None while the master has not been seen."""
    master: ObservedItem | None = None
    exceptions: list[ObservedItem] = []
    cancelled: list[Occurrence] = []
    for part in parts:
        match part:
            case ObservedItem(occurrence=None):
                master = part
            case ObservedItem():
                exceptions.append(part)
            case Tombstone(occurrence=Occurrence() as occurrence):
                cancelled.append(occurrence)
            case Tombstone() | Unreadable():
                pass
    if master is None or master.content.recurrence is None:
        return None
    return Series(master, tuple(exceptions), tuple(cancelled))


def as_series(series: Series) -> tuple[ObservedItem, ...]:
    """What a CRM that takes the series sees of it: the master with its cancelled occurrences, and the exceptions."""
    return (_with_cancelled(series), *series.exceptions)


def _with_cancelled(series: Series) -> ObservedItem:
    recurrence = series.master.content.recurrence
    if recurrence is None or not series.cancelled:
        return series.master
    when = series.master.content.when
    known = {_moment_key(at) for at in recurrence.removed}
    extra = [wall_start(occurrence.original_start, when) for occurrence in series.cancelled]
    removed = (*recurrence.removed, *(at for at in extra if _moment_key(at) not in known))
    content = replace(
        series.master.content, recurrence=replace(recurrence, removed=tuple(sorted(removed, key=_moment_key)))
    )
    return replace(series.master, content=content)


def _moment_key(at: datetime | date) -> str:
    return at.strftime("%Y%m%dT%H%M%S") if isinstance(at, datetime) else f"{at:%Y%m%d}"


def wall_start(original_start: datetime | date, when: When) -> datetime | date:
    """An original start (naive UTC, or a date) as the wall clock of the series."""
    if isinstance(original_start, datetime) and isinstance(when, Timed):
        return original_start.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).replace(tzinfo=None)
    return original_start


def time_of(content: EventContent, original_start: datetime | date) -> When:
    """When an occurrence of this series takes place as long as nobody moves it."""
    when = content.when
    start = wall_start(original_start, when)
    if isinstance(when, AllDay):
        day = start.date() if isinstance(start, datetime) else start
        return AllDay(day, day + (when.end - when.start))
    begins = _as_time(start)
    return replace(when, start=begins, end=begins + (when.end - when.start))


def as_single_items(series: Series, window: Window) -> Iterator[ObservedItem]:
    """What a CRM sees that takes single items: every occurrence in the window, and every exception.

    Raises `RunawayRule` for a rule that no calendar shows.
    """
    own = {exception.occurrence: exception for exception in series.exceptions if exception.occurrence}
    gone = set(series.cancelled)
    for when, original in occurrences(series.master.content, window):
        occurrence = Occurrence(series.master.ref.id, original)
        if occurrence in own or occurrence in gone:
            continue
        content = replace(series.master.content, when=when, recurrence=None)
        ref = Ref(series.master.ref.container, occurrence_id(occurrence.series, original))
        yield replace(series.master, ref=ref, version=None, content=content, occurrence=occurrence, stamp=None)
    for occurrence, exception in own.items():
        if occurrence not in gone:
            yield replace(exception, content=replace(exception.content, recurrence=None))


def occurrences(content: EventContent, window: Window) -> Iterator[tuple[When, datetime | date]]:
    """The occurrences of a series in the window: the time, and the original start (naive UTC, or a date)."""
    recurrence, when = content.recurrence, content.when
    if recurrence is None:
        return
    all_day = isinstance(when, AllDay)
    first = datetime.combine(when.start, datetime.min.time()) if isinstance(when, AllDay) else when.start
    length = when.end - when.start
    count = 0
    for start in _starts(recurrence, first, window, content):
        at: When
        if all_day:
            at = AllDay(start.date(), start.date() + length)
            original: datetime | date = start.date()
        else:
            timed = Timed(start, start + length, when.zone)  # type: ignore[union-attr]  # not all-day, so timed
            at, original = timed, timed.start_utc.replace(tzinfo=None)
        if not window.holds(at):
            continue
        count += 1
        if count > MOST_OCCURRENCES:
            raise RunawayRule("too many occurrences")
        yield at, original


def _starts(recurrence: Recurrence, first: datetime, window: Window, content: EventContent) -> Iterator[datetime]:
    before = datetime.combine(window.first, datetime.min.time()) - timedelta(days=1) - _span(content.when)
    after = datetime.combine(window.last, datetime.min.time()) + timedelta(days=2)
    removed = {_as_time(at) for at in recurrence.removed}
    starts: set[datetime] = {_as_time(at) for at in recurrence.added}
    if not recurrence.rules:
        starts.add(first)
    for rule in recurrence.rules:
        starts.update(_bounded(_walk(rule, first, content.when, after), before, after))
    yield from (start for start in sorted(starts) if start not in removed and before <= start <= after)


def all_starts(recurrence: Recurrence, first: datetime, when: When, after: datetime) -> Iterator[datetime]:
    """The starts of a series in order, cancelled ones left out, up to a day; each is made when it is asked for."""
    removed = {_as_time(at) for at in recurrence.removed}
    walks = [_stepping(_walk(rule, first, when, after), after) for rule in recurrence.rules] or [iter((first,))]
    last: datetime | None = None
    for start in merge(*walks, sorted(_as_time(at) for at in recurrence.added)):
        if start != last and start not in removed:
            yield start
        last = start


def occurs_on(content: EventContent, day: date) -> bool:
    """Whether a series has an occurrence that starts on this day; raises `RunawayRule`."""
    found = occurrences(content, Window(day, day))
    return any(starts_on(when) == day for when, _ in found)


def _stepping(walk: Iterator[datetime], after: datetime) -> Iterator[datetime]:
    for step, start in enumerate(walk):
        if step > MOST_STEPS:
            raise RunawayRule("rule runs away")
        if start > after:
            return
        yield start


def parts_of(rule: str) -> dict[str, str]:
    """A rule taken apart, in capitals."""
    return dict(part.partition("=")[::2] for part in rule.upper().rstrip(";").split(";"))


def _walk(rule: str, first: datetime, when: When, after: datetime) -> Iterator[datetime]:
    """The starts that a rule gives, in order; raises `RunawayRule` for one that no calendar shows.

    A rule that never comes true (30 February) is sought for until the end of time, so it is walked in the last cycle
    of the calendar that the program's dates can tell: there time ends after some hundred years, not after 8,000.
    """
    parts = parts_of(rule)
    if parts.get("FREQ") not in _FREQUENCIES or not parts.keys() <= _PARTS:
        raise RunawayRule("a rule that calendars do not show")
    if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & parts.keys():
        parts["BYDAY"] = _WEEK[first.weekday()]  # what a rule leaves out, its start says; the walk would take every day
    cycles = max(0, (_LAST_YEAR - 1 - max(first.year, after.year)) // _CALENDAR_CYCLE)
    try:
        if "UNTIL" in parts:
            until = _until(parts["UNTIL"], when)
            year = int(until[:4]) + cycles * _CALENDAR_CYCLE
            parts["UNTIL"] = f"{min(year, _LAST_YEAR):04}{until[4:]}"
        late = _shifted(first, cycles)
        walk = iter(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=late))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as trouble:
        raise RunawayRule("rule not understood") from trouble
    return (_shifted(start, -cycles) for start in walk)


def _shifted(at: datetime, cycles: int) -> datetime:
    return at.replace(year=at.year + cycles * _CALENDAR_CYCLE)


def _bounded(walk: Iterator[datetime], before: datetime, after: datetime) -> Iterator[datetime]:
    found = 0
    for step, start in enumerate(walk):
        if step > MOST_STEPS or found > MOST_OCCURRENCES:
            raise RunawayRule("rule runs away")
        if start > after:
            return
        if start >= before:
            found += 1
            yield start


def _span(when: When) -> timedelta:
    return when.end - when.start


def _as_time(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())


def ends_before(rule: str, when: When) -> bool:
    """Whether a rule ends before its series starts; raises `ValueError` for an end that is no date."""
    parts = parts_of(rule)
    if "UNTIL" not in parts:
        return False
    start = when.start if isinstance(when, Timed) else datetime.combine(when.start, datetime.min.time())
    return _until(parts["UNTIL"], when)[:15] < (
        f"{start:%Y%m%d}" if isinstance(when, AllDay) else f"{start:%Y%m%dT%H%M%S}"
    )


def _until(value: str, when: When) -> str:
    """UNTIL told on the series' own wall clock, which is how it is walked (RFC 5545 gives it in UTC)."""
    value = value.strip()
    if isinstance(when, AllDay):
        return value[:8]
    if len(value) == 8:
        return f"{value}T235959"
    if value.upper().endswith("Z"):
        at = datetime.strptime(value[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return at.astimezone(ZoneInfo(when.zone)).strftime("%Y%m%dT%H%M%S")
    return value[:15]
