"""Answers the change feed, truthfully or, when a test wants it, not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from soroe.sandbox.crm.activity import Tombstone, activity_json, tombstone_json
from soroe.sandbox.crm.feed import (
    ActivityId,
    Cursors,
    EmptyPage,
    ExpiredCursor,
    FalseTombstones,
    Lie,
    Position,
    TruncatedPage,
)
from soroe.sandbox.crm.problems import Problem, invalid
from soroe.sandbox.crm.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of the feed; `owner_id` is a real id."""

    owner_id: str
    limit: int
    cursor: str | None = None
    since: datetime | None = None


class Listing:
    """Pages through the store; the caller holds the lock. `lies` are told one a request, oldest first."""

    def __init__(self, store: Store, cursors: Cursors) -> None:
        self.store = store
        self.cursors = cursors
        self.lies: list[Lie] = []
        self.generation = 0

    def page(self, wanted: Wanted, viewer_id: str) -> dict[str, Any]:
        """Returns one page as JSON members."""
        lie = self._lie(wanted)
        position = self._start(wanted)
        match lie:
            case EmptyPage():
                return self._answer([], [], replace(position, place=self.store.place), more=False)
            case ExpiredCursor():
                raise _expired()
            case FalseTombstones() | TruncatedPage() | None:
                items, tombstones, position, more = self._collect(wanted, position, viewer_id)
            case _:
                assert_never(lie)
        if isinstance(lie, FalseTombstones):
            now = self.store.clock()
            items = [item for item in items if item["id"] not in lie.ids]
            tombstones += [tombstone_json(Tombstone(activity_id, now)) for activity_id in lie.ids]
        if isinstance(lie, TruncatedPage):
            return self._answer(items[: lie.keep], [], replace(position, place=self.store.place), more=False)
        return self._answer(items, tombstones, position, more)

    def end_cursor(self, owner_id: str) -> str:
        """Returns the cursor of a reader who has seen everything."""
        position = Position(owner_id, self.store.place, self.store.place, None, self.generation)
        return self.cursors.write(position, self.store.clock())

    def _lie(self, wanted: Wanted) -> Lie | None:
        if not self.lies or (isinstance(self.lies[0], ExpiredCursor) and wanted.cursor is None):
            return None
        return self.lies.pop(0)

    def _start(self, wanted: Wanted) -> Position:
        if wanted.cursor is None:
            return Position(wanted.owner_id, 0, self.store.place, wanted.since, self.generation)
        position = self.cursors.read(wanted.cursor, self.store.clock())
        if position is None or position.generation != self.generation:
            raise _expired()
        if position.owner_id != wanted.owner_id:
            raise invalid("owner", "The cursor belongs to another owner.")
        return position

    def _collect(
        self, wanted: Wanted, start: Position, viewer_id: str
    ) -> tuple[list[dict[str, Any]], list[dict[str, str]], Position, bool]:
        items: list[dict[str, Any]] = []
        tombstones: list[dict[str, str]] = []
        place = start.place
        for at, activity_id in self.store.feed(start.owner_id).after(start.place):
            if len(items) + len(tombstones) == wanted.limit:
                return items, tombstones, replace(start, place=place), True
            place = at
            self._add(start, at, activity_id, viewer_id, items, tombstones)
        return items, tombstones, replace(start, place=self.store.place), False

    def _add(
        self,
        start: Position,
        at: int,
        activity_id: ActivityId,
        viewer_id: str,
        items: list[dict[str, Any]],
        tombstones: list[dict[str, str]],
    ) -> None:
        tombstone = self.store.tombstone(start.owner_id, activity_id)
        first_listing = at <= start.listing_from
        if tombstone is not None:
            if not first_listing:
                tombstones.append(tombstone_json(tombstone))
            return
        activity = self.store.live[activity_id]
        if first_listing and start.since is not None and activity.updated_at < start.since:
            return
        items.append(activity_json(activity, viewer_id))

    def _answer(
        self, items: list[dict[str, Any]], tombstones: list[dict[str, str]], position: Position, more: bool
    ) -> dict[str, Any]:
        cursor = self.cursors.write(position, self.store.clock())
        return {"items": items, "tombstones": tombstones, "next_cursor": cursor, "has_more": more}


def _expired() -> Problem:
    return Problem(410, "cursor_expired", "The cursor is too old or damaged: read again without one.", "cursor")
