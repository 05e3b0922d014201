"""From a stored series to its occurrences: exceptions in their places, deleted ones left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from soroe.sandbox.exchange.errors import EwsError
from soroe.sandbox.exchange.model import Folder, Item, Record, changed
from soroe.sandbox.exchange.recurrence import days_of
from soroe.sandbox.exchange.zones import at, wall

_FURTHEST = timedelta(days=366 * 60)
_END_OF_TIME = date(4500, 8, 31)
"""The last day Outlook knows."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a person sees: a single item, a series master, or an occurrence by its `original` start."""

    folder: Folder
    record: Record
    item: Item
    original: datetime | None = None

    @property
    def kind(self) -> str:
        if self.original is not None:
            return "Exception" if self.original in self.record.exceptions else "Occurrence"
        return "RecurringMaster" if self.item.recurrence is not None else "Single"


def originals(item: Item, until: datetime) -> Iterator[datetime]:
    """The starts a series has by its rule, deleted ones included, up to `until`."""
    if item.recurrence is None:
        return
    clock = wall(item.start, item.start_zone).time()
    last = min(wall(min(until, datetime(4500, 1, 1, tzinfo=UTC)), item.start_zone).date(), _END_OF_TIME)
    for day in days_of(item.recurrence, last):
        start = at(datetime.combine(day, clock), item.start_zone)
        if start <= until:
            yield start


def occurrence(seen: Seen, original: datetime) -> Seen:
    """One occurrence of a series; refuses what the series does not have or has lost."""
    record = seen.record
    if record.item.recurrence is None or original not in originals(record.item, original):
        raise EwsError("ErrorItemNotFound")
    if original in record.item.lost:
        raise EwsError("ErrorCalendarOccurrenceIsDeletedFromRecurrence")
    return Seen(seen.folder, record, plain(record, original), original)


def plain(record: Record, original: datetime) -> Item:
    """The occurrence of a start: the exception where there is one, else what the series makes of it."""
    exception = record.exceptions.get(original)
    if exception is not None:
        return exception[0]
    item = record.item
    length = wall(item.end, item.start_zone) - wall(item.start, item.start_zone)
    end = at(wall(original, item.start_zone) + length, item.start_zone)
    return changed(item, start=original, end=end, recurrence=None, lost=frozenset(), original_start=original)


def by_index(seen: Seen, index: int) -> Seen:
    """The occurrence of a one-based index; deleted ones are counted."""
    item = seen.record.item
    if item.recurrence is None:
        raise EwsError("ErrorCalendarIsNotRecurring", "The item is not a series.")
    for number, start in enumerate(originals(item, item.start + _FURTHEST), 1):
        if number == index:
            return occurrence(seen, start)
    raise EwsError("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange")


def living(record: Record, until: datetime) -> Iterator[datetime]:
    """The original starts that have not been deleted."""
    return (start for start in originals(record.item, until) if start not in record.item.lost)


def first_and_last(record: Record) -> tuple[datetime, datetime | None] | None:
    """The first and last living occurrence; no last one for a series without an end, nothing when none lives."""
    recurrence = record.item.recurrence
    endless = recurrence is not None and recurrence.last is None and recurrence.most is None
    found: datetime | None = None
    first: datetime | None = None
    for start in living(record, record.item.start + _FURTHEST * 20):
        first = first or start
        found = start
        if endless:
            return first, None
    return (first, found) if first is not None else None


def check_neighbours(record: Record, original: datetime, start: datetime, end: datetime) -> None:
    """An occurrence must stay between its neighbours, and not on the day of one."""
    before: datetime | None = None
    after: datetime | None = None
    for one in living(record, max(original, start) + _FURTHEST):
        if one == original:
            continue
        if one > original:
            after = one
            break
        before = one
    name = record.item.start_zone
    if before is not None:
        previous = plain(record, before)
        if start < previous.end or wall(start, name).date() <= wall(previous.start, name).date():
            raise EwsError("ErrorOccurrenceCrossingBoundary")
    if after is not None:
        following = plain(record, after)
        if end > following.start or wall(start, name).date() >= wall(following.start, name).date():
            raise EwsError("ErrorOccurrenceCrossingBoundary")


def in_window(folder: Folder, record: Record, start: datetime, end: datetime) -> Iterator[Seen]:
    """What a calendar view shows of a record: itself, or the occurrences of the series."""
    if record.item.recurrence is None:
        if _overlaps(record.item, start, end):
            yield Seen(folder, record, record.item)
        return
    for original in living(record, end + timedelta(days=1)):
        if original not in record.exceptions:
            item = plain(record, original)
            if _overlaps(item, start, end):
                yield Seen(folder, record, item, original)
    for original, (item, _) in record.exceptions.items():
        if _overlaps(item, start, end):
            yield Seen(folder, record, item, original)


def _overlaps(item: Item, start: datetime, end: datetime) -> bool:
    return item.start < end and (item.end > start or item.start == item.end == start)
