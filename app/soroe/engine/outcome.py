"""What becomes of trees, links, journal and findings once a decision is made, or a write has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soroe.core.event import Field, ObservedItem, Ref, Side
from soroe.core.finding import Finding, FindingAction
from soroe.core.joined import after_write, unexplained
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.plan import Action, Conflict, Decision, Nothing, Verb, Why
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError
from soroe.ports.remote import Erased, Failed, Unsent, Written
from soroe.ports.store import ChangeState, Done

from .counts import Counts
from .decide import members
from .joint import Joint
from .made_anew import follow, wake_the_rest
from .pairs import Pairs
from .refused import Refused, items_of
from .seen import carried, fingerprint, looks_as_before, says_as_much, seen, seen_fingerprint
from .stamping import tells_by_stamp, wants_stamp
from .steps import Step
from .trees import Trees, series_of

SWEEPING = {Field.WHEN, Field.RECURRENCE}
"""Where these fields of a series are written, its exceptions may fall away."""


class Outcomes:
    """Writes down what was decided and what came of it. Everything here happens inside a transaction.

    `stale` collects the items that turned out to have moved on: whoever writes reads them again, outside of it.
    `repeated` collects creates (side, source, item) that found their item made before; `homeless` occurrences that
    their series has no more, so that they cannot be brought back in their place; `unstamped` pairs of single items that
    were just made, wait for a stamp, and may get it at once.
    """

    def __init__(self, joint: Joint, trees: Trees, counts: Counts) -> None:
        self._joint = joint
        self._store = joint.store
        self._trees = trees
        self._counts = counts
        self._chosen = True
        self._only_stamped: set[int] = set()
        """Steps of a batch, by `id`, that wrote nothing but a stamp on an item that is otherwise as it was."""
        self._pairs = Pairs(joint, trees)
        self._refused = Refused(joint, trees, counts)
        self._settled: list[tuple[Side, Ref, Why]] = []
        self._waiting: list[tuple[Side, Ref]] = []
        self.unstamped: list[Link] = []
        self.stale = self._refused.stale
        self.repeated: list[tuple[Side, Ref, ObservedItem]] = []
        self.homeless = self._refused.homeless

    # --- before the writes ---
    def take_note(self, decision: Decision) -> None:
        """Keep a decision: its findings, its reason, what both sides already agree on, and links that need no write."""
        self.take_notes([decision])

    def take_notes(self, decisions: Sequence[Decision]) -> None:
        """Keep decisions about different items (see `take_note`)."""
        self._chosen = self._store.has_choices()
        noted = [(decision, members(decision), reason(decision)) for decision in decisions]
        for _, items, why in noted if self._trees.asks and self._store.has_item_findings() else ():
            if why is not Why.DUPLICATE:
                for side, ref in items:
                    self._trees.wake_asked(side, ref)
        findings = [finding for decision in decisions for finding in decision.findings]
        self._store.set_findings([item for _, items, _ in noted for item in items], findings)
        self._store.settle([(side, ref, why) for _, items, why in noted for side, ref in items])
        for decision, items, _ in noted:
            self._follow(decision, items)
        self._pairs.write_down()

    def _follow(self, decision: Decision, items: Sequence[tuple[Side, Ref]]) -> None:
        outcome = decision.outcome
        if isinstance(outcome, Nothing):
            self._leave(outcome.why, items)
        else:
            if isinstance(outcome, Conflict):
                self._counts.conflicts += 1
            for action in outcome.actions:
                if action.verb is Verb.LINK:
                    self._link(action, decision)
                elif action.verb is Verb.UNLINK:
                    self._pairs.let_go(items)
        baseline = outcome.baseline
        if baseline is not None and decision.crm is not None and decision.calendar is not None:
            link = self._store.link(Side.CRM, decision.crm)
            if link is not None and link.baseline is not baseline and link.baseline != baseline:  # mostly the very same
                self._pairs.agree(link.agreed_on(baseline))

    def _leave(self, why: Why, items: Sequence[tuple[Side, Ref]]) -> None:
        """Nothing is to be done about these items."""
        if why is Why.WAITS_FOR_SERIES:
            self._wake_if_linked(items)
        elif why is Why.IN_STEP and self._chosen:
            self._forget_choices(items)
        elif why is Why.BOTH_GONE:
            self._pairs.let_go(items)

    def _wake_if_linked(self, items: Sequence[tuple[Side, Ref]]) -> None:
        """An exception that was to wait for its series, which was linked just before: it need not wait any more."""
        for side, ref in items:
            series = series_of(ref)
            if series is not None and self._store.link(side, series) is not None:
                self._store.mark_dirty(side, [ref])

    def _forget_choices(self, items: Sequence[tuple[Side, Ref]]) -> None:
        """Whose side was to be taken is settled once both agree; it must not decide a later conflict, too."""
        for side, ref in items:
            choice = self._store.choice(side, ref)
            if choice is not None and choice.action in {FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR}:
                self._store.choose(side, ref, None)

    def _link(self, action: Action, decision: Decision) -> None:
        baseline = decision.outcome.baseline
        if action.source is None or action.target is None or baseline is None:
            raise AssertionError("a link was planned without its two items")
        self._pairs.join(Link(action.target, action.source, baseline, action.origin or Side.CRM))
        self._counts.add(Verb.LINK, Side.CRM)

    # --- after the writes ---
    def settle(self, steps: Sequence[Step]) -> PortError | None:
        """Keep the results of a batch; returns the trouble of the whole account, if it met any."""
        trouble: PortError | None = None
        self._chosen = self._store.has_choices()
        self._only_stamped.clear()
        before = self._take_in(steps)
        for step in steps:
            match step.result:
                case Written(item):
                    self._written(step, item, before)
                case Erased():
                    self._erased(step)
                case Unsent():
                    self._refused.drop(step)
                case Failed(error):
                    if isinstance(error, ACCOUNT_TROUBLE):
                        trouble = trouble or error
                    self._refused.failed(step, error)
        self._pairs.write_down()
        self._store.settle(self._settled)
        self._settled = []
        waiting, self._waiting = self._waiting, []
        for side in Side if waiting else ():
            self._store.mark_dirty(side, [ref for where, ref in waiting if where is side])
        return trouble

    def _take_in(self, steps: Sequence[Step]) -> dict[int, Fingerprint | None]:
        """Keep what was written, in trees and journal; returns what the plain item of a step was like before, by `id`.

        A series and its exceptions depend on each other, and are taken in one after another (`_written`).
        """
        before: dict[int, Fingerprint | None] = {}
        plain: dict[Side, list[tuple[ObservedItem, ObservedItem | None]]] = {Side.CRM: [], Side.CALENDAR: []}
        done: list[Done] = []
        for step in steps:
            if not isinstance(step.result, Written):
                continue
            action, item = step.action, step.result.item
            if step.was_made_before:
                self._store.conclude(step.change, ChangeState.DROPPED, target=item.ref, error="made_before")
            else:
                intended = action.content is not None and says_as_much(action.content, item.content)
                done.append(Done(step.change, action.side, item.ref, None if intended else item.content))
            if self._trees.is_plain(action.side, item):
                old = seen(self._joint, action.side, action.target)
                same = old is not None and not action.fields and looks_as_before(item, old)
                if same:
                    self._only_stamped.add(id(step))
                before[id(step)] = None if old is None or same else fingerprint(self._joint, action.side, old)
                plain[action.side].append((item, old if same else None))
        for side, items in plain.items():
            self._trees.keep_plain(side, items)
        self._store.conclude_all(done)
        return before

    def drop(self, step: Step, code: str = "") -> None:
        """The write was not made; its items wait for the next decision."""
        self._refused.drop(step, code)

    def _written(self, step: Step, item: ObservedItem, plain: Mapping[int, Fingerprint | None]) -> None:
        action = step.action
        if id(step) in plain:
            before = plain[id(step)]
        else:
            before = seen_fingerprint(self._joint, action.side, action.target)
            self._trees.keep(action.side, item)
        if action.verb is Verb.UPDATE and not action.fields:
            self._counts.stamped += 1
            if id(step) not in self._only_stamped and before != seen_fingerprint(self._joint, action.side, item.ref):
                self._see_anew(action.side, item.ref)
            return
        if not step.was_made_before:
            self._counts.add(action.verb, action.side)
        if self._chosen:
            for side, ref in items_of(step):
                self._store.choose(side, ref, None)
        if tells_by_stamp(self._joint, action.side, item):
            self._store.mark_dirty(action.side, [item.ref])
        if action.verb is Verb.UPDATE:
            self._rewritten(action, item, before)
        elif action.source is not None and step.was_made_before:
            self.repeated.append((action.side, action.source, item))
            self._refused.wake(step)
        elif action.source is not None:
            self._created(action, action.source, item, step.decision.findings)
        else:
            self._store.mark_dirty(action.side, [item.ref])
            self._refused.wake(step)

    def _rewritten(self, action: Action, item: ObservedItem, before: Fingerprint | None) -> None:
        if action.target is not None and action.target != item.ref:
            action = follow(self._joint, self._trees, action, action.target, item.ref)
        if before is not None:
            self._updated(action, before, item)
        if action.why is Why.SPLIT_AT_TODAY:
            wake_the_rest(self._joint, self._trees, action)

    def _created(self, action: Action, source_ref: Ref, item: ObservedItem, findings: tuple[Finding, ...]) -> None:
        across, made = action.side.other, item.ref
        origin_item = self._store.item(across, source_ref)
        twin = fingerprint(self._joint, action.side, item)
        if isinstance(origin_item, ObservedItem):
            source = carried(self._joint, self._trees.moved, across, origin_item, None)
        else:  # the source went away while its twin was made: both are looked at again
            self._waiting.append((action.side, made))
            content = self._store.last_content(across, source_ref)
            if content is None:
                return
            source = Fingerprint.of(content)
            self._waiting.append((across, source_ref))
        old = self._store.link(across, source_ref)
        if old is not None:
            self._store.drop_link(old)
            if old.ref(action.side) != made:
                self._trees.erase(action.side, old.ref(action.side))
        if action.side is Side.CALENDAR:
            link = Link(source_ref, made, Baseline(source, twin), action.origin or across)
        else:
            link = Link(made, source_ref, Baseline(twin, source), action.origin or across)
        self._pairs.join(link)
        short = action.side is Side.CRM and action.content and len(item.content.guests) < len(action.content.guests)
        if short or tells_by_stamp(self._joint, action.side, item):
            self._waiting.append((action.side, made))  # to be looked at again, and so not to be settled
        else:
            self._settled.append((action.side, made, action.why))
        if isinstance(origin_item, ObservedItem) and wants_stamp(self._joint, across, origin_item):
            self._waiting.append((across, source_ref))
            if self._trees.is_plain(across, origin_item) and self._trees.is_plain(action.side, item):
                self.unstamped.append(link)
        if findings:
            self._store.set_findings([(across, source_ref)], [f.with_item(action.side, made) for f in findings])

    def _updated(self, action: Action, before: Fingerprint, item: ObservedItem) -> None:
        link = self._store.link(action.side, action.target) if action.target is not None else None
        # The tree folds cancelled occurrences into a series; of a single item it holds just what was answered.
        is_series = item.content.recurrence is not None
        told = seen(self._joint, action.side, item.ref) if is_series else item
        after = None if told is None else fingerprint(self._joint, action.side, told)
        origin = seen(self._joint, action.side.other, action.source)
        if link is None or after is None or origin is None:
            return
        source = carried(self._joint, self._trees.moved, action.side.other, origin, link.baseline)
        changed = before.changed(after)
        baseline = after_write(link.baseline, action.side, action.fields, source, after, changed)
        self._pairs.agree(link.agreed_on(baseline))
        if unexplained(action.fields, changed) or self._left_somebody_out(action, item):
            self._see_anew(action.side, item.ref)
        if is_series and SWEEPING & set(action.fields):
            parts = self._store.series_parts(action.side, item.ref)
            exceptions = [part.ref for part in parts if isinstance(part, ObservedItem) and part.occurrence is not None]
            self.stale += [(action.side, ref) for ref in exceptions]

    def _see_anew(self, side: Side, ref: Ref) -> None:
        self._store.mark_dirty(side, [ref])
        if self._trees.moved is not None:
            self._trees.moved.add((side, ref))

    @staticmethod
    def _left_somebody_out(action: Action, item: ObservedItem) -> bool:
        """Whether the CRM took fewer guests than it was given: that is told once more is known (ESM-I13)."""
        if action.side is not Side.CRM or Field.GUESTS not in action.fields or action.content is None:
            return False
        return len(item.content.guests) < len(action.content.guests)

    def _erased(self, step: Step) -> None:
        self._store.conclude(step.change, ChangeState.DONE, target=step.action.target)
        self._counts.add(Verb.DELETE, step.action.side)
        for side, ref in items_of(step):
            self._store.choose(side, ref, None)
        self._store.set_findings(items_of(step), [])
        self._pairs.let_go(items_of(step))


def reason(decision: Decision) -> Why:
    """Why an item stands as it does, in one word."""
    outcome = decision.outcome
    if isinstance(outcome, Nothing):
        return outcome.why
    return Why.CONFLICT if isinstance(outcome, Conflict) else outcome.actions[-1].why
