"""Salesforce's changes: one query a poll tells what was changed and what went into the recycle bin.

What left the bin, or went to a colleague, leaves no row of the user's: the logs of deletions and changes tell of it
every hour, the full listing four times a day finds the rest. The log of deletions reaches back 15 days at most, and
less where the bin was emptied; a laptop that was away for longer lists everything anew (and so loses no deletion).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from soroe.adapters.crm.documents import Malformed, at
from soroe.adapters.net.exchange import Json
from soroe.core.event import CRM_LIST, ItemId, ObservedItem, Ref, Seen, Tombstone, Window
from soroe.ports.errors import CursorExpired
from soroe.ports.remote import NOTHING_KNOWN, Cursor, KnownVersions, Page

from . import queries
from .api import Api, FieldsChanged
from .pauses import Intervals
from .series import SeriesReading, series_of
from .times import ONE_DAY, moment_at
from .wire import is_deleted, is_series, read_event, record_id, unchanged_id, version_of
from .words import is_record_id

PAGE = 500
FARTHEST = timedelta(days=15)
MOST_MOVED = 400


@dataclass(slots=True)
class Mark:
    """Where the next reading goes on: `since` (UTC, Salesforce's clock), and what was seen at or after it.

    `fields` is what is asked of each event, so that a poll needs no look at the description first. `looked` is how far
    the logs were read, `listed` when all was listed. `exceptions` are the meetings that differed from their series.
    """

    owner: str
    fields: str
    since: datetime
    looked: datetime
    listed: datetime
    known: dict[str, str] = field(default_factory=dict)
    exceptions: set[str] = field(default_factory=set)


class Feed:
    """Reads the events of the signed-in user."""

    def __init__(self, api: Api, series: SeriesReading, intervals: Intervals, stamp_field: str) -> None:
        self._api = api
        self._series = series
        self._intervals = intervals
        self._stamp_field = stamp_field

    def changes(self, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window. Raises `CursorExpired`."""
        if cursor is None:
            return self._everything(window, known)
        return self._since(self._opened(cursor))

    # ------------------------------------------------------------------ everything
    def _everything(self, window: Window, known: KnownVersions) -> Iterator[Page]:
        user, fields = self._api.user(), self._api.selection()
        # Its times are UTC, and the window's days are the user's own: a day more at both ends leaves nothing out.
        wide = Window(window.first - ONE_DAY, window.last + ONE_DAY)
        now = self._api.server_time()
        mark = Mark(user.id, fields, _whole(now) - self._intervals.overlap, now, now)
        page = Page(())
        masters: list[str] = []
        for records in self._api.query(queries.listing(fields, user.id, window)):
            masters += [record_id(record) for record in records if _stands_for_series(record)]
            for some in _in_pages(records):
                if page.seen or page.unchanged:
                    yield page
                page = self._listed(some, wide, known, mark)
        told = self._series.told(fields, masters)
        mark.exceptions = _exceptions(told.seen)
        self._remember(mark, told.rows)
        seen = told.seen
        if seen and (page.seen or page.unchanged):
            yield page
            page = Page(())
        yield replace(page, seen=(*page.seen, *seen), cursor=_closed(mark))

    def _listed(self, records: Sequence[Json], wide: Window, known: KnownVersions, mark: Mark) -> Page:
        self._remember(mark, records)
        singles = [record for record in records if not _is_part(record) and not _is_series(record)]
        states = [(record, unchanged_id(record, known)) for record in singles]
        seen = [read_event(record, self._stamp_field) for record, same in states if same is None]
        return Page(
            tuple(one for one in seen if not _is_outside(one, wide)),
            unchanged=tuple(same for _, same in states if same is not None),
        )

    # ------------------------------------------------------------------ since
    def _since(self, mark: Mark) -> Iterator[Page]:
        before = dict(mark.known)
        touched: dict[str, None] = {}
        shown: set[str] = set()
        seen: list[Seen] = []
        for records in self._touched(mark):
            self._check_age(mark)
            shown.update(str(at(record, "Id")) for record in records)
            news = [record for record in records if _is_news(record, before)]
            self._remember(mark, records)
            for some in _in_pages(news):
                if seen:
                    yield Page(tuple(seen))
                seen = [one for record in some for one in self._told(record, touched)]
        seen += self._of_series(mark, list(touched))
        seen += self._left(mark, shown)
        self._trim(mark)
        yield Page(tuple(seen), _closed(mark))

    def _touched(self, mark: Mark) -> Iterator[list[Json]]:
        try:
            yield from self._api.query(queries.since(mark.fields, mark.owner, mark.since))
        except FieldsChanged as changed:
            raise CursorExpired("fields_changed") from changed

    def _check_age(self, mark: Mark) -> None:
        """By Salesforce's own clock, which its answer has just told."""
        now = self._api.server_time()
        if now - mark.looked >= FARTHEST:
            raise CursorExpired("deletions_are_not_told_that_far_back")
        if now - mark.listed >= self._intervals.everything:
            raise CursorExpired("everything_is_listed_now_and_then")

    def _told(self, record: Json, touched: dict[str, None]) -> Iterator[Seen]:
        try:
            master = series_of(record)
            if master is not None:
                touched[master] = None
            elif is_deleted(record):
                yield Tombstone(Ref(CRM_LIST, ItemId(record_id(record))), moment_at(record, "SystemModstamp"))
            elif not is_series(record):
                yield read_event(record, self._stamp_field)
        except Malformed:
            yield read_event(record, self._stamp_field)  # tells what is wrong with it

    def _of_series(self, mark: Mark, masters: Sequence[str]) -> list[Seen]:
        """The series that were touched, with the meetings of theirs that differ, or have differed."""
        if not masters:
            return []
        told = self._series.told(mark.fields, masters, mark.exceptions)
        self._remember(mark, told.rows)
        starts = tuple(f"{master}#" for master in masters)
        mark.exceptions = {own for own in mark.exceptions if not own.startswith(starts)} | _exceptions(told.seen)
        return list(told.seen)

    # ------------------------------------------------------------------ what is there no more
    def _left(self, mark: Mark, shown: Collection[str]) -> list[Seen]:
        """What the logs say is deleted, or changed and not the user's any more; the engine looks before it believes."""
        now = self._api.server_time()
        if now - mark.looked < self._intervals.deletions:
            return []
        start, end = mark.looked - self._intervals.overlap, now
        gone = self._api.log("deleted", start, end)
        reaches = at(gone, "earliestDateAvailable")
        if reaches is not None and moment_at(gone, "earliestDateAvailable") > start:
            raise CursorExpired("log_of_deletions_has_a_gap")
        ids = [at(one, "id") for one in at(gone, "deletedRecords") or ()]
        moved = [one for one in at(self._api.log("updated", start, end), "ids") or () if one not in shown]
        ids += self._somebody_elses(mark.owner, [one for one in moved if isinstance(one, str) and is_record_id(one)])
        covered = at(gone, "latestDateCovered")
        mark.looked = end if covered is None else min(end, moment_at(gone, "latestDateCovered"))
        told = dict.fromkeys(one for one in ids if isinstance(one, str) and is_record_id(one))
        return [Tombstone(Ref(CRM_LIST, ItemId(one))) for one in told if one not in shown]

    def _somebody_elses(self, owner: str, ids: Sequence[str]) -> list[str]:
        """Those of the changed events that are not the user's; none where too many were changed to ask about each."""
        if not ids or len(ids) > MOST_MOVED:
            return []
        rows = [row for words in queries.by_ids("Id, OwnerId", ids) for row in self._api.all_of(words)]
        return [str(at(row, "Id")) for row in rows if at(row, "OwnerId") != owner]

    # ------------------------------------------------------------------ the mark
    def _remember(self, mark: Mark, records: Sequence[Json]) -> None:
        for record in records:
            try:
                if moment_at(record, "SystemModstamp") >= mark.since:
                    mark.known[record_id(record)] = _state(record)
            except Malformed:
                continue  # told as `Unreadable` each time it comes; it cannot move the mark

    def _trim(self, mark: Mark) -> None:
        """Lets the mark follow the newest change, and forgets what lies before it."""
        times = {own: _time_in(state) for own, state in mark.known.items()}
        if times:
            mark.since = max(mark.since, _whole(max(times.values())) - self._intervals.overlap)
        mark.known = {own: state for own, state in mark.known.items() if times[own] >= mark.since}

    def _opened(self, cursor: Cursor) -> Mark:
        try:
            told = json.loads(cursor)
            mark = Mark(
                owner=str(told["me"]),
                fields=str(told["fields"]),
                since=datetime.fromisoformat(told["since"]).astimezone(UTC),
                looked=datetime.fromisoformat(told["looked"]).astimezone(UTC),
                listed=datetime.fromisoformat(told["listed"]).astimezone(UTC),
                known={str(own): str(state) for own, state in told["known"].items()},
                exceptions={str(own) for own in told["exceptions"]},
            )
            for state in mark.known.values():
                _time_in(state)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CursorExpired("cursor_is_damaged") from error
        return mark


def _closed(mark: Mark) -> Cursor:
    told = {
        "me": mark.owner,
        "fields": mark.fields,
        "since": mark.since.isoformat(),
        "looked": mark.looked.isoformat(),
        "listed": mark.listed.isoformat(),
        "known": mark.known,
        "exceptions": sorted(mark.exceptions),
    }
    return Cursor(json.dumps(told, separators=(",", ":")))


def _in_pages(records: Sequence[Json]) -> Iterator[Sequence[Json]]:
    for start in range(0, len(records), PAGE):
        yield records[start : start + PAGE]


def _exceptions(seen: Sequence[Seen]) -> set[str]:
    return {one.ref.id for one in seen if isinstance(one, ObservedItem) and one.occurrence is not None}


def _is_news(record: Json, before: dict[str, str]) -> bool:
    try:
        return _version_in(before.get(record_id(record), "")) != version_of(record)
    except Malformed:
        return True


def _is_outside(one: Seen, window: Window) -> bool:
    return isinstance(one, ObservedItem) and one.content.recurrence is None and not window.holds(one.content.when)


def _is_part(record: Json) -> bool:
    try:
        return series_of(record) is not None
    except Malformed:
        return False  # `read_event` tells what is wrong with it


def _is_series(record: Json) -> bool:
    try:
        return is_series(record)
    except Malformed:
        return False  # `read_event` tells what is wrong with it


def _stands_for_series(record: Json) -> bool:
    return _is_part(record) and at(record, "IsRecurrence") is True


def _state(record: Json) -> str:
    return f"{moment_at(record, 'SystemModstamp'):%Y-%m-%dT%H:%M:%SZ} {version_of(record)}"


def _version_in(state: str) -> str:
    return state.partition(" ")[2]


def _time_in(state: str) -> datetime:
    return datetime.fromisoformat(state.partition(" ")[0]).astimezone(UTC)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
