"""What an item looks like to the other side, in short: enough to know later which fields have changed."""

from __future__ import annotations

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.link import Fingerprint
from soroe.core.rules.form import shown
from soroe.core.rules.privacy import project

from .joint import Joint


def fingerprint(joint: Joint, side: Side, item: ObservedItem) -> Fingerprint:
    """The fingerprint of an item as the other side may see it."""
    if side is Side.CRM:
        return Fingerprint.of(shown(item, joint.dialect))
    return Fingerprint.of(project(item, joint.route, joint.dialect).content)


def seen_fingerprint(joint: Joint, side: Side, ref: Ref | None) -> Fingerprint | None:
    """The same of an item as the tree has it; None where it is not there."""
    item = joint.store.item(side, ref) if ref is not None else None
    return fingerprint(joint, side, item) if isinstance(item, ObservedItem) else None
