"""An activity in a CRM's JSON, read as what the program knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Protocol

from soroe.adapters.crm.documents import (
    LONGEST_VERSION,
    Malformed,
    at,
    checked_flag,
    checked_id,
    checked_text,
    id_at,
    members,
    text_at,
)
from soroe.adapters.net.exchange import Json
from soroe.adapters.net.json_text import json_writer
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
    Timed,
    Unreadable,
    Version,
    Visibility,
)
from soroe.ports.remote import KnownVersions

from .fields import paths_digested, paths_told, show_as_reader, text_reader, yes_reader
from .moments import as_instant, moment_reader
from .occurrences import Occurrences
from .profile import FieldMap, Fields, GuestsMap, Profile
from .profile_requests import EtagVersions, FieldStamp, FieldVersions, NotQuiet, NoVersions
from .recurrence import read_recurrence
from .times import TimesReading, Values

MOST_GUESTS = 5_000
_digested = json_writer(json.JSONEncoder(ensure_ascii=True, check_circular=False))
NO_ID = ItemId("")
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
    """Reads the items of one CRM. `home` tells the user's own zone; `occurrences` learns the exceptions it meets.

    What the profile says is settled here once for all items: a listing of 10,000 asks every question 10,000 times.
    """

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
        self.profile = profile
        self._home = home
        self.occurrences = occurrences
        fields, versions = profile.fields, profile.versions
        assert fields.id.at is not None
        self.own_id_at: str = fields.id.at
        self._members = members(paths_told(profile))
        self._times = TimesReading(profile.times, home)
        self._moment = moment_reader(profile.times.instants.format)
        self._digested = paths_digested(profile) if isinstance(versions, NoVersions) else ()
        self._version_at: str = profile.times.instants.updated_at
        if isinstance(versions, EtagVersions | FieldVersions) and versions.field is not None:
            self._version_at = versions.field
        self._title, self._description = text_reader(fields.subject), text_reader(fields.description)
        self._location, self._cause = text_reader(fields.location), text_reader(fields.read_only_cause)
        self._particulars = _particulars_reader(fields)
        self._show_as = show_as_reader(fields.show_as)
        self._is_private, self._guests_may_change = yes_reader(fields.private), yes_reader(fields.guests_may_change)
        self._answers = _answers_of(profile.guests)
        self._stamp_at: str | None = profile.stamp.field if isinstance(profile.stamp, FieldStamp) else None
        self._series_at, self._recurrence_at = _path(fields.series), _path(fields.recurrence)
        self._type_at, self._flag_at = _path(fields.type), _path(fields.read_only)
        self._ours = {str(theirs): ours for ours, theirs in reversed([*profile.activity_types.map.items()])}

    def seen(self, document: object) -> ObservedItem | Unreadable:
        """The item, or which of its fields is malformed."""
        values = self._members(document)
        own = NO_ID
        try:
            own = checked_id(values[self.own_id_at], self.own_id_at)
            return self._item(values, own)
        except Malformed as error:
            version = None
            try:
                version = self._version(values)
            except Malformed:
                version = None  # without a version the item is looked at again each time it comes
            return Unreadable(Ref(CRM_LIST, self.occurrences.ours(own)), error.field, error.reason, version)

    def unchanged(self, document: object, known: KnownVersions) -> ItemId | None:
        """The id of a single item that is in the state known; None for what has to be read.

        Series and their exceptions are read in any case: whoever meets them learns from them.
        """
        values = self._members(document)
        for path in (self._series_at, self._recurrence_at):
            if path is not None and values[path]:
                return None
        try:
            own: ItemId = checked_id(values[self.own_id_at], self.own_id_at)
            return own if own in known and known[own] == self._version(values) else None
        except Malformed:
            return None  # `seen` tells what is wrong with it

    def item(self, document: object) -> ObservedItem:
        """The item; raises `Malformed`."""
        values = self._members(document)
        return self._item(values, checked_id(values[self.own_id_at], self.own_id_at))

    def _item(self, values: Values, own: ItemId) -> ObservedItem:
        occurrence = None
        if self._series_at is not None and values[self._series_at] is not None:
            series = checked_id(values[self._series_at], self._series_at)
            occurrence = Occurrence(series, self._times.original_start(values))
        when = self._times.when(values)
        recurrence = None
        lines = values[self._recurrence_at] if self._recurrence_at is not None else None
        if lines is not None and lines != []:
            recurrence = read_recurrence(lines, when, self._recurrence_at or "")
        content = EventContent(
            self._title(values),
            when,
            self._description(values),
            self._location(values),
            self._show_as(values),
            Visibility.PRIVATE if self._is_private(values) else Visibility.NORMAL,
            self._guests(values),
            recurrence,
            self._guests_may_change(values),
        )
        if recurrence is not None and isinstance(when, Timed):
            self.occurrences.zones[own] = when.zone
        stamp_at = self._stamp_at
        ref = Ref(CRM_LIST, own if occurrence is None else self.occurrences.learn(own, occurrence))
        version = self._version(values)
        changed_at, created_at = self._instants(values)
        # By position, as it is done for every item: to name so many arguments takes longer than to make it.
        return ObservedItem(
            ref,
            version,
            content,
            changed_at,
            created_at,
            checked_text(values[stamp_at], stamp_at, 4_000) or None if stamp_at is not None else None,
            self._read_only(values, content),
            occurrence,
            self._type(values),
            particulars=self._particulars(values),
        )

    def instant(self, value: Json, path: str) -> datetime:
        """A UTC instant in the form of this CRM; without an offset it is told in the zone of its times."""
        return as_instant(self._moment(value, path), self.told_in)

    @property
    def told_in(self) -> str:
        """The zone that instants without an offset are told in."""
        return self._home() if self.profile.times.zone in {"header", "account"} else UTC_ZONE

    def owner(self, document: object) -> str | None:
        """The id of the item's owner, where this CRM tells it."""
        path = _path(self.profile.fields.owner)
        return None if path is None or at(document, path) is None else id_at(document, path)

    def version(self, document: object) -> Version:
        """The item's version: its tag or number, else the time of its last change with a digest of what we read.

        The digest tells two changes within one second apart.
        """
        return self._version(self._members(document))

    def _version(self, values: Values) -> Version:
        told: Version = checked_id(values[self._version_at], self._version_at, LONGEST_VERSION)
        if not self._digested:
            return told
        text = _digested([values[path] for path in self._digested])
        return Version(f"{told} {blake2b(text.encode('ascii'), digest_size=6).hexdigest()}")

    def _guests(self, values: Values) -> tuple[Guest, ...]:
        shape = self.profile.guests
        listed = values[shape.at] if shape is not None else None
        if self._colleagues is not None:
            return self._colleagues.guests(listed)
        if shape is None or shape.email is None or listed is None or listed == []:
            return ()
        if not isinstance(listed, list) or len(listed) > MOST_GUESTS:
            raise Malformed(shape.at, "is not a list of guests")
        found = []
        for entry in listed:
            email = text_at(entry, shape.email, 320)
            if "@" not in email:
                raise Malformed(f"{shape.at}.{shape.email}", "is not an address")
            name = text_at(entry, shape.name, 1_000) if shape.name is not None else ""
            word = text_at(entry, shape.response, 64) if shape.response is not None else ""
            found.append(Guest(email, name, self._answers.get(word, Response.NONE)))
        return tuple(found)

    def is_shared_without_user(self, document: object) -> bool:
        """Whether the user is no longer among those whose activity it is; raises `Malformed`."""
        shape = self.profile.guests
        if shape is None or self._colleagues is None:
            return False
        return not self._colleagues.holds_user(at(document, shape.at))

    def _type(self, values: Values) -> str | None:
        if self._type_at is None or values[self._type_at] is None:
            return None
        key: str = checked_id(values[self._type_at], self._type_at)
        return self._ours.get(key, key) if self._types is None else self._types.name_of(key)

    def _instants(self, values: Values) -> tuple[datetime | None, datetime | None]:
        """When the item was last changed, and when it was made; of a new one both are told by one text."""
        instants = self.profile.times.instants
        changed_at, told = self._instant(values, instants.updated_at), values[instants.updated_at]
        if instants.created_at is not None and type(told) is str and values[instants.created_at] == told:
            return changed_at, changed_at
        return changed_at, self._instant(values, instants.created_at)

    def _instant(self, values: Values, path: str | None) -> datetime | None:
        if path is None or values[path] is None:
            return None
        found = self._moment(values[path], path)
        return found if found.tzinfo is UTC else as_instant(found, self.told_in)

    def _read_only(self, values: Values, content: EventContent) -> ReadOnlyCause | None:
        if self.profile.operations.update is None:
            return ReadOnlyCause.READ_ONLY_CONTAINER
        flag = values[self._flag_at] if self._flag_at is not None else None
        if flag is not None and flag is not False and checked_flag(flag, self._flag_at or ""):
            return _CAUSES.get(self._cause(values), ReadOnlyCause.LOCKED)
        if content.guests and isinstance(self.profile.quiet, NotQuiet):
            return ReadOnlyCause.NO_QUIET_WRITES
        return None


def _path(field: FieldMap | None) -> str | None:
    return None if field is None else field.at


def _answers_of(shape: GuestsMap | None) -> dict[str, Response]:
    """Their words for a guest's answer."""
    if shape is None:
        return {}
    words = {
        shape.responses.needs_action: Response.NONE,
        shape.responses.accepted: Response.ACCEPTED,
        shape.responses.declined: Response.DECLINED,
        shape.responses.tentative: Response.TENTATIVE,
    }
    return {word: answer for word, answer in words.items() if word is not None}


def _particulars_reader(fields: Fields) -> Callable[[Values], Particulars | None]:
    held = (fields.customer, fields.deal, fields.building, fields.postal_code)
    if not any(held):
        return lambda _values: None
    customer, deal, building, postal_code = map(text_reader, held)
    return lambda values: Particulars(customer(values), deal(values), building(values), postal_code(values))


def list_of(document: object, path: str | None) -> list[Json] | None:
    """The list at a path (None: the document itself), or None when there is no list."""
    found = document if path is None else at(document, path)
    return found if isinstance(found, list) else None
