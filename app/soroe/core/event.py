"""What a meeting is, on either side, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, NewType
from zoneinfo import ZoneInfo

from .quickly import quickly_made

ItemId = NewType("ItemId", str)
"""An item's id as its own service spells it (an occurrence: see `occurrence_id`)."""
ContainerId = NewType("ContainerId", str)
"""The calendar an event lives in; for the CRM, the one list of the signed-in owner (`CRM_LIST`)."""
Version = NewType("Version", str)
"""An opaque token of an item's state (etag, change key, update time); equal tokens mean equal content."""

CRM_LIST = ContainerId("")
UTC_ZONE = "Etc/UTC"
_UTC_ZONES = frozenset({UTC_ZONE, "UTC"})
_ONE_DAY = timedelta(days=1)
_NO_TIME = timedelta()


class Side(StrEnum):
    """The two services that one sync joins."""

    CRM = "crm"
    CALENDAR = "calendar"

    other: Side
    """The side across; an attribute and no property, because it is asked for ten times an item."""


Side.CRM.other, Side.CALENDAR.other = Side.CALENDAR, Side.CRM


class Ref(NamedTuple):
    """Where one item lives on its side.

    A tuple, and no dataclass as the other values: a run looks refs up wherever it goes, and a tuple is made, compared
    and hashed without a step of Python.
    """

    container: ContainerId
    id: ItemId


@dataclass(frozen=True, slots=True)
class AllDay:
    """A range of dates without a zone; `end` is the first day after it."""

    start: date
    end: date


@quickly_made
@dataclass(frozen=True, slots=True)
class Timed:
    """A wall-clock time: `start` and `end` are naive and meant in `zone`, an IANA name.

    The zone matters for recurring events, which keep their wall-clock time across daylight saving. Single events are
    compared by their instants, so two zones that name the same instants are the same time.
    """

    start: datetime
    end: datetime
    zone: str

    @property
    def start_utc(self) -> datetime:
        """The instant of the start, in UTC."""
        return instant(self.start, self.zone)

    @property
    def end_utc(self) -> datetime:
        """The instant of the end, in UTC."""
        return instant(self.end, self.zone)

    def within(self, zone: str) -> Timed:
        """The same instants told in another zone."""
        if zone == self.zone:
            return self
        if zone in _UTC_ZONES:
            return Timed(*_walls_in_utc(self.start, self.end, self.zone), zone)
        start, end, target = instant(self.start, self.zone), instant(self.end, self.zone), ZoneInfo(zone)
        return Timed(start.astimezone(target).replace(tzinfo=None), end.astimezone(target).replace(tzinfo=None), zone)


When = AllDay | Timed


def instant(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall-clock time; raises `ZoneInfoNotFoundError` (a `KeyError`) for an unknown zone."""
    if zone in _UTC_ZONES:
        return datetime.combine(wall.date(), wall.time(), UTC)  # it takes half as long as `replace`
    return _instant(wall, wall.fold, zone)


@lru_cache(maxsize=1024)  # matching, comparing and writing ask for the same few times, one after the other
def _instant(wall: datetime, _fold: int, zone: str) -> datetime:
    """As `instant`; the fold is told beside the time, because times that differ only in it count as equal."""
    return datetime.combine(wall.date(), wall.time(), ZoneInfo(zone)).astimezone(UTC)


def times_text(when: When) -> str:
    """Start and end as text that is the same exactly for the same instants, told in UTC, or for the same dates.

    Raises `ZoneInfoNotFoundError` as `instant` does.
    """
    if isinstance(when, AllDay):
        return f"{when.start}/{when.end}"
    start, end = when.start, when.end
    return _instants_text(start, start.fold, end, end.fold, when.zone)


@lru_cache(maxsize=1024)  # an item is matched and fingerprinted one after the other
def _instants_text(start: datetime, _start_fold: int, end: datetime, _end_fold: int, zone: str) -> str:
    if zone not in _UTC_ZONES:
        start, end = _walls_in_utc(start, end, zone)
    return f"{start.isoformat('T', 'seconds')}+00:00/{end.isoformat('T', 'seconds')}+00:00"


def _walls_in_utc(start: datetime, end: datetime, zone: str) -> tuple[datetime, datetime]:
    """As `instant`, but naive, in half the time."""
    offset_at = ZoneInfo(zone).utcoffset
    return start - (offset_at(start) or _NO_TIME), end - (offset_at(end) or _NO_TIME)


class ShowAs(StrEnum):
    """How the time counts for people who look for a free slot."""

    BUSY = "busy"
    FREE = "free"
    TENTATIVE = "tentative"
    OUT_OF_OFFICE = "out_of_office"


class Visibility(StrEnum):
    """Whether an item's details are for everyone who sees the calendar, or for its owner alone."""

    NORMAL = "normal"
    PRIVATE = "private"


class Response(StrEnum):
    """A guest's answer."""

    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, order=True)
