"""Bring together what bears on one meeting and let the core decide."""

from __future__ import annotations

from collections.abc import Iterator

from soroe.core import lone
from soroe.core.event import (
    ItemId,
    ObservedItem,
    Presence,
    Ref,
    Side,
    occurrence_id,
)
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.matching import Alone, Other, decide
from soroe.core.plan import Decision, Nothing, Verb, Why
from soroe.core.reconcile import Circumstances, reconcile
from soroe.core.stamp import decode, find_partner, names, own_check, partner_text
from soroe.ports.store import Candidate

from .joint import FIGHT_LIMIT, FIGHT_WINDOW, Joint
from .trees import Trees


class Deciding:
    """Decisions about the items of one sync, from the trees as they stand."""

    def __init__(self, joint: Joint, trees: Trees) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees

    def pending(self) -> Iterator[Decision]:
        """A decision for every item that waits for one; a linked pair has one decision, though both items changed."""
        done: set[tuple[Side, Ref]] = set()
        for side, ref in self._store.dirty(1_000_000):
            if (side, ref) in done:
                continue
            decision = self.about(side, ref)
            done.update(members(decision))
            done.add((side, ref))
            yield decision

    def about(self, side: Side, ref: Ref) -> Decision:
        """The decision about one item and its partner."""
        link = self._store.link(side, ref)
        if link is not None:
            crm, calendar = self._store.item(Side.CRM, link.crm), self._store.item(Side.CALENDAR, link.calendar)
            choice = self._choice(Side.CRM, link.crm) or self._choice(Side.CALENDAR, link.calendar)
            circumstances = Circumstances(choice=choice)
            decision = reconcile(link, crm, calendar, self._joint.route, self._joint.dialect, circumstances)
            return decision if choice is not None else self._unless_fought_over(decision)
        item = self._store.item(side, ref)
        if not isinstance(item, ObservedItem):
            return Decision(*_placed(ref, side), Nothing(Why.BOTH_GONE))
        return self._unlinked(item, side)

    def _unlinked(self, item: ObservedItem, side: Side) -> Decision:
        partner = self._by_stamp(item, side) or self._by_occurrence(item, side)
        if partner is not None:
            return self._reconcile(
                item, side, partner, Circumstances(choice=self._choice(side, item.ref), stamped=True)
            )
        choice = self._choice(side, item.ref)
        others = () if choice is FindingAction.NOT_A_DUPLICATE else tuple(self._lookalikes(item, side))
        match = (
            decide(side, (Other(other.side, other.item.ref, other.linked) for other in others)) if others else Alone()
        )
        circumstances = Circumstances(
            match, choice, self._series_across(item, side), other_sync=self._of_other_sync(item)
        )
        twin = others[0].item if len(others) == 1 and others[0].side is not side and not others[0].linked else None
        return self._reconcile(item, side, twin, circumstances)

    def _reconcile(
        self, item: ObservedItem, side: Side, other: ObservedItem | None, circumstances: Circumstances
    ) -> Decision:
        crm: Presence = item if side is Side.CRM else other
        calendar: Presence = other if side is Side.CRM else item
        if crm is not None and calendar is not None and circumstances.other_sync:
            return lone.left_out(item, side, Why.OTHER_SYNC)
        return reconcile(None, crm, calendar, self._joint.route, self._joint.dialect, circumstances)

    def _choice(self, side: Side, ref: Ref) -> FindingAction | None:
        choice = self._store.choice(side, ref)
        return choice.action if choice else None

    # --- who belongs to whom ---
    def _by_stamp(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The free item across that a stamp ties to this one, whichever of the two carries it."""
        key, across = self._joint.route.key, self._joint.end(side.other)
        stamp = decode(item.stamp)
        if stamp is not None and stamp.sync == key and stamp.own in {"", own_check(item.ref)}:
            ref = find_partner(stamp.partner, across.containers)
            partner = self._free(side.other, ref, look=True) if ref is not None else None
            if partner is not None:
                return partner
        prefix = f"soroe1|{key}|{partner_text(item.ref)}|"
        for candidate in self._store.stamped(side.other, prefix):
            if (
                names(candidate.stamp, key, item.ref, candidate.ref)
                and self._free(side.other, candidate.ref) is not None
            ):
                return candidate
        return None

    def _free(self, side: Side, ref: Ref, *, look: bool = False) -> ObservedItem | None:
        """The item if it is there and not linked; with `look`, one that the tree lacks is read from its service."""
        if self._store.link(side, ref) is not None:
            return None
        presence = self._store.item(side, ref)
        if presence is None and look:
            answer = self._joint.end(side).reader.read(ref)
            if isinstance(answer, ObservedItem):
                with self._store.transaction():
                    self._trees.absorb(side, [answer])
                presence = self._store.item(side, ref)
        return presence if isinstance(presence, ObservedItem) else None

    def _by_occurrence(self, item: ObservedItem, side: Side) -> ObservedItem | None:
        """The same occurrence of the same series across, where both series are linked."""
        series = self._series_across(item, side)
        if item.occurrence is None or series is None:
            return None
        across = self._across(item, side)
        known = Ref(across.container, occurrence_id(series, item.occurrence.original_start))
        if self._free(side.other, known) is not None:
            return self._free(side.other, known)
        for member in sorted(self._store.series_members(side.other, across)):
            other = self._free(side.other, Ref(across.container, member))
            if other is not None and other.occurrence is not None:
                if other.occurrence.original_start == item.occurrence.original_start:
                    return other
        return None

    def _across(self, item: ObservedItem, side: Side) -> Ref:
        link = self._store.link(side, _series_ref(item))
        if link is None:
            raise LookupError("the series is not linked")
        return link.ref(side.other)

    def _series_across(self, item: ObservedItem, side: Side) -> ItemId | None:
        if item.occurrence is None:
            return None
        link = self._store.link(side, _series_ref(item))
        return link.ref(side.other).id if link is not None else None

    def _of_other_sync(self, item: ObservedItem) -> bool:
        """Whether a stamp says, truthfully, that another sync looks after this item."""
        stamp = decode(item.stamp)
        if stamp is None or stamp.own not in {"", own_check(item.ref)}:
            return False
        if stamp.sync != self._joint.route.key:
            return True
        return item.ref.container == "" and find_partner(stamp.partner, self._joint.calendar.containers) is None

    def _lookalikes(self, item: ObservedItem, side: Side) -> Iterator[Candidate]:
        route, dialect = self._joint.route, self._joint.dialect
        for candidate in self._store.same_key(self._trees.key(side, item)):
            if candidate.side is side and candidate.item.ref == item.ref:
                continue
            if candidate.linked:
                yield candidate
            elif not self._of_other_sync(candidate.item):
                if lone.left_out_why(candidate.item, candidate.side, route, dialect) is None:
                    yield candidate

    # --- two programs at war ---
    def _unless_fought_over(self, decision: Decision) -> Decision:
        """The decision, or nothing for an item that was rewritten three times in ten minutes: another tool undoes us."""
        since = self._joint.clock() - FIGHT_WINDOW
        for action in decision.actions:
            if action.verb is not Verb.UPDATE or action.target is None:
                continue
            times = self._store.rewrites(action.side, action.target, since)
            if times >= FIGHT_LIMIT:
                finding = Finding(
                    FindingKind.HELD, "S-fight", Severity.WARNING, Why.REWRITTEN_ON_BOTH_SIDES,
                    decision.crm, decision.calendar, numbers=(("times", times),),
                    actions=(FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR),
                )  # fmt: skip
                return Decision(decision.crm, decision.calendar, Nothing(Why.REWRITTEN_ON_BOTH_SIDES), (finding,))
        return decision


def members(decision: Decision) -> tuple[tuple[Side, Ref], ...]:
    """The items a decision is about."""
    found = []
    if decision.crm is not None:
        found.append((Side.CRM, decision.crm))
    if decision.calendar is not None:
        found.append((Side.CALENDAR, decision.calendar))
    return tuple(found)


def _series_ref(item: ObservedItem) -> Ref:
    if item.occurrence is None:
        raise LookupError("not an occurrence")
    return Ref(item.ref.container, item.occurrence.series)


def _placed(ref: Ref, side: Side) -> tuple[Ref | None, Ref | None]:
    return (ref, None) if side is Side.CRM else (None, ref)
