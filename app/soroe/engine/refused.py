"""What becomes of items whose write was not made: they wait for another decision, or rest until a change."""

from __future__ import annotations

from dataclasses import replace

from soroe.core.event import ObservedItem, ReadOnlyCause, Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingKind, Severity
from soroe.core.plan import Why
from soroe.ports.errors import ChangedMeanwhile, Gone, ItemRejected, PortError, ReadOnly, RetryLater, ServiceFault
from soroe.ports.remote import Create
from soroe.ports.store import ChangeState, Entry

from .counts import Counts
from .decide import members
from .joint import Joint
from .steps import Step
from .trees import Trees


class Refused:
    """Writes down which writes were not made. Everything here happens inside a transaction.

    `stale` collects the items that turned out to have moved on, `homeless` occurrences that their series has no more,
    so that they cannot be brought back in their place.
    """

    def __init__(self, joint: Joint, trees: Trees, counts: Counts) -> None:
        self._store = joint.store
        self._trees = trees
        self._counts = counts
        self.stale: list[tuple[Side, Ref]] = []
        self.homeless: list[Ref] = []

    def drop(self, step: Step, code: str = "") -> None:
        """The write was not made; its items wait for the next decision."""
        self._store.conclude(step.change, ChangeState.DROPPED, error=code)
        self.wake(step)

    def wake(self, step: Step) -> None:
        """The items of a write wait for the next decision."""
        for side, ref in items_of(step):
            self._store.mark_dirty(side, [ref])

    def failed(self, step: Step, error: PortError) -> None:
        """A write met an error."""
        match error:
            case RetryLater(outcome_unknown=True):
                pass  # stays open in the journal: the next run looks before it does anything
            case ChangedMeanwhile() | Gone() if step.action.target is not None:
                self.drop(step, type(error).__name__)
                self.stale.append((step.action.side, step.action.target))
                if isinstance(step.write, Create):
                    self.homeless.append(step.action.target)
            case ReadOnly() if step.action.target is not None:
                self.drop(step, error.cause)
                self._mark_read_only(step.action.side, step.action.target, error.cause)
            case ItemRejected():
                self._park(step, error.code, error.field or "", error.service_message)
            case ServiceFault() | ReadOnly() | ChangedMeanwhile() | Gone():
                self._park(step, _code(error), "", "")
            case _:
                self.drop(step, type(error).__name__)

    def _mark_read_only(self, side: Side, ref: Ref, cause: str) -> None:
        item = self._store.item(side, ref)
        if isinstance(item, ObservedItem):
            marked = replace(item, read_only=ReadOnlyCause(cause))
            self._store.put(side, [Entry(marked, self._trees.key(side, item), dirty=True)])

    def _park(self, step: Step, code: str, field: str, message: str) -> None:
        """The service refuses this item: it rests until either side changes (SF-18)."""
        self._store.conclude(step.change, ChangeState.FAILED, error=code)
        self._counts.failed += 1
        decision = step.decision
        finding = Finding(
            FindingKind.REJECTED,
            "SF-18",
            Severity.ERROR,
            Why.REJECTED,
            decision.crm,
            decision.calendar,
            fields=(field,) if field else (),
            actions=(FindingAction.RETRY, FindingAction.DISMISS),
            service_message=message or code,
        )
        items = members(decision)
        self._store.set_findings(items, (*decision.findings, finding))
        self._store.settle([(side, ref, Why.REJECTED) for side, ref in items])


def items_of(step: Step) -> list[tuple[Side, Ref]]:
    """The items that a write is about."""
    items = list(members(step.decision))
    if step.action.target is not None and (step.action.side, step.action.target) not in items:
        items.append((step.action.side, step.action.target))
    return items


def _code(error: PortError) -> str:
    if isinstance(error, ServiceFault):
        return error.code
    return error.cause if isinstance(error, ReadOnly) else type(error).__name__
