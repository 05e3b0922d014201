"""Exchange's items, told as the core's values: item by item, so that a bad one never costs its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from soroe.adapters.outlook.zones import windows
from soroe.core.event import (
    AllDay,
    ContainerId,
    EventContent,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Ref,
    Response,
    ShowAs,
    Timed,
    Tombstone,
    Unreadable,
    Version,
    Visibility,
    When,
    instant,
    occurrence_id,
)
from soroe.core.stamp import token

from .reading import Misfit, clean, text_of

if TYPE_CHECKING:
    from .library import Element

READ_FIELDS = (
    "subject",
    "sensitivity",
    "text_body",
    "start",
    "end",
    "is_all_day",
    "legacy_free_busy_status",
    "location",
    "type",
    "is_meeting",
    "is_cancelled",
    "my_response_type",
    "organizer",
    "required_attendees",
    "optional_attendees",
    "recurrence",
    "last_occurrence",
    "modified_occurrences",
    "deleted_occurrences",
    "_start_timezone",
    "_end_timezone",
    "last_modified_time",
    "datetime_created",
    "effective_rights",
    "parent_folder_id",
    "item_class",
    "soroe_stamp",
)
"""Everything an item is read by. Each costs the server a look into its store, so nothing is asked for in vain."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TITLE = 32_768
_LONGEST_TEXT = 524_288
_MOST_GUESTS = 5_000
_MOST_OCCURRENCES = 5_000
_APPOINTMENT = "IPM.Appointment"
_INVITED = frozenset({"Tentative", "Accept", "Decline", "NoResponseReceived"})
_SHOW_AS = {
    "Free": ShowAs.FREE,
    "Tentative": ShowAs.TENTATIVE,
    "Busy": ShowAs.BUSY,
    "OOF": ShowAs.OUT_OF_OFFICE,
    "WorkingElsewhere": ShowAs.FREE,
    "NoData": ShowAs.BUSY,
}
_RESPONSES = {"Accept": Response.ACCEPTED, "Tentative": Response.TENTATIVE, "Decline": Response.DECLINED}


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """What reading an item needs to know: its calendar, the user's own zone (IANA) and mail address."""

    id: ContainerId
    zone: str
    email: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed occurrence of a series: its own id, and from when to when it is now (UTC)."""

    id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """What a master tells beside its content: its exceptions by original start, and its cancelled starts.

    Original starts are naive UTC, or dates for all-day series.
    """

    exceptions: dict[datetime | date, Changed]
    cancelled: tuple[datetime | date, ...]


def read_item(found: Element, facts: CalendarFacts, occurrence: Occurrence | None = None) -> ObservedItem | Unreadable:
    """One item, whatever it holds; never raises. `occurrence` says which occurrence of which series it is."""
    ref = _ref(found, facts, occurrence)
    version = Version(found.version) if found.version else None
    try:
        if not found.id:
            raise Misfit("ItemId", "missing")
        if found.kind != "CalendarItem":
            raise Misfit("kind", f"not an appointment but a {clean(found.kind)[:60]}")
        if found.item is None:
            raise Misfit("item", found.reason)
        return _item(found, facts, ref, version, occurrence)
    except Misfit as misfit:
        return Unreadable(ref, misfit.field, misfit.reason, version)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:  # whatever else it may hold
        return Unreadable(ref, "item", type(error).__name__, version)


def is_elsewhere(found: Element, facts: CalendarFacts) -> bool:
    """Whether the item lies in another folder now: Deleted Items most likely."""
    parent = getattr(found.item, "parent_folder_id", None)
    return parent is not None and bool(parent.id) and parent.id != facts.id


def read_series(found: Element, facts: CalendarFacts) -> Series:
    """A master's exceptions and cancelled occurrences; empty for anything else."""
    item = found.item
    if item is None or getattr(item, "type", None) != "RecurringMaster":
        return Series({}, ())
    zone = _zone(found, facts)
    exceptions = {
        original_start(one.original_start, found.all_day, zone): Changed(one.id, _utc(one.start), _utc(one.end))
        for one in (item.modified_occurrences or ())[:_MOST_OCCURRENCES]
        if one.id and all(isinstance(at, datetime) for at in (one.original_start, one.start, one.end))
    }
    cancelled = tuple(
        original_start(one.start, found.all_day, zone)
        for one in (item.deleted_occurrences or ())[:_MOST_OCCURRENCES]
        if isinstance(one.start, datetime)
    )
    return Series(exceptions, cancelled)


