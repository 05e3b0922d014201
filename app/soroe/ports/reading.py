"""What the window and the commands read for display: the same database, read-only, in pages.

Rows hold plain values for people's own eyes; nothing here is ever logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from soroe.core.event import ContainerId, EventContent, ObservedItem, Ref, Side
from soroe.core.finding import Finding
from soroe.core.link import Link
from soroe.core.plan import Why
from soroe.core.route import SyncName

from .store import JournalEntry, RunId, RunRecord, SyncState


class Where(StrEnum):
    """On which side a meeting exists."""

    BOTH = "both"
    CRM = "crm"
    CALENDAR = "calendar"


class SortKey(StrEnum):
    """The columns of Activities that can be sorted."""

    START = "start"
    TITLE = "title"
    TYPE = "type"
    WHERE = "where"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose meetings: those that are in one of these calendars (`inside`), or all the others."""

    calendars: frozenset[ContainerId]
    inside: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of Activities (PD-1). Empty means no filter. `text` is looked for in titles, ignoring case."""

    sync: SyncName | None = None
    types: frozenset[str] = frozenset()
    text: str = ""
    where: Where | None = None
    whys: frozenset[Why] = frozenset()
    whose: Whose | None = None


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting as Activities shows it: a link, or an item that has none. `start` and `end` are UTC.

    `date_only` marks all-day entries, whose start and end are midnight UTC of the dates (end exclusive).
    """

    sync: SyncName
    crm: Ref | None
    calendar: Ref | None
    title: str
    start: datetime
    end: datetime
    date_only: bool
    activity_type: str | None
    private: bool
    why: Why | None

    @property
    def where(self) -> Where:
        """On which side it exists."""
        if self.crm and self.calendar:
            return Where.BOTH
        return Where.CRM if self.crm else Where.CALENDAR


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A slice of the meetings: `total` pass the filters, `hidden` do not."""

    rows: tuple[MeetingRow, ...]
    total: int
    hidden: int


@dataclass(frozen=True, slots=True)
class BothSides:
    """A meeting's two items as last seen (also after they were removed), for the details beside a row."""

    crm: ObservedItem | None
    calendar: ObservedItem | None
    link: Link | None
    why: Why | None


@dataclass(frozen=True, slots=True)
class DeletedItem:
    """Something we deleted, that can be restored for 30 days."""

    sync: SyncName
    change: JournalEntry
    content: EventContent


@dataclass(frozen=True, slots=True)
class DayCount:
    """One bar of the chart on Today."""

    day: str
    synced: int
    failed: int
    held: int


class Reading(Protocol):
    """Read-only questions to the database; safe to ask from the GUI thread (a few milliseconds each)."""

    def syncs(self) -> Sequence[tuple[SyncName, SyncState]]:
        """All syncs that have a state."""
        ...

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        """A page of the meetings."""
        ...

    def both_sides(self, sync: SyncName, side: Side, ref: Ref) -> BothSides:
        """The two items of a meeting, asked by either one's ref."""
        ...

    def findings(self, sync: SyncName | None = None) -> Sequence[tuple[SyncName, Finding]]:
        """All findings that were not dismissed."""
        ...

    def runs(self, offset: int, limit: int) -> Sequence[RunRecord]:
        """The newest runs of all syncs, newest first."""
        ...

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        """The changes of a run."""
        ...

    def deleted_items(self, since: datetime) -> Sequence[DeletedItem]:
        """What was deleted by us since then and not restored, newest first."""
        ...

    def chart(self, days: int, today: str) -> Sequence[DayCount]:
        """Counts for the last days up to `today` (ISO date, UTC), oldest first, a row for every day."""
        ...

    def fact(self, key: str) -> str | None:
        """A small fact (see `Store.fact`)."""
        ...
