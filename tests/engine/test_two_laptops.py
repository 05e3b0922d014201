"""Two laptops sync the same accounts at the same time: nothing is doubled (S-2), whichever of them writes when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import ReadOnlyCause, Recurrence, Ref, Side, occurrence_id
from soroe.core.route import Direction
from soroe.core.stamp import decode, read_claim
from soroe.engine.joint import STILL_OURS
from soroe.engine.run import RunResult
from soroe.engine.undo import undo
from soroe.ports.errors import PortError, RetryLater
from soroe.ports.remote import Capabilities, Create, Update, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .world import WINDOW

SHOWN = (WINDOW.first, WINDOW.last)
PAIRS = pytest.mark.parametrize(
    ("crm", "dialect"), [(REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE)], ids=["any-crm", "pipedrive"]
)


class Office:
    """One person's accounts and her two laptops."""

    def __init__(self, crm: Capabilities = PIPEDRIVE_LIKE, dialect: Dialect = PIPEDRIVE, **choices: object) -> None:
        self.clock = Clock()
        self.crm = FakeService(crm, self.clock)
        self.calendar = FakeService(GOOGLE_LIKE, self.clock)
        self.desk, self.travel = (
            Laptop(self.crm, self.calendar, clock=self.clock, dialect=dialect, installation=name, **choices)  # type: ignore[arg-type]  # choices of a route
            for name in ("desk", "travel")
        )

    def at_write(self, number: int, act: Callable[[], object], *, after: bool) -> Iterator[bool]:
        """Let something happen at the so-manieth write to either service; tells whether it came to that."""
        left = [number]

        def hook(_write: Write) -> PortError | None:
            left[0] -= 1
            if left[0] == -1:
                act()
            return None

        for service in (self.crm, self.calendar):
            setattr(service, "after_write" if after else "before_write", hook)
        yield True
        for service in (self.crm, self.calendar):
            service.before_write = service.after_write = None
        yield left[0] < 0

    def rest(self) -> None:
        """Both laptops sync until nothing is left to do."""
        for laptop in (self.desk, self.travel, self.desk):
            self.clock.later(minutes=11)
            laptop.until_quiet()
        assert self.travel.run().converged


