"""What the program wants an activity to be, as a CRM's JSON: only the fields asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Protocol

from soroe.adapters.crm.documents import Malformed, put, putter
from soroe.core.event import EventContent, Field, Guest, Particulars, Response, Timed, Visibility

from .fields import TextWriter, text_writer, word_writer
from .profile import GuestsMap, Profile
from .profile_requests import FieldStamp
from .recurrence import write_recurrence
from .times import TimesWriting, write_original_start

ALL_FIELDS = tuple(Field)
ALL_BUT_GUESTS = tuple(field for field in Field if field is not Field.GUESTS)
FieldWriter = Callable[[dict[str, Any], EventContent, bool], None]
"""Puts one field into a body; the flag tells a change from a create."""


class Types(Protocol):
    """The CRM's types, where people know them by their names."""

    def key_of(self, name: str) -> object:
        """The key of the type with this name; None for no such type."""
        ...


class ItemWriting:
    """Writes the fields of one CRM's items; `home` tells the user's own zone. Raises `Malformed`.

    What the profile says of each field is settled here once for all items.
    """

    def __init__(self, profile: Profile, home: Callable[[], str], types: Types | None = None) -> None:
        self._types = types
        self.profile = profile
        self._home = home
        self._times = TimesWriting(profile.times, home)
        self._building, self._postal_code = map(text_writer, (profile.fields.building, profile.fields.postal_code))
        self._put_mark = putter(profile.stamp.field if isinstance(profile.stamp, FieldStamp) else "")
        self._writers = self._writers_of(profile)

    def _writers_of(self, profile: Profile) -> dict[Field, FieldWriter]:
        """The writer of each field that the CRM has."""
        fields = profile.fields
        title, show_as = text_writer(fields.subject, always=True), word_writer(fields.show_as)
        description, location = text_writer(fields.description), text_writer(fields.location)
        private, may_change = word_writer(fields.private), word_writer(fields.guests_may_change)
        found: dict[Field, FieldWriter] = {
            Field.TITLE: lambda body, content, change: title(body, _one_line(content.title), change),
            Field.WHEN: lambda body, content, change: self._times.put(body, content.when, change=change),
            Field.RECURRENCE: self._put_recurrence,
        }
        if fields.description is not None:
            found[Field.DESCRIPTION] = lambda body, content, change: description(body, content.description, change)
        if fields.location is not None:
            found[Field.LOCATION] = lambda body, content, change: location(body, content.location, change)
        if fields.show_as is not None:
            found[Field.SHOW_AS] = lambda body, content, change: show_as(body, content.show_as._value_, change)
        if fields.private is not None:
            found[Field.VISIBILITY] = lambda body, content, change: private(
                body, "true" if content.visibility is Visibility.PRIVATE else "false", change
            )
        if fields.guests_may_change is not None:
            found[Field.GUESTS_MAY_CHANGE] = lambda body, content, change: _put_choice(
                may_change, body, content.guests_may_change, change
            )
        if profile.guests is not None:
            found[Field.GUESTS] = self._put_guests
        return found

    def new(
        self,
        content: EventContent,
        stamp: str | None,
        activity_type: str | None,
        occurrence: tuple[str, datetime | date] | None = None,
        zone: str | None = None,
        particulars: Particulars | None = None,
    ) -> dict[str, Any]:
        """The body of a create; with `occurrence` (the series' id, the original start), of an exception."""
        body: dict[str, Any] = {}
        for field in ALL_FIELDS if content.guests else ALL_BUT_GUESTS:
            if field in self._writers and (occurrence is None or field is not Field.RECURRENCE):
                self._writers[field](body, content, False)
        if particulars is not None:
            self._put_particulars(body, particulars, change=False)
        self._put_type(body, activity_type)
        self._put_stamp(body, stamp)
        if occurrence is not None:
            series, original = occurrence
            if self.profile.fields.series is None or self.profile.fields.series.at is None:
                raise Malformed("occurrence", "this CRM takes no exceptions of a series")
            put(body, self.profile.fields.series.at, series)
            own = content.when.zone if isinstance(content.when, Timed) else self._home()
            write_original_start(original, self.profile.times, zone or own, body)
        return body

    def changed(
        self,
        content: EventContent,
        fields: Iterable[Field],
        stamp: str | None,
        particulars: Particulars | None = None,
    ) -> dict[str, Any]:
        """The body of a change: these fields, what goes with the place, and the stamp where one is given."""
        body: dict[str, Any] = {}
        for field in fields:
            if field in self._writers:
                self._writers[field](body, content, True)
            if field is Field.LOCATION and particulars is not None:
                self._put_particulars(body, particulars, change=True)
        self._put_stamp(body, stamp)
        return body

    def _put_particulars(self, body: dict[str, Any], particulars: Particulars, *, change: bool) -> None:
        """Building and postal code; customer and deal are never written (ESM-I21)."""
        self._building(body, particulars.building, change)
        self._postal_code(body, particulars.postal_code, change)

    def _put_recurrence(self, body: dict[str, Any], content: EventContent, change: bool) -> None:
        field = self.profile.fields.recurrence
        if field is None or field.at is None:
            if content.recurrence is not None:
                raise Malformed("recurrence", "this CRM has no series")
            return
        if change or content.recurrence is not None:
            put(body, field.at, write_recurrence(content.recurrence, content.when))

    def _put_type(self, body: dict[str, Any], activity_type: str | None) -> None:
        field = self.profile.fields.type
        if field is not None and field.at is not None and activity_type is not None:
            if self._types is None:
                put(body, field.at, self.profile.activity_types.map.get(activity_type, activity_type))
                return
            key = self._types.key_of(activity_type)
            if key is None:
                raise Malformed(field.at, "is not the name of a type in this CRM")
            put(body, field.at, key)

    def _put_stamp(self, body: dict[str, Any], stamp: str | None) -> None:
        shape = self.profile.stamp
        if stamp is None or not isinstance(shape, FieldStamp):
            return
        if len(stamp) > shape.max_length:
            raise Malformed(shape.field, f"takes {shape.max_length} characters at most")
        self._put_mark(body, stamp)

    def _put_guests(self, body: dict[str, Any], content: EventContent, _change: bool) -> None:
        shape, guests = self.profile.guests, content.guests
        if shape is None or not shape.write or shape.email is None:
            return
        if shape.declined == "leave_out":
            guests = tuple(guest for guest in guests if guest.response is not Response.DECLINED)
        put(body, shape.at, [_guest(guest, shape) for guest in guests])


def _one_line(title: str) -> str:
    return title if title.isprintable() else " ".join(title.splitlines())


def _put_choice(writer: TextWriter, body: dict[str, Any], choice: bool | None, change: bool) -> None:
    if choice is not None:
        writer(body, "true" if choice else "false", change)


def _guest(guest: Guest, shape: GuestsMap) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    assert shape.email is not None
    put(entry, shape.email, guest.email)
    if shape.name is not None:
        put(entry, shape.name, guest.name)
    words = {
        Response.NONE: shape.responses.needs_action,
        Response.ACCEPTED: shape.responses.accepted,
        Response.DECLINED: shape.responses.declined,
        Response.TENTATIVE: shape.responses.tentative,
    }
    word = words[guest.response]
    if shape.response is not None and word is not None:
        put(entry, shape.response, word)
    return entry
