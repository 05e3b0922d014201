"""Two items that are one meeting: which fields travel which way, and what a removal on one side means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from . import notes
from .dialect import Dialect, RecurrenceSupport
from .event import EventContent, Field, ObservedItem, ReadOnlyCause, Recurrence, Side
from .finding import Finding, FindingAction
from .link import Baseline, Fingerprint, Link
from .plan import Action, Change, Conflict, Decision, Nothing, Verb, Why
from .route import ConflictPolicy, Direction, Route
from .rules.form import Form, same, to_calendar, to_crm
from .rules.privacy import Mask, Projection, project


@dataclass(frozen=True, slots=True)
class Pair:
    """The choices under which two items are compared."""

    route: Route
    dialect: Dialect
    choice: FindingAction | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Both sides as they may be compared: the event behind its mask, and each side's form of the other."""

    crm: ObservedItem
    calendar: ObservedItem
    seen: Projection
    origin: Side
    form_for_crm: Form
    form_for_calendar: EventContent
    pair: Pair
    merged_series: bool = False

    def carried(self, side: Side) -> frozenset[Field]:
        """The fields that may be written to a side, as far as policy and dialect go."""
        route, dialect = self.pair.route, self.pair.dialect
        fields = set(Field)
        guests = route.guests_to_crm and dialect.guests if side is Side.CRM else route.guests_to_calendar
        if not guests:
            fields.discard(Field.GUESTS)
        if not dialect.privacy_flag:
            fields.discard(Field.VISIBILITY)
        if dialect.recurrence is not RecurrenceSupport.NATIVE:
            fields.discard(Field.RECURRENCE)
        if self.seen.hides and (side is Side.CALENDAR or self.origin is Side.CRM):
            fields &= {Field.WHEN}
        return frozenset(fields)

    def obstacle(self, side: Side) -> Direction | ReadOnlyCause | None:
        """Why a side may not be written to."""
        return self.pair.route.obstacle(side, self.crm if side is Side.CRM else self.calendar)

    def agrees(self, name: Field) -> bool:
        """Whether both sides mean the same by a field, each in its own form."""
        crm_form = same(self.form_for_crm.content, self.crm.content, name)
        calendar_form = same(self.form_for_calendar, self.seen.content, name)
        if self.merged_series and name is Field.RECURRENCE:
            return crm_form and calendar_form
        return crm_form or calendar_form

    def newest(self) -> Side:
        """The side that was changed last; the CRM where nobody can tell."""
        crm, calendar = self.crm.changed_at, self.calendar.changed_at
        if calendar is not None and (crm is None or calendar > crm):
            return Side.CALENDAR
        return Side.CRM

    def winner(self) -> Side | None:
        """Who wins a field changed on both sides; None when a person must say."""
        match self.pair.choice:
            case FindingAction.TAKE_CRM:
                return Side.CRM
            case FindingAction.TAKE_CALENDAR:
                return Side.CALENDAR
            case _:
                pass
        match self.pair.route.conflicts:
            case ConflictPolicy.CRM:
                return Side.CRM
            case ConflictPolicy.CALENDAR:
                return Side.CALENDAR
            case ConflictPolicy.ASK:
                return None
            case ConflictPolicy.NEWEST_FIELD | ConflictPolicy.NEWEST_ITEM:
                return self.newest()
            case _ as never:
                assert_never(never)


def view(crm: ObservedItem, calendar: ObservedItem, origin: Side, pair: Pair) -> View:
    """Both items as they may be compared."""
    seen = project(calendar, pair.route, pair.dialect)
    for_crm = to_crm(seen.content, pair.dialect)
    for_calendar = to_calendar(crm.content, pair.route.zone, calendar.content)
    return View(crm, calendar, seen, origin, for_crm, for_calendar, pair)


