"""What the sandbox keeps: accounts, calendars, and the stored items of each calendar in the order of their changes."""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random

from soroe.sandbox.microsoft365.errors import Json, access_denied, item_not_found
from soroe.sandbox.microsoft365.times import When


@dataclass(slots=True)
class Account:
    """A person of the company. `mailbox` is false for one without an Exchange Online licence."""

    email: str
    name: str
    time_zone: str
    object_id: str
    locale: str = "ja-JP"
    mailbox: bool = True
    work_account: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """One stored event as it stands: a single one, a series master, or a modified occurrence.

    `body` has Graph's property names, times excepted. `gone` holds the days a series has lost. `day` is the day a
    modified occurrence had in its series, `master` the series' id.
    """

    start: When
    end: When
    body: Json
    gone: frozenset[date] = frozenset()
    master: str | None = None
    day: date | None = None
    deleted: bool = False

    @property
    def repeats(self) -> bool:
        return self.body.get("recurrence") is not None

    @property
    def meeting(self) -> bool:
        return bool(self.body["attendees"])


@dataclass(slots=True)
class Record:
    """An item with its immutable id and everything it was before: `past` has (version, item) in order. `calendar` is
    the one it was last put into."""

    id: str
    item: Item
    version: int = 0
    past: list[tuple[int, Item]] = field(default_factory=list)
    calendar: str = ""

    def as_of(self, version: int) -> Item | None:
        """How the item stood when the calendar's latest change was `version`; nothing when it was not there yet."""
        found = None
        for made, item in self.past:
            if made > version:
                break
            found = item
        return None if found is None or found.deleted else found


@dataclass(slots=True)
class Calendar:
    """One calendar of `owner`; `readers` and `editors` see it among their own."""

    id: str
    name: str
    owner: str
    primary: bool
    records: dict[str, Record] = field(default_factory=dict)
    exceptions: dict[str, dict[str, Record]] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    editors: set[str] = field(default_factory=set)
    version: int = 0

    def put(self, record: Record) -> None:
        """Stores a new or changed record as the calendar's latest change."""
        self.version += 1
        record.version, record.calendar = self.version, self.id
        record.past.append((self.version, record.item))
        if not record.item.repeats:
            del record.past[:-20]  # only a series' past is asked for, and only a recent one
        self.records.pop(record.id, None)
        self.records[record.id] = record
        if record.item.master is not None:
            self.exceptions.setdefault(record.item.master, {})[record.id] = record

    def changed_since(self, version: int) -> list[Record]:
        """Returns the records changed after `version`, oldest change first; costs as much as there are changes."""
        found = []
        for record in reversed(self.records.values()):
            if record.version <= version:
                break
            found.append(record)
        found.reverse()
        return found

    def exceptions_of(self, master: str) -> list[Record]:
        """Returns the modified occurrences of a series; deleted ones are left out."""
        return [one for one in self.exceptions.get(master, {}).values() if not one.item.deleted]


class State:
    """Everything behind the one lock. `clock` returns the present moment with a time zone."""

    def __init__(self, clock: Callable[[], datetime], random: Random) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.random = random
        self.accounts: dict[str, Account] = {}
        self.calendars: dict[str, Calendar] = {}
        self.places: dict[str, tuple[Calendar, str, date | None]] = {}
        self.transactions: dict[tuple[str, str], str] = {}
        self.link_generation = 0
        self.names_occurrences = True
        self.finds_deleted = False

    def guid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def new_id(self) -> str:
        """Makes an immutable id; letters count by their case, as the service's do."""
        return "AAkALgAA" + base64.urlsafe_b64encode(self.random.randbytes(42)).decode() + "AAA="

    def place(self, calendar: Calendar, record_id: str, day: date | None, *, immutable: bool) -> str:
        """Returns the id under which an item is shown, and remembers whose it is.

        `day` names an occurrence of a series. The ordinary id depends on the calendar and so changes with a move.
        """
        if immutable and day is None:
            shown = record_id
        else:
            seed = f"{record_id}|{day}" if immutable else f"{record_id}|{day}|{calendar.id}"
            text = base64.urlsafe_b64encode(hashlib.sha512(seed.encode()).digest()[:54]).decode()
            shown = ("AAkALgAA" if immutable else "AAMkADAw") + text + "AAA="
        self.places[shown] = (calendar, record_id, day)
        return shown

    def default_calendar(self, email: str) -> Calendar:
        return next(one for one in self.calendars.values() if one.owner == email and one.primary)

    def calendars_of(self, email: str) -> list[Calendar]:
        """The person's own calendars, the default one first, then those shared with him."""
        own = [one for one in self.calendars.values() if one.owner == email]
        shared = [one for one in self.calendars.values() if email in one.readers | one.editors]
        return sorted(own, key=lambda one: not one.primary) + shared

    def calendar(self, email: str, calendar_id: str, *, writing: bool = False) -> Calendar:
        """Returns a calendar as a person may use it: 404 for one that is not his to see, 403 for a write too many."""
        found = self.calendars.get(calendar_id)
        if found is None or email not in {found.owner} | found.readers | found.editors:
            raise item_not_found()
        if writing and email not in {found.owner} | found.editors:
            raise access_denied()
        return found


def changed(item: Item, **body: object) -> Item:
    """The item with some properties of its body replaced."""
    return replace(item, body={**item.body, **body})
