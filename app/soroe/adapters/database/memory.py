"""What one run has read and written of a sync, so that it reads nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import islice
from typing import Any, Final

from soroe.core.event import ContainerId, ItemId, ObservedItem, Presence, Ref, Side
from soroe.core.link import Link
from soroe.ports.store import Choice

from .beginning import Beginning
from .connection import Database

MOST = 20_000
"""Items and links that are remembered at most: about 40 MB."""

_SOME = 500
"""How many give way when there is no room."""

Place = tuple[bool, ContainerId, ItemId]
"""An item of either side; True is the CRM's. Hashing this takes a fifth of the time of hashing side and ref."""


class Unread(Enum):
    """Stands for what was not read yet, where None says that there is nothing."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD


def place_of(side: Side, ref: Ref) -> Place:
    """An item as `Memory` names it."""
    return side is Side.CRM, ref.container, ref.id


def places_of(side: Side, refs: Iterable[Ref]) -> list[Place]:
    """Items of one side as `Memory` names them."""
    is_crm = side is Side.CRM
    return [(is_crm, ref.container, ref.id) for ref in refs]


class Memory:
    """Remembers between `begin` and `end`: then the right to run this sync is ours, and nobody else writes to it.

    A rollback makes it forget everything. What it remembers may be looked up directly, and is empty outside of a run;
    it is kept with the methods, which see to it that it does not grow without end.
    """

    def __init__(self, database: Database) -> None:
        self.remembers = False
        self.items: dict[Place, Presence] = {}
        self._there: set[Place] = set()
        self.links: dict[Place, Link | None] = {}
        self.choices: Mapping[Place, Choice] | None = None
        self.beginning: Beginning | None = None
        self.has_no_findings = False
        self.alone: dict[bytes, Place] = {}
        self.bears_stamps: dict[Side, bool] = {}
        self.waiting: set[Place] | None = None
        """All items that wait to be reconciled, and maybe some that do no longer; None where nobody knows."""
        self.none_gone = False
        """Whether none of those that wait is gone, for sure."""
        database.tell_of_rollbacks(self)

    def begin(self, beginning: Beginning) -> None:
        """Remember from now on, starting with this."""
        if self.remembers:  # the run before was never finished
            self.forget()
        self.remembers = True
        self.beginning = beginning
        self.has_no_findings = not beginning.has_item_findings
        self.choices = None if beginning.has_choices else {}

    def end(self) -> None:
        """Remember nothing any more."""
        self.forget()
        self.remembers = False

    def forget(self) -> None:
        """Forget everything."""
        if self.items:
            _empty(self.items)
        if self.links:
            _empty(self.links)
        self._there.clear()
        self.forget_looks()
        self.choices = None
        self.waiting, self.none_gone = None, False
        self.beginning = None
        self.has_no_findings = False

    # --- items ---
    def keep_item(self, place: Place, presence: Presence) -> None:
        """This was read, or has just been written."""
        if self.remembers:
            self.items[place] = presence
            if len(self.items) > MOST:
                _empty(self.items, _SOME)

    def keep_items(self, found: Mapping[Place, Presence]) -> None:
        """These were read, or have just been written."""
        if self.remembers:
            self.items.update(found)
            if len(self.items) > MOST:
                _empty(self.items, len(self.items) - MOST + _SOME)

    def keep_there(self, places: Iterable[Place]) -> None:
        """The tree was just found to have these."""
        if self.remembers:
            self._there = set(places)

    def seems_there(self, place: Place) -> bool:
        """Whether the tree most likely has this item: it was so when it was last looked up."""
        return place in self._there or isinstance(self.items.get(place), ObservedItem)

    def forget_item(self, place: Place) -> None:
        """What the tree says of this item has changed."""
        self.items.pop(place, None)

    # --- what is known of looks and stamps until an item is put ---
    def keep_alone(self, found: Mapping[bytes, Place]) -> None:
        """No other item has the key of one of these."""
        if self.remembers:
            self.alone.update(islice(found.items(), MOST - len(self.alone)))

    def keep_bears_stamps(self, side: Side, *, may: bool) -> None:
        """Whether items of this side may bear stamps."""
        if self.remembers:
            self.bears_stamps[side] = may

    def forget_looks(self) -> None:
        """Items were put, with whatever looks and stamps."""
        self.alone.clear()
        self.bears_stamps.clear()

    # --- links ---
    def keep_links(self, found: Mapping[Place, Link | None]) -> None:
        """These were read, or have just been written."""
        if self.remembers:
            self.links.update(found)
            if len(self.links) > MOST:
                _empty(self.links, len(self.links) - MOST + _SOME)

    def forget_links(self) -> None:
        """Some links are gone."""
        _empty(self.links)

    # --- choices: few, so that they are remembered all or not at all ---
    def keep_choices(self, choices: Mapping[Place, Choice]) -> None:
        """These are all choices."""
        if self.remembers:
            self.choices = choices

    # --- findings about items ---
    def keep_no_findings(self) -> None:
        """There is no finding about any item."""
        self.has_no_findings = self.remembers

    # --- what was there when the run began ---
    def something_waits(self) -> None:
        """Items were put, or asked for."""
        self.waiting, self.none_gone = None, False
        if self.beginning is not None:
            self.beginning.nothing_waits = False

    def keep_waiting(self, places: Iterable[Place], *, none_gone: bool) -> None:
        """These are all that wait."""
        if self.beginning is not None:
            self.waiting, self.none_gone = set(places), none_gone

    def settled(self, places: Iterable[Place]) -> None:
        """These wait no longer."""
        if self.waiting is not None and self.beginning is not None:
            self.waiting.difference_update(places)
            self.beginning.nothing_waits = not self.waiting


def _empty(kept: dict[Place, Any], most: int | None = None) -> None:
    """Let go of what is remembered longest, one by one: 20,000 items at once would hold up the window for 30 ms."""
    for place in list(islice(kept, most)):
        del kept[place]
