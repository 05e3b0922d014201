"""Read both change feeds to their end into the observed trees."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import ContainerId, ItemId, ObservedItem, Ref, Seen, Side, Unreadable
from soroe.ports.errors import CursorExpired, ReadOnly, RetryLater
from soroe.ports.remote import Cursor, Page
from soroe.ports.store import SyncStore

from .joint import End, Joint
from .phase import Phase
from .trees import Trees

FEW_ABSENT = 20
"""So many missing items are each looked up; of more, this many are, as a sample."""
FEW_TOLD = 200
"""So many items of a feed's last page may wait in memory until both feeds are read."""


class LastWords:
    """The last page of each side's feed, where it tells of a few items: so many are decided about in no time.

    They wait until both sides are read: then what was told, where the feeds go on, and what is intended about it come
    on disk together. Until then, they are still to be told, as far as the cursors go.
    """

    def __init__(self, joint: Joint, trees: Trees) -> None:
        self._store = joint.store
        self._trees = trees
        self._waiting: list[tuple[Side, ContainerId, Page]] = []

    def wait(self, end: End, container: ContainerId, page: Page) -> bool:
        """Let a page wait, if it may. Where a side has several calendars, each one's items bear on the next one's."""
        may = page.cursor is not None and len(page.seen) <= FEW_TOLD and len(end.containers) == 1
        if may:
            self._waiting.append((end.side, container, page))
        return may

    def take_in(self) -> None:
        """Take in what has waited."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            with self._store.transaction():
                for side, container, page in waiting:
                    take_in(self._store, self._trees, side, container, page)


def take_in(store: SyncStore, trees: Trees, side: Side, container: ContainerId, page: Page) -> int:
    """Keep what a page tells and, in the same transaction, where its feed goes on; returns how many items changed."""
    changed = trees.absorb(side, page.seen)
    if page.cursor is not None:
        store.set_cursor(side, container, page.cursor)
    return changed


def observe(joint: Joint, trees: Trees, side: Side, last: LastWords) -> int:
    """Bring one tree up to date, but for what waits in `last`; returns how many items changed.

    The new cursor is on disk in the same transaction as what it stands for. A cursor that expired leads to a full
    listing; what is missing there is a suspicion only (S-3). Where a calendar tells of an item that one read before has
    as well, that one is read once more: it may have been moved between the two readings, and would be taken for two.
    """
    phase = Phase.OBSERVE_CRM if side is Side.CRM else Phase.OBSERVE_CALENDAR
    end = joint.end(side)
    changed = 0
    for place, container in enumerate(end.containers):
        joint.progress(phase, changed, None)
        seen: set[ItemId] = set()
        changed += _read(joint, trees, end, container, seen, last)
        for earlier in end.containers[:place]:
            if any(_has(joint, trees, side, Ref(earlier, item)) for item in seen):
                changed += _read(joint, trees, end, earlier, set(), last)
    return changed


def _has(joint: Joint, trees: Trees, side: Side, ref: Ref) -> bool:
    return isinstance(joint.store.item(side, ref), ObservedItem) or trees.is_series(side, ref)


def _read(joint: Joint, trees: Trees, end: End, container: ContainerId, seen: set[ItemId], last: LastWords) -> int:
    """Follow a feed, or list everything; what is told goes into `seen`."""
    cursor = joint.store.cursor(end.side, container)
    if cursor is not None:
        try:
            return _follow(joint, trees, end, container, cursor, seen, last)
        except CursorExpired:
            joint.store.set_cursor(end.side, container, None)
    last.take_in()  # a listing may take minutes
    return _list_all(joint, trees, end, container, seen)


def _follow(
    joint: Joint,
    trees: Trees,
    end: End,
    container: ContainerId,
    cursor: Cursor,
    seen: set[ItemId],
    last: LastWords,
) -> int:
    changed = 0
    for page in joint.ask(end.side).changes(container, cursor, joint.route.window):
        if not page.seen and page.cursor == cursor:
            continue
        if last.wait(end, container, page):
            changed += len(page.seen)
        else:
            last.take_in()  # in the order in which they were told
            with joint.store.transaction():
                changed += take_in(joint.store, trees, end.side, container, page)
            joint.store.save()  # the next page is asked for
        seen.update(entry.ref.id for entry in page.seen if isinstance(entry, ObservedItem))
    return changed


def _list_all(joint: Joint, trees: Trees, end: End, container: ContainerId, seen: set[ItemId]) -> int:
    changed = 0
    last: Cursor | None = None
    known = joint.store.versions(end.side, container)
    for page in joint.ask(end.side).changes(container, None, joint.route.window, known):
        with joint.store.transaction():
            changed += trees.absorb(end.side, page.seen)
        joint.store.save()  # the next page is asked for
        seen.update(page.unchanged, (entry.ref.id for entry in page.seen))
        last = page.cursor
        joint.progress(Phase.OBSERVE_CRM if end.side is Side.CRM else Phase.OBSERVE_CALENDAR, len(seen), None)
    if last is None:
        raise RetryLater("listing_without_end")
    missing = _missing(joint, end.side, container, seen)
    absent = _confirmed(joint, trees, end, missing)
    with joint.store.transaction():
        trees.absent(end.side, absent)
        joint.store.set_cursor(end.side, container, last)
    return changed + len(absent)


def _missing(joint: Joint, side: Side, container: ContainerId, seen: set[ItemId]) -> list[Ref]:
    """The items that a full listing should have shown and did not; those outside its window are no surprise."""
    missing = []
    for item_id in joint.store.refs(side, container):
        if item_id in seen:
            continue
        ref = Ref(container, item_id)
        item = joint.store.item(side, ref)
        if not isinstance(item, ObservedItem) or not joint.route.window.holds(item.content.when):
            continue
        if item.occurrence is not None and item.occurrence.series in seen:
            continue
        missing.append(ref)
    return missing


def _confirmed(joint: Joint, trees: Trees, end: End, missing: Sequence[Ref]) -> list[Ref]:
    """Those of the missing items that are really gone, as far as a look at some of them can tell.

    A single item that is still there shows that the listing was not whole; then nothing is taken for gone. One that
    cannot be read, or that nobody may read, is there, too, and may be why the listing did not name it.
    """
    if not missing:
        return []
    sample = missing if len(missing) <= FEW_ABSENT else missing[:: max(1, len(missing) // FEW_ABSENT)][:FEW_ABSENT]
    answers = {ref: _read_or_none(joint, end.side, ref) for ref in sample}
    alive = [answer for answer in answers.values() if isinstance(answer, ObservedItem)]
    if not alive:
        hidden = {ref for ref, answer in answers.items() if answer is None or isinstance(answer, Unreadable)}
        return [ref for ref in missing if ref not in hidden]
    with joint.store.transaction():
        trees.absorb(end.side, alive)
    raise RetryLater("listing_incomplete")


def _read_or_none(joint: Joint, side: Side, ref: Ref) -> Seen | None:
    """An item, or None where the service refuses to show it."""
    try:
        return joint.ask(side).read(ref)
    except ReadOnly:
        return None
