"""The observed trees: what each side last showed, what needs reconciling, and why items stand as they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from soroe.core.event import (
    ContainerId,
    EventContent,
    ItemId,
    ObservedItem,
    Presence,
    Ref,
    Removed,
    Side,
    Version,
    Witness,
)
from soroe.ports.store import Candidate, Entry, Known

from .connection import Row
from .content_codec import Texts, from_item_body, to_item_body
from .errors import DamagedRow
from .item_columns import STAMP_BAR, STAMP_BARS, stamp_number, start_seconds, title_key
from .memory import UNREAD, Place, place_of, places_of
from .rows import IS_LINKED, SyncRows
from .small_values import BROKEN, from_micros, from_text, to_micros, to_text, to_texts
from .trees import SIDE_NUMBERS

THERE, TOMBSTONE, ABSENT = 1, 2, 3
_WITNESSES = {Witness.TOMBSTONE: TOMBSTONE, Witness.ABSENT: ABSENT}
_PAGE = 1_000

ITEM_COLUMNS = "i.id, i.tree, i.ref, i.version, i.type, i.title, i.body"
_ITEM = f"SELECT {ITEM_COLUMNS}, i.presence, i.gone_at FROM item AS i WHERE tree = ? AND ref = ?"  # noqa: S608 - constants
_FIRST_STAMPED = """
SELECT tree FROM item INDEXED BY item_by_stamp WHERE presence = 1 AND stamp IS NOT NULL LIMIT ?
"""
_FEW = 50
"""Where so many items bear stamps, it is not worth looking through all for one of a certain side."""
_KNOWN = "SELECT ref, version, presence, match_key FROM item WHERE tree = ? AND ref = ? AND presence > 0"

_PUT = """
INSERT INTO item
  (tree, ref, presence, dirty, shown, start, type, series, stamp, version, match_key, title, title_key, body)
VALUES (?, ?, 1, ?, {alone}, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tree, ref) DO UPDATE SET
  presence = 1, gone_at = NULL, dirty = max(dirty, excluded.dirty), shown = {shown}, start = excluded.start,
  type = excluded.type, series = excluded.series, stamp = excluded.stamp, version = excluded.version,
  match_key = excluded.match_key, title = excluded.title, title_key = excluded.title_key, body = excluded.body
"""
_RESTAMP = "UPDATE item SET stamp = ?, version = ?, body = ? WHERE tree = ? AND ref = ?"
_PUTS = {
    Side.CRM: _PUT.format(alone=2, shown="CASE WHEN EXISTS (SELECT 1 FROM link WHERE crm = item.id) THEN 1 ELSE 2 END"),
    Side.CALENDAR: _PUT.format(
        alone=3,
        shown="""coalesce((SELECT CASE WHEN lead.body IS NULL THEN 1 ELSE 0 END
          FROM link JOIN item AS lead ON lead.id = link.crm WHERE link.calendar = item.id), 3)""",
    ),
}
_PUT_AGAIN = """
UPDATE item SET dirty = max(dirty, ?3), start = ?4, type = ?5, version = ?8, match_key = ?9, title = ?10,
  title_key = ?11, body = ?12 WHERE tree = ?1 AND ref = ?2 AND presence = 1 AND series IS ?6 AND stamp IS ?7
"""
_UNSEEN = """
SELECT link.crm FROM item JOIN link ON link.crm = item.id
WHERE item.presence = 0 AND item.tree IN (SELECT id FROM tree WHERE sync = ?)
"""
_YIELD_ROW = """
UPDATE item SET shown = 0 WHERE id = (
  SELECT link.calendar FROM link JOIN item AS lead ON lead.id = link.crm WHERE link.crm = ? AND lead.body IS NOT NULL)
"""
_TAKE_ROW = """
UPDATE item SET shown = (body IS NOT NULL) WHERE id = (
  SELECT link.calendar FROM link JOIN item AS lead ON lead.id = link.crm WHERE lead.tree = ? AND lead.ref = ?)
