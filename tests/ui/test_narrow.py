"""In the smallest window nothing is cut off at its side, whatever is chosen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea, QTableView

from soroe.ui.texts import Language
from soroe.ui.view.banner import Page
from soroe.ui.widgets.lines import LineList
from soroe.ui.window import SMALLEST, Window
from tests.fakes.fortnight import fortnight
from tests.fakes.troubles import troubles
from tests.ui.conftest import Opened
from tests.ui.parts import window_of

pytestmark = pytest.mark.parametrize("language", list(Language))


def cut_off(window: Window) -> list[str]:
    """What is wider than the part of the window that it scrolls in."""
    for _ in range(4):
        QApplication.processEvents()
    shown = [(area, area.widget()) for area in window.findChildren(QScrollArea) if area.isVisible()]
    return [
        f"{area.accessibleName()} is {content.width()} wide in {area.viewport().width()}"
        for area, content in shown
        if content is not None and content.width() > area.viewport().width()
    ]


@pytest.mark.parametrize("page", [Page.FINDINGS, Page.CONNECTIONS, Page.HISTORY])
def test_no_details_are_cut_off(opened: Opened, language: Language, page: Page) -> None:
    window = window_of(opened(troubles(language) if page is Page.CONNECTIONS else fortnight(language)))
    window.resize(SMALLEST)
    window.go(page)
    QApplication.processEvents()
    (entries,) = [each for each in window.findChildren(LineList) if each.isVisible()]
    for row in range(entries.lines.rowCount()):
        entries.choose(row)
        assert cut_off(window) == [], entries.lines.line(row).title


@pytest.mark.parametrize("page", [Page.TODAY, Page.ACTIVITIES])
def test_no_page_is_cut_off(opened: Opened, language: Language, page: Page) -> None:
    window = window_of(opened(fortnight(language, failing=True)))
    window.resize(SMALLEST)
    window.go(page)
    QApplication.processEvents()
    for table in window.findChildren(QTableView):
        if table.isVisible():
            table.selectRow(2)
    assert cut_off(window) == []
