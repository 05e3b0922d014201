"""Content, told in exchangelib's fields: for a new item all of them, for a change the named ones."""

# mypy: disable-error-code="import-untyped"
# exchangelib publishes no typing information.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from exchangelib.errors import UnknownTimeZone
from exchangelib.ewsdatetime import EWSDate, EWSDateTime, EWSTimeZone
from exchangelib.items import CalendarItem
from exchangelib.properties import Attendee, Body, Mailbox

from soroe.adapters.outlook.zones import windows
from soroe.core.event import UTC_ZONE, AllDay, EventContent, Field, Guest, ShowAs, Timed, Visibility
from soroe.ports.errors import ItemRejected

from .reading import clean
from .repeats import write_recurrence
from .wire import address_of

LONGEST_TITLE = 255
"""Characters of a subject; Exchange refuses more."""
_SHOW_AS = {
    ShowAs.BUSY: "Busy",
    ShowAs.FREE: "Free",
    ShowAs.TENTATIVE: "Tentative",
    ShowAs.OUT_OF_OFFICE: "OOF",
}
EVERY_FIELD = tuple(Field)


def new_item(content: EventContent, seed: str, stamp: str | None) -> Any:  # noqa: ANN401 - the library's item
    """A new item with this content; the seed is hidden on it, so that it is found when the answer is lost."""
    values = {name: value for name, value in fields(content, EVERY_FIELD).items() if value is not None}
    if content.guests:
        values["required_attendees"] = [_attendee(guest) for guest in content.guests]
    if stamp is not None:
        values["soroe_stamp"] = stamp
    return CalendarItem(soroe_seed=seed, **values)


def changed_item(place: Any, values: dict[str, Any]) -> tuple[Any, list[str]]:  # noqa: ANN401 - an id of the library's
    """An item that carries only what is to be changed, and the names of it: nothing else is ever sent."""
    return CalendarItem(_id=place, **{name: value for name, value in values.items() if value is not None}), list(values)


def fields(content: EventContent, names: Iterable[Field], stamp: str | None = None) -> dict[str, Any]:
    """The library's fields for these fields of ours, guests aside; None clears one."""
    values: dict[str, Any] = {}
    for name in names:
        match name:
            case Field.TITLE:
                values["subject"] = _title(content.title)
            case Field.WHEN:
                values |= _when(content)
            case Field.DESCRIPTION:
                values["body"] = Body(clean(content.description)) if content.description else None
            case Field.LOCATION:
                values["location"] = clean(content.location) or None
            case Field.SHOW_AS:
                values["legacy_free_busy_status"] = _SHOW_AS[content.show_as]
            case Field.VISIBILITY:
                values["sensitivity"] = "Private" if content.visibility is Visibility.PRIVATE else "Normal"
            case Field.RECURRENCE:
                repeats = content.recurrence
                values["recurrence"] = None if repeats is None else write_recurrence(repeats, content.when)
            case Field.GUESTS:
                pass  # made from the list that stands there: see `attendees`
            case Field.GUESTS_MAY_CHANGE:
                pass  # Exchange has no such permission
    if stamp is not None:
        values["soroe_stamp"] = stamp
    return values


def attendees(guests: Sequence[Guest], item: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Required and optional attendees for these guests: whoever stands there already stays as he is.

    People whom only the directory knows are no guests to us, and stay too.
    """
    wanted = {guest.email.casefold(): guest for guest in guests}
    present: dict[str, list[Any]] = {}
    for name in ("required_attendees", "optional_attendees"):
        standing = getattr(item, name) or []
        present[name] = [one for one in standing if not address_of(one) or address_of(one).casefold() in wanted]
    known = {address_of(one).casefold() for several in present.values() for one in several}
    new = [_attendee(guest) for email, guest in wanted.items() if email not in known]
    return {"required_attendees": [*present["required_attendees"], *new] or None} | {
        "optional_attendees": present["optional_attendees"] or None
    }


def _attendee(guest: Guest) -> Any:  # noqa: ANN401 - as above
    mailbox = Mailbox(email_address=clean(guest.email), name=clean(guest.name) or None, routing_type="SMTP")
    return Attendee(mailbox=mailbox, response_type="Unknown")


def _title(text: str) -> str | None:
    title = clean(text).replace("\n", " ")
    if len(title) > LONGEST_TITLE:
        raise ItemRejected("title_too_long", Field.TITLE.value)
    return title or None


def _when(content: EventContent) -> dict[str, Any]:
    when = content.when
    if isinstance(when, AllDay):
        last = when.end - timedelta(days=1)  # the library counts the last day in
        return {
            "start": EWSDate.from_date(when.start),
            "end": EWSDate.from_date(max(last, when.start)),
            "is_all_day": True,
        }
    if when.zone in {UTC_ZONE, "UTC"}:
        told = when
    elif windows(when.zone) is None:
        if content.recurrence is not None:
            raise ItemRejected("unknown_time_zone", Field.WHEN.value)
        told = when.within(UTC_ZONE)
    else:
        told = when
    return {"start": _moment(told, told.start), "end": _moment(told, told.end), "is_all_day": False}


def _moment(when: Timed, wall: datetime) -> Any:  # noqa: ANN401 - as above
    name = "UTC" if when.zone == UTC_ZONE else when.zone
    try:
        zone = EWSTimeZone(name)
    except UnknownTimeZone as error:
        raise ItemRejected("unknown_time_zone", Field.WHEN.value) from error
    return EWSDateTime.from_datetime(wall.replace(tzinfo=zone, microsecond=0))
