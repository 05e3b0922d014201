"""The meetings as Activities lists them: one row for a link or for an item that has none, found in one small index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from soroe.core.event import AllDay, ContainerId, ItemId, ObservedItem, Ref, Side, Visibility, bounds_utc
from soroe.core.route import SyncName
from soroe.ports.reading import Filters, MeetingPage, MeetingRow, SortKey, Where

from .connection import Database, Row
from .content_codec import from_text, to_text
from .items import ITEM_COLUMNS, fold, observed
from .trees import Words

_SHOWN = {Where.BOTH: 1, Where.CRM: 2, Where.CALENDAR: 3}
_TITLE = "coalesce(i.title_key, lower(i.title))"
_ORDER = {
    SortKey.START: ("i.start", "i.id"),
    SortKey.TITLE: (_TITLE, "i.start", "i.id"),
    SortKey.TYPE: ("i.type", "i.start", "i.id"),
    SortKey.WHERE: ("i.shown", "i.start", "i.id"),
}
_TABLE = "item AS i INDEXED BY item_shown"
_MEETING = f"""
SELECT {ITEM_COLUMNS}, i.why, p.id, p.tree, p.ref, p.version, p.type, p.title, p.body
FROM item AS i LEFT JOIN link AS a ON a.crm = i.id LEFT JOIN link AS b ON b.calendar = i.id
LEFT JOIN item AS p ON p.id = coalesce(a.calendar, b.crm) WHERE i.id = ?
"""  # noqa: S608 - constants, no input


@dataclass(frozen=True, slots=True)
class Place:
    """What a tree's number stands for, among all syncs."""

    sync: SyncName
    side: Side
    container: ContainerId


class Meetings:
    """Pages of the meetings of all syncs."""

    def __init__(self, database: Database, words: Words) -> None:
        self._database = database
        self._words = words

    def page(
        self, places: Mapping[int, Place], filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int
    ) -> MeetingPage:
        """A page of the meetings, in a total order: equal ones by start, then in the order they were first seen."""
        which, values = self._conditions(places, filters)
        direction = "DESC" if descending else "ASC"
        order = ", ".join(f"{column} {direction}" for column in _ORDER[sort])
        ids = self._database.rows(
            f"SELECT i.id FROM {_TABLE} WHERE {which} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608 - constants
            (*values, limit, offset),
        )
        everything = self._count("i.shown > 0", [])
        total = self._count(which, values) if values else everything
        rows = tuple(self._row(row, places) for row in self._database.rows_of_each(_MEETING, ids))
        return MeetingPage(rows, total, everything - total)

    def _count(self, which: str, values: list[Any]) -> int:
        row = self._database.row(f"SELECT count(*) FROM {_TABLE} WHERE {which}", values)  # noqa: S608 - constants
        return int(row[0]) if row else 0

    def _conditions(self, places: Mapping[int, Place], filters: Filters) -> tuple[str, list[Any]]:
        terms, values = ["i.shown > 0"], list[Any]()

        def among(column: str, wanted: list[Any]) -> None:
            terms.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)

        if filters.sync is not None:
            among("i.tree", [tree for tree, place in places.items() if place.sync == filters.sync] or [0])
        if filters.types:
            among("i.type", [to_text(key) for key in sorted(filters.types)])
        if filters.where is not None:
            among("i.shown", [_SHOWN[filters.where]])
        if filters.whys:
            among("i.why", self._words.numbers(filters.whys) or [0])
        if filters.text:
            terms.append(f"instr({_TITLE}, ?) > 0")
            values.append(fold(filters.text))
        return " AND ".join(terms), values

    def _row(self, row: Row, places: Mapping[int, Place]) -> MeetingRow:
        lead = _Shown(places[row[1]], row[:7])
        partner = _Shown(places[row[9]], row[8:]) if row[8] is not None else None
        sides = {shown.place.side: shown.ref for shown in (lead, partner) if shown is not None}
        item = lead.item
        start, end = _bounds(item)
        hidden = partner.item if partner is not None and partner.row[6] is not None else None
        return MeetingRow(
            sync=lead.place.sync,
            crm=sides.get(Side.CRM),
            calendar=sides.get(Side.CALENDAR),
            title=item.content.title,
            start=start,
            end=end,
            date_only=isinstance(item.content.when, AllDay),
            activity_type=item.activity_type if lead.place.side is Side.CRM or hidden is None else hidden.activity_type,
            private=any(seen is not None and _is_private(seen) for seen in (item, hidden)),
            why=self._words.why(row[7]),
        )


@dataclass(frozen=True, slots=True)
class _Shown:
    place: Place
    row: Row

    @property
    def ref(self) -> Ref:
        return Ref(self.place.container, ItemId(from_text(self.row[2])))

    @property
    def item(self) -> ObservedItem:
        return observed(self.row, self.place.container)


def _is_private(item: ObservedItem) -> bool:
    return item.content.visibility is Visibility.PRIVATE or item.details_hidden


def _bounds(item: ObservedItem) -> tuple[datetime, datetime]:
    """Start and end in UTC; of a zone that nobody knows, the wall-clock time, as the order of the rows has it."""
    when = item.content.when
    try:
        return bounds_utc(when)
    except (LookupError, ValueError, OverflowError, OSError):
        if isinstance(when, AllDay):
            raise
        return when.start.replace(tzinfo=UTC), when.end.replace(tzinfo=UTC)
