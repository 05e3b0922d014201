"""`events.list` and `events.instances`: which events, in which pages, with which token. The caller holds the lock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from soroe.sandbox.google.errors import Json, full_sync_required, invalid, updated_min_too_long_ago
from soroe.sandbox.google.lies import Lies
from soroe.sandbox.google.model import Calendar, Record, State
from soroe.sandbox.google.query import ListQuery
from soroe.sandbox.google.selection import Entry, chosen
from soroe.sandbox.google.times import instant
from soroe.sandbox.google.tokens import SyncPoint, read_token, write_token
from soroe.sandbox.google.view import Reader, instance_of, shown_event

_OLDEST_UPDATED_MIN = timedelta(days=30)
_OPEN_LISTINGS = 200


@dataclass(slots=True)
class _OpenListing:
    """A listing that is being read page by page: what it consists of, and the sync point its last page gives.

    The entries are fixed at the first page; an event that changes meanwhile shows its newest state, and comes again in
    the next incremental listing.
    """

    belongs_to: str
    entries: list[Entry]
    point: SyncPoint
    bare: bool


class Listings:
    """Answers listings and keeps the ones that are still being read."""

    def __init__(self, state: State, lies: Lies) -> None:
        self._state = state
        self._lies = lies
        self._open: OrderedDict[str, _OpenListing] = OrderedDict()

    def answer(
        self, email: str, calendar: Calendar, query: ListQuery, select: Callable[[], Iterator[Entry]] | None = None
    ) -> Json:
        """Returns one page of events as the API writes it. `select` replaces the usual choice (for instances)."""
        belongs_to = f"{email}|{calendar.id}|{query.whole()}"
        if query.page_token is None:
            name, offset, page = self._begin(calendar, query, belongs_to, select), 0, 0
        else:
            name, offset, page = self._continue(query.page_token, belongs_to)
        listing = self._open[name]
        size = self._page_size(query.size, page)
        reader = Reader(email, calendar, query.time_zone, query.max_attendees)
        items = self._items(reader, listing, offset, size)
        if self._lies.take("repeated"):
            items = [item for item in items for _ in range(2)]
        answer = self._head(email, calendar) | {"items": items}
        if offset + size < len(listing.entries):
            answer["nextPageToken"] = f"{name}.{offset + size}.{page + 1}"
        elif query.gives_sync_token and select is None:
            answer["nextSyncToken"] = write_token(calendar, self._state.token_generation, query, listing.point)
        return answer

    def _begin(
        self, calendar: Calendar, query: ListQuery, belongs_to: str, select: Callable[[], Iterator[Entry]] | None
    ) -> str:
        point = SyncPoint(calendar.version, query.low, query.high)
        since: int | None = None
        if query.sync_token is not None:
            former = read_token(calendar, self._state.token_generation, query)
            since = former.version
            query = replace(query, low=former.low, high=former.high)
            point = replace(former, version=calendar.version)
        if query.updated_min is not None and self._state.clock() - query.updated_min > _OLDEST_UPDATED_MIN:
            raise updated_min_too_long_ago()
        entries = list(select() if select is not None else chosen(calendar, query, since))
        if query.order == "startTime":
            entries.sort(key=lambda entry: _start(calendar, entry))
        if self._lies.take("empty"):
            entries = []
        keep = self._lies.take_truncated()
        name = f"{self._state.random.getrandbits(80):020x}"
        bare = query.show_deleted is not True
        self._open[name] = _OpenListing(belongs_to, entries[:keep], point, bare)
        while len(self._open) > _OPEN_LISTINGS:
            self._open.popitem(last=False)
        return name

    def _continue(self, page_token: str, belongs_to: str) -> tuple[str, int, int]:
        if self._lies.take("gone"):
            raise full_sync_required()
        name, _, rest = page_token.partition(".")
        offset, _, page = rest.partition(".")
        listing = self._open.get(name)
        if listing is None or listing.belongs_to != belongs_to or not offset.isdecimal() or not page.isdecimal():
            raise invalid("Invalid page token value.", "pageToken")
        return name, int(offset), int(page)

    def _page_size(self, size: int, page: int) -> int:
        if not self._lies.hostile_paging:
            return size
        return 0 if page % 3 == 0 else max(1, size // (2 + page % 2))

    def _items(self, reader: Reader, listing: _OpenListing, offset: int, size: int) -> list[Json]:
        items = []
        for entry in listing.entries[offset : offset + size]:
            record = current(reader.calendar, entry)
            if record is not None:
                items.append(shown_event(reader, record, bare=listing.bare))
        return items

    def _head(self, email: str, calendar: Calendar) -> Json:
        newest = next(reversed(calendar.records.values()), None)
        return {
            "kind": "calendar#events",
            "etag": f'"p{calendar.version:x}"',
            "summary": calendar.summary,
            "description": calendar.description,
            "updated": newest.body["updated"] if newest else "1970-01-01T00:00:00.000Z",
            "timeZone": calendar.time_zone,
            "accessRole": calendar.roles[email].name,
            "defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.primary else [],
        }


def current(calendar: Calendar, entry: Entry) -> Record | None:
    """Returns what an entry stands for now; nothing when it has disappeared for good meanwhile."""
    record = calendar.records.get(entry.record_id)
    if record is None or entry.original is None:
        return record
    instance = instance_of(record, entry.original)
    if entry.gone:
        instance.body = {**instance.body, "status": "cancelled"}
    return calendar.records.get(instance.id, instance)


def _start(calendar: Calendar, entry: Entry) -> datetime:
    record = current(calendar, entry)
    if record is None:
        return datetime.max.replace(tzinfo=UTC)
    return instant(record.body["start"], calendar.time_zone)
