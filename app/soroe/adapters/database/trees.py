"""The small numbers that stand for a sync, for one calendar or CRM list of it, and for a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from soroe.core.event import ContainerId, ItemId, Ref, Side
from soroe.core.plan import Why
from soroe.core.route import SyncName

from .connection import Database, Row
from .content_codec import BROKEN, from_text, to_text
from .errors import DamagedRow

SIDES = (Side.CRM, Side.CALENDAR)
SIDE_NUMBERS = {side: number for number, side in enumerate(SIDES)}

_FEW_WORDS = 1_000
_WHYS = frozenset(why.value for why in Why)
_Value = TypeVar("_Value")


def decoded(table: str, row: Row, make: Callable[[Row], _Value]) -> _Value:
    """What `make` makes of a row whose first column is its number; raises `DamagedRow` naming both if it cannot."""
    try:
        return make(row)
    except BROKEN as error:
        raise DamagedRow(table, row[0]) from error


class Words:
    """The numbers of texts that occur again and again (reasons, zones, heads of stamps), learned as they come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._rollbacks = database.rollbacks

    def number(self, text: str) -> int:
        """The number of a text; a new one gets the next."""
        self._forget_rolled_back()
        if text not in self._numbers:
            self._database.run("INSERT INTO word (text) VALUES (?) ON CONFLICT DO NOTHING", (to_text(text),))
            self._load()
        return self._numbers[text]

    def number_if_few(self, text: str) -> int | None:
        """The number of a text from outside; None for a new one when there are so many that they can't all be real."""
        self._forget_rolled_back()
        return self.number(text) if text in self._numbers or len(self._numbers) < _FEW_WORDS else None

    def text(self, number: int) -> str:
        """The text of a number; raises `KeyError` for a number that was never given."""
        if number not in self._texts:
            self._load()
        return self._texts[number]

    def why(self, number: int | None) -> Why | None:
        """The reason of a number; None for none, and for one that this version of the program no longer gives."""
        if number is None:
            return None
        text = self.text(number)
        return Why(text) if text in _WHYS else None

    def numbers(self, whys: Iterable[Why]) -> list[int]:
        """The numbers of those reasons that were ever given."""
        self._load()
        return [self._numbers[why] for why in sorted(whys) if why in self._numbers]

    def _load(self) -> None:
        for number, stored in self._database.rows("SELECT id, text FROM word"):
            text = from_text(stored)
            self._texts[number] = text
            self._numbers[text] = number

    def _forget_rolled_back(self) -> None:
        if self._rollbacks != self._database.rollbacks:
            self._rollbacks = self._database.rollbacks
            self._numbers.clear()
            self._texts.clear()


class Trees:
    """The trees of one sync, made when they are first written to."""

    def __init__(self, database: Database, name: SyncName) -> None:
        self._database = database
        self.name = name
        self._sync: int | None = None
        self._crm: dict[ContainerId, int] = {}
        self._calendar: dict[ContainerId, int] = {}
        self._places: dict[int, tuple[Side, ContainerId]] = {}
        self._rollbacks = database.rollbacks

    def sync(self) -> int | None:
        """The number of the sync, or None while nothing was kept for it."""
        self._forget_rolled_back()
        if self._sync is None:
            row = self._database.row("SELECT id FROM sync WHERE name = ?", (to_text(self.name),))
            self._sync = row[0] if row else None
        return self._sync

    def make_sync(self) -> int:
        """The number of the sync."""
        found = self.sync()
        if found is None:
            self._database.run("INSERT INTO sync (name) VALUES (?) ON CONFLICT DO NOTHING", (to_text(self.name),))
            found = self.sync()
            assert found is not None, "the row of the sync was just made"
        return found

    def find(self, side: Side, container: ContainerId) -> int | None:
        """The number of a tree, or None while nothing was kept in it."""
        self._forget_rolled_back()
        found = self._of(side).get(container)
        if found is None:
            self._load()
            found = self._of(side).get(container)
        return found

    def make(self, side: Side, container: ContainerId) -> int:
        """The number of a tree."""
        found = self.find(side, container)
        if found is None:
            self._database.run(
                "INSERT INTO tree (sync, side, container) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (self.make_sync(), SIDE_NUMBERS[side], to_text(container)),
            )
            self._load()
            found = self._of(side)[container]
        return found

    def place(self, tree: int) -> tuple[Side, ContainerId]:
        """What a tree's number stands for."""
        if tree not in self._places:
            self._load()
        return self._places[tree]

    def ref(self, tree: int, ref: str | bytes) -> Ref:
        """The ref of an item of a tree."""
        return Ref(self.place(tree)[1], ItemId(from_text(ref)))

    def in_order(self) -> list[tuple[int, Side, ContainerId]]:
        """All trees, ordered by container, the CRM first: with the items' ids, the order of their refs."""
        self._forget_rolled_back()
        self._load()
        return sorted(
            ((tree, side, container) for tree, (side, container) in self._places.items()),
            key=lambda entry: (entry[2], SIDE_NUMBERS[entry[1]]),
        )

    def by_tree(self, side: Side, refs: Iterable[Ref]) -> dict[int, list[Ref]]:
        """The refs of those trees that exist."""
        found: dict[int, list[Ref]] = {}
        for ref in refs:
            tree = self.find(side, ref.container)
            if tree is not None:
                found.setdefault(tree, []).append(ref)
        return found

    def _of(self, side: Side) -> dict[ContainerId, int]:
        return self._crm if side is Side.CRM else self._calendar

    def _load(self) -> None:
        sync = self.sync()
        if sync is None:
            return
        rows = self._database.rows("SELECT id, side, container FROM tree WHERE sync = ?", (sync,))
        for tree, side, container in rows:
            place = (SIDES[side], ContainerId(from_text(container)))
            self._of(place[0])[place[1]] = tree
            self._places[tree] = place

    def _forget_rolled_back(self) -> None:
        if self._rollbacks != self._database.rollbacks:
            self._rollbacks = self._database.rollbacks
            self._sync = None
            self._crm.clear()
            self._calendar.clear()
            self._places.clear()
