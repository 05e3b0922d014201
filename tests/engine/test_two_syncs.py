"""Two syncs of one calendar: each carries what people made, and takes nothing that is the other's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE, Dialect
from soroe.core.event import Recurrence
from soroe.core.finding import FindingAction, FindingKind
from soroe.core.stamp import claim_text, sync_key
from soroe.engine.resolve import resolve
from soroe.engine.undo import undo
from soroe.ports.remote import Capabilities, Write
from tests.builders import Laptop, at, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import GOOGLE_LIKE, PIPEDRIVE_LIKE, REST_LIKE, FakeService

from .test_series import day

WEEKLY = Recurrence(("FREQ=WEEKLY;COUNT=3",))
ANY_CRM, ANY_PIPEDRIVE = (REST_LIKE, GENERIC), (PIPEDRIVE_LIKE, PIPEDRIVE)


def two_syncs(*crms: tuple[Capabilities, Dialect]) -> list[Laptop]:
    """A sync with each of these CRMs, all of one calendar."""
    clock = Clock()
    calendar = FakeService(GOOGLE_LIKE, clock)
    return [
        Laptop(
            FakeService(capabilities, clock), calendar, clock=clock, dialect=dialect,
            key=sync_key(f"crm-{number}", "calendar-1"),
        )
        for number, (capabilities, dialect) in enumerate(crms)
    ]  # fmt: skip # short values, several a line


def rest(*syncs: Laptop) -> None:
    """All come to rest together."""
    for _ in range(4):
        if sum(sync.until_quiet() for sync in syncs) == 0:
            return
    raise AssertionError("the syncs do not come to rest")


def titles(sync: Laptop) -> list[str]:
    return sorted(content.title for content in sync.crm.contents())


def test_an_occurrence_that_another_sync_moved_and_stamped_is_moved_in_both_crms() -> None:
    whole, single = two_syncs(ANY_CRM, ANY_PIPEDRIVE)
    series = whole.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    rest(whole, single)
    first = sorted(single.crm.items)[0]
    single.crm.user_changes(first, title="Jour fixe, long", when=at(15))
    rest(single, whole)
    exception = day(series, 0)
    assert "|" in (whole.calendar.items[exception].stamp or "")
    twin = next(item for item in whole.crm.items.values() if item.occurrence is not None)
    assert (twin.content.title, twin.content.when) == ("Jour fixe, long", at(15))


def test_what_one_sync_made_in_the_calendar_is_not_taken_by_the_other() -> None:
    whole, single = two_syncs(ANY_CRM, ANY_PIPEDRIVE)
    whole.crm.user_creates(meeting("Visit"), activity_type="meeting")
    whole.crm.user_creates(meeting("Jour fixe", at(9), recurrence=WEEKLY), activity_type="meeting")
    rest(whole, single)
    assert len(whole.calendar.items) == 2
    assert single.crm.items == {}


def test_a_series_that_another_sync_stamped_later_goes_on_in_this_one() -> None:
    whole, single = two_syncs(ANY_CRM, ANY_PIPEDRIVE)
    series = single.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    single.until_quiet()
    whole.crm.user_creates(meeting("Jour fixe", recurrence=WEEKLY), activity_type="meeting")
    rest(whole, single)
    single.calendar.user_changes(series, recurrence=Recurrence(("FREQ=WEEKLY;COUNT=5",)))
    rest(whole, single)
    assert titles(single) == ["Jour fixe"] * 5


def new_laptop(sync: Laptop) -> Laptop:
    """The same sync on a laptop that knows nothing yet."""
    return Laptop(
        sync.crm, sync.calendar, clock=sync.clock, dialect=sync.dialect, installation="new", key=sync.route.key
    )


def test_a_new_laptop_knows_an_occurrence_again_that_another_sync_has_stamped() -> None:
    one, other = two_syncs(ANY_PIPEDRIVE, ANY_PIPEDRIVE)
    series = one.calendar.user_creates(meeting("Jour fixe", recurrence=WEEKLY))
    rest(one, other)
    one.calendar.user_changes(day(series, 0), title="Jour fixe, long")
    rest(one, other)
    rest(new_laptop(one), new_laptop(other))
    assert len(one.calendar.items) == 2
    assert titles(one) == titles(other) == ["Jour fixe", "Jour fixe", "Jour fixe, long"]


def test_two_syncs_that_claim_an_event_at_once_do_not_take_it_from_each_other() -> None:
    one, other = two_syncs(ANY_PIPEDRIVE, ANY_PIPEDRIVE)
    one.calendar.user_creates(meeting("Visit"))

    def meanwhile(_write: Write) -> None:
        one.crm.before_write = None
        other.run()

    one.crm.before_write = meanwhile
    one.run()
    rest(one, other)
    assert titles(one) == ["Visit"]
    assert titles(other) == []
    rest(new_laptop(one), new_laptop(other))
    assert len(one.calendar.items) == 1


def test_a_claim_that_another_sync_left_behind_is_taken_over_after_a_while() -> None:
    one, other = two_syncs(ANY_PIPEDRIVE, ANY_PIPEDRIVE)
    event = one.calendar.user_creates(meeting("Visit"))
    text = claim_text(one.route.key, "gone", event, one.clock())
    one.calendar.items[event] = replace(one.calendar.items[event], stamp=text)
    assert not other.run().converged
    assert titles(other) == []
    other.clock.later(minutes=15)
    rest(other)
    assert titles(other) == ["Visit"]


def test_what_undo_hides_for_other_laptops_is_left_to_them_by_another_sync() -> None:
    one, other = two_syncs(ANY_PIPEDRIVE, ANY_PIPEDRIVE)
    travel = new_laptop(one)
    event = one.calendar.user_creates(meeting("Visit"))
    made = one.run()
    travel.until_quiet()
    assert not undo(one.joint(), made.record.id).skipped
    rest(other)
    rest(travel, other, one)
    assert event in one.calendar.items
    assert titles(one) == []
    assert titles(other) == ["Visit"]


@pytest.mark.parametrize("second", [ANY_CRM, ANY_PIPEDRIVE], ids=["any CRM", "Pipedrive"])
@pytest.mark.parametrize("same", [True, False])
def test_a_meeting_that_stands_in_a_second_crm_as_well_is_asked_about_before_the_calendar_gets_it_twice(
    second: tuple[Capabilities, Dialect], same: bool
) -> None:
    first, added = two_syncs(ANY_PIPEDRIVE, second)
    first.crm.user_creates(meeting("Visit"), activity_type="meeting")
    first.until_quiet()
    added.crm.user_creates(meeting("Visit"), activity_type="meeting")
    rest(first, added)
    assert len(added.calendar.items) == 1
    (question,) = added.joint().store.findings()
    assert question.kind is FindingKind.DUPLICATE
    resolve(added.joint(), question.id, FindingAction.MERGE if same else FindingAction.NOT_A_DUPLICATE)
    rest(first, added)
    assert len(added.calendar.items) == (1 if same else 2)
    assert added.joint().store.findings() == []
    assert titles(first) == titles(added) == ["Visit"]
    (activity,) = added.crm.items
    added.crm.user_changes(activity, title="Visit, long")
    rest(added, first)
    assert titles(added) == ["Visit, long"]
    assert titles(first) == (["Visit, long"] if same else ["Visit"])
