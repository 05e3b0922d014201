"""Reading the body of a create or a change: known properties, right types, allowed values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from soroe.sandbox.microsoft365.errors import GraphError, Json, body_unreadable, property_invalid
from soroe.sandbox.microsoft365.times import When, read_when

MOST_ATTENDEES = 500
"""Attendees of one event (page of the event resource)."""

_READ_ONLY = frozenset(
    (
        "bodyPreview",
        "cancelledOccurrences",
        "changeKey",
        "createdDateTime",
        "hasAttachments",
        "iCalUId",
        "id",
        "isCancelled",
        "isDraft",
        "isOrganizer",
        "lastModifiedDateTime",
        "occurrenceId",
        "onlineMeeting",
        "onlineMeetingUrl",
        "organizer",
        "originalEndTimeZone",
        "originalStart",
        "originalStartTimeZone",
        "responseStatus",
        "seriesMasterId",
        "type",
        "webLink",
    )
)
_ENUMS = {
    "importance": ("low", "normal", "high"),
    "sensitivity": ("normal", "personal", "private", "confidential"),
    "showAs": ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
    "onlineMeetingProvider": ("unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"),
}
_BOOLEANS = (
    "allowNewTimeProposals",
    "hideAttendees",
    "isAllDay",
    "isOnlineMeeting",
    "isReminderOn",
    "responseRequested",
)

NEW_EVENT: Json = {
    "subject": "",
    "body": {"contentType": "html", "content": ""},
    "importance": "normal",
    "sensitivity": "normal",
    "showAs": "busy",
    "isAllDay": False,
    "isReminderOn": True,
    "reminderMinutesBeforeStart": 15,
    "responseRequested": True,
    "allowNewTimeProposals": True,
    "hideAttendees": False,
    "categories": [],
    "location": {"displayName": ""},
    "locations": [],
    "attendees": [],
    "recurrence": None,
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "onlineMeeting": None,
    "transactionId": None,
    "isCancelled": False,
    "extended": {},
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a request sets. `body` has only what was sent; `recurrence` in it is still as it came."""

    start: When | None
    end: When | None
    body: Json

    def sets(self, *names: str) -> bool:
        return any(name in self.body for name in names)


def read_change(raw: Json) -> Change:
    """Reads a body; read-only properties and annotations are passed over, unknown ones refused."""
    start = read_when(raw["start"], "start") if raw.get("start") is not None else None
    end = read_when(raw["end"], "end") if raw.get("end") is not None else None
    body: Json = {}
    for name, value in raw.items():
        if name in ("start", "end") or name in _READ_ONLY or "@odata." in name:
            continue
        reader = _READERS.get(name)
        if reader is None:
            raise body_unreadable(
                f"The property '{name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property "
                "names that are defined by the type."
            )
        body |= reader(name, value)
    return Change(start, end, body)


def _enum(name: str, value: object) -> Json:
    for known in _ENUMS[name]:
        if isinstance(value, str) and value.lower() == known.lower():
            return {name: known}
    raise body_unreadable(f"Requested value '{value}' was not found for the property '{name}'.")


def _boolean(name: str, value: object) -> Json:
    if not isinstance(value, bool):
        raise _wrong_type(name, "Edm.Boolean")
    return {name: value}


def _text(name: str, value: object) -> Json:
    if value is not None and not isinstance(value, str):
        raise _wrong_type(name, "Edm.String")
    return {name: value or ""}


def _transaction(name: str, value: object) -> Json:
    if value is not None and not isinstance(value, str):
        raise _wrong_type(name, "Edm.String")
    return {name: value}


def _minutes(name: str, value: object) -> Json:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type(name, "Edm.Int32")
    return {name: value}


def _categories(name: str, value: object) -> Json:
    if not isinstance(value, list) or any(not isinstance(one, str) for one in value):
        raise _wrong_type(name, "Collection(Edm.String)")
    return {name: list(value)}


