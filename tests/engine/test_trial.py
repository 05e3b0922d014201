"""The test of a sync, and what one that was killed half way leaves behind (PD-2)."""

from __future__ import annotations

import pytest

from soroe.core.event import Side
from soroe.core.route import Direction
from soroe.engine.trial import TestTitle, clean_up, left_behind, test_sync
from soroe.ports.errors import PortError
from soroe.ports.remote import Create, Write
from tests.builders import Laptop

TITLE = TestTitle("Test of Soroe", "Test of Soroe")


class Dies(BaseException):
    """The power goes."""


def killed(side: Side) -> Laptop:
    """A laptop whose test was killed as soon as the item of a side was made."""
    laptop = Laptop()
    service = laptop.crm if side is Side.CRM else laptop.calendar

    def die(write: Write) -> PortError | None:
        if isinstance(write, Create) and write.stamp is None:
            raise Dies
        return None

    service.after_write = die
    with pytest.raises(Dies):
        test_sync(laptop.joint(), laptop.store, TITLE)
    service.after_write = None
    return laptop


def turned(laptop: Laptop, direction: Direction) -> Laptop:
    """The same laptop, with another direction."""
    return Laptop(laptop.crm, laptop.calendar, clock=laptop.clock, store=laptop.store, direction=direction)


@pytest.mark.parametrize("side", list(Side))
def test_what_a_killed_test_left_behind_is_removed(side: Side) -> None:
    laptop = killed(side)
    assert left_behind(laptop.store, laptop.route.name)
    clean_up(laptop.joint(), laptop.store)
    assert (laptop.crm.items, laptop.calendar.items) == ({}, {})
    assert not left_behind(laptop.store, laptop.route.name)


@pytest.mark.parametrize(
    ("side", "direction"), [(Side.CRM, Direction.CRM_TO_CALENDAR), (Side.CALENDAR, Direction.CALENDAR_TO_CRM)]
)
def test_where_the_direction_forbids_it_by_now_it_stays_until_it_may_be_removed(
    side: Side, direction: Direction
) -> None:
    laptop = killed(side)
    one_way = turned(laptop, direction)
    clean_up(one_way.joint(), one_way.store)
    one_way.until_quiet()
    clean_up(one_way.joint(), one_way.store)
    assert left_behind(laptop.store, laptop.route.name)
    clean_up(laptop.joint(), laptop.store)
    assert (laptop.crm.items, laptop.calendar.items) == ({}, {})
