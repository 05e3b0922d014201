"""The sheet for passwords and keys: it opens from every Reconnect, for the right account, and says what was wrong."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from soroe.engine.health import Health, HealthState, Mend
from soroe.engine.messages import HealthChanged
from soroe.ui.app import Desktop
from soroe.ui.pages.connections.add import AddAccount
from soroe.ui.pages.connections.page import ConnectionsPage
from soroe.ui.pages.connections.password import PasswordSheet
from soroe.ui.ports import ReconnectRequested, SignInEnded, SignInPage
from soroe.ui.view.banner import Page
from tests.fakes.desk import NOW, Desk
from tests.fakes.troubles import troubles
from tests.ui.conftest import Opened
from tests.ui.parts import button, offscreen_grumbles, one, shown_texts, window_of


def entry(sheet: PasswordSheet, name: str) -> QLineEdit:
    (found,) = [each for each in sheet.findChildren(QLineEdit) if each.accessibleName() == name]
    return found


def sheet_of(desktop: Desktop) -> PasswordSheet:
    return one(window_of(desktop), PasswordSheet)


def only(desk: Desk, name: str) -> Desk:
    """The desk with this one account, so that the banner speaks of it."""
    desk.accounts.all = [account for account in desk.accounts.all if account.name == name]
    return desk


@offscreen_grumbles
def test_pd_10_the_sheet_names_the_server_says_why_and_asks_for_an_app_password(opened: Opened) -> None:
    desktop = opened(troubles())
    desktop.reconnect("Exchange")
    sheet = sheet_of(desktop)
    said = " ".join(shown_texts(sheet))
    assert "mail.example.com signs you in in two steps" in said
    assert "App passwords" in said
    assert entry(sheet, "User name").text() == "EXAMPLE\\sato"
    assert entry(sheet, "Password").echoMode() is QLineEdit.EchoMode.Password


@offscreen_grumbles
def test_it_opens_at_once_from_notification_menu_banner_page_and_a_second_start(opened: Opened, qtbot: QtBot) -> None:
    desk = only(troubles(), "Exchange")
    desktop = opened(desk)
    window = window_of(desktop)

    def from_notification() -> None:
        health = Health(HealthState.SIGN_IN_NEEDED, NOW, "wrong_password")
        desk.tell(HealthChanged("Exchange", health))
        qtbot.waitUntil(lambda: bool(desk.notifier.shown))
        desk.notifier.shown[-1].on_pressed(desk.notifier.shown[-1].buttons[0][0])

    def from_menu() -> None:
        (line,) = [action for action in desktop.tray.menu.actions() if action.text() == "Reconnect Exchange …"]
        line.trigger()

    def from_banner() -> None:
        window.go(Page.TODAY)
        (pressed,) = [each for each in window.findChildren(type(button(window, "Check"))) if each.text() == "Reconnect"
                      and each.accessibleName() == "Reconnect: Exchange"]  # fmt: skip # short values, several a line
        pressed.click()

    def from_page() -> None:
        window.go(Page.CONNECTIONS)
        page = one(window, ConnectionsPage)
        button(page, "Reconnect").click()

    def from_outside() -> None:
        desk.tell(ReconnectRequested("Exchange"))

    for way in (from_notification, from_menu, from_banner, from_page, from_outside):
        way()
        qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(PasswordSheet)))
        sheet = sheet_of(desktop)
        assert sheet.account.name == "Exchange", way.__name__
        sheet.reject()
        qtbot.waitUntil(lambda: not any(each.isVisible() for each in window.findChildren(PasswordSheet)))
    assert desk.accounts.reconnected == [], "no browser opens for a password"


@offscreen_grumbles
def test_a_refused_password_is_said_beside_the_form_and_the_right_one_closes_it(opened: Opened, qtbot: QtBot) -> None:
    desk = troubles()
    desktop = opened(desk)
    desktop.reconnect("Exchange")
    sheet = sheet_of(desktop)
    button(sheet, "Sign in").click()
    assert "Password is needed." in shown_texts(sheet)
    entry(sheet, "Password").setText(" wrong ")
    button(sheet, "Sign in").click()
    assert desk.accounts.signed_in == [("Exchange", "EXAMPLE\\sato", " wrong ")]
    assert "Asking mail.example.com …" in shown_texts(sheet)
    assert not button(sheet, "Sign in").isEnabled()
    desk.tell(SignInEnded("Exchange", "wrong_password"))
    qtbot.waitUntil(lambda: button(sheet, "Sign in").isEnabled())
    assert any("refused the user name or the password" in text for text in shown_texts(sheet))
    entry(sheet, "Password").setText("right")
    button(sheet, "Sign in").click()
    with qtbot.waitSignal(sheet.accepted):
        desk.tell(SignInEnded("Exchange"))


@offscreen_grumbles
def test_closing_the_sheet_gives_the_sign_in_up(opened: Opened) -> None:
    desk = troubles()
    desktop = opened(desk)
    desktop.reconnect("Exchange")
    sheet = sheet_of(desktop)
    entry(sheet, "Password").setText("s3cret")
    button(sheet, "Sign in").click()
    button(sheet, "Cancel").click()
    assert desk.accounts.cancelled == ["Exchange"]


def test_a_sign_in_without_a_browser_shows_its_address_to_copy_and_can_be_given_up(
    opened: Opened, qtbot: QtBot
) -> None:
    desk = troubles()
    desktop = opened(desk)
    desktop.reconnect("Private")
    assert desk.accounts.reconnected == ["Private"]
    desk.tell(SignInPage("Private", "https://example.com/sign-in?state=1", opened=False))
    window = window_of(desktop)
    window.choose_account("Private")
    page = one(window, ConnectionsPage)
    qtbot.waitUntil(lambda: "No browser could be opened. Open this address in one yourself:" in shown_texts(page))
    button(page, "Copy").click()
    assert QGuiApplication.clipboard().text() == "https://example.com/sign-in?state=1"
    button(page, "Cancel").click()
    assert desk.accounts.cancelled == ["Private"]
    desk.tell(SignInEnded("Private", "sign_in_cancelled"))
    qtbot.waitUntil(lambda: "Signing in in your browser …" not in shown_texts(page))


def test_another_account_than_before_is_explained_with_both_names(opened: Opened, qtbot: QtBot) -> None:
    desk = troubles()
    desktop = opened(desk)
    window = window_of(desktop)
    window.choose_account("Private")
    page = one(window, ConnectionsPage)
    desk.tell(SignInEnded("Private", "other_account", "sato@example.org", "suzuki@example.org"))
    qtbot.waitUntil(lambda: any("suzuki@example.org signed in" in text for text in shown_texts(page)))
    assert any("Private belongs to sato@example.org" in text for text in shown_texts(page))


def test_the_message_for_it_is_copied_from_wherever_it_is_asked_for(opened: Opened) -> None:
    desktop = opened(troubles())
    desktop.mend(Mend.COPY_FOR_IT, "Company calendar")
    text = QGuiApplication.clipboard().text()
    assert "AADSTS53003" in text and "7f2c1d60" in text and "5c1b0f5e" in text
    assert "Copied. Paste it into a mail to your IT department." in shown_texts(window_of(desktop))


@offscreen_grumbles
def test_a_mailbox_that_moved_opens_the_microsoft_365_form_with_its_address(opened: Opened) -> None:
    desktop = opened(troubles())
    desktop.mend(Mend.MOVE_TO_MICROSOFT365, "Old mailbox")
    dialog = one(window_of(desktop), AddAccount)
    entries = {each.accessibleName(): each for each in dialog.findChildren(QLineEdit)}
    assert entries["E-mail address"].text() == "sato@example.com"
    assert not entries["Client id"].isEnabled()
    dialog.reject()


def test_the_keychain_is_asked_for_from_the_banner_and_from_the_page(opened: Opened) -> None:
    desk = only(troubles(), "Sales CRM")
    desktop = opened(desk)
    window = window_of(desktop)
    button(window, "Unlock keychain …").click()
    window.go(Page.CONNECTIONS)
    button(one(window, ConnectionsPage), "Unlock keychain …").click()
    assert desk.accounts.unlocked == 2


def test_today_never_says_that_nothing_needs_you_while_a_connection_is_in_error(opened: Opened) -> None:
    desk = only(troubles(), "Private")
    desk.reading.found = []
    desktop = opened(desk)
    window_of(desktop).go(Page.TODAY)
    texts = shown_texts(window_of(desktop))
    assert "Nothing needs you." not in texts
    assert "Connection error" in texts
