"""What a person chose about a finding is done."""

from __future__ import annotations

import pytest

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingId, FindingKind
from soroe.core.guard import Limits
from soroe.core.route import ConflictPolicy, Direction
from soroe.engine.by_person import CannotResolve
from soroe.engine.resolve import resolve, take_back
from soroe.engine.undo import undo
from soroe.ports.errors import ItemRejected
from soroe.ports.store import SyncStatus
from tests.builders import Laptop, at, meeting


def the_finding(laptop: Laptop, kind: FindingKind) -> Finding:
    (found,) = [finding for finding in laptop.joint().store.findings() if finding.kind is kind]
    return found


def choose(laptop: Laptop, kind: FindingKind, action: FindingAction) -> None:
    resolve(laptop.joint(), the_finding(laptop, kind).id, action)


def lookalikes() -> Laptop:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit", description="agenda"), activity_type="meeting")
    laptop.crm.user_creates(meeting("Visit", description="minutes", location="Osaka"), activity_type="meeting")
    laptop.calendar.user_creates(meeting("Visit"))
    laptop.run()
    return laptop


def test_keeping_one_deletes_the_copies_and_links_what_is_left() -> None:
    laptop = lookalikes()
    choose(laptop, FindingKind.DUPLICATE, FindingAction.KEEP_ONE)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 1
    (kept,) = laptop.crm.contents()
    assert kept.description == "agenda"
    assert laptop.joint().store.findings() == []


def test_merging_keeps_what_only_a_copy_knew() -> None:
    laptop = lookalikes()
    choose(laptop, FindingKind.DUPLICATE, FindingAction.MERGE)
    laptop.until_quiet()
    (kept,) = laptop.crm.contents()
    assert (kept.description, kept.location) == ("agenda\n\nminutes", "Osaka")


def test_what_is_not_a_duplicate_is_synced_item_by_item() -> None:
    laptop = lookalikes()
    choose(laptop, FindingKind.DUPLICATE, FindingAction.NOT_A_DUPLICATE)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 3


def test_what_was_called_no_duplicate_by_mistake_is_asked_again_once_it_is_taken_back() -> None:
    laptop = lookalikes()
    (asked,) = [one for one in laptop.joint().store.findings() if one.kind is FindingKind.DUPLICATE]
    before = len(laptop.crm.items), len(laptop.calendar.items)
    choose(laptop, FindingKind.DUPLICATE, FindingAction.NOT_A_DUPLICATE)
    result = laptop.run()
    undo(laptop.joint(), result.record.id)
    take_back(laptop.joint(), asked.group())
    laptop.until_quiet()
    assert (len(laptop.crm.items), len(laptop.calendar.items)) == before
    assert FindingKind.DUPLICATE in {one.kind for one in laptop.joint().store.findings()}


def test_copies_on_a_side_that_the_direction_protects_are_not_deleted() -> None:
    laptop = Laptop(direction=Direction.CRM_TO_CALENDAR)
    for _ in range(2):
        laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.run()
    with pytest.raises(CannotResolve) as refusal:
        choose(laptop, FindingKind.DUPLICATE, FindingAction.KEEP_ONE)
    assert refusal.value.code == "direction"
    assert len(laptop.crm.items) == 2


def conflict() -> tuple[Laptop, Ref, Ref]:
    laptop = Laptop(conflicts=ConflictPolicy.ASK)
    activity = laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.crm.user_changes(activity, title="Visit A", location="Osaka")
    laptop.calendar.user_changes(event, title="Visit B")
    assert laptop.run().record.conflicts == 1
    return laptop, activity, event


@pytest.mark.parametrize(
    ("action", "title"), [(FindingAction.TAKE_CRM, "Visit A"), (FindingAction.TAKE_CALENDAR, "Visit B")]
)
def test_a_conflict_is_decided_by_a_person_for_both_sides(action: FindingAction, title: str) -> None:
    laptop, activity, event = conflict()
    assert laptop.calendar.items[event].content.location == "Osaka"  # clear fields do not wait
    choose(laptop, FindingKind.CONFLICT, action)
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == laptop.calendar.items[event].content.title == title
    assert laptop.joint().store.findings() == []


def test_a_choice_decides_one_conflict_and_not_the_next() -> None:
    laptop, activity, event = conflict()
    choose(laptop, FindingKind.CONFLICT, FindingAction.TAKE_CRM)
    laptop.calendar.user_changes(event, title="Visit A")  # somebody was faster
    laptop.until_quiet()
    laptop.calendar.user_changes(event, title="Visit C")
    laptop.until_quiet()
    assert laptop.crm.items[activity].content.title == "Visit C"


