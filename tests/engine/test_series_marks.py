"""The mark on a calendar's series of which a CRM without room for stamps holds single activities (S-2)."""

from __future__ import annotations

from soroe.core.event import ObservedItem, Recurrence
from soroe.core.series_mark import read_mark
from soroe.ports.errors import ChangedMeanwhile, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Update, Write
from tests.builders import at, meeting

from .sales import WEEKLY, Sales, asked, day


def marks(sales: Sales) -> list[Write]:
    return [write for write in sales.calendar.written if isinstance(write, Update) and write.fields == ()]


def test_a_series_is_marked_once_and_before_its_activities_are_made() -> None:
    sales = Sales()
    written: list[Write] = []

    def note(write: Write) -> PortError | None:
        written.append(write)
        return None

    sales.crm.before_write = sales.calendar.before_write = note
    series = sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    sales.old.until_quiet()
    assert [type(write) for write in written] == [Update, Create, Create, Create]
    assert sales.calendar.items[series].content == meeting("Jour fixe", recurrence=WEEKLY)
    sales.laptop().until_quiet()
    sales.old.until_quiet()
    assert len(marks(sales)) == 1


def test_the_mark_is_made_anew_when_the_window_brings_a_new_occurrence() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=Recurrence(("FREQ=WEEKLY;INTERVAL=8",))))
    sales.old.until_quiet()
    before, made = len(marks(sales)), len(sales.crm.items)
    sales.clock.later(weeks=8)
    sales.old.until_quiet()
    assert len(marks(sales)) == before + 1
    assert len(sales.crm.items) == made + 1


def test_no_activity_is_made_while_its_series_cannot_be_marked_for_now() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    sales.calendar.before_write = lambda _write: RetryLater("unreachable")
    sales.old.run()
    assert not sales.crm.items
    sales.calendar.before_write = None
    sales.old.until_quiet()
    assert len(sales.crm.items) == 3


def test_a_series_that_its_calendar_refuses_to_mark_goes_without_and_loses_no_meeting() -> None:
    sales = Sales()
    series = sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    sales.calendar.before_write = lambda _write: ItemRejected("no_room", "stamp")
    sales.old.run()
    assert len(sales.crm.items) == 3
    assert sales.calendar.items[series].stamp is None


def test_a_series_changed_while_it_is_marked_is_marked_after_all() -> None:
    sales = Sales()
    series = sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))

    def meanwhile(_write: Write) -> PortError | None:
        sales.calendar.before_write = None
        sales.calendar.user_changes(series, description="room 3")
        return ChangedMeanwhile()

    sales.calendar.before_write = meanwhile
    sales.old.until_quiet()
    assert len(sales.crm.items) == 3
    assert read_mark(sales.calendar.items[series].stamp, sales.old.route.key, series) is not None


def test_the_stamp_or_mark_of_another_sync_stays() -> None:
    sales = Sales()
    foreign = "soroe1s|another|20260512-20260526|20260511T090000Z-20260511T090000Z|x|y"
    series = sales.series(stamp=foreign)
    assert sales.calendar.items[series].stamp == foreign
    assert len(sales.crm.items) == 3


def test_an_exception_that_shows_what_lies_on_its_series_still_gets_its_own_stamp() -> None:
    sales = Sales()
    series = sales.series()
    sales.calendar.user_changes(day(series, 1), title="Review")
    shown = sales.calendar.items[day(series, 1)]
    sales.calendar.items[day(series, 1)] = ObservedItem(
        shown.ref, shown.version, shown.content, created_at=shown.created_at, occurrence=shown.occurrence,
        stamp=sales.calendar.items[series].stamp,
    )  # fmt: skip # short values, several a line
    sales.old.until_quiet()
    stamp = sales.calendar.items[day(series, 1)].stamp
    assert stamp is not None
    assert stamp.startswith("soroe1|")


def test_what_the_crm_refused_is_not_asked_about() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))

    def refuse(write: Write) -> PortError | None:
        last = isinstance(write, Create) and write.content.when == at(10, day=26)
        return ItemRejected("too_late") if last else None

    sales.crm.before_write = refuse
    sales.old.until_quiet()
    new = sales.laptop()
    new.until_quiet()
    sales.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    new.until_quiet()
    sales.old.until_quiet()
    assert asked(new) == asked(sales.old) == []
    assert not [
        write for write in sales.calendar.written if isinstance(write, Create) and write.content.title != "Lunch"
    ]
