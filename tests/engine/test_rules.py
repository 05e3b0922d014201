"""What a sync takes, leaves, and asks about, over whole runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from soroe.core.dialect import GENERIC
from soroe.core.event import AllDay, EventContent, ObservedItem, ReadOnlyCause, Ref, Side, Visibility
from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from soroe.core.route import Direction
from soroe.core.stamp import decode, sync_key
from soroe.ports.errors import RetryLater
from tests.builders import TODAY, Laptop, at, meeting


def why(laptop: Laptop, side: Side, ref: Ref) -> Why | None:
    return laptop.joint().store.why(side, ref)


def causes(laptop: Laptop, kind: FindingKind) -> list[str]:
    return [finding.cause for finding in laptop.joint().store.findings() if finding.kind is kind]


# --- filters ---
@pytest.mark.parametrize(
    ("content", "about", "reason"),
    [
        (meeting(when=at(10, day=30).within("Asia/Tokyo")), {"kind": "birthday"}, Why.NOT_A_MEETING),
        (meeting(), {"declined": True}, Why.DECLINED),
        (meeting(when=AllDay(TODAY - timedelta(days=90), TODAY - timedelta(days=89))), {}, Why.OUT_OF_WINDOW),
    ],
)
def test_what_the_sync_does_not_take_stays_where_it_is(
    content: EventContent, about: dict[str, object], reason: Why
) -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(content, **about)
    laptop.run()  # a listing does not even show what is out of its window, but a change does
    laptop.calendar.user_changes(event, description="now")
    laptop.until_quiet()
    assert laptop.crm.items == {}
    assert why(laptop, Side.CALENDAR, event) is reason


def test_pd_4_only_the_chosen_types_go_out() -> None:
    laptop = Laptop(activity_types=frozenset({"call"}))
    activity = laptop.crm.user_creates(meeting(), activity_type="meeting")
    laptop.crm.user_creates(meeting("Call", at(12)), activity_type="call")
    laptop.until_quiet()
    assert [content.title for content in laptop.calendar.contents()] == ["Call"]
    assert why(laptop, Side.CRM, activity) is Why.TYPE_NOT_CHOSEN


def test_pd_4_incoming_events_get_the_chosen_type() -> None:
    laptop = Laptop(incoming_type="call")
    laptop.calendar.user_creates(meeting())
    laptop.until_quiet()
    assert [item.activity_type for item in laptop.crm.items.values()] == ["call"]


def test_pd_3_an_old_item_is_taken_once_somebody_edits_it() -> None:
    laptop = Laptop(changed_since=datetime(2026, 5, 11, 10, tzinfo=UTC))
    event = laptop.calendar.user_creates(meeting("Old"))
    laptop.until_quiet()
    assert laptop.crm.items == {}
    assert why(laptop, Side.CALENDAR, event) is Why.UNCHANGED_SINCE_START
    laptop.clock.later(hours=2)
    laptop.calendar.user_changes(event, description="agenda")
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Old"]


def test_pd_3_a_new_activity_that_is_an_old_event_is_linked_and_not_doubled() -> None:
    laptop = Laptop(changed_since=datetime(2026, 5, 11, 10, tzinfo=UTC))
    laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    laptop.clock.later(hours=2)
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1
    assert laptop.joint().store.link_count() == 1


def test_an_item_that_is_left_out_is_not_linked_by_its_looks_either() -> None:
    laptop = Laptop(activity_types=frozenset({"call"}))
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Visit"), declined=True)
    laptop.until_quiet()
    assert laptop.joint().store.link_count() == 0


def test_sf_7_an_event_that_is_too_long_is_reported_with_the_limit() -> None:
    laptop = Laptop(dialect=replace(GENERIC, longest_minutes=14 * 24 * 60))
    laptop.calendar.user_creates(meeting("Fair", AllDay(TODAY, TODAY + timedelta(days=20))))
    laptop.until_quiet()
    (finding,) = laptop.joint().store.findings()
    assert (finding.rule, finding.cause, finding.numbers) == ("SF-7", Why.TOO_LONG, (("minutes", 20_160),))


def test_an_unreadable_item_is_named_with_its_field_and_the_rest_goes_on() -> None:
    laptop = Laptop()
    bad = laptop.calendar.user_creates(meeting("Bad"))
    laptop.calendar.user_creates(meeting("Good", at(12)))
    laptop.calendar.unreadable[bad] = "start"
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Good"]
    (finding,) = laptop.joint().store.findings()
    assert (finding.calendar, finding.fields, finding.cause) == (bad, ("start",), Why.UNREADABLE)
    del laptop.calendar.unreadable[bad]
    laptop.calendar.user_changes(bad, description="mended")
    laptop.until_quiet()
    assert len(laptop.crm.items) == 2


def test_a_linked_item_that_became_unreadable_rests_until_either_side_changes() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_changes(event, title="?")
    laptop.calendar.unreadable[event] = "start"
    laptop.crm.user_changes(activity, location="Osaka")
    assert laptop.until_quiet() == 0
    del laptop.calendar.unreadable[event]
    laptop.calendar.user_changes(event, title="Visit, readable")
    laptop.until_quiet()
    assert laptop.calendar.items[event].content.location == "Osaka"
    assert laptop.crm.items[activity].content.title == "Visit, readable"


# --- one way ---
@pytest.mark.parametrize("direction", [Direction.CRM_TO_CALENDAR, Direction.CALENDAR_TO_CRM])
def test_a_one_way_sync_never_writes_its_source(direction: Direction) -> None:
    laptop = Laptop(direction=direction)
    source, target = laptop.crm, laptop.calendar
    about: dict[str, object] = {"activity_type": "meeting"}
    if direction is Direction.CALENDAR_TO_CRM:
        source, target, about = target, source, {}
    ref = source.user_creates(meeting("Visit"), **about)
    laptop.until_quiet()
    (twin,) = target.items
    target.user_changes(twin, title="Visit, changed on the wrong side")
    laptop.until_quiet()
    source.user_changes(ref, location="Osaka")
    target.user_creates(meeting("Lunch", at(12)), **({"activity_type": "meeting"} if target is laptop.crm else {}))
    laptop.until_quiet()
    target.user_deletes(twin)
    laptop.until_quiet()
    assert source.written == []
    assert source.items[ref].content.title == "Visit"
    assert set(causes(laptop, FindingKind.ONE_WAY)) == {direction.value}


@pytest.mark.parametrize("cause", [ReadOnlyCause.FOREIGN_ORGANISER, ReadOnlyCause.SPECIAL_KIND])
def test_pd_8_an_activity_that_may_not_be_changed_is_listed_from_its_first_run_on(cause: ReadOnlyCause) -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), read_only=cause, activity_type="meeting")
    laptop.run()
    assert causes(laptop, FindingKind.ONE_WAY) == [cause]
    laptop.until_quiet()
    assert causes(laptop, FindingKind.ONE_WAY) == [cause]


def test_pd_8_an_event_of_a_foreign_organiser_is_listed_with_the_fields_that_wait() -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(meeting("Visit"), read_only=ReadOnlyCause.FOREIGN_ORGANISER)
    laptop.until_quiet()
    assert causes(laptop, FindingKind.ONE_WAY) == [ReadOnlyCause.FOREIGN_ORGANISER]
    (activity,) = laptop.crm.items
    laptop.crm.user_changes(activity, location="Osaka")
    laptop.until_quiet()
    (finding,) = [f for f in laptop.joint().store.findings() if f.kind is FindingKind.ONE_WAY]
    assert finding.fields == ("location",)
    assert laptop.calendar.items[event].content.location == ""
    laptop.calendar.user_changes(event, title="Visit, moved")
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Visit, moved"


# --- stamps ---
def test_a_copied_event_is_a_meeting_of_its_own_although_it_carries_the_stamp() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    copy = laptop.calendar.user_copies(event, when=at(15))
    laptop.until_quiet()
    assert len(laptop.crm.items) == 2
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock)
    fresh.until_quiet()
    assert len(fresh.crm.items) == len(fresh.calendar.items) == 2
    partners = {ref: fresh.joint().store.link(Side.CALENDAR, ref) for ref in (event, copy)}
    assert {ref: link and link.crm for ref, link in partners.items()} == {
        ref: link and link.crm
        for ref, link in ((ref, laptop.joint().store.link(Side.CALENDAR, ref)) for ref in (event, copy))
    }


def test_an_item_of_another_sync_is_left_alone() -> None:
    mine = Laptop()
    mine.crm.user_creates(meeting("Visit"), activity_type="meeting")
    mine.until_quiet()
    other = Laptop(calendar=mine.calendar, clock=mine.clock, key=sync_key("crm-2", "calendar-1"))
    other.until_quiet()
    assert other.crm.items == {}
    (event,) = mine.calendar.items
    assert why(other, Side.CALENDAR, event) is Why.OTHER_SYNC
    assert mine.run().converged


def test_a_linked_pair_is_stamped_so_that_a_lost_database_cannot_part_it() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    event = laptop.calendar.user_creates(meeting("visit"))
    laptop.until_quiet()
    assert decode(laptop.calendar.items[event].stamp) is not None
    laptop.calendar.user_changes(event, title="Something else", when=at(18))
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock)
    fresh.until_quiet()
    assert len(fresh.crm.items) == len(fresh.calendar.items) == 1


# --- fights ---
def test_an_item_that_two_programs_rewrite_is_held() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    for number in range(3):
        laptop.crm.user_changes(activity, title=f"Visit {number}")
        laptop.run()
        laptop.calendar.user_changes(event, title=f"VISIT {number}")
        laptop.run()
        laptop.clock.later(minutes=1)
    laptop.crm.user_changes(activity, title="Visit 3")
    laptop.run()
    assert why(laptop, Side.CRM, activity) is Why.REWRITTEN_ON_BOTH_SIDES
    assert causes(laptop, FindingKind.HELD) == [Why.REWRITTEN_ON_BOTH_SIDES]
    assert laptop.calendar.items[event].content.title == "VISIT 2"


def test_what_two_programs_rewrote_long_ago_is_no_fight() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    for number in range(3):
        laptop.crm.user_changes(activity, title=f"Visit {number}")
        laptop.run()
        laptop.calendar.user_changes(event, title=f"VISIT {number}")
        laptop.run()
    laptop.clock.later(minutes=11)
    laptop.crm.user_changes(activity, title="Visit 3")
    laptop.run()
    assert laptop.joint().store.findings() == []
    assert laptop.calendar.items[event].content.title == "Visit 3"


def test_a_person_who_edits_one_side_often_is_no_fight() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    for number in range(6):
        laptop.crm.user_changes(activity, title=f"Visit {number}")
        laptop.run()
        laptop.clock.later(minutes=1)
    assert [content.title for content in laptop.calendar.contents()] == ["Visit 5"]
    assert laptop.joint().store.findings() == []


# --- feeds that lie (S-3) ---
def in_step(count: int = 3) -> Laptop:
    laptop = Laptop()
    for hour in range(8, 8 + count):
        laptop.crm.user_creates(meeting("Visit", at(hour)), activity_type="meeting")
    laptop.until_quiet()
    return laptop


@pytest.mark.parametrize("shown", [0, 1])
def test_s_3_a_listing_that_is_not_whole_deletes_nothing(shown: int) -> None:
    laptop = in_step()
    laptop.calendar.lies.expired = True
    laptop.calendar.lies.truncated = shown
    result = laptop.run()
    assert isinstance(result.trouble, RetryLater)
    assert len(laptop.crm.items) == 3
    laptop.calendar.lies.truncated = None
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 3


def test_s_3_a_tombstone_of_a_living_item_deletes_nothing_and_the_feed_is_read_anew() -> None:
    laptop = in_step()
    laptop.calendar.lies.false_tombstones = sorted(laptop.calendar.items)[:1]
    laptop.run()
    assert len(laptop.crm.items) == 3
    assert laptop.joint().store.cursor(Side.CALENDAR, laptop.calendar.container) is None
    laptop.calendar.lies.false_tombstones = []
    laptop.until_quiet()
    assert laptop.joint().store.link_count() == 3


def unreadable_and_called_gone() -> tuple[Laptop, Ref]:
    """A laptop whose calendar's feed has called an event gone that nobody can read; the event comes along."""
    laptop = in_step(1)
    (event,) = laptop.calendar.items
    laptop.calendar.lies.false_tombstones = [event]
    laptop.calendar.unreadable[event] = "title"
    laptop.run()
    laptop.calendar.lies.false_tombstones = []
    return laptop, event


