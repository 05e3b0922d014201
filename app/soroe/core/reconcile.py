"""One meeting's three trees in, what to do and why out: the heart of the program, a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from . import joined, lone, notes, united, usual
from .dialect import Dialect
from .event import ObservedItem, Presence, Ref, Removed, Side
from .finding import FindingAction
from .link import Baseline, Link
from .matching import ALONE, Alone, Ambiguous, Match, SameAs
from .pair import Pair
from .plan import Action, Change, Decision, Nothing, Verb, Why, placed
from .route import Route


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else bears on one meeting.

    `match` tells who looks like an unlinked item; `choice` what a person decided about it; `belonging` which series an
    item without a link belongs to, or goes on from; `stamped` that a stamp, not looks, brought the two
    together; `other_sync` that a stamp says the item belongs to another sync; `untouched` whose item is as it was made
    of the other one; `as_written` which one of a linked pair is as the program wrote it last (see `Pair`);
    `before` what both agreed on before they were told apart, as occurrences of one series are that were both changed.
    """

    match: Match = ALONE
    choice: FindingAction | None = None
    belonging: lone.Belonging = lone.NOWHERE
    stamped: bool = False
    other_sync: bool = False
    untouched: Side | None = None
    as_written: Side | None = None
    before: Baseline | None = None


PLAIN = Circumstances()


def reconcile(
    link: Link | None,
    crm: Presence,
    calendar: Presence,
    route: Route,
    dialect: Dialect,
    circumstances: Circumstances = PLAIN,
) -> Decision:
    """What becomes of one meeting: a change, a conflict, or nothing, with the findings that go with it.

    Same input, same decision. Decides only; whether a deletion is really due is looked up once more when it is applied.
    """
    if link is not None:
        return _linked(link, crm, calendar, route, dialect, circumstances)
    if isinstance(crm, ObservedItem) and isinstance(calendar, ObservedItem):
        why = Why.STAMPED if circumstances.stamped else Why.SAME_MEETING
        pair = Pair(route, dialect, circumstances.choice)
        return united.unite(crm, calendar, why, pair, circumstances.untouched, circumstances.before)
    for side, presence in ((Side.CRM, crm), (Side.CALENDAR, calendar)):
        if isinstance(presence, ObservedItem):
            return _alone(presence, side, route, dialect, circumstances)
    return Decision(_ref(crm), _ref(calendar), Nothing(Why.BOTH_GONE))


def _linked(
    link: Link, crm: Presence, calendar: Presence, route: Route, dialect: Dialect, circumstances: Circumstances
) -> Decision:
    choice = circumstances.choice
    if choice is None and isinstance(crm, ObservedItem) and isinstance(calendar, ObservedItem):
        decision = usual.compare(link, crm, calendar, route, dialect)
        if decision is not None:
            return decision
    pair = Pair(route, dialect, choice, circumstances.as_written)
    match crm, calendar:
        case ObservedItem(), ObservedItem():
            return joined.compare(link, crm, calendar, pair)
        case ObservedItem(), Removed():
            return joined.one_removed(link, crm, Side.CRM, pair)
        case Removed(), ObservedItem():
            return joined.one_removed(link, calendar, Side.CALENDAR, pair)
        case ((Removed() | None), (Removed() | None)):
            return _forget(link, crm, calendar)
        case _:
            # One tree has not seen its item yet: a listing is still to come, and nothing can be concluded before.
            return Decision(link.crm, link.calendar, Nothing(Why.IN_STEP))


def _forget(link: Link, crm: Presence, calendar: Presence) -> Decision:
    if crm is None and calendar is None:
        return Decision(link.crm, link.calendar, Nothing(Why.IN_STEP))
    action = Action(Verb.UNLINK, Side.CRM, Why.BOTH_GONE, source=link.calendar, target=link.crm)
    return Decision(link.crm, link.calendar, Change((action,)))


def _alone(item: ObservedItem, side: Side, route: Route, dialect: Dialect, circumstances: Circumstances) -> Decision:
    if circumstances.other_sync:
        return lone.left_out(item, side, Why.OTHER_SYNC)
    if circumstances.choice is FindingAction.DROP:
        return lone.left_out(item, side, Why.UNDONE)
    match circumstances.match:
        case Ambiguous(others) if circumstances.choice is not FindingAction.NOT_A_DUPLICATE:
            why = lone.left_out_why(item, side, route, dialect)
            if why is not None:
                return lone.left_out(item, side, why)
            findings = (notes.duplicate(item.ref, side, others),)
            return Decision(*placed(item.ref, side), Nothing(Why.DUPLICATE), findings)
        case Alone() | SameAs() | Ambiguous():
            return lone.carry_over(item, side, route, dialect, circumstances.belonging)
        case _ as never:
            assert_never(never)


def _ref(presence: Presence) -> Ref | None:
    return presence.ref if presence is not None else None
