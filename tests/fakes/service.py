"""A CRM or a calendar in memory that keeps the port's promises and can be made to fail or lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from soroe.core.event import (
    CRM_LIST,
    ContainerId,
    EventContent,
    Field,
    ItemId,
    ObservedItem,
    Ref,
    Seen,
    Side,
    Tombstone,
    Unreadable,
    Version,
    Window,
)
from soroe.ports.errors import ChangedMeanwhile, CursorExpired, Gone, PortError, ReadOnly, RetryLater
from soroe.ports.remote import (
    ActivityType,
    Capabilities,
    ContainerEntry,
    Create,
    Cursor,
    Delete,
    Erased,
    Failed,
    Identity,
    Page,
    Restore,
    Result,
    Unsent,
    Update,
    Write,
    Written,
)

CALENDAR = ContainerId("primary")

GOOGLE_LIKE = Capabilities(
    Side.CALENDAR,
    conditional_writes=True,
    own_ids=True,
    idempotent_create=True,
    hidden_stamp=True,
    quiet=True,
    tombstones=True,
    restore=True,
    native_recurrence=True,
    batch=50,
)
REST_LIKE = replace(GOOGLE_LIKE, side=Side.CRM, own_ids=False, batch=100)
PIPEDRIVE_LIKE = Capabilities(
    Side.CRM,
    conditional_writes=False,
    own_ids=False,
    idempotent_create=False,
    hidden_stamp=False,
    quiet=True,
    tombstones=True,
    restore=False,
    native_recurrence=False,
)


class Clock:
    """A clock that moves only when it is told to, and a little with every look."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 5, 11, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass
class Lies:
    """How the service's feed is wrong: `empty` and `truncated` listings, tombstones for what lives, expired cursors."""

    empty: bool = False
    truncated: int | None = None
    false_tombstones: list[Ref] = field(default_factory=list)
    expired: bool = False


Fault = Callable[[Write], PortError | None]


