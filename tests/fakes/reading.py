"""What the window reads, from lists in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding
from soroe.core.route import SyncName
from soroe.ports.reading import BothSides, DayCount, DeletedItem, Filters, MeetingPage, MeetingRow, SortKey, Whose
from soroe.ports.store import JournalEntry, RunId, RunRecord, SyncState


@dataclass
class FakeReading:
    """Answers like the database does; `asked` counts the pages of meetings that were read."""

    states: list[tuple[SyncName, SyncState]] = field(default_factory=list)
    rows: list[MeetingRow] = field(default_factory=list)
    sides: dict[tuple[Side, Ref], BothSides] = field(default_factory=dict)
    found: list[tuple[SyncName, Finding]] = field(default_factory=list)
    records: list[RunRecord] = field(default_factory=list)
    journal: dict[RunId, list[JournalEntry]] = field(default_factory=dict)
    deleted: list[DeletedItem] = field(default_factory=list)
    days: dict[str, DayCount] = field(default_factory=dict)
    asked: int = 0

    def syncs(self) -> Sequence[tuple[SyncName, SyncState]]:
        return self.states

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        self.asked += 1
        passing = [row for row in self.rows if _passes(row, filters)]
        ordered = sorted(passing, key=lambda row: _key(row, sort), reverse=descending)
        return MeetingPage(tuple(ordered[offset : offset + limit]), len(passing), len(self.rows) - len(passing))

    def both_sides(self, sync: SyncName, side: Side, ref: Ref) -> BothSides:
        return self.sides.get((side, ref), BothSides(None, None, None, None))

    def findings(self, sync: SyncName | None = None) -> Sequence[tuple[SyncName, Finding]]:
        return [pair for pair in self.found if sync in {None, pair[0]}]

    def runs(self, offset: int, limit: int) -> Sequence[RunRecord]:
        newest_first = sorted(self.records, key=lambda run: run.started, reverse=True)
        return newest_first[offset : offset + limit]

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        return self.journal.get(run, [])

    def deleted_items(self, since: datetime) -> Sequence[DeletedItem]:
        return [item for item in self.deleted if item.change.at >= since]

    def chart(self, days: int, today: str) -> Sequence[DayCount]:
        last = date.fromisoformat(today)
        names = [(last - timedelta(days=back)).isoformat() for back in reversed(range(days))]
        return [self.days.get(name, DayCount(name, 0, 0, 0)) for name in names]

    def fact(self, key: str) -> str | None:
        return None


def _passes(row: MeetingRow, filters: Filters) -> bool:
    return (
        filters.sync in {None, row.sync}
        and (not filters.types or row.activity_type in filters.types)
        and filters.text.lower() in row.title.lower()
        and filters.where in {None, row.where}
        and (not filters.whys or row.why in filters.whys)
        and _is_of(row, filters.whose)
    )


def _is_of(row: MeetingRow, whose: Whose | None) -> bool:
    if whose is None:
        return True
    return (row.calendar is not None and row.calendar.container in whose.calendars) is whose.inside


def _key(row: MeetingRow, sort: SortKey) -> tuple[str, datetime]:
    names = {SortKey.TITLE: row.title, SortKey.TYPE: row.activity_type or "", SortKey.WHERE: row.where.value}
    return names.get(sort, ""), row.start
