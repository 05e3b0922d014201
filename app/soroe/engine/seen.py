"""What an item looks like to the other side, in short: enough to know later which fields have changed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from soroe.core.event import AllDay, EventContent, Field, ObservedItem, Ref, Side
from soroe.core.link import Baseline, Fingerprint
from soroe.core.rules.form import told
from soroe.core.rules.privacy import visible

from .joint import Joint


def fingerprint(joint: Joint, side: Side, item: ObservedItem) -> Fingerprint:
    """The fingerprint of an item as the other side may see it."""
    if side is Side.CRM:
        return told(item, joint.dialect)
    return Fingerprint.of(visible(item, joint.route, joint.dialect))


def seen(joint: Joint, side: Side, ref: Ref | None) -> ObservedItem | None:
    """An item as the tree has it; None where it is not there."""
    item = joint.store.item(side, ref) if ref is not None else None
    return item if isinstance(item, ObservedItem) else None


def seen_fingerprint(joint: Joint, side: Side, ref: Ref | None) -> Fingerprint | None:
    """The fingerprint of an item as the tree has it; None where it is not there."""
    item = seen(joint, side, ref)
    return None if item is None else fingerprint(joint, side, item)


def carried(
    joint: Joint, moved: AbstractSet[tuple[Side, Ref]] | None, side: Side, item: ObservedItem, before: Baseline | None
) -> Fingerprint:
    """The fingerprint of an item that was just carried over, as far as it was carried.

    Of an item that was seen anew since that was decided (`moved`), an older state was: it counts as it was last agreed
    on (`before`), or as unknown, and is looked at again, so that what is new about it is carried, too (S-1).
    """
    if not moved or (side, item.ref) not in moved:
        return fingerprint(joint, side, item)
    joint.store.mark_dirty(side, [item.ref])
    return before.of(side) if before is not None else fingerprint(joint, side, item).forgetting(frozenset(Field))


def looks_as_before(item: ObservedItem, before: ObservedItem) -> bool:
    """Whether an item looks to the other side just as it did: nothing that a fingerprint or a key is made of moved."""
    return (
        item.content == before.content
        and _folds(item) == _folds(before)
        and item.ref == before.ref
        and item.details_hidden is before.details_hidden
        and item.activity_type == before.activity_type
        and item.particulars == before.particulars
    )


def _folds(item: ObservedItem) -> tuple[int, int]:
    """What tells two times apart that stand an hour from each other and count as equal: a clock was turned back."""
    when = item.content.when
    return (0, 0) if isinstance(when, AllDay) else (when.start.fold, when.end.fold)


def says_as_much(meant: EventContent, written: EventContent) -> bool:
    """Whether an answer says what was meant: it may say that guests may not change it where that was left open.

    Most services say it or leave it out by themselves, and History would keep each item twice for that.
    """
    if meant.guests_may_change or written.guests_may_change or meant.guests_may_change is written.guests_may_change:
        return meant == written
    return (
        meant.title == written.title
        and meant.when == written.when
        and meant.description == written.description
        and meant.location == written.location
        and meant.show_as is written.show_as
        and meant.visibility is written.visibility
        and meant.guests == written.guests
        and meant.recurrence == written.recurrence
    )


def moved_since(kept: EventContent, now: EventContent) -> set[Field]:
    """The fields in which an item differs from what History keeps of a write (see `says_as_much`)."""
    moved = set(Fingerprint.of(kept).changed(Fingerprint.of(now)))
    if kept.guests_may_change is None and now.guests_may_change:
        moved.add(Field.GUESTS_MAY_CHANGE)
    return moved
