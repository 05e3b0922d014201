"""How an event and its appointment correspond, as Oracle's help describes it (OCD-1 to OCD-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soroe.sandbox.oracle.fields import EVENT_TYPE

EVENTS = "Events"
APPOINTMENTS = "Appointments"
_TO_APPOINTMENT = {
    "Name": "Subject",
    "StartDate": "StartTime",
    "EndDate": "EndTime",
    "Location": "Location",
    "OwnerId": "OwnerId",
}
_TO_EVENT = {theirs: ours for ours, theirs in _TO_APPOINTMENT.items()}


def mirrored(resource: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a record's `values` its twin has too, under the twin's tags; everything else stays on one side."""
    names = _TO_APPOINTMENT if resource == EVENTS else _TO_EVENT
    return {names[name]: value for name, value in values.items() if name in names}


def new_appointment(event_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The appointment of an event: the mirrored fields, and an activity type that says what it is."""
    return {**mirrored(EVENTS, values), "Type": EVENT_TYPE, "MEEventId": event_id}


def calendar_title(title: str, place: object, of_event: bool) -> str:
    """What the web calendar shows: an event's place stands behind its name; the stored subject stays as it is."""
    return f"{title} ({place})" if of_event and place else title
