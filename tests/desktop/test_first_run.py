"""The first run, on the real program: a home with nothing in it becomes a sync that waits for Start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from soroe.bootstrap.program import Program
from soroe.bootstrap.tray import TrayProgram
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.crm import CrmSandbox
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID
from soroe.sandbox.keychain import MemoryKeychain
from soroe.settings.homes import homes
from soroe.settings.overlay import Level, PolicySource, Scope, overlay
from soroe.ui.app import Desktop
from soroe.ui.pages.connections.add import AddAccount
from soroe.ui.ports import AccountKind
from soroe.ui.view.banner import Page
from soroe.ui.window import Window
from tests.desktop.services import EMAIL, Services

pytestmark = pytest.mark.desktop

W = TypeVar("W", bound=QWidget)
WAIT_MS = 90_000


@pytest.fixture
def services() -> Iterator[Services]:
    with CrmSandbox() as crm, GoogleSandbox() as google:
        yield Services(crm, google)


@pytest.fixture
def program(services: Services, tmp_path: Path) -> Program:
    """A fresh home in a company whose IT has set where Google is, and nothing else."""
    google = {
        "GoogleClientId": CLIENT_ID,
        "GoogleClientSecret": services.calendar_table()["client_secret"],
        "GoogleApiEndpoint": services.google.api_endpoint,
        "GoogleAuthorizationEndpoint": services.google.authorization_endpoint,
        "GoogleTokenEndpoint": services.google.token_endpoint,
    }
    source = PolicySource(Level.MANAGED, Scope.MACHINE, "/etc/soroe/policies/managed/google.json", google)
    environment = {"SOROE_HOME": str(tmp_path / "home"), "LANG": "en_US.UTF-8", "TZ": "Asia/Tokyo"}
    return Program(homes(environment), MemoryKeychain(), environment, overlay([source]))


@pytest.fixture
def opened(program: Program, qapp: QApplication) -> Iterator[Callable[[], Desktop]]:
    """Starts the program as the tray app does, with a browser that signs Sato in."""
    browser = ScriptedBrowser(account=EMAIL)

    def open_page(address: str) -> None:
        browser.open_in_background(address)

    tray = TrayProgram(program, open_page)
    running: list[Desktop] = []

    def start() -> Desktop:
        running.append(Desktop(tray.services(program.open_reading()), qapp))
        running[-1].start()
        return running[-1]

    yield start
    for desktop in running:
        desktop.quit()
        desktop.deleteLater()
    tray.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def shown(of: QWidget, kind: type[W], name: str) -> W:
    """The visible part of a window with this name (its text, or what a screen reader says)."""
    parts = [part for part in of.findChildren(kind) if part.isVisible()]
    named = [part for part in parts if name in {getattr(part, "text", str)(), part.accessibleName()}]
    assert named, f"{name!r} is not among {[(p.accessibleName(), getattr(p, 'text', str)()) for p in parts]}"
    return named[0]


def add_account(desktop: Desktop, kind: AccountKind, values: dict[str, str]) -> None:
    """Fill in the form of Add account, by the names a screen reader says, and press Connect."""
    dialog = AddAccount(desktop.context(), desktop.open_window())
    dialog.show()
    dialog.ask(kind)
    for name, value in values.items():
        entry = shown(dialog, QLineEdit, name)
        assert entry.isEnabled()
        entry.setText(value)
    shown(dialog, QPushButton, "Connect").click()
    assert not dialog.isVisible(), "the form was not accepted"
    dialog.deleteLater()


def test_a_fresh_home_opens_the_window_and_nothing_moves_before_start(
    opened: Callable[[], Desktop], services: Services, program: Program, qtbot: QtBot
) -> None:
    services.visit("Visit", 10)
    services.appointment("Dentist", 15)
    desktop = opened()
    window = next(top for top in QApplication.topLevelWidgets() if isinstance(top, Window) and top.isVisible())
    shown(window, QPushButton, "Add account")

    window.go(Page.CONNECTIONS)
    crm = {"Name": "crm", "Address of the CRM": services.crm.base_url, "API key": services.crm_key}
    add_account(desktop, AccountKind.REST, crm)
    qtbot.waitUntil(lambda: states(desktop) == {"crm": "connected"}, timeout=WAIT_MS)
    add_account(desktop, AccountKind.GOOGLE, {"Name": "calendar"})
    qtbot.waitUntil(lambda: states(desktop) == {"crm": "connected", "calendar": "connected"}, timeout=WAIT_MS)

    assert [sync.name for sync in program.settings().syncs] == ["work"]
    window.go(Page.TODAY)
    qtbot.wait(500)
    assert (services.in_crm(), services.in_calendar()) == (["Visit"], ["Dentist"])

    shown(window, QPushButton, "Start").click()
    qtbot.waitUntil(lambda: services.in_step("Visit", "Dentist"), timeout=WAIT_MS)


def test_what_it_has_set_is_filled_in_and_locked_and_does_not_become_the_users_own_choice(
    opened: Callable[[], Desktop], program: Program, qtbot: QtBot
) -> None:
    desktop = opened()
    dialog = AddAccount(desktop.context(), desktop.open_window(Page.CONNECTIONS))
    dialog.show()
    dialog.ask(AccountKind.GOOGLE)
    client = next(entry for entry in dialog.findChildren(QLineEdit) if entry.text() == CLIENT_ID)
    assert not client.isEnabled()
    dialog.reject()
    add_account(desktop, AccountKind.GOOGLE, {"Name": "calendar"})
    qtbot.waitUntil(lambda: states(desktop) == {"calendar": "connected"}, timeout=WAIT_MS)
    assert CLIENT_ID not in program.homes.config_file.read_text(encoding="utf-8")


def states(desktop: Desktop) -> dict[str, str]:
    """How each account stands, as the window shows it."""
    return {account.name: account.health.state.value for account in desktop.state.accounts}
