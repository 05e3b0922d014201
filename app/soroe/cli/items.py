"""Meetings in documents and in lines: what a person needs to know them again, and the id to ask with."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from soroe.core.event import AllDay, EventContent, ObservedItem, Ref, When
from soroe.ui.texts import Texts, times

from .console import shortened

TITLE_COLUMNS = 40


def item_document(ref: Ref | None, item: ObservedItem | None, zone: tzinfo) -> dict[str, object] | None:
    """One side's item as JSON: its id always, its title and times where they are known."""
    if ref is None and item is None:
        return None
    where = item.ref if item is not None else ref
    assert where is not None
    document: dict[str, object] = {"id": where.id, "container": where.container}
    return document | (content_document(item.content, zone) if item is not None else {})


def content_document(content: EventContent, zone: tzinfo) -> dict[str, object]:
    """A meeting's title and times; all-day ends are the first day after it, as everywhere."""
    start, end = bounds(content.when, zone)
    return {"title": content.title, "start": start, "end": end, "all_day": isinstance(content.when, AllDay)}


def bounds(when: When, zone: tzinfo) -> tuple[str, str]:
    """Start and end as ISO 8601: dates, or instants told in `zone`; wall-clock time where its zone is unknown."""
    if isinstance(when, AllDay):
        return when.start.isoformat(), when.end.isoformat()
    try:
        return moment(when.start_utc, zone), moment(when.end_utc, zone)
    except LookupError:
        return when.start.isoformat(), when.end.isoformat()


def moment(at: datetime, zone: tzinfo) -> str:
    """An instant as ISO 8601 with its offset, to the second."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def utc(at: datetime | None) -> str | None:
    """An instant in UTC as ISO 8601."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def title_cell(content: EventContent | None) -> str:
    """A title for a table."""
    return "" if content is None else shortened(content.title, TITLE_COLUMNS)


def when_cell(texts: Texts, content: EventContent | None, now: datetime, zone: tzinfo) -> str:
    """A meeting's time for a table."""
    if content is None:
        return ""
    try:
        return times.when(texts, content.when, now, zone)
    except LookupError:
        return bounds(content.when, zone)[0]
