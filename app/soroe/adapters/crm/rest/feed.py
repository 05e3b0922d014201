"""The change feed of a CRM: pages walked to their end, deletions told, one cursor at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.net.json_text import json_text
from soroe.core.event import (
    CRM_LIST,
    ItemId,
    ObservedItem,
    Ref,
    Seen,
    Tombstone,
    Unreadable,
    Window,
    starts_on,
)
from soroe.ports.errors import CursorExpired, ServiceFault
from soroe.ports.remote import NOTHING_KNOWN, Cursor, KnownVersions, Page

from .contract import NO_WORDS, Contract
from .moments import write_date, write_instant
from .paging import Step, first_step, next_step, outside
from .profile_requests import (
    CursorChanges,
    FlagDeletions,
    FullChanges,
    NoDeletions,
    NoPaging,
    Operation,
    Paging,
    Since,
    SinceChanges,
    Target,
    TombstoneDeletions,
)
from .reading import ItemReading, list_of
from .recurrence import last_day

MOST_PAGES = 20_000


@dataclass(slots=True)
class Mark:
    """Where the next reading goes on: the CRM's cursor, or the newest change seen with what was seen around it."""

    cursor: str = ""
    newest: datetime | None = None
    around: dict[str, str] = field(default_factory=dict)
    listed: datetime | None = None


