"""A service to hold the port's promises against: what its people do, what goes wrong, and the shortest ways in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from soroe.core.dialect import Dialect
from soroe.core.event import (
    ContainerId,
    EventContent,
    Field,
    ObservedItem,
    Occurrence,
    Recurrence,
    Ref,
    Seen,
    Side,
    Timed,
    Window,
    occurrence_id,
)
from soroe.core.rules.form import same, to_crm
from soroe.core.stamp import token
from soroe.ports.errors import PortError
from soroe.ports.remote import (
    NOTHING_KNOWN,
    Capabilities,
    Create,
    Cursor,
    Delete,
    Failed,
    KnownVersions,
    Page,
    Reader,
    Restore,
    Result,
    Update,
    Write,
    Writer,
    Written,
)
from tests.fakes.clock import Clock

ZONE = "Asia/Tokyo"
WINDOW = Window(date(2026, 4, 1), date(2026, 12, 31))


class Stand(ABC):
    """One signed-in account of one service.

    `user_…` is what a person does in the service's own pages; the other verbs are what goes wrong on the way.
    `new_type` is the type of activities that are made here, where the service is a CRM.
    """

    new_type = "meeting"

    def __init__(
        self, reader: Reader, writer: Writer, container: ContainerId, clock: Clock, dialect: Dialect | None
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.container = container
        self.clock = clock
        self._dialect = dialect

    # --- people ---
    @abstractmethod
    def user_creates(self, title: str, when: Timed) -> Ref:
        """A person makes a meeting."""

    @abstractmethod
    def user_renames(self, ref: Ref, title: str) -> None:
        """A person gives a meeting another title."""

    @abstractmethod
    def user_deletes(self, ref: Ref) -> None:
        """A person deletes a meeting."""

    @abstractmethod
    def user_decorates(self, ref: Ref) -> None:
        """A person sets something that the port knows nothing of."""

    @abstractmethod
    def decoration(self, ref: Ref) -> object:
        """What the service holds where `user_decorates` put something."""

    @abstractmethod
    def somebody_elses(self) -> Ref:
        """A meeting of another person, under an id of the service."""

    def mails(self) -> int:
        """How many mails the service has sent to guests."""
        return 0

    # --- trouble ---
    @abstractmethod
    def spoils(self, ref: Ref) -> None:
        """The service shows this meeting's title in a form that nobody can use."""

    @abstractmethod
    def expires_cursors(self) -> None:
        """No cursor handed out so far is good any more."""

    @abstractmethod
    def loses_an_answer(self) -> None:
        """The next write is carried out, and its answer is lost."""

    @abstractmethod
    def refuses_after(self, requests: int) -> None:
        """That many full requests of creates go through, then the account is throttled."""

    @abstractmethod
    def signs_out(self) -> None:
        """What the account signs in with opens nothing any more."""

    @abstractmethod
    def arrived(self) -> int:
        """How many requests the service has seen."""

    # --- the shortest ways in ---
    @property
    def can(self) -> Capabilities:
        """What the service says it can do; the only thing that promises may depend on."""
        return self.reader.capabilities

    @property
    def ends_on_a_day(self) -> bool:
        """Whether a series here needs an end, which is a day."""
        return self._dialect is not None and self._dialect.series is not None

    def form(self, content: EventContent) -> EventContent:
        """The content as the engine would hand it to this service."""
        return content if self._dialect is None else to_crm(content, self._dialect).content

    def pages(
        self, cursor: Cursor | None = None, window: Window = WINDOW, known: KnownVersions = NOTHING_KNOWN
    ) -> list[Page]:
        """Every page of a reading."""
        return list(self.reader.changes(self.container, cursor, window, known))

    def seen(self, cursor: Cursor | None = None, window: Window = WINDOW) -> tuple[list[Seen], Cursor]:
        """Everything that a reading tells, and where the next one goes on."""
        pages = self.pages(cursor, window)
        last = pages[-1].cursor
        assert last is not None, "the last page has no cursor"
        return [one for page in pages for one in page.seen], last

    def cursor(self) -> Cursor:
        """Where a reading from now on starts; what was done so far lies safely before it."""
        self.clock.later(minutes=2)
        return self.seen()[1]

    def news(self, cursor: Cursor) -> list[Seen]:
        """What the feed tells of since, once the service has had an hour to notice."""
        self.clock.later(hours=1)
        return self.seen(cursor)[0]

    def titles(self) -> list[str]:
        """The titles in a full listing, in order."""
        return sorted(one.content.title for one in self.seen()[0] if isinstance(one, ObservedItem))

    def write(self, *writes: Write) -> list[Result]:
        """The results of one batch."""
        return list(self.writer.write(writes))

    def does(self, write: Write) -> ObservedItem:
        """The item of a write that has to succeed."""
        (result,) = self.write(write)
        assert isinstance(result, Written), result
        return result.item

    def creating(self, content: EventContent | None = None, seed: str = "seed", **more: Any) -> Create:
        """The write that makes a meeting."""
        kind = self.new_type if self.can.side is Side.CRM else None
        form = self.form(content or meeting())
        return Create(self.container, form, token(seed, 20), activity_type=kind, **more)

    def creates(self, content: EventContent | None = None, seed: str = "seed", **more: Any) -> ObservedItem:
        """A meeting made through the port."""
        return self.does(self.creating(content, seed, **more))

    def updating(self, item: ObservedItem, stamp: str | None = None, **changes: Any) -> Update:
        """The write that changes these fields, decided on the state of `item`."""
        fields = tuple(Field(name) for name in changes)
        content = self.form(replace(item.content, **changes))
        return Update(item.ref, item.version, content, fields, stamp, item.occurrence)

    def deleting(self, item: ObservedItem) -> Delete:
        """The write that deletes an item in the state we know."""
        return Delete(item.ref, item.version, item.occurrence)

    def restoring(self, item: ObservedItem, seed: str = "again", stamp: str | None = None) -> Restore:
        """The write that brings an item back as it was."""
        return Restore(item.ref, item.content, token(seed, 20), stamp, item.activity_type)

    def read(self, ref: Ref) -> ObservedItem:
        """An item that has to be there."""
        item = self.reader.read(ref)
        assert isinstance(item, ObservedItem), item
        return item

    def occurrence(self, series: ObservedItem, day: int) -> tuple[Ref, Occurrence]:
        """The occurrence of a series of `weekly` that starts on a day of May 2026."""
        start = datetime(2026, 5, day, 1, 0)  # 10:00 in Tokyo
        return Ref(self.container, occurrence_id(series.ref.id, start)), Occurrence(series.ref.id, start)


def at(hour: int = 10, minute: int = 0, *, day: int = 12, minutes: int = 60, zone: str = ZONE) -> Timed:
    """A time in May 2026."""
    start = datetime(2026, 5, day, hour, minute)
    return Timed(start, start + timedelta(minutes=minutes), zone)


def meeting(title: str = "Visit", when: Any = None, **more: Any) -> EventContent:
    """A meeting in May 2026."""
    return EventContent(title, when or at(), **more)


def weekly(title: str = "Round") -> EventContent:
    """A series on Tuesdays from 12 May 2026, six times."""
    return meeting(title, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=6",)))


def error(result: Result) -> PortError:
    """The error of a write that failed."""
    assert isinstance(result, Failed), result
    return result.error


def differing(one: EventContent, other: EventContent) -> list[Field]:
    """The fields that do not mean the same in two contents."""
    return [name for name in Field if not same(one, other, name)]


def about(ref: Ref, seen: Sequence[Seen]) -> list[Seen]:
    """What was told of one item."""
    return [one for one in seen if one.ref == ref]