def together(both: View) -> View:
    """Both sides' forms of a series with every occurrence that either side added or cancelled, where the rules agree.

    A cancelled occurrence stays cancelled: most services do not bring one back because a rule is written again.
    """
    crm, calendar = both.form_for_calendar.recurrence, both.form_for_crm.content.recurrence
    if crm is None or calendar is None or sorted(crm.rules) != sorted(calendar.rules):
        return both
    added = tuple(sorted({*crm.added, *calendar.added}, key=str))
    removed = tuple(sorted({*crm.removed, *calendar.removed}, key=str))
    union = Recurrence(crm.rules, added, removed)
    form = replace(both.form_for_crm, content=replace(both.form_for_crm.content, recurrence=union))
    return replace(
        both,
        form_for_crm=form,
        form_for_calendar=replace(both.form_for_calendar, recurrence=union),
        merged_series=True,
    )


def compare(link: Link, crm: ObservedItem, calendar: ObservedItem, pair: Pair) -> Decision:
    """Two linked items that are both there: carry what changed since they last agreed, field by field."""
    both = view(crm, calendar, link.origin, pair)
    now = Baseline(Fingerprint.of(crm.content), Fingerprint.of(both.seen.content))
    changed_crm, changed_calendar = link.baseline.crm.changed(now.crm), link.baseline.calendar.changed(now.calendar)
    chosen = pair.choice in {FindingAction.TAKE_CRM, FindingAction.TAKE_CALENDAR}
    if chosen:
        changed_crm = changed_calendar = tuple(name for name in Field if not both.agrees(name))
    if not changed_crm and not changed_calendar and not chosen:
        return Decision(crm.ref, calendar.ref, Nothing(Why.IN_STEP), standing_notes(both, (), ()))
    if Field.RECURRENCE in changed_crm and Field.RECURRENCE in changed_calendar and pair.choice is None:
        both = together(both)
    flow = _sort(both, set(changed_crm), set(changed_calendar))
    settled = tuple(name for name in Field if name not in flow.open_fields)
    baseline = Baseline(
        link.baseline.crm.replaced(now.crm, settled), link.baseline.calendar.replaced(now.calendar, settled)
    )
    findings = standing_notes(both, flow.to_calendar_stuck, flow.to_crm_stuck)
    actions = updates(both, flow, _cause(changed_crm, changed_calendar))
    return decided(both, flow, actions, baseline, findings)


def decided(
    both: View, flow: Flow, actions: tuple[Action, ...], baseline: Baseline, findings: tuple[Finding, ...]
) -> Decision:
    """The decision that says so."""
    crm, calendar = both.crm.ref, both.calendar.ref
    if flow.undecided:
        findings = (*findings, notes.conflict(crm, calendar, flow.undecided))
        return Decision(crm, calendar, Conflict(flow.undecided, actions, baseline), findings)
    outcome = Change(actions, baseline) if actions else Nothing(Why.IN_STEP, baseline)
    return Decision(crm, calendar, outcome, findings)


@dataclass(frozen=True, slots=True)
class Flow:
    """Which fields go which way, which a person must decide, and which are held up by an obstacle."""

    to_calendar: tuple[Field, ...] = ()
    to_crm: tuple[Field, ...] = ()
    undecided: tuple[Field, ...] = ()
    to_calendar_stuck: tuple[Field, ...] = ()
    to_crm_stuck: tuple[Field, ...] = ()

    @property
    def open_fields(self) -> frozenset[Field]:
        """The fields that are not settled yet: to be written, to be decided, or stuck."""
        parts = (self.to_calendar, self.to_crm, self.undecided, self.to_calendar_stuck, self.to_crm_stuck)
        return frozenset(name for part in parts for name in part)


