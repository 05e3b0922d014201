"""The short way for the usual pair decides just as the long way does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soroe.core import joined, usual
from soroe.core.dialect import DIALECTS, GENERIC, Dialect
from soroe.core.event import (
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    Occurrence,
    Particulars,
    ReadOnlyCause,
    Recurrence,
    Side,
    Visibility,
)
from soroe.core.link import Baseline, Fingerprint, Link
from soroe.core.mirror import HIDDEN_TWIN, MIRROR
from soroe.core.pair import Pair
from soroe.core.plan import Decision, Nothing, Why
from soroe.core.route import Direction, Route
from soroe.core.rules.form import to_calendar, to_crm, told
from soroe.core.rules.privacy import visible
from tests.builders import at, item, meeting, route
from tests.core.strategies import CAUSES, CONTENTS, GUESTS, PARTICULARS, RECURRENCES, ROUTES, TEXTS, TIGHT, times

Situation = tuple[Link, ObservedItem, ObservedItem, Route, Dialect]
ANY_DIALECT = st.sampled_from((*DIALECTS.values(), MIRROR, TIGHT))
VALUES: dict[Field, st.SearchStrategy[Any]] = {
    Field.TITLE: TEXTS,
    Field.WHEN: times(),
    Field.DESCRIPTION: TEXTS,
    Field.LOCATION: TEXTS,
    Field.SHOW_AS: CONTENTS.map(lambda content: content.show_as),
    Field.VISIBILITY: st.sampled_from(Visibility),
    Field.GUESTS: GUESTS,
    Field.RECURRENCE: RECURRENCES,
    Field.GUESTS_MAY_CHANGE: st.none() | st.booleans(),
}
SOME = st.sampled_from(
    (
        *[[name] for name in Field],
        [Field.TITLE],
        [Field.WHEN],
        [Field.TITLE, Field.WHEN],
        [Field.LOCATION, Field.SHOW_AS],
    )
)
OCCURRENCES = st.sampled_from([Occurrence(ItemId("s"), datetime(2026, 5, day, 1)) for day in (1, 20)])


def rarely(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What most meetings have not."""
    return st.integers(0, 19).flatmap(lambda one: value if one == 7 else st.none())


@st.composite
def changed(draw: st.DrawFn, content: EventContent, names: list[Field]) -> EventContent:
    """The content with other values in these fields."""
    return replace(content, **{name.value: draw(VALUES[name]) for name in names})


@st.composite
def pairs(draw: st.DrawFn) -> Situation:
    """A linked pair as a run may find it: mostly usual, with all that can be special about one."""
    dialect, chosen = draw(ANY_DIALECT), replace(draw(ROUTES), today=draw(st.none() | st.just(date(2026, 5, 11))))
    chosen = chosen if draw(rarely(st.just(1))) else replace(chosen, direction=Direction.TWO_WAY)
    base = draw(CONTENTS)
    if not draw(rarely(st.just(1))):
        base = replace(base, recurrence=None, visibility=Visibility.NORMAL)
    held = to_crm(base, dialect, chosen.zone).content
    shown = to_calendar(held, dialect, chosen.zone, base) if draw(st.booleans()) else base
    before = Baseline(
        Fingerprint.of(draw(changed(held, draw(rarely(SOME)) or []))),
        Fingerprint.of(draw(changed(shown, draw(rarely(SOME)) or []))),
    )
    in_crm, in_calendar = draw(st.sampled_from(((1, 0), (1, 0), (0, 1), (0, 1), (0, 0), (1, 1))))
    crm = item(
        Side.CRM,
        content=draw(changed(held, draw(SOME) if in_crm else [])),
        particulars=draw(rarely(PARTICULARS)),
        read_only=draw(rarely(CAUSES)),
        kind=draw(rarely(st.just(HIDDEN_TWIN))) or "default",
        activity_type="Event",
    )
    calendar = item(
        Side.CALENDAR,
        content=draw(changed(shown, draw(SOME) if in_calendar else [])),
        read_only=draw(rarely(CAUSES)),
        occurrence=draw(rarely(OCCURRENCES)),
        details_hidden=bool(draw(rarely(st.just(1)))),
    )
    return Link(crm.ref, calendar.ref, before, draw(st.sampled_from(Side))), crm, calendar, chosen, dialect


def the_long_way(link: Link, crm: ObservedItem, calendar: ObservedItem, chosen: Route, dialect: Dialect) -> Decision:
    return joined.compare(link, crm, calendar, Pair(chosen, dialect))


@given(pairs())
@settings(max_examples=300)
def test_whatever_the_short_way_decides_the_long_way_decides_too(situation: Situation) -> None:
    found = usual.compare(*situation)
    assert found is None or found == the_long_way(*situation)


YESTERDAY = Occurrence(ItemId("s"), datetime(2026, 5, 10, 1))
STRANGER = meeting(guests=(Guest("a@example.com"),))
WEEKLY = Recurrence(("FREQ=WEEKLY",))
SALESFORCE = DIALECTS["salesforce"]


