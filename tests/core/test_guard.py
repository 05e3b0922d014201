"""What is implausible is held and asked (S-4, PD-9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.core.event import Occurrence, Side
from soroe.core.guard import DUPLICATE_WAVE, MASS_DELETE, MASS_REWRITE, Allowed, Held, Limits, Tally, judge
from soroe.core.notes import duplicate
from soroe.core.plan import Action, Change, Decision, Nothing, Verb, Why
from tests.builders import item


def does(number: int, verb: Verb, **more: object) -> Decision:
    target = item(Side.CRM, str(number)).ref
    action = Action(verb, Side.CRM, Why.REMOVED_IN_CALENDAR, target=target, **more)  # type: ignore[arg-type]  # fields of an action
    return Decision(target, item(Side.CALENDAR, str(number)).ref, Change((action,)))


def asks(number: int) -> Decision:
    ref = item(Side.CRM, str(number)).ref
    other = (Side.CRM, item(Side.CRM, f"{number}b").ref)
    return Decision(ref, None, Nothing(Why.DUPLICATE), (duplicate(ref, Side.CRM, (other,)),))


def deletes(count: int) -> list[Decision]:
    return [does(number, Verb.DELETE) for number in range(count)]


def updates(count: int) -> list[Decision]:
    return [does(number, Verb.UPDATE, fields=("title",)) for number in range(count)]


@pytest.mark.parametrize(
    ("linked", "count", "held"), [(50, 10, False), (50, 11, True), (200, 20, False), (200, 21, True)]
)
def test_s_4_more_than_ten_deletions_or_a_tenth_are_held(linked: int, count: int, held: bool) -> None:
    verdict = judge(deletes(count), linked, Limits())
    assert isinstance(verdict, Held if held else Allowed)
    if isinstance(verdict, Held):
        assert (verdict.reason, verdict.count) == (MASS_DELETE, count)


def test_s_4_rewriting_more_than_half_is_held() -> None:
    assert judge(updates(50), 100, Limits()) == Allowed()
    verdict = judge(updates(51), 100, Limits())
    assert isinstance(verdict, Held)
    assert verdict.reason == MASS_REWRITE


def test_stamps_are_no_rewrites() -> None:
    assert judge([does(number, Verb.UPDATE) for number in range(100)], 10, Limits()) == Allowed()


def test_pd_9_a_wave_of_duplicates_is_held() -> None:
    verdict = judge([asks(number) for number in range(11)], 20, Limits())
    assert isinstance(verdict, Held)
    assert verdict.reason == DUPLICATE_WAVE


def test_deleting_a_series_counts_once() -> None:
    series = item(Side.CALENDAR, "weekly").ref.id
    days = [datetime(2026, 5, 12) + timedelta(days=number) for number in range(150)]
    cancelled = [does(number, Verb.DELETE, occurrence=Occurrence(series, day)) for number, day in enumerate(days)]
    assert judge(cancelled, 200, Limits()) == Allowed()


def test_the_same_question_is_asked_with_the_same_words() -> None:
    one, again, other = (judge(plan, 50, Limits()) for plan in (deletes(12), deletes(12), deletes(13)))
    assert one == again
    assert isinstance(one, Held)
    assert isinstance(other, Held)
    assert one.question != other.question


def test_a_yes_to_one_question_is_no_yes_to_another() -> None:
    tally = Tally(10, Limits())
    for decision in [*deletes(12), *updates(20)]:
        tally.add(decision)
    first = tally.verdict()
    assert isinstance(first, Held)
    second = tally.verdict(first.question)
    assert isinstance(second, Held)
    assert second.reason == MASS_REWRITE
