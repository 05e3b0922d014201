"""The core's content, told as Google's event bodies: the whole for a new event, only the changed fields for a patch."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import assert_never

from soroe.adapters.net.reading import Json, clean
from soroe.core.event import EventContent, Field, Guest, Recurrence, ShowAs, Visibility, When
from soroe.core.stamp import token

from .series import write_recurrence
from .times import write_when
from .wire import STAMP_KEY

WHOLE = tuple(field for field in Field if field is not Field.GUESTS)


@lru_cache(maxsize=512)
def own_id(seed: str, attempt: int = 0) -> str:
    """The id we choose for a new event, the same at every retry; `attempt` counts on where an id is burnt.

    The characters are those of base32hex, the only ones that Google takes.
    """
    return "soroe" + token(seed if attempt == 0 else f"{seed}/{attempt}", 20)


def new_event(content: EventContent, stamp: str | None) -> Json:
    """The body of a new event. Guests are in it when the content has any: the engine decides on those (S-5)."""
    start, end = write_when(content.when, replacing=False)
    body: Json = {
        "status": _status(content.show_as),
        "transparency": _transparency(content.show_as),
        "summary": clean(content.title),
        "start": start,
        "end": end,
    }
    if content.description:
        body["description"] = clean(content.description)
    if content.location:
        body["location"] = clean(content.location)
    if content.visibility is not Visibility.NORMAL:
        body["visibility"] = _visibility(content.visibility)
    if content.recurrence is not None:
        body["recurrence"] = write_recurrence(content.recurrence, content.when)
    if content.guests:
        body["attendees"] = [_attendee(guest) for guest in content.guests]
    if content.guests_may_change is not None:
        body["guestsCanModify"] = content.guests_may_change
    return _stamped(body, stamp)


def changes(content: EventContent, fields: Collection[Field], stamp: str | None) -> Json:
    """The body of a patch that sets exactly these fields; what the content leaves empty is cleared."""
    body: Json = {}
    for name in fields:
        match name:
            case Field.TITLE:
                body["summary"] = clean(content.title) or None
            case Field.WHEN:
                body["start"], body["end"] = write_when(content.when, replacing=True)
            case Field.DESCRIPTION:
                body["description"] = clean(content.description) or None
            case Field.LOCATION:
                body["location"] = clean(content.location) or None
            case Field.SHOW_AS:
                body |= {"status": _status(content.show_as), "transparency": _transparency(content.show_as)}
            case Field.VISIBILITY:
                body["visibility"] = _visibility(content.visibility)
            case Field.RECURRENCE:
                body["recurrence"] = _recurrence(content.recurrence, content.when)
            case Field.GUESTS:
                pass  # a list is replaced as a whole, so this one is made from what stands there: `guest_list`
            case Field.GUESTS_MAY_CHANGE:
                if content.guests_may_change is not None:
                    body["guestsCanModify"] = content.guests_may_change
            case _:
                assert_never(name)
    return _stamped(body, stamp)


def revival(content: EventContent, stamp: str | None, *, occurrence: bool = False) -> Json:
    """The body of a patch that brings a deleted event back with this content; guests stay as Google kept them."""
    fields = [field for field in WHOLE if not (occurrence and field is Field.RECURRENCE)]
    return changes(content, fields, stamp)


def guest_list(content: EventContent, present: Collection[Json]) -> list[Json]:
    """Google's attendee list for these guests: whom Google knows keeps his entry, rooms and the user himself stay."""
    known = {str(one.get("email", "")).casefold(): one for one in present}
    wanted = {guest.email.casefold() for guest in content.guests}
    staying = [
        one
        for one in present
        if one.get("self") is True or one.get("resource") is True or str(one.get("email", "")).casefold() in wanted
    ]
    return staying + [_attendee(guest) for guest in content.guests if guest.email.casefold() not in known]


def _attendee(guest: Guest) -> Json:
    return {"email": clean(guest.email), **({"displayName": clean(guest.name)} if guest.name else {})}


def _recurrence(recurrence: Recurrence | None, when: When) -> list[str] | None:
    return None if recurrence is None else write_recurrence(recurrence, when)


def _stamped(body: Json, stamp: str | None) -> Json:
    if stamp is not None:
        # Private: only on this copy of the event, so guests never see it.
        body["extendedProperties"] = {"private": {STAMP_KEY: stamp}}
    return body


def _status(show_as: ShowAs) -> str:
    return "tentative" if show_as is ShowAs.TENTATIVE else "confirmed"


def _transparency(show_as: ShowAs) -> str:
    match show_as:
        case ShowAs.FREE:
            return "transparent"
        case ShowAs.BUSY | ShowAs.TENTATIVE | ShowAs.OUT_OF_OFFICE:
            # An out-of-office is a kind of event that cannot be changed into or made from an ordinary one.
            return "opaque"
        case _:
            assert_never(show_as)


def _visibility(visibility: Visibility) -> str:
    return "private" if visibility is Visibility.PRIVATE else "default"
