"""Pipedrive's activities as JSON, both ways. Times are UTC as soon as there is a time; a date alone is a plain date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_never

from soroe.adapters.crm.documents import (
    Malformed,
    at,
    checked_year,
    flag_at,
    id_at,
    plain_text,
    text_at,
    wall_time,
    without_controls,
)
from soroe.core.event import (
    CRM_LIST,
    UTC_ZONE,
    AllDay,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Ref,
    Response,
    ShowAs,
    Timed,
    Unreadable,
    Version,
    When,
)
from soroe.core.stamp import token
from soroe.ports.errors import ItemRejected
from soroe.ports.remote import KnownVersions

MOST_GUESTS = 2_000
LONGEST_HOURS = 24 * 366
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_LENGTH = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?")
_MARKUP = re.compile(r"(?i)<(?:p|br|div|span|b|i|u|a|ul|ol|li|strong|em|h[1-6]|table|html|script|style)\b[^<>]*>")
_VERSIONED = (
    "subject",
    "type",
    "owner_id",
    "due_date",
    "due_time",
    "duration",
    "busy",
    "location",
    "public_description",
    "attendees",
    "is_deleted",
)
_ANSWERS = {
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
}


def read_activity(document: object) -> ObservedItem | Unreadable:
    """The item, or which of its fields is malformed."""
    own = ItemId("")
    version: Version | None = None
    try:
        own = ItemId(id_at(document, "id"))
        version = version_of(document)
        return _item(document, own, version)
    except Malformed as error:
        return Unreadable(Ref(CRM_LIST, own), error.field, error.reason, version)


def unchanged_id(document: object, known: KnownVersions) -> ItemId | None:
    """The activity's id if it is in the state that is known; None where it has to be read."""
    if not known:
        return None
    try:
        own = ItemId(id_at(document, "id"))
        return own if own in known and known[own] == version_of(document) else None
    except Malformed:
        return None  # `read_activity` tells what is wrong with it


def version_of(document: object) -> Version:
    """The state of an activity: its update time, which has whole seconds, and a digest for changes within one."""
    parts = {name: at(document, name) for name in _VERSIONED}
    digest = token(json.dumps(parts, sort_keys=True, ensure_ascii=True), 4)
    return Version(f"{id_at(document, 'update_time')}/{digest}")


def changed_at(document: object) -> datetime:
    """When the activity was last changed, in UTC."""
    return _instant(document, "update_time")


def owner_of(document: object) -> str:
    """The owner's id."""
    return id_at(document, "owner_id")


def _item(document: object, own: ItemId, version: Version) -> ObservedItem:
    busy = at(document, "busy")
    if busy is not None and not isinstance(busy, bool):
        raise Malformed("busy", "is neither true nor false")
    content = EventContent(
        title=text_at(document, "subject"),
        when=_when(document),
        description=_description(document),
        location=_location(document),
        show_as=ShowAs.FREE if busy is False else ShowAs.BUSY,
        guests=_guests(document),
    )
    return ObservedItem(
        ref=Ref(CRM_LIST, own),
        version=version,
        content=content,
        changed_at=changed_at(document),
        created_at=None if at(document, "add_time") is None else _instant(document, "add_time"),
        activity_type=text_at(document, "type", 64) or None,
    )


def is_deleted(document: object) -> bool:
    """Whether Pipedrive says that the activity is deleted."""
    return flag_at(document, "is_deleted")


def _when(document: object) -> When:
    day = _date(at(document, "due_date"))
    clock = at(document, "due_time")
    if clock is None or clock == "":
        return AllDay(day, day + timedelta(days=1))
    if not isinstance(clock, str) or not _CLOCK.fullmatch(clock):
        raise Malformed("due_time", "is not a time of day")
    start = wall_time(f"{day.isoformat()} {clock if len(clock) > 5 else clock + ':00'}", "%Y-%m-%d %H:%M:%S")
    return Timed(start, start + _length(at(document, "duration")), UTC_ZONE)


