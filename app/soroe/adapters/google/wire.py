"""Google's events, told as the core's values: item by item, so that a bad one never costs its page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from soroe.adapters.net.reading import Json, Misfit, clean, flag_of, list_of, part_of, text_of
from soroe.core.event import (
    ContainerId,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Ref,
    Response,
    Seen,
    ShowAs,
    Tombstone,
    Unreadable,
    Version,
    Visibility,
    occurrence_id,
)
from soroe.core.stamp import token
from soroe.ports.remote import KnownVersions

from .series import parse_stamp, read_recurrence
from .times import read_instant, read_original_start, read_when

STAMP_KEY = "soroe"
# The organizer's address is asked for although nobody reads it: of one that has only "self", nothing at all would come
# back for other people's events.
EVENT_FIELDS = (
    "id,etag,status,created,updated,summary,description,location,start,end,recurrence,recurringEventId,"
    "originalStartTime,transparency,visibility,eventType,locked,guestsCanModify,organizer(email,displayName,self),"
    "attendees(email,displayName,self,resource,responseStatus),attendeesOmitted,extendedProperties(private)"
)

_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9_@=+:~.-]{1,1024}\Z")  # "." and ".." would walk in the path of an address
_ETAG = re.compile(r"[\x21-\x7e]{1,256}\Z")
_LONGEST_TITLE = 32_768
_LONGEST_TEXT = 524_288
_MOST_GUESTS = 5_000
_WRITERS = frozenset({"writer", "owner"})
_RESPONSES = {
    "needsAction": Response.NONE,
    "accepted": Response.ACCEPTED,
    "tentative": Response.TENTATIVE,
    "declined": Response.DECLINED,
}


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """What reading an event needs to know of its calendar: its id, its zone, and our role there."""

    id: ContainerId
    zone: str
    role: str
    writable: bool = field(init=False)
    """Whether we may change everything here; `writerWithoutPrivateAccess` cannot, as it sees stubs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "writable", self.role in _WRITERS)


def read_event(entry: object, facts: CalendarFacts) -> Seen:
    """One entry of a listing, whatever it holds; never raises."""
    if not isinstance(entry, dict):
        return Unreadable(_nameless(entry, facts), "items", "not an object")
    try:
        ref, occurrence = _identity(entry, facts)
    except Misfit as misfit:
        return Unreadable(_nameless(entry, facts), misfit.field, misfit.reason)
    version: Version | None = None
    try:
        version = _version(entry)
        if is_cancelled(entry):
            # Of a deleted event only the id is sure to be told: nothing else of it is read.
            updated = entry.get("updated")
            return Tombstone(ref, None if updated is None else read_instant(updated, "updated"), occurrence)
        return _item(entry, facts, ref, occurrence, version)
    except Misfit as misfit:
        return Unreadable(ref, misfit.field, misfit.reason, version)


def is_unchanged(entry: object, known: KnownVersions) -> bool:
    """Whether this is an event in the state that is known; occurrences, whose ids are not Google's, are none."""
    if not isinstance(entry, dict) or "id" not in entry or "etag" not in entry or is_cancelled(entry):
        return False
    own, etag = entry["id"], entry["etag"]
    return type(own) is str and type(etag) is str and known.get(ItemId(own)) == etag


def is_cancelled(entry: Mapping[str, object]) -> bool:
    """Whether Google says that this event is deleted."""
    return "status" in entry and entry["status"] == "cancelled"


def _item(
    entry: Json, facts: CalendarFacts, ref: Ref, occurrence: Occurrence | None, version: Version | None
) -> ObservedItem:
    status = entry.get("status", "confirmed")
    if status not in ("confirmed", "tentative"):  # a tuple: what came may be a list, which no set can be asked for
        raise Misfit("status", "unknown")
    # Most events have few of these fields, and each function that is not called counts at thousands of events.
    kind = "default"
    if "eventType" in entry and entry["eventType"] != kind:
        kind = text_of(entry, "eventType", 100) or "default"
    when = read_when(entry, facts.zone)
    visibility = _visibility(entry) if "visibility" in entry else Visibility.NORMAL
    guests, declined = _guests(entry) if "attendees" in entry or "attendeesOmitted" in entry else ((), False)
    title = text_of(entry, "summary", _LONGEST_TITLE)
    description = text_of(entry, "description", _LONGEST_TEXT) if "description" in entry else ""
    location = text_of(entry, "location", _LONGEST_TITLE) if "location" in entry else ""
    recurrence = read_recurrence(entry, when) if "recurrence" in entry and occurrence is None else None
    guests_may_change = "guestsCanModify" in entry and flag_of(entry, "guestsCanModify")
    invited = "organizer" in entry and _is_invited(entry)
    hidden = not facts.writable and not description and not title and visibility is Visibility.PRIVATE
    # By position: to name so many arguments takes longer than all the rest of making the two.
    content = EventContent(
        title, when, description, location, _show_as(entry, status, kind), visibility, guests, recurrence,
        guests_may_change,
    )  # fmt: skip # short values, several a line
    changed_at, created_at = _instants(entry)
    return ObservedItem(
        ref,
        version,
        content,
        changed_at,
        created_at,
        _stamp(entry) if "extendedProperties" in entry else None,
        _read_only(entry, facts, kind, foreign=invited and not guests_may_change),
        occurrence,
        None,  # a calendar has no types of activities
        kind,
        facts.role == "freeBusyReader" or hidden,
        declined,
        None,  # nor particulars of a CRM
        invited,
    )


