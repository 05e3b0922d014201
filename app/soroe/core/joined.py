"""Two items that are one meeting: which fields travel which way, and what a removal on one side means."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from . import notes
from .event import EventContent, Field, ObservedItem, ReadOnlyCause, Side
from .finding import Finding, FindingAction
from .link import FIELDS, Baseline, Fingerprint, Link
from .mirror import HIDDEN_TWIN, TWINS
from .ongoing import goes_on, held_alike, is_past, past_notes, split
from .pair import Pair, View, together, view, with_guests
from .plan import Action, Change, Conflict, Decision, Nothing, Verb, Why
from .quickly import quickly_made
from .route import ConflictPolicy, Direction
from .rules.form import ROUNDED, Alteration, same, shown, to_calendar, to_crm, told
from .rules.guests import brings_guests, invited, missing
from .rules.privacy import Mask, mask_of, visible
from .rules.title import tail_of, with_tail


def compare(link: Link, crm: ObservedItem, calendar: ObservedItem, pair: Pair) -> Decision:
    """Two linked items that are both there: carry what changed since they last agreed, field by field."""
    both = view(crm, calendar, link.origin, pair, link.baseline)
    before, now = link.baseline, both.now(link.baseline)
    changed_crm, changed_calendar = changes(both, before, now)
    chosen = pair.choice is FindingAction.TAKE_CRM or pair.choice is FindingAction.TAKE_CALENDAR
    if chosen:
        changed_crm = changed_calendar = tuple(name for name in FIELDS if not both.agrees(name))
    if not changed_crm and not changed_calendar and not chosen:
        known = None if before.tells_as_much(now.crm, now.calendar) else now
        found = standing_notes(both, Flow())
        return goes_on(both, found) or Decision(crm.ref, calendar.ref, Nothing(Why.IN_STEP, known), found)
    both, flow = sorted_out(both, before, changed_crm, changed_calendar)
    baseline = before.settled(now.crm, now.calendar, flow.open_fields)
    findings = standing_notes(both, flow)
    instead = split(both, flow.to_crm, baseline, findings)
    if instead is not None:
        return instead
    actions = updates(both, flow, _cause(changed_crm, changed_calendar))
    return decided(both, flow, actions, baseline, findings)


def changes(both: View, before: Baseline, now: Baseline) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The fields that people changed in the CRM, and in the calendar, since both agreed; not what the CRM moved."""
    changed_crm, changed_calendar = before.crm.changed(now.crm), before.calendar.changed(now.calendar)
    if both.pair.dialect.own_grid and Field.WHEN in changed_crm and both.was_rounded(before):
        changed_crm = _without(changed_crm, Field.WHEN)
    if Field.TITLE in changed_crm and Field.TITLE in changed_calendar:
        renamed = both.renamed(before)
        if renamed is Side.CALENDAR:
            changed_crm = _without(changed_crm, Field.TITLE)
        elif renamed is Side.CRM:
            changed_calendar = _without(changed_calendar, Field.TITLE)
    return changed_crm, changed_calendar


def _without(fields: tuple[Field, ...], name: Field) -> tuple[Field, ...]:
    return tuple(field for field in fields if field is not name)


def sorted_out(
    both: View, before: Baseline, changed_crm: Collection[Field], changed_calendar: Collection[Field]
) -> tuple[View, Flow]:
    """Which of the changed fields go which way, and both sides with what each is to get of the other."""
    if Field.RECURRENCE in changed_crm and Field.RECURRENCE in changed_calendar and both.pair.choice is None:
        both = together(both)
    if Field.GUESTS in changed_crm or Field.GUESTS in changed_calendar:
        both = with_guests(both, before)
    return retitled(both, _sort(both, set(changed_crm), set(changed_calendar)))


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


@quickly_made
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
        return frozenset(self.to_calendar + self.to_crm + self.undecided + self.to_calendar_stuck + self.to_crm_stuck)


def _sort(both: View, changed_crm: set[Field], changed_calendar: set[Field]) -> Flow:
    """Which of the changed fields go which way. Fields that mean the same already go nowhere."""
    differing = {name for name in changed_crm | changed_calendar if not both.agrees(name)}
    crm = _carried(both, Side.CALENDAR, changed_crm & differing, differing)
    calendar = _carried(both, Side.CRM, changed_calendar & differing, differing)
    if both.pair.choice is FindingAction.TAKE_CRM:
        calendar = set()
    elif both.pair.choice is FindingAction.TAKE_CALENDAR:
        crm = set()
    if both.merged_guests:
        crm, calendar = _unless_told(both, crm, calendar)
    crm_stuck: set[Field] = set()
    calendar_stuck: set[Field] = set()
    if crm and both.obstacle(Side.CALENDAR) is not None:
        crm_stuck, crm = crm - calendar, set()
    if calendar and both.obstacle(Side.CRM) is not None:
        calendar_stuck, calendar = calendar - crm, set()
    undecided: set[Field] = set()
    if crm and calendar:
        crm, calendar, undecided = _clashing(both, crm, calendar)
    parts, alone = (crm, calendar, undecided, crm_stuck, calendar_stuck), both.merged_series
    return Flow(*[ordered(part, alone=alone) if part else () for part in parts])