class Guest:
    """A person invited, known by address."""

    email: str
    name: str = ""
    response: Response = Response.NONE


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How a series repeats: RFC 5545 lines without DTSTART, in the wall-clock zone of the event's `when`.

    `rules` are RRULE values ("FREQ=WEEKLY;BYDAY=MO"); `added` and `removed` are original starts (RDATE, EXDATE) as
    wall-clock times, or dates for all-day series. Cancelled occurrences stand in `removed`.
    """

    rules: tuple[str, ...]
    added: tuple[datetime | date, ...] = ()
    removed: tuple[datetime | date, ...] = ()


class Field(StrEnum):
    """A field that is compared and carried by itself."""

    TITLE = "title"
    WHEN = "when"
    DESCRIPTION = "description"
    LOCATION = "location"
    SHOW_AS = "show_as"
    VISIBILITY = "visibility"
    GUESTS = "guests"
    RECURRENCE = "recurrence"
    GUESTS_MAY_CHANGE = "guests_may_change"


@quickly_made
@dataclass(frozen=True, slots=True)
class EventContent:
    """Everything about a meeting that both sides can know.

    `guests_may_change` says whether guests may change or delete it (ESM-O12, ESM-I19); None where a service cannot say.
    """

    title: str
    when: When
    description: str = ""
    location: str = ""
    show_as: ShowAs = ShowAs.BUSY
    visibility: Visibility = Visibility.NORMAL
    guests: tuple[Guest, ...] = ()
    recurrence: Recurrence | None = None
    guests_may_change: bool | None = None

    def get(self, name: Field) -> object:
        """The value of one field."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Which occurrence of which series: the series' id and the original start.

    The original start is a naive UTC time, or a date for an all-day series. It stays the same when the occurrence
    is moved.
    """

    series: ItemId
    original_start: datetime | date


def occurrence_id(series: ItemId, original_start: datetime | date) -> ItemId:
    """The id that an occurrence carries everywhere in the program; adapters translate it to their own."""
    is_time = isinstance(original_start, datetime)
    return ItemId(f"{series}#{original_start:%Y%m%dT%H%M%SZ}" if is_time else f"{series}#{original_start:%Y%m%d}")


def occurrence_named(item: ItemId) -> Occurrence | None:
    """The occurrence that an id made by `occurrence_id` names; None for the id of a whole item."""
    series, mark, start = item.rpartition("#")
    if not mark:
        return None
    try:
        when = datetime.strptime(start, "%Y%m%dT%H%M%SZ") if "T" in start else date.fromisoformat(start)
    except ValueError:
        return None
    return Occurrence(ItemId(series), when)


class ReadOnlyCause(StrEnum):
    """Why an item takes no changes from us, besides the direction of its sync."""

    FOREIGN_ORGANISER = "foreign_organiser"
    READ_ONLY_CONTAINER = "read_only_container"
    LOCKED = "locked"
    SPECIAL_KIND = "special_kind"
    NO_QUIET_WRITES = "no_quiet_writes"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a CRM holds of an activity beside the meeting itself, and which shows in the calendar's title or place.

    `customer` and `deal` are names for people (ESM-O4); `building` and `postal_code` belong to the address (ESM-O6).
    """

    customer: str = ""
    deal: str = ""
    building: str = ""
    postal_code: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class ObservedItem:
    """One item as a service showed it to us.

    `changed_at` and `created_at` are UTC instants by the service's clock. `stamp` is the text we hid on the item, as it
    was found. `details_hidden` says the service itself withheld everything but the time, `declined` that the user
    declined the invitation, `invited` that somebody else organises it. `occurrence` is set on exceptions of a series
    and on expanded occurrences. `particulars` is None for a calendar's items, and for a CRM that has none; `content`
    then holds the bare subject and address.
    """

    ref: Ref
    version: Version | None
    content: EventContent
    changed_at: datetime | None = None
    created_at: datetime | None = None
    stamp: str | None = None
    read_only: ReadOnlyCause | None = None
    occurrence: Occurrence | None = None
    activity_type: str | None = None
    kind: str = "default"
    details_hidden: bool = False
    declined: bool = False
    particulars: Particulars | None = None
    invited: bool = False

    def changed_on(self, at: datetime | None) -> ObservedItem:
        """The same item, last changed then: `dataclasses.replace` takes four times as long, and each claim and each
        stamp that a run writes comes by here."""
        return ObservedItem(
            self.ref, self.version, self.content, at, self.created_at, self.stamp, self.read_only, self.occurrence,
            self.activity_type, self.kind, self.details_hidden, self.declined, self.particulars, self.invited,
        )  # fmt: skip # short values, several a line


