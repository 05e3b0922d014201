"""What the Pipedrive-shaped server keeps, and how it looks in version 2 and version 1 of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

LOCATION_PARTS = (
    "country",
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "sublocality",
    "route",
    "street_number",
    "subpremise",
    "postal_code",
)


@dataclass(frozen=True, slots=True)
class User:
    id: int
    email: str
    name: str
    time_zone: str
    password: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class ActivityType:
    id: int
    key: str
    name: str
    active: bool = True
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The writable members. `due_time` is UTC (HH:MM:SS), and `due_date` with it; without a time it is a plain date."""

    subject: str
    type: str
    owner_id: int
    due_date: date
    due_time: str | None = None
    duration: str | None = None
    busy: bool = False
    done: bool = False
    location: Mapping[str, str | None] | None = None
    note: str | None = None
    public_description: str | None = None
    participants: tuple[Mapping[str, Any], ...] = ()
    attendees: tuple[Mapping[str, Any], ...] = ()
    deal_id: int | None = None
    lead_id: str | None = None
    org_id: int | None = None
    project_id: int | None = None
    priority: int | None = None
    outcome: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity. Instants are UTC in whole seconds."""

    id: int
    creator_user_id: int
    fields: Fields
    add_time: datetime
    update_time: datetime
    marked_as_done_time: datetime | None = None
    is_deleted: bool = False
    conference: Mapping[str, str] = field(default_factory=dict)


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def old_instant(at: datetime) -> str:
    """Version 1 writes UTC times without saying so."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def activity_json(activity: Activity, with_attendees: bool) -> dict[str, Any]:
    """Returns the activity as version 2 shows it; attendees only where they were asked for."""
    fields = activity.fields
    primary = next((p["person_id"] for p in fields.participants if p.get("primary")), None)
    document: dict[str, Any] = {
        "id": activity.id,
        "subject": fields.subject,
        "type": fields.type,
        "owner_id": fields.owner_id,
        "creator_user_id": activity.creator_user_id,
        "is_deleted": activity.is_deleted,
        "add_time": instant(activity.add_time),
        "update_time": instant(activity.update_time),
        "due_date": fields.due_date.isoformat(),
        "due_time": fields.due_time,
        "duration": fields.duration,
        "busy": fields.busy,
        "done": fields.done,
        "marked_as_done_time": instant(activity.marked_as_done_time) if activity.marked_as_done_time else None,
        "location": dict(fields.location) if fields.location is not None else None,
        "note": fields.note,
        "public_description": fields.public_description,
        "participants": [dict(person) for person in fields.participants],
        "person_id": primary,
        "deal_id": fields.deal_id,
        "lead_id": fields.lead_id,
        "org_id": fields.org_id,
        "project_id": fields.project_id,
        "priority": fields.priority,
        "outcome": fields.outcome,
        "conference_meeting_client": activity.conference.get("client"),
        "conference_meeting_url": activity.conference.get("url"),
        "conference_meeting_id": activity.conference.get("id"),
    }
    if with_attendees:
        document["attendees"] = [dict(attendee) for attendee in fields.attendees]
    return document


def old_activity_json(activity: Activity) -> dict[str, Any]:
    """Returns the activity as version 1's list of recent changes shows it."""
    fields = activity.fields
    return {
        "id": activity.id,
        "user_id": fields.owner_id,
        "type": fields.type,
        "subject": fields.subject,
        "due_date": fields.due_date.isoformat(),
        "due_time": (fields.due_time or "")[:5],
        "duration": (fields.duration or "")[:5],
        "busy_flag": fields.busy,
        "done": fields.done,
        "active_flag": not activity.is_deleted,
        "add_time": old_instant(activity.add_time),
        "update_time": old_instant(activity.update_time),
        "location": fields.location.get("value") if fields.location is not None else None,
        "note": fields.note,
        "public_description": fields.public_description,
    }


def type_json(kind: ActivityType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name,
        "key_string": kind.key,
        "icon_key": kind.key,
        "color": None,
        "order_nr": kind.id,
        "active_flag": kind.active,
        "is_custom_flag": kind.custom,
    }
