"""Feeds that lie, through the real adapters: nothing is deleted on their word (S-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soroe.sandbox.crm.feed import EmptyPage, ExpiredCursor, FalseTombstones, TruncatedPage
from soroe.sandbox.faults import Answer
from soroe.sandbox.google import errors
from tests.end_to_end.calendars import WORLDS
from tests.end_to_end.crms import EMAIL, EsalesCrm, PipedriveCrm, tomorrow
from tests.end_to_end.homes import Installation, World

Install = Callable[..., Installation]
Lie = Callable[[World], None]
NUMBER = 12
LIST = r"/events\?"
"""A list of Google's events, and not one of them."""


def linked(world: World, install: Install) -> Installation:
    """A laptop in step, half of the meetings made on each side."""
    for number in range(NUMBER):
        if number % 2:
            world.side.creates(f"Visit {number:02}", tomorrow(9, 1 + number))
        else:
            world.calendar.creates(f"Visit {number:02}", tomorrow(9, 1 + number))
    laptop = install()
    laptop.settle()
    return laptop


def nothing_was_deleted(world: World, laptop: Installation) -> None:
    """Whatever the runs came to, every meeting is on both sides, once; and after the lies both are in step again."""
    titles = [f"Visit {number:02}" for number in range(NUMBER)]
    for _ in range(3):
        laptop.run()
        assert world.titles() == (titles, titles)
    laptop.settle()
    assert laptop.run().record.deleted == (0, 0)
    assert [request.path for request in world.side.requests.all("DELETE")] == []
    assert world.calendar.deletions() == []


@pytest.mark.parametrize("lie", ["empty list", "empty changes", "truncated list", "nearly whole list"])
@pytest.mark.parametrize("world", WORLDS, indirect=True)
def test_nothing_is_deleted_when_a_calendars_feed_lies(world: World, install: Install, lie: str) -> None:
    laptop = linked(world, install)
    world.calendar.lies(NUMBER)[lie]()
    nothing_was_deleted(world, laptop)


def gone_while_paging(world: World) -> None:
    world.google.expire_sync_tokens()
    world.google.lies.hostile_paging = True
    world.google.lies.gone_while_paging(2)


def repeated_items(world: World) -> None:
    world.google.expire_sync_tokens()
    world.google.lies.repeat_items(3)


def expired_again_and_again(world: World) -> None:
    error = errors.full_sync_required()
    world.google.refuse(error, "GET", LIST, times=2)


def cancelled_though_alive(world: World) -> None:
    events = world.google.events(EMAIL)
    lies = [{"id": event["id"], "status": "cancelled", "etag": '"9"'} for event in events]
    world.google.faults.add(Answer.as_json(200, {"items": lies, "nextSyncToken": "made-up"}), "GET", LIST)


def list_without_end(world: World) -> None:
    world.google.expire_sync_tokens()
    world.google.faults.add(Answer.as_json(200, {"items": []}), "GET", LIST, times=2, skip=1)


def items_missing(world: World) -> None:
    world.google.expire_sync_tokens()
    world.google.faults.add(Answer.as_json(200, {"nextSyncToken": "made-up"}), "GET", LIST, skip=1)


@pytest.mark.parametrize(
    "lie",
    [
        gone_while_paging,
        repeated_items,
        expired_again_and_again,
        cancelled_though_alive,
        list_without_end,
        items_missing,
    ],
)
def test_nothing_is_deleted_when_googles_feed_lies(world: World, install: Install, lie: Lie) -> None:
    laptop = linked(world, install)
    lie(world)
    nothing_was_deleted(world, laptop)


def crm_empty(world: World) -> None:
    world.crm.lie(ExpiredCursor())  # told first, so that the next lie is about a full listing
    world.crm.lie(EmptyPage())


def crm_empty_changes(world: World) -> None:
    world.crm.lie(EmptyPage())


def crm_truncated(world: World) -> None:
    world.crm.lie(ExpiredCursor())  # told first, so that the next lie is about a full listing
    world.crm.lie(TruncatedPage(3))


def crm_expired_twice(world: World) -> None:
    world.crm.lie(ExpiredCursor())
    world.crm.lie(ExpiredCursor())


def crm_false_tombstones(world: World) -> None:
    world.crm.lie(FalseTombstones(tuple(activity.id for activity in world.crm.activities())))


def crm_false_tombstones_in_a_listing(world: World) -> None:
    world.crm.lie(ExpiredCursor())  # told first, so that the next lie is about a full listing
    world.crm.lie(FalseTombstones(tuple(activity.id for activity in world.crm.activities())[:5]))


@pytest.mark.parametrize(
    "lie",
    [
        crm_empty,
        crm_empty_changes,
        crm_truncated,
        crm_expired_twice,
        crm_false_tombstones,
        crm_false_tombstones_in_a_listing,
    ],
)
def test_nothing_is_deleted_when_the_crms_feed_lies(world: World, install: Install, lie: Lie) -> None:
    laptop = linked(world, install)
    lie(world)
    nothing_was_deleted(world, laptop)


@pytest.mark.parametrize("world", ["pipedrive"], indirect=True)
@pytest.mark.parametrize("forgotten", [False, True])
def test_nothing_is_deleted_when_pipedrive_lists_nothing(world: World, install: Install, forgotten: bool) -> None:
    laptop = linked(world, install)
    assert isinstance(world.side, PipedriveCrm)
    if forgotten:  # the daily listing of everything, not only of what changed
        sync = laptop.joint().store
        container = laptop.joint().crm.containers[0]
        sync.set_cursor(laptop.joint().crm.side, container, None)
    world.side.box.list_nothing(2)
    nothing_was_deleted(world, laptop)


@pytest.mark.parametrize("world", ["esales"], indirect=True)
@pytest.mark.parametrize("keep", [0, 3, NUMBER - 1])
@pytest.mark.parametrize("forgotten", [False, True])
def test_nothing_is_deleted_when_esales_lists_too_little(
    world: World, install: Install, keep: int, forgotten: bool
) -> None:
    laptop = linked(world, install)
    assert isinstance(world.side, EsalesCrm)
    if forgotten:  # the hourly listing of everything, not only of what changed
        sync = laptop.joint().store
        sync.set_cursor(laptop.joint().crm.side, laptop.joint().crm.containers[0], None)
    world.side.box.list_only(keep, times=2)
    nothing_was_deleted(world, laptop)


def test_both_feeds_empty_at_once_delete_nothing(world: World, install: Install) -> None:
    laptop = linked(world, install)
    world.calendar.lies(NUMBER)["empty list"]()
    crm_empty(world)
    nothing_was_deleted(world, laptop)
