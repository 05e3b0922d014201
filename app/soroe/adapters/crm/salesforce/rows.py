"""Single records: looked at before they are written, written on a condition, and looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from soroe.adapters.crm.documents import Malformed, at, flag_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import ObservedItem, ReadOnlyCause, Version
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, ReadOnly, RetryLater

from .api import Api
from .errors import DUPLICATE, Complaint
from .guests import trouble_in
from .queries import by_ids
from .times import moment_at
from .wire import is_deleted, owner_of, read_event, record_id, version_of
from .words import is_record_id

_CARRIED_NOT = frozenset(
    {
        "ActivityDate",
        "ActivityDateTime",
        "EndDate",
        "EventSubtype",
        "ReminderDateTime",
        "IsReminderSet",
        "IsVisibleInSelfService",
        "Recurrence2PatternText",
        "Recurrence2PatternVersion",
    }
)
"""What belongs to the time or the recurrence of one event, and cannot go over to another."""
_UNCARRIED_KINDS = frozenset({"junctionidlist", "complexvalue", "address", "location", "base64"})


class Rows:
    """Reads and writes records of events for one account."""

    def __init__(self, api: Api, stamp_field: str) -> None:
        self._api = api
        self._stamp_field = stamp_field

    def read(self, ids: Sequence[str]) -> dict[str, Json]:
        """The records of these ids, those in the recycle bin too; ids of none are left out."""
        usable = [own for own in dict.fromkeys(ids) if is_record_id(own)]
        if not usable:
            return {}
        fields = self._api.selection()
        rows = [row for words in by_ids(fields, usable) for row in self._api.all_of(words)]
        return {str(at(row, "Id")): row for row in rows}

    def read_back(self, ids: Sequence[str]) -> dict[str, Json]:
        """The records just written; trouble now leaves in doubt what Salesforce shows of them."""
        try:
            return self.read(ids)
        except PortError as error:
            raise RetryLater("written_and_not_read", outcome_unknown=True) from error

    def writable(self, row: Json | None, version: Version | None) -> Json:
        """The record, if it is in the state that the write was decided on, and the user's own."""
        if row is None:
            raise Gone("no_record")
        try:
            if is_deleted(row) or owner_of(row) != self._api.user().id:
                raise Gone("deleted_or_reassigned")
            if flag_at(row, "IsChild"):
                raise ReadOnly(ReadOnlyCause.FOREIGN_ORGANISER.value)
            if version is not None and version_of(row) != version:
                raise ChangedMeanwhile("modified_since")
        except Malformed as error:
            raise ItemRejected("item_unreadable", error.field) from error
        return row

    def change(self, row: Json, fields: Mapping[str, Any]) -> None:
        """Changes a record, unless somebody has changed it since it was read."""
        if fields:
            self._api.change(record_id(row), fields, moment_at(row, "LastModifiedDate"))

    def observed(self, row: Json | None) -> ObservedItem:
        """The item of a record that was just written."""
        one = read_event(row, self._stamp_field)
        if isinstance(one, ObservedItem):
            return one
        raise RetryLater(f"answer_unreadable:{one.field}", outcome_unknown=True)

    def make(self, record: Mapping[str, Any]) -> str:
        """Makes one event and returns its id."""
        (result,) = self._api.create_many([{"attributes": {"type": "Event"}, **record}])
        trouble = trouble_in(result, self._api)
        if trouble is not None:
            raise trouble
        return made_id(result)

    def erase(self, ids: Sequence[str]) -> None:
        """Puts events into the recycle bin; one that lies there already is done."""
        for result in self._api.delete_many(ids):
            trouble = trouble_in(result, self._api)
            if trouble is not None and not isinstance(trouble, Gone):
                raise trouble

    def carried(self, own: str) -> dict[str, Any]:
        """What an event holds that we know nothing of, for one that takes its place: related records, what IT added.

        Nothing where it is gone.
        """
        shape = self._api.shape()
        names = [
            name
            for name, found in shape.fields.items()
            if found.createable and found.kind not in _UNCARRIED_KINDS and name not in _CARRIED_NOT
            and name not in shape.written and name != shape.stamp_field
        ]  # fmt: skip # short values, several a line
        if not names or not is_record_id(own):
            return {}
        rows = [row for words in by_ids(", ".join(("Id", *names)), [own]) for row in self._api.all_of(words)]
        return {name: at(rows[0], name) for name in names if at(rows[0], name) is not None} if rows else {}


def made_id(result: Json) -> str:
    """The id of a record that was made."""
    own = at(result, "id")
    if not isinstance(own, str) or not is_record_id(own):
        raise RetryLater("answer_unreadable:id", outcome_unknown=True)
    return own


def twin_of(result: Json) -> str | None:
    """The record that carries the stamp of one that was refused for it."""
    complaint = Complaint.in_document(at(result, "errors"), 400)
    if complaint.code != DUPLICATE:
        return None
    last = complaint.message.rstrip(". ").rpartition(" ")[2]
    return last if is_record_id(last) else None
