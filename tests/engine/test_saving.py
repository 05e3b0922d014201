"""When what a run writes comes on disk: together, but never later than the services are asked or sent anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from soroe.core.event import ContainerId, ObservedItem, Ref, Side, Tombstone, Unreadable, Window
from soroe.ports.errors import CursorExpired, RetryLater
from soroe.ports.remote import NOTHING_KNOWN, Capabilities, Create, Cursor, KnownVersions, Page, Result, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.mortal import Killed, MortalDatabase
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService


class CountedDatabase(MortalDatabase):
    """Counts what it commits."""

    commits = 0

    def commit_whole(self) -> None:
        self.commits += 1
        super().commit_whole()


class Watched(FakeService):
    """A service that looks, whenever it is asked or sent something, what the program has on disk."""

    def __init__(self, capabilities: Capabilities, clock: Clock) -> None:
        super().__init__(capabilities, clock)
        self.look: Callable[[str], object] = lambda _asked: None

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        self.look("changes")
        for page in super().changes(container, cursor, window, known):
            yield page
            if page.cursor is None:
                self.look("more changes")

    def read(self, ref: Ref) -> ObservedItem | Tombstone | Unreadable:
        self.look("read")
        return super().read(ref)

    def find(self, create: Create) -> Sequence[ObservedItem]:
        self.look("find")
        return super().find(create)

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        self.look("write")
        return super().write(batch)


class Office:
    """A laptop on watched services."""

    def __init__(self, crm: Capabilities = REST_LIKE) -> None:
        clock = Clock()
        self.database = CountedDatabase()
        self.crm, self.calendar = Watched(crm, clock), Watched(GOOGLE_LIKE, clock)
        self.laptop = Laptop(self.crm, self.calendar, clock=clock, store=self.database.store())

    def watch(self, look: Callable[[str], object]) -> None:
        """Have both services look."""
        self.crm.look = self.calendar.look = look

    def commits_of(self, run: Callable[[], object]) -> int:
        """How often something is committed meanwhile."""
        before = self.database.commits
        run()
        return self.database.commits - before

    def is_held(self) -> bool:
        """Whether the program keeps others from writing to its file."""
        return self.database.connection.in_transaction


def in_step(count: int = 3, crm: Capabilities = REST_LIKE) -> tuple[Office, list[Ref]]:
    """An office whose meetings are all linked, and its activities."""
    office = Office(crm)
    made = [
        office.crm.user_creates(meeting(f"Visit {number}", at(8 + number)), activity_type="meeting")
        for number in range(count)
    ]
    office.laptop.until_quiet()
    return office, made


def test_a_run_of_a_few_changes_is_written_twice_before_they_are_sent_and_after() -> None:
    office, activities = in_step()
    office.crm.user_changes(activities[0], title="Moved to the lobby")
    office.calendar.user_changes(next(iter(sorted(office.calendar.items))), location="Lobby")
    sent: list[int] = []
    office.watch(lambda asked: sent.append(office.database.commits) if asked == "write" else None)
    before = office.database.commits
    assert office.commits_of(office.laptop.run) == 3
    assert sent == [before + 1, before + 2], "two sides were sent something, and each answer was kept before the next"
    office.laptop.run()
    office.crm.user_changes(activities[1], title="Only this one")
    assert office.commits_of(office.laptop.run) == 2


@pytest.mark.parametrize("crm", [REST_LIKE, PIPEDRIVE_LIKE])
def test_nobody_is_kept_from_writing_while_a_service_is_asked_or_sent_something(crm: Capabilities) -> None:
    office = Office(crm)
    asked: set[str] = set()

    def look(what: str) -> None:
        asked.add(what)
        assert not office.is_held(), f"the file is held over a {what}"

    office.watch(look)
    for number in range(5):
        office.crm.user_creates(meeting(f"Visit {number}", at(8 + number)), activity_type="meeting")
        office.calendar.user_creates(meeting(f"Dentist {number}", at(14, number)))
    office.laptop.until_quiet()
    activities, events = sorted(office.crm.items), sorted(office.calendar.items)
    office.crm.user_deletes(activities[0])
    office.calendar.user_deletes(events[-1])
    office.crm.user_changes(activities[1], title="Other")
    office.laptop.until_quiet()
    office.crm.lies.expired = True
    office.laptop.until_quiet()
    assert {"changes", "more changes", "read", "write"} <= asked


def test_what_is_sent_was_intended_on_disk_before() -> None:
    office, activities = in_step()
    seen: list[int] = []

    def look(asked: str) -> None:
        if asked == "write":
            assert not office.is_held()
            rows = office.database.rows("SELECT count(*) FROM change WHERE state = 'intended'")
            seen.append(rows[0][0])

    office.watch(look)
    for activity in activities:
        office.crm.user_changes(activity, location="Lobby")
    office.laptop.run()
    assert seen == [len(activities)]


def test_what_one_side_told_is_kept_where_the_other_one_fails() -> None:
    office, (activity, *_) = in_step()
    office.crm.user_changes(activity, title="Kept")

    def fail(asked: str) -> None:
        if asked == "changes":
            raise RetryLater("unreachable")

    office.calendar.look = fail
    assert isinstance(office.laptop.run().trouble, RetryLater)
    kept = office.laptop.joint().store.item(Side.CRM, activity)
    assert isinstance(kept, ObservedItem)
    assert kept.content.title == "Kept"
    office.calendar.look = lambda _asked: None
    office.laptop.until_quiet()
    assert {item.content.title for item in office.calendar.items.values()} >= {"Kept"}


def test_what_one_side_told_does_not_wait_for_a_long_listing_of_the_other() -> None:
    office, (activity, *_) = in_step()
    office.crm.user_changes(activity, title="Kept")
    seen: list[object] = []

    def look(asked: str) -> None:
        if asked == "changes" and not seen:
            seen.append(None)
            raise CursorExpired
        if asked == "more changes":
            kept = office.laptop.joint().store.last_content(Side.CRM, activity)
            seen.append(kept.title if kept else None)

    office.calendar.look = look
    office.laptop.run()
    assert seen[1:2] == ["Kept"]


def test_a_laptop_that_is_killed_before_the_end_of_a_run_looks_up_what_it_had_sent() -> None:
    office, (activity, *_) = in_step()
    office.crm.user_changes(activity, title="Sent once")
    office.database.commits_left = 1  # the intents; the outcomes and the end of the run never come on disk
    with pytest.raises(Killed):
        office.laptop.run()
    office.laptop.store = office.database.again().store()
    assert len(office.laptop.joint().store.open_changes()) == 1
    written = len(office.calendar.written)
    office.laptop.until_quiet()
    assert office.laptop.joint().store.open_changes() == []
    assert len(office.calendar.written) == written, "the write was found, and not made again"