def test_s_3_an_item_that_cannot_be_read_is_not_gone() -> None:
    laptop, event = unreadable_and_called_gone()
    laptop.run()
    assert len(laptop.crm.items) == 1
    assert [found.cause for found in laptop.joint().store.findings()] == [Why.UNREADABLE]
    del laptop.calendar.unreadable[event]
    laptop.run()  # finds that the feed has lied
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == laptop.joint().store.link_count() == 1
    assert laptop.joint().store.findings() == []


def test_s_3_an_item_that_could_not_be_read_is_gone_once_a_look_says_so() -> None:
    laptop, event = unreadable_and_called_gone()
    laptop.calendar.user_deletes(event)
    laptop.calendar.unreadable.clear()
    laptop.until_quiet()
    assert laptop.crm.items == {}


def test_s_3_an_item_that_a_listing_lacks_and_nobody_can_read_stays() -> None:
    laptop = in_step(1)
    (event,) = laptop.calendar.items
    laptop.calendar.lies.expired = True
    laptop.calendar.lies.truncated = 0
    laptop.calendar.unreadable[event] = "title"
    laptop.run()
    assert isinstance(laptop.joint().store.item(Side.CALENDAR, event), ObservedItem)
    assert len(laptop.crm.items) == 1


def test_s_3_a_living_item_said_to_be_gone_is_not_made_again_either() -> None:
    laptop = in_step(1)
    (activity,), (event,) = laptop.crm.items, laptop.calendar.items
    laptop.crm.user_changes(activity, title="Visit, moved")
    laptop.calendar.lies.false_tombstones = [event]
    laptop.run()
    laptop.calendar.lies.false_tombstones = []
    laptop.until_quiet()
    assert list(laptop.calendar.items) == [event]
    assert laptop.calendar.items[event].content.title == "Visit, moved"


