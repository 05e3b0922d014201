"""Creating, changing and deleting events, with the refusals of the real service. The caller holds the lock."""

from __future__ import annotations

from dataclasses import dataclass, field

from soroe.sandbox.google import conference
from soroe.sandbox.google.bodies import checked, patched, read_id
from soroe.sandbox.google.copies import guests_of, own_entry, send_answer, send_change, send_to_guests
from soroe.sandbox.google.errors import (
    GoogleError,
    Json,
    condition_not_met,
    deleted,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
)
from soroe.sandbox.google.guests import check_shared_changes, mails
from soroe.sandbox.google.mailbox import Mail
from soroe.sandbox.google.model import AccessRole, Calendar, Record, State
from soroe.sandbox.google.recurrence import has_instance
from soroe.sandbox.google.series import drop_lost_exceptions, remember_dates, spread_visibility
from soroe.sandbox.google.times import rfc3339
from soroe.sandbox.google.view import Reader, instance_of, sees_details

_KEPT_FOREVER = (
    "created",
    "creator",
    "eventType",
    "hangoutLink",
    "iCalUID",
    "locked",
    "organizer",
    "originalStartTime",
    "privateCopy",
    "recurringEventId",
)
_MOST_ATTACHMENTS = 25
_OWN_TYPES = ("outOfOffice", "focusTime", "workingLocation")


@dataclass(frozen=True, slots=True)
class Order:
    """One write as it was asked for: by whom, under which condition, with which switches.

    `asked` is what the request says about mail to guests. `by_program` is false when the sandbox plays the person in
    Google's own web page, whose mails are his own business and are not collected.
    """

    email: str
    calendar_id: str
    raw: Json = field(default_factory=dict)
    asked: str = ""
    if_match: str | None = None
    conference_version: int = 0
    attachments: bool = False
    labels: bool = False
    by_program: bool = True


def find(calendar: Calendar, event_id: str) -> Record:
    """Returns the stored event or exception, or makes the untouched instance; refuses with 404 what never was."""
    record = calendar.records.get(event_id)
    if record is not None:
        return record
    master_id, _, instance_stamp = event_id.rpartition("_")
    master = calendar.records.get(master_id)
    if master is None or "recurrence" not in master.body:
        raise not_found()
    original = has_instance(master.body, instance_stamp)
    if original is None:
        raise not_found()
    return instance_of(master, original)


