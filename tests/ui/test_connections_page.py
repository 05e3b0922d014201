"""Connections: reconnecting, testing, stopping, adding and removing accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from soroe.engine.messages import (
    CommandDone,
    Start,
    Stop,
    SyncChanged,
    TestLeg,
    TestSync,
)
from soroe.ports.store import SyncState, SyncStatus
from soroe.ui.app import Desktop
from soroe.ui.pages.connections.add import AddAccount
from soroe.ui.pages.connections.page import ConnectionsPage
from soroe.ui.ports import SupportFileEnded
from soroe.ui.view.banner import Page
from tests.fakes.desk import NOW
from tests.fakes.fortnight import fortnight
from tests.ui.conftest import Opened
from tests.ui.parts import WORK, button, offscreen_grumbles, one, shown_texts, window_of


def connections_page(desktop: Desktop) -> ConnectionsPage:
    window = window_of(desktop)
    window.go(Page.CONNECTIONS)
    return one(window, ConnectionsPage)


def test_reconnect_starts_the_sign_in_and_says_so(opened: Opened) -> None:
    desk = fortnight(failing=True)
    page = connections_page(opened(desk))
    button(page, "Check and sign in").click()
    assert desk.accounts.reconnected == ["Google"]
    assert "Signing in …" in shown_texts(page)
    button(page, "Cancel").click()
    assert desk.accounts.cancelled == ["Google"]


def test_a_test_sync_shows_both_legs(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    page = connections_page(opened(desk))
    button(page, "Test sync").click()
    assert desk.sent == [TestSync(WORK)]
    assert "Test under way …" in shown_texts(page)
    desk.tell(CommandDone(TestSync(WORK), legs=(TestLeg(True, 1.4), TestLeg(False, None, "test_not_arrived"))))
    qtbot.waitUntil(lambda: "Calendar to CRM: arrived after 1.4 s" in shown_texts(page))
    assert "CRM to calendar: the test item did not arrive in time" in shown_texts(page)


def test_a_sync_is_stopped_and_started(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    page = connections_page(opened(desk))
    button(page, "Stop sync").click()
    desk.tell(SyncChanged(WORK, SyncState(SyncStatus.STOPPED, NOW)))
    qtbot.waitUntil(lambda: bool([b for b in page.findChildren(QPushButton) if b.text() == "Start sync"]))
    button(page, "Start sync").click()
    assert desk.sent == [Stop(WORK), Start(WORK)]


@offscreen_grumbles
def test_an_account_is_removed_only_after_a_yes(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = connections_page(desktop)
    button(page, "Remove …").click()
    ask = one(window_of(desktop), QMessageBox)
    assert "stay as they are" in ask.informativeText()
    assert desk.accounts.removed == []
    button(ask, "Remove").click()
    assert desk.accounts.removed == ["Google"]


def add_dialog(desktop: Desktop) -> AddAccount:
    connections_page(desktop).add_account()
    return one(window_of(desktop), AddAccount)


def test_every_service_has_a_tile_that_shows_its_whole_name(opened: Opened) -> None:
    desk = fortnight()
    dialog = add_dialog(opened(desk))
    tiles = [each for each in dialog.findChildren(QPushButton) if each.property("role") == "tile"]
    assert len(tiles) == len(desk.accounts.kinds()) == 10
    for tile in tiles:
        assert tile.size().expandedTo(tile.sizeHint()) == tile.size(), tile.text()


def test_an_account_is_added(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    dialog = add_dialog(desktop)
    button(dialog, "Google Calendar").click()
    entries = {each.accessibleName(): each for each in dialog.findChildren(QLineEdit)}
    assert not entries["Client id"].isEnabled()
    entries["E-mail address"].setText("sato@example.com")
    button(dialog, "Connect").click()
    assert "Name is needed." in shown_texts(dialog)
    entries["Name"].setText("Private calendar")
    button(dialog, "Connect").click()
    (kind, values) = desk.accounts.added[0]
    assert kind.value == "google"
    assert values == {
        "name": "Private calendar",
        "email": "sato@example.com",
        "client_id": "soroe-desktop",
        "client_secret": "",
    }
    assert desktop.state.signing_in == {"Private calendar"}


def test_a_refused_value_is_named_and_nothing_is_lost(opened: Opened) -> None:
    dialog = add_dialog(opened(fortnight()))
    button(dialog, "Pipedrive").click()
    entries = {each.accessibleName(): each for each in dialog.findChildren(QLineEdit)}
    assert entries["API key"].echoMode() is QLineEdit.EchoMode.Password
    for name in entries:
        entries[name].setText("Google")
    button(dialog, "Connect").click()
    assert "Name: is already used" in shown_texts(dialog)
    assert entries["API key"].text() == "Google"


def test_pd_12_a_connection_leads_to_the_help_and_the_status_of_its_service(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = connections_page(desktop)
    window_of(desktop).choose_account("Pipedrive")
    button(page, "Help of the service").click()
    button(page, "Is the service up?").click()
    assert desk.pages == ["https://support.pipedrive.com/", "https://status.pipedrive.com/"]


def test_a_companys_own_server_has_no_page_that_tells_whether_it_is_up(opened: Opened) -> None:
    desktop = opened(fortnight())
    page = connections_page(desktop)
    window_of(desktop).choose_account("Sales CRM")
    assert not [
        each for each in page.findChildren(QPushButton) if each.text() == "Is the service up?" and each.isVisible()
    ]


def test_pd_12_a_file_for_the_support_is_written_where_the_user_says(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = fortnight()
    desktop = opened(desk)
    target = tmp_path / "support.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    button(connections_page(desktop), "Save a file for the support …").click()
    assert desk.support_files == [target]
    desk.tell(SupportFileEnded(str(target)))
    qtbot.waitUntil(lambda: f"Written: {target}. Look into it before you send it." in shown_texts(window_of(desktop)))
    desk.tell(SupportFileEnded(str(target), "bundle_not_written"))
    qtbot.waitUntil(lambda: any("could not be written" in text for text in shown_texts(window_of(desktop))))
