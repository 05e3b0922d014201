"""Nothing of ours can be hidden on an activity: what was changed beyond knowing before a new laptop saw it is asked
about, and never made twice (S-2); and who has nothing to fear is asked nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soroe.core.dialect import ESALES, ORACLE, PIPEDRIVE, Dialect
from soroe.core.event import ReadOnlyCause, Recurrence, Ref, Side, Timed
from soroe.core.finding import Finding, FindingAction
from soroe.core.route import Direction
from soroe.core.series_mark import read_mark
from soroe.engine.rebuild import rebuild
from soroe.engine.resolve import resolve, take_back
from soroe.ports.remote import Create
from tests.builders import ZONE, Laptop, at, meeting

from .sales import WEEKLY, Sales, asked, day, pairs

UNMARKED = pytest.mark.parametrize("dialect", [PIPEDRIVE, ESALES, ORACLE], ids=lambda dialect: dialect.name)


# --- asked about ---
@UNMARKED
@pytest.mark.parametrize("number", [0, 1, 2], ids=["first", "middle", "last"])
def test_an_activity_changed_beyond_knowing_is_asked_about_wherever_it_stood(dialect: Dialect, number: int) -> None:
    sales = Sales(dialect)
    series = sales.series()
    activity = sales.change_beyond_knowing(number)
    new = sales.laptop()
    new.until_quiet()
    assert pairs(new) == {frozenset({activity, day(series, number)})}
    assert len(sales.crm.items) == 3
    assert not [write for write in sales.calendar.written if isinstance(write, Create)]


def test_one_that_was_made_apart_from_its_siblings_is_asked_about_and_merged() -> None:
    sales = Sales()
    series = sales.calendar.user_creates(meeting("Jour fixe", recurrence=Recurrence(("FREQ=WEEKLY;COUNT=2",))))
    sales.old.until_quiet()
    sales.clock.later(days=3)
    sales.calendar.user_changes(series, recurrence=WEEKLY)
    sales.old.until_quiet()
    activity = sales.change_beyond_knowing(2)
    new = sales.laptop()
    new.until_quiet()
    (question,) = asked(new)
    assert set(question.group()) == {(Side.CRM, activity), (Side.CALENDAR, day(series, 2))}
    resolve(new.joint(), question.id, FindingAction.MERGE)
    new.until_quiet()
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Review"]] * 2
    link = new.joint().store.link(Side.CRM, activity)
    assert link is not None
    assert link.calendar == day(series, 2)


def test_all_of_a_series_may_be_changed_beyond_knowing() -> None:
    sales = Sales()
    series = sales.series()
    for number, activity in enumerate(sorted(sales.crm.items)):
        sales.crm.user_changes(activity, title=f"Review {number}", when=at(16, day=22 + number))
    new = sales.laptop()
    new.until_quiet()
    assert len(asked(new)) == 9
    assert len(sales.crm.items) == 3
    store = new.joint().store
    for number, activity in enumerate(sorted(sales.crm.items)):
        resolve(new.joint(), question(new, activity, day(series, number)).id, FindingAction.MERGE)
        new.until_quiet()
    assert asked(new) == []
    assert store.link_count() == 3
    assert sales.shown() == [["Review 0", "Review 1", "Review 2"]] * 2


def test_the_same_laptop_with_a_lost_database_asks_as_well() -> None:
    sales = Sales()
    sales.series()
    sales.change_beyond_knowing(2)
    again = sales.laptop("old")
    again.until_quiet()
    assert len(asked(again)) == 1
    rebuild(again.joint())
    again.until_quiet()
    assert len(asked(again)) == 1
    assert len(sales.crm.items) == 3


def test_a_rebuilt_database_asks_though_it_wrote_the_mark_itself() -> None:
    sales = Sales()
    sales.series()
    sales.change_beyond_knowing(2)
    rebuild(sales.old.joint())
    assert len(asked(sales.old)) == 1
    assert len(sales.crm.items) == 3


def test_an_activity_that_was_found_and_not_made_is_asked_about() -> None:
    sales = Sales()
    days = (12, 19, 26)
    own = [sales.crm.user_creates(meeting("Jour fixe", at(10, day=day)), activity_type="meeting") for day in days]
    sales.clock.later(days=2)
    series = sales.series()
    assert sales.old.joint().store.link_count() == 3
    assert read_mark(sales.calendar.items[series].stamp, sales.old.route.key, series) is not None
    sales.crm.user_changes(own[2], title="Review", when=at(16, day=21))
    new = sales.laptop()
    new.until_quiet()
    assert pairs(new) == {frozenset({own[2], day(series, 2)})}
    assert len(sales.crm.items) == 3


def test_the_question_goes_away_once_the_laptop_that_knows_the_pair_has_synced() -> None:
    sales = Sales()
    series = sales.series()
    activity = sales.change_beyond_knowing(2)
    new = sales.laptop()
    new.until_quiet()
    sales.old.until_quiet()
    new.until_quiet()
    assert asked(new) == []
    link = new.joint().store.link(Side.CRM, activity)
    assert link is not None
    assert link.calendar == day(series, 2)
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Review"]] * 2


# --- one question about two items at a time ---
def two_candidates() -> tuple[Sales, Laptop, Ref, Ref, Ref]:
    """The last activity of a series was changed beyond knowing, and another one is as new as the series' own."""
    sales = Sales()
    series = sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    sales.old.until_quiet()
    lunch = sales.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    changed = next(ref for ref, item in sales.crm.items.items() if item.content.when.start.day == 26)
    sales.crm.user_changes(changed, title="Review", when=at(16, day=21))
    new = sales.laptop()
    new.until_quiet()
    return sales, new, day(series, 2), changed, lunch


