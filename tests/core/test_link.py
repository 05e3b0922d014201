"""Fingerprints of what both sides agreed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from soroe.core.event import EventContent, Field, Timed
from soroe.core.joined import merged
from soroe.core.link import Fingerprint
from tests.core.strategies import CONTENTS


def at_the_end_of_summer_time(fold: int) -> EventContent:
    start, end = datetime(2026, 11, 1, 1, 30, fold=fold), datetime(2026, 11, 1, 4, 0)
    return EventContent("Call", Timed(start, end, "America/New_York"))


def test_the_hour_that_comes_twice_has_two_fingerprints() -> None:
    before, after = at_the_end_of_summer_time(fold=0), at_the_end_of_summer_time(fold=1)
    assert before == after, "times compare without their fold, so a fingerprint must not be remembered by them alone"
    assert Fingerprint.of(before).changed(Fingerprint.of(after)) == (Field.WHEN,)


def test_a_fingerprint_of_an_older_program_still_tells_what_changed() -> None:
    content = EventContent("Call", Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo"))
    older = Fingerprint.of(content)
    now = Fingerprint.of(replace(content, guests_may_change=False))
    assert len(older.digests) < len(now.digests)
    assert older.changed(now) == now.changed(older) == ()
    assert older.changed(Fingerprint.of(replace(content, title="Visit", guests_may_change=False))) == (Field.TITLE,)
    assert older.replaced(now, tuple(Field)) == now


def test_esm_o12_esm_i19_guests_who_may_change_it_are_a_field_of_its_own() -> None:
    content = EventContent("Call", Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo"))
    before, after = replace(content, guests_may_change=False), replace(content, guests_may_change=True)
    assert Fingerprint.of(before).changed(Fingerprint.of(after)) == (Field.GUESTS_MAY_CHANGE,)


@given(CONTENTS, CONTENTS, st.frozensets(st.sampled_from(Field)))
def test_a_fingerprint_with_some_fields_of_another_is_that_of_a_content_with_these_fields(
    one: EventContent, other: EventContent, fields: frozenset[Field]
) -> None:
    mixed = merged(one, other, tuple(fields))
    alike = Fingerprint.of(one).replaced(Fingerprint.of(other), fields)
    in_turn = Fingerprint.of(other).replaced(Fingerprint.of(one), frozenset(Field) - fields)
    assert alike == in_turn
    if one.recurrence is None and other.recurrence is None:  # how a time is told depends on whether it recurs
        assert alike == Fingerprint.of(mixed)


@given(CONTENTS, CONTENTS)
def test_the_fields_that_changed_are_those_whose_digests_differ(one: EventContent, other: EventContent) -> None:
    before, after = Fingerprint.of(one), Fingerprint.of(other)
    differing = [name for name in Field if before.part(name) != after.part(name)]
    if None in (one.guests_may_change, other.guests_may_change) and differing[-1:] == [Field.GUESTS_MAY_CHANGE]:
        differing.pop()
    assert before.changed(after) == after.changed(before) == tuple(differing)


def test_two_contents_that_stand_in_the_same_place_one_after_the_other_are_told_apart() -> None:
    when = Timed(datetime(2026, 5, 12, 10), datetime(2026, 5, 12, 11), "Asia/Tokyo")
    taken = {Fingerprint.of(EventContent(f"Call {number}", when)) for number in range(2_000)}
    assert len(taken) == 2_000
