"""A CRM or a calendar, as the engine sees it: one shape for both, reading and writing apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NewType, Protocol

from soroe.core.event import (
    ContainerId,
    EventContent,
    Field,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    ReadOnlyCause,
    Ref,
    Seen,
    Side,
    Tombstone,
    Unreadable,
    Version,
    Window,
)
from soroe.core.quickly import quickly_made

from .errors import PortError

Cursor = NewType("Cursor", str)

KnownVersions = Mapping[ItemId, Version]
"""The items of a container that the caller has, and the state in which it last saw each."""
NOTHING_KNOWN: KnownVersions = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a service can do; the engine picks its protocol from it.

    `conditional_writes`: a write with a stale version is refused by the service itself. `own_ids`: the id of a new item
    is chosen by us, so a create can be repeated. `idempotent_create`: a repeated create with the same seed gives the
    first one's item. `hidden_stamp`: a text can be hidden on an item. `quiet`: no write of ours ever mails a guest.
    `tombstones`: the change feed tells deletions. `restore`: a deleted item can be brought back under its id.
    `batch`: how many writes travel in one call. `safe_create`: own ids or idempotent creates. `creates_in_turn`: how
    many creates that are no safe ones the writer takes at once: it sends one after the other, and each only in time
    (`Create.until`).
    """

    side: Side
    conditional_writes: bool
    own_ids: bool
    idempotent_create: bool
    hidden_stamp: bool
    quiet: bool
    tombstones: bool
    restore: bool
    native_recurrence: bool
    batch: int = 1
    creates_in_turn: int = 1

    @property
    def safe_create(self) -> bool:
        """Whether a create whose answer was lost can simply be sent again, from any laptop."""
        return self.own_ids or self.idempotent_create


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in. `key` never changes for that account (the service's own user id); `name` is for people."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ContainerEntry:
    """A calendar that can be synced. `read_only` tells why it takes no changes; `own` that it is the user's own."""

    id: ContainerId
    name: str
    zone: str
    primary: bool = False
    own: bool = True
    read_only: ReadOnlyCause | None = None


@dataclass(frozen=True, slots=True)
class ActivityType:
    """A kind of activity that the CRM knows."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a change feed. `cursor` is set on the last page only, and is where the next reading goes on.

    `unchanged` names what is there in the very state that the caller knows, and was therefore not read.
    """

    seen: tuple[Seen, ...]
    cursor: Cursor | None = None
    unchanged: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of an account's API budget is spent, in the service's own units; `resets` is a UTC time."""

    spent: int
    limit: int
    resets: datetime | None = None


def _nothing() -> None:
    """There is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What an open account offers beside reading and writing; nothing of it sends a request.

    `budget` tells the API budget where the service has a small one; `poll_every` how far apart polls have to be for it.
    """

    budget: Callable[[], Budget | None] = _nothing
    poll_every: Callable[[], timedelta | None] = _nothing


class Reader(Protocol):
    """Reads one account of a CRM or a calendar service."""

    @property
    def capabilities(self) -> Capabilities:
        """What this service can do."""
        ...

    @property
    def requests_sent(self) -> int:
        """How many requests this account has sent so far, writes included."""
        ...

    def identity(self) -> Identity:
        """Who is signed in, asked of the service."""
        ...

    def containers(self) -> Sequence[ContainerEntry]:
        """The calendars the account can see; for a CRM, its one list."""
        ...

    def activity_types(self) -> Sequence[ActivityType]:
        """The CRM's activity types; empty for a calendar."""
        ...

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        """All pages since the cursor; without one, everything in the window (and, of a series, master and exceptions).

        A single meeting whose version is the `known` one is not read again: its id comes in `Page.unchanged`.
        The last page alone carries the new cursor. A malformed entry comes as `Unreadable` and the rest go on. Raises
        `CursorExpired` (also in the middle), and every account error of the port.
        """
        ...

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        """One item, read directly; a `Tombstone` when the service says it is deleted or does not know it."""
        ...

    def find(self, create: Create) -> Sequence[ObservedItem]:
        """The items that this create may have made, for a create whose answer was lost."""
        ...


@quickly_made
@dataclass(frozen=True, slots=True)
class Create:
    """Make an item. `seed` decides its own id or idempotency key; `stamp` is hidden on it where the service can.

    With `occurrence`, the item becomes an exception of that series on the side written to. `particulars` is what a CRM
    is to hold beside the place (building and postal code, ESM-I11, ESM-I12); None where the service has no such fields.
    `like` is an item of the same side that this one goes on from: what the port does not know of it (related records,
    deal, kind, people) is taken over where the service can (SF-12, SF-17); when it is gone, nothing is. `until` is the
    moment (UTC) from which on it is not sent any more, and comes back `Unsent`: another laptop may make it by then. It
    is told to writers that take several such creates at once (`Capabilities.creates_in_turn`).
    """

    container: ContainerId
    content: EventContent
    seed: str
    stamp: str | None = None
    activity_type: str | None = None
    occurrence: Occurrence | None = None
    particulars: Particulars | None = None
    like: Ref | None = None
    until: datetime | None = None

    def in_time(self, until: datetime) -> Create:
        """The same, not to be sent from then on."""
        return Create(
            self.container, self.content, self.seed, self.stamp, self.activity_type, self.occurrence, self.particulars,
            self.like, until,
        )  # fmt: skip # short values, several a line


@quickly_made
@dataclass(frozen=True, slots=True)
class Update:
    """Change `fields` of an item to what `content` says, and its stamp if one is given; nothing else is touched.

    `version` is the state the change was decided on; a service that cannot check it itself is read right before.
    A service that cannot make a single item a series, or a series a single item, makes it anew with all that it holds,
    and tells the new one (SF-14): its id may then differ. An occurrence that is not yet an exception becomes one. Where
    `particulars` are given, building and postal code are written along with the place; customer and deal are told as
    they stand, and are never written.
    """

    ref: Ref
    version: Version | None
    content: EventContent
    fields: tuple[Field, ...]
    stamp: str | None = None
    occurrence: Occurrence | None = None
    particulars: Particulars | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete an item, or cancel an occurrence."""

    ref: Ref
    version: Version | None
    occurrence: Occurrence | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring a deleted item back with this content, under its old id where the service can, else under a new one."""

    ref: Ref
    content: EventContent
    seed: str
    stamp: str | None = None
    activity_type: str | None = None
    particulars: Particulars | None = None


Write = Create | Update | Delete | Restore


@dataclass(frozen=True, slots=True)
class Written:
    """Done; the item as the service shows it now. `already` says a create found its item made before."""

    item: ObservedItem
    already: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """Done; the item is gone. Deleting what was gone already counts as done."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Failed:
    """Not done, or, with `RetryLater(outcome_unknown=True)`, perhaps done."""

    error: PortError


@dataclass(frozen=True, slots=True)
class Unsent:
    """Not tried, because an earlier write of the batch met trouble of the whole account."""


Result = Written | Erased | Failed | Unsent


class Writer(Protocol):
    """Writes to one account. Whoever may not write is not handed one (one-way syncs)."""

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; never raises for a write that failed.

        No write ever makes the service notify a guest (S-5).
        """
        ...
