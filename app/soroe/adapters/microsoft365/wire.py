"""Graph's events, told as the core's values: item by item, so that a bad one never costs its page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from soroe.adapters.net.reading import Json, Misfit, clean, flag_of, list_of, part_of, text_of
from soroe.adapters.outlook.stamp import GRAPH_ID
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

from .repeats import read_original, read_recurrence
from .times import read_instant, read_when

_SERIES_FIELDS = (
    "id,type,subject,body,start,end,isAllDay,originalStartTimeZone,location,showAs,sensitivity,attendees,organizer,"
    "isOrganizer,responseStatus,isCancelled,isOnlineMeeting,recurrence,createdDateTime,lastModifiedDateTime,"
    "cancelledOccurrences"
)
_STAMP = quote(f"singleValueExtendedProperties($filter=id eq '{GRAPH_ID}')", safe="$()=")
EVENT_QUERY = f"$expand={_STAMP}"
"""How an event is asked for: with our stamp, which is told only when it is asked for by name."""
SERIES_QUERY = f"$select={_SERIES_FIELDS}&$expand={_STAMP},exceptionOccurrences"
"""How a series is asked for: with its cancelled occurrences, told only when selected, and its changed ones."""

SPOILT = "@soroe.spoilt"
"""Stands, with Graph's code, in what we know of an event that Graph has and cannot show."""