def cancelled_tombstones(series: Series, master: Ref) -> list[Tombstone]:
    """The cancelled occurrences of a series."""
    return [
        Tombstone(Ref(master.container, occurrence_id(master.id, start)), None, Occurrence(master.id, start))
        for start in series.cancelled
    ]


def original_start(at: datetime, all_day: bool, zone: str) -> datetime | date:
    """An original start as the core names it: naive UTC, or the date by the series' own clock."""
    if all_day:
        return _utc(at).astimezone(ZoneInfo(zone)).date()
    return _utc(at).replace(tzinfo=None)


def _item(
    found: Element, facts: CalendarFacts, ref: Ref, version: Version | None, occurrence: Occurrence | None
) -> ObservedItem:
    item = found.item
    when = read_when(found, facts)
    guests = _guests(item, facts)
    recurrence = None
    if occurrence is None and item.recurrence is not None:
        from .repeats import read_recurrence  # with it come the library's patterns

        removed = [_wall(start, when) for start in read_series(found, facts).cancelled]
        recurrence = read_recurrence(item.recurrence, when, removed)
    rights = item.effective_rights
    return ObservedItem(
        ref=ref,
        version=version,
        content=EventContent(
            title=text_of(item.subject, "subject", _LONGEST_TITLE),
            when=when,
            description=text_of(item.text_body, "body", _LONGEST_TEXT).rstrip("\n"),
            location=text_of(item.location, "location", _LONGEST_TITLE),
            show_as=_known(_SHOW_AS, item.legacy_free_busy_status or "Busy", "legacy_free_busy_status"),
            visibility=Visibility.NORMAL if item.sensitivity in (None, "Normal") else Visibility.PRIVATE,
            guests=guests,
            recurrence=recurrence,
        ),
        changed_at=_instant(item.last_modified_time),
        created_at=_instant(item.datetime_created),
        stamp=str(item.soroe_stamp) if item.soroe_stamp else None,
        read_only=_read_only(item, facts),
        occurrence=occurrence,
        kind=_kind(item.item_class),
        details_hidden=rights is not None and rights.read is False,
        declined=item.my_response_type == "Decline" or bool(item.is_cancelled),
    )


def read_when(found: Element, facts: CalendarFacts) -> When:
    """When an item is, by the clock of its own zone; without one, by the user's. All-day ends are the day after."""
    start, end = found.item.start, found.item.end
    for value, field in ((start, "start"), (end, "end")):
        if not isinstance(value, datetime):
            raise Misfit(field, "missing or not a time")
    zone = _zone(found, facts)
    begin, finish = (_utc(value).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for value in (start, end))
    if finish < begin:
        raise Misfit("end", "before the start")
    if not found.all_day:
        return Timed(begin, finish, zone)
    last = finish.date() if finish.time() == datetime.min.time() else finish.date() + timedelta(days=1)
    return AllDay(begin.date(), max(last, begin.date() + timedelta(days=1)))


def _zone(found: Element, facts: CalendarFacts) -> str:
    """The item's zone. An unknown or customised one holds the item rather than moving it."""
    if found.zone_told is None:
        return facts.zone
    if found.zone is None:
        raise Misfit("StartTimeZone", "unknown time zone")
    # Several zones share a Windows name; the user's own is the likeliest.
    return facts.zone if windows(facts.zone) == windows(found.zone) else found.zone


