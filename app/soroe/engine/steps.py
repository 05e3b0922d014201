"""One write on its way: what is sent for an action, and how the journal remembers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from soroe.core.event import (
    ContainerId,
    EventContent,
    ObservedItem,
    Occurrence,
    Particulars,
    Ref,
    Side,
    occurrence_named,
)
from soroe.core.plan import Action, Decision, Verb
from soroe.core.stamp import creation_seed, stamp_for
from soroe.ports.remote import Create, Delete, Restore, Result, Unsent, Update, Write, Written
from soroe.ports.store import ChangeId, JournalEntry, RunId

from .joint import Joint
from .stamping import stamp_action

NOT_WRITTEN = ChangeId(0)
_MAKING = (Create, Restore)


@dataclass(slots=True)
class Step:
    """One write: the decision it belongs to, what is sent, its place in the journal, and its result.

    `held` is what the CRM held beside the meeting, where the write takes any of it away (see `JournalEntry`).
    """

    decision: Decision
    action: Action
    write: Write
    before: EventContent | None
    held: Particulars | None = None
    change: ChangeId = NOT_WRITTEN
    result: Result = field(default_factory=Unsent)

    @property
    def was_made_before(self) -> bool:
        """Whether a create found its twin made before, by another laptop or another run: it is not this run's.

        So it is not counted as made, and whoever takes this run back leaves it alone.
        """
        return isinstance(self.result, Written) and self.result.already and self.action.source is not None

    def entry(self, run: RunId, at: datetime) -> JournalEntry:
        """What the journal keeps, before anything is sent."""
        write, action = self.write, self.action
        seed, stamp, kind, origin = "", None, None, None
        if isinstance(write, _MAKING):
            seed, stamp, kind, origin = write.seed, write.stamp, write.activity_type, action.origin
        elif isinstance(write, Update):
            stamp = write.stamp
        return JournalEntry(
            run,
            at,
            action.verb,
            action.side,
            action.why,
            action.source,
            action.target,
            self.before,
            None if action.verb is Verb.DELETE else action.content,
            tuple([name.value for name in action.fields]) if action.fields else (),
            seed=seed,
            stamp=stamp,
            activity_type=kind,
            occurrence=action.occurrence,
            origin=origin,
            before_version=action.version,
            particulars=self.held,
        )


class Steps:
    """Turns actions into writes."""

    def __init__(self, joint: Joint) -> None:
        self._joint = joint
        self._store = joint.store
        self._capabilities = {side: joint.end(side).reader.capabilities for side in Side}
        self.former: dict[Ref, Ref] = {}
        """Twins that were made of an item once and are gone for good: a create in their stead needs another seed."""
        self.homeless: set[Ref] = set()
        """Occurrences that their series has no more: what is made in their stead stands alone."""

    def of(self, decisions: Sequence[Decision]) -> list[Step]:
        """The writes that carry out these decisions; links that need no write have none."""
        steps: list[Step] = []
        for decision in decisions:
            for action in decision.outcome.actions:
                match action.verb:
                    case Verb.CREATE | Verb.UPDATE | Verb.DELETE:
                        before, target = None, action.target
                        if target is not None:
                            before = self._store.last_content(action.side, target)
                        held = self._held(action) if target is not None and action.side is Side.CRM else None
                        steps.append(Step(decision, action, self._write(action), before, held))
                    case Verb.LINK:
                        steps.extend(self._stamping(decision, action))
                    case Verb.UNLINK:
                        pass
                    case _ as never:
                        assert_never(never)
        return steps

    def _held(self, action: Action) -> Particulars | None:
        """What the CRM holds beside a meeting, where the write takes any of it away."""
        if action.target is None or (action.particulars is None and action.verb is not Verb.DELETE):
            return None
        item = self._store.item(Side.CRM, action.target)
        return item.particulars if isinstance(item, ObservedItem) else None

    def _write(self, action: Action) -> Write:
        source, target, content = action.source, action.target, action.content
        if action.verb is Verb.CREATE and source is not None and content is not None:
            return self._create(action, source, content)
        if action.verb is Verb.UPDATE and target is not None and content is not None:
            fields, stamp = action.fields, action.stamp
            return Update(target, action.version, content, fields, stamp, action.occurrence, action.particulars)
        if action.verb is Verb.DELETE and target is not None:
            return Delete(target, action.version, action.occurrence)
        raise AssertionError(f"an incomplete action was planned: {action.verb} {action.why}")

    def _create(self, action: Action, source: Ref, content: EventContent) -> Write:
        """A create, or, for a twin that was removed and is to be made again, a restore where the service can."""
        capabilities = self._capabilities[action.side]
        seed = creation_seed(self._joint.route.key, source, self.former.get(source) or action.like)
        stamp = stamp_for(self._joint.route.key, source, None) if capabilities.hidden_stamp else None
        if action.target is not None:
            cancelled = self._cancelled(action.side, action.target)
            if cancelled is not None:
                return self._new(action, action.target.container, content, seed, stamp, cancelled)
            if capabilities.restore:
                return Restore(action.target, content, seed, stamp, action.activity_type, action.particulars)
        container = self._container(action.side, action.occurrence)
        return self._new(action, container, content, seed, stamp, action.occurrence)

    @staticmethod
    def _new(
        action: Action,
        container: ContainerId,
        content: EventContent,
        seed: str,
        stamp: str | None,
        occurrence: Occurrence | None,
    ) -> Create:
        kind, more, like = action.activity_type, action.particulars, action.like
        return Create(container, content, seed, stamp, kind, occurrence, more, like)

    def _cancelled(self, side: Side, former: Ref) -> Occurrence | None:
        """The occurrence that this was, where its series is still there for it to come back to."""
        occurrence = occurrence_named(former.id)
        if occurrence is None or former in self.homeless:
            return None
        parts = self._store.series_parts(side, Ref(former.container, occurrence.series))
        stands = any(isinstance(part, ObservedItem) and part.occurrence is None for part in parts)
        return occurrence if stands else None

    def _container(self, side: Side, occurrence: Occurrence | None) -> ContainerId:
        """Where a new item goes: to its series, or to the first calendar of the sync."""
        containers = self._joint.end(side).containers
        if occurrence is not None:
            for container in containers:
                if self._store.link(side, Ref(container, occurrence.series)) is not None:
                    return container
        return containers[0]

    def _stamping(self, decision: Decision, link: Action) -> Iterator[Step]:
        """The stamp on one of two items that were found to be one meeting."""
        if link.source is None or link.target is None:
            return
        crm, calendar = self._store.item(Side.CRM, link.target), self._store.item(Side.CALENDAR, link.source)
        if not isinstance(crm, ObservedItem) or not isinstance(calendar, ObservedItem):
            return
        action = stamp_action(self._joint, crm, calendar, decision, link.origin or Side.CRM)
        if action is not None:
            yield Step(decision, action, self._write(action), action.content)
