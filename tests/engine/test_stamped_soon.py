"""A twin that was just made is followed by its event's stamp, long before all others are made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soroe.core.dialect import PIPEDRIVE
from soroe.core.event import ObservedItem, Side
from soroe.core.plan import Why
from soroe.core.stamp import decode
from soroe.engine.apply import AT_ONCE, FEWEST
from soroe.engine.run import Run
from soroe.ports.errors import PortError, SignInRequired
from soroe.ports.remote import Write
from tests.builders import Laptop, meeting
from tests.fakes.capabilities import GOOGLE_LIKE, PIPEDRIVE_LIKE
from tests.fakes.clock import Clock
from tests.fakes.service import FakeService


def laptop_with(events: int) -> Laptop:
    """An installation that is to make so many activities, one by one."""
    clock = Clock()
    crm, calendar = FakeService(PIPEDRIVE_LIKE, clock), FakeService(GOOGLE_LIKE, clock)
    for number in range(events):
        calendar.user_creates(meeting(f"Visit {number}"))
    return Laptop(crm, calendar, clock=clock, dialect=PIPEDRIVE)


def stamped(laptop: Laptop) -> int:
    """How many events name their partner."""
    return sum(decode(item.stamp) is not None for item in laptop.calendar.items.values())


def test_events_are_stamped_while_others_are_still_to_be_made() -> None:
    laptop = laptop_with(3 * FEWEST)
    seen: list[int] = []

    def look(_: Write) -> PortError | None:
        seen.append(stamped(laptop))
        return None

    laptop.crm.before_write = look
    assert laptop.run().record.created == (3 * FEWEST, 0)
    assert seen[-1] >= FEWEST
    assert stamped(laptop) == 3 * FEWEST
    assert laptop.run().converged


def test_history_and_reasons_tell_of_the_stamps() -> None:
    laptop = laptop_with(2)
    run = laptop.run().record.id
    store = laptop.joint().store
    whys = [change.why for change in store.changes(run)]
    assert whys.count(Why.NEW_IN_CALENDAR) == 2
    assert whys.count(Why.STAMPED) == 2 * 2  # the claim, and what took its place
    assert {store.why(Side.CALENDAR, ref) for ref in laptop.calendar.items} == {Why.STAMPED}
    assert not store.dirty(10)


@pytest.mark.parametrize("slowly", [False, True])
def test_a_sync_that_breaks_off_before_the_stamps_makes_up_for_them(slowly: bool) -> None:
    laptop = laptop_with(6)
    made: list[Write] = []

    def break_off(write: Write) -> PortError | None:
        made.append(write)
        laptop.clock.later(seconds=AT_ONCE / timedelta(seconds=1) if slowly else 0)
        return SignInRequired("expired") if len(made) == 4 else None

    laptop.crm.before_write = break_off
    assert laptop.run().trouble is not None
    assert stamped(laptop) == 0
    laptop.crm.before_write = None
    laptop.run()
    assert stamped(laptop) == len(laptop.crm.items) == 6


def test_deciding_anew_about_what_was_stamped_at_once_finds_nothing() -> None:
    laptop = laptop_with(3)
    laptop.run()
    laptop.joint().store.mark_all_dirty()
    plan = Run(laptop.joint()).plan()
    assert len(plan.decisions) == 3
    assert not plan.actions
    assert not [finding for decision in plan.decisions for finding in decision.findings]


def test_an_event_that_somebody_changes_before_its_stamp_is_carried_over() -> None:
    laptop = laptop_with(2)
    first = min(laptop.calendar.items)

    def change(_: Write) -> PortError | None:
        if laptop.calendar.items[first].content.title.startswith("Visit"):
            laptop.calendar.user_changes(first, title="Moved on")
        return None

    laptop.crm.before_write = change
    laptop.until_quiet()
    titles = sorted(item.content.title for item in laptop.crm.items.values())
    assert titles[0] == "Moved on"
    assert stamped(laptop) == len(titles) == 2
    twin = laptop.joint().store.link(Side.CALENDAR, first)
    assert twin is not None
    assert isinstance(laptop.crm.read(twin.crm), ObservedItem)
