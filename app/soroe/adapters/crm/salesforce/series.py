"""Classic recurring events: one record for the series and one for each meeting, put together as one series.

A meeting's record does not say which of the series' dates it stands for. One that lies on a date stands for it; one
that was moved stands for the date that its neighbours leave open, for the records were made in the order of the dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from soroe.adapters.crm.documents import Malformed, at, flag_at, text_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import (
    CRM_LIST,
    EventContent,
    Field,
    ItemId,
    ObservedItem,
    Occurrence,
    Ref,
    Seen,
    Timed,
    Tombstone,
    Unreadable,
    Version,
    When,
    occurrence_id,
)
from soroe.core.link import canonical, same_time
from soroe.core.rules.recurrence import wall_start
from soroe.core.stamp import token

from .api import Api
from .pattern import series_time, slots
from .queries import series_rows
from .times import when_of
from .wire import content_of, is_deleted, read_event, record_id
from .words import is_record_id

Start = datetime | date
_COMPARED = tuple(name for name in Field if name not in {Field.RECURRENCE, Field.WHEN, Field.GUESTS_MAY_CHANGE})


def series_of(record: object) -> str | None:
    """The id of the Classic series that a record is, or is a meeting of; None for others, and for invitees' copies."""
    if flag_at(record, "IsChild"):
        return None
    found = at(record, "RecurrenceActivityId")
    if found is None:
        return record_id(record) if flag_at(record, "IsRecurrence") else None
    if not isinstance(found, str) or not is_record_id(found):
        raise Malformed("RecurrenceActivityId", "is not an id of a record")
    return found


@dataclass(slots=True)
class Slot:
    """One date of a series: its original start, its time by the rule, and the record that stands for it, if any."""

    original: Start
    when: When
    row: Json = None