"""


class ItemRows(SyncRows):
    """Items of both sides."""

    def item(self, side: Side, ref: Ref) -> Presence:
        """What the tree says of an item."""
        place = side is Side.CRM, ref.container, ref.id
        found = self._memory.items.get(place, UNREAD)
        if found is UNREAD:
            row = self._item_row(side, ref)
            found = None if row is None else self._presence(row)
            self._memory.keep_item(place, found)
        return found

    def read_ahead(self, side: Side, refs: Iterable[Ref]) -> None:
        """These items are going to be asked for one by one: during a run they are read at once."""
        if not self._memory.remembers:
            return
        known, is_crm = self._memory.items, side is Side.CRM
        missing = [ref for ref in refs if (is_crm, ref.container, ref.id) not in known]
        if not missing:
            return
        for tree, some in self._trees.by_tree(side, missing).items():
            rows = self._database.rows_of_each(_ITEM, [(tree, ref) for ref in to_texts([ref.id for ref in some])])
            container = some[0].container
            found = {(is_crm, container, ItemId(from_text(row[2]))): self._presence(row) for row in rows}
            self._memory.keep_items(found)

    def _presence(self, row: Row) -> Presence:
        """What a row of `ITEM_COLUMNS`, `presence` and `gone_at` says."""
        if row[7] == THERE:
            return self._decoded(row)
        if row[7] == 0:
            return None
        witness = Witness.TOMBSTONE if row[7] == TOMBSTONE else Witness.ABSENT
        return Removed(self._trees.ref(row[1], row[2]), witness, None if row[8] is None else from_micros(row[8]))

    def last_content(self, side: Side, ref: Ref) -> EventContent | None:
        """The content an item was last seen with, also after it was removed."""
        item = self.item(side, ref)
        if not isinstance(item, ObservedItem):
            item = self.last_seen(side, ref)
        return item.content if item else None

    def last_seen(self, side: Side, ref: Ref) -> ObservedItem | None:
        """An item as it was last seen, also after it was removed."""
        row = self._item_row(side, ref)
        return None if row is None or row[7] == 0 else self._decoded(row)

    def known(self, side: Side, refs: Iterable[Ref]) -> dict[Ref, Known]:
        """The versions and keys of those items that the tree has."""
        found: dict[Ref, Known] = {}
        for tree, some in self._trees.by_tree(side, refs).items():
            names = dict(zip(to_texts([ref.id for ref in some]), some, strict=True))
            rows = self._database.rows_of_each(_KNOWN, [(tree, name) for name in names])
            for name, version, presence, match_key in rows:
                kept = None if version is None else Version(from_text(version))
                found[names[name]] = Known(kept, presence == THERE, match_key)
        self._memory.keep_there(places_of(side, [ref for ref, known in found.items() if known.present]))
        return found

    def versions(self, side: Side, container: ContainerId) -> dict[ItemId, Version]:
        """The versions of all items that the tree says are there, where they have one."""
        tree = self._trees.find(side, container)
        rows = self._database.rows(
            "SELECT ref, version FROM item WHERE tree = ? AND presence = 1 AND version IS NOT NULL", (tree,)
        )
        return {ItemId(from_text(ref)): Version(from_text(version)) for ref, version in rows}

    def refs(self, side: Side, container: ContainerId) -> Iterator[ItemId]:
        """The ids of all items that the tree says are there, in a fixed order, read in pages as they are asked for."""
        tree = self._trees.find(side, container)
        after: str | bytes = ""
        while page := self._database.rows(
            "SELECT ref FROM item WHERE tree = ? AND ref > ? AND presence = 1 ORDER BY ref LIMIT ?",
            (tree, after, _PAGE),
        ):
            for (ref,) in page:
                yield ItemId(from_text(ref))
            after = page[-1][0]

    def put(self, side: Side, entries: Iterable[Entry]) -> None:
        """Keep items as they are now; an item that waits to be reconciled goes on waiting."""
        kept = sorted(entries, key=_own_id)  # as they will be decided on and linked: neighbours are written together
        if not kept:
            return
        places = places_of(side, [entry.item.ref for entry in kept])
        with self._database.whole():
            fresh = self._put_again(places, self._put_rows(side, kept))
            if fresh:
                unseen = self._database.rows(_UNSEEN, (self._trees.sync(),)) if side is Side.CRM else []
                self._database.run_each(_PUTS[side], fresh)
                if unseen:
                    self._database.run_each(_YIELD_ROW, unseen)
        if any(entry.dirty for entry in kept):
            self._memory.something_waits()
        self._memory.forget_looks()
        self._memory.keep_items({place: entry.item for place, entry in zip(places, kept, strict=True)})

    def _put_again(self, places: Sequence[Place], rows: list[Row]) -> list[Row]:
        """Write what has changed of items that the tree has, and return the rows that are left to be written.

        An index is written to for each column that a statement names, also where the column stays as it is: an item
        that keeps its stamp and its series is spared both.
        """
        seems_there = self._memory.seems_there
        again: list[Row] = []
        fresh: list[Row] = []
        for place, row in zip(places, rows, strict=True):
            (again if seems_there(place) else fresh).append(row)
        if not again or self._database.run_each(_PUT_AGAIN, again) < len(again):
            return rows
        return fresh

    def restamp(self, side: Side, items: Iterable[ObservedItem]) -> None:
        """Keep items that look as the tree has them: of the columns that are searched, only the stamp's can differ."""
        kept = list(items)
        if not kept:
            return
        trees = self._trees.make_all(side, [item.ref for item in kept])
        refs, versions = to_texts([item.ref.id for item in kept]), to_texts([item.version or "" for item in kept])
        rows = [
            (
                None if item.stamp is None else stamp_number(item.stamp),
                None if item.version is None else version,
                to_item_body(item, self._words),
                trees[item.ref.container],
                ref,
            )
            for item, ref, version in zip(kept, refs, versions, strict=True)
        ]
        self._database.run_each(_RESTAMP, rows)
        self._memory.forget_looks()
        is_crm = side is Side.CRM
        self._memory.keep_items({(is_crm, item.ref.container, item.ref.id): item for item in kept})

    def set_keys(self, side: Side, keys: Sequence[tuple[Ref, bytes]]) -> None:
        """Items that are in the tree are compared by these keys from now on; nothing else about them changes."""
        trees = self._trees.make_all(side, [ref for ref, _ in keys])
        names = to_texts([ref.id for ref, _ in keys])
        rows = [(key, trees[ref.container], name) for (ref, key), name in zip(keys, names, strict=True)]
        self._database.run_each("UPDATE item SET match_key = ? WHERE tree = ? AND ref = ?", rows)
        self._memory.forget_looks()

    def mark_removed(self, side: Side, removed: Iterable[Removed]) -> None:
        """Keep that items are gone, and ask for them to be reconciled; items the tree never had are ignored."""
        self._memory.something_waits()
        with self._database.whole():
            for gone in removed:
                tree = self._trees.find(side, gone.ref.container)
                at = None if gone.at is None else to_micros(gone.at)
                self._database.run(
                    f"UPDATE item SET presence = ?, gone_at = ?, dirty = 1, "  # noqa: S608 - a constant, no input
                    f"shown = CASE WHEN {IS_LINKED} THEN shown ELSE 0 END WHERE tree = ? AND ref = ? AND presence > 0",
                    (_WITNESSES[gone.witness], at, tree, to_text(gone.ref.id)),
                )
                self._memory.forget_item(place_of(side, gone.ref))

    def forget(self, side: Side, refs: Iterable[Ref]) -> None:
        """Drop items from the tree; of a linked one, its ref stays with the link."""
        with self._database.whole():
            for tree, some in self._trees.by_tree(side, refs).items():
                for ref in some:
                    place = (tree, to_text(ref.id))
                    self._database.run(
                        f"DELETE FROM item WHERE tree = ? AND ref = ? AND NOT ({IS_LINKED})",  # noqa: S608 - constant
                        place,
                    )
                    self._database.run(
                        "UPDATE item SET presence = 0, dirty = 0, shown = 0, gone_at = NULL, why = NULL, start = NULL, "
                        "type = NULL, series = NULL, stamp = NULL, version = NULL, match_key = NULL, "
                        "title = NULL, title_key = NULL, "
                        "body = NULL WHERE tree = ? AND ref = ?",
                        place,
                    )
                    if side is Side.CRM:
                        self._database.run(_TAKE_ROW, place)
                    self._memory.forget_item(place_of(side, ref))

    def same_key(self, match_key: bytes) -> Sequence[Candidate]:
        """The items present on either side with this key, in the order of their refs."""
        rows = self._database.rows(
            f"SELECT {ITEM_COLUMNS}, EXISTS (SELECT 1 FROM link WHERE crm = i.id) "  # noqa: S608 - constants
            "OR EXISTS (SELECT 1 FROM link WHERE calendar = i.id) "
            "FROM item AS i WHERE i.match_key = ? AND i.presence = 1 "
            "AND i.tree IN (SELECT id FROM tree WHERE sync = ?)",
            (match_key, self._trees.sync()),
        )
        found = [Candidate(self._trees.place(row[1])[0], self._observed(row), bool(row[7])) for row in rows]
        return sorted(found, key=lambda candidate: (candidate.item.ref, candidate.side))

    def is_alone(self, side: Side, ref: Ref, match_key: bytes) -> bool:
        """Whether `dirty` has found this item to be the only one with its key; False where nobody knows."""
        return self._memory.alone.get(match_key) == (side is Side.CRM, ref.container, ref.id)

    def has_stamps(self, side: Side) -> bool:
        """Whether items present on a side may bear a stamp or a claim; False is sure."""
        known = self._memory.bears_stamps.get(side)
        if known is not None:
            return known
        trees = [tree for tree, where, _ in self._trees.in_order() if where is side]
        rows = self._database.rows(_FIRST_STAMPED, (_FEW,))
        may = len(rows) == _FEW or any(row[0] in trees for row in rows)
        self._memory.keep_bears_stamps(side, may=may)
        return may

    def stamped(self, side: Side, prefix: str) -> Sequence[ObservedItem]:
        """The items present whose stamp begins with this text, in the order of their refs.

        A lookup where the prefix goes as far as the check on the item itself (`stamp.Stamp.own`); otherwise a scan.
        """
        exact = prefix.count(STAMP_BAR) >= STAMP_BARS
        rows = self._database.rows(
            f"SELECT {ITEM_COLUMNS} FROM item AS i "  # noqa: S608 - constants
            f"WHERE i.stamp {'= ?3' if exact else 'IS NOT NULL'} AND i.presence = 1 "
            "AND i.tree IN (SELECT id FROM tree WHERE sync = ?1 AND side = ?2)",
            (self._trees.sync(), SIDE_NUMBERS[side], *((stamp_number(prefix),) if exact else ())),
        )
        items = (self._observed(row) for row in rows)
        return sorted((item for item in items if (item.stamp or "").startswith(prefix)), key=lambda item: item.ref)

    def series_members(self, side: Side, series: Ref) -> set[ItemId]:
        """The ids of the items in the tree (present or removed) that are occurrences of this series."""
        tree = self._trees.find(side, series.container)
        rows = self._database.rows("SELECT ref FROM item WHERE tree = ? AND series = ?", (tree, to_text(series.id)))
        return {ItemId(from_text(row[0])) for row in rows}

    def _item_row(self, side: Side, ref: Ref) -> Row | None:
        return self._database.row(_ITEM, (self._trees.find(side, ref.container), to_text(ref.id)))

    def _observed(self, row: Row) -> ObservedItem:
        """The item of a row that says it is there."""
        side, container = self._trees.place(row[1])
        place = side is Side.CRM, container, ItemId(from_text(row[2]))
        found = self._memory.items.get(place)
        if not isinstance(found, ObservedItem):
            found = self._decoded(row)
            self._memory.keep_item(place, found)
        return found

    def _decoded(self, row: Row) -> ObservedItem:
        container = self._trees.place(row[1])[1]
        try:
            return _observed(row, container, self._words)
        except BROKEN as error:
            raise DamagedRow("item", row[0]) from error

    def _put_rows(self, side: Side, entries: Sequence[Entry]) -> list[Row]:
        items = [entry.item for entry in entries]
        trees = self._trees.make_all(side, [item.ref for item in items])
        columns = zip(
            entries,
            to_texts([item.ref.id for item in items]),
            to_texts([item.version or "" for item in items]),
            to_texts([item.activity_type or "" for item in items]),
            to_texts([item.content.title for item in items]),
            strict=True,
        )
        return [
            (
                trees[entry.item.ref.container],
                ref,
                entry.dirty,
                start_seconds(entry.item.content.when),
                None if entry.item.activity_type is None else activity_type,
                None if entry.item.occurrence is None else to_text(entry.item.occurrence.series),
                None if entry.item.stamp is None else stamp_number(entry.item.stamp),
                None if entry.item.version is None else version,
                entry.match_key,
                title,
                title_key(entry.item.content.title),
                to_item_body(entry.item, self._words),
            )
            for entry, ref, version, activity_type, title in columns
        ]


def _own_id(entry: Entry) -> str:
    return entry.item.ref.id


def _observed(row: Row, container: ContainerId, words: Texts) -> ObservedItem:
    texts: Sequence[Any] = row[2:6]
    if bytes in map(type, texts):  # hardly ever
        texts = [from_text(text) if type(text) is bytes else text for text in texts]
    ref, version, activity_type, title = texts
    return from_item_body(row[6], Ref(container, ItemId(ref)), version, title, activity_type, words)
