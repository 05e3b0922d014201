"""The parameters of `events.list` and `events.instances`, read as strictly as the documents put them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from soroe.sandbox.google.bodies import EVENT_TYPES
from soroe.sandbox.google.errors import bad_request, invalid, time_range_empty
from soroe.sandbox.google.times import read_bound, zone

Parameters = dict[str, list[str]]

NOT_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_NO_TOKEN_AFTER = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
_DEFAULT_PAGE = 250
_LARGEST_PAGE = 2500


def one(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name)
    return values[-1] if values else None


def flag(parameters: Parameters, name: str) -> bool | None:
    text = one(parameters, name)
    if text is None:
        return None
    if text.lower() not in ("true", "false"):
        raise invalid(f"Invalid boolean value: '{text}'.", name)
    return text.lower() == "true"


def number(parameters: Parameters, name: str, least: int = 1) -> int | None:
    text = one(parameters, name)
    if text is None:
        return None
    if not re.fullmatch("-?[0-9]{1,10}", text) or int(text) < least:
        raise invalid(f"Invalid value '{text}'. Values must be within the range: [{least}, 2147483647]", name)
    return int(text)


def page_size(parameters: Parameters, default: int, largest: int) -> int:
    return min(number(parameters, "maxResults") or default, largest)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One request for events. Bounds are moments; `properties` are (private or shared, name, value)."""

    single_events: bool
    show_deleted: bool | None
    event_types: frozenset[str]
    max_attendees: int | None
    time_zone: str
    hidden_invitations: bool
    low: datetime | None
    high: datetime | None
    updated_min: datetime | None
    uid: str | None
    text: str | None
    properties: tuple[tuple[str, str, str], ...]
    order: str | None
    size: int
    sync_token: str | None
    page_token: str | None
    gives_sync_token: bool

    def must_stay_equal(self) -> str:
        """Names what has to be the same in every request that continues from a sync token."""
        kinds = ",".join(sorted(self.event_types))
        return f"{self.single_events}|{kinds}|{self.max_attendees}|{self.time_zone}|{self.hidden_invitations}"

    def whole(self) -> str:
        """Names everything a page token belongs to."""
        return "|".join(
            str(part)
            for part in (
                self.must_stay_equal(),
                self.show_deleted,
                self.low,
                self.high,
                self.updated_min,
                self.uid,
                self.text,
                self.properties,
                self.order,
                self.sync_token,
            )
        )


def read_query(parameters: Parameters, calendar_zone: str) -> ListQuery:
    """Reads and checks the parameters of a listing."""
    sync_token = one(parameters, "syncToken")
    show_deleted = flag(parameters, "showDeleted")
    single = flag(parameters, "singleEvents") or False
    if sync_token is not None:
        for name in NOT_WITH_SYNC_TOKEN:
            if parameters.get(name):
                raise bad_request(f"Sync token cannot be used together with {name}.", name)
        if show_deleted is False:
            raise bad_request("showDeleted cannot be false together with a sync token.", "showDeleted")
    order = one(parameters, "orderBy")
    if order not in (None, "startTime", "updated"):
        raise invalid(f"Invalid value for: {order} is not a valid value", "orderBy")
    if order == "startTime" and not single:
        raise bad_request("The requested ordering is not available for the particular query.", "orderBy")
    kinds = frozenset(parameters.get("eventTypes", ()))
    if kinds - set(EVENT_TYPES):
        raise invalid("Invalid value for: eventTypes", "eventTypes")
    low, high = _bound(parameters, "timeMin"), _bound(parameters, "timeMax")
    if low is not None and high is not None and low >= high:
        raise time_range_empty("timeMax")
    return ListQuery(
        single_events=single,
        show_deleted=show_deleted,
        event_types=kinds,
        max_attendees=number(parameters, "maxAttendees"),
        time_zone=response_zone(parameters, calendar_zone),
        hidden_invitations=flag(parameters, "showHiddenInvitations") or False,
        low=low,
        high=high,
        updated_min=_bound(parameters, "updatedMin"),
        uid=one(parameters, "iCalUID"),
        text=one(parameters, "q"),
        properties=_properties(parameters),
        order=order,
        size=page_size(parameters, _DEFAULT_PAGE, _LARGEST_PAGE),
        sync_token=sync_token,
        page_token=one(parameters, "pageToken"),
        gives_sync_token=not any(parameters.get(name) for name in _NO_TOKEN_AFTER),
    )


def _bound(parameters: Parameters, name: str) -> datetime | None:
    text = one(parameters, name)
    return read_bound(text, name) if text is not None else None


def response_zone(parameters: Parameters, calendar_zone: str) -> str:
    """Returns the zone the answer's times are written in: the one asked for, else the calendar's."""
    name = one(parameters, "timeZone") or calendar_zone
    if zone(name) is None:
        raise invalid("Invalid time zone.", "timeZone")
    return name


def _properties(parameters: Parameters) -> tuple[tuple[str, str, str], ...]:
    found = []
    for part in ("private", "shared"):
        for text in parameters.get(f"{part}ExtendedProperty", ()):
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise bad_request(location=f"{part}ExtendedProperty")
            found.append((part, name, value))
    return tuple(found)