def test_a_rejected_item_is_tried_again() -> None:
    laptop = Laptop()
    laptop.crm.user_creates(meeting("Visit"), activity_type="meeting")
    laptop.calendar.before_write = lambda _write: ItemRejected("not_today", "title", "Not today.")
    assert laptop.run().record.failed == 1
    assert the_finding(laptop, FindingKind.REJECTED).service_message == "Not today."
    laptop.calendar.before_write = None
    assert laptop.run().converged
    choose(laptop, FindingKind.REJECTED, FindingAction.RETRY)
    laptop.until_quiet()
    assert len(laptop.calendar.items) == 1
    assert laptop.joint().store.findings() == []


# --- the guard ---
def mass_deletion(**choices: object) -> Laptop:
    laptop = Laptop(limits=Limits(deletes=2, delete_share=0.0), **choices)  # type: ignore[arg-type]  # choices of a route
    for hour in range(8, 12):
        laptop.crm.user_creates(meeting("Visit", at(hour)), activity_type="meeting")
    laptop.until_quiet()
    for event in list(laptop.calendar.items):
        laptop.calendar.user_deletes(event)
    assert laptop.run().record.held == 4
    return laptop


def test_s_4_a_mass_deletion_is_held_and_nothing_is_written() -> None:
    laptop = mass_deletion()
    assert len(laptop.crm.items) == 4
    assert laptop.joint().store.state().status is SyncStatus.HELD
    assert laptop.run().record.held == 4


def test_s_4_once_allowed_the_very_same_deletion_goes_ahead() -> None:
    laptop = mass_deletion()
    choose(laptop, FindingKind.HELD, FindingAction.ALLOW)
    assert laptop.run().record.deleted == (4, 0)
    assert laptop.joint().store.state().status is SyncStatus.RUNNING
    assert laptop.run().converged


def test_s_4_once_dropped_what_disappeared_is_put_back() -> None:
    laptop = mass_deletion()
    choose(laptop, FindingKind.HELD, FindingAction.DROP)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 4


def test_s_4_dropping_may_ask_a_service_whether_what_is_not_linked_any_more_is_really_gone() -> None:
    """Nobody else may be kept from writing to the database meanwhile."""
    laptop = mass_deletion()
    store = laptop.joint().store
    link = store.link(Side.CRM, next(iter(laptop.crm.items)))
    assert link is not None
    store.drop_link(link)
    choose(laptop, FindingKind.HELD, FindingAction.DROP)
    assert store.state().status is SyncStatus.RUNNING


def test_a_mass_rewrite_that_is_dropped_is_not_carried_out_one_way() -> None:
    laptop = Laptop(direction=Direction.CRM_TO_CALENDAR, limits=Limits(rewrites=2, rewrite_share=0.0))
    activities = [laptop.crm.user_creates(meeting("Visit", at(h)), activity_type="meeting") for h in range(8, 12)]
    laptop.until_quiet()
    for activity in activities:
        laptop.crm.user_changes(activity, title="spoiled")
    assert laptop.run().record.held == 4
    choose(laptop, FindingKind.HELD, FindingAction.DROP)
    laptop.until_quiet()
    assert {content.title for content in laptop.calendar.contents()} == {"Visit"}


def test_pd_9_a_wave_of_duplicates_is_held_at_its_first_run() -> None:
    laptop = Laptop(limits=Limits(duplicates=2, duplicate_share=0.0))
    for hour in range(8, 12):
        laptop.crm.user_creates(meeting("Visit", at(hour)), activity_type="meeting")
    laptop.until_quiet()
    for event in list(laptop.calendar.items):
        laptop.calendar.user_copies(event)
    assert laptop.run().record.held == 4
    assert len(laptop.crm.items) == 4
    choose(laptop, FindingKind.HELD, FindingAction.ALLOW)
    laptop.until_quiet()
    duplicates = [f for f in laptop.joint().store.findings() if f.kind is FindingKind.DUPLICATE]
    for finding in duplicates:
        resolve(laptop.joint(), finding.id, FindingAction.KEEP_ONE)
    laptop.until_quiet()
    assert len(laptop.crm.items) == len(laptop.calendar.items) == 4


def test_what_cannot_be_resolved_says_why() -> None:
    laptop = lookalikes()
    finding = the_finding(laptop, FindingKind.DUPLICATE)
    for id_, action, code in (
        (FindingId("nothing"), FindingAction.DISMISS, "no_such_finding"),
        (finding.id, FindingAction.RECONNECT, "no_such_action"),
    ):
        with pytest.raises(CannotResolve) as refusal:
            resolve(laptop.joint(), id_, action)
        assert refusal.value.code == code


def test_a_dismissed_finding_stays_away() -> None:
    laptop = Laptop()
    laptop.calendar.user_creates(meeting("x" * 300))
    laptop.until_quiet()
    choose(laptop, FindingKind.ALTERED, FindingAction.DISMISS)
    laptop.joint().store.mark_all_dirty()
    laptop.run()
    assert laptop.joint().store.findings() == []
