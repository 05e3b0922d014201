"""An item without a link: carried over to the other side, or left out, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from . import notes
from .dialect import Dialect, RecurrenceSupport
from .event import Field, ItemId, ObservedItem, Occurrence, Ref, Side
from .finding import Finding
from .ongoing import is_past
from .plan import Action, Change, Decision, Nothing, Verb, Why, placed
from .route import Route
from .rules import scope
from .rules.form import Alteration, shown, to_calendar, to_crm
from .rules.guests import brings_guests
from .rules.limits import refusal
from .rules.privacy import Mask, mask_of, project


def left_out(item: ObservedItem, side: Side, why: Why, findings: tuple[Finding, ...] = ()) -> Decision:
    """Nothing happens to this item, and this is why."""
    return Decision(*placed(item.ref, side), Nothing(why), findings)


def left_out_why(item: ObservedItem, side: Side, route: Route, dialect: Dialect) -> Why | None:
    """Why the rules of the sync keep an item out; None when they do not."""
    why = scope.obstacle(item, side, route, dialect)
    if why is None and side is Side.CALENDAR:
        mask = mask_of(item, route, dialect)
        return notes.WHY_MASKED[mask] if mask is Mask.SKIP or mask is Mask.APART else None
    return why


@dataclass(frozen=True, slots=True)
class Belonging:
    """How an item without a link belongs to others.

    `series` is the id, across, of the series that an exception belongs to. `alone` says that its series stands across
    as single items. `follows` is the item across that the new twin goes on from, because its series was cut there.
    """

    series: ItemId | None = None
    alone: bool = False
    follows: Ref | None = None


NOWHERE = Belonging()


def carry_over(
    item: ObservedItem, side: Side, route: Route, dialect: Dialect, belonging: Belonging = NOWHERE
) -> Decision:
    """Make the item's twin on the other side, if the rules and the direction let us."""
    why = left_out_why(item, side, route, dialect)
    if why is not None:
        return left_out(item, side, why, _notes_on(why, item, side, route, dialect))
    if not route.makes_new:
        return left_out(item, side, Why.NO_NEW_PAIRS)
    if not route.direction.writes(side.other):
        return left_out(item, side, Why.DIRECTION, (notes.one_way(route.direction, *placed(item.ref, side)),))
    native = dialect.recurrence is RecurrenceSupport.NATIVE
    if item.occurrence is not None and belonging.series is None and native and not belonging.alone:
        return left_out(item, side, Why.WAITS_FOR_SERIES)
    if side is Side.CALENDAR and belonging.series is not None and is_past(item, route, dialect):
        kept = notes.kept_out(Why.PAST_OCCURRENCE, *placed(item.ref, side))
        return left_out(item, side, Why.PAST_OCCURRENCE, (kept,))
    return _create(item, side, route, dialect, belonging)


def _notes_on(why: Why, item: ObservedItem, side: Side, route: Route, dialect: Dialect) -> tuple[Finding, ...]:
    """What is told of an item that is left out."""
    if why is Why.PRIVATE_SKIPPED or why is Why.PRIVATE_FREE:
        return notes.private(mask_of(item, route, dialect), dialect, None, item.ref, kept=False)
    refused = refusal(item.content, dialect)
    of_limits = refused is not None and refused.why is why
    return (notes.unsupported(refused, *placed(item.ref, side)),) if refused is not None and of_limits else ()


def _create(item: ObservedItem, side: Side, route: Route, dialect: Dialect, belonging: Belonging) -> Decision:
    occurrence, series = None, belonging.series
    if item.occurrence is not None and series is not None:
        occurrence = Occurrence(series, item.occurrence.original_start)
    crm, calendar = placed(item.ref, side)
    findings: tuple[Finding, ...] = ()
    rule = "" if item.read_only is None else notes.rule_of(item.read_only, side, dialect)
    match side:
        case Side.CALENDAR:
            seen = project(item, route, dialect)
            form = to_crm(seen.content, dialect, route.zone)
            guests = route.guests_to_crm and brings_guests(item, dialect)
            content = form.content if guests or not form.content.guests else replace(form.content, guests=())
            findings = (
                *notes.private(seen.mask, dialect, crm, item.ref, kept=False),
                *notes.altered(_carried(form.alterations, guests=guests), dialect, crm, item.ref),
            )
            if item.read_only is not None and route.direction.writes(Side.CALENDAR):
                findings = (*findings, notes.one_way(item.read_only, crm, item.ref, rule=rule))
            why, kind = Why.NEW_IN_CALENDAR, route.incoming_type
        case Side.CRM:
            content = to_calendar(shown(item, dialect), dialect, route.zone, None)
            if content.guests and not route.guests_to_calendar:
                content = replace(content, guests=())
            if item.read_only is not None and route.direction.writes(Side.CRM):
                findings = (notes.one_way(item.read_only, item.ref, calendar, rule=rule),)
            why, kind = Why.NEW_IN_CRM, None
        case _ as never:
            assert_never(never)
    action = Action(
        Verb.CREATE,
        side.other,
        why,
        source=item.ref,
        content=content,
        activity_type=kind,
        origin=side,
        occurrence=occurrence,
        like=belonging.follows,
    )
    return Decision(crm, calendar, Change((action,)), findings)


def _carried(alterations: tuple[Alteration, ...], *, guests: bool) -> tuple[Alteration, ...]:
    """The losses of fields that travel at all."""
    if guests or not alterations:
        return alterations
    return tuple(loss for loss in alterations if loss.field is not Field.GUESTS)
