"""Two items that are one meeting, each told in the other side's form, so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from .dialect import Dialect, RecurrenceSupport, TailPart
from .event import EventContent, Field, ObservedItem, Particulars, ReadOnlyCause, Recurrence, Side
from .finding import FindingAction
from .link import FIELDS, Baseline, Fingerprint, when_digest
from .ongoing import held_alike, in_common, is_past, reaches_back, unsayable, whole_again
from .quickly import quickly_made
from .route import ConflictPolicy, Direction, Route
from .rules.form import Form, same, same_when_rounded, shown, to_calendar, to_crm, told
from .rules.grid import rounded_to
from .rules.guests import brings_guests, brought_over, most
from .rules.limits import Refusal, refusal
from .rules.place import address_in
from .rules.privacy import Mask, Projection, project
from .rules.title import tail_like, tail_of, with_tail, without_tail

_EVERY_FIELD = frozenset(FIELDS)
_WITHOUT_GUESTS = _EVERY_FIELD - {Field.GUESTS}


@dataclass(frozen=True, slots=True)
class Pair:
    """The choices under which two items are compared.

    `as_written` is the side whose item is as the program wrote it last: nobody's change there is newer.
    """

    route: Route
    dialect: Dialect
    choice: FindingAction | None = None
    as_written: Side | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class View:
    """Both sides as they may be compared: the event behind its mask, and each side's form of the other.

    `crm_shown` is the activity as the calendar shows it. `particulars` is what the CRM is to hold beside the event's
    place. `subject` is what the event's title says without what stands behind it; None where nothing can. `title_waits`
    says that the CRM shows another title than before, so that it is not enough if the subjects are the same.
    """

    crm: ObservedItem
    calendar: ObservedItem
    seen: Projection
    origin: Side
    crm_shown: EventContent
    form_for_crm: Form
    form_for_calendar: EventContent
    pair: Pair
    particulars: Particulars | None = None
    subject: str | None = None
    title_waits: bool = False
    merged_series: bool = False
    merged_guests: bool = False

    def carried(self, side: Side) -> frozenset[Field]:
        """The fields that may be written to a side, as far as policy and dialect go."""
        route, dialect = self.pair.route, self.pair.dialect
        if self.seen.mask is Mask.APART:
            return frozenset()
        if side is Side.CRM:
            if is_past(self.calendar, route, dialect):
                return frozenset()
            guests = route.guests_to_crm and brings_guests(self.calendar, dialect)
        else:
            guests = route.guests_to_calendar
        fields = _EVERY_FIELD if guests else _WITHOUT_GUESTS
        if not dialect.privacy_flag:
            fields -= {Field.VISIBILITY}
        if dialect.recurrence is not RecurrenceSupport.NATIVE:
            fields -= {Field.RECURRENCE}
        if self.seen.hides and (side is Side.CALENDAR or self.origin is Side.CRM):
            fields &= {Field.WHEN}
        refused = self.refused if side is Side.CRM else None
        return fields if refused is None else fields - refused.fields

    @property
    def refused(self) -> Refusal | None:
        """Why the CRM does not take the event as it is; what was taken before stays as it was there."""
        event, dialect = self.seen.content, self.pair.dialect
        if event.recurrence is None and dialect.longest_minutes is None:
            return None
        return refusal(event, dialect) or unsayable(event, self.crm.content, dialect)

    @property
    def joined(self) -> set[Field]:
        """The fields that were brought together from both sides, and may go both ways at once."""
        fields = set()
        if self.merged_series:
            fields.add(Field.RECURRENCE)
        if self.merged_guests:
            fields.add(Field.GUESTS)
        return fields

    def obstacle(self, side: Side) -> Direction | ReadOnlyCause | None:
        """Why a side may not be written to."""
        item, route = self.crm if side is Side.CRM else self.calendar, self.pair.route
        return item.read_only if route.direction is Direction.TWO_WAY else route.obstacle(side, item)

    def agrees(self, name: Field) -> bool:
        """Whether both sides mean the same by a field, each in its own form."""
        calendar_form = same(self.form_for_calendar, self.seen.content, name)
        if name is Field.TITLE and self.title_waits:
            return calendar_form
        if (name is Field.RECURRENCE and self.merged_series) or (name is Field.GUESTS and self.merged_guests):
            return calendar_form and same(self.form_for_crm.content, self.crm.content, name)
        return calendar_form or self._holds(name)

    def _holds(self, name: Field) -> bool:
        """Whether the CRM holds its own form of what the event says."""
        if name is Field.LOCATION and self.particulars is not None and self.particulars != self.crm.particulars:
            return False
        if held_alike(self.form_for_crm.content, self.crm.content, self.pair.dialect, name):
            return True
        return name is Field.WHEN and self.is_rounded

    @property
    def is_rounded(self) -> bool:
        """Whether the CRM has rounded the event's time down by itself (ESM-I9)."""
        dialect = self.pair.dialect
        return dialect.own_grid and same_when_rounded(self.form_for_crm.content, self.crm.content, dialect)

    def now(self, before: Baseline) -> Baseline:
        """What both sides show now, to be compared with what they agreed on before."""
        return Baseline(told(self.crm, self.pair.dialect, before.crm), Fingerprint.of(self.seen.content))

    def was_rounded(self, before: Baseline) -> bool:
        """Whether the CRM's time differs from before by no more than the CRM's own rounding (ESM-I9)."""
        rounded = rounded_to(self.crm_shown.when, self.pair.dialect)
        return before.crm.part(Field.WHEN) in {when_digest(when) for when in rounded}

    def renamed(self, before: Baseline) -> Side | None:
        """The one side whose subject changed, of two that show another title: the other's tells another place,
        customer or deal behind the same subject. None where both subjects changed, or neither did."""
        if self.subject is None:
            return None
        in_crm = not before.crm.has_subject(self.crm.content.title)
        in_calendar = not before.crm.has_subject(self.subject)
        return None if in_crm is in_calendar else Side.CRM if in_crm else Side.CALENDAR

    def newest(self) -> Side:
        """The side that a person changed last; the CRM where nobody can tell."""
        if self.pair.as_written is not None:
            return self.pair.as_written.other
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


