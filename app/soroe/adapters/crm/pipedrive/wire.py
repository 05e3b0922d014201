"""Pipedrive's activities as JSON, both ways. Times are UTC as soon as there is a time; a date alone is a plain date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, assert_never

from soroe.adapters.crm.documents import (
    EARLIEST,
    LATEST,
    Malformed,
    checked_id,
    checked_text,
    checked_year,
    flag_at,
    id_at,
    members,
    plain_text,
    text_at,
    without_controls,
)
from soroe.adapters.net.exchange import Json
from soroe.adapters.net.json_text import json_writer
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
    Visibility,
    When,
)
from soroe.core.stamp import token
from soroe.ports.errors import ItemRejected

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
_in_order = json_writer(json.JSONEncoder(sort_keys=True, ensure_ascii=True, check_circular=False))
HELD = (Field.TITLE, Field.WHEN, Field.DESCRIPTION, Field.LOCATION, Field.SHOW_AS)
"""What an activity holds of a meeting, beside its guests."""
NO_ID = ItemId("")
Values = Mapping[str, Json]
"""What an activity holds at the paths that are read of it, None for what is absent."""
_ANSWERS = {
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
}


_values_of = members((*_VERSIONED, "id", "update_time", "add_time", "location.value"))


def opened(document: object) -> Values:
    """What an activity holds of all that is read here; each of the questions below is then one look."""
    return _values_of(document)


def read_activity(document: object) -> ObservedItem | Unreadable:
    """The item, or which of its fields is malformed."""
    return read_values(opened(document))


def read_values(values: Values, known: Version | None = None) -> ObservedItem | Unreadable:
    """As `read_activity`; `known` is the activity's version, where the caller has already asked for it."""
    own = NO_ID
    version = known
    try:
        own = id_in(values)
        version = known or version_in(values)
        return _item(values, own, version)
    except Malformed as error:
        return Unreadable(Ref(CRM_LIST, own), error.field, error.reason, version)


def id_in(values: Values) -> ItemId:
    """The activity's id."""
    found: ItemId = checked_id(values["id"], "id")
    return found


def version_of(document: object) -> Version:
    """The state of an activity: its update time, which has whole seconds, and a digest for changes within one."""
    return version_in(opened(document))


def version_in(values: Values) -> Version:
    """As `version_of`."""
    digest = token(_in_order({name: values[name] for name in _VERSIONED}), 4)
    return Version(f"{checked_id(values['update_time'], 'update_time')}/{digest}")


def changed_in(values: Values) -> datetime:
    """When the activity was last changed, in UTC."""
    return _instant(values, "update_time")


def owner_of(document: object) -> str:
    """The owner's id."""
    return id_at(document, "owner_id")


def _item(values: Values, own: ItemId, version: Version) -> ObservedItem:
    busy = values["busy"]
    if busy is not None and type(busy) is not bool:
        raise Malformed("busy", "is neither true nor false")
    # By position, as it is done for every item: to name so many arguments takes longer than to make the two.
    content = EventContent(
        checked_text(values["subject"], "subject"),
        _when(values),
        _description(values),
        _location(values),
        ShowAs.FREE if busy is False else ShowAs.BUSY,
        Visibility.NORMAL,
        _guests(values),
    )
    changed_at, created_at = _instants(values)
    kind = checked_text(values["type"], "type", 64) or None
    return ObservedItem(Ref(CRM_LIST, own), version, content, changed_at, created_at, activity_type=kind)


def is_deleted(document: object) -> bool:
    """Whether Pipedrive says that the activity is deleted."""
    return flag_at(document, "is_deleted")


def _when(values: Values) -> When:
    day = _date(values["due_date"])
    clock = values["due_time"]
    if clock is None or clock == "":
        return AllDay(day, day + timedelta(days=1))
    if type(clock) is not str:
        raise Malformed("due_time", "is not a time of day")
    start = datetime.combine(day, _time(clock))  # a wall clock, which is UTC's
    length = values["duration"]
    if length is None or length == "":
        return Timed(start, start, UTC_ZONE)
    if type(length) is not str:
        raise Malformed("duration", "is not a length of time")
    return Timed(start, start + _length(length), UTC_ZONE)


def _date(value: Json) -> date:
    if type(value) is not str or len(value) > 10:
        raise Malformed("due_date", "is not a date")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise Malformed("due_date", "is not a date") from error
    checked_year(day, "due_date")
    return day


@lru_cache(maxsize=256)  # most meetings begin at few times of day, and last as long as others
def _time(text: str) -> time:
    if not _CLOCK.fullmatch(text):
        raise Malformed("due_time", "is not a time of day")
    return time(int(text[:2]), int(text[3:5]), int(text[6:] or 0))


@lru_cache(maxsize=256)
def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise Malformed("duration", "is not a length of time")
    hours, minutes, seconds = found.groups()
    if int(hours) > LONGEST_HOURS:
        raise Malformed("duration", "is not a length of time")
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))


def _description(values: Values) -> str:
    """The text meant for guests; the note beside it is internal and is never read."""
    text = checked_text(values["public_description"], "public_description")
    return plain_text(text) if "<" in text and _MARKUP.search(text) else text


def _location(values: Values) -> str:
    value = values["location"]
    if value is None or type(value) is str:
        return checked_text(value, "location")
    if type(value) is not dict:
        raise Malformed("location", "is not a place")
    return checked_text(values["location.value"], "location.value")


def _guests(values: Values) -> tuple[Guest, ...]:
    listed = values["attendees"]
    if listed is None or listed == []:
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


def _instants(values: Values) -> tuple[datetime, datetime | None]:
    """When the activity was last changed, and when it was made; of a new one both are told by one text."""
    changed_at, made = _instant(values, "update_time"), values["add_time"]
    if made is None:
        return changed_at, None
    return changed_at, changed_at if made == values["update_time"] else _instant(values, "add_time")


def _instant(values: Values, path: str) -> datetime:
    value = values[path]
    try:
        found = datetime.fromisoformat(value if type(value) is str and len(value) < 40 else "")
    except ValueError as error:
        raise Malformed(path, "is not a time") from error
    if not EARLIEST <= found.year < LATEST:
        checked_year(found, path)
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def new_activity(content: EventContent, activity_type: str | None) -> dict[str, Any]:
    """The body of a create; raises `ItemRejected` for what Pipedrive cannot hold."""
    body = changed_fields(content, (*HELD, Field.GUESTS) if content.guests else HELD)
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
    start = when.start_utc
    length = when.end_utc - start
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    if minutes < 0 or minutes // 60 > LONGEST_HOURS:
        raise ItemRejected("length_impossible", "when")
    told = start.isoformat()
    return {
        "due_date": told[:10],
        "due_time": told[11:19],
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}",
    }
