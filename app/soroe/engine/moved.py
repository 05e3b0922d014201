"""Events that were moved between two synced calendars: they keep their ids, but what was hidden on them, or tells of
them across, names the calendar that they were in."""

from __future__ import annotations

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.stamp import own_check

from .joint import Joint


def known_as(joint: Joint, side: Side, ref: Ref) -> list[Ref]:
    """The ref of an item, and those that it may have had before it was moved: of the same id, in calendars that have
    no such item now. Where the old one is still there, the item is a copy, and says nothing of itself."""
    return [ref, *places_elsewhere(joint, side, ref)]


def places_elsewhere(joint: Joint, side: Side, ref: Ref) -> list[Ref]:
    """Where else an item of this id may be, or have been: in the calendars that have none as far as the tree tells."""
    containers = joint.end(side).containers
    if len(containers) < 2:
        return []
    others = [Ref(container, ref.id) for container in containers if container != ref.container]
    return [other for other in others if not isinstance(joint.store.item(side, other), ObservedItem)]


def lies_on(joint: Joint, side: Side, ref: Ref, own: str) -> bool:
    """Whether something hidden was written on this very item, wherever it was then, as the check in it tells."""
    return own == own_check(ref) or own in {own_check(known) for known in places_elsewhere(joint, side, ref)}


def now_at(joint: Joint, side: Side, ref: Ref) -> Ref:
    """Where an item is now: at this ref, or, where nothing is there, where one of the same id is."""
    containers = joint.end(side).containers
    if len(containers) < 2 or isinstance(joint.store.item(side, ref), ObservedItem):
        return ref
    others = (Ref(container, ref.id) for container in containers if container != ref.container)
    return next((other for other in others if isinstance(joint.store.item(side, other), ObservedItem)), ref)
