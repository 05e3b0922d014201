"""Pictures of every page, in both languages, light and dark: `python -m tests.desktop.screenshots OUTDIR`."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from soroe.engine.messages import BudgetChanged
from soroe.ui.texts import Language
from soroe.ui.view.banner import Page
from tests.fakes.desk import NOW, Desk
from tests.fakes.fortnight import fortnight


def main(folder: Path) -> int:
    """Write the pictures into a folder; returns how many there are."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for language in Language:
        for dark in (False, True):
            name = f"{language.value}-{'dark' if dark else 'light'}"
            made += _pages(application, fortnight(language, dark=dark), folder, name)
            made += _connections(application, fortnight(language, dark=dark, failing=True), folder, f"{name}-failing")
            made += _pages(application, Desk(language=language, dark=dark), folder, f"{name}-empty")
    return made + _tray(folder)


def _pages(application: object, desk: Desk, folder: Path, name: str) -> int:
    from PySide6.QtWidgets import QApplication

    from soroe.ui.app import Desktop
    from soroe.ui.window import USUAL

    assert isinstance(application, QApplication)
    desktop = Desktop(desk.services(), application)
    desktop.start()
    if desk.accounts.setups:
        desk.tell(BudgetChanged("Google", 1_240, 1_000_000, NOW + timedelta(hours=13)))
        desk.tell(BudgetChanged("Sales CRM", 4_310, 5_000, NOW + timedelta(hours=13)))
    window = desktop.open_window()
    window.resize(USUAL)
    for page in Page:
        window.go(page)
        for _ in range(6):
            application.processEvents()
        _choose_first(window)
        application.processEvents()
        window.grab().save(str(folder / f"{name}-{page.value}.png"))
    window.close()
    desktop.quit()
    return len(Page)


def _choose_first(window: object) -> None:
    from PySide6.QtWidgets import QTableView, QWidget

    assert isinstance(window, QWidget)
    for table in window.findChildren(QTableView):
        if table.isVisible() and table.model().rowCount():
            table.selectRow(3)


def _connections(application: object, desk: Desk, folder: Path, name: str) -> int:
    return _pages(application, desk, folder, name)


def _tray(folder: Path) -> int:
    from PySide6.QtGui import QColor, QPainter, QPixmap

    from soroe.ui.icons import Icons
    from soroe.ui.view.tray import TrayIcon
    from tests.fakes.desk import RESOURCES

    icons, zoom = Icons(RESOURCES / "icons"), 4
    sheet = QPixmap(620, 260)
    painter = QPainter(sheet)
    for at, ground in enumerate(("#f0f0f0", "#202428")):
        painter.fillRect(0, at * 130, 620, 130, QColor(ground))
        x = 10
        for state in TrayIcon:
            for size in (16, 22):
                count = 3 if state is TrayIcon.WARNING and size == 22 else 0
                picture = icons.tray(state, count).pixmap(
                    size,
                    size,
                )
                painter.drawPixmap(x, at * 130 + 8, picture)
                bigger = picture.scaled(size * zoom // 2, size * zoom // 2)
                painter.drawPixmap(x, at * 130 + 50, bigger)
                x += size * zoom // 2 + 14
    painter.end()
    sheet.save(str(folder / "tray.png"))
    return 1


if __name__ == "__main__":
    print(f"{main(Path(sys.argv[1]))} pictures in {sys.argv[1]}")  # noqa: T201  # a command of its own
