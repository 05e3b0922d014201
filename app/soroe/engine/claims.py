"""Creates in a service that cannot repeat them safely: claim before create, and settle who made too many (S-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from soroe.core.event import ObservedItem, Ref, Side
from soroe.core.plan import Action, Change, Decision, Verb, Why
from soroe.core.reconcile import Circumstances, reconcile
from soroe.core.stamp import claim_text, is_rest, read_claim, read_rest
from soroe.ports.remote import Create, Delete, Update, Written

from .as_made import brings_together, is_untouched, read_again
from .joint import STILL_OURS, End, Joint
from .moved import lies_on
from .outcome import Outcomes
from .series_marks import SeriesMarks
from .stamping import stamping
from .steps import Step
from .trees import Trees


class Claims:
    """Watches over the creates of one run.

    A plain, writable source gets a claim by a conditional write first: one laptop succeeds, and the other waits. Where
    no claim can be written (a read-only event, an occurrence of a series, a one-way sync), the service is asked
    afterwards who else made the same; the smallest ref stays, and whoever made another takes it away.
    """

    def __init__(self, joint: Joint, trees: Trees, outcomes: Outcomes, carry_out: Callable[[list[Step]], None]) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._outcomes = outcomes
        self._carry_out = carry_out
        self._marks = SeriesMarks(joint)
        self._claims: dict[Ref, Step] = {}
        self._claimed_at = joint.clock()
        self._found_before: set[Ref] = set()
        self._unrepeatable = {side for side in Side if not joint.end(side).reader.capabilities.safe_create}
        self._in_turn = {side: joint.end(side).reader.capabilities.creates_in_turn for side in Side}
        self._claimable = {side for side in Side if _can_hold_claims(joint.end(side))}

    def careful(self, step: Step) -> bool:
        """Whether this step is a create that must not happen twice and cannot be repeated."""
        action = step.action
        return action.side in self._unrepeatable and action.source is not None and isinstance(step.write, Create)

    def before(self, decisions: Sequence[Decision], steps: Sequence[Step]) -> list[Step]:
        """The claims, and the marks on series, to write before these steps."""
        self._claims.clear()
        self._found_before.clear()
        self._claimed_at = self._joint.clock().replace(microsecond=0)  # as a claim tells it
        for step in steps:
            source = step.action.source
            if source is None or not self.careful(step):
                continue
            side = Side.CALENDAR if step.action.side is Side.CRM else Side.CRM
            item = self._store.item(side, source) if side in self._claimable else None
            if isinstance(item, ObservedItem) and self._can_claim(side, item):
                self._claims[source] = self._claim(step, side, item)
                if self._in_turn[step.action.side] > 1 and isinstance(step.write, Create):
                    step.write = step.write.in_time(self._claimed_at + STILL_OURS)
        return [*self._claims.values(), *self._marks.before(decisions, steps)]

    def _can_claim(self, side: Side, item: ObservedItem) -> bool:
        if item.occurrence is not None or item.read_only is not None or item.version is None:
            return False
        if is_rest(item.stamp) and read_rest(item.stamp, self._joint.route.key) is None:
            return False  # the laptops of another sync have yet to read that a person took its twin back (S-7)
        old = read_claim(item.stamp, self._joint.route.key)
        if old is not None and lies_on(self._joint, side, item.ref, old.own):
            self._found_before.add(item.ref)
        return True

    def _claim(self, step: Step, side: Side, item: ObservedItem) -> Step:
        text = claim_text(self._joint.route.key, self._joint.installation, item.ref, self._claimed_at)
        action = stamping(self._joint, side, item, None, text)
        write = Update(item.ref, item.version, item.content, (), text)
        return Step(step.decision, action, write, item.content)

    def asks(self, step: Step) -> bool:
        """Whether the service is asked who else may have made the same, before or after a create is sent."""
        return step.action.source not in self._claims or step.action.source in self._found_before

    def in_turn(self, side: Side, steps: Sequence[Step]) -> Iterator[list[Step]]:
        """These creates, as they may be handed to the writer of a side: claimed ones together, where it takes several
        and minds itself how old their claims get; all others one by one."""
        most, some = self._in_turn[side], list[Step]()
        for step in steps:
            asks = self.asks(step)
            if some and (asks or len(some) == most):
                yield some
                some = []
            some.append(step)
            if asks:
                yield some
                some = []
        if some:
            yield some

    def ready(self, step: Step) -> bool:
        """Whether a create may be sent now. If not, its items wait; if somebody made it before, it is linked."""
        source = step.action.source
        claim = self._claims.get(source) if source is not None else None
        if not self._marks.ready(step):
            self._drop(step)
            return False
        if source is None or claim is None:
            return True
        if not isinstance(claim.result, Written) or self._joint.clock() - self._claimed_at > STILL_OURS:
            self._drop(step)
            return False
        rivals = self._rivals(step) if source in self._found_before else []
        if rivals:
            self._drop(step)
            adopt(self._joint, self._trees, self._outcomes, step.action.side, source, rivals[0])
            return False
        return True

    def _drop(self, step: Step) -> None:
        with self._store.transaction():
            self._outcomes.drop(step, "not_claimed")

    def after(self, step: Step) -> None:
        """Settle with another laptop that made the same item, where no claim could keep it from doing so."""
        source, result = step.action.source, step.result
        if source is None or source in self._claims or not isinstance(result, Written) or result.already:
            return
        ours = result.item
        rivals = [rival for rival in self._rivals(step) if rival.ref < ours.ref]
        if not rivals:
            return
        side = step.action.side
        crm, calendar = (ours.ref, None) if side is Side.CRM else (None, ours.ref)
        about = Decision(crm, calendar, Change(()))
        action = Action(Verb.DELETE, side, Why.DUPLICATE, source, ours.ref, ours.content, version=ours.version)
        self._carry_out([Step(about, action, Delete(ours.ref, ours.version), ours.content)])
        adopt(self._joint, self._trees, self._outcomes, side, source, rivals[0])

    def _rivals(self, step: Step) -> list[ObservedItem]:
        """What another laptop may have made of the same source: alike, linked with nothing, and news to us."""
        if not isinstance(step.write, Create):
            return []
        side = step.action.side
        return strangers(self._joint, side, self._joint.ask(side).find(step.write))


def _can_hold_claims(end: End) -> bool:
    capabilities = end.reader.capabilities
    return end.writer is not None and capabilities.hidden_stamp and capabilities.conditional_writes


def strangers(joint: Joint, side: Side, found: Sequence[ObservedItem]) -> list[ObservedItem]:
    """Those of the items that are linked with nothing and that the tree has not seen before, in the order of refs."""
    store = joint.store
    news = [item for item in found if not isinstance(store.item(side, item.ref), ObservedItem)]
    return sorted((item for item in news if store.link(side, item.ref) is None), key=lambda item: item.ref)


def adopt(
    joint: Joint, trees: Trees, outcomes: Outcomes, side: Side, source: Ref, made: ObservedItem, *, look: bool = True
) -> None:
    """Link an item that turned out to be the twin of `source`; what still differs is decided when both are seen.

    Whoever made it may have known another state of the source than the tree has: where the two differ, it is read
    again, unless that was done (`look` False).
    """
    store = joint.store
    if look and _differ(joint, side, source, made):
        read_again(joint, trees, side.other, source)
    with store.transaction():
        trees.absorb(side, [made])
        refs = {side: made.ref, side.other: source}
        crm, calendar = store.item(Side.CRM, refs[Side.CRM]), store.item(Side.CALENDAR, refs[Side.CALENDAR])
        if any(store.link(one, ref) is not None for one, ref in refs.items()):
            return
        # Two exceptions find together by their series, which also tells who changed what.
        if isinstance(crm, ObservedItem) and isinstance(calendar, ObservedItem) and made.occurrence is None:
            about = Circumstances(stamped=True, untouched=side if is_untouched(made) else None)
            united = reconcile(None, crm, calendar, joint.route, joint.dialect, about)
            link = tuple(action for action in united.actions if action.verb is Verb.LINK)
            outcomes.take_note(Decision(crm.ref, calendar.ref, Change(link, united.outcome.baseline)))
        for one, ref in refs.items():
            store.mark_dirty(one, [ref])


def _differ(joint: Joint, side: Side, source: Ref, made: ObservedItem) -> bool:
    known = joint.store.item(side.other, source)
    if not isinstance(known, ObservedItem):
        return True
    crm, calendar = (made, known) if side is Side.CRM else (known, made)
    return brings_together(reconcile(None, crm, calendar, joint.route, joint.dialect, Circumstances(stamped=True)))
