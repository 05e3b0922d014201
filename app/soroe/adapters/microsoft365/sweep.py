"""Reads what a page of changes names, and tells it in the engine's terms: events, series, and what is really gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from soroe.adapters.net.reading import Json, Misfit, list_of
from soroe.core.event import (
    ItemId,
    ObservedItem,
    Occurrence,
    Ref,
    Seen,
    Timed,
    Tombstone,
    Unreadable,
    instant,
    occurrence_id,
)
from soroe.ports.remote import KnownVersions

from .events import entry_or_none, event_call, read_series
from .session import Session
from .whereabouts import are_in, series_in
from .wire import CalendarFacts, id_of, read_event

_MOST_EXCEPTIONS = 5_000


class Sweep:
    """One reading of a calendar's changes: nothing is told twice in it."""

    def __init__(self, session: Session, facts: CalendarFacts, known: KnownVersions) -> None:
        self._session = session
        self._facts = facts
        self._known = known
        self._told: set[str] = set()
        self._removed: set[str] = set()
        """What was said to be gone: by that it is in another calendar, or outside the window, or really gone."""
        self._lost: bool = False

    def seen(self, entries: Sequence[object]) -> tuple[tuple[Seen, ...], tuple[ItemId, ...]]:
        """What the entries of one page come to; and the single events among them that are in the state known."""
        seen: list[Seen] = []
        unchanged: list[ItemId] = []
        singles: list[str] = []
        series: list[str] = []
        for entry in entries:
            try:
                own, master = _named(entry)
            except Misfit:
                seen.append(read_event(entry, self._facts))
                continue
            wanted = own if master is None else master
            if wanted in self._told:
                continue
            self._told.add(wanted)
            if isinstance(entry, dict) and "@removed" in entry:
                self._removed.add(own)
            if master is None and self._is_unchanged(own, entry):
                unchanged.append(ItemId(own))
            else:
                (series if master is not None else singles).append(wanted)
        seen += self._singles(singles, series)
        seen += self._series(series)
        return tuple(seen), tuple(unchanged)

    def _is_unchanged(self, own: str, entry: object) -> bool:
        version = self._known.get(ItemId(own))
        return version is not None and isinstance(entry, dict) and entry.get("@odata.etag") == version

    def rest(self, *, renewing: bool) -> tuple[Seen, ...]:
        """What the pages may have left out: a cancelled occurrence is gone, and does not say of which series.

        So where something is gone for good, the series of the calendar are read again.
        """
        if not renewing or not self._lost:
            return ()
        masters = [own for own in series_in(self._session, self._facts.id) if own not in self._told]
        self._told.update(masters)
        return tuple(self._series(masters))

    def _singles(self, ids: list[str], series: list[str]) -> Iterator[Seen]:
        """Events by id. What is not there any more is gone; an occurrence that is there leads to its series."""
        for own, entry in zip(ids, self._found(ids), strict=True):
            if entry is None:
                self._lost = True
                yield Tombstone(Ref(self._facts.id, ItemId(own)))
                continue
            try:
                _, master = _named(entry)
            except Misfit:
                master = None
            if master is None:
                yield self._as(own, entry)
            elif master == own or master not in self._told:
                self._told.add(master)
                series.append(master)

    def _series(self, ids: list[str]) -> Iterator[Seen]:
        """Series, each with its changed occurrences, and a word for every cancelled one."""
        changed: list[str] = []
        for own, entry in zip(ids, read_series(self._session, self._facts.id, ids), strict=True):
            if entry is None:
                yield Tombstone(Ref(self._facts.id, ItemId(own)))
                continue
            told = self._as(own, entry)
            yield told
            try:
                for one in list_of(entry, "exceptionOccurrences", _MOST_EXCEPTIONS):
                    changed.append(id_of(one if isinstance(one, dict) else {}))
            except Misfit as misfit:
                yield Unreadable(told.ref, misfit.field, misfit.reason)
            if isinstance(told, ObservedItem):
                yield from _cancelled(told)
        for own, entry in zip(changed, self._read(changed), strict=True):
            if entry is not None:
                yield self._as(own, entry)

    def _as(self, own: str, entry: Json) -> Seen:
        """The event, under the id it was asked for."""
        seen = read_event(entry, self._facts)
        if entry.get("id") == own:
            return seen
        return Unreadable(Ref(self._facts.id, ItemId(own)), "id", "another event's")

    def _found(self, ids: Sequence[str]) -> list[Json | None]:
        """The events with these ids; None for one that is gone. One that was said to be gone and can be read all the
        same is looked for in the calendar."""
        found = list(zip(ids, self._read(ids), strict=True))
        doubtful = [one for own, one in found if one is not None and own in self._removed and one.get("id") == own]
        there = are_in(self._session, self._facts.id, doubtful)
        strays = {one.get("id") for one, is_in in zip(doubtful, there, strict=True) if not is_in}
        return [None if own in strays else entry for own, entry in found]

    def _read(self, ids: Sequence[str]) -> list[Json | None]:
        """The events with these ids; None for one that is gone."""
        calls = [event_call(self._facts.id, own) for own in ids]
        told = zip(calls, self._session.together(calls), ids, strict=True)
        return [entry_or_none(self._session, *one) for one in told]


def _named(entry: object) -> tuple[str, str | None]:
    """The id of an entry, and the id of the series to read instead of it: its own for a series, its series' else."""
    if not isinstance(entry, dict):
        raise Misfit("value", "not an object")
    own = id_of(entry)
    if "@removed" in entry:
        return own, None
    match entry.get("type"):
        case "seriesMaster":
            return own, own
        case "occurrence" | "exception":
            return own, id_of(entry, "seriesMasterId")
        case _:
            return own, None


def _cancelled(series: ObservedItem) -> Iterator[Tombstone]:
    recurrence, when = series.content.recurrence, series.content.when
    for start in recurrence.removed if recurrence is not None else ():
        original: datetime | date = start
        if isinstance(start, datetime) and isinstance(when, Timed):
            original = instant(start, when.zone).astimezone(UTC).replace(tzinfo=None)
        occurrence = Occurrence(series.ref.id, original)
        yield Tombstone(Ref(series.ref.container, occurrence_id(series.ref.id, original)), None, occurrence)
