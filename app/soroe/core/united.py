"""Two items that turn out to be one meeting: linked, and brought together where they differ."""

from __future__ import annotations

from datetime import timedelta

from .event import Field, ObservedItem, ShowAs, Side
from .joined import Flow, changes, decided, ordered, retitled, sorted_out, standing_notes, updates
from .link import Baseline, Fingerprint
from .pair import Pair, View, together, view, with_guests
from .plan import Action, Decision, Verb, Why
from .route import Route
from .rules.form import same, told
from .stamp import decode, partner_text, read_claim

AS_MADE = timedelta(seconds=2)
"""So much later than it was made an item may tell that it was changed, and yet be as its maker left it: services round
their times, and some finish an item in a second step."""
EMPTY = {Field.TITLE, Field.DESCRIPTION, Field.LOCATION, Field.GUESTS}
"""Fields where nothing is known to be less than something, when no baseline tells who changed what."""


def unite(
    crm: ObservedItem,
    calendar: ObservedItem,
    why: Why,
    pair: Pair,
    untouched: Side | None = None,
    before: Baseline | None = None,
) -> Decision:
    """Two items that turn out to be one meeting: link them, and bring together what differs.

    Nobody knows who changed what, so something beats nothing, and otherwise the conflict policy decides. Where the item
    of a side is known to be as it was made of the other (`untouched`), it is the other that was changed since (S-1).
    Of occurrences of one series, what was agreed on of the series tells it (`before`).
    """
    origin = born_on(crm, calendar, pair.route) or Side.CRM
    link = Action(Verb.LINK, Side.CRM, why, source=calendar.ref, target=crm.ref, origin=origin)
    if before is not None and pair.choice is None:
        both = view(crm, calendar, origin, pair, before)
        now = both.now(before)
        both, flow = sorted_out(both, before, *changes(both, before, now))
        baseline = before.settled(now.crm, now.calendar, flow.open_fields)
    else:
        both = with_guests(together(view(crm, calendar, origin, pair)), None)
        to_crm_fields, to_calendar_fields, undecided = _reunited(both, untouched)
        parts = (to_calendar_fields, to_crm_fields, undecided)
        both, flow = retitled(both, Flow(*(ordered(part, alone=both.merged_series) for part in parts)))
        baseline = _baseline(both, flow)
    return decided(both, flow, (link, *updates(both, flow, why)), baseline, standing_notes(both, flow))


def _baseline(both: View, flow: Flow) -> Baseline:
    """What both agree on; of a field that only one of them is to get, the other's is the change.

    So it stays decided if the write has to wait, and what is changed meanwhile on the side written to is seen.
    """
    to_crm, to_calendar = set(flow.to_crm), set(flow.to_calendar)
    crm, calendar = told(both.crm, both.pair.dialect), Fingerprint.of(both.seen.content)
    return Baseline(
        crm.forgetting(flow.open_fields - (to_crm - to_calendar)),
        calendar.forgetting(flow.open_fields - (to_calendar - to_crm)),
    )


def is_as_made(item: ObservedItem) -> bool:
    """Whether nobody has touched an item since it was made, as far as its service tells."""
    made, changed = item.created_at, item.changed_at
    return made is not None and changed is not None and changed - made <= AS_MADE


def born_on(crm: ObservedItem, calendar: ObservedItem, route: Route) -> Side | None:
    """The side that the meeting was born on, as the stamps tell it; None where nothing does.

    What the event's stamp names is enough: it may have been written where the event was before it was moved.
    """
    key = route.key
    if read_claim(calendar.stamp, key) is not None:
        return Side.CALENDAR
    on_event, on_activity = decode(calendar.stamp), decode(crm.stamp)
    if on_event is not None and on_event.sync == key and on_event.partner == partner_text(crm.ref):
        return Side.CALENDAR if on_event.original else Side.CRM
    if on_activity is not None and on_activity.sync == key:
        return Side.CRM if on_activity.original else Side.CALENDAR
    return None


def _reunited(both: View, untouched: Side | None) -> tuple[set[Field], set[Field], set[Field]]:
    to_crm_fields: set[Field] = set()
    to_calendar_fields: set[Field] = set()
    undecided: set[Field] = set()
    winner = untouched.other if untouched is not None and both.pair.choice is None else both.winner()
    for name in Field:
        if both.agrees(name) or (name is Field.SHOW_AS and _counts_the_same(both)):
            continue
        if (name is Field.RECURRENCE and both.merged_series) or name is Field.GUESTS:
            to_crm_fields |= _lacking(both, Side.CRM, name)
            to_calendar_fields |= _lacking(both, Side.CALENDAR, name)
            continue
        side = Side.CRM if name is Field.TITLE and both.title_waits else winner
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


def _lacking(both: View, side: Side, name: Field) -> set[Field]:
    """The rule of the series, or its guests, if a side does not have all of it yet and may be written to."""
    form, content = both.form_for_crm.content, both.crm.content
    if side is Side.CALENDAR:
        form, content = both.form_for_calendar, both.seen.content
    elif name is Field.GUESTS and content.guests and not both.pair.dialect.knows_everybody:
        return set()  # whom it does not know, it has left out before
    carried = name in both.carried(side) and both.obstacle(side) is None
    return {name} if carried and not same(form, content, name) else set()


def _counts_the_same(both: View) -> bool:
    """Whether both sides show the time as taken: a calendar that cannot tell an absence shows it as busy (SF-4)."""
    return both.seen.content.show_as is ShowAs.BUSY and both.crm.content.show_as is ShowAs.OUT_OF_OFFICE
