"""How an event looks to its reader: the own copy, somebody else's private event, a deleted one, an instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import AccessRole, Calendar, Record
from soroe.sandbox.google.times import instant, later, length, shown, stamp

_STUB_FIELDS = (
    "status",
    "created",
    "updated",
    "transparency",
    "iCalUID",
    "sequence",
    "recurringEventId",
    "recurrence",
    "eventType",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which calendar, and how the answer is to be written."""

    email: str
    calendar: Calendar
    time_zone: str
    max_attendees: int | None = None

    @property
    def role(self) -> AccessRole:
        return self.calendar.roles[self.email]


def sees_details(reader: Reader, body: Mapping[str, object]) -> bool:
    """Tells whether the reader may see more than that the time is taken."""
    if reader.role == AccessRole.freeBusyReader:
        return False
    if body.get("visibility") not in ("private", "confidential") or reader.role >= AccessRole.writer:
        return True
    guests = body.get("attendees")
    emails = {guest["email"] for guest in guests} if isinstance(guests, list) else set()
    return reader.email in emails


def shown_event(reader: Reader, record: Record, *, bare: bool = False) -> Json:
    """Returns the event as the API writes it. `bare` shows of a deleted event what is guaranteed."""
    body = record.body
    head: Json = {"kind": "calendar#event", "etag": record.etag, "id": record.id}
    if record.bare or (bare and record.cancelled):
        left: Json = {**head, "status": "cancelled"}
        if record.master_id is not None:
            left["recurringEventId"] = record.master_id
            left["originalStartTime"] = shown(body["originalStartTime"], reader.time_zone)
        return left
    head["htmlLink"] = f"https://www.google.com/calendar/event?eid={record.id}"
    for key in ("start", "end", "originalStartTime"):
        if key in body:
            head[key] = shown(body[key], reader.time_zone)
    if not sees_details(reader, body):
        return {**{key: body[key] for key in _STUB_FIELDS if key in body}, **head, "visibility": "private"}
    shown_body = {**body, **head, **_personal(reader, record)}
    if body["creator"]["email"] != reader.email:
        shown_body.pop("source", None)  # documented: only the creator sees where an event came from
    return shown_body


def _personal(reader: Reader, record: Record) -> Json:
    """The fields that depend on who looks: `self` marks, reminders, a cut list of guests."""
    body = record.body
    mine = reader.calendar.identity
    fields: Json = {"reminders": record.reminders.get(reader.email, {"useDefault": True})}
    for key in ("creator", "organizer"):
        person = body[key]
        fields[key] = {**person, "self": True} if person["email"] == mine else person
    if "attendees" in body:
        guests = [_guest(guest, mine, body["organizer"]["email"]) for guest in body["attendees"]]
        hidden = body.get("guestsCanSeeOtherGuests") is False and body["organizer"]["email"] != mine
        if hidden or (reader.max_attendees is not None and len(guests) > reader.max_attendees):
            guests = [guest for guest in guests if guest.get("self")]
            fields["attendeesOmitted"] = True
        fields["attendees"] = guests
    return fields


def _guest(guest: Json, mine: str, organizer: str) -> Json:
    if guest["email"] not in (mine, organizer):
        return guest
    marks = {"self": True} if guest["email"] == mine else {}
    return {**guest, **marks, "organizer": True} if guest["email"] == organizer else {**guest, **marks}


def instance_of(master: Record, original: Json) -> Record:
    """Makes the instance that starts at `original` out of its series, as long as nobody has changed it."""
    body = {key: value for key, value in master.body.items() if key not in ("recurrence", "start", "end")}
    name = master.body["end"].get("timeZone", "")
    body["start"] = original
    body["end"] = later(original, length(master.body["start"], master.body["end"]), name)
    body["recurringEventId"] = master.id
    body["originalStartTime"] = original
    return Record(
        f"{master.id}_{stamp(original)}", body, master.version, master.born, dict(master.reminders), bare=master.bare
    )


def in_window(body: Json, low: datetime | None, high: datetime | None, calendar_zone: str) -> bool:
    """Tells whether an event ends after `low` and starts before `high`; an absent bound excludes nothing."""
    return (low is None or instant(body["end"], calendar_zone) > low) and (
        high is None or instant(body["start"], calendar_zone) < high
    )
