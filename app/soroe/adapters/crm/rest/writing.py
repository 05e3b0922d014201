"""What the program wants an activity to be, as a CRM's JSON: only the fields asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Protocol, assert_never

from soroe.adapters.crm.documents import Malformed, as_markup, put, without_controls
from soroe.core.event import EventContent, Field, Guest, Particulars, Response, Timed, Visibility

from .profile import FieldMap, GuestsMap, Profile
from .profile_requests import FieldStamp, Scalar
from .recurrence import write_recurrence
from .times import write_original_start, write_when

ALL_BUT_GUESTS = tuple(field for field in Field if field is not Field.GUESTS)


class Types(Protocol):
    """The CRM's types, where people know them by their names."""

    def key_of(self, name: str) -> object:
        """The key of the type with this name; None for no such type."""
        ...


class ItemWriting:
    """Writes the fields of one CRM's items; `home` tells the user's own zone. Raises `Malformed`."""

    def __init__(self, profile: Profile, home: Callable[[], str], types: Types | None = None) -> None:
        self._types = types
        self.profile = profile
        self._home = home

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
        for field in ALL_BUT_GUESTS if not content.guests else tuple(Field):
            if occurrence is None or field is not Field.RECURRENCE:
                self._put(body, field, content, change=False)
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
            self._put(body, field, content, change=True)
            if field is Field.LOCATION:
                self._put_particulars(body, particulars, change=True)
        self._put_stamp(body, stamp)
        return body

    def _put(self, body: dict[str, Any], field: Field, content: EventContent, *, change: bool) -> None:
        fields = self.profile.fields
        match field:
            case Field.TITLE:
                self._put_text(body, fields.subject, " ".join(content.title.splitlines()), change=change)
            case Field.WHEN:
                write_when(content.when, self.profile.times, self._home(), body, change=change)
            case Field.DESCRIPTION:
                self._put_text(body, fields.description, content.description, change=change)
            case Field.LOCATION:
                self._put_text(body, fields.location, content.location, change=change)
            case Field.SHOW_AS:
                self._put_word(body, fields.show_as, content.show_as.value, change=change)
            case Field.VISIBILITY:
                is_private = content.visibility is Visibility.PRIVATE
                self._put_word(body, fields.private, "true" if is_private else "false", change=change)
            case Field.GUESTS:
                self._put_guests(body, content.guests)
            case Field.RECURRENCE:
                self._put_recurrence(body, content, change=change)
            case Field.GUESTS_MAY_CHANGE:
                may = content.guests_may_change
                if may is not None:
                    self._put_word(body, fields.guests_may_change, "true" if may else "false", change=change)
            case _:
                assert_never(field)

    def _put_particulars(self, body: dict[str, Any], particulars: Particulars | None, *, change: bool) -> None:
        """Building and postal code; customer and deal are never written (ESM-I21)."""
        if particulars is not None:
            self._put_text(body, self.profile.fields.building, particulars.building, change=change)
            self._put_text(body, self.profile.fields.postal_code, particulars.postal_code, change=change)

    def _put_recurrence(self, body: dict[str, Any], content: EventContent, *, change: bool) -> None:
        field = self.profile.fields.recurrence
        if field is None or field.at is None:
            if content.recurrence is not None:
                raise Malformed("recurrence", "this CRM has no series")
            return
        if change or content.recurrence is not None:
            put(body, field.at, write_recurrence(content.recurrence, content.when))

    def _put_text(self, body: dict[str, Any], field: FieldMap | None, text: str, *, change: bool) -> None:
        if field is None or not _writes(field, change=change):
            return
        text = without_controls(text)
        if not text and not change and field is not self.profile.fields.subject:
            return
        value: str | None = as_markup(text) if field.text == "html" else text
        if not text and field.empty == "null":
            value = None
        first, *others = (field.at,) if field.at is not None else field.parts
        assert first is not None
        put(body, first, value)
        for path in others:
            assert path is not None
            put(body, path, None if field.empty == "null" else "")

    def _put_word(self, body: dict[str, Any], field: FieldMap | None, word: str, *, change: bool) -> None:
        if field is None or field.at is None or not _writes(field, change=change):
            return
        value: Scalar = {"true": True, "false": False}.get(word, word)
        if field.values:
            if word not in field.values:
                raise Malformed(field.at, f"this CRM has no word for {word}")
            value = field.values[word]
        put(body, field.at, value)

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
        put(body, shape.field, stamp)

    def _put_guests(self, body: dict[str, Any], guests: tuple[Guest, ...]) -> None:
        shape = self.profile.guests
        if shape is None or not shape.write or shape.email is None:
            return
        if shape.declined == "leave_out":
            guests = tuple(guest for guest in guests if guest.response is not Response.DECLINED)
        put(body, shape.at, [_guest(guest, shape) for guest in guests])


def _writes(field: FieldMap, *, change: bool) -> bool:
    return field.write == "always" or (field.write == "create" and not change)


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
