"""Reading: listings, changes, single items, and who is signed in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from soroe.core.event import ItemId, ObservedItem, Ref, Tombstone, Unreadable, Version, Window
from soroe.ports.errors import CursorExpired, PortError, SignInRequired
from soroe.ports.remote import Cursor

from .stand import Stand, about, at, error


def test_a_listing_tells_of_what_lies_in_the_window_and_of_nothing_far_from_it(stand: Stand) -> None:
    near = stand.user_creates("Near", at(day=12))
    stand.user_creates("Far", at(day=28))
    seen, _ = stand.seen(window=Window(date(2026, 5, 1), date(2026, 5, 20)))
    assert [one.ref for one in seen] == [near]


def test_what_reaches_into_the_window_belongs_to_it(stand: Stand) -> None:
    over_night = stand.user_creates("Night shift", at(23, day=12, minutes=180))
    for only in (date(2026, 5, 12), date(2026, 5, 13)):
        seen, _ = stand.seen(window=Window(only, only))
        assert about(over_night, seen), f"the part on {only} is not told"


def test_an_empty_account_has_one_page_with_a_cursor(stand: Stand) -> None:
    (page,) = stand.pages()
    assert page.seen == () and page.cursor


def test_only_the_last_page_carries_the_cursor_and_no_item_is_told_twice(stand: Stand) -> None:
    made = {stand.user_creates(f"Visit {number}", at(day=12)) for number in range(501)}
    pages = stand.pages()
    assert len(pages) > 1 and [bool(page.cursor) for page in pages] == [False] * (len(pages) - 1) + [True]
    told = [one.ref for page in pages for one in page.seen]
    assert len(told) == 501 and set(told) == made


def test_where_nothing_changed_one_request_says_so(stand: Stand) -> None:
    stand.user_creates("Visit", at())
    stand.clock.later(minutes=2)
    _, cursor = stand.seen(stand.cursor())
    before = stand.reader.requests_sent
    assert stand.seen(cursor)[0] == []
    assert stand.reader.requests_sent - before == 1


def test_a_change_and_a_new_item_are_told_once(stand: Stand) -> None:
    old = stand.user_creates("Old", at())
    still = stand.user_creates("Still", at())
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    stand.user_renames(old, "Renamed")
    new = stand.user_creates("New", at())
    stand.clock.later(minutes=1)
    seen, cursor = stand.seen(cursor)
    titles = {one.ref: one.content.title for one in seen if isinstance(one, ObservedItem)}
    assert titles == {old: "Renamed", new: "New"} and len(seen) == 2 and still not in titles
    assert stand.news(cursor) == []


def test_two_changes_within_a_second_are_both_told(stand: Stand) -> None:
    ref = stand.user_creates("First", at())
    cursor = stand.seen()[1]
    stand.user_renames(ref, "Second")
    seen, cursor = stand.seen(cursor)
    stand.user_renames(ref, "Third")
    again, _ = stand.seen(cursor)
    assert [[one.content.title for one in told if isinstance(one, ObservedItem)] for told in (seen, again)] == [
        ["Second"],
        ["Third"],
    ]


def test_what_a_person_takes_back_of_our_own_write_before_the_next_reading_is_told(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    cursor = stand.cursor()
    stand.clock.later(seconds=20)
    stand.does(stand.updating(stand.read(ref), title="Renamed"))
    stand.clock.later(seconds=20)
    stand.user_renames(ref, "Visit")
    told = [one.content.title for one in about(ref, stand.seen(cursor)[0]) if isinstance(one, ObservedItem)]
    assert told == ["Visit"]


def test_a_deletion_is_told_where_the_service_tells_deletions(stand: Stand) -> None:
    kept, gone = stand.user_creates("Kept", at()), stand.user_creates("Gone", at())
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    stand.user_deletes(gone)
    news = stand.news(cursor)
    told = [one.ref for one in news if isinstance(one, Tombstone)]
    assert told == ([gone] if stand.can.tombstones else []) and kept not in {one.ref for one in news}
    assert not [one for one in stand.seen()[0] if one.ref == gone and isinstance(one, ObservedItem)]


def test_an_expired_cursor_is_called_expired_and_a_new_listing_works(stand: Stand) -> None:
    stand.user_creates("Visit", at())
    cursor = stand.cursor()
    stand.expires_cursors()
    with pytest.raises(CursorExpired):
        stand.pages(cursor)
    assert stand.titles() == ["Visit"]


def test_a_cursor_can_be_used_again_after_its_answer_was_lost(stand: Stand) -> None:
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    ref = stand.user_creates("Visit", at())
    stand.clock.later(minutes=1)
    assert [[one.ref for one in stand.seen(cursor)[0]] for _ in range(2)] == [[ref], [ref]]


def test_a_reading_that_was_broken_off_starts_again_from_the_old_cursor(stand: Stand) -> None:
    for number in range(501):
        stand.user_creates(f"Visit {number}", at(day=12))
    reading = iter(stand.reader.changes(stand.container, None, Window(date(2026, 5, 1), date(2026, 5, 31))))
    assert next(reading).cursor is None
    assert len(stand.titles()) == 501


def test_in_a_listing_what_is_known_already_is_named_and_only_the_rest_is_read(stand: Stand) -> None:
    still, renamed = stand.user_creates("Still", at()), stand.user_creates("Old", at(day=12))
    known = {one.ref.id: one.version for one in stand.seen()[0] if isinstance(one, ObservedItem) and one.version}
    stand.clock.later(minutes=1)
    stand.user_renames(renamed, "Renamed")
    new = stand.user_creates("New", at())
    pages = stand.pages(known=known)
    assert [own for page in pages for own in page.unchanged] == [still.id]
    assert {one.ref for page in pages for one in page.seen} == {renamed, new}
    assert stand.news(pages[-1].cursor or Cursor("")) == []


def test_what_is_known_in_another_state_is_read(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    (page,) = stand.pages(known={ref.id: Version("an older one")})
    assert page.unchanged == () and [one.ref for one in page.seen] == [ref]


def test_an_item_reads_the_same_alone_and_in_a_listing(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    (listed,) = stand.seen()[0]
    assert stand.reader.read(ref) == listed


def test_what_is_gone_unknown_or_somebody_elses_reads_as_gone(stand: Stand) -> None:
    deleted = stand.user_creates("Visit", at())
    stand.user_deletes(deleted)
    for ref in (deleted, Ref(stand.container, ItemId("987654321")), stand.somebody_elses()):
        told = stand.reader.read(ref)
        assert isinstance(told, Tombstone) and told.ref == ref


@pytest.mark.parametrize("own", ["", "../x", "a b", "?", "日本", "%2e%2e", "1/2", "x" * 300])
def test_no_id_whatever_reads_as_anything_but_gone(stand: Stand, own: str) -> None:
    ref = Ref(stand.container, ItemId(own))
    try:
        told = stand.reader.read(ref)
    except PortError as refusal:
        pytest.fail(f"reading {own!r} raised {refusal!r}")
    assert told == Tombstone(ref)


def test_a_malformed_item_is_named_and_the_rest_go_on(stand: Stand) -> None:
    good, bad = stand.user_creates("Good", at()), stand.user_creates("Bad", at())
    cursor = stand.cursor()
    stand.clock.later(minutes=1)
    stand.user_renames(good, "Better")
    stand.spoils(bad)
    for seen in (stand.news(cursor), stand.seen()[0]):
        if about(bad, seen):
            (told,) = about(bad, seen)
            assert isinstance(told, Unreadable) and told.field and told.reason
        assert any(isinstance(one, ObservedItem) and one.content.title == "Better" for one in seen)
    told_alone = stand.reader.read(bad)
    assert isinstance(told_alone, Unreadable) and told_alone.ref == bad
    assert about(bad, stand.seen()[0])


def test_times_of_change_come_from_the_service_in_utc(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    stand.clock.later(hours=5)
    stand.user_renames(ref, "Later")
    item = stand.read(ref)
    assert item.changed_at is not None and item.created_at is not None
    assert (item.changed_at - item.created_at).total_seconds() == pytest.approx(5 * 3600, abs=5)
    assert item.changed_at.utcoffset() == timedelta()


def test_a_version_changes_with_the_content_and_only_then(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    first = stand.read(ref).version
    assert first is not None and stand.read(ref).version == first
    stand.user_renames(ref, "Later")
    assert stand.read(ref).version != first


def test_who_is_signed_in_stays_the_same(stand: Stand) -> None:
    one, other = stand.reader.identity(), stand.reader.identity()
    assert one == other and one.key and one.name


def test_one_container_is_the_users_own(stand: Stand) -> None:
    entries = stand.reader.containers()
    assert [entry.id for entry in entries] == [stand.container]
    assert entries[0].own and entries[0].read_only is None and entries[0].zone == "Asia/Tokyo"


def test_the_counted_requests_are_those_that_arrived(stand: Stand) -> None:
    ref = stand.user_creates("Visit", at())
    stand.seen()
    stand.read(ref)
    stand.creates()
    assert stand.reader.requests_sent == stand.arrived() > 0


def test_a_damaged_cursor_is_an_expired_one(stand: Stand) -> None:
    for damaged in ("", "x", "{}", "null", '{"me":1}', "a.b.c"):
        with pytest.raises(CursorExpired):
            stand.pages(Cursor(damaged))


def test_a_lost_sign_in_is_told_as_such(stand: Stand) -> None:
    stand.signs_out()
    assert isinstance(error(stand.write(stand.creating())[0]), SignInRequired)