def _sort(both: View, changed_crm: set[Field], changed_calendar: set[Field]) -> Flow:
    """Which of the changed fields go which way. Fields that mean the same already go nowhere."""
    differing = {name for name in changed_crm | changed_calendar if not both.agrees(name)}
    crm = _whole_time(changed_crm & differing, differing) & both.carried(Side.CALENDAR)
    calendar = _whole_time(changed_calendar & differing, differing) & both.carried(Side.CRM)
    if both.pair.choice is FindingAction.TAKE_CRM:
        calendar = set()
    elif both.pair.choice is FindingAction.TAKE_CALENDAR:
        crm = set()
    crm_stuck: set[Field] = set()
    calendar_stuck: set[Field] = set()
    if both.obstacle(Side.CALENDAR) is not None:
        crm_stuck, crm = crm - calendar, set()
    if both.obstacle(Side.CRM) is not None:
        calendar_stuck, calendar = calendar - crm, set()
    clash = crm & calendar
    if Field.RECURRENCE in clash and both.merged_series:
        clash = clash - {Field.RECURRENCE}
    undecided: set[Field] = set()
    if clash:
        winner = both.winner()
        whole = both.pair.route.conflicts is ConflictPolicy.NEWEST_ITEM and both.pair.choice is None
        loses = (crm | calendar) if whole else clash
        if winner is Side.CRM:
            calendar -= loses
            crm |= loses & both.carried(Side.CALENDAR)
        elif winner is Side.CALENDAR:
            crm -= loses
            calendar |= loses & both.carried(Side.CRM)
        else:
            undecided, crm, calendar = clash, crm - clash, calendar - clash
    parts = (crm, calendar, undecided, crm_stuck, calendar_stuck)
    return Flow(*(ordered(part, alone=both.merged_series) for part in parts))


def _whole_time(fields: set[Field], differing: set[Field]) -> set[Field]:
    """Start and rule of a series belong together: where both differ, they travel the same way."""
    unit = {Field.WHEN, Field.RECURRENCE}
    return fields | unit if unit <= differing and fields & unit else fields


def ordered(fields: Iterable[Field], *, alone: bool = False) -> tuple[Field, ...]:
    """The fields in the order of `Field`; a rule brings its start along, unless it can stand `alone`."""
    wanted = set(fields)
    if Field.RECURRENCE in wanted and not alone:
        wanted.add(Field.WHEN)
    return tuple(name for name in Field if name in wanted)


def updates(both: View, flow: Flow, why: Why) -> tuple[Action, ...]:
    """The writes that carry the fields over."""
    actions = []
    if flow.to_crm:
        content = merged(both.crm.content, both.form_for_crm.content, flow.to_crm)
        actions.append(_update(Side.CRM, both.calendar, both.crm, content, flow.to_crm, why))
    if flow.to_calendar:
        # Of a private event, no plan holds more than its mask lets through; only `fields` are written.
        content = merged(both.seen.content, both.form_for_calendar, flow.to_calendar)
        actions.append(_update(Side.CALENDAR, both.crm, both.calendar, content, flow.to_calendar, why))
    return tuple(actions)


def _update(
    side: Side, source: ObservedItem, target: ObservedItem, content: EventContent, fields: tuple[Field, ...], why: Why
) -> Action:
    return Action(
        Verb.UPDATE, side, why, source.ref, target.ref, content, fields, target.version, occurrence=target.occurrence
    )


def merged(target: EventContent, source: EventContent, fields: tuple[Field, ...]) -> EventContent:
    """The target's content with some fields taken from the source."""
    values = {name.value: source.get(name) for name in fields}
    return replace(target, **values)  # type: ignore[arg-type]  # values come from the same fields of the same class


def _cause(changed_crm: tuple[Field, ...], changed_calendar: tuple[Field, ...]) -> Why:
    if changed_crm and changed_calendar:
        return Why.CHANGED_ON_BOTH
    return Why.CHANGED_IN_CRM if changed_crm else Why.CHANGED_IN_CALENDAR


def standing_notes(both: View, to_calendar: tuple[Field, ...], to_crm_fields: tuple[Field, ...]) -> tuple[Finding, ...]:
    """What is true of this pair as long as it stands like this."""
    crm, calendar = both.crm.ref, both.calendar.ref
    found = list(notes.private(both.seen.mask, crm, calendar, kept=both.seen.hides and both.origin is Side.CRM))
    for side, stuck in ((Side.CALENDAR, to_calendar), (Side.CRM, to_crm_fields)):
        obstacle = both.obstacle(side)
        if obstacle is not None and (stuck or isinstance(obstacle, ReadOnlyCause)):
            found.append(notes.one_way(obstacle, crm, calendar, stuck))
    lost = tuple(
        loss
        for loss in both.form_for_crm.alterations
        if loss.field in both.carried(Side.CRM)
        and same(both.form_for_crm.content, both.crm.content, loss.field)
        and not same(both.seen.content, both.crm.content, loss.field)
    )
    return (*found, *notes.altered(lost, crm, calendar))


