"""Which of two items was made of the other and is still as it was made: then what differs was changed on the other."""

from __future__ import annotations

from datetime import timedelta

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.link import Link
from soroe.core.plan import Conflict, Decision, Verb, Why
from soroe.core.stamp import creation_seed, stamp_for
from soroe.core.united import born_on, is_as_made
from soroe.ports.remote import Create

from .joint import Joint
from .moved import known_as
from .seen import fingerprint, moved_since
from .trees import Trees

_AS_WRITTEN = timedelta(minutes=2)
"""So far services' clocks may be from ours."""
_ONE_CHANGED = frozenset({Why.CHANGED_IN_CRM, Why.CHANGED_IN_CALENDAR})
"""Of a pair that one side alone changed, as most are, no change is overruled."""


def brings_together(decision: Decision) -> bool:
    """Whether two items that turned out to be one meeting differ, so that it matters who changed what."""
    return isinstance(decision.outcome, Conflict) or any(action.verb is Verb.UPDATE for action in decision.actions)


def untouched_twin(joint: Joint, trees: Trees, crm: ObservedItem, calendar: ObservedItem) -> Side | None:
    """The side whose item another laptop made of the other one, and that nobody has touched since; None where there is
    none.

    Somebody may have changed the original just while its twin was made, so that the twin is the younger of the two
    and yet has the older text. The tree may be behind the twin as well: the original is read again (S-1). A person's
    copy of a twin bears its stamp, and is no twin: the service is asked what was made of the original.
    """
    born = born_on(crm, calendar, joint.route)
    if born is None:
        return None
    original, twin = (crm, calendar) if born is Side.CRM else (calendar, crm)
    if not is_untouched(twin) or not _was_made(joint, born.other, twin, original.ref):
        return None
    read_again(joint, trees, born, original.ref)
    return born.other


def as_written(joint: Joint, link: Link, crm: ObservedItem, calendar: ObservedItem, decision: Decision) -> Side | None:
    """The side whose change a decision about a linked pair carries over a change of the other side, though no person
    made it: its item is as the program wrote it last. None where no change is overruled, or by a person's.

    Somebody changed a field just while another one was carried, and what the CRM makes of that moved the same field
    there, later (S-1).
    """
    items = {Side.CRM: crm, Side.CALENDAR: calendar}
    for action in decision.outcome.actions:
        if action.verb is not Verb.UPDATE or not action.fields or action.why in _ONE_CHANGED:
            continue
        winner, loser = items[action.side.other], items[action.side]
        overruled = link.baseline.of(action.side).changed(fingerprint(joint, action.side, loser))
        if set(action.fields).isdisjoint(overruled):
            continue
        if _is_as_written(joint, action.side.other, winner) and not _is_as_written(joint, action.side, loser):
            return action.side.other
    return None


def _is_as_written(joint: Joint, side: Side, item: ObservedItem) -> bool:
    written = joint.store.last_change_of(side, item.ref)
    if written is None or written.verb is Verb.DELETE or written.after is None or item.changed_at is None:
        return False
    return item.changed_at <= written.at + _AS_WRITTEN and not moved_since(written.after, item.content)


def is_untouched(twin: ObservedItem) -> bool:
    """Whether what was made of another item is as it was made, as far as anybody can tell."""
    return twin.occurrence is None and twin.content.recurrence is None and is_as_made(twin)


def read_again(joint: Joint, trees: Trees, side: Side, ref: Ref) -> None:
    """Let the tree have an item as it is now."""
    answer = joint.ask(side).read(ref)
    with joint.store.transaction():
        trees.absorb(side, [answer])


def _was_made(joint: Joint, side: Side, twin: ObservedItem, original: Ref) -> bool:
    """Whether a twin was made of this original, wherever that was then."""
    return any(_was_made_of(joint, side, twin, source) for source in known_as(joint, side.other, original))


def _was_made_of(joint: Joint, side: Side, twin: ObservedItem, source: Ref) -> bool:
    end, key = joint.end(side), joint.route.key
    stamp = stamp_for(key, source, None) if end.reader.capabilities.hidden_stamp else None
    create = Create(twin.ref.container, twin.content, creation_seed(key, source), stamp)
    return any(found.ref == twin.ref for found in joint.ask(side).find(create))
