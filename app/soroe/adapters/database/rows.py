"""What the families of rows of one sync have in common."""

from __future__ import annotations

from soroe.core.event import Ref, Side

from .connection import Database
from .memory import Memory
from .small_values import to_text
from .trees import Trees, Words

IS_LINKED = "EXISTS (SELECT 1 FROM link WHERE crm = item.id) OR EXISTS (SELECT 1 FROM link WHERE calendar = item.id)"
"""Whether the item of a row is linked."""


class SyncRows:
    """The rows of one sync in an open database."""

    def __init__(self, database: Database, trees: Trees, words: Words) -> None:
        self._database = database
        self._trees = trees
        self._words = words
        self._memory = Memory(database)

    def _item_id(self, side: Side, ref: Ref) -> int | None:
        """The number of an item's row."""
        tree = self._trees.find(side, ref.container)
        if tree is None:
            return None
        row = self._database.row("SELECT id FROM item WHERE tree = ? AND ref = ?", (tree, to_text(ref.id)))
        return row[0] if row else None

    def _make_item_id(self, side: Side, ref: Ref) -> int:
        """The number of an item's row; an item that was never seen gets one that says no more than its ref."""
        found = self._item_id(side, ref)
        if found is not None:
            return found
        tree = self._trees.make(side, ref.container)
        return self._database.insert("INSERT INTO item (tree, ref) VALUES (?, ?)", (tree, to_text(ref.id)))

    def _split(self, side: Side, ref: Ref | None) -> tuple[int | None, str | bytes | None]:
        """A ref as two columns."""
        return (None, None) if ref is None else (self._trees.make(side, ref.container), to_text(ref.id))

    def _joined(self, tree: int | None, ref: str | bytes | None) -> Ref | None:
        """The ref of two columns."""
        return None if tree is None or ref is None else self._trees.ref(tree, ref)
