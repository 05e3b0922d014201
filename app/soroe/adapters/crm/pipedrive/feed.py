"""Pipedrive's changes: what was updated since, deletions at a modest interval, everything once a day.

Pipedrive has no feed of deletions. Deleted activities leave the list without a word; `/v1/recents` tells of them (20
tokens, every `deletions_minutes`), and the daily full listing finds what slipped through, such as an activity given to
a colleague. Nothing becomes a tombstone that was not read directly and found deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.net.exchange import Answer, Json
from soroe.core.event import CRM_LIST, ItemId, ObservedItem, Ref, Seen, Tombstone, Unreadable, Version, Window
from soroe.ports.errors import CursorExpired, Gone, ServiceFault
from soroe.ports.remote import NOTHING_KNOWN, Cursor, KnownVersions, Page

from .api import Api
from .wire import NO_ID, Values, changed_in, id_in, is_deleted, opened, read_values, version_in

ONE_DAY = timedelta(days=1)
MOST_PAGES = 5_000
MOST_RECENT_PAGES = 5


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often what is looked at. A poll costs 10 tokens, a look for deletions 20, a full listing 10 per 500.

    `overlap` is how far each reading reaches back: `updated_since` counts whole seconds and is inclusive.
    """

    deletions: timedelta = timedelta(minutes=60)
    everything: timedelta = timedelta(hours=24)
    overlap: timedelta = timedelta(seconds=30)


@dataclass(slots=True)
class Mark:
    """Where the next reading goes on: `since` (UTC), and the versions (with their `times`) of what was seen since."""

    owner: str
    since: datetime
    looked: datetime
    listed: datetime
    known: dict[str, str] = field(default_factory=dict)
    recents: bool = True
    times: dict[str, datetime] = field(default_factory=dict)


State = tuple[Values, ItemId, Version | None]
"""What an activity holds, its id and its version; no version where one of the two cannot be read."""


