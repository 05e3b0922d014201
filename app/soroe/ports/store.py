"""What a sync keeps on disk: the observed trees, the links, the journal, findings and choices.

The database is a cache of the truth (S-2): losing it loses nothing. Everything here raises `LocalTrouble` when the disk
or the key is the trouble. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from soroe.core.event import (
    ContainerId,
    EventContent,
    ItemId,
    ObservedItem,
    Presence,
    Ref,
    Removed,
    Seen,
    Side,
    Version,
)
from soroe.core.finding import Finding, FindingAction, FindingId
from soroe.core.link import Link
from soroe.core.plan import Verb, Why
from soroe.core.route import SyncName

from .journal import ChangeId as ChangeId
from .journal import ChangeState as ChangeState
from .journal import Done as Done
from .journal import JournalEntry as JournalEntry
from .journal import RunId as RunId
from .journal import RunKind as RunKind
from .journal import RunRecord as RunRecord
from .kept import Candidate as Candidate
from .kept import Entry as Entry
from .kept import Known as Known
from .remote import Cursor


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about one item, kept until it is used or taken back."""

    action: FindingAction
    at: datetime


class SyncStatus(StrEnum):
    """Whether a sync runs: nothing moves before it was started once."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where a sync stands. `allowed` is the guard's question that the user has said yes to (its fingerprint). `joined`
    is when this database took up a sync that had been at work before; None where it began it."""

    status: SyncStatus = SyncStatus.STOPPED
    started: datetime | None = None
    paused_until: datetime | None = None
    last_run: datetime | None = None
    last_change: datetime | None = None
    held_for: str = ""
    allowed: str = ""
    window_day: str = ""
    settings: str = ""
    joined: datetime | None = None


