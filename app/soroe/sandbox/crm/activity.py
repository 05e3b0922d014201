"""What the sandbox CRM keeps: users, activities, tombstones, booking pages, and how they look in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, assert_never


@dataclass(frozen=True, slots=True)
class Day:
    """A date without a zone; as the end of an activity it is the day after the last."""

    date: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time (naive, whole seconds) in an IANA zone."""

    local: datetime
    zone: str


Time = Day | Moment


class ReadOnlyCause(StrEnum):
    """Why a write is refused."""

    FOREIGN_ORGANIZER = "foreign_organizer"
    NO_PERMISSION = "no_permission"
    LOCKED = "locked"
    MIRRORED = "mirrored"


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    name: str
    time_zone: str
    password: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class ActivityType:
    key: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Guest:
    email: str
    name: str = ""
    response: str = "needs_action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The part of an activity that its owner, or an integration, writes."""

    type: str
    subject: str
    start: Time
    end: Time
    description: str = ""
    location: str = ""
    show_as: str = "busy"
    private: bool = False
    guests: tuple[Guest, ...] = ()
    recurrence: tuple[str, ...] = ()
    done: bool = False
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity in one version. Instants are UTC."""

    id: str
    owner_id: str
    version: int
    content: Content
    organizer_email: str
    organizer_name: str
    created_at: datetime
    updated_at: datetime
    series_id: str | None = None
    original_start: Time | None = None
    read_only_cause: ReadOnlyCause | None = None
    related: Mapping[str, Any] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


@dataclass(frozen=True, slots=True)
class Tombstone:
    id: str
    deleted_at: datetime
    reason: str = "deleted"


@dataclass(frozen=True, slots=True)
class BookingPage:
    """`mode` is all_members or round_robin; `locations` are zoom, teams, meet."""

    id: str
    name: str
    owner_id: str
    mode: str
    member_ids: tuple[str, ...]
    locations: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the CRM would have sent. `kind` is invitation, update or cancellation."""

    to: str
    kind: str
    activity_id: str


def instant(at: datetime) -> str:
    """Writes an instant as RFC 3339 in UTC, in milliseconds."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def time_json(time: Time) -> dict[str, str]:
    match time:
        case Day(day):
            return {"date": day.isoformat()}
        case Moment(local, zone):
            return {"date_time": local.isoformat(timespec="seconds"), "time_zone": zone}
        case _:
            assert_never(time)


def content_json(content: Content) -> dict[str, Any]:
    """Returns the writable members, as a merge patch is applied to them."""
    return {
        "external_id": content.external_id,
        "type": content.type,
        "subject": content.subject,
        "description": content.description,
        "location": content.location,
        "start": time_json(content.start),
        "end": time_json(content.end),
        "show_as": content.show_as,
        "private": content.private,
        "guests": [{"email": g.email, "name": g.name, "response": g.response} for g in content.guests],
        "recurrence": list(content.recurrence),
        "done": content.done,
    }


def activity_json(activity: Activity, viewer_id: str) -> dict[str, Any]:
    """Returns the activity as `viewer_id` may see it: a private one of somebody else shows its time only."""
    cause = activity.read_only_cause
    if viewer_id != activity.owner_id:
        cause = ReadOnlyCause.NO_PERMISSION
    document = {"id": activity.id, "etag": activity.etag} | content_json(activity.content)
    document |= {
        "series_id": activity.series_id,
        "original_start": time_json(activity.original_start) if activity.original_start else None,
        "owner_id": activity.owner_id,
        "organizer": {"email": activity.organizer_email, "name": activity.organizer_name},
        "read_only": cause is not None,
        "read_only_cause": cause.value if cause else None,
        "related": dict(activity.related),
        "created_at": instant(activity.created_at),
        "updated_at": instant(activity.updated_at),
    }
    if activity.content.private and viewer_id != activity.owner_id:
        document |= {"external_id": None, "subject": "Private", "description": "", "location": ""}
        document |= {"guests": [], "related": {}}
    return document


def tombstone_json(tombstone: Tombstone) -> dict[str, str]:
    return {"id": tombstone.id, "deleted_at": instant(tombstone.deleted_at), "reason": tombstone.reason}


def user_json(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "time_zone": user.time_zone,
        "active": user.active,
    }


def booking_page_json(page: BookingPage) -> dict[str, Any]:
    return {
        "id": page.id,
        "name": page.name,
        "url": f"https://booking.example.com/{page.id}",
        "owner_id": page.owner_id,
        "mode": page.mode,
        "member_ids": list(page.member_ids),
        "locations": list(page.locations),
        "enabled": page.enabled,
    }
