"""What holds for every dialect, whatever the meeting: no echo is richer than its original, and all comes to rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from soroe.core.dialect import DIALECTS, Dialect
from soroe.core.event import EventContent, Field, Particulars, Response, ShowAs, Side, Visibility
from soroe.core.link import canonical
from soroe.core.rules.form import same, to_crm
from soroe.core.rules.grid import rounded
from soroe.core.rules.guests import invited
from tests.core.pairs import Linked, at_rest, fields_to, made_in_crm
from tests.core.strategies import PARTICULARS, SINGLES

EVERY = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
GUESTS: dict[str, Any] = {"guests_to_crm": True, "guests_to_calendar": True}


def open_event(content: EventContent) -> EventContent:
    """The event as every dialect takes it: not private."""
    return replace(content, visibility=Visibility.NORMAL)


def told(pair: Linked) -> dict[Field, str]:
    """What the calendar shows."""
    return {name: canonical(pair.event.content, name) for name in Field}


@EVERY
@given(event=SINGLES)
def test_a_meeting_carried_into_the_crm_is_in_step_at_once(event: EventContent, dialect: Dialect) -> None:
    pair = made_in_crm(open_event(event), dialect, **GUESTS)
    assert pair.decide().actions == ()
    assert to_crm(pair.crm.content, dialect, pair.route.zone).content == pair.crm.content


@EVERY
@given(event=SINGLES)
def test_what_the_crm_made_poorer_never_comes_back(event: EventContent, dialect: Dialect) -> None:
    pair = made_in_crm(open_event(event), dialect, **GUESTS)
    assume(event.description.strip() != "edited")
    edited = pair.activity_changes(description="edited", when=rounded(pair.crm.content.when, dialect))
    assert fields_to(edited.decide(), Side.CALENDAR) == {Field.DESCRIPTION}
    after = edited.synced()
    assert told(after) == told(pair) | {Field.DESCRIPTION: "edited"}
    assert told(after.forgotten()) == told(after)


@EVERY
@given(activity=SINGLES, particulars=PARTICULARS, kind=st.sampled_from(("meeting", "Event")))
def test_what_the_calendar_shows_of_an_activity_never_changes_it(
    activity: EventContent, particulars: Particulars | None, kind: str, dialect: Dialect
) -> None:
    held = to_crm(replace(activity, visibility=Visibility.NORMAL), dialect, "Asia/Tokyo").content
    pair = at_rest(dialect, held, particulars=particulars, activity_type=kind, **GUESTS)
    assert pair.decide().actions == ()
    after = pair.forgotten().event_changes(description="edited").synced()
    assert after.crm.particulars == pair.crm.particulars
    unchanged = [name for name in Field if name is not Field.DESCRIPTION]
    assert [name for name in unchanged if not same(after.crm.content, held, name)] == []


@EVERY
@given(event=SINGLES, other=SINGLES, particulars=PARTICULARS, kind=st.sampled_from(("meeting", "Event")))
def test_whatever_both_sides_change_they_come_to_rest_within_the_crms_limits(
    event: EventContent, other: EventContent, particulars: Particulars | None, kind: str, dialect: Dialect
) -> None:
    first = to_crm(open_event(event), dialect, "Asia/Tokyo").content
    pair = at_rest(dialect, first, particulars=particulars, activity_type=kind, **GUESTS)
    changes = {name.value: other.get(name) for name in Field if name is not Field.VISIBILITY}
    after = pair.event_changes(**changes).activity_changes(location="elsewhere").synced()
    held = after.crm.content
    for text, limit in (
        (held.title, dialect.title_limit),
        (held.description, dialect.description_limit),
        (held.location, dialect.location_limit),
    ):
        assert limit is None or len(text) <= limit
    assert held.show_as in dialect.show_as
    settled = after.forgotten()
    assert settled.crm.content == held
    assert told(settled) == told(after)


@EVERY
@given(event=SINGLES)
def test_guests_who_stay_are_those_that_the_crms_rules_count(event: EventContent, dialect: Dialect) -> None:
    counted = invited(event.guests, dialect)
    assert all(guest.response is not Response.DECLINED for guest in counted) or dialect.declined_stay
    assert all(guest.response is Response.NONE for guest in counted) or dialect.answers
    assert ShowAs.BUSY in dialect.show_as, "what a CRM does not know shows as busy"
