"""Whole runs with the dialects of eSales Manager and Oracle: what the CRM knows beside a meeting, and what is told."""

from __future__ import annotations

from typing import Any

from soroe.core.dialect import ESALES, ORACLE
from soroe.core.event import Guest, Particulars, Ref, Side
from soroe.core.finding import Finding, FindingAction, FindingKind
from soroe.core.route import Direction
from soroe.engine.resolve import resolve
from tests.builders import Laptop, meeting
from tests.fakes.clock import Clock
from tests.fakes.service import PIPEDRIVE_LIKE, FakeService

AOKI, CLIENT = Guest("aoki@example.com"), Guest("client@example.net")


def esales(**choices: Any) -> Laptop:
    """A laptop that syncs eSales Manager, whose only employee is Aoki."""
    clock = Clock()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, clock), clock=clock, dialect=ESALES, **choices)
    laptop.crm.employees = frozenset({AOKI.email})
    return laptop


def only(laptop: Laptop, side: Side) -> Ref:
    (ref,) = (laptop.crm if side is Side.CRM else laptop.calendar).items
    return ref


def told(laptop: Laptop) -> list[Finding]:
    """The findings about meetings."""
    return [finding for finding in laptop.joint().store.findings() if finding.group()]


def test_esm_i13_that_guests_were_left_out_is_told_right_after_the_activity_was_made() -> None:
    laptop = esales(guests_to_crm=True)
    laptop.calendar.user_creates(meeting(guests=(AOKI, CLIENT)))
    assert laptop.until_quiet() == 1
    assert laptop.crm.contents()[0].guests == (AOKI,)
    (finding,) = told(laptop)
    assert (finding.rule, finding.numbers) == ("ESM-I13", (("left_out", 1),))


def test_esm_i13_it_is_told_as_well_where_nothing_is_written_to_the_calendar() -> None:
    laptop = esales(guests_to_crm=True, direction=Direction.CALENDAR_TO_CRM)
    laptop.calendar.user_creates(meeting(guests=(AOKI, CLIENT)))
    laptop.until_quiet()
    assert [finding.rule for finding in told(laptop)] == ["ESM-I13"]


def test_esm_i13_that_a_guest_was_left_out_is_told_once_he_is_invited_and_no_longer_when_he_leaves() -> None:
    laptop = esales(guests_to_crm=True)
    laptop.calendar.user_creates(meeting(guests=(AOKI,)))
    laptop.until_quiet()
    assert told(laptop) == []
    laptop.calendar.user_changes(only(laptop, Side.CALENDAR), guests=(AOKI, CLIENT))
    laptop.until_quiet()
    assert [finding.rule for finding in told(laptop)] == ["ESM-I13"]
    laptop.calendar.user_changes(only(laptop, Side.CALENDAR), guests=(AOKI,))
    laptop.until_quiet()
    assert told(laptop) == []


def test_esm_o4_another_deal_is_seen_in_the_calendar_in_one_run_and_writes_nothing_back() -> None:
    laptop = esales()
    activity = laptop.crm.user_creates(meeting("面談"), particulars=Particulars("青木商事", "見積"))
    laptop.until_quiet()
    laptop.crm.user_learns(activity, Particulars("青木商事", "契約"))
    laptop.crm.written.clear()
    assert laptop.until_quiet() == 1
    assert [content.title for content in laptop.calendar.contents()] == ["面談（青木商事/契約）"]
    assert laptop.crm.written == []


def test_esm_o4_a_lost_database_leaves_titles_and_places_as_they_were() -> None:
    laptop = esales()
    laptop.crm.user_creates(
        meeting("面談", location="丸の内1-1"), particulars=Particulars("青木", "見積", "丸ビル", "1")
    )
    laptop.until_quiet()
    before = laptop.crm.contents(), laptop.calendar.contents()
    fresh = Laptop(laptop.crm, laptop.calendar, clock=laptop.clock, dialect=ESALES)
    fresh.until_quiet()
    assert (laptop.crm.contents(), laptop.calendar.contents()) == before


def test_esm_il2_that_a_private_calendar_makes_no_private_events_is_told_once_until_it_is_dismissed() -> None:
    laptop = esales()
    laptop.calendar.user_creates(meeting())
    laptop.until_quiet()
    (finding,) = laptop.joint().store.findings()
    assert (finding.kind, finding.rule, finding.group()) == (FindingKind.PRIVATE, "ESM-IL2", ())
    resolve(laptop.joint(), finding.id, FindingAction.DISMISS)
    laptop.clock.later(days=2)
    laptop.until_quiet()
    assert list(laptop.joint().store.findings()) == []


def test_od_4_a_place_changed_in_the_calendar_shows_in_its_title_after_one_run() -> None:
    clock = Clock()
    laptop = Laptop(FakeService(PIPEDRIVE_LIKE, clock), clock=clock, dialect=ORACLE)
    laptop.crm.user_creates(meeting("Congress", location="Marriott"), activity_type="Event")
    laptop.until_quiet()
    laptop.calendar.user_changes(only(laptop, Side.CALENDAR), location="Hilton")
    assert laptop.until_quiet() == 1
    assert [content.title for content in laptop.calendar.contents()] == ["Congress (Hilton)"]
    assert [content.title for content in laptop.crm.contents()] == ["Congress"]