def fill(office: Office) -> int:
    """Meetings of all kinds on both sides; returns how many there are."""
    office.calendar.user_creates(meeting("Dentist", at(14)))
    office.calendar.user_creates(meeting("Review", at(16), description="numbers"))
    office.calendar.user_creates(meeting("Board", at(17)), read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    office.calendar.user_creates(meeting("Stand-up", at(9), recurrence=Recurrence(("FREQ=DAILY;COUNT=3",))))
    return 7


@PAIRS
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_other_laptop_may_sync_at_any_write_and_nothing_is_doubled(
    crm: Capabilities, dialect: Dialect, after: bool
) -> None:
    number, reached = 0, True
    while reached:
        office = Office(crm, dialect)
        meetings = fill(office)
        moment = office.at_write(number, office.travel.run, after=after)
        next(moment)
        office.desk.run()
        reached = next(moment)
        office.rest()
        shown = office.crm.shown(*SHOWN), office.calendar.shown(*SHOWN)
        assert [len(side) for side in shown] == [meetings, meetings], f"at write {number}"
        number += 1
    assert number > 5


@PAIRS
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_laptop_may_die_at_any_write_and_the_other_goes_on(crm: Capabilities, dialect: Dialect, after: bool) -> None:
    number, died = 0, True
    while died:
        office = Office(crm, dialect)
        meetings = fill(office)
        moment = office.at_write(number, die, after=after)
        next(moment)
        died = crashes(office.desk.run)
        next(moment)
        for _ in range(3):
            office.travel.run()
            office.clock.later(minutes=4)
        office.rest()
        shown = office.crm.shown(*SHOWN), office.calendar.shown(*SHOWN)
        assert [len(side) for side in shown] == [meetings, meetings], f"at write {number}"
        assert not office.desk.joint().store.open_changes()
        number += 1
    assert number > 5


def test_a_fresh_claim_of_another_laptop_is_waited_for() -> None:
    office = Office()
    office.calendar.user_creates(meeting("Dentist"))
    answers: list[RunResult] = []
    moment = office.at_write(1, lambda: answers.append(office.travel.run()), after=False)
    next(moment)
    office.desk.run()
    next(moment)
    (waited,) = answers
    assert (waited.trouble, waited.record.failed, waited.record.created) == (None, 0, (0, 0))
    assert not waited.converged
    assert len(office.crm.items) == 1


def test_the_claim_gives_way_to_a_stamp_in_the_same_run() -> None:
    office = Office()
    event = office.calendar.user_creates(meeting("Dentist"))
    office.desk.run()
    (activity,) = office.crm.items
    stamp = decode(office.calendar.items[event].stamp)
    assert stamp is not None
    assert stamp.partner.endswith(str(activity.id))
    assert stamp.original
    assert office.desk.run().converged


def test_an_abandoned_claim_is_taken_over_after_ten_minutes() -> None:
    office = Office()
    event = office.calendar.user_creates(meeting("Dentist"))
    office.crm.before_write = lambda _write: RetryLater("unreachable")
    office.desk.run()
    office.crm.before_write = None
    assert read_claim(office.calendar.items[event].stamp, office.desk.route.key) is not None
    assert office.travel.run().record.created == (0, 0)
    office.clock.later(minutes=9)
    assert office.travel.run().record.created == (0, 0)
    office.clock.later(minutes=2)
    assert office.travel.run().record.created == (1, 0)
    office.rest()
    assert len(office.crm.items) == 1


def test_whoever_takes_a_claim_over_finds_what_was_made_before() -> None:
    office = Office()
    event = office.calendar.user_creates(meeting("Dentist"))
    moment = office.at_write(1, die, after=True)
    next(moment)
    assert crashes(office.desk.run)
    next(moment)
    office.clock.later(minutes=11)
    office.travel.until_quiet()
    assert len(office.crm.items) == 1
    (activity,) = office.crm.items
    assert office.travel.joint().store.link(Side.CALENDAR, event) is not None
    assert office.travel.joint().store.link(Side.CRM, activity) is not None


def test_a_laptop_that_slept_between_claim_and_create_does_not_build_on_its_claim() -> None:
    office = Office()
    office.calendar.user_creates(meeting("Dentist"))

    def sleep() -> None:
        office.clock.later(minutes=30)
        office.travel.run()

    moment = office.at_write(0, sleep, after=True)
    next(moment)
    office.desk.run()
    next(moment)
    office.rest()
    assert len(office.crm.items) == 1


def test_claimed_creates_are_handed_over_together_and_each_is_sent_only_as_long_as_its_claim_is_ours() -> None:
    office = Office()
    for number in range(23):
        office.calendar.user_creates(meeting(f"Visit {number}"))
    office.desk.run()
    assert office.crm.handed == [10, 10, 3]
    (until,) = {write.until for write in office.crm.written if isinstance(write, Create)}
    assert until is not None
    assert timedelta() <= office.clock() + STILL_OURS - until < timedelta(minutes=1)


def test_unclaimed_creates_are_handed_over_one_by_one() -> None:
    office = Office(direction=Direction.CALENDAR_TO_CRM)
    for number in range(3):
        office.calendar.user_creates(meeting(f"Visit {number}"))
    office.desk.run()
    assert office.crm.handed == [1, 1, 1]


def test_a_laptop_that_slept_between_two_creates_leaves_the_rest_to_whoever_took_its_claims_over() -> None:
    office = Office()
    for number in range(4):
        office.calendar.user_creates(meeting(f"Visit {number}"))

    def sleep() -> None:
        office.clock.later(minutes=30)
        office.travel.run()

    moment = office.at_write(4, sleep, after=True)
    next(moment)
    office.desk.run()
    assert next(moment)
    assert sum(isinstance(write, Create) for write in office.crm.written) == 4
    office.rest()
    assert len(office.crm.items) == 4


def test_a_laptop_that_slept_in_the_middle_of_its_create_takes_its_own_extra_away() -> None:
    office = Office()
    event = office.calendar.user_creates(meeting("Dentist"))

    def sleep() -> None:
        office.clock.later(minutes=30)
        office.travel.run()

    moment = office.at_write(1, sleep, after=False)
    next(moment)
    office.desk.run()
    next(moment)
    office.rest()
    assert len(office.crm.items) == 1
    (activity,) = office.crm.items
    for laptop in (office.desk, office.travel):
        link = laptop.joint().store.link(Side.CALENDAR, event)
        assert link is not None
        assert link.crm == activity


def test_of_two_unclaimable_creates_the_smaller_stays() -> None:
    office = Office(direction=Direction.CALENDAR_TO_CRM)
    event = office.calendar.user_creates(meeting("Dentist"))
    moment = office.at_write(0, office.travel.run, after=False)
    next(moment)
    office.desk.run()
    next(moment)
    office.rest()
    created = [write for write in office.crm.written if isinstance(write, Create)]
    assert len(created) == 2
    assert [ref.id for ref in office.crm.items] == ["crm0001"]
    link = office.desk.joint().store.link(Side.CALENDAR, event)
    assert link is not None
    assert link.crm == next(iter(office.crm.items))
    assert office.calendar.written == []


def test_a_persons_own_lookalike_is_not_taken_for_a_rival() -> None:
    office = Office(direction=Direction.CALENDAR_TO_CRM)
    office.crm.user_creates(meeting("Lunch"), activity_type="meeting")
    office.crm.user_creates(meeting("Lunch"), activity_type="meeting")
    office.calendar.user_creates(meeting("Dentist", at(15)))
    office.desk.run()
    assert len(office.crm.items) == 3


def test_claims_and_stamps_touch_no_field_that_a_person_sees() -> None:
    office = Office()
    event = office.calendar.user_creates(meeting("Dentist", description="room 3"))
    before = office.calendar.items[event].content
    office.rest()
    assert office.calendar.items[event].content == before
    assert {write.fields for write in office.calendar.written if isinstance(write, Update)} == {()}


class Dies(BaseException):
    """The power goes."""


def die() -> None:
    raise Dies


def crashes(run: Callable[[], object]) -> bool:
    try:
        run()
    except Dies:
        return True
    return False


def test_an_occurrence_that_one_laptop_made_again_is_not_made_once_more_by_the_other() -> None:
    office = Office()
    series = office.calendar.user_creates(meeting("Stand-up", at(9), recurrence=Recurrence(("FREQ=DAILY;COUNT=2",))))
    office.rest()
    second = sorted(office.crm.items)[1]
    office.crm.user_deletes(second)
    occurrence = Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 13)))
    office.calendar.user_changes(occurrence, title="Stand-up, long")
    office.rest()
    assert sorted(content.title for content in office.crm.contents()) == ["Stand-up", "Stand-up, long"]


def test_what_the_other_laptop_made_is_not_counted_as_made_and_not_taken_back() -> None:
    office = Office(REST_LIKE, GENERIC)
    office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    moment = office.at_write(0, office.travel.run, after=False)
    next(moment)
    late = office.desk.run()
    assert next(moment)
    assert (late.record.created, late.record.linked) == ((0, 0), 1)
    assert not late.trouble
    result = undo(office.desk.joint(), late.record.id)
    assert (result.record.deleted, result.trouble) == ((0, 0), None)
    office.rest()
    assert [len(office.crm.items), len(office.calendar.items)] == [1, 1]


def test_the_laptop_that_made_it_takes_it_back() -> None:
    office = Office(REST_LIKE, GENERIC)
    office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    made: list[RunResult] = []
    moment = office.at_write(0, lambda: made.append(office.travel.run()), after=False)
    next(moment)
    office.desk.run()
    assert next(moment)
    assert made[0].record.created == (0, 1)
    result = undo(office.travel.joint(), made[0].record.id)
    assert result.record.deleted == (0, 1)
    office.rest()
    assert [len(office.crm.items), len(office.calendar.items)] == [1, 0]
