"""What was made for an invitation gives way to the organiser's own copy, once that has come (SF-24)."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import ObservedItem, Side
from soroe.core.plan import Action, Change, Decision, Verb, Why, placed
from soroe.core.rules.guests import is_invited
from soroe.ports.store import Candidate

from .joint import Joint


def superseded(joint: Joint, item: ObservedItem, side: Side, others: Sequence[Candidate]) -> Decision | None:
    """Remove the twin that we made of an invitation, where `item` is the same invitation by the organiser's own hand.

    Each service brings its organiser's event to every guest by itself. Whichever copy came first had a twin made for
    it across; once the other service's copy is there, the two copies belong together. None where nothing of the kind
    stands in the way: our twin is another's invitation, has changed its look, or was there before. An activity that was
    changed since may hold what nobody else knows, a related record or notes: then a person is asked, as of any double.
    """
    if not joint.dialect.group_events or not is_invited(item) or not joint.route.direction.writes(side):
        return None
    across = [other for other in others if other.side is side.other and other.linked and is_invited(other.item)]
    here = {other.item.ref: other.item for other in others if other.side is side and other.linked}
    if len(across) != 1 or len(here) != 1:
        return None
    link = joint.store.link(side.other, across[0].item.ref)
    made = None if link is None else here.get(link.ref(side))
    if link is None or made is None or link.origin is side or made.read_only is not None or is_invited(made):
        return None
    if side is Side.CRM and made.changed_at != made.created_at:
        return None
    action = Action(Verb.DELETE, side, Why.SAME_MEETING, target=made.ref, version=made.version)
    return Decision(*placed(made.ref, side), Change((action,)))
