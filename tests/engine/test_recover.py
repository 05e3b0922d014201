"""After a crash at any point the next start finds out by looking what became of the write (S-2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import ContainerId, ObservedItem, Recurrence, Ref, Side, Tombstone, Unreadable, occurrence_id
from soroe.core.link import same_time
from soroe.core.plan import Verb
from soroe.engine.preview import preview
from soroe.engine.run import Run
from soroe.ports.errors import AdminRequired, ConsentMissing, PortError, RetryLater
from soroe.ports.remote import Capabilities, Create, Delete, Update, Write
from soroe.ports.store import ChangeState
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, SECOND_CALENDAR, FakeService

from .test_calendars_chosen import chooses

PAIRS = pytest.mark.parametrize(
    ("crm", "dialect"), [(REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE)], ids=["any-crm", "pipedrive"]
)
WHEN = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


DAILY = Recurrence(("FREQ=DAILY;COUNT=3",))


def second_day(series: Ref) -> Ref:
    """The second occurrence of a series that begins on 12 May at 10 in Tokyo."""
    return Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 13, 1)))


class Dies(BaseException):
    """The power goes."""


def started(crm: Capabilities, dialect: Dialect) -> Laptop:
    """A laptop with one meeting in step, and one that somebody changed."""
    clock = Clock()
    return Laptop(FakeService(crm, clock), FakeService(GOOGLE_LIKE, clock), clock=clock, dialect=dialect)


def dies(laptop: Laptop, side: Side, *, after: bool) -> None:
    """Run until the first write to a side, and no further."""
    service = laptop.crm if side is Side.CRM else laptop.calendar

    def die(_write: Write) -> PortError | None:
        raise Dies

    service.before_write, service.after_write = (None, die) if after else (die, None)
    with pytest.raises(Dies):
        laptop.run()
    service.before_write = service.after_write = None


def previewed(laptop: Laptop) -> object:
    """Look what a run would do with another calendar."""
    joint = laptop.joint()
    other = replace(joint, calendar=replace(joint.calendar, containers=(ContainerId("other"),)))
    return preview(other, joint)


@PAIRS
@WHEN
@pytest.mark.parametrize("source", list(Side))
def test_a_create_is_found_or_made_once(crm: Capabilities, dialect: Dialect, after: bool, source: Side) -> None:
    laptop = started(crm, dialect)
    made = laptop.crm if source is Side.CRM else laptop.calendar
    made.user_creates(meeting("Visit"), **({"activity_type": "meeting"} if source is Side.CRM else {}))
    dies(laptop, source.other, after=after)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1
    store = laptop.joint().store
    assert store.link_count() == 1
    assert store.open_changes() == []
    assert store.findings() == []


@PAIRS
@WHEN
@pytest.mark.parametrize("side", list(Side))
def test_an_update_is_seen_to_have_happened_or_is_made_again(
    crm: Capabilities, dialect: Dialect, after: bool, side: Side
) -> None:
    laptop = started(crm, dialect)
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    source = laptop.calendar if side is Side.CRM else laptop.crm
    (ref,) = source.items
    source.user_changes(ref, title="Visit, moved", when=at(16))
    dies(laptop, side, after=after)
    laptop.until_quiet()
    for service in (laptop.crm, laptop.calendar):
        (content,) = service.contents()
        assert content.title == "Visit, moved"
        assert same_time(content.when, at(16))
    assert laptop.joint().store.open_changes() == []


@PAIRS
@WHEN
@pytest.mark.parametrize("side", list(Side))
def test_a_deletion_is_seen_to_have_happened_or_is_made_again(
    crm: Capabilities, dialect: Dialect, after: bool, side: Side
) -> None:
    laptop = started(crm, dialect)
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    source = laptop.calendar if side is Side.CRM else laptop.crm
    source.user_deletes(next(iter(source.items)))
    dies(laptop, side, after=after)
    laptop.until_quiet()
    assert (laptop.crm.items, laptop.calendar.items) == ({}, {})
    store = laptop.joint().store
    assert (store.link_count(), store.open_changes()) == (0, [])


@PAIRS
def test_a_person_may_change_the_item_before_the_program_looks(crm: Capabilities, dialect: Dialect) -> None:
    laptop = started(crm, dialect)
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.crm.user_changes(activity, title="Visit, moved")
    dies(laptop, Side.CALENDAR, after=True)
    laptop.calendar.user_changes(event, title="Visit, by hand")
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Visit, by hand"]
    assert [content.title for content in laptop.calendar.contents()] == ["Visit, by hand"]


class Strict(FakeService):
    """A service that answers for no calendar but those it has."""

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        if ref.container not in self.all_containers:
            raise AdminRequired("calendar_not_found")
        return super().read(ref)


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.DELETE])
def test_a_write_to_a_calendar_that_is_there_no_more_holds_up_nothing(verb: Verb) -> None:
    clock = Clock()
    calendar = Strict(GOOGLE_LIKE, clock, (CALENDAR, SECOND_CALENDAR))
    laptop = Laptop(calendar=calendar, clock=clock, calendars=calendar.all_containers)
    event = calendar.user_moves(calendar.user_creates(meeting("Visit")), SECOND_CALENDAR)
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    if verb is Verb.UPDATE:
        laptop.crm.user_changes(activity, title="Visit, long")
    else:
        laptop.crm.user_deletes(activity)
    dies(laptop, Side.CALENDAR, after=False)
    del calendar.items[event]
    chooses(laptop, CALENDAR)
    assert laptop.run().trouble is None
    assert laptop.joint().store.open_changes() == []


def test_an_item_that_was_to_be_deleted_and_cannot_be_read_is_not_taken_for_deleted() -> None:
    laptop = started(REST_LIKE, GENERIC)
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.crm.user_deletes(activity)
    dies(laptop, Side.CALENDAR, after=False)
    (open_change,) = laptop.joint().store.open_changes()
    laptop.calendar.unreadable[event] = "summary"
    laptop.calendar.before_write = lambda _write: RetryLater("offline")
    laptop.run()
    (settled,) = [change for change in laptop.joint().store.changes(open_change.run) if change.id == open_change.id]
    assert settled.state is ChangeState.DROPPED
    laptop.calendar.before_write = None
    laptop.until_quiet()
    assert laptop.calendar.items == {}


@PAIRS
@pytest.mark.parametrize("look", [lambda laptop: Run(laptop.joint()).plan(), previewed], ids=["plan", "preview"])
@pytest.mark.parametrize("is_renamed_before", [False, True], ids=["after", "before"])
@pytest.mark.parametrize("source", list(Side))
def test_what_was_made_before_a_crash_is_known_for_our_own_by_whoever_looks_first(
    crm: Capabilities, dialect: Dialect, source: Side, is_renamed_before: bool, look: Callable[[Laptop], object]
) -> None:
    laptop = started(crm, dialect)
    made = laptop.crm if source is Side.CRM else laptop.calendar
    item = made.user_creates(meeting("Visit"), **({"activity_type": "meeting"} if source is Side.CRM else {}))
    dies(laptop, source.other, after=True)
    (open_change,) = [change for change in laptop.joint().store.open_changes() if change.verb is Verb.CREATE]
    if is_renamed_before:
        made.user_changes(item, title="Visit, long")
    look(laptop)
    if not is_renamed_before:
        made.user_changes(item, title="Visit, long")
    laptop.until_quiet()
    assert [one.title for one in laptop.crm.contents()] == ["Visit, long"]
    assert [one.title for one in laptop.calendar.contents()] == ["Visit, long"]
    (settled,) = [change for change in laptop.joint().store.changes(open_change.run) if change.id == open_change.id]
    assert settled.state is ChangeState.DONE


@pytest.mark.parametrize("kind", [Create, Update, Delete])
def test_an_answer_that_was_lost_is_looked_up_and_stands_in_history(kind: type[Write]) -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    acts: dict[type, Callable[[], object]] = {
        Create: lambda: None,
        Update: lambda: laptop.crm.user_changes(activity, title="Visit, moved"),
        Delete: lambda: laptop.crm.user_deletes(activity),
    }
    if kind is not Create:
        laptop.until_quiet()
    acts[kind]()
    laptop.calendar.after_write = lambda _write: RetryLater("timeout", outcome_unknown=True)
    assert laptop.run().trouble is not None
    laptop.calendar.after_write = None
    (open_change,) = laptop.joint().store.open_changes()
    written = len(laptop.calendar.written)
    laptop.until_quiet()
    (settled,) = [change for change in laptop.joint().store.changes(open_change.run) if change.id == open_change.id]
    assert settled.state is ChangeState.DONE
    assert len(laptop.calendar.written) == written


def test_writes_that_were_never_sent_are_decided_anew() -> None:
    laptop = Laptop()
    for hour in range(8, 12):
        laptop.crm.user_creates(meeting("Visit", at(hour)), activity_type="meeting")
    left = [1]

    def fail(_write: Write) -> PortError | None:
        left[0] -= 1
        return RetryLater("unreachable") if left[0] < 0 else None

    laptop.calendar.before_write = fail
    result = laptop.run()
    assert (result.side, type(result.trouble)) == (Side.CALENDAR, RetryLater)
    laptop.calendar.before_write = None
    assert laptop.joint().store.open_changes() == []
    laptop.until_quiet()
    assert len(laptop.calendar.items) == 4


def test_an_untouched_occurrence_is_not_the_exception_that_was_to_be_made_of_it() -> None:
    laptop = Laptop()
    series = laptop.crm.user_creates(meeting("Stand-up", recurrence=DAILY), activity_type="meeting")
    laptop.until_quiet()
    laptop.crm.user_changes(second_day(series), title="Stand-up, long")
    dies(laptop, Side.CALENDAR, after=False)
    (before,) = laptop.joint().store.open_changes()
    laptop.until_quiet()
    (event,) = [ref for ref in laptop.calendar.items if "#" not in ref.id]
    store = laptop.joint().store
    link = store.link(Side.CRM, second_day(series))
    assert link is not None
    assert link.calendar == second_day(event)
    assert laptop.calendar.items[second_day(event)].content.title == "Stand-up, long"
    (settled,) = [change for change in store.changes(before.run) if change.id == before.id]
    assert settled.state is ChangeState.DROPPED


def test_an_exception_that_was_made_before_the_crash_is_taken_up() -> None:
    laptop = Laptop()
    series = laptop.crm.user_creates(meeting("Stand-up", recurrence=DAILY), activity_type="meeting")
    laptop.until_quiet()
    laptop.crm.user_changes(second_day(series), title="Stand-up, long")
    dies(laptop, Side.CALENDAR, after=True)
    (before,) = laptop.joint().store.open_changes()
    written = len(laptop.calendar.written)
    laptop.until_quiet()
    store = laptop.joint().store
    (settled,) = [change for change in store.changes(before.run) if change.id == before.id]
    assert settled.state is ChangeState.DONE
    assert store.link(Side.CRM, second_day(series)) is not None
    assert len(laptop.calendar.written) == written


@pytest.mark.parametrize("side", list(Side))
def test_trouble_that_ends_the_writing_is_that_of_the_side_written_to(side: Side) -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit", at(9)), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Call", at(11)))
    service = laptop.crm if side is Side.CRM else laptop.calendar
    service.before_write = lambda _: ConsentMissing("activities:write")
    result = laptop.run()
    assert (result.side, type(result.trouble)) == (side, ConsentMissing)
    service.before_write = None
    result = laptop.run()
    assert (result.side, result.trouble) == (None, None)
