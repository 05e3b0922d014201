"""No deletion on one witness (S-3): what a feed says is gone is looked up before anything is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from soroe.core import notes
from soroe.core.event import Departure, Field, ObservedItem, Ref, Side, Tombstone, Unreadable
from soroe.core.finding import FindingAction
from soroe.core.plan import Action, Decision, Verb, Why
from soroe.core.rules.recurrence import wall_start
from soroe.ports.errors import ReadOnly

from .joint import Joint
from .moved import places_elsewhere
from .trees import Trees

MOST_LOOKS = 200
"""So many absences are each looked up before the guard counts them; of more, every so-and-so-many-th."""
_REMOVED = frozenset({Why.REMOVED_IN_CRM, Why.REMOVED_IN_CALENDAR})

Place = tuple[Side, Ref]


class Witness:
    """Looks up what decisions take for gone. Make a new one for every pass: what it saw holds for that pass."""

    def __init__(self, joint: Joint, trees: Trees, decisions: Sequence[Decision]) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._decisions = decisions
        self._resting = [(decision, places) for decision in decisions if (places := self._said_to_be_gone(decision))]
        self._looked: dict[Place, bool] = {}
        self._departed: dict[Place, Departure] = {}

    def plausible(self) -> Sequence[Decision]:
        """The decisions as far as they may be counted: some of those about items said to be gone are looked up, enough
        to see whether a feed lies."""
        return self._confirmed(max(1, len(self._resting) // MOST_LOOKS))

    def confirmed(self) -> Sequence[Decision]:
        """The decisions without those about items said to be gone that a direct read still finds."""
        return self._confirmed(1)

    def _confirmed(self, every: int) -> Sequence[Decision]:
        if self._resting:
            refuted = {id(decision) for decision, places in self._resting[::every] if not self._are_gone(places)}
            if refuted:
                refuted = {id(decision) for decision, places in self._resting if not self._are_gone(places)}
            left = (decision for decision in self._decisions if id(decision) not in refuted)
            self._decisions = [self._unless_departed(decision) for decision in left]
        return self._decisions

    def _unless_departed(self, decision: Decision) -> Decision:
        """The decision, or nothing but a word to the user where nobody has deleted anything (SF-19)."""
        if not self._departed or decision.crm is None or decision.calendar is None:
            return decision
        found = [how for place in self._said_to_be_gone(decision) if (how := self._departed.get(place)) is not None]
        if not found or self._is_settled(decision.crm, decision.calendar):
            return decision
        return notes.departed(found[0], decision.crm, decision.calendar)

    def _is_settled(self, crm: Ref, calendar: Ref) -> bool:
        """Whether a person has said whose side is to be taken."""
        choices = (self._store.choice(Side.CRM, crm), self._store.choice(Side.CALENDAR, calendar))
        taken = {FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR}
        return any(choice is not None and choice.action in taken for choice in choices)

    def _said_to_be_gone(self, decision: Decision) -> list[Place]:
        """The items whose absence a decision rests on."""
        places: list[Place] = []
        for action in decision.outcome.actions:
            if action.verb is Verb.DELETE and action.why in _REMOVED and action.source is not None:
                places.append((action.side.other, action.source))
            elif action.verb is Verb.CREATE and action.target is not None:
                places.append((action.side, action.target))
            elif action.verb is Verb.UPDATE and Field.RECURRENCE in action.fields:
                places += self._newly_cancelled(action)
        return places

    def _newly_cancelled(self, action: Action) -> list[Place]:
        """The occurrences that a feed alone says are cancelled, and that this write would cancel across."""
        target = self._store.item(action.side, action.target) if action.target is not None else None
        wanted = action.content.recurrence if action.content is not None else None
        if action.source is None or wanted is None or action.content is None or not isinstance(target, ObservedItem):
            return []
        old = target.content.recurrence
        new: set[datetime | date] = set(wanted.removed) - set(old.removed if old is not None else ())
        when = action.content.when
        return [
            (action.side.other, part.ref)
            for part in (self._store.series_parts(action.side.other, action.source) if new else ())
            if isinstance(part, Tombstone)
            and part.occurrence is not None
            and wall_start(part.occurrence.original_start, when) in new
        ]

    def _are_gone(self, places: Sequence[Place]) -> bool:
        return all(self._is_gone(place) for place in places)

    def _is_gone(self, place: Place) -> bool:
        if place not in self._looked:
            side, ref = place
            try:
                answer = self._joint.ask(side).read(ref)
            except ReadOnly:  # nobody may look: it goes on waiting, and holds up no other
                self._looked[place] = False
                return False
            self._looked[place] = isinstance(answer, Tombstone) and not self._is_elsewhere(side, ref)
            match answer:
                case Tombstone():
                    if answer.departure is not None:
                        self._departed[place] = answer.departure
                case ObservedItem():
                    self._distrust(side, answer)
                case Unreadable():  # it is there: it goes on waiting, and is looked up again
                    told = notes.unreadable(replace(answer, ref=ref), side, self._joint.dialect)
                    self._store.set_findings([place], [told])
                case _:
                    assert_never(answer)
        return self._looked[place]

    def _is_elsewhere(self, side: Side, ref: Ref) -> bool:
        """Whether the item was moved, after the calendar was read that has it now."""
        for other in places_elsewhere(self._joint, side, ref):
            try:
                answer = self._joint.ask(side).read(other)
            except ReadOnly:
                continue  # nobody moves an event to where he may not even read it
            if isinstance(answer, ObservedItem) and answer.occurrence is None and answer.content.recurrence is None:
                with self._store.transaction():
                    self._trees.absorb(side, [answer])  # of a series, the calendar's next feed tells
            if not isinstance(answer, Tombstone):
                return True
        return False

    def _distrust(self, side: Side, alive: ObservedItem) -> None:
        """The feed said that a living item is gone: the next run lists everything, as it may lie about more.

        A series that went as a whole comes back by that listing only; an occurrence would not come back by it, because
        its series is listed as it always was.
        """
        with self._store.transaction():
            self._store.set_cursor(side, alive.ref.container, None)
            if alive.occurrence is not None:
                self._trees.revive(side, alive)
            elif alive.content.recurrence is None:
                self._trees.absorb(side, [alive])
