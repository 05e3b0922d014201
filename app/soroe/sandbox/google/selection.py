"""Which events a listing contains: filters, deleted ones, windows, and series spread into their instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import Calendar, Record
from soroe.sandbox.google.query import ListQuery
from soroe.sandbox.google.recurrence import instance_starts
from soroe.sandbox.google.times import length, stamp
from soroe.sandbox.google.view import in_window, instance_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing: a stored event, or the untouched instance of a series that starts at `original`.

    `gone` marks an instance that the series no longer has.
    """

    record_id: str
    original: Json | None = None
    gone: bool = False


def chosen(calendar: Calendar, query: ListQuery, since: int | None) -> Iterator[Entry]:
    """Yields what a listing contains; with `since`, only what changed after that version."""
    records = list(calendar.records.values()) if since is None else calendar.changed_since(since)
    for record in records:
        if not _passes(query, record):
            continue
        if query.single_events:
            yield from _expanded(calendar, query, record, since)
        elif _told(calendar, query, record, since) and _in_reach(calendar, query, record, since):
            yield Entry(record.id)


def instances(calendar: Calendar, query: ListQuery, master: Record) -> Iterator[Entry]:
    """Yields the instances of one series, exceptions in their places."""
    for record in [master, *calendar.exceptions_of(master.id)]:
        yield from _expanded(calendar, query, record, None)


def _passes(query: ListQuery, record: Record) -> bool:
    body = record.body
    if query.event_types and body["eventType"] not in query.event_types:
        return False
    if query.uid is not None and body["iCalUID"] != query.uid:
        return False
    if query.updated_min is not None and datetime.fromisoformat(body["updated"]) < query.updated_min:
        return False
    properties = body.get("extendedProperties", {})
    if any(properties.get(part, {}).get(name) != value for part, name, value in query.properties):
        return False
    if query.text is not None:
        texts = [str(body.get(key, "")) for key in ("summary", "description", "location")]
        texts += [f"{guest.get('displayName', '')} {guest['email']}" for guest in body.get("attendees", [])]
        return query.text.casefold() in " ".join(texts).casefold()
    return True


def _tells_deleted(query: ListQuery, since: int | None) -> bool:
    return since is not None or query.updated_min is not None or bool(query.show_deleted)


def _told(calendar: Calendar, query: ListQuery, record: Record, since: int | None) -> bool:
    """Cancelled exceptions of a living series are always told when series are not spread into instances."""
    if not record.cancelled or _tells_deleted(query, since):
        return True
    master = calendar.records.get(record.master_id or "")
    return master is not None and not master.cancelled


def _in_reach(calendar: Calendar, query: ListQuery, record: Record, since: int | None) -> bool:
    """Applies the window. What was there before the token is told wherever it has gone to: it may have been inside."""
    if query.low is None and query.high is None:
        return True
    if since is not None and record.born <= since:
        return True
    if "recurrence" not in record.body:
        return in_window(record.body, query.low, query.high, calendar.time_zone)
    return any(_untouched(calendar, query, record, record.body))


def _expanded(calendar: Calendar, query: ListQuery, record: Record, since: int | None) -> Iterator[Entry]:
    if record.cancelled and not _tells_deleted(query, since):
        return
    if "recurrence" not in record.body:
        if _in_reach(calendar, query, record, since):
            yield Entry(record.id)
        return
    changed = {f"{record.id}_{stamp(e.body['originalStartTime'])}" for e in calendar.exceptions_of(record.id)}
    present = set()
    for original in _untouched(calendar, query, record, record.body):
        present.add(stamp(original))
        if f"{record.id}_{stamp(original)}" not in changed:
            yield Entry(record.id, original)
    for version, body in record.earlier if since is not None else ():
        if version < (since or 0):
            continue
        for original in _untouched(calendar, query, record, body):
            if stamp(original) not in present and f"{record.id}_{stamp(original)}" not in changed:
                present.add(stamp(original))
                yield Entry(record.id, original, gone=True)


def _untouched(calendar: Calendar, query: ListQuery, record: Record, body: Json) -> Iterator[Json]:
    """Yields the original starts of a series whose regular instances overlap the window."""
    low = query.low - length(body["start"], body["end"]) if query.low is not None else None
    series = Record(record.id, body, record.version)
    for original in instance_starts(body, low, query.high):
        if in_window(instance_of(series, original).body, query.low, query.high, calendar.time_zone):
            yield original