def _item_body(name: str, value: object) -> Json:
    if value is None:
        return {name: {"contentType": "html", "content": ""}}
    if not isinstance(value, dict) or not isinstance(value.get("content", ""), str):
        raise _wrong_type(name, "microsoft.graph.itemBody")
    kind = str(value.get("contentType", "text")).lower()
    if kind not in ("text", "html"):
        raise body_unreadable(f"Requested value '{kind}' was not found for the property 'contentType'.")
    return {name: {"contentType": kind, "content": value.get("content", "")}}


def _location(name: str, value: object) -> Json:
    """A new `location` replaces all `locations` (page of the event resource)."""
    place = _place(value) if value is not None else {"displayName": ""}
    return {"location": place, "locations": [place] if place["displayName"] else []}


def _locations(name: str, value: object) -> Json:
    if not isinstance(value, list):
        raise _wrong_type(name, "Collection(microsoft.graph.location)")
    places = [_place(one) for one in value]
    first = {**places[0], "displayName": "; ".join(p["displayName"] for p in places)} if places else {"displayName": ""}
    return {"location": first, "locations": places}


def _place(value: object) -> Json:
    if not isinstance(value, dict) or not isinstance(value.get("displayName") or "", str):
        raise _wrong_type("location", "microsoft.graph.location")
    return {**value, "displayName": value.get("displayName") or ""}


def _attendees(name: str, value: object) -> Json:
    if value is None:
        return {name: []}
    if not isinstance(value, list):
        raise _wrong_type(name, "Collection(microsoft.graph.attendee)")
    if len(value) > MOST_ATTENDEES:
        raise property_invalid(f"An event can have at most {MOST_ATTENDEES} attendees.")
    return {name: [_attendee(one) for one in value]}


def _attendee(value: object) -> Json:
    address = value.get("emailAddress") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(address, dict):
        raise _wrong_type("attendees", "microsoft.graph.attendee")
    if not isinstance(address.get("address"), str) or "@" not in address["address"]:
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    kind = value.get("type", "required")
    if kind not in ("required", "optional", "resource"):
        raise body_unreadable(f"Requested value '{kind}' was not found for the property 'type'.")
    name = address.get("name") or address["address"]
    status = {"response": "none", "time": "0001-01-01T00:00:00Z"}
    return {"type": kind, "status": status, "emailAddress": {"name": name, "address": address["address"]}}


def _recurrence(name: str, value: object) -> Json:
    if value is not None and not isinstance(value, dict):
        raise _wrong_type(name, "microsoft.graph.patternedRecurrence")
    return {name: value}


def _extended(name: str, value: object) -> Json:
    if not isinstance(value, list):
        raise _wrong_type(name, "Collection(microsoft.graph.singleValueLegacyExtendedProperty)")
    found: dict[str, str] = {}
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not isinstance(one.get("value"), str):
            raise _wrong_type(name, "microsoft.graph.singleValueLegacyExtendedProperty")
        found[property_key(one["id"])] = one["value"]
    return {"extended": found}


def property_key(text: str) -> str:
    """Reads `{type} {GUID} Name {name}` and spells it evenly: names and GUIDs count without their case."""
    words = text.split(" ", 3)
    if len(words) != 4 or words[2] not in ("Name", "Id") or not (words[1].startswith("{") and words[1].endswith("}")):
        raise GraphError(400, "ErrorInvalidExtendedProperty", f"The extended property id '{text}' is invalid.")
    return f"{words[0]} {words[1].lower()} {words[2]} {words[3]}"


def _wrong_type(name: str, wanted: str) -> GraphError:
    return body_unreadable(f"Cannot convert the value of the property '{name}' to the expected type '{wanted}'.")


_READERS: dict[str, Callable[[str, Any], Json]] = {
    "subject": _text,
    "body": _item_body,
    "location": _location,
    "locations": _locations,
    "attendees": _attendees,
    "categories": _categories,
    "recurrence": _recurrence,
    "reminderMinutesBeforeStart": _minutes,
    "singleValueExtendedProperties": _extended,
    "transactionId": _transaction,
    **dict.fromkeys(_ENUMS, _enum),
    **dict.fromkeys(_BOOLEANS, _boolean),
}
