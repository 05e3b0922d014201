"""Say why an item is synced the way it is, or is not (S-9)."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.event import ItemId, ObservedItem, Ref, Side
from soroe.core.link import Link
from soroe.core.plan import Decision, Why
from soroe.ports.store import JournalEntry

from .decide import Deciding
from .joint import Joint
from .outcome import reason
from .trees import Trees


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one item: both sides as last seen, their link, what would happen next, and what happened last.

    `why` is the last word: why the item is, or is not, synced.
    """

    side: Side
    ref: Ref
    crm: ObservedItem | None
    calendar: ObservedItem | None
    link: Link | None
    why: Why
    next: Decision
    last: JournalEntry | None


def explain(joint: Joint, item: str) -> Explanation | None:
    """Explain the item with this id, on whichever side it is known; None when no side knows it. Asks no service."""
    joint = joint.today()
    found = _find(joint, item)
    if found is None:
        return None
    side, ref = found
    store = joint.store
    decision = Deciding(joint, Trees(joint), look=False).about(side, ref)
    link = store.link(side, ref)
    crm_ref = link.crm if link else ref if side is Side.CRM else None
    calendar_ref = link.calendar if link else ref if side is Side.CALENDAR else None
    settled = store.why(side, ref)
    why = reason(decision)
    if why is Why.IN_STEP and settled is not None:
        why = settled
    return Explanation(
        side,
        ref,
        _present(joint, Side.CRM, crm_ref),
        _present(joint, Side.CALENDAR, calendar_ref),
        link,
        why,
        decision,
        store.last_change_of(side, ref),
    )


def _find(joint: Joint, item: str) -> tuple[Side, Ref] | None:
    for side in Side:
        for container in joint.end(side).containers:
            ref = Ref(container, ItemId(item))
            if joint.store.item(side, ref) is not None or joint.store.why(side, ref) is not None:
                return side, ref
    return None


def _present(joint: Joint, side: Side, ref: Ref | None) -> ObservedItem | None:
    item = joint.store.item(side, ref) if ref is not None else None
    return item if isinstance(item, ObservedItem) else None
