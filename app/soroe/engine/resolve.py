"""Do what a person chose about a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from soroe.core import notes
from soroe.core.event import EventContent, Field, ObservedItem, Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingId
from soroe.core.joined import merged
from soroe.core.notes import about_the_sync
from soroe.core.plan import Action, Decision, Verb, Why, about_one
from soroe.ports.remote import Delete, Update
from soroe.ports.store import Choice, SyncStatus

from .by_person import CannotResolve, carry_out
from .decide import Deciding
from .joint import Joint
from .steps import Step
from .trees import Trees


def resolve(joint: Joint, finding_id: FindingId, action: FindingAction) -> None:
    """Carry out a choice; most choices take effect in the run that follows.

    Raises `CannotResolve` for a finding that is no longer there, an action it does not offer, a choice that belongs
    into the settings or to an account, or a direction that forbids it; and the trouble of a service.
    """
    finding = next((found for found in joint.store.findings() if found.id == finding_id), None)
    if finding is None:
        raise CannotResolve("no_such_finding")
    if action not in finding.actions:
        raise CannotResolve("no_such_action")
    match action:
        case FindingAction.DISMISS:
            joint.store.dismiss(finding.id, joint.clock())
        case FindingAction.NOT_A_DUPLICATE | FindingAction.TAKE_CRM | FindingAction.TAKE_CALENDAR | FindingAction.RETRY:
            _choose(joint, finding, action)
        case FindingAction.KEEP_ONE | FindingAction.MERGE:
            _keep_one(joint.today(), finding, merge=action is FindingAction.MERGE)
        case FindingAction.ALLOW | FindingAction.DROP:
            _answer_guard(joint.today(), allow=action is FindingAction.ALLOW)
        case FindingAction.CHANGE_PRIVACY | FindingAction.SHOW_SETTING:
            raise CannotResolve("in_settings")
        case FindingAction.RECONNECT:
            raise CannotResolve("reconnect_account")


def take_back(joint: Joint, items: Sequence[tuple[Side, Ref]]) -> None:
    """Forget what a person decided about these items; the run that follows looks at them anew."""
    store = joint.store
    with store.transaction():
        if len(items) == len(Side):
            (side, ref), other = items
            store.undismiss(notes.duplicate(ref, side, (other,)).id)
        for side, ref in items:
            store.choose(side, ref, None)
            store.mark_dirty(side, [ref])


def _choose(joint: Joint, finding: Finding, action: FindingAction) -> None:
    store = joint.store
    with store.transaction():
        if action is FindingAction.NOT_A_DUPLICATE and _look_different(joint, finding):
            store.dismiss(finding.id, joint.clock())  # either may still be the same meeting as another one
            for side, ref in finding.group():
                store.mark_dirty(side, [ref])
            return
        for side, ref in finding.group():
            if action is FindingAction.NOT_A_DUPLICATE and store.link(side, ref) is not None:
                continue
            if action is not FindingAction.RETRY:
                store.choose(side, ref, Choice(action, joint.clock()))
            store.mark_dirty(side, [ref])
        store.set_findings(finding.group(), [])


def _look_different(joint: Joint, finding: Finding) -> bool:
    """Whether a question is about two items, one of each side, that do not look alike (any more)."""
    items = [(side, joint.store.item(side, ref)) for side, ref in finding.group()]
    trees = Trees(joint.today())
    keys = {side: trees.key(side, item) for side, item in items if isinstance(item, ObservedItem)}
    return len(items) == len(keys) == len(set(keys.values())) == len(Side)


# --- duplicates ---
def _keep_one(joint: Joint, finding: Finding, *, merge: bool) -> None:
    """Keep the linked one of the lookalikes, or else the oldest, on each side, and delete the others."""
    groups = {side: _present(joint, finding, side) for side in Side}
    for side, items in groups.items():
        if len(items) > 1 and joint.end(side).writer is None:
            raise CannotResolve("direction")
    steps = [step for side, items in groups.items() for step in _steps(joint, side, items, merge=merge)]
    try:
        carry_out(joint, steps)
    finally:
        with joint.store.transaction():
            _join(joint, groups)
            for side, items in groups.items():
                joint.store.mark_dirty(side, [item.ref for item in items])


def _join(joint: Joint, groups: dict[Side, list[ObservedItem]]) -> None:
    """What is kept on each side is one meeting from now on, though the two may look different."""
    kept = [(side, items[0].ref) for side, items in groups.items() if items]
    if len(kept) == len(Side) and all(joint.store.link(side, ref) is None for side, ref in kept):
        for side, ref in kept:
            joint.store.choose(side, ref, Choice(FindingAction.MERGE, joint.clock()))


def _present(joint: Joint, finding: Finding, side: Side) -> list[ObservedItem]:
    items = [joint.store.item(side, ref) for where, ref in finding.group() if where is side]
    present = [item for item in items if isinstance(item, ObservedItem)]
    return sorted(present, key=lambda item: (joint.store.link(side, item.ref) is None, _age(item), item.ref))


def _age(item: ObservedItem) -> datetime:
    return item.created_at or datetime.max.replace(tzinfo=UTC)


def _steps(joint: Joint, side: Side, items: Sequence[ObservedItem], *, merge: bool) -> list[Step]:
    if len(items) < 2:
        return []
    keeper, copies = items[0], [item for item in items[1:] if joint.store.link(side, item.ref) is None]
    steps = []
    if merge:
        content, fields = _combined(keeper, copies)
        if fields:
            action = Action(Verb.UPDATE, side, Why.CHOSEN_BY_USER, None, keeper.ref, content, fields, keeper.version)
            write = Update(keeper.ref, keeper.version, content, fields, occurrence=keeper.occurrence)
            steps.append(Step(about_one(side, keeper.ref), action, write, keeper.content))
    for copy in copies:
        action = Action(Verb.DELETE, side, Why.CHOSEN_BY_USER, None, copy.ref, copy.content, version=copy.version)
        write_away = Delete(copy.ref, copy.version, copy.occurrence)
        steps.append(Step(about_one(side, copy.ref), action, write_away, copy.content))
    return steps


def _combined(keeper: ObservedItem, copies: Sequence[ObservedItem]) -> tuple[EventContent, tuple[Field, ...]]:
    """The keeper's content with what only a copy knows: its notes, where they say something else, and its place."""
    content, fields = keeper.content, []
    for copy in copies:
        if copy.content.description and copy.content.description not in content.description:
            joined = "\n\n".join(filter(None, (content.description, copy.content.description)))
            content = replace(content, description=joined)
            fields.append(Field.DESCRIPTION)
        if copy.content.location and not content.location:
            content = merged(content, copy.content, (Field.LOCATION,))
            fields.append(Field.LOCATION)
    return content, tuple(name for name in Field if name in fields)


# --- the guard's question ---
def _answer_guard(joint: Joint, *, allow: bool) -> None:
    store = joint.store
    state = store.state()
    # Before the transaction: to decide may mean to ask a service whether an item is really gone.
    decisions = [] if allow else Deciding(joint, Trees(joint)).pending()
    with store.transaction():
        for decision in decisions:
            _keep_target(joint, decision)
        store.set_sync_findings(about_the_sync(joint.dialect))
        allowed = state.held_for if allow or state.held_for.startswith("duplicate_wave") else ""
        store.save_state(replace(state, status=SyncStatus.RUNNING, allowed=allowed, held_for=""))


def _keep_target(joint: Joint, decision: Decision) -> None:
    """The side that would have been deleted or rewritten wins instead: what disappeared across is put back."""
    wins = {Side.CRM: FindingAction.TAKE_CRM, Side.CALENDAR: FindingAction.TAKE_CALENDAR}
    for action in decision.actions:
        if action.verb in {Verb.DELETE, Verb.UPDATE} and action.target is not None:
            joint.store.choose(action.side, action.target, Choice(wins[action.side], joint.clock()))
