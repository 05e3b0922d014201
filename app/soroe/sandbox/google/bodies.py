"""Event bodies as a program sends them: what is kept, what is ignored, what is refused."""

from __future__ import annotations

import re
from typing import Any

from soroe.sandbox.google import recurrence
from soroe.sandbox.google.errors import Json, invalid, required, time_range_empty
from soroe.sandbox.google.times import length, read_time

EVENT_TYPES = ("birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation")

_TEXTS = ("summary", "description", "location", "colorId", "eventLabelId", "iCalUID")
_FLAGS = (
    "anyoneCanAddSelf",
    "attendeesOmitted",
    "endTimeUnspecified",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeOtherGuests",
    "privateCopy",
)
_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": EVENT_TYPES,
}
_OBJECTS = (
    "birthdayProperties",
    "conferenceData",
    "extendedProperties",
    "focusTimeProperties",
    "gadget",
    "outOfOfficeProperties",
    "reminders",
    "source",
    "workingLocationProperties",
)
_KINDS: dict[str, type] = (
    dict.fromkeys(_TEXTS, str) | dict.fromkeys(_FLAGS, bool) | dict.fromkeys(_OBJECTS, dict) | {"sequence": int}
)
WRITABLE = frozenset(
    (*_TEXTS, *_FLAGS, *_CHOICES, *_OBJECTS, "attachments", "attendees", "end", "recurrence", "sequence", "start")
)
READ_ONLY = frozenset(
    (
        "created",
        "creator",
        "etag",
        "hangoutLink",
        "htmlLink",
        "id",
        "kind",
        "locked",
        "organizer",
        "originalStartTime",
        "recurringEventId",
        "updated",
    )
)

_ID = re.compile(r"[0-9a-v]{5,1024}")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_LONGEST_KEY = 44
_LONGEST_VALUE = 1024
_MOST_PROPERTIES = 300
_MOST_PROPERTY_BYTES = 32 * 1024
_MOST_REMINDERS = 5


def read_id(raw: object) -> str:
    """Checks an id the program chose: base32hex, 5 to 1024 characters."""
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise invalid("Invalid resource id value.", "id")
    return raw


def patched(old: object, change: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Merges as PATCH does: objects key by key with null deleting, everything else (arrays too) as a whole.

    An all-day event therefore becomes a timed one only when `date` is sent as null together with `dateTime`.
    """
    if not isinstance(change, dict):
        return change
    base = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            base.pop(key, None)
        else:
            base[key] = patched(base.get(key), value)
    return base


def checked(raw: Json, calendar_zone: str, *, instance: bool = False) -> Json:
    """Checks a whole body (of an insert, or what a patch made) and returns the fields that are kept."""
    body: Json = {key: value for key, value in raw.items() if key in WRITABLE and value is not None}
    for key, value in body.items():
        if key in _CHOICES and value not in _CHOICES[key]:
            raise invalid(f"Invalid value for: {key}", key)
        if key in _KINDS and not isinstance(value, _KINDS[key]):
            raise invalid(f"Invalid value for: {key}", key)
    _check_times(body, calendar_zone, instance=instance)
    if "attendees" in body:
        body["attendees"] = _attendees(body["attendees"])
    if "extendedProperties" in body:
        body["extendedProperties"] = _properties(body["extendedProperties"])
    if "reminders" in body:
        _check_reminders(body["reminders"])
    if "source" in body:
        _check_source(body["source"])
    return body


def _check_times(body: Json, calendar_zone: str, *, instance: bool) -> None:
    recurring = bool(body.get("recurrence"))
    if recurring and instance:
        raise invalid("Instances of a recurring event cannot be recurring themselves.", "recurrence")
    start = read_time(body.get("start"), "start", calendar_zone, recurring=recurring)
    end = read_time(body.get("end"), "end", calendar_zone, recurring=recurring)
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    lasts = length(start, end)
    # The end of an all-day event is exclusive, so that an equal date is an empty range; a timed event may be a point.
    if lasts.total_seconds() < 0 or ("date" in start and lasts.days == 0):
        raise time_range_empty("end")
    body["start"], body["end"] = start, end
    if "recurrence" in body:
        body["recurrence"] = recurrence.check(body["recurrence"], start)
        if not body["recurrence"]:
            del body["recurrence"]


def _attendees(raw: object) -> list[Json]:
    if not isinstance(raw, list):
        raise invalid("Invalid value for: attendees", "attendees")
    kept: dict[str, Json] = {}
    for one in raw:
        email = one.get("email") if isinstance(one, dict) else None
        if email is None:
            raise required("Missing attendee email.")
        if not isinstance(email, str) or not _EMAIL.fullmatch(email):
            raise invalid("Invalid attendee email.", "attendees")
        answer = one.get("responseStatus") or "needsAction"
        if answer not in ("needsAction", "declined", "tentative", "accepted"):
            raise invalid("Invalid value for: responseStatus", "attendees")
        fields = ("displayName", "optional", "resource", "comment", "additionalGuests")
        guest: Json = {key: one[key] for key in fields if one.get(key)}
        kept.setdefault(email.lower(), {"email": email.lower(), **guest, "responseStatus": answer})
    return list(kept.values())


def _properties(raw: Json) -> Json:
    """Applies the limits: a key over 44 characters vanishes, a value over 1024 is cut, both without a word."""
    kept: Json = {}
    count = size = 0
    for part in ("private", "shared"):
        pairs = raw.get(part)
        if pairs is None:
            continue
        if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            raise invalid("Invalid value for: extendedProperties", "extendedProperties")
        short = {key: value[:_LONGEST_VALUE] for key, value in pairs.items() if len(key) <= _LONGEST_KEY}
        count += len(short)
        size += sum(len(key.encode()) + len(value.encode()) for key, value in short.items())
        if short:
            kept[part] = short
    if count > _MOST_PROPERTIES or size > _MOST_PROPERTY_BYTES:
        raise invalid("The extended properties of the event exceed the allowed number or size.", "extendedProperties")
    return kept


def _check_reminders(raw: Json) -> None:
    overrides = raw.get("overrides") or []
    if not isinstance(overrides, list) or len(overrides) > _MOST_REMINDERS:
        raise invalid("Invalid value for: reminders", "reminders")
    if overrides and raw.get("useDefault"):
        raise invalid("Cannot specify both default reminders and overrides at the same time.", "reminders")
    for one in overrides:
        minutes = one.get("minutes") if isinstance(one, dict) else None
        method = one.get("method") if isinstance(one, dict) else None
        if not isinstance(minutes, int) or not 0 <= minutes <= 40320 or method not in ("email", "popup"):
            raise invalid("Invalid value for: reminders", "reminders")


def _check_source(raw: Json) -> None:
    if not str(raw.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Invalid value for: source.url", "source.url")
