"""An activity in a CRM's JSON, read as what the program knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

from soroe.adapters.crm.documents import Malformed, at, flag_at, id_at, plain_text, text_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import (
    CRM_LIST,
    UTC_ZONE,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    ReadOnlyCause,
    Ref,
    Response,
    ShowAs,
    Unreadable,
    Version,
    Visibility,
)
from soroe.ports.remote import KnownVersions

from .moments import read_instant
from .occurrences import Occurrences
from .profile import FieldMap, Profile
from .profile_requests import EtagVersions, FieldStamp, FieldVersions, NotQuiet, NoVersions
from .recurrence import read_recurrence
from .times import read_original_start, read_when

MOST_GUESTS = 5_000
_CAUSES = {
    "foreign_organizer": ReadOnlyCause.FOREIGN_ORGANISER,
    "no_permission": ReadOnlyCause.LOCKED,
    "locked": ReadOnlyCause.LOCKED,
    "mirrored": ReadOnlyCause.SPECIAL_KIND,
}


class Colleagues(Protocol):
    """The CRM's own users, where an activity's guests are some of them."""

    def guests(self, listed: object) -> tuple[Guest, ...]:
        """The guests in an activity's list."""
        ...

    def holds_user(self, listed: object) -> bool:
        """Whether the user himself is in an activity's list."""
        ...


class Types(Protocol):
    """The CRM's types, where people know them by their names."""

    def name_of(self, key: str) -> str:
        """The name of the type with this key."""
        ...


