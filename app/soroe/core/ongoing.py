"""Series that have begun, in a CRM where the past stays as it is: split at today, going on, past occurrences.

The calendar's series may then reach further back than its twin across: what they have in common begins where the twin
does, and is all that is compared (SF-12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from . import notes
from .dialect import Dialect
from .event import EventContent, Field, ObservedItem, Recurrence, Side, Timed, starts_on
from .finding import Finding
from .plan import Action, Change, Decision, Nothing, Verb, Why
from .route import Route
from .rules.form import same, to_crm
from .rules.guests import brings_guests
from .rules.limits import RULES_OF_SERIES, Refusal
from .rules.recurrence_cut import ended_before, first_starts, from_day, is_over, same_occurrences, until_text
from .rules.recurrence_limits import can_be_said, most_occurrences

if TYPE_CHECKING:
    from .link import Baseline
    from .pair import View

_TOLD = (Field.TITLE, Field.WHEN, Field.DESCRIPTION, Field.LOCATION)
"""The fields of which it is told that a past occurrence differs in them."""


def keeps_past(dialect: Dialect) -> bool:
    """Whether what has begun stays as it is in this CRM."""
    return dialect.series is not None and dialect.series.started


def reaches_back(calendar: EventContent, crm: EventContent, route: Route, dialect: Dialect) -> bool:
    """Whether the calendar's series began before its twin, which is only what is left of it."""
    if not keeps_past(dialect) or route.today is None or crm.recurrence is None or not can_be_said(calendar):
        return False
    return starts_on(calendar.when) < min(starts_on(crm.when), route.today)


def in_common(calendar: EventContent, crm: EventContent, route: Route, dialect: Dialect) -> EventContent:
    """The calendar's content as far as its twin can show it: from the twin's start on, the past as it is there."""
    if not keeps_past(dialect) or route.today is None or crm.recurrence is None or not can_be_said(calendar):
        return calendar
    part: EventContent | None = calendar
    if reaches_back(calendar, crm, route, dialect):
        part = from_day(calendar, starts_on(crm.when))
    if part is None or part.recurrence is None:
        return calendar
    before = {_day(at) for at in crm.recurrence.removed if _day(at) < route.today}
    removed = tuple(at for at in part.recurrence.removed if _day(at) >= route.today or _day(at) in before)
    return replace(part, recurrence=replace(part.recurrence, removed=removed))


def whole_again(form: EventContent, calendar: EventContent, crm: EventContent, dialect: Dialect) -> EventContent:
    """The twin's content as the calendar's longer series takes it: its first day and its past stay."""
    when, old, now = form.when, calendar.recurrence, crm.recurrence
    if old is None or now is None or dialect.series is None:
        return form
    if isinstance(when, Timed) and isinstance(calendar.when, Timed):
        start = datetime.combine(calendar.when.start.date(), when.start.time())
        when = replace(when, start=start, end=start + (form.when.end - form.when.start))
    else:
        when = calendar.when
    part = from_day(calendar, starts_on(crm.when))
    if part is not None and same_occurrences(part, crm, most_occurrences(now, dialect.series)):
        return replace(form, when=when, recurrence=old)
    earlier = tuple(at for at in old.removed if _day(at) < starts_on(crm.when))
    rules = tuple(_ending_with(rule, crm) for rule in now.rules)
    return replace(form, when=when, recurrence=Recurrence(rules, now.added, (*earlier, *now.removed)))


def _ending_with(rule: str, crm: EventContent) -> str:
    """A rule that tells how many occurrences, telling the last one instead: it is counted from another start."""
    parts = rule.upper().split(";")
    if not any(part.startswith("COUNT=") for part in parts):
        return rule
    last = first_starts(crm, 10_000, removed=True)[-1]
    kept = [part for part in parts if not part.startswith("COUNT=")]
    return ";".join([*kept, f"UNTIL={until_text(last, crm.when)}"])


def held_alike(form: EventContent, crm: EventContent, dialect: Dialect, name: Field) -> bool:
    """Whether the CRM holds a field as its form says; of a series, whether it takes place on the same days."""
    if same(form, crm, name):
        return True
    if name is not Field.RECURRENCE or dialect.series is None or form.recurrence is None or not can_be_said(crm):
        return False
    return same_occurrences(form, crm, most_occurrences(form.recurrence, dialect.series) + 1)


# --- what a CRM does not let us change ---
def unsayable(event: EventContent, crm: EventContent, dialect: Dialect) -> Refusal | None:
    """That a series which stands in the CRM got a rule that cannot be said there: it stays there as it was."""
    if dialect.series is None or event.recurrence is None or crm.recurrence is None or can_be_said(event):
        return None
    return Refusal(Why.NO_SERIES, RULES_OF_SERIES[Why.NO_SERIES], frozenset({Field.WHEN, Field.RECURRENCE}))


