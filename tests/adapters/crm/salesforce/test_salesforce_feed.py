"""What changed at Salesforce: polls, the logs of what went away, and when everything is listed anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.core.event import ObservedItem, Tombstone
from soroe.ports.errors import AdminRequired, CursorExpired
from soroe.ports.remote import Cursor
from tests.contracts.salesforce_stand import SalesforceStand, salesforce
from tests.contracts.stand import at, meeting


def test_v13_after_sixteen_days_everything_is_listed_and_no_deletion_is_lost(stand: SalesforceStand) -> None:
    kept, gone = stand.user_creates("Kept", at(day=30)), stand.user_creates("Gone", at(day=30))
    cursor = stand.cursor()
    stand.user_deletes(gone)
    stand.clock.later(days=16)
    with pytest.raises(CursorExpired):
        stand.seen(cursor)
    assert [one.ref for one in stand.seen()[0]] == [kept]
    assert isinstance(stand.reader.read(gone), Tombstone)


def test_a_recycle_bin_that_was_emptied_meanwhile_is_a_gap_and_everything_is_listed(stand: SalesforceStand) -> None:
    gone = stand.user_creates("Gone", at())
    cursor = stand.cursor()
    stand.clock.later(hours=1)
    stand.user_deletes(gone)
    stand.sandbox.empty_recycle_bin()
    with pytest.raises(CursorExpired, match="gap"):
        stand.news(cursor)
    assert stand.seen()[0] == []


def test_the_log_of_deletions_goes_on_from_where_it_was_covered(stand: SalesforceStand) -> None:
    cursor = stand.cursor()
    stand.clock.later(minutes=30)
    held = stand.clock.now
    stand.sandbox.hold_transaction_open()
    stand.clock.later(hours=1)
    _, cursor = stand.seen(cursor)
    stand.sandbox.hold_transaction_open(False)
    assert stand.news(cursor) == []
    looks = [one.query["start"][0] for one in stand.sandbox.requests if "/deleted" in one.path]
    assert len(looks) == 2 and datetime.fromisoformat(looks[1]) <= held


def test_a_poll_that_tells_too_little_once_loses_nothing(stand: SalesforceStand) -> None:
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    made = stand.user_creates("New", at())
    stand.sandbox.lies.answer_empty()
    seen, cursor = stand.seen(cursor)
    assert seen == []
    assert [one.ref for one in stand.seen(cursor)[0]] == [made]


def test_long_listings_come_in_pages_and_a_lost_place_in_them_starts_again(stand: SalesforceStand) -> None:
    made = {stand.user_creates(f"Visit {number}", at(day=12)) for number in range(450)}
    stand.sandbox.page_size(200)
    assert {one.ref for one in stand.seen()[0]} == made
    stand.sandbox.lies.expire_locators()
    with pytest.raises(CursorExpired):
        stand.seen()
    assert {one.ref for one in stand.seen()[0]} == made


def test_a_field_that_it_hides_is_left_out_and_the_rest_goes_on(stand: SalesforceStand) -> None:
    ref = stand.user_creates("Visit", at())
    cursor = stand.cursor()
    stand.sandbox.hide_field("Location")
    with pytest.raises(CursorExpired, match="fields_changed"):
        stand.seen(cursor)
    (told,), cursor = stand.seen()
    assert isinstance(told, ObservedItem) and told.ref == ref and told.content.location == ""
    changed = stand.does(stand.updating(told, title="Later", location="Osaka"))
    assert (changed.content.title, changed.content.location) == ("Later", "")
    stand.user_renames(ref, "Latest")
    assert [one.content.title for one in stand.seen(cursor)[0] if isinstance(one, ObservedItem)] == ["Latest"]


def test_a_field_that_it_locks_is_read_and_never_written(stand: SalesforceStand) -> None:
    stand.sandbox.lock_field("ShowAs")
    made = stand.creates(meeting(location="Osaka"))
    changed = stand.does(stand.updating(made, title="Later"))
    assert (changed.content.title, changed.content.location) == ("Later", "Osaka")


def test_a_field_that_it_shortened_gets_as_much_as_it_holds(stand: SalesforceStand) -> None:
    stand.sandbox.change_field("Location", length=10)
    assert stand.creates(meeting(location="A very long address")).content.location == "A very lon"


def test_without_the_start_of_events_nothing_works_and_it_is_asked(stand: SalesforceStand) -> None:
    stand.sandbox.hide_field("StartDateTime")
    with pytest.raises(AdminRequired, match="field_not_visible:StartDateTime"):
        stand.seen()


def test_a_field_for_our_stamp_that_is_not_there_is_for_it() -> None:
    with salesforce() as stand:
        stand.sandbox.hide_field("Soroe_Id__c")
        with pytest.raises(AdminRequired, match="stamp_field_not_usable"):
            stand.seen()


def test_an_event_of_long_ago_that_salesforce_archived_is_still_there(stand: SalesforceStand) -> None:
    ref = stand.user_creates("Old", at())
    stand.sandbox.archive(ref.id)
    assert isinstance(stand.reader.read(ref), ObservedItem) and stand.titles() == ["Old"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"me": "x"}', "not json", '{"me":1,"fields":2,"since":"x"}'])
def test_a_cursor_that_is_none_is_expired(stand: SalesforceStand, text: str) -> None:
    with pytest.raises(CursorExpired):
        stand.seen(Cursor(text))


def test_the_laptops_clock_decides_nothing(stand: SalesforceStand) -> None:
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    ref = stand.user_creates("New", at())
    served = stand.clock.now
    stand.clock.now = served + timedelta(days=400)
    stand.sandbox.server.clock = lambda: served  # the server keeps the right time
    assert [one.ref for one in stand.seen(cursor)[0]] == [ref]
