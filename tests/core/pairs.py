"""Linked pairs that agree, and what is decided once a person changes something on one side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from soroe.core.dialect import Dialect
from soroe.core.event import EventContent, Field, ObservedItem, Particulars, Side
from soroe.core.finding import Finding
from soroe.core.joined import after_write, merged
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.plan import Action, Decision, Verb
from soroe.core.reconcile import reconcile
from soroe.core.route import Route
from soroe.core.rules.form import told
from soroe.core.rules.privacy import project
from tests.builders import item, meeting, route


@dataclass(frozen=True, slots=True)
class Linked:
    """Two items and their link. `employees`, if set, are the only guests that the CRM takes."""

    crm: ObservedItem
    event: ObservedItem
    link: Link
    dialect: Dialect
    route: Route
    employees: frozenset[str] | None = None

    def decide(self) -> Decision:
        """What a run would do."""
        return reconcile(self.link, self.crm, self.event, self.route, self.dialect)

    def synced(self, most: int = 3) -> Linked:
        """The pair once runs have nothing left to write; fails where they never come to rest."""
        pair = self
        for _ in range(most):
            decision = pair.decide()
            if decision.outcome.baseline is not None:
                pair = replace(pair, link=replace(pair.link, baseline=decision.outcome.baseline))
            if not decision.actions:
                return pair
            for action in decision.actions:
                pair = pair.carried_out(action)
        raise AssertionError("the pair does not come to rest")

    def forgotten(self) -> Linked:
        """The pair after the local database was lost, once it was linked again."""
        decision = reconcile(None, self.crm, self.event, self.route, self.dialect)
        assert decision.outcome.baseline is not None
        pair = replace(self, link=replace(self.link, baseline=decision.outcome.baseline))
        for action in decision.actions:
            if action.verb is Verb.UPDATE:
                pair = pair.carried_out(action)
        return pair.synced()

    def carried_out(self, action: Action) -> Linked:
        """The services after one write, and the link as the engine keeps it."""
        assert action.content is not None
        target = self.crm if action.side is Side.CRM else self.event
        content = merged(target.content, action.content, action.fields)
        if action.side is Side.CRM and self.employees is not None:
            content = replace(content, guests=tuple(g for g in content.guests if g.email in self.employees))
        after = replace(target, content=content, particulars=action.particulars or target.particulars)
        source = self._print(self.event if action.side is Side.CRM else self.crm, action.side.other)
        before, now = self._print(target, action.side), self._print(after, action.side)
        baseline = after_write(self.link.baseline, action.side, action.fields, source, now, before.changed(now))
        link = replace(self.link, baseline=baseline)
        if action.side is Side.CRM:
            return replace(self, crm=after, link=link)
        return replace(self, event=after, link=link)

    def _print(self, one: ObservedItem, side: Side) -> Fingerprint:
        if side is Side.CRM:
            return told(one, self.dialect)
        return Fingerprint.of(project(one, self.route, self.dialect).content)

    def event_changes(self, **changes: object) -> Linked:
        """A person changes the calendar's event."""
        content = replace(self.event.content, **changes)  # type: ignore[arg-type]  # keywords are fields
        return replace(self, event=replace(self.event, content=content))

    def activity_changes(self, particulars: Particulars | None = None, **changes: object) -> Linked:
        """A person changes the CRM's activity."""
        content = replace(self.crm.content, **changes)  # type: ignore[arg-type]  # keywords are fields
        return replace(self, crm=replace(self.crm, content=content, particulars=particulars or self.crm.particulars))

    @property
    def findings(self) -> list[Finding]:
        """What a person is told as long as the pair stands like this."""
        return list(self.decide().findings)


def at_rest(
    dialect: Dialect,
    crm: EventContent | None = None,
    event: EventContent | None = None,
    particulars: Particulars | None = None,
    activity_type: str = "meeting",
    **choices: Any,
) -> Linked:
    """A linked pair that agrees: the activity, and the event that was made of it unless another one is given."""
    chosen = route(privacy=dialect.privacy, conflicts=dialect.conflicts, **choices)
    activity = item(Side.CRM, content=crm or meeting(), particulars=particulars, activity_type=activity_type)
    there = event
    if there is None:
        (action,) = reconcile(None, activity, None, chosen, dialect).actions
        assert action.content is not None
        there = action.content
    other = item(Side.CALENDAR, content=there)
    baseline = Baseline(told(activity, dialect), Fingerprint.of(project(other, chosen, dialect).content))
    return Linked(activity, other, Link(activity.ref, other.ref, baseline, Side.CRM), dialect, chosen)


def made_in_crm(event: EventContent, dialect: Dialect, **choices: Any) -> Linked:
    """A linked pair whose activity was made of the event."""
    chosen = route(privacy=dialect.privacy, conflicts=dialect.conflicts, **choices)
    (action,) = reconcile(None, None, item(Side.CALENDAR, content=event), chosen, dialect).actions
    assert action.content is not None
    return at_rest(dialect, action.content, event, **choices)


def fields_to(decision: Decision, side: Side) -> set[Field]:
    """The fields that a decision writes to a side."""
    return {name for action in decision.actions if action.side is side for name in action.fields}
