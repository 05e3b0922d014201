"""When two items are the same meeting (ESM-G3, T7, T8)."""

from __future__ import annotations

import pytest

from soroe.core.dialect import GENERIC
from soroe.core.event import AllDay, EventContent, Recurrence, Side
from soroe.core.matching import Alone, Ambiguous, Other, SameAs, decide, match_key
from tests.builders import TODAY, at, item, meeting


def alike(crm: EventContent, event: EventContent) -> bool:
    return match_key(crm, Side.CRM, GENERIC) == match_key(event, Side.CALENDAR, GENERIC)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Visit", "visit"), ("Visit ABC", "  Visit\t ＡＢＣ "), ("ﾃﾞﾓ", "デモ"), ("straße", "STRASSE")],
)
def test_subjects_are_equal_after_normalising(one: str, other: str) -> None:
    assert alike(meeting(one), meeting(other))


def test_a_cut_subject_is_equal_to_the_one_it_was_cut_from() -> None:
    assert alike(meeting("x" * 254 + "…"), meeting("x" * 300))


def test_the_same_instants_in_two_zones_are_the_same_time() -> None:
    tokyo = at(10)
    assert alike(meeting(when=tokyo.within("Europe/Berlin")), meeting(when=tokyo))


def test_another_start_another_end_or_a_date_instead_of_a_time_is_another_meeting() -> None:
    assert not alike(meeting(), meeting(when=at(11)))
    assert not alike(meeting(), meeting(when=at(10, minutes=30)))
    assert not alike(meeting(), meeting(when=AllDay(TODAY, TODAY)))


def test_a_series_is_not_the_same_as_its_first_occurrence() -> None:
    assert not alike(meeting(), meeting(recurrence=Recurrence(("FREQ=DAILY",))))


CRM, EVENT, COPY = item(Side.CRM).ref, item(Side.CALENDAR).ref, item(Side.CALENDAR, "2").ref


def test_one_free_item_across_is_the_same_meeting() -> None:
    assert decide(Side.CRM, [Other(Side.CALENDAR, EVENT, linked=False)]) == SameAs(EVENT)


def test_nobody_alike_leaves_an_item_alone() -> None:
    assert decide(Side.CRM, []) == Alone()


@pytest.mark.parametrize(
    "others",
    [
        [Other(Side.CALENDAR, EVENT, linked=True)],
        [Other(Side.CALENDAR, EVENT, linked=False), Other(Side.CALENDAR, COPY, linked=False)],
        [Other(Side.CALENDAR, EVENT, linked=False), Other(Side.CRM, CRM, linked=False)],
        [Other(Side.CRM, CRM, linked=False)],
    ],
    ids=["linked", "two-across", "one-each", "same-side"],
)
def test_anything_else_is_asked_about(others: list[Other]) -> None:
    assert isinstance(decide(Side.CRM, others), Ambiguous)


def test_the_order_of_the_candidates_does_not_matter() -> None:
    both = [Other(Side.CALENDAR, COPY, linked=False), Other(Side.CALENDAR, EVENT, linked=False)]
    assert decide(Side.CRM, both) == decide(Side.CRM, both[::-1])