class ItemReading:
    """Reads the items of one CRM. `home` tells the user's own zone; `occurrences` learns the exceptions it meets."""

    def __init__(
        self,
        profile: Profile,
        home: Callable[[], str],
        occurrences: Occurrences,
        colleagues: Colleagues | None = None,
        types: Types | None = None,
    ) -> None:
        self._types = types
        self._colleagues = colleagues
        self._told = _paths_told(profile)
        self.profile = profile
        self._home = home
        self.occurrences = occurrences

    def seen(self, document: object) -> ObservedItem | Unreadable:
        """The item, or which of its fields is malformed."""
        own = ItemId("")
        try:
            own = ItemId(id_at(document, self.own_id_at))
            return self.item(document)
        except Malformed as error:
            version = None
            try:
                version = self.version(document)
            except Malformed:
                version = None  # without a version the item is looked at again each time it comes
            return Unreadable(Ref(CRM_LIST, self.occurrences.ours(own)), error.field, error.reason, version)

    def unchanged(self, document: object, known: KnownVersions) -> ItemId | None:
        """The id of a single item that is in the state known; None for what has to be read.

        Series and their exceptions are read in any case: whoever meets them learns from them.
        """
        fields = self.profile.fields
        for part in (fields.series, fields.recurrence):
            if part is not None and part.at is not None and at(document, part.at):
                return None
        try:
            own = ItemId(id_at(document, self.own_id_at))
            return own if own in known and known[own] == self.version(document) else None
        except Malformed:
            return None  # `seen` tells what is wrong with it

    def item(self, document: object) -> ObservedItem:
        """The item; raises `Malformed`."""
        fields, times = self.profile.fields, self.profile.times
        own = ItemId(id_at(document, self.own_id_at))
        occurrence = self._occurrence(document)
        when = read_when(document, times, self._home())
        recurrence = None
        if fields.recurrence is not None and fields.recurrence.at is not None:
            recurrence = read_recurrence(at(document, fields.recurrence.at), when, fields.recurrence.at)
        content = EventContent(
            title=self._text(document, fields.subject),
            when=when,
            description=self._text(document, fields.description),
            location=self._text(document, fields.location),
            show_as=self._show_as(document),
            visibility=self._visibility(document),
            guests=self._guests(document),
            recurrence=recurrence,
            guests_may_change=self._guests_may_change(document),
        )
        if recurrence is not None and hasattr(when, "zone"):
            self.occurrences.zones[own] = when.zone
        name = own if occurrence is None else self.occurrences.learn(own, occurrence)
        return ObservedItem(
            ref=Ref(CRM_LIST, name),
            version=self.version(document),
            content=content,
            changed_at=self._instant(document, times.instants.updated_at),
            created_at=self._instant(document, times.instants.created_at),
            stamp=self._stamp(document),
            read_only=self._read_only(document, content),
            occurrence=occurrence,
            activity_type=self._type(document),
            particulars=self._particulars(document),
        )

    def instant(self, value: object, path: str) -> datetime:
        """A UTC instant in the form of this CRM; without an offset it is told in the zone of its times."""
        return read_instant(value, self.profile.times.instants.format, path, self.told_in)

    @property
    def told_in(self) -> str:
        """The zone that instants without an offset are told in."""
        return self._home() if self.profile.times.zone in {"header", "account"} else UTC_ZONE

    def owner(self, document: object) -> str | None:
        """The id of the item's owner, where this CRM tells it."""
        field = self.profile.fields.owner
        if field is None or field.at is None or at(document, field.at) is None:
            return None
        return id_at(document, field.at)

    @property
    def own_id_at(self) -> str:
        """Where an item has its id."""
        assert self.profile.fields.id.at is not None
        return self.profile.fields.id.at

    def version(self, document: object) -> Version:
        """The item's version: its tag or number, else the time of its last change with a digest of what we read.

        The digest tells two changes within one second apart.
        """
        versions = self.profile.versions
        if isinstance(versions, NoVersions):
            values = json.dumps([at(document, path) for path in self._told], ensure_ascii=True)
            digest = blake2b(values.encode("ascii"), digest_size=6).hexdigest()
            return Version(f"{id_at(document, self.profile.times.instants.updated_at)} {digest}")
        path: str = self.profile.times.instants.updated_at
        if isinstance(versions, EtagVersions | FieldVersions) and versions.field is not None:
            path = versions.field
        return Version(id_at(document, path))

    def _text(self, document: object, field: FieldMap | None) -> str:
        if field is None:
            return ""
        paths = (field.at,) if field.at is not None else field.parts
        parts = [text_at(document, path) for path in paths if path is not None]
        found = field.separator.join(part for part in parts if part)
        return plain_text(found) if field.text == "html" else found

    def _word(self, document: object, field: FieldMap) -> str | None:
        """Our word for their value; None when there is none."""
        assert field.at is not None
        value = at(document, field.at)
        if value is None:
            return None
        if not field.values:
            return str(value).lower() if isinstance(value, bool) else text_at(document, field.at, 64)
        for ours, theirs in field.values.items():
            if theirs == value and type(theirs) is type(value):
                return ours
        raise Malformed(field.at, "has a value that the profile does not name")

    def _show_as(self, document: object) -> ShowAs:
        field = self.profile.fields.show_as
        word = self._word(document, field) if field is not None else None
        try:
            return ShowAs(word) if word is not None else ShowAs.BUSY
        except ValueError as error:
            raise Malformed("show_as", "is a word nobody knows") from error

    def _visibility(self, document: object) -> Visibility:
        field = self.profile.fields.private
        if field is None or field.at is None:
            return Visibility.NORMAL
        word = self._word(document, field)
        if word not in {None, "true", "false"}:
            raise Malformed(field.at, "is neither true nor false")
        return Visibility.PRIVATE if word == "true" else Visibility.NORMAL

    def _guests(self, document: object) -> tuple[Guest, ...]:
        shape = self.profile.guests
        listed = at(document, shape.at) if shape is not None else None
        if self._colleagues is not None:
            return self._colleagues.guests(listed)
        if shape is None or shape.email is None or listed is None or listed == []:
            return ()
        if not isinstance(listed, list) or len(listed) > MOST_GUESTS:
            raise Malformed(shape.at, "is not a list of guests")
        words = {
            getattr(shape.responses, name): answer
            for name, answer in _ANSWERS.items()
            if getattr(shape.responses, name) is not None
        }
        found = []
        for entry in listed:
            email = text_at(entry, shape.email, 320)
            if "@" not in email:
                raise Malformed(f"{shape.at}.{shape.email}", "is not an address")
            name = text_at(entry, shape.name, 1_000) if shape.name is not None else ""
            word = text_at(entry, shape.response, 64) if shape.response is not None else ""
            found.append(Guest(email, name, words.get(word, Response.NONE)))
        return tuple(found)

    def is_shared_without_user(self, document: object) -> bool:
        """Whether the user is no longer among those whose activity it is; raises `Malformed`."""
        shape = self.profile.guests
        if shape is None or self._colleagues is None:
            return False
        return not self._colleagues.holds_user(at(document, shape.at))

    def _guests_may_change(self, document: object) -> bool | None:
        field = self.profile.fields.guests_may_change
        if field is None or field.at is None:
            return None
        word = self._word(document, field)
        if word not in {None, "true", "false"}:
            raise Malformed(field.at, "is neither true nor false")
        return word == "true"

    def _particulars(self, document: object) -> Particulars | None:
        fields = self.profile.fields
        if fields.customer is None and fields.deal is None and fields.building is None and fields.postal_code is None:
            return None
        return Particulars(
            customer=self._text(document, fields.customer),
            deal=self._text(document, fields.deal),
            building=self._text(document, fields.building),
            postal_code=self._text(document, fields.postal_code),
        )

    def _type(self, document: object) -> str | None:
        field = self.profile.fields.type
        if field is None or field.at is None or at(document, field.at) is None:
            return None
        key = id_at(document, field.at)
        if self._types is not None:
            return self._types.name_of(key)
        for ours, theirs in self.profile.activity_types.map.items():
            if str(theirs) == key:
                return ours
        return key

    def _stamp(self, document: object) -> str | None:
        stamp = self.profile.stamp
        return text_at(document, stamp.field, 4_000) or None if isinstance(stamp, FieldStamp) else None

    def _instant(self, document: object, path: str | None) -> datetime | None:
        if path is None or at(document, path) is None:
            return None
        return self.instant(at(document, path), path)

    def _read_only(self, document: object, content: EventContent) -> ReadOnlyCause | None:
        fields = self.profile.fields
        if self.profile.operations.update is None:
            return ReadOnlyCause.READ_ONLY_CONTAINER
        if fields.read_only is not None and fields.read_only.at is not None and flag_at(document, fields.read_only.at):
            cause = self._text(document, fields.read_only_cause)
            return _CAUSES.get(cause, ReadOnlyCause.LOCKED)
        if isinstance(self.profile.quiet, NotQuiet) and content.guests:
            return ReadOnlyCause.NO_QUIET_WRITES
        return None

    def _occurrence(self, document: object) -> Occurrence | None:
        field = self.profile.fields.series
        if field is None or field.at is None or at(document, field.at) is None:
            return None
        series = ItemId(id_at(document, field.at))
        return Occurrence(series, read_original_start(document, self.profile.times, self._home()))


_ANSWERS = {
    "needs_action": Response.NONE,
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
}


def _paths_told(profile: Profile) -> tuple[str, ...]:
    """Where an item has what we read of it."""
    fields, times = profile.fields, profile.times
    maps = [getattr(fields, name) for name in fields.__slots__]
    paths: list[str | None] = [path for one in maps if one is not None for path in (one.at, *one.parts)]
    paths += [times.timed.start_at, times.timed.end_at, times.timed.duration_at, times.timed.start_zone_at]
    for name in ("start_at", "end_at", "flag_at"):
        paths.append(getattr(times.all_day, name, None))
    paths.append(profile.guests.at if profile.guests is not None else None)
    paths.append(profile.stamp.field if isinstance(profile.stamp, FieldStamp) else None)
    return tuple(sorted({path for path in paths if path is not None}))


def list_of(document: object, path: str | None) -> list[Json] | None:
    """The list at a path (None: the document itself), or None when there is no list."""
    found = document if path is None else at(document, path)
    return found if isinstance(found, list) else None
