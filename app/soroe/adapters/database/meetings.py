"""The meetings as Activities lists them: one row for a link or for an item that has none, found in one small index."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from soroe.core.event import AllDay, ContainerId, ItemId, Ref, Side, When, bounds_utc
from soroe.core.route import SyncName
from soroe.ports.reading import Filters, MeetingPage, MeetingRow, SortKey, Where

from .connection import Database, Row
from .content_codec import from_item_glance
from .item_columns import fold
from .small_values import from_text, to_text
from .trees import Words, decoded

_Query = tuple[str, tuple[Any, ...]]
_Order = tuple[Filters, SortKey]
_SHOWN = {Where.BOTH: 1, Where.CRM: 2, Where.CALENDAR: 3}
_TITLE = "coalesce(i.title_key, lower(i.title))"
_ORDER = {
    SortKey.START: ("i.start", "i.id"),
    SortKey.TITLE: (_TITLE, "i.start", "i.id"),
    SortKey.TYPE: ("i.type", "i.start", "i.id"),
    SortKey.WHERE: ("i.shown", "i.start", "i.id"),
}
_GROUPS = {SortKey.TYPE: "i.type", SortKey.WHERE: "i.shown"}
"""What has few values: their rows are walked value by value, as they stand in the index, and nothing is sorted."""
_TABLE = "item AS i INDEXED BY item_shown"
_ROWS, _THESE = "item AS i NOT INDEXED", "i.id IN (SELECT value FROM json_each(?))"
"""Few rows that are known, read one by one."""
_MEETING = """
SELECT i.id, i.tree, i.ref, i.type, i.title, i.body, i.why, p.id, p.tree, p.ref, p.body
FROM item AS i LEFT JOIN link AS a ON a.crm = i.id LEFT JOIN link AS b ON b.calendar = i.id
LEFT JOIN item AS p ON p.id = coalesce(a.calendar, b.crm) WHERE i.id = ?
"""
_IN_TREES = """
WITH among(tree) AS (SELECT value FROM json_each(?)) SELECT i.tree IN among OR i.id IN (
SELECT l.crm FROM link AS l JOIN item AS e ON e.id = l.calendar WHERE e.tree IN among)
"""
"""Whether a row, or the calendar's item of its meeting, stands in certain trees."""
_FEW = 100
"""So many meetings are looked for at once. Fewer are kept until the database changes: nothing has to be looked through
again for their other pages and orders, nor for a longer text."""
_BLOCK = 50
"""So many rows of an order are found at once: to find a page alone takes as long, where no index has the order."""
_NEAR, _SHARE = 1_000, 5
"""Rows further down, or behind the first fifth of what passes, are found through the whole order, which is kept until
the database changes."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a tree's number stands for, among all syncs."""

    sync: SyncName
    side: Side
    container: ContainerId


@dataclass(frozen=True, slots=True)
class _Asked:
    """Filters, and the same in SQL."""

    filters: Filters
    which: str
    values: tuple[Any, ...]


