"""What needs reconciling, and why the other items stand as they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soroe.core.event import Ref, Side
from soroe.core.plan import Why

from .memory import place_of
from .rows import IS_LINKED, SyncRows
from .small_values import to_text

_IS_ALONE = """presence = 1 AND NOT EXISTS (
  SELECT 1 FROM item AS o WHERE o.match_key = item.match_key AND o.presence = 1 AND o.id <> item.id)"""


class WaitingRows(SyncRows):
    """The items that wait to be reconciled."""

    def dirty(self, limit: int) -> Sequence[tuple[Side, Ref]]:
        """Items whose observation changed since they were last reconciled, in the order of their refs."""
        found: list[tuple[Side, Ref]] = []
        for tree, side, _ in self._trees.in_order():
            rows = self._database.rows(
                f"SELECT ref, {IS_LINKED}, CASE WHEN NOT ({IS_LINKED}) AND {_IS_ALONE} THEN match_key END "  # noqa: S608 - constants
                "FROM item WHERE tree = ? AND dirty = 1 ORDER BY ref LIMIT ?",
                (tree, limit - len(found)),
            )
            for ref_text, is_linked, match_key in rows:
                ref = self._trees.ref(tree, ref_text)
                found.append((side, ref))
                if not is_linked:
                    place = place_of(side, ref)
                    self._memory.keep_link(place, None)
                    if match_key is not None:
                        self._memory.keep_alone(match_key, place)
            if len(found) >= limit:
                break
        return found

    def dirty_and_gone(self, side: Side) -> Sequence[Ref]:
        """Those of `dirty` that are gone from a side, in the order of their refs."""
        return [
            self._trees.ref(tree, row[0])
            for tree, where, _ in self._trees.in_order()
            if where is side
            for row in self._database.rows(
                "SELECT ref FROM item WHERE tree = ? AND dirty = 1 AND presence > 1 ORDER BY ref", (tree,)
            )
        ]

    def mark_dirty(self, side: Side, refs: Iterable[Ref]) -> None:
        """Ask for these items to be reconciled, also those never seen."""
        with self._database.whole():
            self._database.run_each(
                "INSERT INTO item (tree, ref, dirty) VALUES (?, ?, 1) ON CONFLICT (tree, ref) DO UPDATE SET dirty = 1",
                [(self._trees.make(side, ref.container), to_text(ref.id)) for ref in refs],
            )

    def mark_all_dirty(self) -> None:
        """Ask for everything to be reconciled."""
        self._database.run(
            "UPDATE item SET dirty = 1 WHERE tree IN (SELECT id FROM tree WHERE sync = ?)", (self._trees.sync(),)
        )

    def settle(self, items: Iterable[tuple[Side, Ref, Why]]) -> None:
        """These items are reconciled, and this is why they stand as they do; of what was never seen and is on neither
        side, nothing is kept."""
        settled = list(items)
        with self._database.whole():
            self._database.run_each(
                "INSERT INTO item (why, tree, ref) VALUES (?, ?, ?) "
                "ON CONFLICT (tree, ref) DO UPDATE SET dirty = 0, why = excluded.why",
                [
                    (self._words.number(why.value), self._trees.make(side, ref.container), to_text(ref.id))
                    for side, ref, why in settled
                ],
            )
            if any(why is Why.BOTH_GONE for _, _, why in settled):
                self._database.run(
                    "DELETE FROM item WHERE presence = 0 AND dirty = 0 AND why = ? "  # noqa: S608 - a constant
                    f"AND tree IN (SELECT id FROM tree WHERE sync = ?) AND NOT ({IS_LINKED})",
                    (self._words.number(Why.BOTH_GONE.value), self._trees.sync()),
                )

    def why(self, side: Side, ref: Ref) -> Why | None:
        """What was last settled for an item."""
        tree = self._trees.find(side, ref.container)
        row = self._database.row("SELECT why FROM item WHERE tree = ? AND ref = ?", (tree, to_text(ref.id)))
        return self._words.why(row[0]) if row else None