def _carried(both: View, side: Side, fields: set[Field], differing: set[Field]) -> set[Field]:
    """Those of the changed fields that may be written to a side."""
    return _whole_time(fields, differing) & both.carried(side) if fields else fields


def _clashing(both: View, crm: set[Field], calendar: set[Field]) -> tuple[set[Field], set[Field], set[Field]]:
    """Which fields go which way where both sides changed some; the third are those that a person must decide."""
    joined = both.joined  # each side gets what it lacks of them: nobody wins
    clash = (crm & calendar) - joined
    undecided: set[Field] = set()
    whole = both.pair.route.conflicts is ConflictPolicy.NEWEST_ITEM and both.pair.choice is None
    if clash or (whole and crm - joined and calendar - joined):
        winner = both.winner()
        loses = (crm | calendar) - joined if whole else clash
        if winner is Side.CRM:
            calendar -= loses
            crm |= loses & both.carried(Side.CALENDAR)
        elif winner is Side.CALENDAR:
            crm -= loses
            calendar |= loses & both.carried(Side.CRM)
        else:
            undecided, crm, calendar = clash, crm - clash, calendar - clash
    return crm, calendar, undecided


def retitled(both: View, flow: Flow) -> tuple[View, Flow]:
    """The title, too, where what stands behind the subject will show otherwise once the CRM has what it is given.

    A title that a person wrote in a form of her own stays as she wrote it.
    """
    event, subject = both.seen.content, both.subject
    if subject is None or subject == event.title or {Field.TITLE, Field.LOCATION}.isdisjoint(flow.to_crm):
        return both, flow
    if Field.TITLE in flow.open_fields - set(flow.to_crm) or both.obstacle(Side.CALENDAR) is not None:
        return both, flow
    content = merged(both.crm.content, both.form_for_crm.content, flow.to_crm)
    title = with_tail(subject.strip(), tail_of(replace(both.crm, content=content), both.pair.dialect))
    if title == event.title.strip() or Field.TITLE not in both.carried(Side.CALENDAR):
        return both, flow
    form = replace(both.form_for_calendar, title=title)
    return replace(both, form_for_calendar=form), replace(flow, to_calendar=(Field.TITLE, *flow.to_calendar))


def _unless_told(both: View, crm: set[Field], calendar: set[Field]) -> tuple[set[Field], set[Field]]:
    """Guests, once brought together, go only where somebody is missing or one too many."""
    if same(both.form_for_calendar, both.seen.content, Field.GUESTS):
        crm = crm - {Field.GUESTS}
    if same(both.form_for_crm.content, both.crm.content, Field.GUESTS):
        calendar = calendar - {Field.GUESTS}
    return crm, calendar


_TIME = frozenset({Field.WHEN, Field.RECURRENCE})


def _whole_time(fields: set[Field], differing: set[Field]) -> set[Field]:
    """Start and rule of a series belong together: where both differ, they travel the same way."""
    return fields | _TIME if differing >= _TIME and fields & _TIME else fields


def ordered(fields: Iterable[Field], *, alone: bool = False) -> tuple[Field, ...]:
    """The fields in the order of `Field`; a rule brings its start along, unless it can stand `alone`."""
    wanted = set(fields)
    if len(wanted) <= 1 and Field.RECURRENCE not in wanted:
        return tuple(wanted)
    if Field.RECURRENCE in wanted and not alone:
        wanted.add(Field.WHEN)
    return tuple([name for name in FIELDS if name in wanted])


def updates(both: View, flow: Flow, why: Why) -> tuple[Action, ...]:
    """The writes that carry the fields over."""
    actions = []
    if flow.to_crm:
        content = merged(both.crm.content, both.form_for_crm.content, flow.to_crm)
        action = update(Side.CRM, both.calendar, both.crm, content, flow.to_crm, why)
        place = both.particulars if Field.LOCATION in flow.to_crm else None
        actions.append(action if place is None else replace(action, particulars=place))
    if flow.to_calendar:
        # Of a private event, no plan holds more than its mask lets through; only `fields` are written.
        content = merged(both.seen.content, both.form_for_calendar, flow.to_calendar)
        actions.append(update(Side.CALENDAR, both.crm, both.calendar, content, flow.to_calendar, why))
    return tuple(actions)