class Meetings:
    """Pages of the meetings of all syncs."""

    def __init__(self, database: Database, words: Words) -> None:
        self._database = database
        self._words = words
        self._version = 0
        self._counts: dict[_Query, int] = {}
        self._groups: dict[_Query, list[Any]] = {}
        self._order: tuple[_Order, array[int]] | None = None
        self._few: tuple[_Order, array[int]] | None = None
        self._begun: tuple[Filters, array[int]] | None = None
        self._block: tuple[tuple[_Order, bool, int], list[int]] | None = None

    def page(
        self, places: Mapping[int, Place], filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int
    ) -> MeetingPage:
        """A page of the meetings, in a total order: equal ones by start, then in the order they were first seen.

        What had to be looked for is kept until the database changes: asked for again, a page takes a millisecond.
        """
        self._forget_old()
        asked = _Asked(filters, *self._conditions(places, filters))
        ids = self._ids(asked, sort, offset, limit, descending=descending)
        total = self._count(asked.which, asked.values)
        rows = self._database.rows_of_each(_MEETING, ((number,) for number in ids))
        return MeetingPage(
            tuple(decoded("item", row, lambda values: self._row(values, places)) for row in rows),
            total,
            self._count("i.shown > 0", ()) - total,
        )

    def _ids(self, asked: _Asked, sort: SortKey, offset: int, limit: int, *, descending: bool) -> Sequence[int]:
        begin, end = self._begin(asked), offset + limit
        known = self._known(asked, sort)
        if known is None and len(begin) < _FEW:
            known = self._all_of(begin, asked, sort)
        if known is None and sort is SortKey.START and not descending and end <= len(begin):
            return begin[offset:end]
        if known is None and _is_far(sort, end, self._count(asked.which, asked.values)):
            known = self._whole(asked, sort)
        if known is not None:
            return _part(known, offset, limit, descending=descending)
        first = offset - offset % _BLOCK
        if end > first + _BLOCK:
            return self._next(asked, sort, offset, limit, descending=descending)
        of = (asked.filters, sort), descending, first
        if self._block is None or self._block[0] != of:
            self._block = of, self._next(asked, sort, first, _BLOCK, descending=descending)
        return self._block[1][offset - first : end - first]

    def _next(self, asked: _Asked, sort: SortKey, offset: int, limit: int, *, descending: bool) -> list[int]:
        if sort in _GROUPS:
            return self._walked(asked.which, asked.values, sort, offset, limit, descending=descending)
        return self._first(asked.which, asked.values, _ORDER[sort], offset, limit, descending=descending)

    def _forget_old(self) -> None:
        row = self._database.row("PRAGMA data_version")
        if row is not None and row[0] != self._version:
            self._version = row[0]
            self._counts.clear()
            self._groups.clear()
            self._order = self._few = self._begun = self._block = None

    def _begin(self, asked: _Asked) -> array[int]:
        """The first meetings by start, at most `_FEW`; how many there are in all is known from then on.

        To look through 50,000 titles takes longer than all else that a page needs, so it is done once: the rest is
        counted from where the first ones end. What is shown has a start.
        """
        if self._begun is not None and self._begun[0] == asked.filters:
            return self._begun[1]
        table, which, values = _TABLE, asked.which, asked.values
        among = self._found_before(asked.filters)
        if among is not None:
            table, which, values = _ROWS, f"{which} AND {_THESE}", (*values, _as_json(among))
        query = f"SELECT i.id, i.start FROM {table} WHERE {which} ORDER BY i.start, i.id LIMIT {_FEW}"  # noqa: S608 - constants
        rows = self._database.rows(query, values)
        if len(rows) < _FEW:
            self._counts[asked.which, asked.values] = len(rows)
        elif (asked.which, asked.values) not in self._counts:
            last = rows[-1][1]
            earlier = sum(start < last for _, start in rows)
            rest = self._counted(f"{asked.which} AND i.start >= ?", (*asked.values, last))
            self._counts[asked.which, asked.values] = earlier + rest
        self._begun = asked.filters, array("q", [row[0] for row in rows])
        return self._begun[1]

    def _found_before(self, filters: Filters) -> array[int] | None:
        """Few among which all are that pass: what was found for a part of the text, as it is while somebody types."""
        if self._begun is None or len(self._begun[1]) == _FEW:
            return None
        before, ids = self._begun
        is_part = replace(before, text=filters.text) == filters and fold(before.text) in fold(filters.text)
        return ids if is_part else None

    def _first(
        self,
        which: str,
        values: tuple[Any, ...],
        columns: tuple[str, ...],
        offset: int,
        limit: int,
        *,
        descending: bool,
    ) -> list[int]:
        order = ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column in columns)
        query = f"SELECT i.id FROM {_TABLE} WHERE {which} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - constants
        return [row[0] for row in self._database.rows(query, (*values, limit, offset))]

    def _walked(
        self, which: str, values: tuple[Any, ...], sort: SortKey, offset: int, limit: int, *, descending: bool
    ) -> list[int]:
        """The same for an order that begins with a column of few values."""
        column, ids = _GROUPS[sort], list[int]()
        found = self._values(which, values, column)
        for value in reversed(found) if descending else found:
            among, of = f"{which} AND {column} IS ?", (*values, value)
            if offset and offset >= (count := self._count(among, of)):
                offset -= count
                continue
            ids += self._first(among, of, _ORDER[sort][1:], offset, limit - len(ids), descending=descending)
            offset = 0
            if len(ids) == limit:
                break
        return ids

    def _values(self, which: str, values: tuple[Any, ...], column: str) -> list[Any]:
        query = f"SELECT DISTINCT {column} FROM {_TABLE} WHERE {which}"  # noqa: S608 - constants, no input
        if (query, values) not in self._groups:
            found = [row[0] for row in self._database.rows(query, values)]
            self._groups[query, values] = sorted(found, key=_as_sqlite)
        return self._groups[query, values]

    def _known(self, asked: _Asked, sort: SortKey) -> array[int] | None:
        """All ids in ascending order, where they are kept."""
        kept = filter(None, (self._order, self._few))
        return next((ids for of, ids in kept if of == (asked.filters, sort)), None)

    def _whole(self, asked: _Asked, sort: SortKey) -> array[int]:
        """All ids in ascending order. They come as one text, for 50,000 rows would be 50,000 steps through Python."""
        ids = self._ordered(_TABLE, asked.which, asked.values, sort)
        self._order = (asked.filters, sort), ids
        return ids

    def _all_of(self, few: array[int], asked: _Asked, sort: SortKey) -> array[int]:
        """The same where they are few: kept beside the order of many, which takes long to find again."""
        ids = few if sort is SortKey.START else self._ordered(_ROWS, _THESE, (_as_json(few),), sort)
        self._few = (asked.filters, sort), ids
        return ids

    def _ordered(self, table: str, which: str, values: tuple[Any, ...], sort: SortKey) -> array[int]:
        order = ", ".join(_ORDER[sort])
        query = f"SELECT json_group_array(i.id ORDER BY {order}) FROM {table} WHERE {which}"  # noqa: S608 - constants
        row = self._database.row(query, values)
        return array("q", json.loads(row[0]) if row else ())

    def _count(self, which: str, values: tuple[Any, ...]) -> int:
        if (which, values) not in self._counts:
            self._counts[which, values] = self._counted(which, values)
        return self._counts[which, values]

    def _counted(self, which: str, values: tuple[Any, ...]) -> int:
        row = self._database.row(f"SELECT count(*) FROM {_TABLE} WHERE {which}", values)  # noqa: S608 - constants
        return int(row[0]) if row else 0

    def _conditions(self, places: Mapping[int, Place], filters: Filters) -> _Query:
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
        if filters.whose is not None:
            terms.append(f"{'' if filters.whose.inside else 'NOT '}({_IN_TREES})")
            values.append(json.dumps([t for t, place in places.items() if place.container in filters.whose.calendars]))
        return " AND ".join(terms), tuple(values)

    def _row(self, row: Row, places: Mapping[int, Place]) -> MeetingRow:
        _, tree, ref, activity_type, title, body, why, partner, partner_tree, partner_ref, partner_body = row
        place = places[tree]
        refs = {place.side: Ref(place.container, ItemId(from_text(ref)))}
        when, private = from_item_glance(body, self._words)
        if partner is not None:
            other = places[partner_tree]
            refs[other.side] = Ref(other.container, ItemId(from_text(partner_ref)))
        if partner_body is not None:
            private = private or from_item_glance(partner_body, self._words)[1]
        start, end = _bounds(when)
        return MeetingRow(
            sync=place.sync,
            crm=refs.get(Side.CRM),
            calendar=refs.get(Side.CALENDAR),
            title=from_text(title),
            start=start,
            end=end,
            date_only=isinstance(when, AllDay),
            activity_type=None if activity_type is None else from_text(activity_type),
            private=private,
            why=self._words.why(why),
        )


