"""What the sandbox keeps: accounts, folders, and the items of each folder with the order of their changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from soroe.sandbox.exchange.errors import EwsError
from soroe.sandbox.exchange.recurrence import Recurrence


@dataclass(slots=True)
class Account:
    """A person of the company, and everything that decides whether his sign-in is taken.

    With `app_passwords` the account has two factors: only they are taken, the password is not.
    """

    email: str
    name: str
    password: str
    time_zone: str
    login: str
    domain: str = "EXAMPLE"
    app_passwords: tuple[str, ...] = ()
    two_factor: bool = False
    locked: bool = False
    password_expired: bool = False
    ews_enabled: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.app_passwords if self.two_factor else (self.password,)


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address, as organisers and attendees have them."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited; `response` is a ResponseType of the schema."""

    person: Person
    response: str = "Unknown"


@dataclass(frozen=True, slots=True)
class PropertyUri:
    """The name of an extended property: the attributes of its ExtendedFieldURI, set ids in lower case."""

    attributes: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        return dict(self.attributes)["PropertyType"]


@dataclass(frozen=True, slots=True)
class Item:
    """One calendar item as it stands. Moments are UTC, `start_zone` and `end_zone` Windows names.

    `lost` holds the original starts of deleted occurrences; `original_start` is set on exceptions only. `other` keeps
    plain properties that mean nothing to the sandbox, by element name.
    """

    start: datetime
    end: datetime
    start_zone: str
    end_zone: str
    uid: str
    created: datetime
    modified: datetime
    subject: str = ""
    sensitivity: str = "Normal"
    body: str = ""
    body_type: str = "Text"
    categories: tuple[str, ...] = ()
    importance: str = "Normal"
    reminder: bool = True
    reminder_minutes: int = 15
    extended: tuple[tuple[PropertyUri, tuple[str, ...]], ...] = ()
    all_day: bool = False
    show_as: str = "Busy"
    location: str = ""
    organizer: Person | None = None
    required: tuple[Attendee, ...] = ()
    optional: tuple[Attendee, ...] = ()
    resources: tuple[Attendee, ...] = ()
    my_response: str = "Organizer"
    cancelled: bool = False
    request_sent: bool = False
    sequence: int = 0
    recurrence: Recurrence | None = None
    lost: frozenset[datetime] = frozenset()
    original_start: datetime | None = None
    modified_by: str = ""
    other: tuple[tuple[str, str], ...] = ()

    @property
    def invited(self) -> tuple[Attendee, ...]:
        return self.required + self.optional + self.resources


@dataclass(slots=True)
class Record:
    """An item under its id. `version` is its place in the folder's order of changes, `made` the place it first had.

    `exceptions` has the changed occurrences of a series by their original start; `change` grows with every write.
    """

    id: bytes
    item: Item
    change: int
    version: int = 0
    made: int = 0
    exceptions: dict[datetime, tuple[Item, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Folder:
    """One folder of `owner`; `readers` and `editors` are addresses of colleagues it is shared with."""

    id: str
    name: str
    owner: str
    kind: str
    parent: str
    distinguished: str = ""
    records: dict[bytes, Record] = field(default_factory=dict)
    gone: list[tuple[bytes, int, int]] = field(default_factory=list)
    version: int = 0
    generation: int = 0
    readers: set[str] = field(default_factory=set)
    editors: set[str] = field(default_factory=set)

    @property
    def is_calendar(self) -> bool:
        return self.kind == "IPF.Appointment"

    def put(self, record: Record) -> None:
        """Stores a new or changed record as the folder's latest change."""
        self.version += 1
        record.version = self.version
        record.made = record.made or self.version
        self.records.pop(record.id, None)
        self.records[record.id] = record

    def drop(self, record: Record) -> None:
        """Takes a record away; those who know it hear of it."""
        self.version += 1
        del self.records[record.id]
        self.gone.append((record.id, self.version, record.made))


class State:
    """Everything behind the one lock. `clock` returns the present moment with a time zone."""

    def __init__(self, clock: Callable[[], datetime], random: Random) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.random = random
        self.accounts: dict[str, Account] = {}
        self.folders: dict[str, Folder] = {}
        self._change = 0

    def now(self) -> datetime:
        """The present moment in whole seconds, which is what answers can say."""
        return self.clock().replace(microsecond=0)

    def next_change(self) -> int:
        self._change += 1
        return self._change

    def folder_of(self, email: str, distinguished: str) -> Folder:
        """A person's folder by its distinguished name."""
        for folder in self.folders.values():
            if folder.owner == email and folder.distinguished == distinguished:
                return folder
        raise EwsError("ErrorFolderNotFound")

    def may_see(self, account: Account, folder: Folder) -> bool:
        return account.email in {folder.owner} | folder.readers | folder.editors

    def may_write(self, account: Account, folder: Folder) -> bool:
        return account.email in {folder.owner} | folder.editors

    def find(self, account: Account, record_id: bytes) -> tuple[Folder, Record]:
        """The record of an id and where it lies; ErrorItemNotFound where there is none for this person."""
        for folder in self.folders.values():
            record = folder.records.get(record_id)
            if record is not None and self.may_see(account, folder) and not hidden(account, folder, record.item):
                return folder, record
        raise EwsError("ErrorItemNotFound")

    def put(self, folder: Folder, record: Record, item: Item) -> None:
        """Stores a write: a new change key, and the folder's latest change."""
        record.item = item
        record.change = self.next_change()
        folder.put(record)

    def make(self, folder: Folder, item: Item) -> Record:
        """Stores a new item under an id of its own."""
        record = Record(b"\x00\x03\x24" + self.random.randbytes(51), item, self.next_change())
        folder.put(record)
        return record


def hidden(account: Account, folder: Folder, item: Item) -> bool:
    """Whether a colleague does not get to see an item: private ones stay with their owner."""
    return folder.owner != account.email and item.sensitivity == "Private"


def changed(item: Item, **changes: object) -> Item:
    """The item with some properties replaced."""
    return replace(item, **changes)  # type: ignore[arg-type]  # names are checked by replace, values by who reads them
