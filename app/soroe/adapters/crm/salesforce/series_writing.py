"""Writing Classic recurring events: the series as a whole, and its meetings one by one.

Salesforce writes a change of the series into every meeting that is still to come, and makes those anew when the
pattern changes. A single event cannot become a series there, nor the other way round: a new one takes its place, with
everything the old one held (SF-14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, text_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import (
    EventContent,
    Field,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Timed,
    Unreadable,
    When,
    occurrence_id,
)
from soroe.core.link import canonical
from soroe.core.rules.recurrence import wall_start
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Restore, Update, Written

from .api import Api
from .events import Events
from .pattern import pattern_fields
from .rows import Rows
from .series import ClassicSeries, SeriesReading, Slot
from .times import moment_at
from .wire import content_of, record_id, written

_TIMES = frozenset({Field.WHEN, Field.RECURRENCE})
_MOMENTS = frozenset({"RecurrenceStartDateTime", "StartDateTime"})


class SeriesWriting:
    """Carries out the writes of series and of their meetings. Raises the port's errors."""

    def __init__(self, api: Api, rows: Rows, events: Events, reading: SeriesReading, stamp_field: str) -> None:
        self._api = api
        self._rows = rows
        self._events = events
        self._reading = reading
        self._stamp_field = stamp_field

    # ------------------------------------------------------------------ the whole
    def create(
        self, content: EventContent, activity_type: str | None, stamp: str | None, carried: Mapping[str, Any]
    ) -> ObservedItem:
        """A new series with its guests; cancelled meetings are made and taken away again."""
        own = self._make(content, activity_type, stamp, carried)
        self._events.invite(own, content)
        return self._settled(own, content.recurrence)

    def update(self, write: Update) -> Written:
        """Changes the series, and so its meetings to come; those that differ keep what is their own."""
        series = self._unchanged(write.ref.id, write)
        if Field.RECURRENCE in write.fields and write.content.recurrence is None:
            return Written(self._to_single(write, series))
        shape = self._api.shape()
        plain = tuple(name for name in write.fields if name not in _TIMES)
        fields = written(write.content, plain, shape)
        if write.stamp is not None and shape.series_stamp_field:
            fields[shape.series_stamp_field] = write.stamp
        pattern = self._changed_pattern(write, series)
        self._rows.change(series.master, {**fields, **pattern})
        if Field.GUESTS in write.fields:
            self._events.bring_guests(series.master, write.content)
        if fields and not pattern:
            self._keep_own(series, fields)
        settles = Field.RECURRENCE in write.fields or pattern
        return Written(self._settled(write.ref.id, write.content.recurrence if settles else None))

    def delete(self, write: Delete) -> Erased:
        """Deletes the series with all its meetings."""
        self._unchanged(write.ref.id, write)
        self._rows.erase([write.ref.id])
        return Erased(write.ref)

    def restored(self, write: Restore) -> Written:
        """A series that is out of the recycle bin again, brought to what it is to be."""
        series = self._whole(write.ref.id)
        item = self._item(series)
        fields = tuple(name for name in Field if canonical(item.content, name) != canonical(write.content, name))
        return self.update(Update(write.ref, None, write.content, fields, write.stamp))

    # ------------------------------------------------------------------ one meeting
    def create_occurrence(self, write: Create, occurrence: Occurrence) -> Written:
        """A meeting of a series as an exception; one that was cancelled comes out of the recycle bin."""
        series = self._whole(occurrence.series)
        slot = self._slot(series, occurrence)
        if slot.row is None:
            binned = series.binned.get(slot.original)
            if binned is None or not self._api.undelete(binned):
                raise Gone("no_such_occurrence")
            series = self._whole(occurrence.series)
            slot = self._slot(series, occurrence)
        content = replace(write.content, recurrence=None)
        fields = tuple(name for name in Field if name not in {Field.RECURRENCE, Field.GUESTS_MAY_CHANGE})
        ref = Ref(write.container, occurrence_id(occurrence.series, occurrence.original_start))
        update = Update(ref, None, content, fields, write.stamp, occurrence)
        return self._changed_slot(update, series, slot)

    def update_occurrence(self, write: Update, occurrence: Occurrence) -> Written:
        """Changes one meeting; what its record says is its own from then on."""
        series = self._whole(occurrence.series)
        slot = self._slot(series, occurrence)
        return self._changed_slot(write, series, slot)

    def delete_occurrence(self, write: Delete, occurrence: Occurrence) -> Erased:
        """Cancels one meeting."""
        series = self._whole(occurrence.series)
        slot = self._slot(series, occurrence)
        if slot.row is None:
            return Erased(write.ref)
        self._rows.writable(slot.row, write.version)
        self._rows.erase([record_id(slot.row)])
        return Erased(write.ref)

    # ------------------------------------------------------------------ one for the other
    def from_single(self, write: Update, row: Json) -> ObservedItem:
        """A series in the place of a single event."""
        content = _in_zone_of(_merged(content_of(row), write), write.content.when)
        own = self._make(content, None, None, self._rows.carried(record_id(row)))
        return self._replaced(own, write, row, content)

    def _to_single(self, write: Update, series: ClassicSeries) -> ObservedItem:
        content = replace(_merged(series.content, write), recurrence=None)
        carried = self._rows.carried(series.id)
        own = self._rows.make(self._events.record_of(content, None, None, carried))
        return self._replaced(own, write, series.master, content)

    def _replaced(self, own: str, write: Update, row: Json, content: EventContent) -> ObservedItem:
        """Lets a new event take over guests and stamp of the old one, which goes."""
        if Field.GUESTS in write.fields:
            self._events.invite(own, content)
        else:
            self._events.invite_those_of(own, row)
        self._rows.erase([record_id(row)])
        stamp = write.stamp or (text_at(row, self._stamp_field, 1_000) if self._stamp_field else "")
        shape = self._api.shape()
        field = shape.stamp_field if content.recurrence is None else shape.series_stamp_field
        if stamp and field:
            self._api.change(own, {field: stamp}, None)
        if content.recurrence is None:
            return self._events.read_back(own)
        return self._settled(own, content.recurrence)

    # ------------------------------------------------------------------ parts
    def _make(
        self, content: EventContent, activity_type: str | None, stamp: str | None, carried: Mapping[str, Any]
    ) -> str:
        pattern = {name: value for name, value in pattern_fields(content).items() if value is not None}
        own_stamp = stamp if self._api.shape().series_stamp_field else None
        record = self._events.record_of(content, activity_type, own_stamp, carried)
        record.pop("EndDateTime", None)  # the length says it, for every meeting
        return self._rows.make({**record, **pattern, "IsRecurrence": True})

    def _changed_pattern(self, write: Update, series: ClassicSeries) -> dict[str, Any]:
        """The fields of the pattern that change; without them the meetings stay as they are."""
        if not _TIMES & set(write.fields):
            return {}
        wanted = pattern_fields(_merged(series.content, write))
        return {name: value for name, value in wanted.items() if not _is_same(name, value, series.master)}

    def _keep_own(self, series: ClassicSeries, fields: Mapping[str, Any]) -> None:
        """Salesforce has written the fields into every meeting to come: those that had their own get it back."""
        now = self._api.server_time()
        for slot in series.slots:
            if slot.row is None or moment_at(slot.row, "StartDateTime") <= now:
                continue
            own = {name: at(slot.row, name) for name in fields if at(slot.row, name) != at(series.master, name)}
            own.pop(self._stamp_field, None)
            if own:
                self._api.change(record_id(slot.row), own, None)

    def _settled(self, own: str, recurrence: Recurrence | None) -> ObservedItem:
        """The series as Salesforce shows it, once the meetings are gone that are not to be, and those back that are."""
        series = self._whole(own)
        if recurrence is not None:
            wall = {slot.original: wall_start(slot.original, series.content.when) for slot in series.slots}
            removed = set(recurrence.removed)
            surplus = [slot for slot in series.slots if slot.row is not None and wall[slot.original] in removed]
            missing = [slot for slot in series.slots if slot.row is None and wall[slot.original] not in removed]
            if surplus:
                self._rows.erase([record_id(slot.row) for slot in surplus])
            binned = [series.binned[slot.original] for slot in missing if slot.original in series.binned]
            back = [self._api.undelete(own_row) for own_row in binned]
            if surplus or any(back):
                series = self._whole(own)
        return self._item(series)

    def _changed_slot(self, write: Update, series: ClassicSeries, slot: Slot) -> Written:
        if slot.row is None:
            raise Gone("no_such_occurrence")
        row = self._rows.writable(slot.row, write.version)
        self._events.change(row, write)
        fresh = self._rows.read_back([record_id(row)]).get(record_id(row))
        found = series.exception(replace(slot, row=fresh), self._stamp_field)
        if isinstance(found, Unreadable):
            raise RetryLater(f"answer_unreadable:{found.field}", outcome_unknown=True)
        return Written(found)

    def _unchanged(self, own: str, write: Update | Delete) -> ClassicSeries:
        series = self._whole(own)
        if write.version is not None and self._item(series).version != write.version:
            raise ChangedMeanwhile("modified_since")
        return series

    def _whole(self, own: str) -> ClassicSeries:
        try:
            series = self._reading.whole(own)
        except Malformed as error:
            raise ItemRejected("item_unreadable", error.field) from error
        if series is None:
            raise Gone("no_such_series")
        return series

    def _slot(self, series: ClassicSeries, occurrence: Occurrence) -> Slot:
        slot = series.slot(occurrence.original_start)
        if slot is None:
            raise Gone("no_such_occurrence")
        return slot

    def _item(self, series: ClassicSeries) -> ObservedItem:
        found = series.item(self._stamp_field)
        if isinstance(found, Unreadable):
            raise ItemRejected("item_unreadable", found.field)
        return found


def _merged(content: EventContent, write: Update) -> EventContent:
    """What the item holds, with the fields of the write."""
    for name in write.fields:
        content = replace(content, **{name.value: write.content.get(name)})  # type: ignore[arg-type]  # of that name
    return content


def _in_zone_of(content: EventContent, wanted: When) -> EventContent:
    """A single event is told in UTC; a series keeps its wall clock, in the zone that it is said in."""
    if isinstance(content.when, Timed) and isinstance(wanted, Timed):
        return replace(content, when=content.when.within(wanted.zone))
    return content


def _is_same(name: str, value: object, record: Json) -> bool:
    now: object = at(record, name)
    if name in _MOMENTS and isinstance(now, str) and isinstance(value, str):
        return moment_at(record, name) == datetime.fromisoformat(value)
    return now == value
