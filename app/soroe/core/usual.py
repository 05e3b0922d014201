"""Two linked meetings with nothing special about them, as most are: what was changed on one side goes to the other.

No second truth: `joined.compare` decides just so, in twice the time, and a test holds one against the other. Whatever
else can bear on a pair leads to it.
"""

from __future__ import annotations

from .dialect import Dialect
from .event import Field, ObservedItem, Side, Visibility
from .joined import merged, update
from .link import Baseline, Fingerprint, Link
from .mirror import HIDDEN_TWIN
from .plan import Change, Decision, Nothing, Why
from .route import Direction, Route
from .rules.form import same, to_calendar, to_crm
from .rules.limits import refusal

_TRAVEL_ALONE = frozenset({Field.TITLE, Field.WHEN, Field.DESCRIPTION, Field.LOCATION, Field.SHOW_AS})
"""The fields that every CRM and every policy lets travel, and that bring no other along."""


def compare(link: Link, crm: ObservedItem, calendar: ObservedItem, route: Route, dialect: Dialect) -> Decision | None:
    """What becomes of a linked pair that no person has decided about; None where that takes a closer look."""
    if not _is_usual(crm, calendar, route, dialect):
        return None
    before, now_crm, now_calendar = link.baseline, Fingerprint.of(crm.content), Fingerprint.of(calendar.content)
    changed_crm, changed_calendar = before.crm.changed(now_crm), before.calendar.changed(now_calendar)
    if (changed_crm and changed_calendar) or not _TRAVEL_ALONE.issuperset(changed_crm or changed_calendar):
        return None
    for_crm = to_crm(calendar.content, dialect, route.zone)
    if for_crm.alterations:
        return None
    if not changed_crm and not changed_calendar:
        known = None if before.tells_as_much(now_crm, now_calendar) else Baseline(now_crm, now_calendar)
        return Decision(crm.ref, calendar.ref, Nothing(Why.IN_STEP, known))
    for_calendar = to_calendar(crm.content, dialect, route.zone, calendar.content)
    fields = tuple(
        [
            name
            for name in changed_crm or changed_calendar
            if not same(for_calendar, calendar.content, name) and not same(for_crm.content, crm.content, name)
        ]
    )
    baseline = before.settled(now_crm, now_calendar, fields)
    if not fields:
        return Decision(crm.ref, calendar.ref, Nothing(Why.IN_STEP, baseline))
    if changed_crm:
        content = merged(calendar.content, for_calendar, fields)
        action = update(Side.CALENDAR, crm, calendar, content, fields, Why.CHANGED_IN_CRM)
    else:
        content = merged(crm.content, for_crm.content, fields)
        action = update(Side.CRM, calendar, crm, content, fields, Why.CHANGED_IN_CALENDAR)
    return Decision(crm.ref, calendar.ref, Change((action,), baseline))


def _is_usual(crm: ObservedItem, calendar: ObservedItem, route: Route, dialect: Dialect) -> bool:
    """Whether these are single meetings, nothing of which is hidden, shown otherwise, kept from a side or told of."""
    event = calendar.content
    return (
        route.direction is Direction.TWO_WAY
        and crm.read_only is None
        and calendar.read_only is None
        and event.recurrence is None
        and crm.content.recurrence is None
        and event.visibility is Visibility.NORMAL
        and not calendar.details_hidden
        and crm.particulars is None
        and dialect.title_tail is None
        and not dialect.own_grid
        and (dialect.series is None or calendar.occurrence is None)
        and (dialect.longest_minutes is None or refusal(event, dialect) is None)
        and (dialect.knows_everybody or not event.guests)
        and crm.kind != HIDDEN_TWIN
    )