def _ref(found: Element, facts: CalendarFacts, occurrence: Occurrence | None) -> Ref:
    if occurrence is not None:
        return Ref(facts.id, occurrence_id(occurrence.series, occurrence.original_start))
    return Ref(facts.id, ItemId(found.id or f"unreadable-{token(f'{found.kind}{found.version}', 10)}"))


def _read_only(item: Any, facts: CalendarFacts) -> ReadOnlyCause | None:  # noqa: ANN401 - the library's item
    rights = item.effective_rights
    if rights is not None and rights.modify is False:
        return ReadOnlyCause.READ_ONLY_CONTAINER
    if item.my_response_type in _INVITED:
        return ReadOnlyCause.FOREIGN_ORGANISER
    organiser = item.organizer.email_address if item.is_meeting and item.organizer else None
    own = item.my_response_type == "Organizer"
    if organiser and not own and "@" in organiser and organiser.casefold() != facts.email.casefold():
        return ReadOnlyCause.FOREIGN_ORGANISER
    return ReadOnlyCause.SPECIAL_KIND if _kind(item.item_class) != "default" else None


def _kind(item_class: object) -> str:
    """Appointments, those of custom forms too, are plain meetings; whatever else lies in a calendar is left alone."""
    name = item_class if isinstance(item_class, str) and item_class else _APPOINTMENT
    return "default" if name == _APPOINTMENT or name.startswith(f"{_APPOINTMENT}.") else clean(name)[:100]


def _guests(item: Any, facts: CalendarFacts) -> tuple[Guest, ...]:  # noqa: ANN401 - as above
    """The other people invited, by address; rooms are no guests, nor are people whom only the directory knows."""
    invited = [*(item.required_attendees or ()), *(item.optional_attendees or ())]
    if len(invited) > _MOST_GUESTS:
        raise Misfit("attendees", f"more than {_MOST_GUESTS} entries")
    guests: dict[str, Guest] = {}
    for one in invited:
        email = address_of(one)
        if email and email.casefold() != facts.email.casefold():
            name = text_of(one.mailbox.name, "attendees", 1_000)
            known = "" if name.casefold() == email.casefold() else name
            answer = _RESPONSES.get(str(one.response_type), Response.NONE)
            guests.setdefault(email.casefold(), Guest(email, known, answer))
    return tuple(sorted(guests.values()))


def address_of(attendee: Any) -> str:  # noqa: ANN401 - as above
    """An attendee's mail address; empty for one whom only the directory knows."""
    email = attendee.mailbox.email_address if attendee.mailbox else None
    return clean(email)[:320] if isinstance(email, str) and "@" in email else ""


def _wall(start: datetime | date, when: When) -> datetime | date:
    """An original start in the series' own terms."""
    if not isinstance(start, datetime) or not isinstance(when, Timed):
        return start
    return start.replace(tzinfo=UTC).astimezone(ZoneInfo(when.zone)).replace(tzinfo=None)


def start_of(original: datetime | date, when: When) -> date:
    """The day of an original start by the series' own clock."""
    wall = _wall(original, when)
    return wall.date() if isinstance(wall, datetime) else wall


def originals(walls: Sequence[datetime | date], when: When) -> list[datetime | date]:
    """Original starts told in the series' own terms, as the core names occurrences by them."""
    if not isinstance(when, Timed):
        return [wall.date() if isinstance(wall, datetime) else wall for wall in walls]
    times = [wall if isinstance(wall, datetime) else datetime.combine(wall, when.start.time()) for wall in walls]
    return [instant(wall, when.zone).replace(tzinfo=None) for wall in times]


def _known(table: dict[str, ShowAs], value: str, field: str) -> ShowAs:
    if value not in table:
        raise Misfit(field, "unknown")
    return table[value]


def _instant(value: object) -> datetime | None:
    return _utc(value) if isinstance(value, datetime) else None


def _utc(value: datetime) -> datetime:
    """The instant in UTC, as a plain value without the library's classes around it."""
    return (_EPOCH + (value - _EPOCH)).replace(microsecond=0)
