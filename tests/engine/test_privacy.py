"""What the CRM learns of private events, over whole runs (S-6, PD-7)."""

from __future__ import annotations

import pytest

from soroe.core.dialect import GENERIC, PIPEDRIVE
from soroe.core.event import ContainerId, Ref, Visibility
from soroe.core.finding import FindingKind
from soroe.core.plan import Why
from soroe.core.route import PrivacyPolicy
from tests.builders import Laptop, at, meeting
from tests.fakes.service import CALENDAR, PIPEDRIVE_LIKE, FakeService

SECRET = meeting("Doctor", at(14), description="knee", location="clinic", visibility=Visibility.PRIVATE)


def causes(laptop: Laptop, kind: FindingKind) -> list[str]:
    return [finding.cause for finding in laptop.joint().store.findings() if finding.kind is kind]


def test_pd_7_a_private_event_is_a_block_that_tells_its_time_only() -> None:
    laptop = Laptop()
    laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    (activity,) = laptop.crm.contents()
    assert (activity.title, activity.when, activity.description, activity.location) == ("Private", at(14), "", "")
    assert activity.visibility is Visibility.PRIVATE
    assert causes(laptop, FindingKind.PRIVATE) == [Why.PRIVATE_BLOCK]


def test_pd_7_under_skip_the_crm_learns_nothing_and_the_event_is_listed() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.SKIP)
    laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    assert laptop.crm.items == {}
    assert causes(laptop, FindingKind.PRIVATE) == [Why.PRIVATE_SKIPPED]


def test_pd_7_under_full_the_crm_gets_everything_with_its_own_privacy_flag() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.FULL)
    laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    assert laptop.crm.contents() == [SECRET]


def test_a_crm_without_a_privacy_flag_never_gets_a_private_event_in_full() -> None:
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, Laptop().clock), dialect=PIPEDRIVE, privacy=PrivacyPolicy.FULL)
    laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Private"]


def test_another_persons_private_event_is_never_told_in_full() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.FULL, foreign_calendars=frozenset({CALENDAR}))
    laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Private"]


def test_an_event_made_private_later_loses_its_details_in_the_crm() -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(meeting("Doctor", description="knee"))
    laptop.until_quiet()
    laptop.calendar.user_changes(event, visibility=Visibility.PRIVATE)
    laptop.until_quiet()
    (activity,) = laptop.crm.contents()
    assert (activity.title, activity.description) == ("Private", "")
    assert laptop.calendar.items[event].content.title == "Doctor"


def test_a_private_event_made_public_shows_its_details() -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    laptop.calendar.user_changes(event, visibility=Visibility.NORMAL)
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Doctor"]


def test_an_activity_keeps_its_own_details_when_its_event_is_made_private() -> None:
    laptop = Laptop()
    activity = laptop.crm.user_creates(meeting("Visit", description="agenda"), activity_type="meeting")
    laptop.until_quiet()
    (event,) = laptop.calendar.items
    laptop.calendar.user_changes(event, visibility=Visibility.PRIVATE, description="secret")
    laptop.until_quiet()
    assert (laptop.crm.items[activity].content.title, laptop.crm.items[activity].content.description) == (
        "Visit", "agenda",
    )  # fmt: skip # short values, several a line
    assert causes(laptop, FindingKind.PRIVATE) == [Why.PRIVATE_KEPT]


def test_renaming_the_block_in_the_crm_does_not_touch_the_private_event() -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    (activity,) = laptop.crm.items
    laptop.crm.user_changes(activity, title="Doctor?", when=at(15))
    laptop.until_quiet()
    content = laptop.calendar.items[event].content
    assert (content.title, content.when, content.description) == ("Doctor", at(15), "knee")


@pytest.mark.parametrize("dialect", [GENERIC, PIPEDRIVE], ids=["any-crm", "pipedrive"])
def test_after_a_lost_database_a_private_event_of_the_calendar_is_still_a_block(dialect: object) -> None:
    laptop = Laptop(dialect=dialect)  # type: ignore[arg-type]  # a dialect
    event = laptop.calendar.user_creates(meeting("Doctor"))
    laptop.until_quiet()
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock, dialect=laptop.dialect)
    fresh.until_quiet()
    fresh.calendar.user_changes(event, visibility=Visibility.PRIVATE)
    fresh.until_quiet()
    assert [content.title for content in fresh.crm.contents()] == ["Private"]


def test_what_the_service_itself_withheld_stays_withheld() -> None:
    laptop = Laptop(privacy=PrivacyPolicy.FULL)
    laptop.calendar.user_creates(meeting("Busy"), details_hidden=True)
    laptop.until_quiet()
    assert [content.title for content in laptop.crm.contents()] == ["Private"]


def test_no_journal_entry_towards_the_crm_holds_a_private_detail() -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(SECRET)
    laptop.until_quiet()
    laptop.calendar.user_changes(event, description="both knees")
    laptop.calendar.user_deletes(event)
    laptop.until_quiet()
    store = laptop.joint().store
    changes = [change for run in store.runs(100) for change in store.changes(run.id) if change.side == "crm"]
    assert changes
    assert "knee" not in repr(changes)
    assert laptop.crm.items.get(Ref(ContainerId(""), event.id)) is None
