"""The small numbers that stand for a sync, for one calendar or CRM list of it, and for a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from soroe.core.event import ContainerId, ItemId, Ref, Side
from soroe.core.plan import Why
from soroe.core.route import SyncName

from .connection import Database, Row
from .errors import DamagedRow
from .small_values import BROKEN, from_text, to_text

CRM, CALENDAR = 0, 1
"""The numbers of the two sides."""
SIDES = (Side.CRM, Side.CALENDAR)
SIDE_NUMBERS = {Side.CRM: CRM, Side.CALENDAR: CALENDAR}

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
        database.tell_of_rollbacks(self)

    def number(self, text: str) -> int:
        """The number of a text; a new one gets the next."""
        found = self._numbers.get(text)
        if found is None:
            self._database.run("INSERT INTO word (text) VALUES (?) ON CONFLICT DO NOTHING", (to_text(text),))
            self._load()
            found = self._numbers[text]
        return found

    def number_if_few(self, text: str) -> int | None:
        """The number of a text from outside; None for a new one when there are so many that they can't all be real."""
        found = self._numbers.get(text)
        return found if found is not None or len(self._numbers) >= _FEW_WORDS else self.number(text)

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

    def forget(self) -> None:
        """Learn them anew."""
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
        self._order: list[tuple[int, Side, ContainerId]] = []
        self._held = False
        database.tell_of_rollbacks(self)

    def sync(self) -> int | None:
        """The number of the sync, or None while nothing was kept for it."""
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
        found = (self._crm if side is Side.CRM else self._calendar).get(container)
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

    def make_all(self, side: Side, refs: Iterable[Ref]) -> Mapping[ContainerId, int]:
        """The numbers of all trees that hold these items."""
        known = self._of(side)
        for container in {ref.container for ref in refs}:
            if container not in known:
                self.make(side, container)
        return known

    def place(self, tree: int) -> tuple[Side, ContainerId]:
        """What a tree's number stands for."""
        if tree not in self._places:
            self._load()
        return self._places[tree]

    def ref(self, tree: int, ref: str | bytes) -> Ref:
        """The ref of an item of a tree."""
        if tree not in self._places:
            self._load()
        return Ref(self._places[tree][1], ItemId(from_text(ref)))

    def in_order(self) -> list[tuple[int, Side, ContainerId]]:
        """All trees, ordered by container, the CRM first: with the items' ids, the order of their refs."""
        if not self._held or not self._places:
            self._load()
        if not self._order:
            self._order = sorted(
                ((tree, side, container) for tree, (side, container) in self._places.items()),
                key=lambda entry: (entry[2], SIDE_NUMBERS[entry[1]]),
            )
        return self._order

    def hold(self, rows: Iterable[Row]) -> None:
        """These are all trees, and until `release` nobody else makes one."""
        self._held = True
        self._take(rows)

    def release(self) -> None:
        """Others may make trees again."""
        self._held = False

    def by_tree(self, side: Side, refs: Iterable[Ref]) -> dict[int, list[Ref]]:
        """The refs of those trees that exist."""
        some: dict[ContainerId, list[Ref]] = {}
        for ref in refs:
            if ref.container not in some:
                some[ref.container] = []
            some[ref.container].append(ref)
        numbers = ((self.find(side, container), refs_there) for container, refs_there in some.items())
        return {tree: refs_there for tree, refs_there in numbers if tree is not None}

    def _of(self, side: Side) -> dict[ContainerId, int]:
        return self._crm if side is Side.CRM else self._calendar

    def _load(self) -> None:
        sync = self.sync()
        if sync is None:
            return
        self._take(self._database.rows("SELECT id, side, container FROM tree WHERE sync = ?", (sync,)))

    def _take(self, rows: Iterable[Row]) -> None:
        self._order = []
        for tree, side, container in rows:
            place = (SIDES[side], ContainerId(from_text(container)))
            self._of(place[0])[place[1]] = tree
            self._places[tree] = place

    def forget(self) -> None:
        """Find them anew."""
        self._sync = None
        self._crm.clear()
        self._calendar.clear()
        self._places.clear()
        self._order = []