def test_a_change_beats_a_removal_on_the_other_side() -> None:
    laptop = in_step(1)
    (activity,), (event,) = laptop.crm.items, laptop.calendar.items
    laptop.crm.user_changes(activity, title="Visit, moved")
    laptop.calendar.user_deletes(event)
    laptop.until_quiet()
    assert [content.title for content in laptop.calendar.contents()] == ["Visit, moved"]
    assert list(laptop.crm.items) == [activity]


def test_hidden_visibility_of_an_activity_reaches_the_calendar() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit", visibility=Visibility.PRIVATE), activity_type="meeting")
    laptop.until_quiet()
    (content,) = laptop.calendar.contents()
    assert content.visibility is Visibility.PRIVATE
    assert laptop.run().converged


def test_a_meeting_deleted_and_made_anew_is_linked_with_the_new_one() -> None:
    laptop = in_step(1)
    (activity,), (event,) = laptop.crm.items, laptop.calendar.items
    content = laptop.crm.items[activity].content
    laptop.crm.user_deletes(activity)
    again = laptop.crm.user_creates(content, activity_type="meeting")
    laptop.until_quiet()
    assert list(laptop.crm.items) == [again]
    assert list(laptop.calendar.items) == [event]
    link = laptop.joint().store.link(Side.CRM, again)
    assert link is not None
    assert link.calendar == event
