"""What the sandbox keeps: accounts, calendars with their sharing, and events as each calendar holds them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from random import Random

from soroe.sandbox.google.errors import Json, not_found, required_access_level


class AccessRole(IntEnum):
    """How much of a calendar somebody may see and change; each role includes the ones before it."""

    freeBusyReader = 1  # noqa: N815 - the API writes the names of the roles so
    reader = 2
    writerWithoutPrivateAccess = 3  # noqa: N815 - the API writes the names of the roles so
    writer = 4
    owner = 5


@dataclass(slots=True)
class Account:
    """One Google account."""

    email: str
    name: str
    time_zone: str
    locale: str

    @property
    def subject(self) -> str:
        """The account's stable number, as in an id token's `sub`."""
        return str(Random(self.email).randrange(10**20, 10**21))  # noqa: S311 - a name for the account, not a secret


@dataclass(slots=True)
class Record:
    """One event, or one exception of a series, as one calendar holds it.

    `body` is replaced at every change and never changed in place, so that a rendered answer stays what it was.
    `version` counts the calendar's changes and makes the etag; `born` is the version the record appeared with.
    `reminders` are per person. `earlier` keeps a series' former bodies, to tell which instances went away.
    `bare` marks what a move leaves behind: only the id is still known.
    """

    id: str
    body: Json
    version: int = 0
    born: int = 0
    reminders: dict[str, Json] = field(default_factory=dict)
    earlier: list[tuple[int, Json]] = field(default_factory=list)
    bare: bool = False

    @property
    def etag(self) -> str:
        return f'"{3_500_000_000_000_000 + self.version * 2}"'

    @property
    def cancelled(self) -> bool:
        return bool(self.body["status"] == "cancelled")

    @property
    def master_id(self) -> str | None:
        return self.body.get("recurringEventId")


@dataclass(slots=True)
class Calendar:
    """One calendar: who may do what in it, and its events in the order of their last change."""

    id: str
    summary: str
    time_zone: str
    owner: str
    primary: bool
    description: str = ""
    roles: dict[str, AccessRole] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    exceptions: dict[str, dict[str, Record]] = field(default_factory=dict)
    version: int = 0
    generation: int = 0

    @property
    def identity(self) -> str:
        """The address the calendar organises and attends under: the owner's for a primary calendar, else its own."""
        return self.owner if self.primary else self.id

    def put(self, record: Record) -> None:
        """Stores a new or changed record as the calendar's latest change."""
        self.version += 1
        record.version = self.version
        record.born = record.born or self.version
        self.records.pop(record.id, None)
        self.records[record.id] = record
        if record.master_id is not None:
            self.exceptions.setdefault(record.master_id, {})[record.id] = record

    def forget(self, record_id: str) -> None:
        """Drops a record as if it had never been: deleted events disappear for good after a while."""
        record = self.records.pop(record_id)
        if record.master_id is not None:
            self.exceptions[record.master_id].pop(record_id, None)

    def changed_since(self, version: int) -> list[Record]:
        """Returns the records changed after `version`, oldest change first; costs as much as there are changes."""
        changed = []
        for record in reversed(self.records.values()):
            if record.version <= version:
                break
            changed.append(record)
        changed.reverse()
        return changed

    def exceptions_of(self, master_id: str) -> Iterator[Record]:
        return iter(list(self.exceptions.get(master_id, {}).values()))


class State:
    """Everything behind the one lock. `clock` returns the present moment with a time zone."""

    def __init__(self, clock: Callable[[], datetime], random: Random) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.random = random
        self.accounts: dict[str, Account] = {}
        self.calendars: dict[str, Calendar] = {}
        self.token_generation = 0
        self.list_version = 0
        self.list_changes: dict[tuple[str, str], int] = {}
        self.pending_conferences: list[tuple[Calendar, Record]] = []

    def calendar(self, email: str, calendar_id: str, at_least: AccessRole = AccessRole.freeBusyReader) -> Calendar:
        """Returns a calendar as `email` names it; 404 when it is not shared, 403 when more rights are needed."""
        found = self.calendars.get(email if calendar_id == "primary" else calendar_id)
        if found is None or email not in found.roles:
            raise not_found()
        if found.roles[email] < at_least:
            raise required_access_level("reader" if at_least <= AccessRole.reader else "writer")
        return found

    def new_id(self) -> str:
        """Makes an event id of 26 characters in base32hex, as the service makes them."""
        bits = self.random.getrandbits(130)
        return "".join("0123456789abcdefghijklmnopqrstuv"[bits >> shift & 31] for shift in range(0, 130, 5))

    def list_changed(self, email: str, calendar_id: str) -> None:
        """Notes that somebody's list of calendars changed."""
        self.list_version += 1
        self.list_changes[(email, calendar_id)] = self.list_version