def view(crm: ObservedItem, calendar: ObservedItem, origin: Side, pair: Pair, baseline: Baseline | None = None) -> View:
    """Both items as they may be compared; `baseline` is what they last agreed on, if they are linked."""
    route, dialect = pair.route, pair.dialect
    seen = project(calendar, route, dialect)
    crm_shown = shown(crm, dialect)
    if seen.hides or (crm.particulars is None and dialect.title_tail is None):
        common = seen.content
        if crm.content.recurrence is None:  # most meetings: neither form depends on what the other side holds
            for_calendar = to_calendar(crm_shown, dialect, route.zone, calendar.content)
        else:
            common = in_common(common, crm.content, route, dialect)
            for_calendar = _for_calendar(crm_shown, crm.content, seen.content, calendar.content, pair)
        for_crm = to_crm(common, dialect, route.zone)
        return View(crm, calendar, seen, origin, crm_shown, for_crm, for_calendar, pair)
    return _taken_apart(View(crm, calendar, seen, origin, crm_shown, Form(seen.content), crm_shown, pair), baseline)


def _for_calendar(
    crm_shown: EventContent, crm: EventContent, seen: EventContent, calendar: EventContent, pair: Pair
) -> EventContent:
    """The activity in the calendar's form; a series there may reach further back than its twin does."""
    route, dialect = pair.route, pair.dialect
    form = to_calendar(crm_shown, dialect, route.zone, calendar)
    return whole_again(form, seen, crm, dialect) if reaches_back(seen, crm, route, dialect) else form


def _taken_apart(both: View, baseline: Baseline | None) -> View:
    """The view where the calendar shows more than the bare activity: title and place are parted again."""
    crm, event, dialect, zone = both.crm, both.seen.content, both.pair.dialect, both.pair.route.zone
    subject, waits = _subject(both, baseline)
    location, particulars = event.location, crm.particulars
    if particulars is not None:
        location, particulars = address_in(location, crm.content.location, particulars)
    common = in_common(event, crm.content, both.pair.route, dialect)
    for_crm = to_crm(replace(common, title=subject, location=location), dialect, zone)
    for_calendar = _for_calendar(both.crm_shown, crm.content, event, both.calendar.content, both.pair)
    if same(for_crm.content, crm.content, Field.TITLE):  # the event's subject may be the longer one of the two
        for_calendar = replace(for_calendar, title=with_tail(subject.strip(), tail_of(crm, dialect)))
    return replace(
        both,
        form_for_crm=for_crm,
        form_for_calendar=for_calendar,
        particulars=particulars,
        subject=subject if dialect.title_tail is not None else None,
        title_waits=waits,
    )


def _subject(both: View, baseline: Baseline | None) -> tuple[str, bool]:
    """The subject that the event's title says, and whether the title waits for what the CRM shows otherwise by now."""
    crm, event, dialect = both.crm, both.seen.content, both.pair.dialect
    form = dialect.title_tail
    if form is None:
        return event.title, False
    known = baseline.crm if baseline is not None else None
    waits = known is not None and known.part(Field.TITLE) != told(crm, dialect, known).part(Field.TITLE)
    elsewhere = replace(crm, content=replace(crm.content, location=event.location))
    for at_place in (crm, elsewhere) if TailPart.LOCATION in form.parts else (crm,):
        tail = tail_of(at_place, dialect)
        subject = without_tail(event.title, tail, crm.content.title) if tail else event.title
        if subject != event.title:
            return subject, waits
    bare, tail = tail_like(event.title, dialect)
    if not tail:
        return event.title, waits
    if known is not None:
        former = Fingerprint.of(replace(crm.content, title=with_tail(crm.content.title, tail)))
        tellings = (former.part(Field.TITLE), former.titled(crm.content.title).part(Field.TITLE))
        return (bare, waits) if known.part(Field.TITLE) in tellings else (event.title, waits)
    # Nobody knows what was agreed on: brackets behind the very subject that the CRM has are what we wrote there.
    ours = same(to_crm(replace(event, title=bare), dialect).content, crm.content, Field.TITLE)
    return (bare, True) if ours else (event.title, False)


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


def with_guests(both: View, baseline: Baseline | None) -> View:
    """Both sides' forms with the guests of both: who was added comes over, and who was taken off goes.

    Whom the CRM never knew stays in the calendar. Without a baseline nobody goes.
    """
    crm, event = both.crm.content.guests, both.seen.content.guests
    wanted = both.form_for_crm.content.guests
    crm_before = baseline.crm.guests if baseline is not None else None
    event_before = baseline.calendar.guests if baseline is not None else None
    for_crm = brought_over(crm, wanted, event_before, answers=both.pair.dialect.answers)
    for_calendar = brought_over(event, crm, crm_before, answers=False)
    held = for_crm[: most(both.form_for_crm.content.recurrence, both.pair.dialect)]
    form = replace(both.form_for_crm, content=replace(both.form_for_crm.content, guests=held))
    return replace(
        both,
        form_for_crm=form,
        form_for_calendar=replace(both.form_for_calendar, guests=for_calendar),
        merged_guests=True,
    )