def question(laptop: Laptop, *refs: Ref) -> Finding:
    return next(one for one in asked(laptop) if {ref for _, ref in one.group()} == set(refs))


def test_of_several_that_may_be_it_each_is_a_question_of_its_own_and_none_is_taken_for_a_copy() -> None:
    sales, new, event, changed, lunch = two_candidates()
    assert pairs(new) == {frozenset({event, changed}), frozenset({event, lunch})}
    resolve(new.joint(), question(new, event, changed).id, FindingAction.MERGE)
    new.until_quiet()
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Lunch", "Review"]] * 2
    assert asked(new) == []


def test_no_to_one_of_several_leaves_the_other_question_open() -> None:
    sales, new, event, changed, lunch = two_candidates()
    resolve(new.joint(), question(new, event, lunch).id, FindingAction.NOT_A_DUPLICATE)
    new.until_quiet()
    assert pairs(new) == {frozenset({event, changed})}
    assert new.joint().store.link(Side.CRM, lunch) is not None
    resolve(new.joint(), question(new, event, changed).id, FindingAction.MERGE)
    new.until_quiet()
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Lunch", "Review"]] * 2


def test_no_to_all_makes_them_all_and_can_be_taken_back_before_that() -> None:
    sales, new, event, changed, lunch = two_candidates()
    first = question(new, event, lunch)
    resolve(new.joint(), first.id, FindingAction.NOT_A_DUPLICATE)
    take_back(new.joint(), first.group())
    new.until_quiet()
    assert len(asked(new)) == 2
    for finding in asked(new):
        resolve(new.joint(), finding.id, FindingAction.NOT_A_DUPLICATE)
    new.until_quiet()
    assert asked(new) == []
    assert sales.shown() == [["Jour fixe", "Jour fixe", "Jour fixe", "Lunch", "Review"]] * 2
    assert changed in sales.crm.items


def test_renamed_activities_are_asked_about_with_their_own_occurrences_only() -> None:
    sales = Sales()
    series = sales.series()
    for activity in sorted(sales.crm.items):
        sales.crm.user_changes(activity, title="Review")
    new = sales.laptop()
    new.until_quiet()
    assert {len(pair) for pair in pairs(new)} == {2}
    assert len(pairs(new)) == 3
    for number in range(3):
        assert frozenset({sales.activity(number), day(series, number)}) in pairs(new)


