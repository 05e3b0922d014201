"""No guest is ever mailed by us: meetings with guests are left alone, before a request and right before a write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from soroe.core.event import (
    Field,
    Guest,
    ObservedItem,
    Occurrence,
    ReadOnlyCause,
    Recurrence,
    Ref,
    ShowAs,
    Visibility,
    occurrence_id,
)
from soroe.ports.errors import ChangedMeanwhile, ReadOnly
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Update, Write, Written
from tests.contracts.microsoft365_stand import SATO
from tests.contracts.stand import WINDOW, at, meeting

from .conftest import World
from .test_feed import WEEKLY

GUEST = {"type": "required", "emailAddress": {"address": "suzuki@example.com", "name": "Suzuki"}}
GUESTS = (Guest("suzuki@example.com", "Suzuki"),)
CHANGES: dict[str, Any] = {
    "title": "Other",
    "when": at(15),
    "description": "Other",
    "location": "Kyoto",
    "show_as": ShowAs.FREE,
    "visibility": Visibility.PRIVATE,
    "guests": (),
    "recurrence": Recurrence(("FREQ=WEEKLY",)),
}


def cause(world: World, write: Write) -> str:
    (result,) = world.write(write)
    assert isinstance(result, Failed) and isinstance(result.error, ReadOnly), result
    assert world.sandbox.mails_sent == ()
    return result.error.cause


def change(item: ObservedItem, **more: Any) -> Update:
    return Update(item.ref, item.version, replace(item.content, **more), tuple(Field(name) for name in more))


def test_a_meeting_with_guests_is_not_made_and_nothing_is_sent(world: World) -> None:
    before = world.asked()
    write = Create(world.container, meeting(guests=GUESTS), "seed")
    assert cause(world, write) == ReadOnlyCause.NO_QUIET_WRITES and world.asked() == before


def test_guests_are_not_invited_to_what_had_none(world: World) -> None:
    item = world.read(world.makes())
    assert cause(world, change(item, guests=GUESTS)) == ReadOnlyCause.NO_QUIET_WRITES
    assert world.sandbox.event(SATO, item.ref.id)["attendees"] == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_meeting_with_guests_is_not_changed(world: World, name: str) -> None:
    item = world.read(world.makes(attendees=[GUEST]))
    assert item.read_only is ReadOnlyCause.NO_QUIET_WRITES
    assert cause(world, change(item, **{name: CHANGES[name]})) == ReadOnlyCause.NO_QUIET_WRITES
    assert world.read(item.ref) == item


def test_a_meeting_with_guests_is_not_deleted(world: World) -> None:
    item = world.read(world.makes(attendees=[GUEST]))
    assert cause(world, Delete(item.ref, item.version)) == ReadOnlyCause.NO_QUIET_WRITES
    assert world.read(item.ref) == item


def test_a_meeting_with_guests_is_not_brought_back(world: World) -> None:
    item = world.read(world.makes(attendees=[GUEST]))
    world.sandbox.user_deletes(SATO, item.ref.id)
    assert cause(world, Restore(item.ref, item.content, "seed")) == ReadOnlyCause.NO_QUIET_WRITES


def test_our_hidden_stamp_is_written_all_the_same(world: World) -> None:
    item = world.read(world.makes(attendees=[GUEST]))
    (result,) = world.write(Update(item.ref, item.version, item.content, (), "soroe1|x"))
    assert isinstance(result, Written) and result.item.stamp == "soroe1|x"
    assert world.sandbox.mails_sent == () and world.read(item.ref).stamp == "soroe1|x"


@pytest.mark.parametrize("deletes", [False, True])
def test_a_guest_who_came_in_meanwhile_is_seen_right_before_the_write(world: World, deletes: bool) -> None:
    item = world.read(world.makes())
    world.sandbox.user_changes(SATO, item.ref.id, {"attendees": [GUEST]})
    write = Delete(item.ref, None) if deletes else replace(change(item, title="Ours"), version=None)
    assert cause(world, write) == ReadOnlyCause.NO_QUIET_WRITES


def test_a_guest_who_comes_in_between_look_and_write_is_saved_by_the_condition(world: World) -> None:
    item = world.read(world.makes())
    single = world.calendar.writer._single
    write = change(item, title="Ours")
    ready = single.prepared(write, single._before(write))
    world.sandbox.user_changes(SATO, item.ref.id, {"attendees": [GUEST]})
    assert not isinstance(ready, Failed | Written)
    result = single.settled(ready, world.calendar._session.send(ready.call))  # type: ignore[union-attr, arg-type]  # it is prepared
    assert isinstance(result, Failed) and isinstance(result.error, ChangedMeanwhile)
    assert world.sandbox.mails_sent == ()


def test_somebody_elses_meeting_is_theirs_to_change(world: World) -> None:
    body = {
        "subject": "Theirs",
        "start": {"dateTime": "2026-05-12T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-05-12T11:00:00", "timeZone": "UTC"},
    }
    ref = world.ref(world.sandbox.receives_invitation(SATO, "boss@elsewhere.example", body))
    item = world.read(ref)
    assert item.read_only is ReadOnlyCause.FOREIGN_ORGANISER
    assert cause(world, change(item, title="Ours")) == ReadOnlyCause.FOREIGN_ORGANISER
    assert cause(world, Delete(ref, item.version)) == ReadOnlyCause.FOREIGN_ORGANISER


@pytest.mark.usefixtures("any_graph")
@pytest.mark.parametrize("deletes", [False, True])
def test_a_series_with_a_guest_at_one_occurrence_is_left_alone_as_a_whole(world: World, deletes: bool) -> None:
    ref = world.makes("Round", **WEEKLY)
    world.sandbox.user_changes_occurrence(SATO, ref.id, date(2026, 5, 19), {"attendees": [GUEST]})
    series = world.read(ref)
    assert series.content.guests == () and series.read_only is ReadOnlyCause.NO_QUIET_WRITES
    assert series in [one for page in world.calendar.changes(ref.container, None, WINDOW) for one in page.seen]
    write = Delete(ref, series.version) if deletes else change(series, title="Ours")
    assert cause(world, write) == ReadOnlyCause.NO_QUIET_WRITES


def test_an_occurrence_with_a_guest_is_left_alone_and_its_neighbours_are_not(world: World) -> None:
    ref = world.makes("Round", **WEEKLY)
    world.sandbox.user_changes_occurrence(SATO, ref.id, date(2026, 5, 19), {"attendees": [GUEST]})
    for day, invited in ((19, True), (26, False)):
        start = datetime(2026, 5, day, 1)
        name = Ref(ref.container, occurrence_id(ref.id, start))
        write = Delete(name, None, Occurrence(ref.id, start))
        if invited:
            assert cause(world, write) == ReadOnlyCause.NO_QUIET_WRITES
        else:
            assert world.write(write) == [Erased(name)]


def test_many_writes_at_once_leave_the_meetings_with_guests_alone(world: World) -> None:
    alone, held = world.read(world.makes("Alone")), world.read(world.makes("Held", attendees=[GUEST]))
    first, second, third = world.write(
        change(alone, title="Done"), change(held, title="Not done"), Create(world.container, meeting("New"), "seed")
    )
    assert isinstance(first, Written) and isinstance(second, Failed) and isinstance(third, Written)
    assert isinstance(second.error, ReadOnly) and world.sandbox.mails_sent == ()


def test_no_write_of_a_whole_day_mails_anybody(world: World) -> None:
    refs: list[Ref] = [world.makes(f"Meeting {n}", attendees=[GUEST] if n % 2 else []) for n in range(6)]
    for item in [world.read(ref) for ref in refs]:
        world.write(change(item, title="Ours"), Delete(item.ref, None))
        world.write(Restore(item.ref, item.content, f"seed {item.ref.id}"))
    assert world.sandbox.mails_sent == ()
