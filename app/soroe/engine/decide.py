"""Bring together what bears on one meeting and let the core decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from soroe.core import lone, notes
from soroe.core.dialect import RecurrenceSupport
from soroe.core.event import Field, ObservedItem, Presence, Ref, Side, occurrence_id
from soroe.core.finding import FindingAction
from soroe.core.link import Link
from soroe.core.lone import NOWHERE, Belonging
from soroe.core.matching import ALONE, Ambiguous, Other, decide
from soroe.core.ongoing import is_past
from soroe.core.plan import Change, Decision, Nothing, Verb, Why, placed
from soroe.core.reconcile import PLAIN, Circumstances, reconcile
from soroe.core.route import Route
from soroe.core.stamp import any_claim, token
from soroe.ports.store import Candidate

from .as_made import as_written, brings_together, untouched_twin
from .changed_twins import ChangedTwins, one_by_one
from .fights import Fights
from .joint import Joint
from .kin import Kin
from .moved import lies_on
from .resting import rests
from .series_shown import stands_alone
from .stamping import finished
from .successors import Successors
from .superseded import superseded
from .trees import Trees, series_of

_ALL = 1_000_000
_UNTOUCHED = {None, Why.UNCHANGED_SINCE_START}
MOST_LOOKS = 50
"""So many items that went before they were linked are looked up in one pass; of more, the feed is believed. As many
pairs that turn out to be one meeting are looked at again where they differ; of more, the trees are believed."""


class Deciding:
    """Decisions about the items of one sync, from the trees as they stand."""

    def __init__(self, joint: Joint, trees: Trees, *, look: bool = True) -> None:
        """With `look` False no service is asked: a stamped partner that the tree has not seen is taken for unknown."""
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._look = look
        self._kin = Kin(joint, trees, look=look)
        self._changed = ChangedTwins(joint, trees, self._would_be_made)
        self._successors = Successors(joint, trees)
        self._fights = Fights(joint)
        self._takes_series = joint.dialect.recurrence is RecurrenceSupport.NATIVE
        self._moves = any(len(joint.end(side).containers) > 1 for side in Side)
        self._may_be_claimed = frozenset(
            side for side in Side if not joint.end(side.other).reader.capabilities.safe_create
        )
        self._has_choices = True
        self._looks = 0
        self.waiting = 0
        self.nothing_waits = False

    def pending(self) -> list[Decision]:
        """A decision for every item that waits for one; a linked pair has one decision, though both items changed.

        The rule of a series is not written in the same pass as one of its occurrences is cancelled or brought back:
        what the rule has to say depends on it. The series goes on waiting, and its turn comes in the next pass.
        """
        decisions = self._fights.ended(list(self._each()))
        rules = {id(one) for one in decisions for action in one.outcome.actions if Field.RECURRENCE in action.fields}
        if not rules:
            return decisions
        moving = {place for decision in decisions for place in self._moving(decision)}
        return [one for one in decisions if id(one) not in rules or moving.isdisjoint(members(one))]

    def _moving(self, decision: Decision) -> Iterator[tuple[Side, Ref]]:
        """The series of which this decision cancels an occurrence, or brings back one that is cancelled there."""
        for action in decision.actions:
            refs = [action.target] if action.target is not None and action.verb is not Verb.UPDATE else []
            if action.occurrence is not None and action.target is None:
                own = occurrence_id(action.occurrence.series, action.occurrence.original_start)
                refs = [Ref(container, own) for container in self._joint.end(action.side).containers]
            if action.verb is Verb.CREATE:
                refs = [ref for ref in refs if self._trees.is_cancelled(action.side, ref)]
            yield from ((action.side, series) for ref in refs if (series := series_of(ref)) is not None)

    def _each(self) -> Iterator[Decision]:
        self.waiting = 0
        self._looks = MOST_LOOKS if self._look else 0
        dirty = self._store.dirty(_ALL)
        self.nothing_waits = not dirty
        if self.nothing_waits:
            return
        if self._look and self._doubt():
            dirty = self._store.dirty(_ALL)
        if self._successors.hand_over(dirty):
            dirty = self._store.dirty(_ALL)
        done: set[tuple[Side, Ref]] = set()
        moved: set[tuple[Side, Ref]] = set()
        self._trees.moved = moved
        self._kin.begin_pass()
        self._changed = ChangedTwins(self._joint, self._trees, self._would_be_made)
        self._has_choices = self._store.has_choices()
        for place in dirty:
            if place in done:
                continue
            side, ref = place
            if side in self._may_be_claimed and self._is_claimed_elsewhere(side, ref):
                self.waiting += 1
                continue
            decision = self._about(side, ref)
            about = members(decision)
            if len(about) > 1 and not done.isdisjoint(about):
                continue  # its partner has just been given to another: it is looked at again once that is written down
            done.update(about)
            done.add(place)
            moved.difference_update(about)
            yield decision
        while done:  # one by one: 100,000 places at once would hold up the window (P-9)
            done.pop()

    def about(self, side: Side, ref: Ref) -> Decision:
        """The decision about one item and its partner."""
        return self._fights.ended([self._about(side, ref)])[0]

    def _about(self, side: Side, ref: Ref) -> Decision:
        """As `about`, but for a pair that is fought over."""
        link = self._kin.link(side, ref) if self._moves else self._store.link(side, ref)
        about = placed(ref, side) if link is None else (link.crm, link.calendar)
        if not self._are_chosen(*about):
            return Decision(*about, Nothing(Why.CALENDAR_NOT_CHOSEN))
        if link is not None:
            crm, calendar = self._store.item(Side.CRM, link.crm), self._store.item(Side.CALENDAR, link.calendar)
            if not self._kin.let_go(link, crm, calendar):
                return self._linked(link, crm, calendar)
        item = self._store.item(side, ref)
        if item is None and self._trees.is_series(side, ref):
            return Decision(*placed(ref, side), Nothing(Why.IN_STEP))  # its occurrences are what is synced
        if not isinstance(item, ObservedItem):
            return Decision(*placed(ref, side), Nothing(Why.BOTH_GONE))
        return self._unlinked(item, side)

    def _are_chosen(self, crm: Ref | None, calendar: Ref | None) -> bool:
        """Whether neither lies in a calendar that the sync does not have (any more): nothing is carried there or from
        there, also of pairs that were linked before (S-6)."""
        lists, calendars = self._joint.crm.containers, self._joint.calendar.containers
        return (crm is None or crm.container in lists) and (calendar is None or calendar.container in calendars)

    def linked(self, link: Link) -> Decision:
        """The decision about a linked pair, as its two trees stand."""
        return self._linked(link, self._store.item(Side.CRM, link.crm), self._store.item(Side.CALENDAR, link.calendar))

    def _doubt(self) -> bool:
        """Look up what a feed called gone before it was ever linked: nobody would miss it, and its twin would be made
        anew. It comes first, because what others are depends on it. Returns whether anything was looked up."""
        looks = 0
        for side in Side:
            gone = [ref for ref in self._store.dirty_and_gone(side) if self._store.link(side, ref) is None]
            gone = [ref for ref in gone if self._joint.has(side, ref)]
            for ref in sorted(gone)[: MOST_LOOKS - looks]:
                looks += 1
                self._kin.looked_up(side, ref)
        return looks > 0

    def _linked(self, link: Link, crm: Presence, calendar: Presence) -> Decision:
        choice = None
        if self._has_choices:
            choice = self._choice(Side.CRM, link.crm) or self._choice(Side.CALENDAR, link.calendar)
        circumstances = PLAIN if choice is None else Circumstances(choice=choice)
        route, dialect = self._joint.route, self._joint.dialect
        decision = reconcile(link, crm, calendar, route, dialect, circumstances)
        if choice is None and isinstance(crm, ObservedItem) and isinstance(calendar, ObservedItem):
            side = as_written(self._joint, link, crm, calendar, decision)
            if side is not None:
                decision = reconcile(link, crm, calendar, route, dialect, Circumstances(as_written=side))
        decision = finished(self._joint, link, crm, calendar, decision)
        if choice is None:
            self._fights.note(decision, link, crm, calendar)
        return decision

    def _unlinked(self, item: ObservedItem, side: Side) -> Decision:
        if item.stamp is not None:
            self._kin.succeed(item, side)
        partner = self._partner(item, side)
        choice = self._choice(side, item.ref) if self._has_choices else None
        if partner is not None:
            return self._united(item, side, partner, choice)
        if choice is None and item.stamp is not None and rests(self._joint, side, item):
            choice = FindingAction.DROP
        if item.stamp is not None and self._kin.has_unreadable_partner(item, side):
            return lone.left_out(item, side, Why.UNREADABLE)  # no other twin is made beside it (S-2)
        if side is Side.CRM and item.occurrence is not None and self._is_left_behind(item):
            kept = (notes.kept_out(Why.PAST_OCCURRENCE, item.ref, None),)
            return lone.left_out(item, side, Why.PAST_OCCURRENCE, kept if self._is_shown(item) else ())
        if choice is FindingAction.DROP and self._touched_since(item, side):
            choice = None
        others = [] if choice is FindingAction.NOT_A_DUPLICATE else self._lookalikes(item, side, choice)
        if others:
            replaced = superseded(self._joint, item, side, others)
            if replaced is not None:
                return replaced
        elif choice is not FindingAction.NOT_A_DUPLICATE and self._changed.applies:
            changed = self._changed_twin(item, side, choice)
            if changed is not None:
                return changed
        twin = others[0].item if len(others) == 1 and others[0].side is not side and not others[0].linked else None
        decision = self._reconcile(item, side, twin, self._circumstances(item, side, choice, others))
        return decision if twin is not None or item.stamp is None else self._in_its_stead(decision, item, side)

    def _united(self, item: ObservedItem, side: Side, partner: ObservedItem, choice: FindingAction | None) -> Decision:
        """What becomes of two items that a stamp, or a series, ties together."""
        before = self._kin.agreed(item, partner) if item.occurrence is not None else None
        decision = self._reconcile(item, side, partner, Circumstances(choice=choice, stamped=True, before=before))
        if choice is not None or before is not None or not self._looks or not brings_together(decision):
            return decision
        self._looks -= 1
        crm, calendar = (item, partner) if side is Side.CRM else (partner, item)
        untouched = untouched_twin(self._joint, self._trees, crm, calendar)
        now = self._store.item(side, item.ref), self._store.item(side.other, partner.ref)
        if untouched is None or not isinstance(now[0], ObservedItem) or not isinstance(now[1], ObservedItem):
            return decision
        return self._reconcile(now[0], side, now[1], Circumstances(stamped=True, untouched=untouched))

    def _partner(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The free item across that a stamp, or a series that both belong to, ties to this one."""
        if item.stamp is not None or self._store.has_stamps(side.other):
            partner = self._kin.by_stamp(item, side)
            if partner is not None:
                return partner
        return self._kin.by_occurrence(item, side) if item.occurrence is not None else None

    def _circumstances(
        self, item: ObservedItem, side: Side, choice: FindingAction | None, others: Sequence[Candidate]
    ) -> Circumstances:
        """What bears on an item that no link and no stamp tells anything of."""
        match = decide(side, (Other(other.side, other.item.ref, other.linked) for other in others)) if others else ALONE
        belonging = NOWHERE
        if item.occurrence is not None or item.content.recurrence is not None:
            alone = stands_alone(self._joint, side, item)
            series = self._kin.series_across(item, side)
            new_series = side is Side.CALENDAR and (alone or item.content.recurrence is not None)
            follows = self._successors.went_before(item) if new_series and self._takes_series else None
            belonging = Belonging(series, alone, follows)
        other_sync = belonging.series is None and self._kin.is_carried_by_other_sync(item)
        if match is ALONE and choice is None and belonging is NOWHERE and not other_sync:
            return PLAIN
        return Circumstances(match, choice, belonging, other_sync=other_sync)

    def _is_left_behind(self, item: ObservedItem) -> bool:
        """Whether a past meeting differs from its series in the CRM only because we changed the series (SF-15).

        The calendar's change stands there for the past, too, and is not taken back.
        """
        if item.occurrence is None or item.changed_at is None:
            return False
        if not is_past(item, self._joint.route, self._joint.dialect):
            return False
        series = Ref(item.ref.container, item.occurrence.series)
        return any(self._store.rewrites(Side.CRM, [series], item.changed_at))

    def _is_shown(self, item: ObservedItem) -> bool:
        """Whether it is in the days that this sync looks at; what is longer ago is not worth a word."""
        return self._joint.route.window.holds(item.content.when)

    def _in_its_stead(self, decision: Decision, item: ObservedItem, side: Side) -> Decision:
        """A twin made for one that is gone, as the item's stamp tells, is that one brought back where a service can.

        A laptop that knows the link brings it back, too: both then write to the same item.
        """
        former = self._kin.former(item, side) if self._look else None
        if former is None or not isinstance(decision.outcome, Change):
            return decision
        made = tuple(
            replace(action, target=former) if action.verb is Verb.CREATE else action for action in decision.actions
        )
        return replace(decision, outcome=replace(decision.outcome, actions=made))

    # --- occurrences that changed before this database saw them ---
    def _changed_twin(self, item: ObservedItem, side: Side, choice: FindingAction | None) -> Decision | None:
        """What becomes of an item that has no lookalike, and yet may have a twin that only looked like it once."""
        if not self._would_be_made(item, side):
            return None
        known = self._changed.by_slot(item, side)
        if known is not None and self._would_be_made(known, side.other):
            return self._reconcile(item, side, known, Circumstances(choice=choice))
        suspects = self._changed.suspects(item, side)
        if not suspects:
            return None
        said = self._changed.joined_by_person(suspects) if choice is FindingAction.MERGE else None
        if said is not None:
            return self._reconcile(item, side, said, Circumstances())
        match = Ambiguous(tuple((where, one.ref) for where, one in suspects))
        crm, calendar = (item, None) if side is Side.CRM else (None, item)
        asked = reconcile(None, crm, calendar, self._known_by, self._joint.dialect, Circumstances(match))
        return one_by_one(asked, item.ref, side, match)

    def _would_be_made(self, item: ObservedItem, side: Side) -> bool:
        """Whether an item has no partner and no lookalike, and nothing but a twin would keep it from being carried.

        An activity of the type that events get may be an event's twin, also where that type does not go out (PD-4).
        """
        settled = {FindingAction.NOT_A_DUPLICATE, FindingAction.DROP}
        if self._choice(side, item.ref) in settled or self._store.link(side, item.ref) is not None:
            return False
        is_stamped = item.stamp is not None
        if (is_stamped or self._store.has_stamps(side.other)) and self._kin.by_stamp(item, side) is not None:
            return False
        if is_stamped and (self._kin.of_other_sync(item) or rests(self._joint, side, item)):
            return False
        why = self._unknowable(item, side)
        may_be_twin = why is Why.TYPE_NOT_CHOSEN and item.activity_type == self._joint.route.incoming_type
        return (why is None or may_be_twin) and not self._lookalikes(item, side)

    def _reconcile(
        self, item: ObservedItem, side: Side, other: ObservedItem | None, circumstances: Circumstances
    ) -> Decision:
        crm: Presence = item if side is Side.CRM else other
        calendar: Presence = other if side is Side.CRM else item
        if crm is not None and calendar is not None and circumstances.other_sync:
            return lone.left_out(item, side, Why.OTHER_SYNC)
        return reconcile(None, crm, calendar, self._joint.route, self._joint.dialect, circumstances)

    def _touched_since(self, item: ObservedItem, side: Side) -> bool:
        """Whether somebody changed an item after its twin was taken back: that is a new wish."""
        choice = self._store.choice(side, item.ref)
        return choice is not None and item.changed_at is not None and item.changed_at > choice.at

    def _choice(self, side: Side, ref: Ref) -> FindingAction | None:
        choice = self._store.choice(side, ref)
        return choice.action if choice else None

    def _lookalikes(self, item: ObservedItem, side: Side, choice: FindingAction | None = None) -> list[Candidate]:
        """The items with the same subject, start and end, as far as this sync looks at them.

        One across that another sync carries counts as linked: before a second one is made beside it, a person is asked.
        What is left out only because nobody touched it since the start is still the same meeting as what somebody did.
        """
        key = self._trees.key(side, item)
        if self._store.is_alone(side, item.ref, key):
            return []
        found = [one for one in self._store.same_key(key) if one.side is not side or one.item.ref != item.ref]
        own = self._unknowable(item, side) if found else None
        if own not in _UNTOUCHED and own is not Why.TYPE_NOT_CHOSEN:
            return []
        found = [other for other in found if other.linked or self._is_looked_at(other, own)]
        taken = {one.item.ref for one in found if not one.linked and self._kin.of_other_sync(one.item)}
        if not taken:
            return found
        found = [one for one in found if one.side is not side or one.item.ref not in taken]
        asks = choice is not FindingAction.MERGE
        return [replace(one, linked=asks) if one.item.ref in taken else one for one in found]

    def _is_looked_at(self, other: Candidate, own: Why | None) -> bool:
        """Whether this sync looks at an unlinked lookalike of an item; `own` is why that item is left out itself.

        Which types go out says nothing of what an event that comes in already has there (PD-4).
        """
        if not self._joint.has(other.side, other.item.ref):
            return False
        why = self._unknowable(other.item, other.side)
        if why is None or own is None:
            return why in {*_UNTOUCHED, Why.TYPE_NOT_CHOSEN}
        return own in _UNTOUCHED and why in _UNTOUCHED and self._joint.route.links_untouched

    def _unknowable(self, item: ObservedItem, side: Side) -> Why | None:
        """Why the rules of the sync keep an item from being known as anybody's twin."""
        return lone.left_out_why(item, side, self._known_by, self._joint.dialect)

    @cached_property
    def _known_by(self) -> Route:
        """The choices by which twins are known: where this database took up a sync that had been at work, also those
        that nobody touched since it was started here. They would be made anew once somebody touches one (S-2)."""
        route = self._joint.route
        return route if self._store.state().joined is None else replace(route, changed_since=None)

    def _is_claimed_elsewhere(self, side: Side, ref: Ref) -> bool:
        """Whether another laptop, or another sync, is just making this item's twin; it is waited for (S-2).

        Of two syncs that need their stamp on the item, only one can have it.
        """
        item = self._store.item(side, ref)
        if not isinstance(item, ObservedItem) or item.stamp is None or self._store.link(side, ref) is not None:
            return False
        claim = any_claim(item.stamp)
        mine = (self._joint.route.key, token(self._joint.installation, 6))
        if claim is None or (claim.sync, claim.installation) == mine:
            return False
        return claim.fresh(self._joint.clock()) and lies_on(self._joint, side, ref, claim.own)


def members(decision: Decision) -> tuple[tuple[Side, Ref], ...]:
    """The items a decision is about."""
    crm, calendar = decision.crm, decision.calendar
    if crm is None:
        return () if calendar is None else ((Side.CALENDAR, calendar),)
    return ((Side.CRM, crm),) if calendar is None else ((Side.CRM, crm), (Side.CALENDAR, calendar))