def update(
    side: Side, source: ObservedItem, target: ObservedItem, content: EventContent, fields: tuple[Field, ...], why: Why
) -> Action:
    """The write of some fields of the whole content wanted."""
    return Action(
        Verb.UPDATE, side, why, source.ref, target.ref, content, fields, target.version, occurrence=target.occurrence
    )


def merged(target: EventContent, source: EventContent, fields: tuple[Field, ...]) -> EventContent:
    """The target's content with some fields taken from the source."""
    return EventContent(
        (source if Field.TITLE in fields else target).title,
        (source if Field.WHEN in fields else target).when,
        (source if Field.DESCRIPTION in fields else target).description,
        (source if Field.LOCATION in fields else target).location,
        (source if Field.SHOW_AS in fields else target).show_as,
        (source if Field.VISIBILITY in fields else target).visibility,
        (source if Field.GUESTS in fields else target).guests,
        (source if Field.RECURRENCE in fields else target).recurrence,
        (source if Field.GUESTS_MAY_CHANGE in fields else target).guests_may_change,
    )


def _cause(changed_crm: tuple[Field, ...], changed_calendar: tuple[Field, ...]) -> Why:
    if changed_crm and changed_calendar:
        return Why.CHANGED_ON_BOTH
    return Why.CHANGED_IN_CRM if changed_crm else Why.CHANGED_IN_CALENDAR


def standing_notes(both: View, flow: Flow) -> tuple[Finding, ...]:
    """What is true of this pair as long as it stands like this."""
    crm, calendar, dialect = both.crm.ref, both.calendar.ref, both.pair.dialect
    found: list[Finding] = []
    if both.seen.mask is not Mask.OPEN:
        kept = both.seen.hides and both.origin is Side.CRM
        found += notes.private(both.seen.mask, dialect, crm, calendar, kept=kept)
    for side, stuck in ((Side.CALENDAR, flow.to_calendar_stuck), (Side.CRM, flow.to_crm_stuck)):
        obstacle = both.obstacle(side)
        if obstacle is not None and (stuck or isinstance(obstacle, ReadOnlyCause)):
            found.append(notes.one_way(obstacle, crm, calendar, stuck, notes.rule_of(obstacle, side, dialect)))
    if both.crm.kind == HIDDEN_TWIN:
        found.append(notes.hidden(crm, calendar))
    refused = both.refused
    if refused is not None:
        found.append(notes.unsupported(refused, crm, calendar))
    found += past_notes(both)
    if both.form_for_crm.alterations or dialect.own_grid:
        found += notes.altered(_lost(both), dialect, crm, calendar)
    if both.seen.content.guests and not dialect.knows_everybody:
        found += _left_out(both, flow)
    return tuple(found)


def _lost(both: View) -> tuple[Alteration, ...]:
    """What the CRM holds in a poorer form at this moment."""
    if not both.form_for_crm.alterations and not both.is_rounded:
        return ()
    carried = both.carried(Side.CRM)
    lost = [
        loss
        for loss in both.form_for_crm.alterations
        if loss.field in carried
        and held_alike(both.form_for_crm.content, both.crm.content, both.pair.dialect, loss.field)
        and not same(both.seen.content, both.crm.content, loss.field)
    ]
    if Field.WHEN in carried and both.is_rounded and not same(both.form_for_crm.content, both.crm.content, Field.WHEN):
        lost.append(Alteration(ROUNDED, Field.WHEN, 1, both.pair.dialect.grid_minutes))
    return tuple(lost)


def _left_out(both: View, flow: Flow) -> tuple[Finding, ...]:
    """That guests of the event are not known to the CRM, as far as nothing is under way about them."""
    guests, dialect = both.seen.content.guests, both.pair.dialect
    if Field.GUESTS in flow.to_crm or both.obstacle(Side.CRM) is not None or Field.GUESTS not in both.carried(Side.CRM):
        return ()
    count = missing(invited(guests, dialect), both.crm.content.guests)
    return notes.guests_unknown(count, dialect, both.crm.ref, both.calendar.ref)


