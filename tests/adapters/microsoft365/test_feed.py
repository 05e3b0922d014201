"""Changes as Graph tells them: windows that are fixed, removals that are none, series in pieces."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from soroe.core.event import (
    ContainerId,
    Field,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Recurrence,
    Ref,
    Timed,
    Tombstone,
    Unreadable,
    Window,
    occurrence_id,
)
from soroe.ports.errors import AdminRequired, CursorExpired, ItemRejected, ReadOnly, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Update, Written
from soroe.sandbox.faults import Answer
from tests.contracts.microsoft365_stand import SATO
from tests.contracts.stand import WINDOW, at, meeting, weekly

from .conftest import World

WEEKLY: dict[str, Any] = {
    "recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday"},
        "range": {"type": "numbered", "startDate": "2026-05-12", "numberOfOccurrences": 6},
    }
}
NO_DELTA = Answer.as_json(400, {"error": {"code": "ErrorInvalidRequest", "message": "x"}})
TRANSIENT = Answer.as_json(500, {"error": {"code": "ErrorInternalServerTransientError", "message": "x"}})


def titles(seen: object) -> list[str]:
    assert isinstance(seen, list)
    return [one.content.title for one in seen if isinstance(one, ObservedItem)]


def test_a_living_event_that_is_called_removed_is_no_deletion(world: World) -> None:
    ref = world.makes()
    _, cursor = world.seen()
    world.sandbox.lies.call_removed(ref.id)
    seen, _ = world.seen(cursor)
    assert seen == [world.read(ref)]


def test_an_event_that_was_moved_out_of_the_window_is_told_where_it_is_now(world: World) -> None:
    ref = world.makes()
    _, cursor = world.seen()
    far = {"dateTime": "2028-05-12T10:00:00", "timeZone": "UTC"}
    world.sandbox.user_changes(SATO, ref.id, {"start": far, "end": far})
    seen, _ = world.seen(cursor)
    assert seen == [world.read(ref)] and not any(isinstance(one, Tombstone) for one in seen)


def test_an_event_that_was_deleted_is_gone(world: World) -> None:
    ref, kept = world.makes(), world.makes("Kept")
    _, cursor = world.seen()
    world.sandbox.user_deletes(SATO, ref.id)
    assert world.seen(cursor)[0] == [Tombstone(ref)]
    assert world.seen()[0] == [world.read(kept)]


def test_an_item_that_comes_twice_is_told_once(world: World) -> None:
    world.makes()
    world.sandbox.lies.repeat_items()
    assert titles(world.seen()[0]) == ["Visit"]


def test_pages_of_any_size_make_the_same_listing(world: World) -> None:
    for number in range(5):
        world.makes(f"Visit {number}")
    world.sandbox.lies.hostile_paging = True
    assert sorted(titles(world.seen()[0])) == [f"Visit {number}" for number in range(5)]


@pytest.mark.parametrize("resync", [False, True])
def test_a_link_that_the_service_has_forgotten_is_expired(world: World, resync: bool) -> None:
    _, cursor = world.seen()
    world.sandbox.expire_delta_links(resync=resync)
    with pytest.raises(CursorExpired):
        world.seen(cursor)


def test_a_link_may_expire_between_two_pages(world: World) -> None:
    world.makes("One")
    world.makes("Two")
    world.sandbox.lies.hostile_paging = True
    world.sandbox.lies.gone_while_paging()
    with pytest.raises(CursorExpired):
        world.seen()


def test_a_window_that_has_rolled_too_far_needs_a_new_round(world: World) -> None:
    _, cursor = world.seen()
    for days, good in ((1, True), (5, True), (6, False)):
        first, last = date(2026, 4, 1 + days), date.fromordinal(WINDOW.last.toordinal() + days)
        reading = world.calendar.changes(world.container, cursor, Window(first, last))
        if good:
            assert list(reading)
        else:
            with pytest.raises(CursorExpired, match="window_rolled"):
                list(reading)


def test_a_window_that_begins_earlier_needs_a_new_round(world: World) -> None:
    _, cursor = world.seen()
    with pytest.raises(CursorExpired):
        list(world.calendar.changes(world.container, cursor, Window(date(2026, 3, 1), WINDOW.last)))


def test_what_the_rolled_window_reaches_was_told_before(world: World) -> None:
    last = WINDOW.last
    body = {"dateTime": "2027-01-04T10:00:00", "timeZone": "UTC"}
    made = world.sandbox.user_creates(SATO, {"subject": "Later", "start": body, "end": body})
    assert last < date(2027, 1, 4) and world.ref(made) in {one.ref for one in world.seen()[0]}


def test_a_cursor_of_another_calendar_is_of_no_use(world: World) -> None:
    _, cursor = world.seen()
    other = ContainerId(world.sandbox.add_calendar(SATO, "Other"))
    with pytest.raises(CursorExpired):
        world.seen(cursor, other)


def test_a_link_never_leads_to_another_host(world: World) -> None:
    fake = {"value": [], "@odata.deltaLink": "https://elsewhere.example/v1.0/me/calendarView/delta?$deltatoken=x"}
    world.sandbox.faults.add(Answer.as_json(200, fake), "GET", "calendarView/delta")
    with pytest.raises(RetryLater, match="listing_without_end"):
        world.seen()


# --- other calendars ---
def test_another_calendar_is_followed_like_the_main_one(world: World) -> None:
    other = ContainerId(world.sandbox.add_calendar(SATO, "Other"))
    times = {name: {"dateTime": "2026-05-12T10:00:00", "timeZone": "UTC"} for name in ("start", "end")}
    made = world.sandbox.user_creates(SATO, {"subject": "There", **times}, other)
    seen, cursor = world.seen(None, other)
    assert titles(seen) == ["There"] and titles(world.seen()[0]) == []
    world.sandbox.user_renames(SATO, made["id"], "Renamed")
    assert titles(world.seen(cursor, other)[0]) == ["Renamed"]


def test_a_calendar_without_changes_of_its_own_is_listed_anew_each_time(world: World) -> None:
    other = ContainerId(world.sandbox.add_calendar(SATO, "Other"))
    times = {name: {"dateTime": "2026-05-12T10:00:00", "timeZone": "UTC"} for name in ("start", "end")}
    for number in range(60):
        world.sandbox.user_creates(SATO, {"subject": f"There {number:02}", **times}, other)
    world.sandbox.faults.add(NO_DELTA, "GET", "calendarView/delta", times=-1)
    seen, cursor = world.seen(None, other)
    assert sorted(titles(seen)) == [f"There {number:02}" for number in range(60)]
    with pytest.raises(CursorExpired, match="no_delta"):
        world.seen(cursor, other)


def test_a_listing_that_fails_for_ever_is_given_up_after_some_tries(world: World) -> None:
    world.sandbox.faults.add(TRANSIENT, "GET", "calendarView/delta", times=-1)
    for _ in range(4):
        with pytest.raises(RetryLater):
            world.seen()
    with pytest.raises(AdminRequired, match="calendar_unreadable"):
        world.seen()


def test_a_calendar_that_is_no_more_is_called_so(world: World) -> None:
    for gone in ("AAMkADAwGONE", "..", "a/b"):
        with pytest.raises(AdminRequired, match="calendar_not_found"):
            world.seen(None, ContainerId(gone))


def test_the_calendars_of_an_account_say_what_may_be_done_there(world: World) -> None:
    world.sandbox.add_account("suzuki@example.com", "Suzuki")
    hers = world.sandbox.calendar_id("suzuki@example.com")
    world.sandbox.share("suzuki@example.com", hers, SATO)
    own, shared = world.calendar.containers()
    assert (own.id, own.primary, own.own, own.read_only, own.zone) == (world.container, True, True, None, "Asia/Tokyo")
    assert (shared.id, shared.own, shared.read_only) == (hers, False, ReadOnlyCause.READ_ONLY_CONTAINER)


# --- series ---
def occurrence(world: World, series: Ref, day: int) -> tuple[Ref, Occurrence]:
    start = datetime(2026, 5, day, 1)
    return Ref(world.container, occurrence_id(series.id, start)), Occurrence(series.id, start)


@pytest.mark.usefixtures("any_graph")
def test_a_series_is_told_as_itself_and_not_by_its_occurrences(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    (series,) = world.seen()[0]
    assert isinstance(series, ObservedItem) and series.ref == ref and series == world.read(ref)
    assert series.content.recurrence == Recurrence(("FREQ=WEEKLY;COUNT=6",))


@pytest.mark.usefixtures("any_graph")
def test_an_occurrence_that_a_person_deletes_is_told_by_name_and_by_the_series(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    _, cursor = world.seen()
    world.sandbox.user_deletes_occurrence(SATO, ref.id, date(2026, 5, 26))
    seen, _ = world.seen(cursor)
    gone, which = occurrence(world, ref, 26)
    series = next(one for one in seen if isinstance(one, ObservedItem))
    assert series.content.recurrence == Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 26, 10),))
    assert Tombstone(gone, None, which) in seen and world.read(ref) == series
    assert isinstance(world.calendar.read(gone), Tombstone)


@pytest.mark.usefixtures("any_graph")
def test_an_occurrence_that_a_person_changes_is_told_beside_its_series(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    _, cursor = world.seen()
    world.sandbox.user_changes_occurrence(SATO, ref.id, date(2026, 5, 19), {"subject": "Special"})
    seen, _ = world.seen(cursor)
    name, which = occurrence(world, ref, 19)
    assert titles(seen) == ["Round", "Special"]
    special = next(one for one in seen if one.ref == name)
    assert special == world.read(name) and isinstance(special, ObservedItem) and special.occurrence == which


def test_a_service_that_names_the_lost_occurrences_is_believed(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    world.sandbox.user_changes_occurrence(SATO, ref.id, date(2026, 5, 19), {"subject": "Special"})
    (special,) = [one for one in world.sandbox.events(SATO) if one["subject"] == "Special"]
    told = world.sandbox.event(SATO, ref.id)
    utc = {
        "start": {"dateTime": "2026-05-12T01:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-05-12T02:00:00.0000000", "timeZone": "UTC"},
        "cancelledOccurrences": [f"OID.{ref.id}.2026-06-02"],
        "exceptionOccurrences": [{"id": special["id"], "attendees": []}],
    }
    names = Answer.as_json(200, {**told, **utc})
    world.sandbox.faults.add(names, "GET", "cancelledOccurrences", times=-1)
    seen, _ = world.seen()
    lost = Occurrence(ref.id, datetime(2026, 6, 2, 1))
    assert titles(seen) == ["Round", "Special"]
    assert Tombstone(Ref(world.container, occurrence_id(ref.id, lost.original_start)), None, lost) in seen
    assert world.read(ref) in seen and not [one for one in world.sandbox.requests if "/instances" in one.path]


@pytest.mark.usefixtures("any_graph")
def test_the_last_occurrence_moved_far_away_is_found_there(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    last = date(2026, 6, 16)
    far = {n: {"dateTime": "2027-03-01T10:00:00", "timeZone": "Asia/Tokyo"} for n in ("start", "end")}
    world.sandbox.user_changes_occurrence(SATO, ref.id, last, far)
    series = world.read(ref)
    assert series.content.recurrence == Recurrence(("FREQ=WEEKLY;COUNT=6",))
    name = Ref(world.container, occurrence_id(ref.id, datetime(2026, 6, 16, 1)))
    far_away = datetime(2027, 3, 1, 10)
    assert world.read(name).content.when == Timed(far_away, far_away, "Asia/Tokyo")


@pytest.mark.usefixtures("any_graph")
def test_a_series_is_made_without_the_occurrences_that_its_content_leaves_out(world: World) -> None:
    content = weekly()
    assert content.recurrence is not None
    lost = (datetime(2026, 5, 19, 10), datetime(2026, 6, 2, 10))
    wanted = replace(content, recurrence=replace(content.recurrence, removed=lost))
    (made,) = world.write(Create(world.container, wanted, "seed", "soroe1|x"))
    assert isinstance(made, Written) and made.item.content.recurrence == wanted.recurrence
    assert made.item.stamp == "soroe1|x" and world.read(made.item.ref) == made.item


@pytest.mark.usefixtures("any_graph")
def test_an_occurrence_that_the_other_side_cancels_is_cancelled(world: World) -> None:
    (made,) = world.write(Create(world.container, weekly(), "seed"))
    assert isinstance(made, Written) and made.item.content.recurrence is not None
    rule = replace(made.item.content.recurrence, removed=(datetime(2026, 5, 26, 10),))
    content = replace(made.item.content, recurrence=rule)
    (changed,) = world.write(Update(made.item.ref, made.item.version, content, (Field.RECURRENCE,)))
    assert isinstance(changed, Written) and changed.item.content.recurrence == rule


@pytest.mark.usefixtures("any_graph")
def test_a_series_moved_to_another_time_keeps_its_cancelled_occurrences_cancelled(world: World) -> None:
    (made,) = world.write(Create(world.container, weekly(), "seed"))
    assert isinstance(made, Written)
    name, which = occurrence(world, made.item.ref, 26)
    assert world.write(Delete(name, None, which)) == [Erased(name)]
    series = world.read(made.item.ref)
    content = replace(
        series.content, when=at(15), recurrence=Recurrence(("FREQ=WEEKLY;COUNT=6",), (), (datetime(2026, 5, 26, 15),))
    )
    (moved,) = world.write(Update(series.ref, series.version, content, (Field.WHEN,)))
    assert isinstance(moved, Written) and moved.item.content.recurrence == content.recurrence


def test_a_meeting_that_its_organiser_calls_off_is_gone(world: World) -> None:
    body = {
        "subject": "Theirs",
        "start": {"dateTime": "2026-05-12T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-05-12T11:00:00", "timeZone": "UTC"},
    }
    ref = world.ref(world.sandbox.receives_invitation(SATO, "boss@elsewhere.example", body))
    _, cursor = world.seen()
    world.sandbox.organizer_cancels(SATO, ref.id)
    (gone,) = world.seen(cursor)[0]
    assert isinstance(gone, Tombstone) and gone.ref == ref


# --- requests ---
def test_what_changed_is_read_many_in_one_request(world: World) -> None:
    refs = [world.makes(f"Visit {number}") for number in range(20)]
    _, cursor = world.seen()
    for ref in refs:
        world.sandbox.user_renames(SATO, ref.id, "Renamed")
    before = world.asked()
    seen, _ = world.seen(cursor)
    assert len(seen) == 20 and world.asked() - before == 2


def test_the_stamp_is_read_with_the_event(world: World) -> None:
    (made,) = world.write(Create(world.container, meeting(), "seed", "soroe1|x"))
    assert isinstance(made, Written)
    (listed,) = world.seen()[0]
    assert isinstance(listed, ObservedItem) and listed.stamp == "soroe1|x"


SPOILT = Answer.as_json(500, {"error": {"code": "ErrorContentConversionFailed", "message": "x"}})


@pytest.mark.usefixtures("any_graph")
@pytest.mark.parametrize("more", [{}, WEEKLY], ids=["single", "series"])
def test_an_event_that_graph_cannot_show_holds_up_no_other(world: World, more: dict[str, Any]) -> None:
    spoilt, sound = world.makes(**more), world.makes("Call")
    world.sandbox.faults.add(SPOILT, "GET", spoilt.id.rstrip("="), times=-1)
    told = {one.ref: one for one in world.seen()[0]}
    assert told == {sound: world.read(sound), spoilt: Unreadable(spoilt, "event", "ErrorContentConversionFailed")}
    assert world.calendar.read(spoilt) == told[spoilt]


def test_an_event_that_graph_cannot_show_is_not_written_to(world: World) -> None:
    """Nobody can tell who would be mailed (S-5)."""
    spoilt, sound = world.makes(), world.makes("Call")
    world.sandbox.faults.add(SPOILT, "GET", spoilt.id.rstrip("="), times=-1)
    update, other = (Update(ref, None, meeting("Ours"), (Field.TITLE,)) for ref in (spoilt, sound))
    refused, done, kept = world.write(update, other, Delete(spoilt, None))
    assert isinstance(done, Written)
    for one in (refused, kept):
        assert isinstance(one, Failed)
        assert isinstance(one.error, ItemRejected)
    assert sorted(one["subject"] for one in world.sandbox.events(SATO)) == ["Ours", "Visit"]


def test_a_service_that_leaves_the_lost_occurrences_out_without_a_word_brings_none_back(world: World) -> None:
    series = world.makes(**WEEKLY)
    lost = world.sandbox.occurrences(SATO, "2026-05-19T00:00:00Z", "2026-05-20T00:00:00Z")
    world.sandbox.user_deletes(SATO, lost[0]["id"])
    silent = next(one for one in world.sandbox.events(SATO) if one["id"] == series.id)
    assert "cancelledOccurrences" not in silent
    world.sandbox.faults.add(Answer.as_json(200, silent), "GET", "cancelledOccurrences", times=-1)
    recurrence = world.read(series).content.recurrence
    assert recurrence is not None
    assert recurrence.removed == (datetime(2026, 5, 19, 10),)


def test_an_event_that_graph_refuses_to_show_holds_up_no_other(world: World) -> None:
    """A colleague's private one may be named in the calendar that he shares, and refused."""
    refused, sound = world.makes(), world.makes("Call")
    world.sandbox.faults.add(DENIED, "GET", refused.id.rstrip("="), times=-1)
    told = {one.ref: one for one in world.seen()[0]}
    assert told == {sound: world.read(sound), refused: Unreadable(refused, "event", "ErrorAccessDenied")}
    with pytest.raises(ReadOnly):
        world.calendar.read(refused)


def test_a_calendar_that_graph_refuses_to_show_is_trouble_of_the_account(world: World) -> None:
    world.sandbox.faults.add(DENIED, "GET", "calendarView", times=-1)
    with pytest.raises(AdminRequired, match="access_denied"):
        world.seen()


DENIED = Answer.as_json(403, {"error": {"code": "ErrorAccessDenied", "message": "x"}})