class Writes:
    """The five ways to change a calendar. `mailbox` receives the mails a program's write would have caused."""

    def __init__(self, state: State, mailbox: list[Mail]) -> None:
        self._state = state
        self._mailbox = mailbox

    def insert(self, order: Order, *, imported: bool = False) -> Record:
        """Creates an event; an id that was ever used in the calendar is refused, deleted events included."""
        calendar = self._writable(order)
        raw = order.raw
        if imported and not raw.get("iCalUID"):
            raise required("Missing iCalUID.", "iCalUID")
        if raw.get("id") is not None and raw.get("iCalUID") is not None and not imported:
            raise invalid("Only one of id and iCalUID can be supplied when an event is created.", "iCalUID")
        record_id = read_id(raw["id"]) if raw.get("id") is not None else self._state.new_id()
        if record_id in calendar.records or _has_uid(calendar, raw.get("iCalUID")):
            raise duplicate()
        body = self._switched(order, checked(raw, calendar.time_zone), None)
        if body.get("status") == "cancelled":
            raise invalid("Invalid value for: status", "status")
        body["eventType"] = "default" if imported else _creatable_type(calendar, body)
        now = rfc3339(self._state.clock())
        body = {"status": "confirmed", **body, "created": now, "updated": now}
        body |= {"creator": {"email": order.email}, "organizer": self._organizer(calendar, raw, imported=imported)}
        body["sequence"] = int(body.get("sequence") or 0)
        body.setdefault("iCalUID", f"{record_id}@google.com")
        reminders = body.pop("reminders", None)
        record = Record(record_id, body, reminders={order.email: reminders} if reminders else {})
        calendar.put(record)
        conference.note_pending(self._state, calendar, record)
        if not imported:
            send_to_guests(self._state, calendar, record, [])
            self._mail(order, calendar, record, {}, "invitation")
        return record

    def change(self, order: Order, event_id: str, *, patch: bool) -> Record:
        """Changes an event or one instance: PATCH merges, PUT drops what is not sent."""
        calendar = self._writable(order)
        record = self._existing(order, calendar, event_id)
        old = record.body
        if record.cancelled and (record.bare or order.raw.get("status") not in ("confirmed", "tentative")):
            raise deleted()
        if order.raw.get("status") == "cancelled":
            self._cancel(order, calendar, record)
            return record
        body = self._new_body(order, calendar, record, patch=patch)
        reminders = body.pop("reminders", None)
        only_reminders = set(order.raw) <= {"reminders"} and patch
        check_shared_changes(calendar, record, body)
        if record.master_id is not None:
            spread_visibility(calendar, record, body)
        moved = any(old.get(key) != body.get(key) for key in ("start", "end", "recurrence"))
        if moved:
            body["sequence"] = max(int(body.get("sequence") or 0), int(old.get("sequence", 0)) + 1)
        body["updated"] = old["updated"] if only_reminders else rfc3339(self._state.clock())
        if moved and "recurrence" in old:
            remember_dates(calendar, record)
        record.body = body
        if reminders:
            record.reminders = {**record.reminders, order.email: reminders}
        elif not patch:
            record.reminders = {who: what for who, what in record.reminders.items() if who != order.email}
        calendar.put(record)
        if moved and "recurrence" in old:
            drop_lost_exceptions(calendar, record)
        conference.note_pending(self._state, calendar, record)
        self._spread(order, calendar, record, old)
        return record

    def delete(self, order: Order, event_id: str) -> None:
        """Deletes an event (a series with its exceptions) or takes one instance out of its series."""
        calendar = self._writable(order)
        record = self._existing(order, calendar, event_id)
        if record.cancelled:
            raise deleted()
        self._cancel(order, calendar, record)

    def move(self, order: Order, event_id: str, destination: str) -> Record:
        """Gives an event to another calendar, which becomes its organiser; the old calendar keeps only the bare id."""
        calendar = self._writable(order)
        target = self._state.calendar(order.email, destination, AccessRole.writerWithoutPrivateAccess)
        record = self._existing(order, calendar, event_id)
        if record.cancelled:
            raise deleted()
        if record.body["eventType"] != "default" or record.master_id is not None:
            raise invalid("Only whole events of the type default can be moved.", "eventId")
        if record.body["organizer"]["email"] != calendar.identity:
            raise GoogleError(400, "cannotChangeOrganizer", "Cannot change the organizer of an event.", "calendar")
        if event_id in target.records and not target.records[event_id].cancelled:
            raise duplicate()
        now = rfc3339(self._state.clock())
        moved = {**record.body, "organizer": self._organizer(target, {}, imported=False), "updated": now}
        target.put(Record(record.id, moved, reminders=dict(record.reminders)))
        for exception in calendar.exceptions_of(record.id):
            target.put(Record(exception.id, {**exception.body, "organizer": moved["organizer"]}))
            exception.body, exception.bare = {**exception.body, "status": "cancelled"}, True
            calendar.put(exception)
        record.body, record.bare = {**record.body, "status": "cancelled", "updated": now}, True
        calendar.put(record)
        self._mail(order, target, target.records[record.id], moved, "update")
        return target.records[record.id]

    def _writable(self, order: Order) -> Calendar:
        return self._state.calendar(order.email, order.calendar_id, AccessRole.writerWithoutPrivateAccess)

    def _existing(self, order: Order, calendar: Calendar, event_id: str) -> Record:
        record = find(calendar, event_id)
        if order.if_match not in (None, "*", record.etag):
            raise condition_not_met()
        if not sees_details(Reader(order.email, calendar, calendar.time_zone), record.body):
            raise forbidden("The details of this event are hidden from you, so you cannot change it.")
        return record

    def _new_body(self, order: Order, calendar: Calendar, record: Record, *, patch: bool) -> Json:
        old = record.body
        raw = order.raw
        if raw.get("attendeesOmitted"):
            raw = {**raw, "attendees": _only_own_answer(calendar, old, raw)}
        if raw.get("eventType", old["eventType"]) != old["eventType"]:
            raise invalid("The type of an event cannot be changed.", "eventType")
        if not patch and _count(raw, old) < old["sequence"]:
            raise invalid(
                "Invalid sequence value. The specified sequence number is below the current sequence number of the "
                "resource. Re-fetch the resource and use its sequence number on the following request.",
                "sequence",
            )
        whole = patched({**old, "reminders": record.reminders.get(order.email)}, raw) if patch else raw
        body = checked(whole, calendar.time_zone, instance=record.master_id is not None)
        body.pop("attendeesOmitted", None)
        body = self._switched(order, body, old)
        kept = {key: old[key] for key in _KEPT_FOREVER if key in old}
        return {"status": "confirmed", **body, **kept, "sequence": _count(body, old)}

    def _switched(self, order: Order, body: Json, old: Json | None) -> Json:
        """Keeps the fields that only count together with their request parameter as they were."""
        before = old or {}
        for key, on in (("attachments", order.attachments), ("eventLabelId", order.labels)):
            if not on:
                body = {**{k: v for k, v in body.items() if k != key}, **({key: before[key]} if key in before else {})}
        if len(body.get("attachments", [])) > _MOST_ATTACHMENTS:
            raise invalid("An event can have at most 25 attachments.", "attachments")
        return conference.applied(body, before, order.conference_version)

    def _organizer(self, calendar: Calendar, raw: Json, *, imported: bool) -> Json:
        given = raw.get("organizer")
        if imported and isinstance(given, dict) and given.get("email"):
            return {key: given[key] for key in ("email", "displayName") if key in given}
        if calendar.primary:
            return {"email": calendar.owner}
        return {"email": calendar.id, "displayName": calendar.summary}

    def _cancel(self, order: Order, calendar: Calendar, record: Record) -> None:
        now = rfc3339(self._state.clock())
        old = record.body
        for exception in list(calendar.exceptions_of(record.id)):
            if not exception.cancelled:
                exception.body = {**exception.body, "status": "cancelled", "updated": now}
                calendar.put(exception)
                send_to_guests(self._state, calendar, exception, [])
        record.body = {**old, "status": "cancelled", "updated": now}
        calendar.put(record)
        send_to_guests(self._state, calendar, record, guests_of(old))
        mine = own_entry(calendar, old)
        if mine is not None:
            send_answer(self._state, calendar, record, {**mine, "responseStatus": "declined"})
        self._mail(order, calendar, record, old, "cancellation")

    def _spread(self, order: Order, calendar: Calendar, record: Record, old: Json) -> None:
        send_to_guests(self._state, calendar, record, guests_of(old))
        send_change(self._state, calendar, record)
        mine = own_entry(calendar, record.body)
        if mine is not None and mine != own_entry(calendar, old):
            send_answer(self._state, calendar, record, mine)
        self._mail(order, calendar, record, old, "update")

    def _mail(self, order: Order, calendar: Calendar, record: Record, old: Json, kind: str) -> None:
        if order.by_program and (old.get("attendees") or record.body.get("attendees")):
            members = set(self._state.accounts)
            self._mailbox.extend(mails(calendar, record, old, kind, order.asked, members))