def one_removed(link: Link, remaining: ObservedItem, side: Side, pair: Pair) -> Decision:
    """One item of a link is gone: its twin goes too, unless it was changed meanwhile or may not be touched."""
    content = _remaining_content(remaining, side, pair)
    now = told(remaining, pair.dialect, link.baseline.crm) if side is Side.CRM else Fingerprint.of(content)
    changed = bool(set(link.baseline.of(side).changed(now)) - {Field.GUESTS})
    gone_why = Why.REMOVED_IN_CALENDAR if side is Side.CRM else Why.REMOVED_IN_CRM
    keeps = {Side.CRM: FindingAction.TAKE_CRM, Side.CALENDAR: FindingAction.TAKE_CALENDAR}
    if pair.choice is keeps[side] or (
        changed and pair.choice is not keeps[side.other] and not _removal_wins(side, pair)
    ):
        return _make_again(link, remaining, side, content, pair)
    if side is Side.CRM and is_past(remaining, pair.route, pair.dialect):
        kept = notes.kept_out(Why.PAST_OCCURRENCE, link.crm, link.calendar)
        return Decision(link.crm, link.calendar, Nothing(Why.PAST_OCCURRENCE), (kept,))
    obstacle = pair.route.obstacle(side, remaining)
    if obstacle is not None:
        finding = notes.one_way(obstacle, link.crm, link.calendar, rule=notes.rule_of(obstacle, side, pair.dialect))
        why = Why.DIRECTION if isinstance(obstacle, Direction) else Why.READ_ONLY
        return Decision(link.crm, link.calendar, Nothing(why), (finding,))
    asked = side is Side.CRM and remaining.kind in TWINS and not pair.route.deletes_events
    if asked and pair.choice is not keeps[side.other]:
        return Decision(
            link.crm, link.calendar, Nothing(Why.DELETES_EVENT), (notes.deletes_event(link.crm, link.calendar),)
        )
    action = Action(
        Verb.DELETE, side, gone_why, link.ref(side.other), remaining.ref, content,
        version=remaining.version, occurrence=remaining.occurrence,
    )  # fmt: skip # short values, several a line
    return Decision(link.crm, link.calendar, Change((action,)))


def _remaining_content(remaining: ObservedItem, side: Side, pair: Pair) -> EventContent:
    if side is Side.CALENDAR:
        return visible(remaining, pair.route, pair.dialect)
    return shown(remaining, pair.dialect)


def _removal_wins(remaining: Side, pair: Pair) -> bool:
    """Whether the policy lets the side that removed its item win over a change."""
    winner = {ConflictPolicy.CRM: Side.CRM, ConflictPolicy.CALENDAR: Side.CALENDAR}.get(pair.route.conflicts)
    return winner is remaining.other


def _make_again(link: Link, remaining: ObservedItem, side: Side, content: EventContent, pair: Pair) -> Decision:
    target_side = side.other
    if not pair.route.direction.writes(target_side):
        finding = notes.one_way(pair.route.direction, link.crm, link.calendar)
        return Decision(link.crm, link.calendar, Nothing(Why.DIRECTION), (finding,))
    mask = mask_of(remaining, pair.route, pair.dialect) if side is Side.CALENDAR else Mask.OPEN
    if mask in {Mask.SKIP, Mask.APART}:
        findings = notes.private(mask, pair.dialect, None, link.calendar, kept=False)
        return Decision(link.crm, link.calendar, Nothing(notes.WHY_MASKED[mask]), findings)
    if side is Side.CALENDAR:
        form = to_crm(content, pair.dialect, pair.route.zone).content
        guests, kind = pair.route.guests_to_crm and brings_guests(remaining, pair.dialect), pair.route.incoming_type
    else:
        form = to_calendar(content, pair.dialect, pair.route.zone, None)
        guests, kind = pair.route.guests_to_calendar, None
    if not guests:
        form = replace(form, guests=())
    action = Action(
        Verb.CREATE, target_side, Why.CHANGE_BEATS_REMOVAL, remaining.ref, link.ref(target_side), form,
        activity_type=kind, origin=link.origin,
    )  # fmt: skip # short values, several a line
    return Decision(link.crm, link.calendar, Change((action,)))


def after_write(
    baseline: Baseline,
    side: Side,
    fields: tuple[Field, ...],
    source: Fingerprint,
    after: Fingerprint,
    changed: tuple[Field, ...],
) -> Baseline:
    """What both sides agree on once `fields` were written to `side`.

    What the service made of a written field (a geocoded place, a rounded time) is part of the answer, not a change by a
    person; start and rule of a series are one in this. `changed` are all fields that the answer shows otherwise than
    before: of one that was not written, nobody knows whether the service changed it by itself or somebody else just
    then, so that is still to be looked at (see `unexplained`).
    """
    # Mostly just what was written changed.
    written = fields if changed == fields else tuple({*fields, *changed} - unexplained(fields, changed))
    if side is Side.CRM:
        return Baseline(baseline.crm.replaced(after, written), baseline.calendar.replaced(source, fields))
    return Baseline(baseline.crm.replaced(source, fields), baseline.calendar.replaced(after, written))


def unexplained(fields: tuple[Field, ...], changed: tuple[Field, ...]) -> frozenset[Field]:
    """The fields that show otherwise after a write, and not because of what was written."""
    if changed == fields:
        return frozenset()
    told = _TIME.union(fields) if not _TIME.isdisjoint(fields) else frozenset(fields)
    return frozenset(changed) - told