class FakeService:
    """One account of a service. Users act through `user_…`; the program through the ports."""

    def __init__(self, capabilities: Capabilities, clock: Clock) -> None:
        self._capabilities = capabilities
        self._clock = clock
        self.container = CALENDAR if capabilities.side is Side.CALENDAR else CRM_LIST
        self.items: dict[Ref, ObservedItem] = {}
        self.trash: dict[Ref, ObservedItem] = {}
        self._log: list[Ref] = []
        self._seeds: dict[str, Ref] = {}
        self._count = 0
        self.lies = Lies()
        self.unreadable: dict[Ref, str] = {}
        self.before_write: Fault | None = None
        self.after_write: Fault | None = None
        self.written: list[Write] = []
        self.requests_sent = 0

    # --- what people do in the service's own pages ---
    def user_creates(self, content: EventContent, **about: object) -> Ref:
        """A person makes an item."""
        ref = self._new_ref()
        self._keep(replace(ObservedItem(ref, None, content, created_at=self._clock()), **about))  # type: ignore[arg-type]  # keywords are fields
        return ref

    def user_changes(self, ref: Ref, **changes: object) -> None:
        """A person changes fields of an item."""
        item = self.items[ref]
        self._keep(replace(item, content=replace(item.content, **changes)))  # type: ignore[arg-type]  # keywords are fields

    def user_deletes(self, ref: Ref) -> None:
        """A person deletes an item."""
        self._erase(ref)

    def contents(self) -> list[EventContent]:
        """All contents, in a fixed order."""
        return [self.items[ref].content for ref in sorted(self.items)]

    # --- the reading port ---
    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def identity(self) -> Identity:
        return Identity(f"{self._capabilities.side}-1", "sato@example.com")

    def containers(self) -> Sequence[ContainerEntry]:
        return [ContainerEntry(self.container, "Calendar", "Asia/Tokyo", primary=True)]

    def activity_types(self) -> Sequence[ActivityType]:
        return [ActivityType("meeting", "Meeting"), ActivityType("call", "Call")]

    def changes(self, container: ContainerId, cursor: Cursor | None, window: Window) -> Iterator[Page]:
        self.requests_sent += 1
        end = Cursor(str(len(self._log)))
        if cursor is None:
            yield from self._listing(container, end, window)
            return
        if self.lies.expired:
            self.lies.expired = False
            raise CursorExpired
        seen: dict[Ref, Seen] = {}
        if not self.lies.empty:
            for ref in self._log[int(cursor) :]:
                seen[ref] = self._told(ref)
        for ref in self.lies.false_tombstones:
            seen[ref] = Tombstone(ref)
        yield Page(tuple(seen.values()), end)

    def _listing(self, container: ContainerId, end: Cursor, window: Window) -> Iterator[Page]:
        refs = [
            ref
            for ref, item in sorted(self.items.items())
            if ref.container == container and (item.content.recurrence or window.holds(item.content.when))
        ]
        if self.lies.empty:
            refs = []
        elif self.lies.truncated is not None:
            refs = refs[: self.lies.truncated]
        half = len(refs) // 2
        yield Page(tuple(self._told(ref) for ref in refs[:half]))
        yield Page(tuple(self._told(ref) for ref in refs[half:]), end)

    def _told(self, ref: Ref) -> Seen:
        if ref in self.unreadable:
            return Unreadable(ref, self.unreadable[ref], "wrong type")
        return self.items.get(ref) or Tombstone(ref)

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        self.requests_sent += 1
        if ref in self.unreadable:
            return Unreadable(ref, self.unreadable[ref], "wrong type")
        return self.items.get(ref) or Tombstone(ref)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        self.requests_sent += 1
        made = self._seeds.get(create.seed)
        if self._capabilities.safe_create:
            return [self.items[made]] if made in self.items and made is not None else []
        wanted = (create.content.title, create.content.when)
        return [item for _, item in sorted(self.items.items()) if (item.content.title, item.content.when) == wanted]

    # --- the writing port ---
    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        results: list[Result] = []
        stopped = False
        for write in batch:
            if stopped:
                results.append(Unsent())
                continue
            results.append(self._one(write))
            last = results[-1]
            stopped = isinstance(last, Failed) and isinstance(last.error, RetryLater)
        return results

    def _one(self, write: Write) -> Result:
        self.requests_sent += 1
        error = self.before_write(write) if self.before_write else None
        if error is not None:
            return Failed(error)
        try:
            result = self._carry_out(write)
        except PortError as refusal:
            return Failed(refusal)
        self.written.append(write)
        lost = self.after_write(write) if self.after_write else None
        return Failed(lost) if lost is not None else result

    def _carry_out(self, write: Write) -> Result:
        match write:
            case Create():
                return self._create(write)
            case Update():
                item = self._current(write.ref, write.version)
                if item.read_only is not None:
                    raise ReadOnly(item.read_only.value)
                values = {name.value: write.content.get(name) for name in write.fields}
                content = replace(item.content, **values)  # type: ignore[arg-type]  # fields of the same class
                return Written(self._keep(replace(item, content=content, stamp=write.stamp or item.stamp)))
            case Delete():
                if write.ref in self.items:
                    self._current(write.ref, write.version)
                    self._erase(write.ref)
                return Erased(write.ref)
            case Restore():
                old = self.trash.pop(write.ref, None)
                if old is None:
                    raise Gone
                return Written(self._keep(replace(old, content=write.content, stamp=write.stamp)))

    def _create(self, write: Create) -> Result:
        made = self._seeds.get(write.seed) if self._capabilities.safe_create else None
        if made is not None:
            if made in self.items:
                return Written(self.items[made], already=True)
            return Written(self._keep(replace(self.trash.pop(made), content=write.content, stamp=write.stamp)))
        ref = self._new_ref()
        self._seeds[write.seed] = ref
        stamp = write.stamp if self._capabilities.hidden_stamp else None
        made_item = ObservedItem(
            ref,
            None,
            write.content,
            created_at=self._clock(),
            stamp=stamp,
            activity_type=write.activity_type or ("meeting" if self._capabilities.side is Side.CRM else None),
        )
        return Written(self._keep(made_item))

    def _current(self, ref: Ref, version: Version | None) -> ObservedItem:
        item = self.items.get(ref)
        if item is None:
            raise Gone
        if version is not None and item.version != version:
            raise ChangedMeanwhile
        return item

    def _new_ref(self) -> Ref:
        self._count += 1
        return Ref(self.container, ItemId(f"{self._capabilities.side}{self._count:04}"))

    def _keep(self, item: ObservedItem) -> ObservedItem:
        self._count += 1
        kept = replace(item, version=Version(str(self._count)), changed_at=self._clock())
        self.items[item.ref] = kept
        self._log.append(item.ref)
        return kept

    def _erase(self, ref: Ref) -> None:
        self.trash[ref] = self.items.pop(ref)
        self._log.append(ref)


def changed_fields(write: Write) -> tuple[Field, ...]:
    """The fields a write touches."""
    return write.fields if isinstance(write, Update) else ()
