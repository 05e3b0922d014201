"""Events that are moved between two synced calendars: they keep their ids, and with them whom they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE, SALESFORCE, Dialect
from soroe.core.event import (
    ContainerId,
    ObservedItem,
    ReadOnlyCause,
    Ref,
    Side,
    Tombstone,
    Unreadable,
    Visibility,
    Window,
)
from soroe.ports.errors import ReadOnly
from soroe.ports.remote import NOTHING_KNOWN, Capabilities, Create, Cursor, KnownVersions, Page, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.salesforce import STAMPED
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, SECOND_CALENDAR, FakeService

from .test_series import DAILY, both, day


class Mover(FakeService):
    """A calendar whose user moves events just before one of its calendars is read."""

    before_reading: tuple[ContainerId, Callable[[], object]] | None = None
    refused: ContainerId | None = None
    """A calendar of which only the listing may be read."""

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        if ref.container == self.refused:
            raise ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value)
        return super().read(ref)

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        if self.before_reading is not None and self.before_reading[0] == container:
            move, self.before_reading = self.before_reading[1], None
            move()
        return super().changes(container, cursor, window, known)


def with_mover(crm: Capabilities, dialect: Dialect) -> tuple[Laptop, Mover]:
    """An installation on one CRM and two calendars, whose user moves events at the worst moments."""
    clock = Clock()
    calendar = Mover(GOOGLE_LIKE, clock, (CALENDAR, SECOND_CALENDAR))
    laptop = Laptop(
        FakeService(crm, clock), calendar, clock=clock, dialect=dialect, calendars=(CALENDAR, SECOND_CALENDAR)
    )
    return laptop, calendar


def two_laptops(crm: Capabilities, dialect: Dialect) -> tuple[Laptop, Laptop]:
    """Two installations, the second of which has seen nothing yet, on one CRM and two calendars."""
    clock = Clock()
    calendars = (CALENDAR, SECOND_CALENDAR)
    calendar, activities = FakeService(GOOGLE_LIKE, clock, calendars), FakeService(crm, clock)
    first, second = (
        Laptop(activities, calendar, clock=clock, dialect=dialect, calendars=calendars, installation=name)
        for name in ("here", "new")
    )
    return first, second


def two_calendars() -> tuple[Laptop, Ref]:
    clock = Clock()
    calendar = FakeService(GOOGLE_LIKE, clock, (CALENDAR, SECOND_CALENDAR))
    laptop = Laptop(calendar=calendar, clock=clock, calendars=(CALENDAR, SECOND_CALENDAR))
    return laptop, calendar.user_creates(meeting("Visit"))


def test_an_event_moved_between_two_synced_calendars_keeps_its_link() -> None:
    laptop, event = two_calendars()
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    for target in (SECOND_CALENDAR, CALENDAR):
        event = laptop.calendar.user_moves(event, target)
        laptop.until_quiet()
        assert list(laptop.crm.items) == [activity]
        link = laptop.joint().store.link(Side.CRM, activity)
        assert link is not None
        assert link.calendar == event


def test_a_moved_series_keeps_its_links_too() -> None:
    laptop, _ = two_calendars()
    series = laptop.calendar.user_creates(meeting("Stand-up", recurrence=DAILY))
    laptop.calendar.user_changes(day(series, 1), title="Stand-up, long")
    laptop.until_quiet()
    before = sorted(laptop.crm.items)
    laptop.calendar.user_moves(series, SECOND_CALENDAR)
    laptop.until_quiet()
    assert sorted(laptop.crm.items) == before
    crm, calendar = both(laptop)
    assert crm == calendar


def test_a_moved_and_changed_event_brings_its_change_along() -> None:
    laptop, event = two_calendars()
    laptop.until_quiet()
    moved = laptop.calendar.user_moves(event, SECOND_CALENDAR)
    laptop.calendar.user_changes(moved, title="Visit, second floor")
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Visit, second floor"]


def test_a_moved_event_is_known_by_its_stamp_after_a_lost_database() -> None:
    laptop, event = two_calendars()
    laptop.until_quiet()
    laptop.calendar.user_moves(event, SECOND_CALENDAR)
    laptop.until_quiet()
    fresh = Laptop(
        laptop.crm, laptop.calendar, clock=laptop.clock, calendars=(CALENDAR, SECOND_CALENDAR), installation="new"
    )
    fresh.crm.user_changes(next(iter(fresh.crm.items)), title="Visit moved", when=at(16))
    fresh.until_quiet()
    assert len(fresh.crm.items) == len(fresh.calendar.items) == 1


CRMS = pytest.mark.parametrize(
    ("crm", "dialect"),
    [(REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE), (STAMPED, SALESFORCE)],
    ids=["any CRM", "Pipedrive", "Salesforce"],
)


@CRMS
@pytest.mark.parametrize("private", [False, True], ids=["plain", "private"])
@pytest.mark.parametrize("born", list(Side))
def test_a_laptop_that_never_saw_a_pair_knows_it_after_its_event_was_moved(
    born: Side, private: bool, crm: Capabilities, dialect: Dialect
) -> None:
    laptop, new = two_laptops(crm, dialect)
    if born is Side.CRM:
        laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    else:
        laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    changes = {"visibility": Visibility.PRIVATE} if private else {"title": "Lunch", "when": at(16)}
    laptop.calendar.user_changes(event, **changes)
    laptop.calendar.user_moves(event, SECOND_CALENDAR)
    new.until_quiet()
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1


@CRMS
def test_a_copy_in_another_calendar_is_a_meeting_of_its_own(crm: Capabilities, dialect: Dialect) -> None:
    laptop, new = two_laptops(crm, dialect)
    event = laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    copy = laptop.calendar.user_copies(event, title="Lunch", when=at(16))
    laptop.calendar.user_moves(copy, SECOND_CALENDAR)
    new.until_quiet()
    laptop.until_quiet()
    assert sorted(content.title for content in laptop.crm.contents()) == ["Lunch", "Visit"]
    assert sorted(content.title for content in laptop.calendar.contents()) == ["Lunch", "Visit"]
    assert {link.calendar for link in new.joint().store.links()} == set(laptop.calendar.items)


def test_a_claim_on_an_event_that_was_moved_since_is_waited_for() -> None:
    laptop, new = two_laptops(PIPEDRIVE_LIKE, PIPEDRIVE)
    event = laptop.calendar.user_creates(meeting("Visit"))

    def moved_and_seen_elsewhere(write: Write) -> None:
        if isinstance(write, Create):
            laptop.crm.before_write = None
            laptop.calendar.user_moves(event, SECOND_CALENDAR)
            new.run()

    laptop.crm.before_write = moved_and_seen_elsewhere
    laptop.until_quiet()
    new.until_quiet()
    assert [type(write) for write in laptop.crm.written] == [Create]
    assert len(laptop.calendar.items) == 1


@CRMS
@pytest.mark.parametrize("repeats", [False, True], ids=["single", "series"])
@pytest.mark.parametrize("moves", [(CALENDAR, SECOND_CALENDAR), (SECOND_CALENDAR, CALENDAR)], ids=["on", "back"])
def test_an_event_moved_between_the_readings_of_its_calendars_keeps_its_activity(
    moves: tuple[ContainerId, ContainerId], repeats: bool, crm: Capabilities, dialect: Dialect
) -> None:
    laptop, calendar = with_mover(crm, dialect)
    event = calendar.user_creates(meeting("Visit", recurrence=DAILY if repeats else None))
    if moves[0] != CALENDAR:
        event = calendar.user_moves(event, moves[0])
    laptop.until_quiet()
    before = sorted(laptop.crm.items)

    def move() -> None:
        calendar.user_changes(calendar.user_moves(event, moves[1]), title="Visit, second floor")

    calendar.before_reading = (SECOND_CALENDAR, move)
    for _ in range(3):
        laptop.run()
        assert sorted(laptop.crm.items) == before
    assert {content.title for content in laptop.crm.contents()} == {"Visit, second floor"}
    assert laptop.run().converged
    assert {link.calendar.container for link in laptop.joint().store.links()} == {moves[1]}


@CRMS
def test_one_event_in_two_calendars_is_told_by_each(crm: Capabilities, dialect: Dialect) -> None:
    """An invitation has one id in the calendars of all who are invited; gone from one, it is gone there."""
    laptop, calendar = with_mover(crm, dialect)
    event = calendar.user_creates(meeting("Visit"))
    calendar.user_invited(Ref(SECOND_CALENDAR, event.id), meeting("Visit"))
    laptop.until_quiet()
    calendar.user_deletes(event)
    laptop.until_quiet()
    assert list(calendar.items) == [Ref(SECOND_CALENDAR, event.id)]
    assert len(laptop.crm.items) == 1


@CRMS
def test_a_question_about_an_event_ends_with_it_though_its_link_goes_on(crm: Capabilities, dialect: Dialect) -> None:
    """An invitation to one's own meeting, in a colleague's calendar, has its id: the link goes on with that."""
    laptop, calendar = with_mover(crm, dialect)
    event = calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    calendar.user_invited(Ref(SECOND_CALENDAR, event.id), meeting("Visit"))
    laptop.until_quiet()
    assert [finding.cause for finding in laptop.joint().store.findings()] == ["duplicate"]
    calendar.user_deletes(event)
    laptop.until_quiet()
    assert [link.calendar.container for link in laptop.joint().store.links()] == [SECOND_CALENDAR]
    assert laptop.joint().store.findings() == []


@pytest.mark.parametrize(("crm", "dialect"), [(REST_LIKE, GENERIC), (STAMPED, SALESFORCE)], ids=["any", "Salesforce"])
def test_what_somebody_changed_while_a_twin_was_made_is_not_lost_where_the_event_was_moved(
    crm: Capabilities, dialect: Dialect
) -> None:
    """The twin is the younger one then, and has the older text; a calendar may take a move for no change."""
    laptop, new = two_laptops(crm, dialect)
    event = laptop.calendar.user_creates(meeting("Visit"))

    def changed_meanwhile(_write: Write) -> None:
        laptop.calendar.user_changes(event, title="Lunch")

    def killed(_write: Write) -> None:
        raise SystemExit

    laptop.crm.before_write, laptop.crm.after_write = changed_meanwhile, killed
    with pytest.raises(SystemExit):
        laptop.run()
    laptop.crm.before_write = laptop.crm.after_write = None
    changed_at = laptop.calendar.items[event].changed_at
    moved = laptop.calendar.user_moves(event, SECOND_CALENDAR)
    laptop.calendar.items[moved] = replace(laptop.calendar.items[moved], changed_at=changed_at)
    new.until_quiet()
    assert [content.title for content in laptop.calendar.contents()] == ["Lunch"]
    assert [content.title for content in laptop.crm.contents()] == ["Lunch"]


@CRMS
@pytest.mark.parametrize("born", list(Side))
def test_a_laptop_that_never_saw_a_pair_knows_on_which_side_it_was_born_after_a_move(
    born: Side, crm: Capabilities, dialect: Dialect
) -> None:
    laptop, new = two_laptops(crm, dialect)
    if born is Side.CRM:
        laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    else:
        laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_changes(laptop.calendar.user_moves(event, SECOND_CALENDAR), title="Lunch")
    new.until_quiet()
    assert [link.origin for link in new.joint().store.links()] == [born]


@CRMS
def test_pd_7_an_event_made_private_is_hidden_by_a_laptop_that_came_after_its_move(
    crm: Capabilities, dialect: Dialect
) -> None:
    """What was born in the CRM keeps its words there; this was born in the calendar."""
    laptop, new = two_laptops(crm, dialect)
    event = laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    moved = laptop.calendar.user_moves(event, SECOND_CALENDAR)
    laptop.calendar.user_changes(moved, title="Lunch")
    new.until_quiet()
    laptop.calendar.user_changes(moved, visibility=Visibility.PRIVATE)
    new.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Private"]


@CRMS
def test_a_calendar_that_refuses_to_be_looked_into_keeps_no_deletion_from_being_carried(
    crm: Capabilities, dialect: Dialect
) -> None:
    laptop, calendar = with_mover(crm, dialect)
    event = calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    calendar.refused = SECOND_CALENDAR
    calendar.user_deletes(event)
    laptop.until_quiet()
    assert laptop.crm.items == {}


@CRMS
def test_a_deletion_that_nobody_may_look_at_waits_and_holds_up_no_other_write(
    crm: Capabilities, dialect: Dialect
) -> None:
    laptop, calendar = with_mover(crm, dialect)
    event, other = calendar.user_creates(meeting("Visit")), calendar.user_creates(meeting("Call", at(16)))
    laptop.until_quiet()
    calendar.refused = CALENDAR
    calendar.user_deletes(event)
    calendar.user_changes(other, title="Call back")
    laptop.run()
    assert sorted(content.title for content in laptop.crm.contents()) == ["Call back", "Visit"]
    calendar.refused = None
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Call back"]


@CRMS
def test_an_event_that_a_listing_leaves_out_and_nobody_may_look_at_is_not_gone_and_holds_up_no_other(
    crm: Capabilities, dialect: Dialect
) -> None:
    laptop, calendar = with_mover(crm, dialect)
    hidden, other = calendar.user_creates(meeting("Visit")), calendar.user_creates(meeting("Call", at(16)))
    laptop.until_quiet()
    calendar.refused, calendar.lies.expired = CALENDAR, True
    calendar.items.pop(hidden)
    calendar.user_changes(other, title="Call back")
    laptop.run()
    assert sorted(content.title for content in laptop.crm.contents()) == ["Call back", "Visit"]
