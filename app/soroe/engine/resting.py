"""Items whose twin a person took back on one laptop: all laptops let them rest until somebody changes them (S-7)."""

from __future__ import annotations

from datetime import timedelta

from soroe.core.event import ObservedItem, Presence, Ref, Removed, Side
from soroe.core.link import Link
from soroe.core.plan import about_one
from soroe.core.stamp import read_rest, rest_text, token
from soroe.ports.remote import Update

from .joint import Joint
from .moved import lies_on
from .stamping import may_replace, stamping
from .steps import Step
from .trees import Trees

_AS_MARKED = timedelta(minutes=2)
"""So far services' clocks may be from ours, and the writing of a mark from its time: no change by a person."""


def rests(joint: Joint, side: Side, item: ObservedItem) -> bool:
    """Whether another laptop took this item's twin back, and nobody has touched the item since."""
    rest = read_rest(item.stamp, joint.route.key) if item.stamp is not None else None
    if rest is None or rest.installation == token(joint.installation, 6):
        return False
    if not lies_on(joint, side, item.ref, rest.own):
        return False
    return item.changed_at is None or item.changed_at <= rest.at + _AS_MARKED


def to_rest(joint: Joint, side: Side, source: Ref) -> Step | None:
    """The write that lets an item rest whose twin is about to be taken back; None where nothing can be hidden on it."""
    end, item = joint.end(side), joint.store.item(side, source)
    if end.writer is None or not end.reader.capabilities.hidden_stamp or not isinstance(item, ObservedItem):
        return None
    if item.version is None or item.read_only is not None or not may_replace(joint, item.stamp):
        return None
    if item.occurrence is not None or item.content.recurrence is not None:
        return None
    text = rest_text(joint.route.key, joint.installation, source, joint.clock())
    action = stamping(joint, side, item, None, text)
    return Step(about_one(side, source), action, Update(source, item.version, item.content, (), text), item.content)


def let_rest(joint: Joint, trees: Trees, link: Link, crm: Presence, calendar: Presence) -> bool:
    """Give a link up whose one item is gone because a person took it back on another laptop; returns whether it was."""
    for side, gone, left in ((Side.CRM, crm, calendar), (Side.CALENDAR, calendar, crm)):
        if not isinstance(gone, Removed) or not isinstance(left, ObservedItem) or not rests(joint, side.other, left):
            continue
        with joint.store.transaction():
            joint.store.drop_link(link)
            trees.erase(side, gone.ref)
            joint.store.mark_dirty(side.other, [left.ref])
        return True
    return False
