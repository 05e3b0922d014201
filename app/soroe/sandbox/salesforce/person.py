"""What a person does in Salesforce's own web page."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.salesforce import events, invitees, series
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.values import Values, read_value


class Person:
    """The `user_…` methods. Fields go by Salesforce's names; ids are in the 18-letter form."""

    _org: Org
    _lock: threading.RLock

    def user_creates(
        self,
        user: User,
        subject: str,
        start: date | datetime,
        length: timedelta | int | None = None,
        **fields: Any,  # noqa: ANN401 - fields of several types
    ) -> Values:
        """Makes an event. `start` is a date, an aware time, or a naive one in the user's zone; `length` is so long, or
        so many whole days."""
        with self._lock, self._org.transaction():
            return events.create(
                self._org, user, {**_when(user, start, length), **self._typed({"Subject": subject, **fields})}
            )

    def user_creates_recurring(
        self,
        user: User,
        subject: str,
        start: date | datetime,
        until: date,
        length: timedelta | int | None = None,
        **fields: Any,  # noqa: ANN401 - fields of several types
    ) -> Values:
        """Makes a Classic recurring event; the fields are those of its pattern, and any others."""
        when = _when(user, start, length)
        pattern = {
            "IsRecurrence": True,
            "RecurrenceStartDateTime": when["StartDateTime"],
            "RecurrenceEndDateOnly": until,
            "RecurrenceTimeZoneSidKey": user.time_zone,
        }
        with self._lock, self._org.transaction():
            return events.create(self._org, user, {**when, **pattern, **self._typed({"Subject": subject, **fields})})

    def user_creates_series(
        self,
        user: User,
        subject: str,
        start: date | datetime,
        pattern: str,
        length: timedelta | int | None = None,
        **fields: Any,  # noqa: ANN401 - fields of several types
    ) -> Values:
        """Makes an event series in Lightning Experience; `pattern` is an RRULE."""
        told = {"Subject": subject, "Recurrence2PatternText": pattern, **fields}
        given = {**_when(user, start, length), **self._typed(told)}
        with self._lock, self._org.transaction():
            return events.create(self._org, user, given)

    def user_changes(
        self,
        event_id: str,
        start: date | datetime | None = None,
        length: timedelta | int | None = None,
        by: User | None = None,
        **fields: Any,  # noqa: ANN401 - fields of several types
    ) -> Values:
        """Changes the given fields; a new start without a length keeps the length."""
        with self._lock, self._org.transaction():
            event = self._org.get(event_id, "Event")
            owner = by or self._org.users[event["OwnerId"]]
            when = _when(owner, start, length) if start is not None else _length(length)
            return events.change(self._org, owner, event, {**when, **self._typed(fields)})

    def user_deletes(self, event_id: str) -> None:
        """Deletes; of a recurring event the web page removes only what is still to come."""
        with self._lock, self._org.transaction():
            event = self._org.get(event_id, "Event")
            owner = self._org.users[event["OwnerId"]]
            if not event["IsRecurrence"]:
                events.delete(self._org, owner, event)
                return
            for each in series.occurrences(self._org, event):
                if each["StartDateTime"] > self._org.now():
                    events.remove(self._org, each, owner.id)

    def user_restores(self, event_id: str) -> Values:
        """Takes the event out of the recycle bin; it keeps its id."""
        with self._lock:
            event = self._org.tables["Event"][event_id]
            return events.restore(self._org, event, event["LastModifiedById"])

    def user_reassigns(self, event_id: str, to: User) -> Values:
        """Gives the event to another owner."""
        return self.user_changes(event_id, OwnerId=to.id)

    def user_invites(self, event_id: str, guest_id: str, **fields: Any) -> Values:  # noqa: ANN401 - several types
        """Invites a user, contact or lead."""
        with self._lock, self._org.transaction():
            owner = self._org.users[self._org.get(event_id, "Event")["OwnerId"]]
            return invitees.invite(self._org, owner, {"EventId": event_id, "RelationId": guest_id, **fields})

    def user_uninvites(self, event_id: str, guest_id: str) -> None:
        with self._lock:
            owner = self._org.users[self._org.get(event_id, "Event")["OwnerId"]]
            invitees.uninvite(self._org, owner, self._invitation(event_id, guest_id))

    def user_answers(self, event_id: str, guest_id: str, status: str) -> Values:
        """The invited one answers: Accepted, Declined, Maybe."""
        with self._lock:
            relation = self._invitation(event_id, guest_id)
            owner = self._org.users[self._org.get(event_id, "Event")["OwnerId"]]
            return invitees.answer(self._org, self._org.users.get(guest_id, owner), relation, {"Status": status})

    # ------------------------------------------------------------------ looking
    def events(self, owner: User | None = None) -> list[Values]:
        """The live events, of one owner or of all, in the order in which they were made."""
        with self._lock:
            return [row for row in self._org.rows("Event") if owner is None or row["OwnerId"] == owner.id]

    def event(self, event_id: str) -> Values:
        """One event, also a deleted one."""
        with self._lock:
            return self._org.tables["Event"][event_id]

    def records(self, kind: str) -> list[Values]:
        """The live records of an object: Contact, Lead, Account and so on."""
        with self._lock:
            return self._org.rows(kind)

    def invited(self, event_id: str) -> list[Values]:
        """The invitations to an event."""
        with self._lock:
            return self._org.invitees(event_id)

    def occurrences(self, event_id: str) -> list[Values]:
        """The live occurrences of a recurring event, or of an event series, the earliest first."""
        with self._lock:
            event = self._org.tables["Event"][event_id]
            if event["IsRecurrence"]:
                return series.occurrences(self._org, event)
            mine = [row for row in self._org.rows("Event") if row.get("_series") == event_id]
            return sorted(mine, key=lambda row: row["StartDateTime"])

    def _typed(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What the web page sends: texts that fit their fields, with lines that end as browsers end them."""
        given: dict[str, Any] = {}
        for name, value in fields.items():
            field = self._org.schema.field("Event", name)
            given[name] = read_value(field, value) if isinstance(value, str) and field is not None else value
        lines = given.get("Description")
        if isinstance(lines, str):
            given["Description"] = lines.replace("\r\n", "\n").replace("\n", "\r\n")
        return given

    def _invitation(self, event_id: str, guest_id: str) -> Values:
        return next(row for row in self._org.invitees(event_id) if row["RelationId"] == guest_id)


def _when(user: User, start: date | datetime, length: timedelta | int | None) -> dict[str, Any]:
    """Turns a start of the user's into the UTC times of the fields."""
    if not isinstance(start, datetime):
        begins = datetime(start.year, start.month, start.day, tzinfo=UTC)
        return {"IsAllDayEvent": True, "StartDateTime": begins, **_length(length)}
    local = start if start.tzinfo is not None else start.replace(tzinfo=ZoneInfo(user.time_zone))
    return {"StartDateTime": local.astimezone(UTC).replace(second=0, microsecond=0), **_length(length)}


def _length(length: timedelta | int | None) -> dict[str, Any]:
    if length is None:
        return {}
    whole = timedelta(days=length) if isinstance(length, int) else length
    return {"DurationInMinutes": int(whole.total_seconds() // 60)}