def _date(value: object) -> date:
    if not isinstance(value, str) or len(value) > 10:
        raise Malformed("due_date", "is not a date")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise Malformed("due_date", "is not a date") from error
    checked_year(day, "due_date")
    return day


def _length(value: object) -> timedelta:
    if value is None or value == "":
        return timedelta()
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found.group(1)) > LONGEST_HOURS:
        raise Malformed("duration", "is not a length of time")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _description(document: object) -> str:
    """The text meant for guests; the note beside it is internal and is never read."""
    text = text_at(document, "public_description")
    return plain_text(text) if _MARKUP.search(text) else text


def _location(document: object) -> str:
    value = at(document, "location")
    if isinstance(value, str):
        return text_at(document, "location")
    if value is not None and not isinstance(value, dict):
        raise Malformed("location", "is not a place")
    return text_at(document, "location.value")


def _guests(document: object) -> tuple[Guest, ...]:
    listed = at(document, "attendees")
    if listed is None:
        return ()
    if not isinstance(listed, list) or len(listed) > MOST_GUESTS:
        raise Malformed("attendees", "is not a list of guests")
    found: list[Guest] = []
    for entry in listed:
        email = text_at(entry, "email", 320)
        if email and not flag_at(entry, "is_organizer"):
            answer = _ANSWERS.get(text_at(entry, "status", 64).casefold(), Response.NONE)
            found.append(Guest(email, text_at(entry, "name", 1_000), answer))
    return tuple(found)


def _instant(document: object, path: str) -> datetime:
    value = at(document, path)
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) and len(value) < 40 else "")
    except ValueError as error:
        raise Malformed(path, "is not a time") from error
    checked_year(found, path)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def new_activity(content: EventContent, activity_type: str | None) -> dict[str, Any]:
    """The body of a create; raises `ItemRejected` for what Pipedrive cannot hold."""
    fields = [field for field in Field if field is not Field.GUESTS or content.guests]
    body = changed_fields(content, fields)
    if activity_type is not None:
        body["type"] = activity_type
    return {name: value for name, value in body.items() if value is not None or name == "due_time"}


def changed_fields(content: EventContent, fields: Iterable[Field]) -> dict[str, Any]:
    """The body of a change of these fields alone; raises `ItemRejected` for what Pipedrive cannot hold."""
    if content.recurrence is not None:
        raise ItemRejected("no_series", "recurrence")
    body: dict[str, Any] = {}
    for field in fields:
        match field:
            case Field.TITLE:
                body["subject"] = without_controls(content.title)
            case Field.WHEN:
                body |= _written_when(content.when)
            case Field.DESCRIPTION:
                body["public_description"] = without_controls(content.description) or None
            case Field.LOCATION:
                place = without_controls(content.location)
                body["location"] = {"value": place} if place else None
            case Field.SHOW_AS:
                body["busy"] = content.show_as is not ShowAs.FREE
            case Field.GUESTS:
                body["attendees"] = [{"email": guest.email, "name": guest.name} for guest in content.guests]
            case Field.VISIBILITY | Field.RECURRENCE | Field.GUESTS_MAY_CHANGE:
                continue  # Pipedrive has none of them; what a private event may tell was decided before it came here
            case _:
                assert_never(field)
    return body


def _written_when(when: When) -> dict[str, Any]:
    if isinstance(when, AllDay):
        if when.end - when.start != timedelta(days=1):
            raise ItemRejected("one_day_only", "when")
        return {"due_date": when.start.isoformat(), "due_time": None, "duration": None}
    start, length = when.start_utc, when.end_utc - when.start_utc
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    if minutes < 0 or minutes // 60 > LONGEST_HOURS:
        raise ItemRejected("length_impossible", "when")
    return {
        "due_date": start.date().isoformat(),
        "due_time": f"{start:%H:%M:%S}",
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}",
    }