@dataclass(slots=True)
class ClassicSeries:
    """A series as its records tell it. `binned` are meetings in the recycle bin, by original start."""

    master: Json
    content: EventContent
    slots: list[Slot]
    binned: dict[Start, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the series' own record."""
        return record_id(self.master)

    def slot(self, original: Start) -> Slot | None:
        """The date that an original start names."""
        return next((slot for slot in self.slots if slot.original == original), None)

    def item(self, stamp_field: str) -> ObservedItem | Unreadable:
        """The series as one item; dates without a record are left out of it."""
        found = read_event(self.master, stamp_field)
        if isinstance(found, Unreadable) or found.version is None:
            return found
        gone = [wall_start(slot.original, self.content.when) for slot in self.slots if slot.row is None]
        recurrence = self.content.recurrence
        if recurrence is not None and gone:
            recurrence = replace(recurrence, removed=tuple(gone))
        mark = token("\n".join(f"{at:%Y%m%dT%H%M}" for at in gone), 4) if gone else ""
        version = Version(f"{found.version}{'.' if mark else ''}{mark}")
        return replace(found, version=version, content=replace(self.content, recurrence=recurrence))

    def exception(self, slot: Slot, stamp_field: str) -> ObservedItem | Unreadable:
        """One meeting of the series, under the name that the program gives it."""
        occurrence = Occurrence(ItemId(self.id), slot.original)
        ref = Ref(CRM_LIST, occurrence_id(occurrence.series, slot.original))
        found = read_event(slot.row, stamp_field)
        if isinstance(found, Unreadable):
            return replace(found, ref=ref)
        content = found.content
        if isinstance(content.when, Timed) and isinstance(self.content.when, Timed):
            content = replace(content, when=content.when.within(self.content.when.zone))
        return replace(found, ref=ref, content=content, occurrence=occurrence)

    def differs(self, slot: Slot) -> bool:
        """Whether a meeting is another than the series says; one that cannot be read counts as another."""
        try:
            own = content_of(slot.row)
        except Malformed:
            return True
        whole = self.content
        if not same_time(own.when, slot.when):
            return True
        return any(canonical(own, name) != canonical(whole, name) for name in _COMPARED)


@dataclass(frozen=True, slots=True)
class Told:
    """What was read of some series: what there is to tell, and the records behind it."""

    seen: tuple[Seen, ...]
    rows: tuple[Json, ...]


class SeriesReading:
    """Reads series whole: Salesforce tells the records of one by one."""

    def __init__(self, api: Api, stamp_field: str) -> None:
        self._api = api
        self._stamp_field = stamp_field

    def told(self, fields: str, masters: Sequence[str], known: Collection[str] = ()) -> Told:
        """These series with the meetings that differ, or that are `known` (by the program's names) to have differed."""
        rows = [row for words in series_rows(fields, masters) for row in self._api.all_of(words)]
        seen: list[Seen] = []
        for master in dict.fromkeys(masters):
            seen += self._of(master, rows, known)
        return Told(tuple(seen), tuple(rows))

    def whole(self, master: str) -> ClassicSeries | None:
        """One series with all its dates, None where it is gone; raises `Malformed`."""
        fields = self._api.selection()
        rows = [row for words in series_rows(fields, [master]) for row in self._api.all_of(words)]
        return put_together(master, rows, self._api.user().id)

    def _of(self, master: str, rows: Iterable[Json], known: Collection[str]) -> Iterable[Seen]:
        ref = Ref(CRM_LIST, ItemId(master))
        try:
            series = put_together(master, rows, self._api.user().id)
            if series is None:
                return [Tombstone(ref)]
        except Malformed as error:
            return [Unreadable(ref, error.field, error.reason)]
        seen: list[Seen] = [series.item(self._stamp_field)]
        for slot in series.slots:
            own = occurrence_id(ItemId(master), slot.original)
            if slot.row is None:
                seen.append(Tombstone(Ref(CRM_LIST, own), occurrence=Occurrence(ItemId(master), slot.original)))
            elif own in known or series.differs(slot):
                seen.append(series.exception(slot, self._stamp_field))
        return seen


def put_together(master: str, rows: Iterable[Json], owner: str) -> ClassicSeries | None:
    """The series of these records; None where it is gone, or now somebody else's. Raises `Malformed`.

    Whoever deletes a series in Salesforce's web page takes away its meetings to come, and may leave its own record: one
    without any meeting is gone.
    """
    own = [row for row in rows if at(row, "RecurrenceActivityId") == master and not flag_at(row, "IsChild")]
    whole = next((row for row in own if at(row, "Id") == master), None)
    if whole is None or is_deleted(whole) or text_at(whole, "OwnerId", 200) != owner:
        return None
    if all(is_deleted(row) for row in own if row is not whole):
        return None
    when, recurrence = series_time(whole)
    content = replace(content_of({**whole, "EndDateTime": None}), when=when, recurrence=recurrence)
    dates = [Slot(original, time) for time, original in slots(content)]
    series = ClassicSeries(whole, content, dates)
    meetings = sorted((row for row in own if at(row, "Id") != master), key=record_id)
    _assign(series, [row for row in meetings if not is_deleted(row)], [row for row in meetings if is_deleted(row)])
    return series


def _assign(series: ClassicSeries, living: Sequence[Json], binned: Sequence[Json]) -> None:
    """Finds the date of each record: first those that lie on one, then, in the order they were made, the others."""
    by_time = {_time_key(slot.when): slot for slot in series.slots}
    moved: list[Json] = []
    for row in living:
        key = _row_key(row)
        slot = None if key is None else by_time.get(key)
        if slot is not None and slot.row is None:
            slot.row = row
        else:
            moved.append(row)
    for row in binned:
        key = _row_key(row)
        slot = None if key is None else by_time.get(key)
        if slot is not None and slot.row is None:
            series.binned[slot.original] = record_id(row)
    open_dates = [slot for slot in series.slots if slot.row is None and slot.original not in series.binned]
    open_dates += [slot for slot in series.slots if slot.row is None and slot.original in series.binned]
    for row in moved:
        fitting = [slot for slot in open_dates if _is_between(series, slot, record_id(row))] or open_dates
        if fitting:
            fitting[0].row = row
            series.binned.pop(fitting[0].original, None)
            open_dates.remove(fitting[0])


def _is_between(series: ClassicSeries, slot: Slot, own: str) -> bool:
    """Whether a record made when `own` was made lies between the neighbours of a date."""
    place = series.slots.index(slot)
    before = next((record_id(one.row) for one in reversed(series.slots[:place]) if one.row is not None), "")
    after = next((record_id(one.row) for one in series.slots[place + 1 :] if one.row is not None), "~")
    return before < own < after


def _row_key(row: Json) -> Start | None:
    try:
        return _time_key(when_of(row))
    except Malformed:
        return None  # it is told as unreadable under the date that is left for it


def _time_key(when: When) -> Start:
    return when.start_utc if isinstance(when, Timed) else when.start
