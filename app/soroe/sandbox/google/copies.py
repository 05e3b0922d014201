"""How an organiser's event reaches the calendars of its guests, and how a guest's answer travels back.

Source: Google's guide "Invite users to an event", section on event propagation. The organiser's calendar owns the
shared fields; colour, transparency, reminders and private extended properties belong to each copy.
"""

from __future__ import annotations

from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import Calendar, Record, State

OWN_FIELDS = frozenset(("colorId", "eventLabelId", "transparency", "locked"))
"""Fields each copy keeps for itself (private extended properties too, and reminders, which are kept apart)."""


def is_organizer(calendar: Calendar, record: Record) -> bool:
    return bool(record.body["organizer"]["email"] == calendar.identity)


def guests_of(body: Json) -> list[str]:
    return [guest["email"] for guest in body.get("attendees", [])]


def send_to_guests(state: State, calendar: Calendar, record: Record, former_guests: list[str]) -> None:
    """Writes the organiser's version into the primary calendars of guests who have an account here."""
    if not is_organizer(calendar, record) or record.body.get("privateCopy"):
        return
    now = guests_of(record.body)
    for email in dict.fromkeys([*now, *former_guests]):
        guest_calendar = state.calendars.get(email)
        if guest_calendar is None or guest_calendar is calendar:
            continue
        copy = guest_calendar.records.get(record.id)
        if email in now and not record.cancelled:
            guest_calendar.put(_copied(copy, record))
        elif copy is not None and not copy.cancelled:
            copy.body = {**copy.body, "status": "cancelled", "updated": record.body["updated"]}
            guest_calendar.put(copy)
        elif copy is None and record.master_id in guest_calendar.records:
            gone = _copied(None, record)
            gone.body = {**gone.body, "status": "cancelled"}
            guest_calendar.put(gone)


def _copied(copy: Record | None, record: Record) -> Record:
    shared = {key: value for key, value in record.body.items() if key not in OWN_FIELDS}
    properties = dict(shared.pop("extendedProperties", {}))
    properties.pop("private", None)
    own: Json = {}
    if copy is not None:
        own = {key: copy.body[key] for key in OWN_FIELDS if key in copy.body}
        private = copy.body.get("extendedProperties", {}).get("private")
        if private:
            properties["private"] = private
    if properties:
        shared["extendedProperties"] = properties
    made = copy if copy is not None else Record(record.id, {})
    made.body = {**shared, **own}
    return made


def send_answer(state: State, calendar: Calendar, record: Record, answer: Json) -> None:
    """Writes a guest's answer into the organiser's event and from there into every copy."""
    organizer = state.calendars.get(record.body["organizer"]["email"])
    if organizer is None or organizer is calendar or record.body.get("privateCopy"):
        return
    original = organizer.records.get(record.id)
    if original is None or original.cancelled:
        return
    guests = original.body.get("attendees", [])
    original.body = {
        **original.body,
        "attendees": [answer if guest["email"] == answer["email"] else guest for guest in guests],
        "updated": record.body["updated"],
    }
    organizer.put(original)
    send_to_guests(state, organizer, original, [])


def send_change(state: State, calendar: Calendar, record: Record) -> None:
    """Writes a guest's change into the organiser's event and every copy, where guests may modify it."""
    organizer = state.calendars.get(record.body["organizer"]["email"])
    if organizer is None or organizer is calendar or not record.body.get("guestsCanModify"):
        return
    original = organizer.records.get(record.id)
    if original is None and record.master_id not in organizer.records:
        return
    organizer.put(_copied(original, record))
    send_to_guests(state, organizer, organizer.records[record.id], [])


def own_entry(calendar: Calendar, body: Json) -> Json | None:
    """Returns the guest entry that stands for this calendar, or nothing when it is not invited."""
    return next((guest for guest in body.get("attendees", []) if guest["email"] == calendar.identity), None)
