"""One entry of an .ics file in the shape of Google's event resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from icalendar import Event, vDDDTypes

from soroe.sandbox.google.errors import Json

from .appointments import ME
from .ics_file import Block, CalendarFile, mail_address, uid_in, unescaped, written
from .ics_times import Times, all_of, text_of
from .remarks import NotReadable, Said, said

_NEEDED = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_CLASSES = {"PRIVATE": "private", "CONFIDENTIAL": "private"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was understood.

    `original` is the stamp of the occurrence it stands for, as it ends Google's instance ids; None for whole events.
    `day` is the day of that occurrence, for a series of whole days of which the file tells it as a time.
    `organizer` is set when somebody else organises it. `left_out` are properties that could not be read and were not
    needed: name and what is wrong.
    """

    block: Block
    uid: str
    version: tuple[int, str]
    original: str | None
    day: str
    cancelled: bool
    organizer: str
    body: Json
    left_out: tuple[tuple[str, Said], ...]


def read_entry(event: Event, file: CalendarFile, block: Block, user: frozenset[str]) -> Entry:
    """The entry; `user` are the addresses of the calendar's owner. Raises `NotReadable` naming the property."""
    left_out: list[tuple[str, Said]] = []
    for name, what in event.errors:
        if name is not None and name.upper() in _NEEDED:
            text = written(block, name)[:80]
            raise NotReadable(name.upper(), said("not_read", written=text) if text else said("empty"))
        left_out.append(_left_out(block, name, what))
    times = Times(event, file.zones, file.zone_of(block), file.zone_of_days(block))
    start, end = times.start_and_end()
    if times.goes_on:
        left_out.append(("RECURRENCE-ID", said("this_and_future")))
    left_out += times.not_carried(end.moment() - start.moment())
    body: Json = {"start": start.json(), "end": end.json(), **_words(event), **_manners(event)}
    original = times.original()
    if original is None:
        lines = list(times.recurrence(start))
        if lines:
            body["recurrence"] = lines
    guests, strangers = _guests(event, user)
    left_out += [("ATTENDEE", said("no_mail_address", written=text[:80])) for text in strangers]
    organizer = mail_address(text_of(event, "ORGANIZER"))
    foreign = organizer if organizer and organizer not in user else ""
    if foreign:
        guests = _invited(guests, foreign)
    if guests:
        body["attendees"] = guests
    return Entry(
        block,
        uid_in(block),
        _version(event),
        original.stamp() if original else None,
        original.day(file.zone_of_days(block)) if original else "",
        text_of(event, "STATUS").upper() == "CANCELLED" or block.calendar in file.called_off,
        foreign,
        body,
        tuple(left_out),
    )


def _left_out(block: Block, name: str | None, what: str) -> tuple[str, Said]:
    if name is not None:
        return name.upper(), said("left_out_written", written=written(block, name)[:80])
    line = re.search("'(.*)'", str(what))  # the words around it are the library's own
    return "LINE", said("left_out_written", written=(line[1] if line else str(what))[:80])


def _words(event: Event) -> Json:
    body: Json = {}
    title = text_of(event, "SUMMARY")
    if title:
        body["summary"] = title
    notes = text_of(event, "DESCRIPTION")
    if not notes.strip():
        notes = unescaped(text_of(event, "X-ALT-DESC"))
    if notes.strip():
        body["description"] = notes
    place = text_of(event, "LOCATION")
    if place:
        body["location"] = place
    return body


def _manners(event: Event) -> Json:
    """Private or not, free or busy, tentative or sure."""
    body: Json = {}
    visibility = _CLASSES.get(text_of(event, "CLASS").upper())
    if visibility:
        body["visibility"] = visibility
    if (
        text_of(event, "TRANSP").upper() == "TRANSPARENT"
        or text_of(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper() == "FREE"
    ):
        body["transparency"] = "transparent"
    if text_of(event, "STATUS").upper() == "TENTATIVE":
        body["status"] = "tentative"
    return body


def _guests(event: Event, user: frozenset[str]) -> tuple[list[Json], list[str]]:
    """The guests, the owner under the account's own address; and those who have no mail address."""
    guests: dict[str, Json] = {}
    strangers = []
    for one in all_of(event, "ATTENDEE"):
        email = mail_address(str(one))
        if not email:
            strangers.append(str(one))
            continue
        params = getattr(one, "params", {})
        email = ME if email in user else email
        guest: Json = {
            "email": email,
            "responseStatus": _ANSWERS.get(str(params.get("PARTSTAT", "")).upper(), "needsAction"),
        }
        if params.get("CN"):
            guest["displayName"] = str(params["CN"])
        if str(params.get("ROLE", "")).upper() == "OPT-PARTICIPANT":
            guest["optional"] = True
        guests.setdefault(email, guest)
    return list(guests.values()), strangers


def _invited(guests: list[Json], organizer: str) -> list[Json]:
    """An invitation has its organiser and the account among its guests."""
    known = {guest["email"] for guest in guests}
    first = [] if organizer in known else [{"email": organizer, "responseStatus": "accepted"}]
    last = [] if ME in known else [{"email": ME, "responseStatus": "needsAction"}]
    return [*first, *guests, *last]


def _version(event: Event) -> tuple[int, str]:
    """What a later version of an entry has more of: changes by its organiser, else a later stamp (RFC 5546, 2.1.5)."""
    try:
        sequence = int(text_of(event, "SEQUENCE") or "0")
    except ValueError:
        sequence = 0
    stamp = event.get("DTSTAMP")
    made = stamp.dt if isinstance(stamp, vDDDTypes) else None
    return sequence, f"{made:%Y%m%d%H%M%S}" if isinstance(made, date) else ""
