"""What needs reconciling, and why the other items stand as they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soroe.core.event import ItemId, Ref, Side
from soroe.core.plan import Why

from .items import ItemRows
from .links import LINK_COLUMNS, LinkRows, to_link
from .memory import Place
from .rows import IS_LINKED
from .small_values import from_text, to_text, to_texts
from .trees import SIDE_NUMBERS

_IS_ALONE = """presence = 1 AND NOT EXISTS (
  SELECT 1 FROM item AS o WHERE o.match_key = item.match_key AND o.presence = 1 AND o.id <> item.id)"""
_DIRTY = f"""
SELECT ref, presence > 1, {IS_LINKED}, CASE WHEN NOT ({IS_LINKED}) AND {_IS_ALONE} THEN match_key END
FROM item WHERE tree = ? AND dirty = 1 ORDER BY ref LIMIT ?
"""  # noqa: S608 - constants
_DIRTY_LINKS_CRM = f"""
SELECT {LINK_COLUMNS} FROM item AS a JOIN link AS l ON l.crm = a.id JOIN item AS b ON b.id = l.calendar
WHERE a.tree = ? AND a.dirty = 1
"""  # noqa: S608 - constants
_DIRTY_LINKS_CALENDAR = f"""
SELECT {LINK_COLUMNS} FROM item AS b JOIN link AS l ON l.calendar = b.id JOIN item AS a ON a.id = l.crm
WHERE b.tree = ? AND b.dirty = 1
"""  # noqa: S608 - constants
_DIRTY_AND_GONE = """
SELECT tree, ref FROM item WHERE dirty = 1 AND presence > 1
AND tree IN (SELECT id FROM tree WHERE sync = ? AND side = ?)
"""
_READ_AHEAD = 1_000
_SOON_DECIDED = 500
_SETTLE = """
INSERT INTO item (why, tree, ref) VALUES (?, ?, ?) ON CONFLICT (tree, ref) DO UPDATE SET dirty = 0, why = excluded.why
WHERE dirty OR why IS NOT excluded.why
"""
# The sync is asked for last: of nearly all items, nothing is left by then. And the few that are left are written to by
# their numbers, for a statement that may change what it is looking through takes three times as long.
_LOOKALIKES = f"""
SELECT id FROM item WHERE match_key = ? AND presence = 1 AND NOT (tree IS ? AND ref = ?) AND NOT ({IS_LINKED})
AND (SELECT sync FROM tree WHERE id = item.tree) = ?
"""  # noqa: S608 - constants
_WAKE = "UPDATE item SET dirty = 1 WHERE id = ?"
_LEAVE_NO_TRACE = f"""
DELETE FROM item WHERE presence = 0 AND dirty = 0 AND why = ?
AND tree IN (SELECT id FROM tree WHERE sync = ?) AND NOT ({IS_LINKED})
"""  # noqa: S608 - constants


class WaitingRows(ItemRows, LinkRows):
    """The items that wait to be reconciled."""

    def dirty(self, limit: int) -> Sequence[tuple[Side, Ref]]:
        """Items whose observation changed since they were last reconciled, in the order of their refs.

        Those that are linked are read with their links and their partners, unless they are very many, or only some of
        them were asked for.
        """
        if self._memory.beginning is not None and self._memory.beginning.nothing_waits:
            return []
        found: list[tuple[Side, Ref]] = []
        none_gone = True
        for tree, side, container in self._trees.in_order():
            rows = self._database.rows(_DIRTY, (tree, limit - len(found)))
            is_crm = side is Side.CRM
            unlinked: dict[Place, None] = {}
            alone: dict[bytes, Place] = {}
            for text, is_gone, is_linked, match_key in rows:
                ref = Ref(container, ItemId(from_text(text)))
                found.append((side, ref))
                none_gone = none_gone and not is_gone
                if not is_linked:
                    place = is_crm, container, ref.id
                    unlinked[place] = None
                    if match_key is not None:
                        alone[match_key] = place
            self._memory.keep_links(unlinked)
            self._memory.keep_alone(alone)
            if len(found) >= limit:
                break
            if 0 < len(rows) - len(unlinked) <= _READ_AHEAD:
                self._read_linked(tree, side)
        if len(found) > _SOON_DECIDED:
            self._database.save()  # it takes seconds to decide about so many, and others may want to write
        if len(found) <= min(limit - 1, _READ_AHEAD):
            waiting = [(side is Side.CRM, ref.container, ref.id) for side, ref in found]
            self._memory.keep_waiting(waiting, none_gone=none_gone)
        return found

    def _read_linked(self, tree: int, side: Side) -> None:
        """Read the linked items of a tree that wait, their links and their partners: a decision needs all three."""
        if self._memory.remembers:
            rows = self._database.rows(_DIRTY_LINKS_CRM if side is Side.CRM else _DIRTY_LINKS_CALENDAR, (tree,))
            links = [to_link(row, self._trees) for row in rows]
            self.keep_links(links)
            self.read_ahead(Side.CRM, [link.crm for link in links])
            self.read_ahead(Side.CALENDAR, [link.calendar for link in links])

    def dirty_and_gone(self, side: Side) -> Sequence[Ref]:
        """Those of `dirty` that are gone from a side, in the order of their refs."""
        if self._memory.none_gone:
            return []
        rows = self._database.rows(_DIRTY_AND_GONE, (self._trees.sync(), SIDE_NUMBERS[side]))
        return sorted(self._trees.ref(tree, ref) for tree, ref in rows)

    def mark_dirty(self, side: Side, refs: Iterable[Ref]) -> None:
        """Ask for these items to be reconciled, also those never seen."""
        self._memory.something_waits()
        with self._database.whole():
            self._database.run_each(
                "INSERT INTO item (tree, ref, dirty) VALUES (?, ?, 1) ON CONFLICT (tree, ref) DO UPDATE SET dirty = 1",
                [(self._trees.make(side, ref.container), to_text(ref.id)) for ref in refs],
            )

    def wake_lookalikes(self, side: Side, looks: Sequence[tuple[Ref, bytes]]) -> None:
        """Ask for the items to be reconciled that are present with the key of one of these, and not linked, but not
        for the one itself."""
        if not looks:
            return
        find, sync = self._trees.find, self._trees.sync()
        rows = [(key, find(side, ref.container), to_text(ref.id), sync) for ref, key in looks]
        with self._database.whole():
            asleep = self._database.rows_of_each(_LOOKALIKES, rows)
            if asleep:
                self._memory.something_waits()
                self._database.run_each(_WAKE, asleep)

    def mark_all_dirty(self) -> None:
        """Ask for everything to be reconciled."""
        self._memory.something_waits()
        self._database.run(
            "UPDATE item SET dirty = 1 WHERE tree IN (SELECT id FROM tree WHERE sync = ?)", (self._trees.sync(),)
        )

    def settle(self, items: Iterable[tuple[Side, Ref, Why]]) -> None:
        """These items are reconciled, and this is why they stand as they do; of what was never seen and is on neither
        side, nothing is kept."""
        settled = list(items)
        if not settled:
            return
        with self._database.whole():
            numbers = {why: self._words.number(why) for why in {why for _, _, why in settled}}
            crm = self._trees.make_all(Side.CRM, [ref for side, ref, _ in settled if side is Side.CRM])
            calendar = self._trees.make_all(Side.CALENDAR, [ref for side, ref, _ in settled if side is not Side.CRM])
            texts = to_texts([ref.id for _, ref, _ in settled])
            self._database.run_each(
                _SETTLE,
                [
                    (numbers[why], (crm if side is Side.CRM else calendar)[ref.container], text)
                    for (side, ref, why), text in zip(settled, texts, strict=True)
                ],
            )
            if Why.BOTH_GONE in numbers:
                self._database.run(_LEAVE_NO_TRACE, (numbers[Why.BOTH_GONE], self._trees.sync()))
        self._memory.settled([(side is Side.CRM, ref.container, ref.id) for side, ref, _ in settled])

    def why(self, side: Side, ref: Ref) -> Why | None:
        """What was last settled for an item."""
        tree = self._trees.find(side, ref.container)
        row = self._database.row("SELECT why FROM item WHERE tree = ? AND ref = ?", (tree, to_text(ref.id)))
        return self._words.why(row[0]) if row else None
