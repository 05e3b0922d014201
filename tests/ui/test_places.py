"""Online meetings in the details of a meeting: a button for each place, and words for why one cannot be pressed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QTableView

from soroe.core.event import (
    CRM_LIST,
    AllDay,
    ContainerId,
    EventContent,
    ItemId,
    ObservedItem,
    ReadOnlyCause,
    Ref,
    Side,
    Version,
    bounds_utc,
)
from soroe.core.plan import Why
from soroe.core.route import Direction
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import AddLink, CommandDone, HealthChanged
from soroe.ports.reading import BothSides, MeetingRow
from soroe.ui.app import Desktop
from soroe.ui.pages.activities.page import ActivitiesPage
from soroe.ui.ports import Account, AccountKind, SyncSetup
from soroe.ui.state import AppState, LinkAsked, SyncStanding, advance
from soroe.ui.texts import Texts, command_result, health_words, notice_words
from soroe.ui.view.banner import Page, banner_view
from soroe.ui.view.places import LinkOffer, link_offers
from soroe.ui.view.told import Told
from tests.builders import TODAY, meeting
from tests.fakes.desk import NOW, ZONE
from tests.fakes.fortnight import WORK, fortnight

from .conftest import Opened
from .parts import button, shown_texts

CRM, CALENDAR = Ref(CRM_LIST, ItemId("a1")), Ref(ContainerId("primary"), ItemId("e1"))
GOOD = Health(HealthState.CONNECTED, NOW)
ZOOM = Account("Zoom", AccountKind.ZOOM, "sato@example.com", GOOD)
TEAMS = Account("Office", AccountKind.TEAMS, "sato@example.com", GOOD)


def state_with(*accounts: Account, direction: Direction = Direction.TWO_WAY) -> AppState:
    return AppState(NOW, accounts, (SyncStanding(SyncSetup(WORK, "crm", "calendar", direction)),))


def offers(
    told: Told,
    state: AppState,
    content: EventContent | None = None,
    cause: ReadOnlyCause | None = None,
) -> tuple[LinkOffer, ...]:
    """What is offered for a visit that is on both sides; `cause` closes both of them."""
    content = content or meeting()
    start, end = bounds_utc(content.when)
    row = MeetingRow(WORK, CRM, CALENDAR, "Visit", start, end, False, "Call", False, Why.IN_STEP)
    items = [ObservedItem(ref, Version("1"), content, read_only=cause) for ref in (CRM, CALENDAR)]
    return link_offers(row, BothSides(items[0], items[1], None, Why.IN_STEP), state, told)


def test_every_place_that_is_signed_in_has_a_button(told: Told) -> None:
    away = replace(ZOOM, name="Old", health=Health(HealthState.NOT_CONNECTED))
    google = replace(ZOOM, name="Google", kind=AccountKind.GOOGLE)
    found = offers(told, state_with(ZOOM, away, google, TEAMS))
    assert [(offer.words, offer.why_not) for offer in found] == [("Add Teams meeting", ""), ("Add Zoom meeting", "")]
    assert found[1].command == AddLink(WORK, Side.CALENDAR, CALENDAR, "Zoom")


def test_two_accounts_of_one_service_are_told_apart(told: Told) -> None:
    found = offers(told, state_with(ZOOM, replace(ZOOM, name="Sales")))
    assert [offer.words for offer in found] == ["Add Zoom meeting (Sales)", "Add Zoom meeting (Zoom)"]


@pytest.mark.parametrize(
    "address",
    [
        "https://zoom.us/j/91234567890",
        "https://acme.zoom.us/j/91234567890?pwd=x",
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0",
        "https://teams.live.com/meet/93",
        "https://meet.google.com/abc-defg-hij",
    ],
)
def test_a_meeting_that_has_a_link_gets_no_second_one(told: Told, address: str) -> None:
    for content in (meeting(location=address), meeting(description=f"Bring samples\n\n{address}")):
        (offer,) = offers(told, state_with(ZOOM), content)
        assert offer.why_not == "It has its meeting link already."


def test_a_place_that_only_names_zoom_is_no_link(told: Told) -> None:
    for place in ("Zoom", "https://zoom.us/pricing", "https://zoom.us.example.com/j/1"):
        (offer,) = offers(told, state_with(ZOOM), meeting(location=place))
        assert offer.why_not == ""


def test_an_all_day_entry_says_why_it_gets_none(told: Told) -> None:
    day = meeting(when=AllDay(TODAY, TODAY.replace(day=TODAY.day + 1)))
    (offer,) = offers(told, state_with(ZOOM), day)
    assert "time of day" in offer.why_not


def test_a_meeting_that_takes_no_changes_says_so(told: Told) -> None:
    (offer,) = offers(told, state_with(ZOOM), cause=ReadOnlyCause.LOCKED)
    assert offer.why_not == "Neither side takes changes, so no link can be added."


@pytest.mark.parametrize("direction", list(Direction))
def test_one_side_that_may_be_written_is_enough(told: Told, direction: Direction) -> None:
    (offer,) = offers(told, state_with(ZOOM, direction=direction))
    assert offer.why_not == ""


def test_a_place_in_error_has_to_be_reconnected_first(told: Told) -> None:
    failing = replace(ZOOM, health=Health(HealthState.SIGN_IN_NEEDED, NOW, "http_401"))
    zoom = {offer.command.account: offer.why_not for offer in offers(told, state_with(failing, TEAMS))}
    assert zoom == {"Zoom": "Reconnect Zoom on the Connections page first.", "Office": ""}


def test_a_link_under_way_is_not_asked_for_twice(told: Told) -> None:
    state = state_with(ZOOM, TEAMS)
    command = offers(told, state)[0].command
    under_way = advance(state, LinkAsked(command))
    assert {offer.why_not for offer in offers(told, under_way)} == {"The meeting is being made …"}
    assert {offer.why_not for offer in offers(told, advance(under_way, CommandDone(command)))} == {""}


CODES = (
    "all_day_has_no_link", "has_link_already", "takes_no_changes", "no_such_item", "not_written",
    "place_not_connected", "not_connected", "SignInRequired", "AdminRequired", "LimitReached",
)  # fmt: skip # short values, several a line


@pytest.mark.parametrize("code", CODES)
def test_every_outcome_is_told_in_words(texts: Texts, code: str) -> None:
    command = AddLink(WORK, Side.CRM, CRM, "Zoom")
    said = command_result(texts, CommandDone(command, code))
    assert said and code not in said


def test_a_link_that_was_added_is_told(english: Texts) -> None:
    assert command_result(english, CommandDone(AddLink(WORK, Side.CRM, CRM, "Zoom"))) == "Meeting link added"


# --- what trouble of a place means ---
def test_trouble_of_a_place_stops_no_sync(told: Told) -> None:
    failing = replace(ZOOM, health=Health(HealthState.SIGN_IN_NEEDED, NOW, "http_401"))
    banner = banner_view(state_with(failing), told)
    assert banner is not None
    assert banner.message == "Zoom: connection error. No meeting links can be made; syncing goes on."
    assert banner.reconnect == "Zoom"
    words = health_words(told.texts, failing.health, NOW, ZONE, place=True)
    assert "Syncing goes on." in words.means
    notice = notice_words(told.texts, "Zoom", failing.health, place=True)
    assert notice is not None and "meeting links" in notice.body


def test_trouble_of_a_place_and_of_a_calendar_are_counted_together(told: Told) -> None:
    bad = Health(HealthState.SIGN_IN_NEEDED, NOW, "http_401")
    google = replace(ZOOM, name="Google", kind=AccountKind.GOOGLE, health=bad)
    banner = banner_view(state_with(google, replace(ZOOM, health=bad)), told)
    assert banner is not None
    assert banner.message == "2 connections are in error."


# --- on the page ---
def chosen(desktop: Desktop) -> ActivitiesPage:
    """The page with a timed visit chosen."""
    window = desktop.open_window()
    window.go(Page.ACTIVITIES)
    QApplication.processEvents()
    (page,) = window.findChildren(ActivitiesPage)
    (table,) = page.findChildren(QTableView)
    table.selectRow(table.rowAt(0) + 2)
    QApplication.processEvents()
    return page


def test_a_click_asks_for_the_link_and_the_buttons_wait(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = chosen(desktop)
    button(page, "Add Zoom meeting").click()
    (command,) = [sent for sent in desk.sent if isinstance(sent, AddLink)]
    assert command.account == "Zoom"
    assert not button(page, "Add Teams meeting").isEnabled()
    assert "The meeting is being made …" in shown_texts(page)


def test_the_outcome_is_said_and_the_button_is_free_again(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = chosen(desktop)
    button(page, "Add Zoom meeting").click()
    (command,) = [sent for sent in desk.sent if isinstance(sent, AddLink)]
    desktop._take([CommandDone(command, "not_written")])
    assert any("No meeting link added" in text for text in shown_texts(desktop.open_window()))
    assert button(page, "Add Zoom meeting").isEnabled()


def test_the_meeting_stays_chosen_when_the_rows_are_read_again(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = chosen(desktop)
    before = shown_texts(page)
    desk.reading.rows.insert(0, replace(desk.reading.rows[0], title="New", crm=Ref(CRM_LIST, ItemId("new"))))
    page.reload(desktop.state)
    assert "Online meeting" in shown_texts(page)
    assert [text for text in before if text.endswith("Logistics")] == [
        text for text in shown_texts(page) if text.endswith("Logistics")
    ]


def test_the_buttons_follow_the_health_of_their_place(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = chosen(desktop)
    desktop._take([HealthChanged("Zoom", Health(HealthState.SIGN_IN_NEEDED, NOW, "http_401"))])
    assert not button(page, "Add Zoom meeting").isEnabled()
    assert button(page, "Add Teams meeting").isEnabled()
    desktop._take([HealthChanged("Zoom", GOOD)])
    assert button(page, "Add Zoom meeting").isEnabled()


def test_without_a_place_there_is_no_button(opened: Opened) -> None:
    desk = fortnight()
    desk.accounts.all = [one for one in desk.accounts.all if one.kind not in {AccountKind.ZOOM, AccountKind.TEAMS}]
    page = chosen(opened(desk))
    assert not [each for each in page.findChildren(QPushButton) if each.isVisible() and each.text().startswith("Add ")]
    assert "Online meeting" not in shown_texts(page)
