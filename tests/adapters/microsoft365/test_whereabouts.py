"""Graph finds an event by its id wherever it lies, and whichever calendar is asked for it: the adapter does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from soroe.core.event import ContainerId, ObservedItem, Ref, Tombstone, Unreadable, occurrence_id
from soroe.ports.errors import ChangedMeanwhile, PortError, RetryLater, ServiceFault
from soroe.ports.remote import Delete, Erased, Failed, Restore, Written
from soroe.sandbox.faults import Answer
from tests.contracts.microsoft365_stand import SATO
from tests.contracts.stand import meeting

from .conftest import World
from .test_feed import WEEKLY

MIDNIGHT = {"dateTime": "2026-05-12T00:00:00", "timeZone": "Asia/Tokyo"}
NEXT = {"dateTime": "2026-05-13T00:00:00", "timeZone": "Asia/Tokyo"}
ELSEWHERE = {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/me/calendarView?$skiptoken=x"}


def second_of(series: Ref) -> Ref:
    """The second occurrence of a weekly series."""
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 19, 1)))


def renamed_second_of(world: World, series: Ref) -> Ref:
    """The same, after a person has renamed it."""
    (shown,) = world.sandbox.occurrences(SATO, "2026-05-19T00:00:00Z", "2026-05-20T00:00:00Z")
    world.sandbox.user_renames(SATO, shown["id"], "Visit, upstairs")
    return second_of(series)


def makes_without_first(world: World) -> Ref:
    """A series that has lost its first occurrence."""
    series = world.makes(**WEEKLY)
    (shown,) = world.sandbox.occurrences(SATO, "2026-05-12T00:00:00Z", "2026-05-13T00:00:00Z")
    world.sandbox.user_deletes(SATO, shown["id"])
    return series


EVERY: dict[str, Callable[[World], Ref]] = {
    "single": lambda world: world.makes(),
    "all-day": lambda world: world.makes(isAllDay=True, start=MIDNIGHT, end=NEXT),
    "of no length": lambda world: world.makes(end={"dateTime": "2026-05-12T10:00:00", "timeZone": "Asia/Tokyo"}),
    "series": lambda world: world.makes(**WEEKLY),
    "series without its first": makes_without_first,
    "occurrence": lambda world: second_of(world.makes(**WEEKLY)),
    "renamed occurrence": lambda world: renamed_second_of(world, world.makes(**WEEKLY)),
}
ANY_EVENT = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
WHOLE = pytest.mark.parametrize("more", [{}, WEEKLY], ids=["single", "series"])


def drags(world: World, ref: Ref) -> Ref:
    """A person drags an event, or the whole of its series, to another calendar."""
    other = ContainerId(world.sandbox.add_calendar(SATO, "Other"))
    world.sandbox.user_moves(SATO, ref.id.partition("#")[0], other)
    return Ref(other, ref.id)


@pytest.mark.usefixtures("any_graph")
@ANY_EVENT
def test_an_event_is_read_in_the_calendar_that_it_is_in_and_in_no_other(
    world: World, make: Callable[[World], Ref]
) -> None:
    ref = make(world)
    before = world.read(ref)
    there = drags(world, ref)
    assert world.calendar.read(ref) == Tombstone(ref)
    after = world.read(there)
    assert (after.content, after.created_at) == (before.content, before.created_at)
    world.sandbox.user_moves(SATO, ref.id.partition("#")[0], ref.container)
    assert world.read(ref).content == before.content
    assert world.calendar.read(there) == Tombstone(there)


@pytest.mark.usefixtures("any_graph")
@WHOLE
def test_an_event_that_was_dragged_away_is_gone_here_and_told_there(world: World, more: dict[str, Any]) -> None:
    ref = world.makes(**more)
    _, cursor = world.seen()
    there = drags(world, ref)
    seen, _ = world.seen(cursor)
    assert Tombstone(ref) in seen
    assert not any(isinstance(one, ObservedItem) for one in seen)
    assert world.read(there) in world.seen(container=there.container)[0]


@WHOLE
def test_an_event_that_was_dragged_there_and_back_is_no_deletion(world: World, more: dict[str, Any]) -> None:
    """With ids that stay, Graph may tell of such an event only that it was removed."""
    ref = world.makes(**more)
    _, cursor = world.seen()
    world.sandbox.lies.call_removed(ref.id)
    seen, _ = world.seen(cursor)
    assert world.read(ref) in seen
    assert not any(isinstance(one, Tombstone) for one in seen)


@WHOLE
def test_a_deleted_event_is_gone_though_graph_still_finds_it(world: World, more: dict[str, Any]) -> None:
    world.sandbox.find_deleted_events()
    ref = world.makes(**more)
    _, cursor = world.seen()
    world.sandbox.user_deletes(SATO, ref.id)
    assert world.calendar.read(ref) == Tombstone(ref)
    assert Tombstone(ref) in world.seen(cursor)[0]
    assert world.write(Delete(ref, None)) == [Erased(ref)]
    assert world.calendar.read(ref) == Tombstone(ref)


def test_a_deleted_event_is_made_anew_and_not_changed_where_it_lies(world: World) -> None:
    world.sandbox.find_deleted_events()
    ref = world.makes()
    world.sandbox.user_deletes(SATO, ref.id)
    (done,) = world.write(Restore(ref, meeting("Visit"), "seed-1"))
    assert isinstance(done, Written)
    assert done.item.ref != ref
    assert world.read(done.item.ref).content.title == "Visit"


def test_an_event_that_was_dragged_away_since_it_was_read_is_not_deleted_there(world: World) -> None:
    before = world.read(world.makes())
    there = drags(world, before.ref)
    (done,) = world.write(Delete(before.ref, before.version))
    assert isinstance(done, Failed)
    assert isinstance(done.error, ChangedMeanwhile)
    assert world.read(there).content == before.content


@pytest.mark.parametrize(
    ("told", "trouble"),
    [
        (Answer.as_json(200, ELSEWHERE), RetryLater),
        (Answer.as_json(200, {}), ServiceFault),
        (Answer.as_json(503, {"error": {"code": "ServiceUnavailable", "message": "x"}}), RetryLater),
    ],
    ids=["cut short", "no listing", "busy"],
)
@pytest.mark.parametrize(("more", "path"), [({}, "calendarView"), (WEEKLY, r"/events\?")], ids=["single", "series"])
def test_a_listing_that_cannot_be_read_to_its_end_is_no_sign_that_an_event_is_gone(
    world: World, more: dict[str, Any], path: str, told: Answer, trouble: type[PortError]
) -> None:
    ref = world.makes(**more)
    world.sandbox.faults.add(told, "GET", path)
    with pytest.raises(trouble):
        world.calendar.read(ref)
    assert world.read(ref).content.title == "Visit"


def test_another_event_s_answer_is_no_sign_that_an_event_is_gone(world: World) -> None:
    ref, other = world.makes(), world.makes("Call")
    _, cursor = world.seen()
    entry = next(one for one in world.sandbox.events(SATO) if one["id"] == other.id)
    world.sandbox.lies.call_removed(ref.id)
    world.sandbox.faults.add(Answer.as_json(200, entry), "GET", "/events/")
    assert [type(one) for one in world.seen(cursor)[0]] == [Unreadable]


def test_events_said_to_be_gone_are_looked_for_together(world: World) -> None:
    refs = [world.makes(f"Visit {number}", hour=8 + number) for number in range(10)]
    _, cursor = world.seen()
    for ref in refs:
        world.sandbox.lies.call_removed(ref.id)
    before = world.asked()
    seen, _ = world.seen(cursor)
    assert {one.ref for one in seen if isinstance(one, ObservedItem)} == set(refs)
    batches = [one for one in list(world.sandbox.requests)[before:] if one.path.endswith("/$batch")]
    assert len(batches) == 2


ANOTHER_MAILBOX = Answer.as_json(400, {"error": {"code": "ErrorInvalidMailboxItemId", "message": "x"}})


@pytest.mark.parametrize("make", [EVERY["single"], EVERY["occurrence"]], ids=["single", "occurrence"])
def test_an_event_of_ones_own_is_in_no_colleague_s_calendar(world: World, make: Callable[[World], Ref]) -> None:
    world.sandbox.add_account("suzuki@example.com", "Suzuki")
    hers = ContainerId(world.sandbox.calendar_id("suzuki@example.com"))
    world.sandbox.share("suzuki@example.com", hers, SATO)
    there = Ref(hers, make(world).id)
    assert world.calendar.read(there) == Tombstone(there)
    world.sandbox.faults.add(ANOTHER_MAILBOX, "GET", "/events/", times=-1)
    assert world.calendar.read(there) == Tombstone(there)


def test_an_event_that_its_own_calendar_names_is_not_gone_because_of_its_mailbox(world: World) -> None:
    world.makes()
    world.sandbox.faults.add(ANOTHER_MAILBOX, "GET", "/events/", times=-1)
    with pytest.raises(ServiceFault):
        world.seen()
