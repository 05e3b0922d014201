"""A run that is undone on one laptop, seen by another (S-7): what was the original of a twin stays, and rests."""

from __future__ import annotations

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import Ref, Side
from soroe.engine.undo import undo
from soroe.ports.remote import Capabilities, Delete, Write
from tests.builders import Laptop, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

CASES = pytest.mark.parametrize(
    ("crm", "dialect", "origin"),
    [
        (REST_LIKE, GENERIC, Side.CRM),
        (REST_LIKE, GENERIC, Side.CALENDAR),
        (PIPEDRIVE_LIKE, PIPEDRIVE, Side.CALENDAR),
    ],
    ids=["activity", "event", "event-pipedrive"],
)


class Office:
    """Two laptops on the same accounts, and one meeting that the first of them has carried over."""

    def __init__(self, crm: Capabilities, dialect: Dialect, origin: Side) -> None:
        self.clock, self.dialect = Clock(), dialect
        self.crm, self.calendar = FakeService(crm, self.clock), FakeService(GOOGLE_LIKE, self.clock)
        self.desk, self.travel = self.laptop("desk"), self.laptop("travel")
        self.origin = self.crm if origin is Side.CRM else self.calendar
        self.across = self.calendar if origin is Side.CRM else self.crm
        about = {"activity_type": "meeting"} if origin is Side.CRM else {}
        self.original = self.origin.user_creates(meeting("Visit"), **about)
        self.made = self.desk.run().record.id
        for laptop in (self.desk, self.travel):
            laptop.until_quiet()
            self.clock.later(minutes=15)

    def laptop(self, name: str) -> Laptop:
        """A laptop that knows nothing yet."""
        return Laptop(self.crm, self.calendar, clock=self.clock, dialect=self.dialect, installation=name)

    def undo(self) -> int:
        """Take back what the first laptop made; returns how many changes could not be taken back."""
        return len(undo(self.desk.joint(), self.made).skipped)

    def all_rest(self) -> None:
        """Whatever laptop looks, also one that is new: nothing is written any more."""
        for laptop in (self.travel, self.desk, self.laptop("new"), self.travel):
            self.clock.later(minutes=15)
            laptop.until_quiet()

    def left(self) -> tuple[list[Ref], list[Ref]]:
        """The items beside the original's twin, and across."""
        return list(self.origin.items), list(self.across.items)


@CASES
def test_the_original_stays_and_gets_no_twin_again(crm: Capabilities, dialect: Dialect, origin: Side) -> None:
    office = Office(crm, dialect, origin)
    assert office.undo() == 0
    assert office.left() == ([office.original], [])
    office.all_rest()
    assert office.left() == ([office.original], [])


@CASES
def test_a_change_of_the_original_is_a_new_wish(crm: Capabilities, dialect: Dialect, origin: Side) -> None:
    office = Office(crm, dialect, origin)
    office.undo()
    office.all_rest()
    office.clock.later(hours=1)
    office.origin.user_changes(office.original, description="agenda")
    office.travel.until_quiet()
    office.all_rest()
    assert (len(office.origin.items), len(office.across.items)) == (1, 1)


@CASES
def test_the_other_laptop_may_look_at_any_moment(crm: Capabilities, dialect: Dialect, origin: Side) -> None:
    office = Office(crm, dialect, origin)
    services = (office.origin, office.across)

    def look(_write: Write) -> None:
        hooks = [(service.before_write, service.after_write) for service in services]
        for service in services:
            service.before_write = service.after_write = None
        office.travel.run()
        for service, (before, after) in zip(services, hooks, strict=True):
            service.before_write, service.after_write = before, after

    for service in services:
        service.before_write = service.after_write = look
    assert office.undo() == 0
    for service in services:
        service.before_write = service.after_write = None
    office.all_rest()
    assert office.left() == ([office.original], [])


@CASES
def test_an_undo_that_ended_half_way_leaves_the_pair(crm: Capabilities, dialect: Dialect, origin: Side) -> None:
    office = Office(crm, dialect, origin)

    class Killed(BaseException):
        pass

    def die(write: Write) -> None:
        if isinstance(write, Delete):
            raise Killed

    office.across.before_write = die
    with pytest.raises(Killed):
        office.undo()
    office.across.before_write = None
    office.desk = office.laptop("desk")
    office.all_rest()
    assert (len(office.origin.items), len(office.across.items)) == (1, 1)
    assert office.travel.joint().store.link_count() == 1


def test_an_original_that_moved_on_just_then_is_not_parted_from_its_twin() -> None:
    office = Office(REST_LIKE, GENERIC, Side.CALENDAR)
    office.calendar.user_changes(office.original, description="agenda")
    assert office.undo() == 1
    assert len(office.crm.items) == 1
