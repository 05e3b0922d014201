"""Parts of a series: what lies before a day, what goes on from it, its first so many; and which two are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice

from soroe.core.event import AllDay, EventContent, Recurrence, Timed, When, instant, starts_on

from .recurrence import RunawayRule, all_starts

FAR = timedelta(days=366 * 45)
"""How far a series is followed from its start: ten leap days, the rarest thing anybody meets on, take forty years."""


def first_starts(content: EventContent, most: int, *, removed: bool = False) -> list[datetime]:
    """The first starts of a series by its own wall clock, at most so many; with `removed`, cancelled ones count too.

    Raises `RunawayRule` for a rule that no calendar shows. A rule that never comes true costs a second or more: ask
    about rules that a CRM can say.
    """
    if content.recurrence is None:
        return []
    recurrence = replace(content.recurrence, removed=()) if removed else content.recurrence
    return list(_first_starts(recurrence, content.when, most))


@lru_cache(256)
def _first_starts(recurrence: Recurrence, when: When, most: int) -> tuple[datetime, ...]:
    first = _first(when)
    return tuple(islice(all_starts(recurrence, first, when, first + FAR), most))


def _starts(content: EventContent, *, removed: bool = False) -> Iterator[datetime]:
    recurrence = content.recurrence
    if recurrence is None:
        return
    if removed:
        recurrence = replace(recurrence, removed=())
    first = _first(content.when)
    yield from all_starts(recurrence, first, content.when, first + FAR)


def same_occurrences(one: EventContent, other: EventContent, most: int) -> bool:
    """Whether two series take place on the same days, as far as their first so many occurrences tell.

    The days are compared, and not the words of the rules: a CRM tells the day of the last occurrence where a calendar
    tells their number.
    """
    try:
        return _days(one, most) == _days(other, most)
    except RunawayRule:
        return False


def _days(content: EventContent, most: int) -> list[date]:
    return [start.date() for start in first_starts(content, most)]


def is_over(content: EventContent, today: date) -> bool:
    """Whether a series has no occurrence on this day or later; a single meeting is over when it started before."""
    if content.recurrence is None:
        return starts_on(content.when) < today
    try:
        return next((start for start in _starts(content) if start.date() >= today), None) is None
    except RunawayRule:
        return False


def ended_before(content: EventContent, day: date) -> EventContent | None:
    """The same series without what starts on this day or later; None where nothing is left."""
    recurrence = content.recurrence
    if recurrence is None:
        return None
    before = [start for start in _until_day(content, day) if start.date() < day]
    if not before:
        return None
    return replace(content, recurrence=_ending(recurrence, before[-1], content.when))


def first_so_many(content: EventContent, most: int) -> EventContent:
    """The same series, at most so many occurrences long; cancelled ones count, as a service counts them."""
    recurrence = content.recurrence
    starts = first_starts(content, most + 1, removed=True)
    if recurrence is None or len(starts) <= most:
        return content
    return replace(content, recurrence=_ending(recurrence, starts[most - 1], content.when))


def from_day(content: EventContent, day: date) -> EventContent | None:
    """What is left of a series from this day on, as a series that begins then; None where nothing is left."""
    recurrence = content.recurrence
    if recurrence is None:
        return None
    if starts_on(content.when) >= day:
        return content
    start = next((start for start in _starts(content) if start.date() >= day), None)
    if start is None:
        return None
    passed = sum(1 for one in _until_day(content, start.date(), removed=True) if one < start)
    rules = tuple(_counting_from(rule, passed) for rule in recurrence.rules)
    left = Recurrence(rules, _since(recurrence.added, start), _since(recurrence.removed, start))
    return replace(content, when=moved_to(content.when, start), recurrence=left)


def moved_to(when: When, start: datetime) -> When:
    """The same meeting at another start, told by its own wall clock."""
    if isinstance(when, AllDay):
        return AllDay(start.date(), start.date() + (when.end - when.start))
    return replace(when, start=start, end=start + (when.end - when.start))


def _until_day(content: EventContent, day: date, *, removed: bool = False) -> Iterator[datetime]:
    for start in _starts(content, removed=removed):
        if start.date() > day:
            return
        yield start


def _first(when: When) -> datetime:
    return datetime.combine(when.start, datetime.min.time()) if isinstance(when, AllDay) else when.start


def _ending(recurrence: Recurrence, last: datetime, when: When) -> Recurrence:
    rules = tuple(_with_end(rule, until_text(last, when)) for rule in recurrence.rules)
    added = tuple(at for at in recurrence.added if _as_time(at) <= last)
    removed = tuple(at for at in recurrence.removed if _as_time(at) <= last)
    return Recurrence(rules, added, removed)


def until_text(last: datetime, when: When) -> str:
    """The UNTIL of a series whose last occurrence starts then: a date for whole days, else a moment in UTC."""
    if isinstance(when, Timed):
        return f"{instant(last, when.zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{last:%Y%m%d}"


def _with_end(rule: str, until: str) -> str:
    kept = [part for part in rule.upper().rstrip(";").split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    return ";".join([*kept, f"UNTIL={until}"])


def _counting_from(rule: str, passed: int) -> str:
    def part(text: str) -> str:
        name, _, value = text.partition("=")
        return f"COUNT={max(1, int(value) - passed)}" if name == "COUNT" else text

    return ";".join(part(text) for text in rule.upper().rstrip(";").split(";"))


def _since(points: tuple[datetime | date, ...], start: datetime) -> tuple[datetime | date, ...]:
    return tuple(at for at in points if _as_time(at) >= start)


def _as_time(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())