def is_past(item: ObservedItem, route: Route, dialect: Dialect) -> bool:
    """Whether this is an occurrence of a series that the CRM lets nobody change any more (SF-15): of a day before the
    user's own today."""
    if item.occurrence is None or route.today is None or not keeps_past(dialect):
        return False
    start = item.occurrence.original_start
    if isinstance(start, datetime):  # in UTC, where an early meeting of the user's may stand on the day before
        start = start.replace(tzinfo=UTC).astimezone(ZoneInfo(route.zone)).date()
    return start < route.today


def past_notes(both: View) -> tuple[Finding, ...]:
    """That occurrences which are past were changed, or cancelled, in the calendar only (SF-15)."""
    if not keeps_past(both.pair.dialect):
        return ()
    event, crm, today = both.seen.content.recurrence, both.crm.content.recurrence, both.pair.route.today
    if is_past(both.calendar, both.pair.route, both.pair.dialect):
        fields = tuple(name for name in _TOLD if not both.agrees(name))
        return (notes.kept_out(Why.PAST_OCCURRENCE, both.crm.ref, both.calendar.ref, fields),) if fields else ()
    if today is None or event is None or crm is None:
        return ()
    begins = starts_on(both.crm.content.when)
    there = {_day(at) for at in crm.removed}
    if any(begins <= _day(at) < today and _day(at) not in there for at in event.removed):
        return (notes.kept_out(Why.PAST_OCCURRENCE, both.crm.ref, both.calendar.ref, (Field.RECURRENCE,)),)
    return ()


# --- what is done instead of moving the start ---
def split(
    both: View, to_crm_fields: tuple[Field, ...], baseline: Baseline, findings: tuple[Finding, ...]
) -> Decision | None:
    """What becomes of a series that has begun and was moved: the past stays, what is left is made anew (SF-12).

    First the CRM's series is ended before today; once it is over, what is left of the calendar's goes on from it.
    """
    today, crm, calendar = both.pair.route.today, both.crm, both.calendar
    if today is None or not _is_moved(both, to_crm_fields, today):
        return None
    if is_over(crm.content, today):
        action = _next_part(both, Why.SPLIT_AT_TODAY, today)
        if action is not None:
            return Decision(crm.ref, calendar.ref, Change((action,), baseline), findings)
        kept = notes.kept_out(Why.PAST_OCCURRENCE, crm.ref, calendar.ref, to_crm_fields)
        return Decision(crm.ref, calendar.ref, Nothing(Why.PAST_OCCURRENCE, baseline), (*findings, kept))
    ended = ended_before(crm.content, today)
    if ended is None:
        return None
    action = Action(
        Verb.UPDATE, Side.CRM, Why.SPLIT_AT_TODAY, calendar.ref, crm.ref, ended, (Field.RECURRENCE,), crm.version
    )
    return Decision(crm.ref, calendar.ref, Change((action,), baseline), findings)


def _is_moved(both: View, to_crm_fields: tuple[Field, ...], today: date) -> bool:
    crm = both.crm.content
    if crm.recurrence is None or both.seen.content.recurrence is None or not keeps_past(both.pair.dialect):
        return False
    return Field.WHEN in to_crm_fields and not both.agrees(Field.WHEN) and starts_on(crm.when) < today


def goes_on(both: View, findings: tuple[Finding, ...]) -> Decision | None:
    """What follows a CRM's series that is over while the calendar's is not: its next so many occurrences (SF-10)."""
    today, crm, event = both.pair.route.today, both.crm.content, both.seen.content
    if today is None or crm.recurrence is None or event.recurrence is None or not keeps_past(both.pair.dialect):
        return None
    if both.obstacle(Side.CRM) is not None or both.refused is not None or not is_over(crm, today):
        return None
    action = _next_part(both, Why.GOES_ON, today)
    return None if action is None else Decision(both.crm.ref, both.calendar.ref, Change((action,)), findings)


def _next_part(both: View, why: Why, today: date) -> Action | None:
    route, dialect = both.pair.route, both.pair.dialect
    left = from_day(both.seen.content, today)
    if left is None:
        return None
    content = to_crm(left, dialect, route.zone).content
    if not route.guests_to_crm or not brings_guests(both.calendar, dialect):
        content = replace(content, guests=())
    return Action(
        Verb.CREATE, Side.CRM, why, source=both.calendar.ref, content=content,
        activity_type=route.incoming_type, origin=both.origin, like=both.crm.ref,
    )  # fmt: skip # short values, several a line


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at
