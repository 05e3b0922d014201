"""One write at a time: what needs a look, a series, or an order of its own."""

from __future__ import annotations

from typing import assert_never

from soroe.adapters.crm.documents import Malformed
from soroe.adapters.net.exchange import Json
from soroe.core.event import Field, occurrence_named
from soroe.core.link import canonical
from soroe.ports.errors import Gone, ItemRejected
from soroe.ports.remote import Create, Delete, Erased, Restore, Update, Write, Written

from .api import Api
from .events import Events
from .rows import Rows
from .series import series_of
from .series_writing import SeriesWriting
from .wire import is_deleted, owner_of, record_id


class Single:
    """Carries out one write. Raises the port's errors."""

    def __init__(self, api: Api, rows: Rows, events: Events, series: SeriesWriting) -> None:
        self._api = api
        self._rows = rows
        self._events = events
        self._series = series

    def one(self, write: Write) -> Written | Erased:
        """The result of a write."""
        match write:
            case Create():
                return self._create(write)
            case Update():
                return self._update(write)
            case Delete():
                return self._delete(write)
            case Restore():
                return self._restore(write)
            case _:
                assert_never(write)

    def _create(self, write: Create) -> Written:
        if write.occurrence is not None:
            return self._series.create_occurrence(write, write.occurrence)
        carried = {} if write.like is None else self._rows.carried(str(write.like.id))
        make = self._events.make if write.content.recurrence is None else self._series.create
        return Written(make(write.content, write.activity_type, write.stamp, carried))

    def _update(self, write: Update) -> Written:
        occurrence = write.occurrence or occurrence_named(write.ref.id)
        if occurrence is not None:
            return self._series.update_occurrence(write, occurrence)
        row = self._rows.read([write.ref.id]).get(write.ref.id)
        if row is not None and stands_for_series(row) and not is_deleted(row):
            return self._series.update(write)
        row = self._rows.writable(row, write.version)
        if Field.RECURRENCE in write.fields and write.content.recurrence is not None:
            return Written(self._series.from_single(write, row))
        return self._changed(row, write)

    def _changed(self, row: Json, write: Update) -> Written:
        if self._events.change(row, write):
            return Written(self._events.read_back(record_id(row)))
        return Written(self._rows.observed(row))

    def _delete(self, write: Delete) -> Erased:
        occurrence = write.occurrence or occurrence_named(write.ref.id)
        try:
            if occurrence is not None:
                return self._series.delete_occurrence(write, occurrence)
            row = self._rows.read([write.ref.id]).get(write.ref.id)
            if row is not None and stands_for_series(row) and not is_deleted(row):
                return self._series.delete(write)
            self._rows.writable(row, write.version)
            self._rows.erase([write.ref.id])
        except Gone:
            return Erased(write.ref)
        return Erased(write.ref)

    def _restore(self, write: Restore) -> Written:
        """Takes an event out of the recycle bin (SF-20), so that all it held is there again; else makes a new one."""
        row = self._rows.read([write.ref.id]).get(write.ref.id)
        if row is None or not self._is_back(row):
            make = self._events.make if write.content.recurrence is None else self._series.create
            return Written(make(write.content, write.activity_type, write.stamp, {}))
        if stands_for_series(row):
            return self._series.restored(write)
        row = self._rows.writable(self._rows.read_back([write.ref.id]).get(write.ref.id), None)
        item = self._rows.observed(row)
        fields = tuple(name for name in Field if canonical(item.content, name) != canonical(write.content, name))
        stamp = write.stamp if write.stamp != item.stamp else None
        return self._changed(row, Update(write.ref, None, write.content, fields, stamp))

    def _is_back(self, row: Json) -> bool:
        """Whether the user's own event is there, or could be taken out of the recycle bin."""
        try:
            if owner_of(row) != self._api.user().id:
                return False
            return not is_deleted(row) or self._api.undelete(record_id(row))
        except Malformed as error:
            raise ItemRejected("item_unreadable", error.field) from error


def stands_for_series(row: Json) -> bool:
    """Whether a record stands for a whole Classic series; raises `ItemRejected` for one that cannot be read."""
    try:
        return series_of(row) == record_id(row)
    except Malformed as error:
        raise ItemRejected("item_unreadable", error.field) from error
