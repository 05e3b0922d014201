"""What one run has read and written of a sync, so that it reads nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from soroe.core.event import ContainerId, ItemId, Presence, Ref, Side
from soroe.core.link import Link
from soroe.ports.store import Choice

from .connection import Database

MOST = 20_000
"""Items and links that are remembered at most: about 40 MB."""

_SOME = 500
"""How many give way when there is no room."""

Place = tuple[bool, ContainerId, ItemId]
"""An item of either side; True is the CRM's."""


class Unread:
    """Stands for what was not read yet, where None says that there is nothing."""


UNREAD: Final = Unread()


def place_of(side: Side, ref: Ref) -> Place:
    """An item as `Memory` names it: hashing this takes a fifth of the time of hashing side and ref."""
    return side is Side.CRM, ref.container, ref.id


class Memory:
    """Remembers between `begin` and `end`: then the right to run this sync is ours, and nobody else writes to it.

    A rollback makes it forget everything.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rollbacks = database.rollbacks
        self._on = False
        self._items: dict[Place, Presence] = {}
        self._links: dict[Place, Link | None] = {}
        self._alone: dict[bytes, Place] = {}
        self._stampless: set[Side] = set()
        self._choices: dict[Place, Choice] | None = None

    def begin(self) -> None:
        """Remember from now on."""
        self.forget()
        self._on = True

    def end(self) -> None:
        """Remember nothing any more."""
        self.forget()
        self._on = False

    def forget(self) -> None:
        """Forget everything."""
        self._rollbacks = self._database.rollbacks
        _empty(self._items)
        _empty(self._links)
        self.forget_looks()
        self._choices = None

    # --- items ---
    def item(self, place: Place) -> Presence | Unread:
        """What the tree says of an item."""
        self._forget_rolled_back()
        return self._items.get(place, UNREAD)

    def keep_item(self, place: Place, presence: Presence) -> None:
        """This was read, or has just been written."""
        if self._on:
            if len(self._items) >= MOST:
                _empty(self._items, _SOME)
            self._items[place] = presence

    def forget_item(self, place: Place) -> None:
        """What the tree says of this item has changed."""
        self._items.pop(place, None)

    # --- what is known of looks and stamps until an item is put ---
    def is_alone(self, match_key: bytes, place: Place) -> bool:
        """Whether this is known to be the only item with its key."""
        self._forget_rolled_back()
        return self._alone.get(match_key) == place

    def keep_alone(self, match_key: bytes, place: Place) -> None:
        """No other item has this key."""
        if self._on and len(self._alone) < MOST:
            self._alone[match_key] = place

    def is_stampless(self, side: Side) -> bool:
        """Whether no item of a side is known to bear a stamp."""
        self._forget_rolled_back()
        return side in self._stampless

    def keep_stampless(self, side: Side) -> None:
        """No item of this side bears a stamp."""
        if self._on:
            self._stampless.add(side)

    def forget_looks(self) -> None:
        """Items were put, with whatever looks and stamps."""
        self._alone.clear()
        self._stampless.clear()

    # --- links ---
    def link(self, place: Place) -> Link | Unread | None:
        """The link of an item."""
        self._forget_rolled_back()
        return self._links.get(place, UNREAD)

    def keep_link(self, place: Place, link: Link | None) -> None:
        """This was read, or has just been written."""
        if self._on:
            if len(self._links) >= MOST:
                _empty(self._links, _SOME)
            self._links[place] = link

    def forget_links(self) -> None:
        """Some links are gone."""
        _empty(self._links)

    # --- choices: few, so that they are remembered all or not at all ---
    def choices(self) -> Mapping[Place, Choice] | None:
        """All choices of the sync, or None while they were not read."""
        self._forget_rolled_back()
        return self._choices

    def keep_choices(self, choices: dict[Place, Choice]) -> None:
        """These are all choices."""
        if self._on:
            self._choices = choices

    def forget_choices(self) -> None:
        """The choices have changed."""
        self._choices = None

    @property
    def remembers(self) -> bool:
        """Whether a run is under way."""
        return self._on

    def _forget_rolled_back(self) -> None:
        if self._rollbacks != self._database.rollbacks:
            self.forget()


def _empty(kept: dict[Place, Any], most: int | None = None) -> None:
    """Let go of what is remembered longest, one by one: 20,000 items at once would hold up the window for 30 ms."""
    for place in list(islice(kept, most)):
        del kept[place]
