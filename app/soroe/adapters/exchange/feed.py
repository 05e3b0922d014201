"""What happened in a calendar: a full listing first, then only the changes since the last sync state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from soroe.core.event import (
    ContainerId,
    ItemId,
    Occurrence,
    Ref,
    Seen,
    Tombstone,
    Unreadable,
    Window,
    occurrence_id,
)
from soroe.core.stamp import container_token, token
from soroe.ports.errors import CursorExpired, ServiceFault
from soroe.ports.remote import Cursor, KnownVersions, Page

from .lookup import AT_ONCE, get, read, settled
from .remembered import Remembered
from .session import Session
from .wire import Changed, cancelled_tombstones, read_series

if TYPE_CHECKING:
    from .library import Element, Mailbox

PAGE_SIZE = 500
"""Changes a page; the server gives at most 512. A long history is walked in as few requests as can be."""
_CHEAP = ("start", "end", "type")
"""All that a listing needs to leave out what lies far from the window; a sync cannot tell bodies in any case."""
_SIGNATURE = token(f"ews 1 {' '.join(_CHEAP)}", 5)
_FARTHEST_ZONE = timedelta(days=1)


def pages(
    session: Session, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions
) -> Iterator[Page]:
    """All pages since the cursor, or everything in the window; the last page alone carries the new cursor.

    Exchange lists a calendar from its beginning, newest first; what lies far from the window is left out by its times,
    and only the rest is read. A listing tells a little more than the window: up to a day at both ends, as zones go.
    """
    state, remembered = _open(cursor, container) if cursor is not None else (None, Remembered())
    reading = _Reading(session, container, window, remembered, known, listing=cursor is None)
    while True:
        changes, told, last = session.run(lambda mailbox, since=state: _sync(mailbox, container, since))  # type: ignore[misc] # mypy knows no lambda with a default
        if not told:
            raise ServiceFault("no_sync_state")
        seen = tuple(reading.tell(changes))
        if last:
            end = Cursor(f"{_SIGNATURE}.{container_token(container)}.{told}.{remembered.text()}")
            yield Page(seen, end, reading.unchanged())
            return
        if told == state:
            raise ServiceFault("listing_goes_in_circles")
        state = told
        yield Page(seen, None, reading.unchanged())


def _sync(
    mailbox: Mailbox, container: ContainerId, state: str | None
) -> tuple[list[tuple[str, Element]], str | None, bool]:
    from exchangelib.properties import FolderId  # type: ignore[import-untyped] # it publishes no typing information

    from .library import SyncItems, paths

    service = SyncItems(account=mailbox)
    changes = list(
        service.call(
            folder=FolderId(id=container),
            shape="IdOnly",
            additional_fields=paths(_CHEAP),
            sync_state=state,
            ignore=None,
            max_changes_returned=PAGE_SIZE,
            sync_scope="NormalItems",
        )
    )
    return changes, service.sync_state, bool(service.includes_last_item_in_range)


class _Reading:
    """One reading of a calendar, page by page; nothing is told twice in it."""

    def __init__(
        self,
        session: Session,
        container: ContainerId,
        window: Window,
        remembered: Remembered,
        known: KnownVersions,
        *,
        listing: bool,
    ) -> None:
        self._session = session
        self._container = container
        self._remembered = remembered
        self._listing = listing
        self._first = datetime.combine(window.first, time(), UTC) - _FARTHEST_ZONE
        self._last = datetime.combine(window.last, time(), UTC) + 2 * _FARTHEST_ZONE
        self._known = known
        self._told: set[str] = set()
        self._unchanged: list[ItemId] = []

    def tell(self, changes: list[tuple[str, Element]]) -> Iterator[Seen]:
        """What one page of changes comes to; a deletion is told before what is there."""
        wanted: list[str] = []
        for kind, found in changes:
            if not found.id or found.id in self._told:
                if not found.id:
                    yield Unreadable(self._ref(f"unreadable-{token(kind, 10)}"), "ItemId", "missing")
                continue
            if kind == "Delete":
                self._told.add(found.id)
                self._remembered.forget(found.id)
                if not self._listing:
                    yield Tombstone(self._ref(found.id))
            elif kind in {"Create", "Update"}:
                self._told.add(found.id)
                if self._is_unchanged(found):
                    self._unchanged.append(ItemId(found.id))
                elif not (self._listing and self._is_far(found)):
                    wanted.append(found.id)
        for number in range(0, len(wanted), AT_ONCE):
            yield from self._read(wanted[number : number + AT_ONCE])

    def unchanged(self) -> tuple[ItemId, ...]:
        """The single items of the last page that are in the state known, which were not read."""
        found, self._unchanged = tuple(self._unchanged), []
        return found

    def _is_unchanged(self, found: Element) -> bool:
        if found.item is None or found.item.type != "Single":
            return False  # what happened to its occurrences is told by a series' own properties
        return found.version != "" and self._known.get(ItemId(found.id)) == found.version

    def _read(self, ids: list[str]) -> Iterator[Seen]:
        answers = self._session.run(lambda mailbox: get(mailbox, ids))
        changed: list[tuple[Occurrence, Changed]] = []
        for own, found in zip(ids, answers, strict=True):
            ref = self._ref(own)
            seen = settled(self._session, found, ref)
            if isinstance(seen, Tombstone):
                if not self._listing:
                    yield seen
                continue
            if isinstance(found, Exception) or isinstance(seen, Unreadable):
                yield seen
                continue
            series = read_series(found, self._session.facts(self._container))
            near = [(start, one) for start, one in series.exceptions.items() if self._holds(start, one)]
            if self._listing and not near and self._has_ended(found):
                continue
            yield seen
            yield from cancelled_tombstones(series, ref)
            yield from self._forgotten(ref.id, [*(start for start, _ in near), *series.cancelled])
            changed += [(Occurrence(ref.id, start), one) for start, one in near]
        for number in range(0, len(changed), AT_ONCE):
            yield from self._exceptions(changed[number : number + AT_ONCE])

    def _forgotten(self, series: ItemId, starts: list[datetime | date]) -> Iterator[Seen]:
        """Occurrences that were told of as something of their own and are now as their series says, or no more."""
        for occurrence in self._remembered.told(series, starts, self._first.date()):
            ref = self._ref(occurrence_id(series, occurrence.original_start))
            seen = read(self._session, ref)
            yield Tombstone(ref, None, occurrence) if isinstance(seen, Tombstone) else seen

    def _exceptions(self, changed: list[tuple[Occurrence, Changed]]) -> Iterator[Seen]:
        answers = self._session.run(lambda mailbox: get(mailbox, [one.id for _, one in changed]))
        for (occurrence, _), found in zip(changed, answers, strict=True):
            ref = self._ref(occurrence_id(occurrence.series, occurrence.original_start))
            yield settled(self._session, found, ref, occurrence)

    def _ref(self, own: str) -> Ref:
        return Ref(self._container, ItemId(own))

    def _is_far(self, found: Element) -> bool:
        """Whether an item surely lies outside the window; of a series only one that begins after it."""
        item = found.item
        if item is None or not isinstance(item.start, datetime) or not isinstance(item.end, datetime):
            return False
        return bool(item.start > self._last or (item.type == "Single" and item.end < self._first))

    def _has_ended(self, found: Element) -> bool:
        last = getattr(found.item, "last_occurrence", None)
        return last is not None and isinstance(last.end, datetime) and last.end < self._first

    def _holds(self, original: object, one: Changed) -> bool:
        """Whether an exception concerns the window: by where it is, or by where its series had put it."""
        at = original if isinstance(original, datetime) else datetime.combine(original, time())  # type: ignore[arg-type] # else a date
        return (one.start <= self._last and one.end >= self._first) or (
            self._first <= at.replace(tzinfo=UTC) <= self._last
        )


def _open(cursor: Cursor, container: ContainerId) -> tuple[str, Remembered]:
    """The sync state in a cursor, and what was told before it; one of other properties or calendars is of no use."""
    signature, _, rest = cursor.partition(".")
    calendar, _, rest = rest.partition(".")
    state, _, remembered = rest.partition(".")
    if signature != _SIGNATURE or calendar != container_token(container) or not state:
        raise CursorExpired("other_parameters")
    return state, Remembered(remembered)