class Feed:
    """Reads the activities of the signed-in user."""

    def __init__(self, contract: Contract, reading: ItemReading) -> None:
        self._contract = contract
        self._reading = reading
        self._profile = contract.profile

    def changes(self, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window. Raises `CursorExpired`."""
        mark = self._opened(cursor) if cursor is not None else Mark(listed=self._contract.clock())
        told = dict(mark.around)
        listing = cursor is None
        page: Page | None = None
        days = self._days(window) if listing else {}
        for documents, document in self._pages(mark, listing=listing, days=days):
            if page is not None:
                yield page
            unchanged = self._unchanged(documents, mark, known) if known else {}
            fresh = [one for one in documents if id(one) not in unchanged] if unchanged else documents
            seen = [*self._items(fresh, mark, told), *self._tombstones(document)]
            concerning = [one for one in seen if _concerns(one, window)] if listing else seen
            page = Page(tuple(concerning), unchanged=tuple(unchanged.values()))
        if isinstance(self._profile.changes, CursorChanges) and not mark.cursor:
            raise ServiceFault("feed_names_no_cursor")
        last = page or Page(())
        yield Page(last.seen, self._closed(mark), last.unchanged)

    def _unchanged(self, documents: list[Any], mark: Mark, known: KnownVersions) -> dict[int, ItemId]:
        """Which of these objects are single items in the state known; notes how far the feed has come with them."""
        deletions = self._profile.deletions
        found: dict[int, ItemId] = {}
        for document in documents:
            own = self._reading.unchanged(document, known)
            if own is None or (isinstance(deletions, FlagDeletions) and at(document, deletions.at)):
                continue
            found[id(document)] = own
            self._is_news(own, "O", document, mark, {})
        return found

    def everything(self) -> Iterator[Seen]:
        """All items there are, whatever the window: for looking up one that cannot be asked for."""
        mark = Mark()
        for documents, _ in self._pages(mark, listing=True):
            yield from self._items(documents, mark, {})

    def pages_of(self, size: int) -> Iterator[tuple[Seen, ...]]:
        """The pages of a full listing, `size` entries each."""
        paging = self._profile.paging
        sized = paging if isinstance(paging, NoPaging) else replace(paging, size=size)
        mark = Mark()
        for documents, _ in self._pages(mark, listing=True, paging=sized):
            yield tuple(self._items(documents, mark, {}))

    def _days(self, window: Window) -> dict[str, str]:
        """The days of a full listing, a day wider on both ends: the CRM counts them in a zone of its own."""
        shape = self._profile.filters.window
        if shape is None:
            return {}
        first, last = window.first - timedelta(days=1), window.last + timedelta(days=1)
        return {"first_day": str(write_date(first, shape.format)), "last_day": str(write_date(last, shape.format))}

    def _pages(
        self, mark: Mark, *, listing: bool, paging: Paging | None = None, days: Mapping[str, str] = NO_WORDS
    ) -> Iterator[tuple[list[Any], Any]]:
        operation, paging = self._profile.operations.list, paging or self._profile.paging
        start, since = self._start(mark, listing=listing)
        step: Step | None = first_step(paging, start)
        visited: set[str] = set()
        while step is not None:
            query = (*outside(operation, step.query), *since[0], *self._deleted_too())
            if step.target is not None:
                document = self._contract.read(_at_target(operation, step.target))
            else:
                document = self._contract.read(operation, "", query, {**step.words, **since[1], **days})
            documents = list_of(document, operation.items_at)
            if documents is None:
                raise ServiceFault(f"list_is_missing:{operation.items_at or 'body'}")
            following, last = next_step(paging, step, document, len(documents))
            if last:
                mark.cursor = last
            yield documents, document
            if following is not None and (following.key in visited or len(visited) >= MOST_PAGES):
                raise ServiceFault("paging_does_not_advance")
            if following is not None:
                visited.add(following.key)
            step = following

    def _start(self, mark: Mark, *, listing: bool) -> tuple[str, tuple[tuple[tuple[str, str], ...], dict[str, str]]]:
        """The cursor to begin with, and how the listing is limited to what changed."""
        nothing: tuple[tuple[tuple[str, str], ...], dict[str, str]] = ((), {})
        changes = self._profile.changes
        match changes:
            case CursorChanges():
                return mark.cursor, nothing
            case SinceChanges(since=since):
                return "", nothing if listing or mark.newest is None else self._limited(since, mark.newest)
            case FullChanges():
                return "", nothing
            case _:
                assert_never(changes)

    def _limited(self, since: Since, newest: datetime) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
        edge = newest - timedelta(seconds=since.overlap_seconds)
        text = str(write_instant(edge, since.format, self._reading.told_in))
        return (((since.parameter, text),) if since.parameter is not None else ()), {"since": text}

    def _deleted_too(self) -> tuple[tuple[str, str], ...]:
        deletions = self._profile.deletions
        return tuple(deletions.query.items()) if isinstance(deletions, FlagDeletions) else ()

    def _items(self, documents: list[Any], mark: Mark, known: Mapping[str, str]) -> list[Seen]:
        read = self._one if isinstance(self._profile.deletions, FlagDeletions) else self._reading.seen
        if not isinstance(self._profile.changes, SinceChanges):
            return [read(document) for document in documents]
        seen = [(document, read(document)) for document in documents]
        return [
            one for document, one in seen if self._is_news(one.ref.id, type(one).__name__[0], document, mark, known)
        ]

    def _one(self, document: object) -> Seen:
        deletions = self._profile.deletions
        if isinstance(deletions, FlagDeletions):
            value = at(document, deletions.at)
            if value == deletions.deleted_value and type(value) is type(deletions.deleted_value):
                return self._tombstone(document, self._reading.own_id_at, None)
        return self._reading.seen(document)

    def _is_news(self, key: str, kind: str, document: object, mark: Mark, known: Mapping[str, str]) -> bool:
        """Notes how far the feed has come; False for what the last reading, which overlaps with this one, has told."""
        if not isinstance(self._profile.changes, SinceChanges):
            return True
        instants = self._profile.times.instants
        try:
            changed = self._reading.instant(at(document, instants.updated_at), instants.updated_at)
            version = self._reading.version(document)
        except Malformed:
            return True  # its own trouble is told by `Unreadable`; it cannot move the mark
        state = f"{kind}{changed.isoformat()} {version}"  # two changes may fall into one second
        overlap = timedelta(seconds=self._profile.changes.since.overlap_seconds)
        if mark.newest is None or changed > mark.newest:
            mark.newest = changed
        mark.around[key] = state
        edge = mark.newest - overlap
        mark.around = {k: s for k, s in mark.around.items() if _changed_at(s) >= edge}
        return known.get(key) != state

    def _tombstones(self, document: object) -> Iterator[Seen]:
        deletions = self._profile.deletions
        if not isinstance(deletions, TombstoneDeletions):
            return
        listed = list_of(document, deletions.items_at)
        if listed is None:
            raise ServiceFault(f"list_is_missing:{deletions.items_at}")
        for entry in listed:
            yield self._tombstone(entry, deletions.id_at, deletions.time_at)

    def _tombstone(self, document: object, id_path: str, time_path: str | None) -> Seen:
        try:
            own = id_at(document, id_path)
        except Malformed as error:
            return Unreadable(Ref(CRM_LIST, ItemId("")), error.field, error.reason)
        when: datetime | None = None
        if time_path is not None and at(document, time_path) is not None:
            try:
                when = self._reading.instant(at(document, time_path), time_path)
            except Malformed:
                when = None  # that it is gone counts; when it went is a nicety
        name = self._reading.occurrences.ours(own)
        self._reading.occurrences.forget(own)
        return Tombstone(Ref(CRM_LIST, name), when)

    def _opened(self, cursor: Cursor) -> Mark:
        """What a cursor says; `CursorExpired` for a damaged one, and when everything has to be listed anew."""
        try:
            told = json.loads(cursor)
            mark = Mark(
                cursor=str(told["c"]),
                newest=datetime.fromisoformat(told["n"]) if told["n"] else None,
                around={str(k): str(s) for k, s in told["a"].items()},
                listed=datetime.fromisoformat(told["l"]),
            )
            exceptions = dict(told["x"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CursorExpired("cursor_is_damaged") from error
        self._reading.occurrences.load(exceptions)
        if isinstance(self._profile.changes, FullChanges):
            raise CursorExpired("everything_is_listed_each_time")
        if isinstance(self._profile.deletions, NoDeletions):
            sweep = timedelta(hours=self._profile.deletions.sweep_hours)
            if mark.listed is None or self._contract.clock() - mark.listed >= sweep:
                raise CursorExpired("deletions_are_swept")
        return mark

    def _closed(self, mark: Mark) -> Cursor:
        listed = mark.listed or self._contract.clock()
        told = {
            "c": mark.cursor,
            "n": mark.newest.isoformat() if mark.newest else "",
            "a": mark.around,
            "l": listed.astimezone(UTC).isoformat(timespec="seconds"),
            "x": self._reading.occurrences.dump(),
        }
        return Cursor(json_text(told))


def _changed_at(state: str) -> datetime:
    return datetime.fromisoformat(state[1:].partition(" ")[0])


def _at_target(operation: Operation, target: str) -> Operation:
    return replace(operation, path=Target(target), query={})


def _concerns(one: Seen, window: Window) -> bool:
    """Whether a full listing tells this: what lies in the window, series that may reach into it, and all exceptions."""
    if not isinstance(one, ObservedItem) or one.occurrence is not None:
        return True
    if one.content.recurrence is None:
        return window.holds(one.content.when)
    last = last_day(one.content.recurrence)
    return starts_on(one.content.when) <= window.last and (last is None or last >= window.first)