def _count(body: Json, old: Json) -> int:
    """Returns the sequence number a body carries, else the one the event has."""
    given = body.get("sequence")
    return given if isinstance(given, int) else int(old["sequence"])


def _has_uid(calendar: Calendar, uid: object) -> bool:
    return uid is not None and any(
        record.body["iCalUID"] == uid and not record.cancelled for record in calendar.records.values()
    )


def _creatable_type(calendar: Calendar, body: Json) -> str:
    kind = str(body.get("eventType", "default"))
    if kind == "fromGmail":
        raise invalid("Events of the type fromGmail cannot be created.", "eventType")
    if kind in _OWN_TYPES and not calendar.primary:
        raise invalid(f"Events of the type {kind} can only be created on primary calendars.", "eventType")
    if kind in ("outOfOffice", "focusTime") and "date" in body["start"]:
        raise invalid(f"Events of the type {kind} cannot be all-day events.", "eventType")
    return kind


def _only_own_answer(calendar: Calendar, old: Json, raw: Json) -> list[Json]:
    """With `attendeesOmitted` the request brings only one's own entry; the others stay."""
    given = raw.get("attendees") or []
    mine = next((g for g in given if isinstance(g, dict) and g.get("email") == calendar.identity), None)
    return [
        {**guest, **mine} if mine is not None and guest["email"] == calendar.identity else guest
        for guest in old.get("attendees", [])
    ]
