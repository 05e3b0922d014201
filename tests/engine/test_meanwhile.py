"""What somebody changes while the program is at work is carried over, whichever laptop meets it first (S-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from soroe.core.dialect import GENERIC, ORACLE, PIPEDRIVE, SALESFORCE, Dialect
from soroe.core.event import Field, Recurrence, Ref, occurrence_id
from soroe.core.link import same_text
from soroe.core.route import ConflictPolicy
from soroe.engine.apply import MOST
from soroe.engine.run import Run
from soroe.ports.errors import PortError
from soroe.ports.remote import Capabilities, Create, Update, Write
from tests.builders import at, meeting
from tests.fakes.salesforce import BARE
from tests.fakes.service import PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .test_two_laptops import Office
from .world import UNASKED

CRMS = pytest.mark.parametrize(
    ("crm", "dialect"),
    [(REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE), (PIPEDRIVE_LIKE, ORACLE), (BARE, SALESFORCE)],
    ids=["any-crm", "pipedrive", "oracle", "salesforce"],
)


class Busy(Office):
    """An office where a person is at work while the laptops are; what she does takes her some seconds."""

    def changes(self, service: FakeService, ref: Ref, **changes: object) -> None:
        """Sato changes an item."""
        self.clock.later(seconds=5)
        service.user_changes(ref, **changes)
        self.clock.later(seconds=5)

    def titles(self) -> tuple[set[str], set[str]]:
        """What both sides show."""
        crm, calendar = ({content.title for content in side.contents()} for side in (self.crm, self.calendar))
        return crm, calendar


def once(is_meant: Callable[[Write], bool], act: Callable[[], object]) -> Callable[[Write], PortError | None]:
    """A hook that acts at the first write that is meant."""
    done: list[Write] = []

    def hook(write: Write) -> PortError | None:
        if is_meant(write) and not done:
            done.append(write)
            act()
        return None

    return hook


def is_create(write: Write) -> bool:
    return isinstance(write, Create)


def is_stamp(write: Write) -> bool:
    return isinstance(write, Update) and not write.fields and (write.stamp or "").startswith("soroe1|")


def writes(field: Field) -> Callable[[Write], bool]:
    return lambda write: isinstance(write, Update) and field in write.fields


# --- a twin that was made of what was read before ---
@CRMS
@pytest.mark.parametrize("policy", [ConflictPolicy.NEWEST_FIELD, ConflictPolicy.CALENDAR, ConflictPolicy.ASK])
def test_an_activity_renamed_while_its_event_is_made_keeps_its_name_though_the_other_laptop_comes_first(
    crm: Capabilities, dialect: Dialect, policy: ConflictPolicy
) -> None:
    office = Busy(crm, dialect, conflicts=policy)
    activity = office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    office.calendar.before_write = once(is_create, lambda: office.changes(office.crm, activity, title="Visit, long"))
    office.desk.run()
    office.calendar.before_write = None
    office.travel.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})


@CRMS
@pytest.mark.parametrize("policy", [ConflictPolicy.NEWEST_FIELD, ConflictPolicy.CRM, ConflictPolicy.ASK])
def test_an_event_renamed_while_its_activity_is_made_keeps_its_name_though_the_other_laptop_comes_first(
    crm: Capabilities, dialect: Dialect, policy: ConflictPolicy
) -> None:
    office = Busy(crm, dialect, conflicts=policy)
    event = office.calendar.user_creates(meeting("Visit"))
    office.crm.before_write = once(is_create, lambda: office.changes(office.calendar, event, title="Visit, long"))
    office.desk.run()
    office.crm.before_write = None
    office.travel.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})


def test_a_create_that_finds_the_older_twin_of_the_other_laptop_carries_what_is_newer() -> None:
    office = Busy(REST_LIKE, GENERIC)
    event = office.calendar.user_creates(meeting("Visit"))

    def renamed_and_synced() -> None:
        office.changes(office.calendar, event, title="Visit, long")
        office.crm.before_write = None
        office.travel.run()

    office.crm.before_write = once(is_create, renamed_and_synced)
    office.desk.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})


@pytest.mark.parametrize("policy", list(ConflictPolicy))
def test_a_create_that_finds_the_newer_twin_of_the_other_laptop_takes_nothing_back(policy: ConflictPolicy) -> None:
    office = Busy(REST_LIKE, GENERIC, conflicts=policy)
    activity = office.crm.user_creates(meeting("Visit"), activity_type="meeting")

    def renamed_and_synced() -> None:
        office.changes(office.crm, activity, title="Visit, long")
        office.calendar.before_write = None
        office.travel.run()

    office.calendar.before_write = once(is_create, renamed_and_synced)
    office.desk.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})
    assert not [write for write in office.calendar.written if writes(Field.TITLE)(write)]


def test_a_stamp_is_no_change_that_could_be_newer_than_a_persons() -> None:
    office = Busy(BARE, SALESFORCE)
    office.calendar.user_creates(meeting("Visit"))
    Run(office.travel.joint()).plan()  # it has seen the event, and makes nothing of it

    def renamed() -> None:
        (activity,) = office.crm.items
        office.changes(office.crm, activity, title="Visit, long")

    office.calendar.before_write = once(is_stamp, renamed)
    office.desk.run()
    office.calendar.before_write = None
    office.travel.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})


def test_what_was_decided_when_two_were_linked_holds_though_the_event_moves_on_before_it_is_written() -> None:
    office = Busy(BARE, SALESFORCE)
    event = office.calendar.user_creates(meeting("Visit"))
    office.desk.run()
    (activity,) = office.crm.items
    office.changes(office.crm, activity, description="notes")
    office.calendar.before_write = once(
        writes(Field.DESCRIPTION), lambda: office.changes(office.calendar, event, title="Visit, long")
    )
    office.travel.run()
    office.rest()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})
    assert [content.description for content in (*office.crm.contents(), *office.calendar.contents())] == ["notes"] * 2


# --- an answer that tells of more than was written ---
@CRMS
@pytest.mark.parametrize("lost_meanwhile", [Field.DESCRIPTION, Field.WHEN], ids=["notes", "time"])
def test_what_an_answer_tells_beyond_what_was_written_is_carried_over(
    crm: Capabilities, dialect: Dialect, lost_meanwhile: Field
) -> None:
    office = Busy(crm, dialect)
    activity = office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    office.rest()
    (event,) = office.calendar.items
    values = {Field.DESCRIPTION: "notes", Field.WHEN: at(15)}
    change = {lost_meanwhile.value: values[lost_meanwhile]}
    office.crm.reads_back = True
    office.crm.after_write = once(writes(Field.TITLE), lambda: office.changes(office.crm, activity, **change))
    office.changes(office.calendar, event, title="Visit, long")
    office.desk.run()
    office.crm.after_write = None
    office.desk.until_quiet()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})
    (told,) = office.calendar.contents()
    assert same_text(told, office.crm.items[activity].content, lost_meanwhile)
    assert same_text(told, meeting("Visit", **change), lost_meanwhile)


def test_what_a_service_makes_of_a_written_field_is_not_carried_back() -> None:
    office = Busy(REST_LIKE, GENERIC)
    activity = office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    office.rest()
    (event,) = office.calendar.items
    office.crm.reads_back = True
    office.crm.after_write = once(
        writes(Field.LOCATION), lambda: office.changes(office.crm, activity, location="1-1 Marunouchi, Tokyo")
    )
    office.changes(office.calendar, event, location="Marunouchi")
    office.desk.until_quiet()
    assert office.calendar.items[event].content.location == "Marunouchi"


# --- what is seen anew between a decision and its turn ---
def test_an_exception_that_is_read_again_before_its_turn_is_not_settled_by_what_was_decided_before() -> None:
    office = Busy(REST_LIKE, GENERIC, limits=UNASKED)
    others = [office.calendar.user_creates(meeting(f"Visit {n}", at(8 + n // 60, n % 60, day=20))) for n in range(MOST)]
    series = office.calendar.user_creates(meeting("Stand-up", at(9), recurrence=Recurrence(("FREQ=DAILY;COUNT=3",))))
    exception = Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 13)))
    office.calendar.user_changes(exception, title="Stand-up, long")
    office.rest()
    made = {content.title: ref for ref, content in zip(sorted(office.crm.items), office.crm.contents(), strict=True)}
    for ref in others[1:]:
        office.changes(office.calendar, ref, description="notes")
    longer = Recurrence(("FREQ=DAILY;COUNT=4",))
    office.changes(office.crm, made["Stand-up"], recurrence=longer)  # the exceptions across are to be read again
    for service, ref in ((office.calendar, exception), (office.crm, made["Stand-up, long"])):
        office.changes(service, ref, title="Stand-up, longer")  # on both sides: nothing to do
    office.calendar.after_write = once(
        writes(Field.RECURRENCE), lambda: office.changes(office.calendar, exception, location="Room 3")
    )
    office.desk.until_quiet()
    shown = [office.crm.items[made["Stand-up, long"]].content, office.calendar.items[exception].content]
    assert [content.location for content in shown] == ["Room 3", "Room 3"]


def test_what_is_seen_anew_while_an_older_state_of_it_is_on_its_way_is_carried_after_it() -> None:
    office = Busy(REST_LIKE, GENERIC)
    series = office.crm.user_creates(
        meeting("Stand-up", at(9), recurrence=Recurrence(("FREQ=DAILY;COUNT=3",))), activity_type="meeting"
    )
    exception = Ref(series.container, occurrence_id(series.id, datetime(2026, 5, 13)))
    office.crm.user_changes(exception, title="Stand-up, long")
    office.rest()
    across = {office.calendar.items[ref].content.title: ref for ref in office.calendar.items}
    office.changes(office.calendar, across["Stand-up"], recurrence=Recurrence(("FREQ=DAILY;COUNT=4",)))
    office.changes(office.crm, exception, description="notes")
    office.crm.after_write = once(
        writes(Field.RECURRENCE), lambda: office.changes(office.crm, exception, description="better notes")
    )
    office.desk.until_quiet()
    assert office.crm.items[exception].content.description == "better notes"
    assert office.calendar.items[across["Stand-up, long"]].content.description == "better notes"


def test_what_an_answer_tells_of_a_field_that_is_on_its_way_the_other_way_is_carried_after_it() -> None:
    office = Busy(BARE, SALESFORCE)
    activity = office.crm.user_creates(meeting("Visit"), activity_type="meeting")
    office.rest()
    (event,) = office.calendar.items
    office.changes(office.calendar, event, title="Visit, long")
    office.changes(office.crm, activity, description="notes")
    office.crm.reads_back = True
    office.crm.after_write = once(
        writes(Field.TITLE), lambda: office.changes(office.crm, activity, description="better notes")
    )
    office.desk.until_quiet()
    shown = [office.crm.items[activity].content, office.calendar.items[event].content]
    assert [(content.title, content.description) for content in shown] == [("Visit, long", "better notes")] * 2


def test_what_the_answer_to_a_claim_tells_is_carried_after_what_was_claimed() -> None:
    office = Busy(BARE, SALESFORCE)
    event = office.calendar.user_creates(meeting("Visit"))
    office.calendar.reads_back = True
    office.calendar.after_write = once(
        lambda write: isinstance(write, Update) and not write.fields,
        lambda: office.changes(office.calendar, event, title="Visit, long"),
    )
    office.desk.until_quiet()
    assert office.titles() == ({"Visit, long"}, {"Visit, long"})
