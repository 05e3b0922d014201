"""A CRM or a calendar in memory that keeps the port's promises and can be made to fail or lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from soroe.core.event import (
    CRM_LIST,
    ContainerId,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    Ref,
    Seen,
    Side,
    Tombstone,
    Unreadable,
    Version,
    Window,
    occurrence_id,
)
from soroe.core.stamp import token
from soroe.ports.errors import ACCOUNT_TROUBLE, ChangedMeanwhile, CursorExpired, Gone, ItemRejected, PortError, ReadOnly
from soroe.ports.remote import (
    NOTHING_KNOWN,
    ActivityType,
    Capabilities,
    ContainerEntry,
    Create,
    Cursor,
    Delete,
    Erased,
    Failed,
    Identity,
    KnownVersions,
    Page,
    Restore,
    Result,
    Unsent,
    Update,
    Write,
    Written,
)

from .capabilities import GOOGLE_LIKE as GOOGLE_LIKE
from .capabilities import PIPEDRIVE_LIKE as PIPEDRIVE_LIKE
from .capabilities import REST_LIKE as REST_LIKE
from .clock import Clock as Clock
from .lies import Lies
from .pages import in_pages
from .series import found_in

CALENDAR = ContainerId("primary")
SECOND_CALENDAR = ContainerId("team")

Fault = Callable[[Write], PortError | None]


class FakeService:
    """One account of a service. Users act through `user_…`; the program through the ports.

    `before_write` and `after_write` may return an error (the answer is lost, where it comes after), or let other things
    happen at that moment. Where writes are not conditional, the item is looked at before `before_write`, and written
    after it: what happens in between is overwritten, as it would be. `employees`, if set, are the only guests it takes.
    """

    def __init__(
        self, capabilities: Capabilities, clock: Clock, containers: tuple[ContainerId, ...] | None = None
    ) -> None:
        self._capabilities = capabilities
        self.clock = clock
        default = CALENDAR if capabilities.side is Side.CALENDAR else CRM_LIST
        self.all_containers = containers or (default,)
        self.container = self.all_containers[0]
        self.items: dict[Ref, ObservedItem] = {}
        self.trash: dict[Ref, ObservedItem] = {}
        self.cancelled: dict[Ref, Occurrence] = {}
        self._log: list[Ref] = []
        self._seeds: dict[tuple[ContainerId, str], ObservedItem] = {}
        self.employees: frozenset[str] | None = None
        self.reads_back = False
        self._count = 0
        self.lies = Lies()
        self.unreadable: dict[Ref, str] = {}
        self.before_write: Fault | None = None
        self.after_write: Fault | None = None
        self.written: list[Write] = []
        self.handed: list[int] = []  # how many writes each call of `write` was given
        self.requests_sent = 0

    # --- what people do in the service's own pages ---
    def user_creates(self, content: EventContent, **about: object) -> Ref:
        """A person makes an item."""
        ref = self._new_ref()
        self._keep(replace(ObservedItem(ref, None, content, created_at=self.clock()), **about))  # type: ignore[arg-type]  # keywords are fields
        return ref

    def user_invited(self, ref: Ref, content: EventContent, occurrence: Occurrence | None = None) -> None:
        """Somebody else invites: to a meeting, or to one occurrence of a series that the user cannot see."""
        self._keep(ObservedItem(ref, None, content, created_at=self.clock(), occurrence=occurrence))

    def user_changes(self, ref: Ref, **changes: object) -> None:
        """A person changes fields of an item; an occurrence of a series becomes an exception."""
        item = self.items.get(ref) or self._occurrence(ref)
        assert item is not None, f"nobody can change {ref.id}: it is not there"
        self._keep(replace(item, content=replace(item.content, **changes)))  # type: ignore[arg-type]  # keywords are fields

    def user_learns(self, ref: Ref, particulars: Particulars) -> None:
        """A person chooses another customer, deal or building of an activity."""
        self._keep(replace(self.items[ref], particulars=particulars))

    def user_deletes(self, ref: Ref) -> None:
        """A person deletes an item, or cancels an occurrence."""
        self._erase(ref)

    def user_copies(self, ref: Ref, **changes: object) -> Ref:
        """A person copies an item; whatever is hidden on it comes along."""
        copy = self._new_ref()
        original = self.items[ref]
        content = replace(original.content, **changes)  # type: ignore[arg-type]  # keywords are fields
        self._keep(replace(original, ref=copy, content=content, created_at=self.clock()))
        return copy

    def user_moves(self, ref: Ref, container: ContainerId) -> Ref:
        """A person moves an item, with its exceptions, to another calendar; the id stays."""
        moved = Ref(container, ref.id)
        for old in [ref, *self._exceptions(ref)]:
            item = self.items.pop(old)
            self._log.append(old)
            self._keep(replace(item, ref=Ref(container, old.id)))
        for old in [old for old, occurrence in self.cancelled.items() if Ref(old.container, occurrence.series) == ref]:
            self.cancelled[Ref(container, old.id)] = self.cancelled.pop(old)
            self._log.append(Ref(container, old.id))
        return moved

    def contents(self) -> list[EventContent]:
        """All contents, in a fixed order."""
        return [self.items[ref].content for ref in sorted(self.items)]

    def shown(self, first: date, last: date) -> list[ObservedItem]:
        """Every meeting as its user sees it between two days: single items, occurrences, exceptions."""
        found = [item for _, item in sorted(self.items.items()) if item.content.recurrence is None]
        for ref, master in sorted(self.items.items()):
            if master.content.recurrence is not None:
                for occurrence, at in found_in(master, Window(first, last)):
                    own = Ref(ref.container, occurrence_id(ref.id, occurrence.original_start))
                    if own not in self.items and own not in self.cancelled:
                        content = replace(master.content, when=at, recurrence=None)
                        found.append(replace(master, ref=own, content=content, occurrence=occurrence))
        return found

    def made_by(self, seed: str) -> Ref | None:
        """What the program made last with a seed."""
        made = next((item for (_, known), item in self._seeds.items() if known == seed), None)
        return made.ref if made is not None else None

    # --- the reading port ---
    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def identity(self) -> Identity:
        return Identity(f"{self._capabilities.side}-1", "sato@example.com")

    def containers(self) -> Sequence[ContainerEntry]:
        return [ContainerEntry(container, "Calendar", "Asia/Tokyo") for container in self.all_containers]

    def activity_types(self) -> Sequence[ActivityType]:
        return [ActivityType("meeting", "Meeting"), ActivityType("call", "Call")]

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        self.requests_sent += 1
        end = Cursor(str(len(self._log)))
        if cursor is None:
            return in_pages(self._listed(container, window), end, known)
        if self.lies.expired or not cursor.isdecimal():
            self.lies.expired = False
            raise CursorExpired
        changed = dict.fromkeys(ref for ref in self._log[int(cursor) :] if ref.container == container)
        seen = [] if self.lies.empty else [self._told(ref) for ref in changed]
        lies = [Tombstone(ref) for ref in self.lies.false_tombstones if ref.container == container]
        return in_pages([*seen, *lies], end, known)

    def _listed(self, container: ContainerId, window: Window) -> list[Seen]:
        refs = [
            ref
            for ref, item in sorted(self.items.items())
            if ref.container == container
            and (item.content.recurrence or item.occurrence or window.holds(item.content.when))
        ]
        refs += [ref for ref in sorted(self.cancelled) if ref.container == container]
        if self.lies.empty:
            refs = []
        elif self.lies.truncated is not None:
            refs = refs[: self.lies.truncated]
        return [self._told(ref) for ref in refs]

    def _told(self, ref: Ref) -> Seen:
        if ref in self.unreadable:
            return Unreadable(ref, self.unreadable[ref], "wrong type")
        return self.items.get(ref) or Tombstone(ref, occurrence=self.cancelled.get(ref))

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        self.requests_sent += 1
        told = self._told(ref)
        return told if isinstance(told, ObservedItem | Unreadable) else self._occurrence(ref) or told

    def find(self, create: Create) -> Sequence[ObservedItem]:
        self.requests_sent += 1
        if create.occurrence is not None:
            ref = Ref(create.container, occurrence_id(create.occurrence.series, create.occurrence.original_start))
            there = self.items.get(ref) or self._occurrence(ref)
            return [there] if there is not None else []
        items = [item for ref, item in sorted(self.items.items()) if ref.container == create.container]
        if self._capabilities.safe_create:
            made = self._seeds.get((create.container, create.seed))
            return [item for item in items if made is not None and item.ref == made.ref]
        wanted = (create.content.title, create.content.when)
        return [item for item in items if (item.content.title, item.content.when) == wanted]

    # --- the writing port ---
    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        results: list[Result] = []
        stopped = False
        self.handed.append(len(batch))
        for write in batch:
            too_late = isinstance(write, Create) and write.until is not None and self.clock() >= write.until
            results.append(Unsent() if stopped or too_late else self._one(write))
            last = results[-1]
            stopped = stopped or (isinstance(last, Failed) and isinstance(last.error, ACCOUNT_TROUBLE))
        return results

    def _one(self, write: Write) -> Result:
        self.requests_sent += 1
        try:
            if not self._capabilities.conditional_writes:
                self._check(write)
            error = self.before_write(write) if self.before_write else None
            if error is not None:
                return Failed(error)
            if self._capabilities.conditional_writes:
                self._check(write)
            result = self._carry_out(write)
        except PortError as refusal:
            return Failed(refusal)
        self.written.append(write)
        lost = self.after_write(write) if self.after_write else None
        if self.reads_back and isinstance(result, Written):
            result = replace(result, item=self.items[result.item.ref])
        return Failed(lost) if lost is not None else result

    def _check(self, write: Write) -> None:
        """Refuse a write that was decided on another state of the item."""
        if isinstance(write, Update | Delete):
            item = self.items.get(write.ref)
            if write.version is not None and item is not None and item.version != write.version:
                raise ChangedMeanwhile

    def _carry_out(self, write: Write) -> Result:
        match write:
            case Create():
                return self._create(write)
            case Update():
                return self._update(write)
            case Delete():
                item = self.items.get(write.ref) or self._occurrence(write.ref)
                if item is not None:
                    if item.read_only is not None:
                        raise ReadOnly(item.read_only.value)
                    self._erase(write.ref)
                return Erased(write.ref)
            case Restore():
                old = self.items.get(write.ref)
                if old is None and self._capabilities.restore:
                    old = self.trash.pop(write.ref, None)
                if old is None:
                    made = Create(write.ref.container, write.content, write.seed, write.stamp, write.activity_type)
                    return self._create(made)
                held = write.particulars or old.particulars
                back = replace(old, content=write.content, stamp=self._hidden(write.stamp), particulars=held)
                return Written(self._keep(back))

    def _update(self, write: Update) -> Result:
        item = self.items.get(write.ref) or self._occurrence(write.ref)
        if item is None:
            raise Gone
        if item.read_only is not None:
            raise ReadOnly(item.read_only.value)
        if not self._capabilities.native_recurrence and Field.RECURRENCE in write.fields:
            raise ItemRejected("no_series", "recurrence")
        values = {name.value: write.content.get(name) for name in write.fields}
        content = replace(item.content, **values)  # type: ignore[arg-type]  # fields of the same class
        stamp = self._hidden(write.stamp) or item.stamp
        if Field.GUESTS in write.fields and self.employees is not None:
            content = replace(content, guests=self._known(content.guests))
        place = write.particulars or item.particulars
        if (content, stamp, place) == (item.content, item.stamp, item.particulars) and write.ref in self.items:
            return Written(item)
        return Written(self._keep(replace(item, content=content, stamp=stamp, particulars=place)))

    def _known(self, guests: tuple[Guest, ...]) -> tuple[Guest, ...]:
        """The guests whom this CRM knows; the others are left out."""
        return tuple(guest for guest in guests if self.employees is None or guest.email in self.employees)

    def _create(self, write: Create) -> Result:
        if write.occurrence is not None:
            return self._except(write, write.occurrence)
        if write.content.recurrence is not None and not self._capabilities.native_recurrence:
            raise ItemRejected("no_series", "recurrence")
        first = self._seeds.get((write.container, write.seed)) if self._capabilities.safe_create else None
        if first is not None and first.ref in self.items:
            return Written(self.items[first.ref], already=True)
        if first is not None and not self._capabilities.own_ids:
            return Written(first, already=True)  # the first answer is repeated, whatever became of the item since
        ref = first.ref if first is not None else self._new_ref(write.seed, write.container)
        kind = write.activity_type or ("meeting" if self._capabilities.side is Side.CRM else None)
        stamp = self._hidden(write.stamp)
        content = replace(write.content, guests=self._known(write.content.guests))
        made = ObservedItem(
            ref, None, content, created_at=self.clock(), stamp=stamp, activity_type=kind, particulars=write.particulars
        )
        self._seeds[write.container, write.seed] = self._keep(made)
        return Written(self.items[ref])

    def _except(self, write: Create, occurrence: Occurrence) -> Result:
        ref = Ref(write.container, occurrence_id(occurrence.series, occurrence.original_start))
        if ref in self.items:
            return Written(self.items[ref], already=True)
        self.cancelled.pop(ref, None)
        base = self._occurrence(ref)
        if base is None:
            raise Gone
        return Written(self._keep(replace(base, content=replace(write.content, recurrence=None), stamp=None)))

    # --- what the service holds ---
    def _hidden(self, stamp: str | None) -> str | None:
        return stamp if self._capabilities.hidden_stamp else None

    def _occurrence(self, ref: Ref) -> ObservedItem | None:
        """An occurrence that is not an exception, by its id; None when the series has none at that time."""
        series, mark, _ = ref.id.rpartition("#")
        master = self.items.get(Ref(ref.container, ItemId(series))) if mark else None
        if master is None or ref in self.cancelled:
            return None
        for occurrence, at in found_in(master, None):
            if occurrence_id(occurrence.series, occurrence.original_start) == ref.id:
                content = replace(master.content, when=at, recurrence=None)
                return replace(master, ref=ref, content=content, occurrence=occurrence, stamp=None, version=None)
        return None

    def _exceptions(self, series: Ref) -> list[Ref]:
        return [
            ref
            for ref, item in self.items.items()
            if item.occurrence is not None and Ref(ref.container, item.occurrence.series) == series
        ]

    def _new_ref(self, seed: str | None = None, container: ContainerId | None = None) -> Ref:
        self._count += 1
        own = f"own-{token(seed, 8)}" if seed and self._capabilities.own_ids else None
        return Ref(container or self.container, ItemId(own or f"{self._capabilities.side}{self._count:04}"))

    def _keep(self, item: ObservedItem) -> ObservedItem:
        self._count += 1
        kept = replace(item, version=Version(str(self._count)), changed_at=self.clock())
        self.items[item.ref] = kept
        self.trash.pop(item.ref, None)
        self._log.append(item.ref)
        if item.content.recurrence is not None:
            self._drop_strays(kept)
        return kept

    def _drop_strays(self, master: ObservedItem) -> None:
        """Exceptions of a series whose days or times moved away from under them are gone."""
        starts = {occurrence for occurrence, _ in found_in(master, None)}
        for ref in self._exceptions(master.ref):
            if self.items[ref].occurrence not in starts:
                self.items.pop(ref)
                self._log.append(ref)

    def _erase(self, ref: Ref) -> None:
        item = self.items.pop(ref, None) or self._occurrence(ref)
        assert item is not None, f"nobody can delete {ref.id}: it is not there"
        if item.occurrence is not None:
            self.cancelled[ref] = item.occurrence
        else:
            self.trash[ref] = item
            for exception in self._exceptions(ref):
                self.items.pop(exception)
            for own in [own for own, gone in self.cancelled.items() if Ref(own.container, gone.series) == ref]:
                self.cancelled.pop(own)
        self._log.append(ref)
