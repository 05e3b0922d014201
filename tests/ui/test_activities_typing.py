"""What is typed into the search field of Activities: looked for in the pause for typing, and painted once (P-9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from soroe.ports.reading import Filters, MeetingPage, SortKey
from soroe.ui.pages.activities.page import TYPING_MS
from tests.fakes.desk import Desk
from tests.fakes.fortnight import fortnight
from tests.fakes.reading import FakeReading
from tests.ui.conftest import Opened
from tests.ui.test_activities import MANY, Endless, page_of, said, table_of


class Watched(FakeReading):
    """Notes what the table showed when a text was looked for."""

    def __init__(self) -> None:
        super().__init__(rows=fortnight().reading.rows)
        self.showing: Callable[[], str] = lambda: ""
        self.noted: list[tuple[str, str]] = []

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        self.noted.append((filters.text, self.showing()))
        return super().meetings(filters, sort, descending=descending, offset=offset, limit=limit)


def test_p_9_what_is_typed_is_looked_for_in_the_pause_before_it_is_shown(opened: Opened, qtbot: QtBot) -> None:
    reading = Watched()
    desk = Desk(reading=reading)
    desk.accounts.setups = fortnight().accounts.setups
    page = page_of(opened(desk))
    reading.showing = lambda: table_of(page).model().filters.text  # type: ignore[attr-defined]  # the page's own model
    (search,) = page.findChildren(QLineEdit)
    QTest.keyClicks(search, "dentist")
    qtbot.waitUntil(lambda: "8 meetings" in said(page))
    asked = [noted for noted in reading.noted if noted[0] == "dentist"]
    assert asked[0] == ("dentist", "")
    assert asked[-1] == ("dentist", "dentist")


def test_p_9_nothing_is_looked_for_any_more_once_all_filters_are_cleared(opened: Opened, qtbot: QtBot) -> None:
    reading = Watched()
    desk = Desk(reading=reading)
    page = page_of(opened(desk))
    (search,) = page.findChildren(QLineEdit)
    search.setText("dentist")
    qtbot.waitUntil(lambda: "8 meetings" in said(page))
    [each for each in page.findChildren(QPushButton) if each.text() == "Clear" and each.isVisible()][-1].click()
    asked = len(reading.noted)
    qtbot.wait(2 * TYPING_MS)
    assert len(reading.noted) == asked


class Paintings(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return super().eventFilter(watched, event)


class Narrowing(Endless):
    """Each letter hides a meeting, and an x all of them."""

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        if "x" in filters.text:
            return MeetingPage((), 0, MANY)
        page = super().meetings(filters, sort, descending=descending, offset=offset, limit=limit)
        return MeetingPage(page.rows, MANY - len(filters.text), len(filters.text))


@pytest.mark.parametrize("before", ["a", "x"])
def test_p_9_other_rows_are_painted_once(opened: Opened, qtbot: QtBot, before: str) -> None:
    page = page_of(opened(Desk(reading=Narrowing())))
    (search,) = page.findChildren(QLineEdit)
    table = table_of(page)
    search.setText(before)
    qtbot.waitUntil(lambda: any("hidden by filters" in text for text in said(page)))
    qtbot.wait(50)
    assert table.isVisible() == (before == "a")
    painted = Paintings(table.viewport())
    search.setText("ab")
    qtbot.waitUntil(lambda: "2 hidden by filters" in said(page))
    qtbot.wait(50)
    assert painted.count == 1
    assert table.verticalScrollBar().isVisible()


class Three(Narrowing):
    """So few that the table needs no scroll bar."""

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        page = super().meetings(filters, sort, descending=descending, offset=offset, limit=limit)
        return MeetingPage(page.rows[:3], len(page.rows[:3]), page.hidden)


def test_few_rows_that_come_back_have_no_scroll_bar(opened: Opened, qtbot: QtBot) -> None:
    page = page_of(opened(Desk(reading=Three())))
    (search,) = page.findChildren(QLineEdit)
    search.setText("x")
    qtbot.waitUntil(lambda: "0 meetings" in said(page))
    search.setText("a")
    qtbot.waitUntil(lambda: "3 meetings" in said(page))
    assert not table_of(page).verticalScrollBar().isVisible()