def one_removed(link: Link, remaining: ObservedItem, side: Side, pair: Pair) -> Decision:
    """One item of a link is gone: its twin goes too, unless it was changed meanwhile or may not be touched."""
    content = _remaining_content(remaining, side, pair)
    changed = bool(set(link.baseline.of(side).changed(Fingerprint.of(content))) - {Field.GUESTS})
    gone_why = Why.REMOVED_IN_CALENDAR if side is Side.CRM else Why.REMOVED_IN_CRM
    keeps = {Side.CRM: FindingAction.TAKE_CRM, Side.CALENDAR: FindingAction.TAKE_CALENDAR}
    if pair.choice is keeps[side] or (
        changed and pair.choice is not keeps[side.other] and not _removal_wins(side, pair)
    ):
        return _make_again(link, remaining, side, content, pair)
    obstacle = pair.route.obstacle(side, remaining)
    if obstacle is not None:
        finding = notes.one_way(obstacle, link.crm, link.calendar)
        why = Why.DIRECTION if isinstance(obstacle, Direction) else Why.READ_ONLY
        return Decision(link.crm, link.calendar, Nothing(why), (finding,))
    action = Action(
        Verb.DELETE, side, gone_why, link.ref(side.other), remaining.ref, content,
        version=remaining.version, occurrence=remaining.occurrence,
    )  # fmt: skip
    return Decision(link.crm, link.calendar, Change((action,)))


def _remaining_content(remaining: ObservedItem, side: Side, pair: Pair) -> EventContent:
    return project(remaining, pair.route, pair.dialect).content if side is Side.CALENDAR else remaining.content


def _removal_wins(remaining: Side, pair: Pair) -> bool:
    """Whether the policy lets the side that removed its item win over a change."""
    winner = {ConflictPolicy.CRM: Side.CRM, ConflictPolicy.CALENDAR: Side.CALENDAR}.get(pair.route.conflicts)
    return winner is remaining.other


def _make_again(link: Link, remaining: ObservedItem, side: Side, content: EventContent, pair: Pair) -> Decision:
    target_side = side.other
    if not pair.route.direction.writes(target_side):
        finding = notes.one_way(pair.route.direction, link.crm, link.calendar)
        return Decision(link.crm, link.calendar, Nothing(Why.DIRECTION), (finding,))
    mask = project(remaining, pair.route, pair.dialect).mask if side is Side.CALENDAR else Mask.OPEN
    if mask is Mask.SKIP:
        findings = notes.private(mask, None, link.calendar, kept=False)
        return Decision(link.crm, link.calendar, Nothing(Why.PRIVATE_SKIPPED), findings)
    if side is Side.CALENDAR:
        form = to_crm(content, pair.dialect).content
        guests, kind = pair.route.guests_to_crm, pair.route.incoming_type
    else:
        form, guests, kind = to_calendar(content, pair.route.zone, None), pair.route.guests_to_calendar, None
    if not guests:
        form = replace(form, guests=())
    action = Action(
        Verb.CREATE, target_side, Why.CHANGE_BEATS_REMOVAL, remaining.ref, link.ref(target_side), form,
        activity_type=kind, origin=link.origin,
    )  # fmt: skip
    return Decision(link.crm, link.calendar, Change((action,)))


def after_write(
    baseline: Baseline,
    side: Side,
    fields: tuple[Field, ...],
    source: Fingerprint,
    before: Fingerprint,
    after: Fingerprint,
) -> Baseline:
    """What both sides agree on once `fields` were written to `side`.

    Whatever else the service changed on its own while writing (a geocoded place, a rounded time) is part of the answer,
    not a change by a person.
    """
    touched = tuple(name for name in Field if name in {*fields, *before.changed(after)})
    written = baseline.of(side).replaced(after, touched)
    return baseline.with_side(side, written).with_side(side.other, baseline.of(side.other).replaced(source, fields))