class SyncStore(Protocol):
    """All that is kept for one sync. Used from one thread at a time."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing of what happens inside is on disk afterwards, or waits for `save`; may be nested."""
        ...

    def gathering(self) -> AbstractContextManager[None]:
        """Transactions inside come on disk together: at the next `save`, or at the end. Not to be nested.

        Nobody else can write from the first of them on: what takes long begins with `save`. One that fails takes along
        those that wait to be saved, as if the program had ended before them.
        """
        ...

    def save(self) -> None:
        """Put on disk what was gathered; in the middle of a transaction, to call this is a defect."""
        ...

    def state(self) -> SyncState:
        """Where this sync stands; the default state when it was never saved."""
        ...

    def save_state(self, state: SyncState) -> None:
        """Keep the state."""
        ...

    def cursor(self, side: Side, container: ContainerId) -> Cursor | None:
        """Where the next reading goes on."""
        ...

    def set_cursor(self, side: Side, container: ContainerId, cursor: Cursor | None) -> None:
        """Keep, or with None drop, the cursor."""
        ...

    # --- the observed trees ---
    def item(self, side: Side, ref: Ref) -> Presence:
        """What the tree says of an item."""
        ...

    def read_ahead(self, side: Side, refs: Iterable[Ref]) -> None:
        """These items are going to be asked for one by one (`item`): reading them at once is much less work."""
        ...

    def known(self, side: Side, refs: Iterable[Ref]) -> dict[Ref, Known]:
        """The versions of those items that the tree has."""
        ...

    def versions(self, side: Side, container: ContainerId) -> dict[ItemId, Version]:
        """The versions of all items that the tree says are there, where they have one."""
        ...

    def refs(self, side: Side, container: ContainerId) -> Iterable[ItemId]:
        """The ids of all items that the tree says are there, in a fixed order, read in pages as they are asked for."""
        ...

    def put(self, side: Side, entries: Iterable[Entry]) -> None:
        """Keep items as they are now."""
        ...

    def restamp(self, side: Side, items: Iterable[ObservedItem]) -> None:
        """Keep items that are in the tree and look as they do there, with another version, stamp and time of change."""
        ...

    def set_keys(self, side: Side, keys: Sequence[tuple[Ref, bytes]]) -> None:
        """Items that are in the tree are compared by these keys from now on; nothing else about them changes."""
        ...

    def mark_removed(self, side: Side, removed: Iterable[Removed]) -> None:
        """Keep that items are gone, by which witness, and ask for them to be reconciled; the content stays readable.

        Items the tree never had are ignored.
        """
        ...

    def last_content(self, side: Side, ref: Ref) -> EventContent | None:
        """The content an item was last seen with, also after it was removed."""
        ...

    def forget(self, side: Side, refs: Iterable[Ref]) -> None:
        """Drop items from the tree."""
        ...

    def same_key(self, match_key: bytes) -> Sequence[Candidate]:
        """The items present on either side with this key, in the order of their refs."""
        ...

    def is_alone(self, side: Side, ref: Ref, match_key: bytes) -> bool:
        """Whether `dirty` has found this item to be the only one with its key; False where nobody knows."""
        ...

    def stamped(self, side: Side, prefix: str) -> Sequence[ObservedItem]:
        """The items present whose stamp begins with this text."""
        ...

    def has_stamps(self, side: Side) -> bool:
        """Whether items present on a side may bear a stamp or a claim; False is sure."""
        ...

    # --- series as the feed tells them: master, exceptions, cancelled occurrences ---
    def series_parts(self, side: Side, series: Ref) -> Sequence[Seen]:
        """Master and exceptions of one series as they were last told."""
        ...

    def put_series_part(self, side: Side, series: Ref, part: Seen) -> None:
        """Keep one part; a `Tombstone` without occurrence for the series itself drops all parts."""
        ...

    def series_members(self, side: Side, series: Ref) -> set[ItemId]:
        """The ids of the items in the tree (present or removed) that are occurrences of this series."""
        ...

    def all_series(self, side: Side) -> Sequence[Ref]:
        """All series of a side."""
        ...

    # --- what needs reconciling ---
    def dirty(self, limit: int) -> Sequence[tuple[Side, Ref]]:
        """Items whose observation changed since they were last reconciled, in the order of their refs."""
        ...

    def dirty_and_gone(self, side: Side) -> Sequence[Ref]:
        """Those of `dirty` that are gone from a side, in the order of their refs."""
        ...

    def mark_dirty(self, side: Side, refs: Iterable[Ref]) -> None:
        """Ask for these items to be reconciled."""
        ...

    def wake_lookalikes(self, side: Side, looks: Sequence[tuple[Ref, bytes]]) -> None:
        """Ask for the items to be reconciled that are present with the key of one of these, and not linked, but not
        for the one itself."""
        ...

    def mark_all_dirty(self) -> None:
        """Ask for everything to be reconciled (settings changed, rebuild)."""
        ...

    def settle(self, items: Iterable[tuple[Side, Ref, Why]]) -> None:
        """These items are reconciled, and this is why they stand as they do."""
        ...

    def why(self, side: Side, ref: Ref) -> Why | None:
        """What was last settled for an item."""
        ...

    # --- links ---
    def link(self, side: Side, ref: Ref) -> Link | None:
        """The link of an item."""
        ...

    def links(self) -> Iterable[Link]:
        """All links, in the order of their CRM refs."""
        ...

    def link_count(self) -> int:
        """How many links there are."""
        ...

    def save_link(self, link: Link) -> None:
        """Keep a link; it replaces any other link of either item."""
        ...

    def save_links(self, links: Sequence[Link]) -> None:
        """Keep many links, no two of one item; much less work than one by one."""
        ...

    def drop_link(self, link: Link) -> None:
        """Forget a link."""
        ...

    # --- journal and history ---
    def begin_run(self, kind: RunKind, at: datetime) -> RunId:
        """Open a run."""
        ...

    def finish_run(self, record: RunRecord) -> None:
        """Close a run with its counts; a run that did nothing and met nothing is dropped from History."""
        ...

    def leave_run(self, run: RunId) -> None:
        """A run is over, also where its end could not be written: nothing is answered from what it saw any more."""
        ...

    def intend(self, entries: Sequence[JournalEntry]) -> Sequence[ChangeId]:
        """Write down what is about to be done, before it is done."""
        ...

    def conclude(
        self,
        change: ChangeId,
        state: ChangeState,
        *,
        target: Ref | None = None,
        after: EventContent | None = None,
        error: str = "",
    ) -> None:
        """Write down what became of it."""
        ...

    def conclude_all(self, done: Sequence[Done]) -> None:
        """Write down that many changes were carried out; much less work than one by one."""
        ...

    def open_changes(self) -> Sequence[JournalEntry]:
        """Changes that were intended and never concluded: a crash stood in between."""
        ...

    def run(self, run: RunId) -> RunRecord | None:
        """One run."""
        ...

    def runs(self, limit: int) -> Sequence[RunRecord]:
        """The newest runs, newest first."""
        ...

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        """The changes of a run, in the order they were made."""
        ...

    def last_change_of(self, side: Side, ref: Ref, verb: Verb | None = None) -> JournalEntry | None:
        """The newest concluded change of an item."""
        ...

    def was_made_anew(self, change: ChangeId) -> bool:
        """Whether another item was made since in the stead of the one that this change deleted."""
        ...

    def rewrites(self, side: Side, refs: Sequence[Ref], since: datetime) -> Sequence[int]:
        """How often we updated each of these items since then."""
        ...

    def may_have_rewritten(self, side: Side, refs: Sequence[Ref], times: int, since: datetime) -> Sequence[bool]:
        """Whether we may have updated each of these items so many times since then; False is sure.

        It takes no longer for an item with a long history, as `rewrites` does.
        """
        ...

    def mark_undone(self, run: RunId) -> None:
        """Remember that a run was taken back."""
        ...

    def prune(self, before: datetime) -> None:
        """Drop runs and changes that finished before then."""
        ...

    # --- findings and what people decided ---
    def set_findings(self, items: Sequence[tuple[Side, Ref]], findings: Sequence[Finding]) -> None:
        """Replace all findings about these items (as `crm` or `calendar` of the finding) by these."""
        ...

    def set_sync_findings(self, findings: Sequence[Finding]) -> None:
        """Replace the findings about the sync as a whole (those without an item) by these."""
        ...

    def findings(self) -> Sequence[Finding]:
        """All findings that were not dismissed, ordered by kind and id."""
        ...

    def finding_count(self) -> int:
        """How many findings there are that were not dismissed."""
        ...

    def dismiss(self, finding: FindingId, at: datetime) -> None:
        """Hide a finding for good."""
        ...

    def is_dismissed(self, finding: FindingId) -> bool:
        """Whether it was hidden for good."""
        ...

    def undismiss(self, finding: FindingId) -> None:
        """Show it again."""
        ...

    def choice(self, side: Side, ref: Ref) -> Choice | None:
        """What a person decided about an item."""
        ...

    def has_item_findings(self) -> bool:
        """Whether there is a finding about any item at all."""
        ...

    def has_choices(self) -> bool:
        """Whether a person has decided about any item at all."""
        ...

    def choose(self, side: Side, ref: Ref, choice: Choice | None) -> None:
        """Keep, or with None drop, a decision about an item."""
        ...

    def wipe(self) -> None:
        """Drop trees, links, cursors and findings of this sync; choices, dismissals and History stay (PD-5)."""
        ...


class Store(Protocol):
    """The database of one user."""

    def sync(self, name: SyncName) -> SyncStore:
        """What is kept for one sync."""
        ...

    def fact(self, key: str) -> str | None:
        """A small fact about an account or the program (an account's identity, its health), by key."""
        ...

    def set_fact(self, key: str, value: str | None) -> None:
        """Keep, or with None drop, a fact."""
        ...

    def remove_sync(self, name: SyncName) -> None:
        """Drop everything kept for a sync."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
