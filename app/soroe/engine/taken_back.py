"""What was taken back stays so (S-7): the sync does not make the same change again by itself (decision 7)."""

from __future__ import annotations

from soroe.core.event import Field, Ref, Side
from soroe.core.finding import FindingAction
from soroe.core.plan import Verb, Why
from soroe.ports.store import Choice

from .joint import Joint
from .seen import seen_fingerprint


def agree_to_differ(
    joint: Joint, verb: Verb, side: Side, why: Why, source: Ref | None, target: Ref | None, fields: tuple[str, ...]
) -> None:
    """Both sides count as agreed, each as it stands, after a write that took something back; others change nothing.

    To be kept in one transaction with the write's own result: else a crash in between carries to the other side what
    was taken back, as if somebody had done it there. Of a change, only its own fields are agreed on: whatever else
    somebody changed on either side since is still to be carried over (S-1).
    """
    if why is not Why.UNDONE:
        return
    if verb is Verb.DELETE and source is not None:
        joint.store.choose(side.other, source, Choice(FindingAction.DROP, joint.clock()))
        joint.store.mark_dirty(side.other, [source])
    elif verb is Verb.UPDATE and target is not None:
        _agree(joint, side, target, {Field(name) for name in fields})


def _agree(joint: Joint, side: Side, target: Ref, fields: set[Field]) -> None:
    store = joint.store
    link = store.link(side, target)
    if link is None:
        return
    if side is Side.CRM and Field.LOCATION in fields:
        fields = {*fields, Field.TITLE}  # it may show the building
    baseline = link.baseline
    for one in Side:
        now = seen_fingerprint(joint, one, link.ref(one))
        if now is None:
            return
        baseline = baseline.with_side(one, baseline.of(one).replaced(now, fields))
    store.save_link(link.agreed_on(baseline))
    for one in Side:
        store.mark_dirty(one, [link.ref(one)])
