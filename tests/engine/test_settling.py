"""When results of writes are written down: together where that is cheap, but soon; at once where something is amiss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from soroe.engine.apply import AT_ONCE, MOST
from soroe.ports.errors import ItemRejected, PortError, SignInRequired
from soroe.ports.remote import Write
from tests.builders import Laptop, meeting
from tests.fakes.capabilities import GOOGLE_LIKE, REST_LIKE
from tests.fakes.clock import Clock
from tests.fakes.service import FakeService

BATCH = 50


def busy_laptop(activities: int) -> Laptop:
    """An installation that is to make so many events, of which the service takes fifty at a time."""
    clock = Clock()
    crm = FakeService(replace(REST_LIKE, batch=BATCH), clock)
    calendar = FakeService(replace(GOOGLE_LIKE, batch=BATCH), clock)
    for number in range(activities):
        crm.user_creates(meeting(f"Visit {number}"), activity_type="meeting")
    return Laptop(crm, calendar, clock=clock)


def known_before_each(laptop: Laptop, then: Callable[[int], PortError | None] = lambda _: None) -> list[int]:
    """How many links were written down before each write was sent; `then` may spoil the write of that number."""
    known: list[int] = []

    def look(_: Write) -> PortError | None:
        known.append(laptop.joint().store.link_count())
        return then(len(known) - 1)

    laptop.calendar.before_write = look
    return known


def test_results_of_several_batches_are_written_down_together() -> None:
    laptop = busy_laptop(MOST + BATCH)
    known = known_before_each(laptop)
    assert laptop.run().record.created == (0, MOST + BATCH)
    assert set(known) == {0, MOST}
    assert laptop.run().converged


def test_results_wait_a_few_seconds_at_most() -> None:
    laptop = busy_laptop(MOST)

    def slowly(number: int) -> None:
        laptop.clock.later(seconds=AT_ONCE / timedelta(seconds=1) if number == BATCH else 0)

    known = known_before_each(laptop, slowly)
    laptop.run()
    assert known == [0] * 2 * BATCH + [2 * BATCH] * (MOST - 2 * BATCH)


def test_results_do_not_wait_for_a_clock_that_was_put_back() -> None:
    laptop = busy_laptop(MOST)

    def put_back(number: int) -> None:
        laptop.clock.later(hours=-1 if number == 0 else 0)

    known = known_before_each(laptop, put_back)
    laptop.run()
    assert known[BATCH] == BATCH


def test_a_refused_item_is_written_down_with_its_batch() -> None:
    laptop = busy_laptop(MOST)
    known = known_before_each(laptop, lambda number: ItemRejected("invalid", "title") if number == 3 else None)
    result = laptop.run()
    assert (result.record.created, result.record.failed) == ((0, MOST - 1), 1)
    assert known[BATCH] == BATCH - 1


def test_what_was_made_before_a_trouble_is_kept_and_nothing_more_is_sent() -> None:
    laptop = busy_laptop(MOST + BATCH)
    known = known_before_each(laptop, lambda number: SignInRequired("expired") if number == 2 * BATCH + 1 else None)
    result = laptop.run()
    assert isinstance(result.trouble, SignInRequired)
    made = len(laptop.calendar.items)
    assert laptop.joint().store.link_count() == made >= 2 * BATCH
    assert len(known) <= 3 * BATCH
    laptop.calendar.before_write = None
    laptop.until_quiet()
    assert len(laptop.calendar.items) == MOST + BATCH
