"""Two items that turn out to be one meeting: linked, and brought together where they differ."""

from __future__ import annotations

from .event import Field, ObservedItem, Side
from .joined import Flow, Pair, View, decided, ordered, standing_notes, together, updates, view
from .link import Baseline, Fingerprint
from .plan import Action, Decision, Verb, Why
from .route import Route
from .rules.form import same
from .stamp import decode, names, read_claim

EMPTY = {Field.TITLE, Field.DESCRIPTION, Field.LOCATION, Field.GUESTS}
"""Fields where nothing is known to be less than something, when no baseline tells who changed what."""


def unite(crm: ObservedItem, calendar: ObservedItem, why: Why, pair: Pair) -> Decision:
    """Two items that turn out to be one meeting: link them, and bring together what differs.

    Nobody knows who changed what, so something beats nothing, and otherwise the conflict policy decides.
    """
    both = together(view(crm, calendar, born_on(crm, calendar, pair.route), pair))
    link = Action(Verb.LINK, Side.CRM, why, source=calendar.ref, target=crm.ref, origin=both.origin)
    to_crm_fields, to_calendar_fields, undecided = _reunited(both)
    parts = (to_calendar_fields, to_crm_fields, undecided)
    flow = Flow(*(ordered(part, alone=both.merged_series) for part in parts))
    now = Baseline(Fingerprint.of(crm.content), Fingerprint.of(both.seen.content))
    baseline = Baseline(now.crm.forgetting(flow.open_fields), now.calendar.forgetting(flow.open_fields))
    return decided(both, flow, (link, *updates(both, flow, why)), baseline, standing_notes(both, (), ()))


def born_on(crm: ObservedItem, calendar: ObservedItem, route: Route) -> Side:
    """The side that the meeting was born on, as the stamps tell it; the CRM where nothing does."""
    key = route.key
    if read_claim(calendar.stamp, key) is not None:
        return Side.CALENDAR
    on_event, on_activity = decode(calendar.stamp), decode(crm.stamp)
    if on_event is not None and on_event.sync == key and names(calendar.stamp, key, crm.ref, calendar.ref):
        return Side.CALENDAR if on_event.original else Side.CRM
    if on_activity is not None and on_activity.sync == key:
        return Side.CRM if on_activity.original else Side.CALENDAR
    return Side.CRM


def _reunited(both: View) -> tuple[set[Field], set[Field], set[Field]]:
    to_crm_fields: set[Field] = set()
    to_calendar_fields: set[Field] = set()
    undecided: set[Field] = set()
    winner = both.winner()
    for name in Field:
        if both.agrees(name):
            continue
        if name is Field.RECURRENCE and both.merged_series:
            to_crm_fields |= _lacking(both, Side.CRM)
            to_calendar_fields |= _lacking(both, Side.CALENDAR)
            continue
        side = winner
        if name in EMPTY and bool(both.crm.content.get(name)) is not bool(both.seen.content.get(name)):
            side = Side.CRM if both.crm.content.get(name) else Side.CALENDAR
        towards_crm = name in both.carried(Side.CRM) and both.obstacle(Side.CRM) is None
        towards_calendar = name in both.carried(Side.CALENDAR) and both.obstacle(Side.CALENDAR) is None
        if towards_crm and (side is Side.CALENDAR or not towards_calendar):
            to_crm_fields.add(name)
        elif towards_calendar and (side is Side.CRM or not towards_crm):
            to_calendar_fields.add(name)
        elif towards_crm and towards_calendar:
            undecided.add(name)
    return to_crm_fields, to_calendar_fields, undecided


def _lacking(both: View, side: Side) -> set[Field]:
    """The rule of the series, if a side does not have all of it yet and may be written to."""
    form, content = both.form_for_crm.content, both.crm.content
    if side is Side.CALENDAR:
        form, content = both.form_for_calendar, both.seen.content
    carried = Field.RECURRENCE in both.carried(side) and both.obstacle(side) is None
    return {Field.RECURRENCE} if carried and not same(form, content, Field.RECURRENCE) else set()