# --- what can bear nothing at all ---
@pytest.mark.parametrize(
    "changes", [{"title": "Aoki: board"}, {"title": "Review", "when": at(19)}], ids=["title", "both"]
)
def test_a_changed_activity_of_an_invitation_is_asked_about(changes: dict[str, object]) -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Own", at(8)))
    invitation = sales.calendar.user_creates(meeting("Board", at(17)), read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    sales.old.until_quiet()
    sales.clock.later(hours=5)
    activity = sales.activity(1)
    sales.crm.user_changes(activity, **changes)
    sales.old.until_quiet()
    new = sales.laptop()
    new.until_quiet()
    assert pairs(new) == {frozenset({activity, invitation})}
    assert len(sales.crm.items) == 2
    (found,) = asked(new)
    resolve(new.joint(), found.id, FindingAction.MERGE)
    new.until_quiet()
    assert asked(new) == []
    link = new.joint().store.link(Side.CRM, activity)
    assert link is not None
    assert link.calendar == invitation


def test_an_occurrence_of_a_series_somebody_else_organises_is_asked_about() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Own", at(8)))
    series = sales.series(read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    changed = next(ref for ref, item in sales.crm.items.items() if item.content.when.start.day == 26)
    sales.crm.user_changes(changed, title="Review", when=at(16, day=21))
    new = sales.laptop()
    new.until_quiet()
    assert pairs(new) == {frozenset({changed, day(series, 2)})}
    assert len(sales.crm.items) == 4
    assert sales.calendar.items[series].stamp is None


@pytest.mark.parametrize("changes", [{"title": "Aoki: board"}, {"when": at(19)}], ids=["title", "time"])
def test_a_changed_activity_is_asked_about_where_nothing_may_be_written_to_the_calendar(
    changes: dict[str, object],
) -> None:
    sales = Sales(direction=Direction.CALENDAR_TO_CRM)
    board = sales.calendar.user_creates(meeting("Board", at(17)))
    series = sales.series()
    sales.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    activity = next(ref for ref, item in sales.crm.items.items() if item.content.title == "Board")
    other = next(ref for ref, item in sales.crm.items.items() if item.content.when.start.day == 26)
    sales.crm.user_changes(activity, **changes)
    sales.crm.user_changes(other, title="Review")
    new = sales.laptop()
    new.until_quiet()
    assert pairs(new) == {frozenset({activity, board}), frozenset({other, day(series, 2)})}
    assert len(sales.crm.items) == 5
    assert sales.calendar.written == []


def test_a_first_sync_that_may_not_write_to_the_calendar_asks_nothing() -> None:
    sales = Sales(direction=Direction.CALENDAR_TO_CRM)
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    sales.calendar.user_creates(meeting("Board", at(17)))
    sales.crm.user_creates(meeting("Jour fixe", at(10, day=12)), activity_type="meeting")
    sales.crm.user_creates(meeting("Visit", at(17)), activity_type="meeting")
    sales.old.until_quiet()
    assert asked(sales.old) == []
    assert len(sales.crm.items) == 5


# --- and who is asked nothing ---
def test_a_first_sync_of_two_calendars_that_know_nothing_of_each_other_asks_nothing() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    for number in range(5):
        sales.crm.user_creates(meeting(f"Visit {number}", at(9 + number, day=14)), activity_type="meeting")
        about = {"read_only": ReadOnlyCause.FOREIGN_ORGANISER} if number % 2 else {}
        sales.calendar.user_creates(meeting(f"Call {number}", at(9 + number, day=14)), **about)
    sales.old.until_quiet()
    assert asked(sales.old) == []
    assert len(sales.crm.items) == 13


def test_a_second_laptop_is_asked_nothing_where_nothing_was_changed() -> None:
    sales = Sales()
    sales.series()
    sales.calendar.user_creates(meeting("Board", at(17)), read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    sales.old.until_quiet()
    sales.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    sales.calendar.user_creates(meeting("Dentist", at(15, day=22)))
    new = sales.laptop()
    new.until_quiet()
    sales.old.until_quiet()
    new.until_quiet()
    assert asked(new) == asked(sales.old) == []
    assert len(sales.crm.items) == 6


def test_a_new_activity_on_the_day_a_new_occurrence_comes_into_the_window_is_asked_nothing() -> None:
    sales = Sales()
    sales.calendar.user_creates(meeting("Jour fixe", recurrence=Recurrence(("FREQ=WEEKLY;INTERVAL=8",))))
    new = sales.laptop()
    for laptop in (sales.old, new):
        laptop.until_quiet()
    for number in range(2):
        sales.clock.later(weeks=8)
        noon = datetime(2026, 12, 1 + number, 12)
        lunch = meeting(f"Lunch {number}", Timed(noon, noon + timedelta(hours=1), ZONE))
        sales.crm.user_creates(lunch, activity_type="meeting")
        for laptop in (sales.old, new):
            laptop.until_quiet()
            assert asked(laptop) == []


def test_a_copied_series_brings_no_questions_along() -> None:
    sales = Sales()
    series = sales.series()
    copy = sales.calendar.user_copies(series, title="Stand-up", when=at(8, day=13))
    sales.crm.user_creates(meeting("Lunch", at(12, day=22)), activity_type="meeting")
    new = sales.laptop()
    new.until_quiet()
    assert asked(new) == []
    assert read_mark(sales.calendar.items[copy].stamp, new.route.key, copy) is not None
    assert len(sales.crm.items) == 7
