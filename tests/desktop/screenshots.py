"""Pictures of every page and every trouble, both languages, light and dark: `-m tests.desktop.screenshots OUTDIR`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QTableView

from soroe.core.event import Side
from soroe.core.plan import Verb
from soroe.engine.messages import BudgetChanged, CommandDone, Foreseen
from soroe.ui.app import Desktop
from soroe.ui.icons import Icons
from soroe.ui.pages.connections.add import AddAccount
from soroe.ui.pages.connections.password import PasswordSheet
from soroe.ui.ports import AccountKind, CalendarOffer, SignInPage
from soroe.ui.sheets.sync_choices import SETTLE_MS, SyncChoices
from soroe.ui.texts import Language
from soroe.ui.view.banner import Page
from soroe.ui.view.tray import TrayIcon
from soroe.ui.widgets.lines import LineList
from soroe.ui.window import USUAL
from tests.fakes.desk import NOW, RESOURCES, Desk
from tests.fakes.fortnight import fortnight
from tests.fakes.troubles import troubles

ROUNDS = 6
"""How often events are handled before a picture: layouts settle in steps."""


def main(folder: Path) -> int:
    """Write the pictures into a folder; returns how many there are."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for language in Language:
        for dark in (False, True):
            name = f"{language.value}-{'dark' if dark else 'light'}"
            made += _pages(application, fortnight(language, dark=dark), folder / name)
            made += _pages(application, fortnight(language, dark=dark, failing=True), folder / f"{name}-failing")
            made += _pages(application, Desk(language=language, dark=dark), folder / f"{name}-empty")
            made += _troubles(application, troubles(language, dark=dark), folder / f"{name}-trouble")
    return made + _tray(folder / "tray.png")


def _settle(application: QApplication) -> None:
    for _ in range(ROUNDS):
        application.processEvents()


def _pages(application: QApplication, desk: Desk, stem: Path) -> int:
    desktop = Desktop(desk.services(), application)
    desktop.start()
    is_full = bool(desk.accounts.setups)
    if is_full:
        desktop.tray.found.emit(True)
        desk.tell(BudgetChanged("Google", 1_240, 1_000_000, NOW + timedelta(hours=13)))
        desk.tell(BudgetChanged("Sales CRM", 4_310, 5_000, NOW + timedelta(hours=13)))
    window = desktop.open_window()
    window.resize(USUAL)
    for page in Page:
        window.go(page)
        _settle(application)
        for table in window.findChildren(QTableView):
            if table.isVisible():
                table.selectRow(table.rowAt(0) + 2)
        _settle(application)
        window.grab().save(f"{stem}-{page.value}.png")
    made = _others(application, desktop, desk, stem) if is_full else 0
    window.close()
    desktop.quit()
    return len(Page) + made


def _others(application: QApplication, desktop: Desktop, desk: Desk, stem: Path) -> int:
    """Several findings chosen, one resolved, and the dialog for a new account with its form."""
    window = desktop.open_window(Page.FINDINGS)
    entries = next(each for each in window.findChildren(LineList) if each.isVisible())
    entries.selectAll()
    window.say(desktop.texts.count("findings.resolved", 2, done=desktop.texts("action.done.merge")), desktop.sync_now)
    _settle(application)
    window.grab().save(f"{stem}-several.png")
    dialog = AddAccount(desktop.context(), window)
    dialog.show()
    _settle(application)
    dialog.grab().save(f"{stem}-add.png")
    dialog.ask(desk.accounts.kinds()[1])
    _settle(application)
    dialog.grab().save(f"{stem}-form.png")
    dialog.close()
    return 3 + _choices(application, desktop, desk, stem)


def _choices(application: QApplication, desktop: Desktop, desk: Desk, stem: Path) -> int:
    """The settings of a sync, with what a change would do."""
    mine = CalendarOffer("primary", "sato@example.com", frozenset({"primary"}))
    team = CalendarOffer("team", "営業チーム / Sales team", frozenset({"team"}))
    (setup, *others) = desk.accounts.setups
    types = ("call", "meeting", "lunch")
    offering = replace(setup, new_items_only=True, calendars_offered=(mine, team), types_offered=types)
    desk.accounts.setups = [offering, *others]
    desktop.context().show_choices(setup.name, "privacy")
    window = desktop.open_window()
    dialog = next(each for each in window.findChildren(SyncChoices) if each.isVisible())
    box = next(each for each in dialog.findChildren(QComboBox) if each.findData("skip") >= 0)
    box.setCurrentIndex(box.findData("skip"))
    while not desk.accounts.previewed:
        QTest.qWait(SETTLE_MS)
    seen = Foreseen(((Verb.CREATE, Side.CALENDAR, 3), (Verb.DELETE, Side.CRM, 24)), findings=2, held=24)
    desk.tell(CommandDone(desk.accounts.previewed.pop(), foreseen=seen))
    _settle(application)
    dialog.grab().save(f"{stem}-choices.png")
    dialog.reject()
    return 1


def _troubles(application: QApplication, desk: Desk, stem: Path) -> int:
    """Every connection in trouble, a sign-in that waits without a browser, the password sheet, the Exchange form."""
    desktop = Desktop(desk.services(), application)
    desktop.start()
    desktop.tray.found.emit(True)
    window = desktop.open_window(Page.CONNECTIONS)
    window.resize(USUAL)
    for at, account in enumerate(desk.accounts.all):
        window.choose_account(account.name)
        _settle(application)
        window.grab().save(f"{stem}-{at}.png")
    desktop.reconnect("Private")
    desk.tell(SignInPage("Private", "https://accounts.example.com/o/oauth2/v2/auth?client_id=soroe&state=4fd1", False))
    window.choose_account("Private")
    _settle(application)
    window.grab().save(f"{stem}-waiting.png")
    desktop.reconnect("Exchange")
    _settle(application)
    sheet = next(each for each in window.findChildren(PasswordSheet) if each.isVisible())
    sheet.grab().save(f"{stem}-password.png")
    sheet.reject()
    dialog = AddAccount(desktop.context(), window)
    dialog.show()
    dialog.ask(AccountKind.EXCHANGE)
    _settle(application)
    dialog.grab().save(f"{stem}-exchange.png")
    dialog.close()
    window.go(Page.TODAY)
    _settle(application)
    window.grab().save(f"{stem}-today.png")
    window.close()
    desktop.quit()
    return len(desk.accounts.all) + 4


def _tray(path: Path) -> int:
    """Every state of the icon on a light and a dark panel, as it is and enlarged."""
    icons = Icons(RESOURCES / "icons")
    sheet = QPixmap(620, 260)
    painter = QPainter(sheet)
    for at, ground in enumerate(("#f0f0f0", "#202428")):
        painter.fillRect(0, at * 130, 620, 130, QColor(ground))
        x = 10
        for state in TrayIcon:
            for size in (16, 22):
                count = 3 if state is TrayIcon.WARNING and size == 22 else 0
                picture = icons.tray(state, count).pixmap(size, size)
                painter.drawPixmap(x, at * 130 + 8, picture)
                painter.drawPixmap(x, at * 130 + 50, picture.scaled(size * 2, size * 2))
                x += size * 2 + 14
    painter.end()
    sheet.save(str(path))
    return 1


if __name__ == "__main__":
    print(f"{main(Path(sys.argv[1]))} pictures in {sys.argv[1]}")  # noqa: T201  # a command of its own
