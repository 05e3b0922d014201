"""Two programs at war: a pair that both sides keep rewriting is held, and a person is asked (spec: Conflicts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from soroe.core.event import Presence, Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.link import Link
from soroe.core.plan import Decision, Nothing, Verb, Why
from soroe.core.quickly import quickly_made

from .joint import FIGHT_LIMIT, FIGHT_WINDOW, Joint
from .stamping import finished


@quickly_made
@dataclass(frozen=True, slots=True)
class Rewriting:
    """A decision that rewrites a linked pair, and what it was made of."""

    decision: Decision
    link: Link
    crm: Presence
    calendar: Presence


class Fights:
    """Notes the decisions that rewrite pairs, and asks the journal about all of them at once."""

    def __init__(self, joint: Joint) -> None:
        self._joint = joint
        self._noted: list[Rewriting] = []

    def note(self, decision: Decision, link: Link, crm: Presence, calendar: Presence) -> None:
        """A decision about a linked pair that no person has decided about; kept is only what rewrites."""
        if any(action.verb is Verb.UPDATE and action.fields for action in decision.outcome.actions):
            self._noted.append(Rewriting(decision, link, crm, calendar))

    def ended(self, decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, with nothing but a question for each pair noted before that was rewritten three times each way
        in ten minutes: another tool undoes what we do."""
        noted, self._noted = self._noted, []
        held = {id(one.decision): self._held(one, times) for one, times in self._fought_over(noted)} if noted else {}
        while noted:  # one by one: tens of thousands of them, with both items of each, would hold up the window (P-9)
            noted.pop()
        return [held.get(id(decision), decision) for decision in decisions] if held else list(decisions)

    def _fought_over(self, noted: Sequence[Rewriting]) -> list[tuple[Rewriting, int]]:
        since = self._joint.clock() - FIGHT_WINDOW
        store = self._joint.store
        found: list[tuple[Rewriting, int]] = []
        for side, written in _written(noted).items():
            # Counted is only what may be fought over: to count, all that was ever done to an item is read.
            there = store.may_have_rewritten(side, [target for _, target, _ in written], FIGHT_LIMIT, since)
            often = list(compress(written, there))
            here = store.may_have_rewritten(side.other, [source for _, _, source in often], FIGHT_LIMIT, since)
            both = list(compress(often, here))
            times = zip(
                store.rewrites(side, [target for _, target, _ in both], since),
                store.rewrites(side.other, [source for _, _, source in both], since),
                strict=True,
            )
            found += [(one, min(counts)) for (one, _, _), counts in zip(both, times, strict=True)]
        return [(one, times) for one, times in found if times >= FIGHT_LIMIT]

    def _held(self, fight: Rewriting, times: int) -> Decision:
        crm, calendar = fight.decision.crm, fight.decision.calendar
        finding = Finding(
            FindingKind.HELD, "S-fight", Severity.WARNING, Why.REWRITTEN_ON_BOTH_SIDES,
            crm, calendar, numbers=(("times", times),),
            actions=(FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR),
        )  # fmt: skip # short values, several a line
        decision = Decision(crm, calendar, Nothing(Why.REWRITTEN_ON_BOTH_SIDES), (finding,))
        return finished(self._joint, fight.link, fight.crm, fight.calendar, decision)


def _written(noted: Sequence[Rewriting]) -> dict[Side, list[tuple[Rewriting, Ref, Ref]]]:
    """What is rewritten on each side, and what of."""
    written: dict[Side, list[tuple[Rewriting, Ref, Ref]]] = {Side.CRM: [], Side.CALENDAR: []}
    for one in noted:
        for action in one.decision.outcome.actions:
            if action.verb is Verb.UPDATE and action.fields and action.target is not None and action.source is not None:
                written[action.side].append((one, action.target, action.source))
    return written