class Departure(StrEnum):
    """How an item left, where a direct look can tell more than that it is gone (SF-19).

    It belongs to somebody else now, or it went along with a record that it was related to: nobody called the meeting
    off.
    """

    REASSIGNED = "reassigned"
    RELATED_DELETED = "related_deleted"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A service's word that an item is gone; a tombstone with `occurrence` is a cancelled occurrence.

    `departure` is told by a direct look only, by services that know.
    """

    ref: Ref
    at: datetime | None = None
    occurrence: Occurrence | None = None
    departure: Departure | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that a service sent in a form nobody can use: which one, which field, and what is wrong with it."""

    ref: Ref
    field: str
    reason: str
    version: Version | None = None


Seen = ObservedItem | Tombstone | Unreadable


class Witness(StrEnum):
    """How we know that an item is gone."""

    TOMBSTONE = "tombstone"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Removed:
    """An item that was seen once and is gone, as far as one witness says; deleting its twin needs a second one."""

    ref: Ref
    witness: Witness
    at: datetime | None = None


Presence = ObservedItem | Removed | None
"""What one tree says of an item: it is there, it is gone, or it was never seen."""


def starts_on(when: When) -> date:
    """The first day, by the wall clock."""
    return when.start if isinstance(when, AllDay) else when.start.date()


def bounds_utc(when: When) -> tuple[datetime, datetime]:
    """Start and end as UTC instants; an all-day range counts from midnight to midnight UTC."""
    if isinstance(when, Timed):
        return when.start_utc, when.end_utc
    midnight = datetime.min.time()
    return (
        datetime.combine(when.start, midnight, UTC),
        datetime.combine(when.end, midnight, UTC),
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a sync looks at, by date; both ends included."""

    first: date
    last: date

    @classmethod
    def around(cls, today: date, past_days: int, future_days: int) -> Window:
        """The window from `past_days` before today to `future_days` after."""
        return cls(today - timedelta(days=past_days), today + timedelta(days=future_days))

    def holds(self, when: When) -> bool:
        """Whether any part of the time lies in the window."""
        if isinstance(when, AllDay):
            first, last = when.start, when.end - _ONE_DAY
        else:
            first, last = when.start.date(), when.end.date()
        return first <= self.last and (first >= self.first or last >= self.first)
