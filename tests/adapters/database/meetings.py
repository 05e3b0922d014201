"""Items, links and changes for the tests of the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from soroe.core.event import (
    CRM_LIST,
    ContainerId,
    EventContent,
    ItemId,
    ObservedItem,
    Ref,
    Side,
    Timed,
    Version,
)
from soroe.core.finding import Finding, FindingKind, Severity
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.plan import Verb, Why
from soroe.core.route import SyncKey, SyncName
from soroe.core.stamp import stamp_for
from soroe.ports.store import Entry, JournalEntry, RunId

KEY = bytes(range(32))
WORK = SyncName("work")
CALENDAR = ContainerId("anna@example.com")
NOW = datetime(2026, 5, 11, 8, 30, 0, 250_000, tzinfo=UTC)
SYNC_KEY = SyncKey("0123456789abcdef")


def crm(id: str = "1") -> Ref:
    """A CRM ref."""
    return Ref(CRM_LIST, ItemId(id))


def calendar(id: str = "e1") -> Ref:
    """A calendar ref."""
    return Ref(CALENDAR, ItemId(id))


def content(title: str = "Visit", **more: Any) -> EventContent:
    """A meeting's content."""
    start = datetime(2026, 5, 12, 10, 0)
    return EventContent(title, more.pop("when", Timed(start, start + timedelta(hours=1), "Asia/Tokyo")), **more)


def item(ref: Ref | None = None, of: EventContent | None = None, **more: Any) -> ObservedItem:
    """An observed item."""
    return ObservedItem(ref or crm(), more.pop("version", Version("v1")), of or content(), **more)


def entry(seen: ObservedItem, key: bytes | None = b"key", *, dirty: bool = False) -> Entry:
    """An item to keep."""
    return Entry(seen, key, dirty)


def link(one: str = "1", other: str = "e1", title: str = "Visit", calendar_title: str | None = None) -> Link:
    """A link."""
    crm_side = Fingerprint.of(content(title))
    calendar_side = Fingerprint.of(content(calendar_title or title))
    return Link(crm(one), calendar(other), Baseline(crm_side, calendar_side), Side.CRM)


def change(run: RunId, **more: Any) -> JournalEntry:
    """A change that is about to be made."""
    values: dict[str, Any] = {
        "run": run,
        "at": NOW,
        "verb": Verb.UPDATE,
        "side": Side.CALENDAR,
        "why": Why.CHANGED_IN_CRM,
        "source": crm(),
        "target": calendar(),
        "before": content("Before"),
        "after": content("After"),
    }
    return JournalEntry(**{**values, **more})


def finding(cause: str = "too_long", **more: Any) -> Finding:
    """A finding."""
    return Finding(FindingKind.HELD, "PD-1", Severity.WARNING, cause, **more)


def typical_pairs(count: int) -> Iterator[tuple[Entry, Entry, Link]]:
    """Meetings as salespeople have them: title 30, description 60, location 20 characters, all linked and stamped."""
    for number in range(count):
        start = datetime(2026, 1, 1, 8) + timedelta(minutes=30 * (number * 7919 % count))
        shape = EventContent(
            f"Visit {number:06d} to Aoki Trading ok"[:30],
            Timed(start, start + timedelta(hours=1), "Europe/Berlin"),
            "Prices, the roadmap and the next steps, then lunch with them",
            "Room 12, Main Street",
        )
        key = blake2b(shape.title.encode(), digest_size=8).digest()
        ours = crm(str(100_000 + number))
        theirs = calendar(blake2b(str(number).encode(), digest_size=13).hexdigest())
        print_of = Fingerprint.of(shape)
        yield (
            Entry(_typical(ours, shape, theirs, "meeting"), key, dirty=True),
            Entry(_typical(theirs, shape, ours, None), key, dirty=True),
            Link(ours, theirs, Baseline(print_of, print_of), Side.CRM),
        )


def _typical(ref: Ref, of: EventContent, partner: Ref, activity_type: str | None) -> ObservedItem:
    changed = NOW.replace(microsecond=0)
    stamp = stamp_for(SYNC_KEY, partner, ref)
    version = Version('"3418734500000000"')
    return ObservedItem(ref, version, of, changed, changed, stamp, activity_type=activity_type)