@dataclass(frozen=True, slots=True)
class Special:
    """What bears on a pair besides the field that was changed: the CRM's dialect, and what is special about the
    activity, the event and the sync."""

    dialect: Dialect = GENERIC
    crm: dict[str, Any] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    sync: dict[str, Any] = field(default_factory=dict)


def alike(dialect: Dialect, **sync: Any) -> Callable[[EventContent], Special]:
    """Both items have the same content."""
    return lambda content: Special(dialect, {"content": content}, {"content": content}, sync)


SPECIAL = {
    "one way only": Special(sync={"direction": Direction.CALENDAR_TO_CRM}),
    "an activity that nobody may change": Special(crm={"read_only": ReadOnlyCause.LOCKED}),
    "an event that nobody may change": Special(event={"read_only": ReadOnlyCause.LOCKED}),
    "a private event": Special(event={"content": meeting(visibility=Visibility.PRIVATE)}),
    "an event without its details": Special(DIALECTS["pipedrive"], event={"details_hidden": True}),
    "a building": Special(crm={"particulars": Particulars(building="新丸ビル")}),
    "a place behind the title": Special(
        DIALECTS["oracle"], {"content": meeting(location="Kobe"), "activity_type": "Event"}
    ),
    "a CRM that rounds": Special(
        replace(GENERIC, own_grid=True, grid_minutes=15), event={"content": meeting(when=at(10, 7))}
    ),
    "a past occurrence": Special(SALESFORCE, event={"occurrence": YESTERDAY}, sync={"today": date(2026, 5, 11)}),
    "a meeting longer than the CRM takes": alike(SALESFORCE)(meeting(when=at(10, minutes=15 * 24 * 60))),
    "a guest whom the CRM does not know": Special(
        SALESFORCE, event={"content": STRANGER}, sync={"guests_to_crm": True}
    ),
    "an appointment that is shown nowhere": Special(MIRROR, crm={"kind": HIDDEN_TWIN}),
    "a series that has begun": alike(SALESFORCE, today=date(2026, 7, 1))(meeting(recurrence=WEEKLY)),
    "a series that the CRM does not take": Special(MIRROR, event={"content": meeting(recurrence=WEEKLY)}),
    "nothing": Special(),
    "a title that is cut": Special(replace(GENERIC, title_limit=5), crm={"content": meeting("Visi…")}),
}


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize("renamed", [(), (Side.CRM,), (Side.CALENDAR,), (Side.CRM, Side.CALENDAR)])
def test_whatever_else_bears_on_a_pair_is_not_overlooked(name: str, renamed: tuple[Side, ...]) -> None:
    special = SPECIAL[name]
    crm, event = item(Side.CRM, **special.crm), item(Side.CALENDAR, **special.event)
    chosen, dialect = route(**special.sync), special.dialect
    before = Baseline(told(crm, dialect), Fingerprint.of(visible(event, chosen, dialect)))
    link = Link(crm.ref, event.ref, before, Side.CRM)
    if Side.CRM in renamed:
        crm = replace(crm, content=replace(crm.content, title="In the CRM"))
    if Side.CALENDAR in renamed:
        event = replace(event, content=replace(event.content, title="In the calendar"))
    found = usual.compare(link, crm, event, chosen, dialect)
    assert found is None or found == the_long_way(link, crm, event, chosen, dialect)


@pytest.mark.parametrize("dialect", [GENERIC, DIALECTS["pipedrive"], DIALECTS["salesforce"], MIRROR])
def test_a_usual_pair_takes_the_short_way(dialect: Dialect) -> None:
    content = to_crm(meeting(), dialect, route().zone).content
    crm, event = item(Side.CRM, content=content), item(Side.CALENDAR)
    rested = Baseline(Fingerprint.of(crm.content), Fingerprint.of(event.content))
    link = Link(crm.ref, event.ref, rested, Side.CRM)
    assert usual.compare(link, crm, event, route(), dialect) == Decision(crm.ref, event.ref, Nothing(Why.IN_STEP))
    renamed = replace(crm, content=replace(crm.content, title="Another title"))
    found = usual.compare(link, renamed, event, route(), dialect)
    assert found is not None
    (action,) = found.actions
    assert action.side is Side.CALENDAR
    assert action.fields == (Field.TITLE,)
    assert found.outcome.baseline is rested


@settings(max_examples=200)
@given(pairs(), st.sampled_from(Side))
def test_who_wrote_an_item_last_does_not_matter_where_one_side_alone_changed(
    situation: Situation, written: Side
) -> None:
    link, crm, calendar, chosen, dialect = situation
    decision = joined.compare(link, crm, calendar, Pair(chosen, dialect))
    if any(action.why in {Why.CHANGED_IN_CRM, Why.CHANGED_IN_CALENDAR} for action in decision.actions):
        assert joined.compare(link, crm, calendar, Pair(chosen, dialect, as_written=written)) == decision