_ID = re.compile(r"[A-Za-z0-9_=+/.:~-]{1,1024}\Z")
_ETAG = re.compile(r"[\x21-\x7e]{1,512}\Z")
_LONGEST_TITLE = 32_768
_LONGEST_TEXT = 1_048_576
_MOST_GUESTS = 5_000
_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "tentativelyAccepted": Response.TENTATIVE,
    "declined": Response.DECLINED,
}
_SHOW_AS = {
    "free": ShowAs.FREE,
    "workingElsewhere": ShowAs.FREE,  # one can be reached and invited
    "tentative": ShowAs.TENTATIVE,
    "busy": ShowAs.BUSY,
    "unknown": ShowAs.BUSY,
    "oof": ShowAs.OUT_OF_OFFICE,
}
_BLOCK = re.compile(r"\s*^[ \t]*_{20,}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """What reading an event needs to know of its calendar: its id, whether it is the main one, and our rights there."""

    id: ContainerId
    main: bool
    writable: bool
    sees_private: bool = True


def read_event(entry: object, facts: CalendarFacts) -> Seen:
    """One event, whatever it holds; never raises."""
    if not isinstance(entry, dict):
        return Unreadable(_nameless(entry, facts), "value", "not an object")
    try:
        ref, occurrence = identity(entry, facts)
    except Misfit as misfit:
        return Unreadable(_nameless(entry, facts), misfit.field, misfit.reason)
    if SPOILT in entry:
        return Unreadable(ref, "event", str(entry[SPOILT])[:80])
    try:
        version = _version(entry)
    except Misfit as misfit:
        return Unreadable(ref, misfit.field, misfit.reason)
    try:
        if flag_of(entry, "isCancelled"):
            # The organiser has called it off; it stays in the calendar until somebody takes it away.
            return Tombstone(ref, read_instant(entry.get("lastModifiedDateTime"), "lastModifiedDateTime"), occurrence)
        return _item(entry, facts, ref, occurrence, version)
    except Misfit as misfit:
        return Unreadable(ref, misfit.field, misfit.reason, version)


def id_of(entry: Json, name: str = "id") -> str:
    """Graph's id of an event; raises `Misfit` for what is none."""
    value = entry.get(name)
    # "." and ".." would walk in the path of an address.
    if not isinstance(value, str) or not _ID.match(value) or value.strip(".") == "":
        raise Misfit(name, "missing" if value is None else "not an id")
    return value


def is_id(text: str) -> bool:
    """Whether a text can be an id of Graph's at all."""
    return bool(_ID.match(text)) and text.strip(".") != ""


def identity(entry: Json, facts: CalendarFacts) -> tuple[Ref, Occurrence | None]:
    """Under which id an event goes with us, and of which series it is an occurrence."""
    own = id_of(entry)
    if entry.get("type") not in ("occurrence", "exception"):  # a tuple: what came may be a list, which no set takes
        return Ref(facts.id, ItemId(own)), None
    series = ItemId(id_of(entry, "seriesMasterId"))
    start = read_original(entry)
    return Ref(facts.id, occurrence_id(series, start)), Occurrence(series, start)


def attendees(entry: Json) -> list[Json]:
    """The people and rooms invited, without the organiser himself."""
    organiser = _address(part_of(entry, "organizer"))
    found: list[Json] = []
    for one in list_of(entry, "attendees", _MOST_GUESTS):
        if not isinstance(one, dict):
            raise Misfit("attendees", "not an object")
        if not organiser or _address(one).casefold() != organiser.casefold():
            found.append(one)
    return found


def invites(entry: Json) -> bool:
    """Whether anybody is invited: to the event, or, of a series, to one of its changed occurrences.

    A change of a series is mailed to those guests too. Raises `Misfit`.
    """
    changed = list_of(entry, "exceptionOccurrences", _MOST_GUESTS)
    return bool(attendees(entry)) or any(attendees(one) for one in changed if isinstance(one, dict))


def is_series(entry: Json) -> bool:
    """Whether an event is a series, which has to be asked for by `SERIES_QUERY` to be known whole."""
    return entry.get("type") == "seriesMaster"


def is_ours(entry: Json) -> bool:
    """Whether the calendar's owner is the organiser; an event without that word is an appointment of his own."""
    return entry.get("isOrganizer") is not False


def description_of(text: str, *, online: bool) -> str:
    """The description in a body: what stands before the block of an online meeting."""
    found = _BLOCK.search(text) if online else None
    return (text[: found.start()] if found else text).rstrip("\n")


def _item(
    entry: Json, facts: CalendarFacts, ref: Ref, occurrence: Occurrence | None, version: Version | None
) -> ObservedItem:
    when = read_when(entry, repeats=entry.get("recurrence") is not None)
    title = text_of(entry, "subject", _LONGEST_TITLE)
    body = text_of(part_of(entry, "body"), "content", _LONGEST_TEXT)
    visibility = _visibility(entry)
    show_as = _SHOW_AS.get(str(entry.get("showAs", "busy")))
    if show_as is None:
        raise Misfit("showAs", "unknown")
    content = EventContent(
        title=title,
        when=when,
        description=description_of(body, online=entry.get("isOnlineMeeting") is True),
        location=text_of(part_of(entry, "location"), "displayName", _LONGEST_TITLE),
        show_as=show_as,
        visibility=visibility,
        guests=_guests(attendees(entry)),
        recurrence=None if occurrence else read_recurrence(entry, when),
    )
    return ObservedItem(
        ref=ref,
        version=version,
        content=content,
        changed_at=_moment(entry, "lastModifiedDateTime"),
        created_at=_moment(entry, "createdDateTime"),
        stamp=stamp_of(entry),
        read_only=_read_only(entry, facts),
        occurrence=occurrence,
        details_hidden=visibility is Visibility.PRIVATE and not facts.sees_private,
        declined=part_of(entry, "responseStatus").get("response") == "declined",
    )


def _moment(entry: Json, name: str) -> datetime | None:
    return None if entry.get(name) is None else read_instant(entry[name], name)


def _nameless(entry: object, facts: CalendarFacts) -> Ref:
    """A stand-in for the id of an entry that has none to use: the same at every reading."""
    try:
        text = json.dumps(entry, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(entry).__name__
    return Ref(facts.id, ItemId(f"unreadable-{token(text, 10)}"))


def _version(entry: Json) -> Version | None:
    etag = entry.get("@odata.etag")
    if etag is None:
        return None
    # It goes back in a header, where a line break would be a header of its own.
    if not isinstance(etag, str) or not _ETAG.match(etag):
        raise Misfit("@odata.etag", "not an etag")
    return Version(etag)


def _visibility(entry: Json) -> Visibility:
    match entry.get("sensitivity", "normal"):
        case "normal" | "personal":
            return Visibility.NORMAL
        case "private" | "confidential":
            return Visibility.PRIVATE
        case _:
            raise Misfit("sensitivity", "unknown")


def _read_only(entry: Json, facts: CalendarFacts) -> ReadOnlyCause | None:
    if not facts.writable:
        return ReadOnlyCause.READ_ONLY_CONTAINER
    if not is_ours(entry):
        return ReadOnlyCause.FOREIGN_ORGANISER
    # Graph mails the guests of a meeting whenever it is changed, and nothing in it says otherwise (S-5).
    return ReadOnlyCause.NO_QUIET_WRITES if invites(entry) else None


def _guests(present: list[Json]) -> tuple[Guest, ...]:
    """The other people invited, by address; rooms and things are no guests."""
    guests = []
    for one in present:
        address = _address(one)
        if one.get("type") == "resource" or not address:
            continue
        answer = _RESPONSES.get(str(part_of(one, "status").get("response")), Response.NONE)
        guests.append(Guest(clean(address)[:320], text_of(part_of(one, "emailAddress"), "name", 1_000), answer))
    return tuple(sorted(guests))


def _address(one: Json) -> str:
    address = part_of(one, "emailAddress").get("address")
    return address if isinstance(address, str) else ""


def stamp_of(entry: Json) -> str | None:
    """The text hidden on an event, where it was asked for."""
    for one in list_of(entry, "singleValueExtendedProperties", 100):
        if isinstance(one, dict) and str(one.get("id", "")).casefold() == GRAPH_ID.casefold():
            value = one.get("value")
            return value if isinstance(value, str) and value else None
    return None
