"""The stamp that a linked pair carries: one write that no person sees, and that keeps the pair a pair everywhere."""

from __future__ import annotations

from soroe.core.event import EventContent, ObservedItem, Presence, Side
from soroe.core.link import Link
from soroe.core.plan import Action, Change, Conflict, Decision, Nothing, Verb, Why
from soroe.core.rules.privacy import visible
from soroe.core.series_mark import is_mark_of
from soroe.core.stamp import decode, find_partner, names, read_claim, read_rest, stamp_for

from .joint import Joint
from .moved import lies_on
from .seen import moved_since
from .series_shown import stands_alone


def finished(joint: Joint, link: Link, crm: Presence, calendar: Presence, decision: Decision) -> Decision:
    """The decision about a linked pair, with the stamp that it still lacks: one that had to wait, or was a claim."""
    if not isinstance(crm, ObservedItem) or not isinstance(calendar, ObservedItem):
        return decision
    if names(calendar.stamp, joint.route.key, crm.ref, calendar.ref):
        return decision  # as most pairs are: the event says itself, truthfully, with what it is linked
    given_up = _given_up(joint, link, crm, calendar) if calendar.stamp is not None else None
    if given_up is not None:
        return given_up
    if calendar.stamp is None and names(crm.stamp, joint.route.key, calendar.ref, crm.ref):
        return decision  # or the activity does
    action = stamp_action(joint, crm, calendar, decision, link.origin)
    match decision.outcome:
        case Nothing(baseline=baseline) if action is not None:
            return Decision(decision.crm, decision.calendar, Change((action,), baseline), decision.findings)
        case Change(actions, baseline) if action is not None:
            return Decision(decision.crm, decision.calendar, Change((*actions, action), baseline), decision.findings)
        case Nothing() | Change() | Conflict():
            return decision


def stamp_action(
    joint: Joint, crm: ObservedItem, calendar: ObservedItem, decision: Decision, origin: Side
) -> Action | None:
    """What stamps one of the two, so that they stay one meeting on every laptop (S-2); None where that is done."""
    key = joint.route.key
    if names(calendar.stamp, key, crm.ref, calendar.ref) or names(crm.stamp, key, calendar.ref, crm.ref):
        return None
    for side, own, partner in ((Side.CALENDAR, calendar, crm), (Side.CRM, crm, calendar)):
        if _can_stamp(joint, own, side, decision):
            stamp = stamp_for(key, partner.ref, own.ref, original=origin is side)
            return stamping(joint, side, own, partner, stamp)
    return None


def stamping(joint: Joint, side: Side, own: ObservedItem, partner: ObservedItem | None, text: str) -> Action:
    """The action that writes a stamp or a claim on an item, and nothing else."""
    source = partner.ref if partner is not None else None
    content = _seen(joint, side, own)
    return Action(Verb.UPDATE, side, Why.STAMPED, source, own.ref, content, (), own.version, stamp=text)


def is_stamping(action: Action) -> bool:
    """Whether an action writes nothing but a stamp, a claim or a mark."""
    return action.verb is Verb.UPDATE and not action.fields


def _seen(joint: Joint, side: Side, item: ObservedItem) -> EventContent:
    return visible(item, joint.route, joint.dialect) if side is Side.CALENDAR else item.content


def _can_stamp(joint: Joint, item: ObservedItem, side: Side, decision: Decision) -> bool:
    end = joint.end(side)
    if end.writer is None or not end.reader.capabilities.hidden_stamp:
        return False
    if item.read_only is not None or item.version is None:
        return False
    if item.occurrence is not None and not marked_alone(joint, side, item):
        return False
    if not may_replace(joint, item.stamp):
        return False
    # A write of the same decision changes the version; then the stamp waits for the next occasion.
    return not any(other.side is side and other.verb is Verb.UPDATE for other in decision.actions)


def marked_alone(joint: Joint, side: Side, item: ObservedItem) -> bool:
    """Whether this is an occurrence that differs from its series, for a CRM that knows occurrences as single items.

    Nothing but its stamp tells which of them it is. One that does not differ is left as it is: a stamp would part it
    from its series.
    """
    return item.version is not None and stands_alone(joint, side, item)


def wants_stamp(joint: Joint, side: Side, item: ObservedItem) -> bool:
    """Whether an item whose twin was just made is to get a stamp: its claim is to give way to one, its service can't
    hold claims, or it is an occurrence that has only its stamp to be known by."""
    if item.stamp is not None and read_claim(item.stamp, joint.route.key) is not None:
        return True
    return (is_bare(joint, item) and marks_late(joint, side)) or tells_by_stamp(joint, side, item)


def tells_by_stamp(joint: Joint, side: Side, item: ObservedItem) -> bool:
    """Whether this is an occurrence that has only a stamp to be known by, and has none yet."""
    if item.occurrence is None or side is not Side.CALENDAR:
        return False
    return is_bare(joint, item) and marked_alone(joint, side, item)


def marks_late(joint: Joint, side: Side) -> bool:
    """Whether items of a side get their stamps only when they are linked: no claims come before, and their twins can
    bear none."""
    own, other = joint.end(side).reader.capabilities, joint.end(side.other).reader.capabilities
    return own.hidden_stamp and not own.conditional_writes and not other.hidden_stamp


def is_bare(joint: Joint, item: ObservedItem) -> bool:
    """Whether nothing is hidden on an item that is its own: an exception may show what lies on its series."""
    return item.stamp is None or is_mark_of(item.stamp, joint.route.key)


def may_replace(joint: Joint, text: str | None) -> bool:
    """Whether a stamp is nobody's, or this sync's own: one of another sync stays."""
    stamp, key = decode(text), joint.route.key
    if stamp is not None:
        return stamp.sync == key
    rest = read_rest(text, key)
    if rest is not None:  # whoever wrote it is about to take the twin back
        return not rest.fresh(joint.clock())
    return text is None or read_claim(text, key) is not None or is_mark_of(text, key)


def _given_up(joint: Joint, link: Link, crm: ObservedItem, calendar: ObservedItem) -> Decision | None:
    """Another laptop took our claim over while we slept, and the event's stamp names its twin: ours is one too many.

    Only a twin that we made of this very event, and that nobody has touched since, is taken away.
    """
    stamp, store = decode(calendar.stamp), joint.store
    if stamp is None or stamp.sync != joint.route.key or not stamp.own:
        return None
    named = find_partner(stamp.partner, joint.crm.containers)
    if not lies_on(joint, Side.CALENDAR, calendar.ref, stamp.own):
        return None
    if named is None or named == link.crm or joint.crm.writer is None:
        return None
    if not isinstance(store.item(Side.CRM, named), ObservedItem) or store.link(Side.CRM, named) is not None:
        return None
    made = store.last_change_of(Side.CRM, link.crm, Verb.CREATE)
    if made is None or made.source != link.calendar or made.after is None:
        return None
    if moved_since(made.after, crm.content):
        return None
    action = Action(Verb.DELETE, Side.CRM, Why.DUPLICATE, calendar.ref, crm.ref, crm.content, version=crm.version)
    return Decision(crm.ref, None, Change((action,)))
