"""Guests: whom a CRM takes, and that nobody leaves the calendar because the CRM does not know him."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.core.dialect import ESALES, GENERIC, ORACLE, SALESFORCE, Dialect
from soroe.core.event import EventContent, Guest, Recurrence, Response, Side
from soroe.core.link import Fingerprint
from soroe.core.rules.form import to_crm
from soroe.core.rules.guests import brought_over, guests_for
from tests.builders import meeting
from tests.core.pairs import Linked, fields_to, made_in_crm

AOKI, BABA = Guest("aoki@example.com"), Guest("baba@example.com")
CLIENT, CHIBA = Guest("client@example.net"), Guest("chiba@example.com")
EMPLOYEES = frozenset({AOKI.email, BABA.email})


def event(*guests: Guest) -> EventContent:
    return meeting(guests=tuple(sorted(guests)))


def invited(*guests: Guest, dialect: Dialect = ESALES) -> Linked:
    """A meeting with guests both sides were told of, and of whom the CRM knows its employees."""
    pair = made_in_crm(event(*guests), dialect, guests_to_crm=True, guests_to_calendar=True)
    known = tuple(guest for guest in pair.crm.content.guests if guest.email in EMPLOYEES)
    pair = pair.activity_changes(guests=known)
    crm = Fingerprint.of(pair.crm.content)
    baseline = replace(pair.link.baseline, crm=crm)
    return replace(pair, link=replace(pair.link, baseline=baseline), employees=EMPLOYEES)


def emails(content: EventContent) -> list[str]:
    return [guest.email for guest in content.guests]


def test_esm_i13_t10_only_employees_become_participants_and_the_others_are_told() -> None:
    pair = invited(AOKI, BABA, CLIENT, CHIBA)
    assert emails(pair.crm.content) == [AOKI.email, BABA.email]
    (finding,) = pair.findings
    assert (finding.rule, finding.cause, finding.numbers) == ("ESM-I13", "guests_unknown", (("left_out", 2),))
    assert pair.decide().actions == ()


def test_esm_o8_a_participant_added_in_the_crm_comes_and_nobody_leaves_the_calendar() -> None:
    after = invited(AOKI, CLIENT).activity_changes(guests=(AOKI, BABA)).synced()
    assert emails(after.event.content) == [AOKI.email, BABA.email, CLIENT.email]


def test_esm_o8_a_participant_taken_off_in_the_crm_leaves_the_calendar_alone_of_all() -> None:
    after = invited(AOKI, BABA, CLIENT).activity_changes(guests=(BABA,)).synced()
    assert emails(after.event.content) == [BABA.email, CLIENT.email]


def test_sf_25_guests_added_and_removed_by_the_organiser_flow_across() -> None:
    pair = invited(AOKI, CLIENT, dialect=SALESFORCE)
    after = pair.event_changes(guests=(BABA, CLIENT)).synced()
    assert emails(after.crm.content) == [BABA.email]
    assert [finding.rule for finding in after.findings] == ["SF-25"]


def test_both_sides_may_add_guests_at_once_and_nobody_is_lost() -> None:
    pair = invited(AOKI, CLIENT)
    after = pair.activity_changes(guests=(AOKI, BABA)).event_changes(guests=(AOKI, CHIBA, CLIENT)).synced()
    assert emails(after.event.content) == [AOKI.email, BABA.email, CHIBA.email, CLIENT.email]
    assert emails(after.crm.content) == [AOKI.email, BABA.email]


@pytest.mark.parametrize("dialect", [ESALES, SALESFORCE], ids=["ESM-I14", "SF-25"])
def test_esm_i14_sf_25_who_declines_is_no_participant_any_more_and_stays_in_the_calendar(dialect: Dialect) -> None:
    declined = replace(BABA, response=Response.DECLINED)
    after = invited(AOKI, BABA, dialect=dialect).event_changes(guests=(AOKI, declined)).synced()
    assert emails(after.crm.content) == [AOKI.email]
    assert after.event.content.guests == (AOKI, declined)


def test_esm_i15_an_answer_that_becomes_undecided_is_not_reflected() -> None:
    pair = invited(replace(AOKI, response=Response.ACCEPTED))
    after = pair.event_changes(guests=(replace(AOKI, response=Response.TENTATIVE),))
    assert after.decide().actions == ()


def test_a_lost_database_sends_nobody_away_and_writes_nothing() -> None:
    pair = invited(AOKI, BABA, CLIENT)
    after = pair.forgotten()
    assert (after.crm, after.event) == (pair.crm, pair.event)


def test_guests_that_only_the_calendar_may_be_told_of_are_not_written_to_the_crm() -> None:
    pair = made_in_crm(event(AOKI), ESALES, guests_to_calendar=True)
    assert fields_to(pair.event_changes(guests=(AOKI, BABA)).decide(), Side.CRM) == set()


def crowd(count: int) -> tuple[Guest, ...]:
    return tuple(Guest(f"guest{number:04}@example.com") for number in range(count))


@pytest.mark.parametrize(
    ("weekly", "count", "held"),
    [(False, 1_000, 1_000), (False, 1_001, 1_000), (True, 100, 100), (True, 101, 100)],
)
def test_sf_11_at_most_1000_guests_and_100_on_a_series(weekly: bool, count: int, held: int) -> None:
    rule = Recurrence(("FREQ=WEEKLY;COUNT=5",)) if weekly else None
    form = to_crm(meeting(guests=crowd(count), recurrence=rule), SALESFORCE)
    assert len(form.content.guests) == held
    told = [(loss.cause, loss.before, loss.after) for loss in form.alterations]
    assert told == ([] if count == held else [("guests_cut", count, held)])


def test_sf_11_that_guests_were_cut_names_the_rule() -> None:
    pair = made_in_crm(meeting(guests=crowd(1_001)), SALESFORCE, guests_to_crm=True)
    assert {(finding.rule, finding.cause) for finding in pair.findings} >= {("SF-11", "guests_cut")}


PEOPLE = st.lists(st.sampled_from(crowd(6)), unique=True).map(lambda guests: tuple(sorted(guests)))


@given(PEOPLE, PEOPLE, PEOPLE)
def test_bringing_guests_over_adds_the_new_and_takes_off_only_who_was_taken_off(
    target: tuple[Guest, ...], source: tuple[Guest, ...], before: tuple[Guest, ...]
) -> None:
    known = Fingerprint.of(meeting(guests=before)).guests
    assert known is not None
    result = set(brought_over(target, source, known, answers=False))
    assert result == (set(target) - (set(before) - set(source))) | (set(source) - set(before))
    assert set(brought_over(target, source, None, answers=False)) == set(target) | set(source)


@given(PEOPLE, st.sampled_from((GENERIC, SALESFORCE, ESALES, ORACLE)))
def test_guests_are_in_one_order_on_every_laptop(guests: tuple[Guest, ...], dialect: Dialect) -> None:
    assert guests_for(tuple(reversed(guests)), None, dialect) == guests_for(guests, None, dialect)