def _as_sqlite(value: str | bytes | int | None) -> tuple[int, str | bytes | int]:
    """Values in SQLite's order: none, numbers, texts by their bytes, bytes."""
    match value:
        case None:
            return 0, 0
        case int():
            return 1, value
        case str():
            return 2, value.encode()
        case _:
            return 3, value


def _is_far(sort: SortKey, end: int, total: int) -> bool:
    """Whether the whole order costs less than to look through all meetings again for each page, as far as it goes. In
    the order of their start that is as far as the page; in the others as a rule to the end."""
    return end > _NEAR or (total <= _NEAR if sort is not SortKey.START else end * _SHARE > total)


def _as_json(ids: array[int]) -> str:
    return json.dumps(ids.tolist())


def _part(ids: array[int], offset: int, limit: int, *, descending: bool) -> array[int]:
    """A page of ids that are kept in ascending order."""
    if not descending:
        return ids[offset : offset + limit]
    end = len(ids) - offset
    return ids[max(0, end - limit) : max(0, end)][::-1]


def _bounds(when: When) -> tuple[datetime, datetime]:
    """Start and end in UTC; of a zone that nobody knows, the wall-clock time, as the order of the rows has it."""
    try:
        return bounds_utc(when)
    except (LookupError, ValueError, OverflowError, OSError):
        if isinstance(when, AllDay):
            raise
        return when.start.replace(tzinfo=UTC), when.end.replace(tzinfo=UTC)
