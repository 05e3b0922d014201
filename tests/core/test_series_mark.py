"""The mark on a calendar's series: what it says, how widely, and on which series it speaks at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from soroe.core.event import ContainerId, ItemId, Ref
from soroe.core.route import SyncKey
from soroe.core.series_mark import (
    STILL_MADE,
    WRONG_CLOCK,
    SeriesMark,
    first_mark,
    is_mark_of,
    mark_text,
    read_mark,
)
from soroe.core.stamp import claim_text, decode, read_claim, stamp_for

KEY, OTHER = SyncKey("one"), SyncKey("other")
SERIES = Ref(ContainerId("primary"), ItemId("jour-fixe"))
COPY = Ref(ContainerId("primary"), ItemId("copy"))
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
DAY = date(2026, 5, 12)
MARK = first_mark(DAY, NOON, "desk")
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(days=st.tuples(DAYS, DAYS), times=st.tuples(TIMES, TIMES), by=st.sampled_from(("", "desk")))
def test_a_mark_reads_as_it_was_written(days: tuple[date, date], times: tuple[datetime, datetime], by: str) -> None:
    (first, last), (oldest, newest) = sorted(days), sorted(times)
    mark = SeriesMark(first, last, oldest, newest, by)
    text = mark_text(mark, KEY, SERIES)
    assert read_mark(text, KEY, SERIES) == mark
    assert len(text) <= 255


def test_a_mark_says_nothing_on_a_copy_of_its_series_or_to_another_sync() -> None:
    text = mark_text(MARK, KEY, SERIES)
    assert read_mark(text, KEY, COPY) is None
    assert read_mark(text, OTHER, SERIES) is None
    assert is_mark_of(text, KEY)
    assert not is_mark_of(text, OTHER)


def test_a_mark_is_neither_a_stamp_nor_a_claim_nor_the_other_way_round() -> None:
    text = mark_text(MARK, KEY, SERIES)
    assert decode(text) is None
    assert read_claim(text, KEY) is None
    for other in (stamp_for(KEY, COPY, SERIES), claim_text(KEY, "desk", SERIES, NOON), "", None, "soroe1s|one|||"):
        assert read_mark(other, KEY, SERIES) is None


def test_a_damaged_mark_says_nothing() -> None:
    text = mark_text(MARK, KEY, SERIES)
    assert read_mark(text.replace("20260512-", "20261512-"), KEY, SERIES) is None
    assert read_mark(text.replace("20260512-", "20260512"), KEY, SERIES) is None


def test_a_mark_grows_to_hold_one_more() -> None:
    later = MARK.with_one(DAY + timedelta(days=7), NOON - timedelta(days=3))
    assert (later.first, later.last) == (DAY, DAY + timedelta(days=7))
    assert (later.oldest, later.newest) == (NOON - timedelta(days=3), NOON)
    assert later.by == "desk"


def test_a_mark_may_mean_what_came_into_the_crm_when_it_says_by_whatever_clock() -> None:
    assert MARK.may_mean(DAY, None)
    assert MARK.may_mean(DAY, NOON - WRONG_CLOCK)
    assert MARK.may_mean(DAY, NOON + STILL_MADE + WRONG_CLOCK)
    assert not MARK.may_mean(DAY, NOON - WRONG_CLOCK - timedelta(seconds=1))
    assert not MARK.may_mean(DAY, NOON + STILL_MADE + WRONG_CLOCK + timedelta(seconds=1))
    assert not MARK.may_mean(DAY + timedelta(days=1), NOON)


def test_a_mark_is_written_anew_for_what_it_does_not_tell_of() -> None:
    assert MARK.tells_of(DAY, NOON + STILL_MADE)
    assert MARK.tells_of(DAY, None)
    assert not MARK.tells_of(DAY, NOON + STILL_MADE + timedelta(seconds=1))
    assert not MARK.tells_of(DAY, NOON - timedelta(seconds=1))
    assert not MARK.tells_of(DAY - timedelta(days=1), NOON)
