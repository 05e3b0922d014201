"""A recurring event of which Salesforce's web page has left no meeting."""

from __future__ import annotations

from soroe.core.event import Ref, Tombstone
from tests.contracts.salesforce_stand import salesforce
from tests.contracts.stand import weekly


def test_a_series_without_a_meeting_is_gone_and_stays_gone() -> None:
    with salesforce() as stand:
        series = stand.creates(weekly())
        cursor = stand.cursor()
        stand.sandbox.user_deletes(series.ref.id)  # all of it is to come
        assert stand.sandbox.event(series.ref.id)["IsDeleted"] is False
        assert {one.ref for one in stand.news(cursor) if isinstance(one, Tombstone)} == {series.ref}
        assert isinstance(stand.reader.read(series.ref), Tombstone)
        stand.sandbox.empty_recycle_bin()
        assert [one.ref for one in stand.seen()[0] if not isinstance(one, Tombstone)] == []


def test_a_series_with_its_past_left_goes_on_being_told() -> None:
    with salesforce() as stand:
        series = stand.creates(weekly())
        stand.clock.later(days=3)  # the first meeting is over
        stand.read(series.ref)
        cursor = stand.cursor()
        stand.sandbox.user_deletes(series.ref.id)
        (whole,) = [one for one in stand.news(cursor) if one.ref == Ref(stand.container, series.ref.id)]
        assert not isinstance(whole, Tombstone)
        assert len(stand.sandbox.occurrences(series.ref.id)) == 1