class Feed:
    """Reads the activities of the signed-in user."""

    def __init__(self, api: Api, intervals: Intervals) -> None:
        self._api = api
        self._intervals = intervals

    def changes(self, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window. Raises `CursorExpired`."""
        if cursor is None:
            return self._everything(window, known)
        return self._since(self._opened(cursor))

    def owned(self, since: datetime | None) -> Iterator[Json]:
        """The signed-in user's activities, changed at or after `since` where that is given."""
        limited = (("updated_since", _seconds(since)),) if since is not None else ()
        for documents, _ in self._pages((("owner_id", self._api.user().id), *limited)):
            yield from documents

    def _everything(self, window: Window, known: KnownVersions) -> Iterator[Page]:
        now = self._api.clock()
        # Its times are UTC, and the window's days are the user's own: a day more at both ends leaves nothing out.
        wide = Window(window.first - ONE_DAY, window.last + ONE_DAY)
        mark = Mark(self._api.user().id, _whole(now) - self._intervals.overlap, now, now)
        page: Page | None = None
        for documents, answer in self._pages((("owner_id", mark.owner),)):
            if page is None:
                # The service's own clock, from before anything was listed: nothing can fall between.
                mark.since = min(mark.since, _server_time(answer, now) - self._intervals.overlap)
            else:
                yield page
            seen: list[ObservedItem | Unreadable] = []
            unchanged: list[ItemId] = []
            for values, own, version in self._states(mark, documents):
                if version is not None and own in known and known[own] == version:
                    unchanged.append(own)
                else:
                    seen.append(read_values(values, version))
            concerning = (one for one in seen if not isinstance(one, ObservedItem) or wide.holds(one.content.when))
            page = Page(tuple(concerning), unchanged=tuple(unchanged))
        yield replace(page or Page(()), cursor=_closed(mark))

    def _since(self, mark: Mark) -> Iterator[Page]:
        known, now = dict(mark.known), self._api.clock()
        query = (
            ("owner_id", mark.owner),
            ("updated_since", _seconds(mark.since)),
            ("sort_by", "update_time"),
            ("sort_direction", "asc"),
        )
        page: tuple[Seen, ...] = ()
        told = False
        for documents, answer in self._pages(query):
            if told and page:
                yield Page(page)
            page = tuple(
                read_values(values, version)
                for values, own, version in self._states(mark, documents)
                if version is None or own not in known or known[own] != version
            )
            told = True
            if documents and not page:
                self._advance(mark, answer, now)
        page = (*page, *self._deleted(mark, now))
        self._trim(mark)
        yield Page(page, _closed(mark))

    def _pages(self, query: tuple[tuple[str, str], ...]) -> Iterator[tuple[list[Json], Answer]]:
        step: tuple[tuple[str, str], ...] = ()
        visited: set[str] = set()
        while True:
            documents, following, answer = self._api.page((*query, *step))
            yield documents, answer
            if following is None:
                return
            if following in visited or len(visited) >= MOST_PAGES:
                raise ServiceFault("paging_does_not_advance")
            visited.add(following)
            step = (("cursor", following),)

    def _states(self, mark: Mark, documents: list[Json]) -> list[State]:
        """What each activity holds, with its id and version; the mark remembers those that changed lately.

        An activity whose id or version cannot be read has neither: it is told as `Unreadable` each time it comes.
        """
        found: list[State] = []
        for document in documents:
            values = opened(document)
            try:
                own, version = id_in(values), version_in(values)
            except Malformed:
                found.append((values, NO_ID, None))
                continue
            found.append((values, own, version))
            try:
                changed = changed_in(values)
            except Malformed:
                continue  # it cannot move the mark
            if changed >= mark.since:
                mark.known[own], mark.times[own] = version, changed
        return found

    def _advance(self, mark: Mark, answer: Answer, now: datetime) -> None:
        """Only what is known already came: the next reading need not fetch it again."""
        mark.since = max(mark.since, _whole(_server_time(answer, now)) - self._intervals.overlap)

    def _trim(self, mark: Mark) -> None:
        """Lets the mark follow the newest change, and forgets what lies before it."""
        if mark.times:
            mark.since = max(mark.since, _whole(max(mark.times.values())) - self._intervals.overlap)
        mark.known = {own: version for own, version in mark.known.items() if mark.times[own] >= mark.since}

    def _deleted(self, mark: Mark, now: datetime) -> list[Seen]:
        """The own activities that were deleted since we last looked, each read directly before it is told."""
        if not mark.recents or now - mark.looked < self._intervals.deletions:
            return []
        try:
            candidates = self._deletion_candidates(mark)
        except ServiceFault:
            mark.recents = False  # version 1 is being retired: from now on the full listing alone finds deletions
            return []
        mark.looked = now
        return [Tombstone(Ref(CRM_LIST, ItemId(own))) for own in candidates if self._is_deleted(own)]

    def _deletion_candidates(self, mark: Mark) -> list[str]:
        since, start, found = mark.looked - self._intervals.overlap, 0, list[str]()
        for _ in range(MOST_RECENT_PAGES):
            entries, following = self._api.recent(since, start)
            found.extend(own for own in (_deletion_in(entry, mark.owner) for entry in entries) if own is not None)
            if following is None:
                return found
            start = following
        raise CursorExpired("too_many_changes_to_look_through")

    def _is_deleted(self, own: str) -> bool:
        try:
            return is_deleted(self._api.get(own))
        except (Gone, Malformed) as error:
            return isinstance(error, Gone)

    def _opened(self, cursor: Cursor) -> Mark:
        try:
            told = json.loads(cursor)
            mark = Mark(
                owner=str(told["me"]),
                since=datetime.fromisoformat(told["since"]).astimezone(UTC),
                looked=datetime.fromisoformat(told["looked"]).astimezone(UTC),
                listed=datetime.fromisoformat(told["listed"]).astimezone(UTC),
                known={str(own): str(version) for own, version in told["known"].items()},
                recents=told["recents"] is True,
            )
            mark.times = {own: _time_in(version) for own, version in mark.known.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CursorExpired("cursor_is_damaged") from error
        if self._api.clock() - mark.listed >= self._intervals.everything:
            raise CursorExpired("everything_is_listed_daily")
        return mark


def _closed(mark: Mark) -> Cursor:
    told = {
        "me": mark.owner,
        "since": _seconds(mark.since),
        "looked": _seconds(mark.looked),
        "listed": _seconds(mark.listed),
        "known": mark.known,
        "recents": mark.recents,
    }
    return Cursor(json.dumps(told, separators=(",", ":")))


def _deletion_in(entry: Json, owner: str) -> str | None:
    """The id of an own activity that this entry calls deleted."""
    data = at(entry, "data")
    if at(entry, "item") != "activity":
        return None
    gone = data is None or at(data, "active_flag") is False or at(data, "is_deleted") is True
    try:
        whose = id_at(data, "user_id") if at(data, "user_id") is not None else owner
        return id_at(entry, "id") if gone and whose == owner else None
    except Malformed:
        return None  # nothing is deleted on the word of an entry nobody can read


def _time_in(version: str) -> datetime:
    found = datetime.fromisoformat(version.partition("/")[0])
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _server_time(answer: Answer, otherwise: datetime) -> datetime:
    """The service's own clock, as its answer tells it."""
    try:
        found = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, IndexError):
        return otherwise
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _seconds(moment: datetime) -> str:
    """Whole seconds: Pipedrive refuses fractions."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
