"""`calendarView/delta`: rounds of changes to a fixed window of one calendar, page by page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from soroe.sandbox.microsoft365.errors import (
    GraphError,
    Json,
    bad_sync_token,
    item_not_found,
    resync_required,
    sync_state_not_found,
)
from soroe.sandbox.microsoft365.http import Request
from soroe.sandbox.microsoft365.lies import Lies
from soroe.sandbox.microsoft365.model import Calendar, Item, Record, State
from soroe.sandbox.microsoft365.preferences import USUAL_PAGE
from soroe.sandbox.microsoft365.query import window
from soroe.sandbox.microsoft365.series import Seen, days, in_window, occurrence, overlaps
from soroe.sandbox.microsoft365.tokens import SyncState, read, written
from soroe.sandbox.microsoft365.view import Reader, shown_event

_REFUSED = ("select", "filter", "expand", "orderby", "search")
_KEPT_ROUNDS = 200
_NOTHING = -1  # no round so far: an empty calendar has version 0
_SHORT = ("@odata.etag", "id", "seriesMasterId", "type", "start", "end")

Place = tuple[str, date | None]


@dataclass(frozen=True, slots=True)
class Removed:
    """Something the window no longer shows: by its place, or by the very id a lie names."""

    place: Place
    shown_id: str = ""


Entry = Seen | Removed


class Deltas:
    """Answers rounds. The caller holds the lock. `resync` chooses how a link that has expired is refused."""

    def __init__(self, state: State, lies: Lies) -> None:
        self._state = state
        self._lies = lies
        self._key = secrets.token_bytes(32)
        self._rounds: dict[int, list[Entry]] = {}
        self._last_round = 0
        self.resync = False

    def answer(self, reader: Reader, request: Request, address: str) -> Json:
        """Returns one page with its nextLink or deltaLink; `address` is that of the call without its options."""
        for name in _REFUSED:
            if name in request.query:
                text = f"The following parameters are not supported with change tracking: '${name}'."
                raise GraphError(400, "ErrorInvalidUrlQuery", text)
        state = self._position(reader, request, address)
        entries = self._rounds.get(state.round)
        if entries is None:
            raise sync_state_not_found()
        size = reader.prefer.page or USUAL_PAGE
        if self._lies.hostile_paging:
            size = 1
        page = entries[state.offset : state.offset + size]
        if self._lies.hostile_paging and state.turn % 2 == 0:
            page = []
        following = replace(state, offset=state.offset + len(page), turn=state.turn + 1)
        answer: Json = {"@odata.context": f"{request.base}/v1.0/$metadata#Collection(event)"}
        if following.offset < len(entries):
            answer["@odata.nextLink"] = f"{address}?$skiptoken={written(following, self._key)}"
        else:
            done = replace(state, round=0, offset=0, turn=0)
            answer["@odata.deltaLink"] = f"{address}?$deltatoken={written(done, self._key)}"
        return answer | {"value": [_shown(reader, entry) for entry in page]}

    def _position(self, reader: Reader, request: Request, address: str) -> SyncState:
        """Reads where the program stands, and begins a round where it is at the start of one."""
        skip, delta = request.query.get("skiptoken"), request.query.get("deltatoken")
        if skip is None and delta is None:
            start, end = window(request.query)
            begun = SyncState(
                reader.email,
                reader.calendar.id,
                start.isoformat(),
                end.isoformat(),
                _NOTHING,
                self._state.link_generation,
            )
            return self._begin(reader.calendar, begun)
        state = read(skip if skip is not None else delta or "", self._key)
        if (state.email, state.calendar) != (reader.email, reader.calendar.id) or (skip is None) != (state.round == 0):
            raise bad_sync_token()
        if state.generation != self._state.link_generation or (skip is not None and self._lies.take("gone")):
            if self.resync:
                raise resync_required(f"{address}?$deltatoken=")
            raise sync_state_not_found()
        return state if skip is not None else self._begin(reader.calendar, state)

    def _begin(self, calendar: Calendar, state: SyncState) -> SyncState:
        start, end = datetime.fromisoformat(state.start), datetime.fromisoformat(state.end)
        upto = calendar.version
        entries: list[Entry] = []
        if state.since == _NOTHING:
            for record in calendar.records.values():
                entries += _whole(calendar, record, start, end)
        elif self._lies.take("lag"):
            upto = state.since
        else:
            told = self._lies.tells_lost_occurrences
            entries = _changes(calendar, state.since, start, end, told=told)
        self._last_round += 1
        self._rounds[self._last_round] = self._lied(entries)
        self._rounds.pop(self._last_round - _KEPT_ROUNDS, None)
        return replace(state, since=upto, round=self._last_round)

    def _lied(self, entries: list[Entry]) -> list[Entry]:
        if self._lies.take("empty"):
            return []
        keep = self._lies.take_truncated()
        entries = entries if keep is None else entries[:keep]
        if self._lies.take("repeated"):
            entries = entries + entries
        return entries + [Removed(("", None), one) for one in self._lies.take_removed()]


def _whole(calendar: Calendar, record: Record, start: datetime, end: datetime) -> list[Entry]:
    """What a first round says of a stored item: itself, or the series with its occurrences in the window."""
    found = list(in_window(calendar, record, start, end))
    if record.item.repeats and found:
        return [Seen(record, record.item), *found]
    return list(found)


def _changes(calendar: Calendar, since: int, start: datetime, end: datetime, *, told: bool) -> list[Entry]:
    """What changed after a version: items as they are now, and `@removed` for what the window does not show any more.

    The latter includes changes to events that were never inside (page on event: delta). Of an occurrence that a living
    series has lost there is no word, unless `told`: it is only missing among those reported with the series.
    """
    entries: list[Entry] = []
    for record in calendar.changed_since(since):
        if record.item.master is not None:
            continue  # its series was changed with it
        now = _whole(calendar, record, start, end)
        shown = {entry.place for entry in now}
        entries += now
        gone = [place for place in _places_before(calendar, record, since, start, end) if place not in shown]
        if not now and (record.id, None) not in gone:
            gone.insert(0, (record.id, None))
        if told or not record.item.repeats or not now:
            entries += [Removed(place) for place in gone]
    return entries


def _places_before(calendar: Calendar, record: Record, since: int, start: datetime, end: datetime) -> list[Place]:
    """Under which ids a stored item showed in the window when the calendar's latest change was `since`."""
    old = record.as_of(since)
    if old is None:
        return []
    if not old.repeats:
        return [(record.id, None)] if overlaps(start, end, old) else []
    places: list[Place] = []
    modified = {one.item.day: one.as_of(since) for one in calendar.exceptions.get(record.id, {}).values()}
    for day in days(old, end.date() + timedelta(days=1)):
        was: Item = modified.get(day) or occurrence(record, old, day).item
        if overlaps(start, end, was):
            places.append((record.id, day))
    return [(record.id, None), *places] if places else []


def _shown(reader: Reader, entry: Entry) -> Json:
    if isinstance(entry, Removed):
        record_id, day = entry.place
        if not entry.shown_id and not record_id:
            raise item_not_found()
        shown_id = entry.shown_id or reader.state.place(
            reader.calendar, record_id, day, immutable=reader.prefer.immutable
        )
        return {"@odata.type": "#microsoft.graph.event", "id": shown_id, "@removed": {"reason": "deleted"}}
    whole = {"@odata.type": "#microsoft.graph.event", **shown_event(reader, entry)}
    if entry.kind == "occurrence":
        return {key: whole[key] for key in ("@odata.type", *_SHORT)}
    return whole
