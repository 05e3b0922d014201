"""From a stored series to its occurrences, with the modified ones in their places and the lost ones left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.model import Calendar, Item, Record
from soroe.sandbox.microsoft365.recurrence import days_of
from soroe.sandbox.microsoft365.times import When

_MOST_DAYS_AHEAD = 366 * 50


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a person sees: a single event, a series master, or the occurrence of `day`, modified or not.

    `record` is the single event, the master, or the modified occurrence; `master` is set for occurrences.
    """

    record: Record
    item: Item
    day: date | None = None
    master: Record | None = None

    @property
    def kind(self) -> str:
        if self.master is not None:
            return "exception" if self.record is not self.master else "occurrence"
        return "seriesMaster" if self.item.repeats else "singleInstance"

    @property
    def place(self) -> tuple[str, date | None]:
        """What its id is made of: an occurrence keeps its id when it is modified."""
        return (self.master.id, self.day) if self.master is not None else (self.record.id, None)


def instance_start(item: Item, day: date) -> When:
    return When(datetime.combine(day, item.start.wall.time()), item.start.zone)


def occurrence(master: Record, item: Item, day: date) -> Seen:
    """The untouched occurrence of a day."""
    start = instance_start(item, day)
    length = item.end.wall - item.start.wall
    body: Json = {**item.body, "recurrence": None}
    return Seen(master, Item(start, start.moved(length), body, day=day), day, master)


def days(item: Item, until: date) -> Iterator[date]:
    """The days a series has, up to and with `until`; lost ones are left out."""
    return (day for day in days_of(item.body["recurrence"], until) if day not in item.gone)


def has_day(item: Item, day: date) -> bool:
    return any(one == day for one in days(item, day))


def around(item: Item, day: date) -> tuple[date | None, date | None]:
    """The days before and after one day of the series."""
    before: date | None = None
    for one in days(item, day + timedelta(days=_MOST_DAYS_AHEAD)):
        if one > day:
            return before, one
        if one < day:
            before = one
    return before, None


def overlaps(start: datetime, end: datetime, item: Item) -> bool:
    """Whether an item lies in a window of UTC moments; one that ends as the window begins does not."""
    begins, ends = item.start.moment, item.end.moment
    return begins < end and (ends > start or begins == ends == start)


def in_window(calendar: Calendar, record: Record, start: datetime, end: datetime) -> Iterator[Seen]:
    """What a window shows of a stored item: itself, or the occurrences of the series with modified ones among them."""
    item = record.item
    if item.deleted or item.master is not None:
        return
    if not item.repeats:
        if overlaps(start, end, item):
            yield Seen(record, item)
        return
    modified = {one.item.day: one for one in calendar.exceptions_of(record.id)}
    for day in days(item, end.astimezone(UTC).date() + timedelta(days=1)):
        if day not in modified:
            seen = occurrence(record, item, day)
            if overlaps(start, end, seen.item):
                yield seen
    for changed_day, one in modified.items():
        if changed_day is not None and overlaps(start, end, one.item):
            yield Seen(one, one.item, changed_day, record)


def view(calendar: Calendar, start: datetime, end: datetime) -> list[Seen]:
    """A whole window of a calendar, without series masters, by start."""
    found = [seen for record in calendar.records.values() for seen in in_window(calendar, record, start, end)]
    return sorted(found, key=lambda seen: (seen.item.start.moment, seen.place[0]))