def _instants(entry: Json) -> tuple[datetime | None, datetime | None]:
    """When the event was last changed, and when it was made; of a new one both are told by one text."""
    changed_at = read_instant(entry["updated"], "updated") if "updated" in entry else None
    if "created" not in entry:
        return changed_at, None
    if changed_at is not None and entry["created"] == entry["updated"]:
        return changed_at, changed_at
    return changed_at, read_instant(entry["created"], "created")


def _identity(entry: Json, facts: CalendarFacts) -> tuple[Ref, Occurrence | None]:
    own = _id(entry, "id")
    if "recurringEventId" not in entry or entry["recurringEventId"] is None:
        return Ref(facts.id, ItemId(own)), None
    series = ItemId(_id(entry, "recurringEventId"))
    if entry.get("originalStartTime") is not None:
        start = read_original_start(entry)
    else:
        told = parse_stamp(own.rpartition("_")[2])
        if told is None:
            raise Misfit("originalStartTime", "missing")
        start = told
    return Ref(facts.id, occurrence_id(series, start)), Occurrence(series, start)


def _id(entry: Json, name: str) -> str:
    value = entry.get(name)
    if type(value) is not str or _ID.match(value) is None:
        raise Misfit(name, "missing" if value is None else "not an id")
    return value


def _nameless(entry: object, facts: CalendarFacts) -> Ref:
    """A stand-in for the id of an entry that has none to use: the same at every reading."""
    try:
        text = json.dumps(entry, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(entry).__name__
    return Ref(facts.id, ItemId(f"unreadable-{token(text, 10)}"))


def _version(entry: Json) -> Version | None:
    etag = entry.get("etag")
    if etag is None:
        return None
    # It goes back in a header, where a line break would be a header of its own.
    if type(etag) is not str or _ETAG.match(etag) is None:
        raise Misfit("etag", "not an etag")
    return Version(etag)


def _show_as(entry: Json, status: object, kind: str) -> ShowAs:
    if kind == "outOfOffice":
        return ShowAs.OUT_OF_OFFICE
    told = entry.get("transparency", "opaque")
    if told == "opaque":
        return ShowAs.TENTATIVE if status == "tentative" else ShowAs.BUSY
    if told == "transparent":
        return ShowAs.FREE
    raise Misfit("transparency", "unknown")


def _visibility(entry: Json) -> Visibility:
    match entry.get("visibility", "default"):
        case "default" | "public":
            return Visibility.NORMAL
        case "private" | "confidential":
            return Visibility.PRIVATE
        case _:
            raise Misfit("visibility", "unknown")


def _read_only(entry: Json, facts: CalendarFacts, kind: str, *, foreign: bool) -> ReadOnlyCause | None:
    """Why nothing here may be changed; `foreign`: somebody else organises it and lets no guest change it."""
    if not facts.writable:
        return ReadOnlyCause.READ_ONLY_CONTAINER
    if "locked" in entry and flag_of(entry, "locked"):
        return ReadOnlyCause.LOCKED
    if kind != "default":
        # Moving an out-of-office or focus time makes Google decline meetings, which mails their organisers (S-5).
        return ReadOnlyCause.SPECIAL_KIND
    return ReadOnlyCause.FOREIGN_ORGANISER if foreign else None


def _is_invited(entry: Json) -> bool:
    """Whether somebody else organises the event."""
    organizer = part_of(entry, "organizer")
    return bool(organizer) and ("self" not in organizer or organizer["self"] is not True)


def _guests(entry: Json) -> tuple[tuple[Guest, ...], bool]:
    """The other people invited, by address, and whether the user himself has declined.

    Rooms are no guests. With `attendeesOmitted` the list is not whole, so none of it is told.
    """
    guests: list[Guest] = []
    declined = False
    for one in list_of(entry, "attendees", _MOST_GUESTS):
        if not isinstance(one, dict):
            raise Misfit("attendees", "not an object")
        if one.get("self") is True:
            declined = one.get("responseStatus") == "declined"
            continue
        email = one.get("email")
        if one.get("resource") is True or not isinstance(email, str) or not email:
            continue
        answer = _RESPONSES.get(str(one.get("responseStatus", "needsAction")), Response.NONE)
        guests.append(Guest(clean(email)[:320], text_of(one, "displayName", 1_000), answer))
    if flag_of(entry, "attendeesOmitted"):
        return (), declined
    return tuple(sorted(guests)), declined


def _stamp(entry: Json) -> str | None:
    private = part_of(part_of(entry, "extendedProperties"), "private")
    value = private.get(STAMP_KEY)
    return value if type(value) is str and value else None
