"""An item without a link: carried over to the other side, or left out, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from . import notes
from .dialect import Dialect, RecurrenceSupport
from .event import EventContent, ItemId, ObservedItem, Occurrence, Side
from .finding import Finding
from .plan import Action, Change, Decision, Nothing, Verb, Why, placed
from .route import Route
from .rules import scope
from .rules.form import to_calendar, to_crm
from .rules.privacy import Mask, project


def left_out(item: ObservedItem, side: Side, why: Why, findings: tuple[Finding, ...] = ()) -> Decision:
    """Nothing happens to this item, and this is why."""
    return Decision(*placed(item.ref, side), Nothing(why), findings)


def left_out_why(item: ObservedItem, side: Side, route: Route, dialect: Dialect) -> Why | None:
    """Why the rules of the sync keep an item out; None when they do not."""
    why = scope.obstacle(item, side, route, dialect)
    if why is None and side is Side.CALENDAR and project(item, route, dialect).mask is Mask.SKIP:
        return Why.PRIVATE_SKIPPED
    return why


def carry_over(item: ObservedItem, side: Side, route: Route, dialect: Dialect, series: ItemId | None) -> Decision:
    """Make the item's twin on the other side, if the rules and the direction let us."""
    crm, calendar = placed(item.ref, side)
    why = left_out_why(item, side, route, dialect)
    match why:
        case None:
            pass
        case Why.PRIVATE_SKIPPED:
            return left_out(item, side, why, notes.private(Mask.SKIP, None, item.ref, kept=False))
        case Why.TOO_LONG | Why.NO_SERIES:
            return left_out(item, side, why, (notes.unsupported(why, dialect, crm, calendar),))
        case _:
            return left_out(item, side, why)
    if not route.direction.writes(side.other):
        return left_out(item, side, Why.DIRECTION, (notes.one_way(route.direction, crm, calendar),))
    native = dialect.recurrence is RecurrenceSupport.NATIVE
    if item.occurrence is not None and series is None and native:
        return left_out(item, side, Why.WAITS_FOR_SERIES)
    return _create(item, side, route, dialect, series)


def _create(item: ObservedItem, side: Side, route: Route, dialect: Dialect, series: ItemId | None) -> Decision:
    occurrence = None
    if item.occurrence is not None and series is not None:
        occurrence = Occurrence(series, item.occurrence.original_start)
    crm, calendar = placed(item.ref, side)
    findings: tuple[Finding, ...] = ()
    match side:
        case Side.CALENDAR:
            seen = project(item, route, dialect)
            form = to_crm(seen.content, dialect)
            content = _without_guests(form.content, keep=route.guests_to_crm)
            findings = (
                *notes.private(seen.mask, crm, item.ref, kept=False),
                *notes.altered(form.alterations, crm, item.ref),
            )
            if item.read_only is not None and route.direction.writes(Side.CALENDAR):
                findings = (*findings, notes.one_way(item.read_only, crm, item.ref))
            why, kind = Why.NEW_IN_CALENDAR, route.incoming_type
        case Side.CRM:
            content = to_calendar(item.content, route.zone, None)
            content = _without_guests(content, keep=route.guests_to_calendar)
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
    )
    return Decision(crm, calendar, Change((action,)), findings)


def _without_guests(content: EventContent, *, keep: bool) -> EventContent:
    return content if keep or not content.guests else replace(content, guests=())
