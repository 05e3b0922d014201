"""The table of Activities: pages, filters that say what they hide, and 50,000 rows that stay quick (P-9)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
)
from pytestqt.qtbot import QtBot

from soroe.core.event import CRM_LIST, ContainerId, ItemId, Ref
from soroe.core.plan import Why
from soroe.ports.reading import Filters, MeetingPage, MeetingRow, SortKey
from soroe.ui.app import Desktop
from soroe.ui.pages.activities.model import PAGE_ROWS, PAGES_KEPT
from soroe.ui.pages.activities.page import ActivitiesPage
from soroe.ui.texts import Language
from soroe.ui.theme import LIGHT
from soroe.ui.view.banner import Page
from tests.fakes.desk import NOW, Desk
from tests.fakes.fortnight import WORK, fortnight
from tests.fakes.reading import FakeReading
from tests.ui.conftest import Opened

MANY = 50_000


class Endless(FakeReading):
    """A database of many meetings that answers at once, so that only the window's own work is measured."""

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        self.asked += 1
        rows = tuple(row_of(at) for at in range(offset, min(MANY, offset + limit)))
        return MeetingPage(rows, MANY, 0)


def row_of(at: int) -> MeetingRow:
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * at)
    ref = Ref(CRM_LIST, ItemId(str(at)))
    end = start + timedelta(minutes=30)
    return MeetingRow(WORK, ref, None, f"Visit {at}", start, end, False, "Call", False, Why.IN_STEP)


def page_of(desktop: Desktop) -> ActivitiesPage:
    window = desktop.open_window()
    window.go(Page.ACTIVITIES)
    QApplication.processEvents()
    (page,) = window.findChildren(ActivitiesPage)
    return page


def table_of(page: ActivitiesPage) -> QTableView:
    (table,) = page.findChildren(QTableView)
    return table


def said(page: ActivitiesPage) -> list[str]:
    QApplication.processEvents()
    return [each.text() for each in page.findChildren(QLabel) if each.isVisible() and each.text()]


def test_pd_1_the_list_says_how_many_rows_the_filters_hide(opened: Opened, qtbot: QtBot) -> None:
    page = page_of(opened(fortnight()))
    assert "96 meetings" in said(page)
    (search,) = page.findChildren(QLineEdit)
    QTest.keyClicks(search, "dentist")
    qtbot.waitUntil(lambda: "88 hidden by filters" in said(page))
    assert "8 meetings" in said(page)


def test_pd_1_one_click_clears_all_filters(opened: Opened, qtbot: QtBot) -> None:
    page = page_of(opened(fortnight()))
    (search,) = page.findChildren(QLineEdit)
    QTest.keyClicks(search, "no such meeting")
    boxes = page.findChildren(QComboBox)
    for box in boxes:
        box.setCurrentIndex(1)
        box.activated.emit(1)
    qtbot.waitUntil(lambda: "No meeting passes the filters" in said(page))
    [each for each in page.findChildren(QPushButton) if each.text() == "Clear" and each.isVisible()][-1].click()
    assert "96 meetings" in said(page)
    assert all(box.currentIndex() == 0 for box in boxes)
    assert search.text() == ""


def test_the_list_opens_at_today(opened: Opened) -> None:
    table = table_of(page_of(opened(fortnight())))
    first = table.model().index(table.rowAt(0), 0).data()
    assert first == "Tue 12 May 11:00 – 11:45"


def test_a_chosen_meeting_shows_both_sides_and_why(opened: Opened) -> None:
    desk = fortnight()
    page = page_of(opened(desk))
    table = table_of(page)
    titles = [table.model().index(row, 1).data() for row in range(96)]
    table.selectRow(titles.index("Dentist"))
    words = said(page)
    assert "Private" in words
    assert any("the other side shows only “Private” and the time" in text for text in words)


class Titled(Endless):
    """One meeting with this title."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        return MeetingPage((replace(row_of(0), title=self._title),), 1, 0)


@pytest.mark.parametrize(
    ("title", "joins"),
    [
        ("訪問:青木商事 café", False),
        ("Cafe\u0301", True),
        ("か\u3099いしゃ", True),
        ("👨\u200d👩\u200d👧 家族", True),
        ("🇯🇵 支社", True),
        ("👍🏽", True),
        ("☎\ufe0f", True),
    ],
)
def test_only_a_title_whose_characters_join_is_drawn_as_one(opened: Opened, title: str, joins: bool) -> None:
    table = table_of(page_of(opened(Desk(reading=Titled(title)))))
    usual = table.font()
    assert usual.styleStrategy() == QFont.StyleStrategy.PreferNoShaping
    drawn = Drawn()
    draw_cell(table, 1, drawn)
    ((text, font),) = drawn.texts
    assert text == title
    assert font.family() == usual.family()
    expected = QFont.StyleStrategy.PreferDefault if joins else QFont.StyleStrategy.PreferNoShaping
    assert font.styleStrategy() == expected


class Drawn(QPainter):
    """A painter that notes what is written with it, and in which font."""

    def __init__(self) -> None:
        self.picture = QImage(400, 60, QImage.Format.Format_ARGB32_Premultiplied)
        self.picture.fill(Qt.GlobalColor.white)
        super().__init__(self.picture)
        self.texts: list[tuple[str, QFont]] = []

    def drawText(self, place: QRect, flags: int, text: str) -> None:  # type: ignore[override]  # Qt overloads it
        self.texts.append((text, QFont(self.font())))
        super().drawText(place, flags, text)


def draw_cell(table: QTableView, column: int, painter: Drawn, *, chosen: bool = False) -> None:
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 400, 40)
    option.state = QStyle.StateFlag.State_Enabled
    if chosen:
        option.state |= QStyle.StateFlag.State_Selected
    painter.setFont(table.font())
    table.itemDelegate().paint(painter, option, table.model().index(0, column))
    painter.end()


def test_a_chosen_row_is_marked_over_its_whole_width(opened: Opened) -> None:
    desk = fortnight()
    table = table_of(page_of(opened(desk)))
    for column in range(5):
        plain, chosen = Drawn(), Drawn()
        draw_cell(table, column, plain)
        draw_cell(table, column, chosen, chosen=True)
        assert chosen.picture.pixelColor(399, 2).name() == chosen.picture.pixelColor(0, 2).name() == LIGHT.accent_soft
        assert plain.picture.pixelColor(399, 2).name() == "#ffffff"


def test_a_title_too_long_for_its_column_ends_in_dots_and_is_told_in_full_in_a_tip(opened: Opened) -> None:
    title = "Visit to the new plant " * 9
    table = table_of(page_of(opened(Desk(reading=Titled(title)))))
    drawn = Drawn()
    draw_cell(table, 1, drawn)
    ((text, _),) = drawn.texts
    assert text.endswith("…")
    assert table.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == title


def test_the_lock_before_a_title_is_a_word_for_screen_readers(opened: Opened) -> None:
    model = table_of(page_of(opened(fortnight()))).model()
    read = {model.index(row, 1).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())}
    assert "Dentist (private)" in read
    assert "Team meeting" in read


@pytest.mark.parametrize("language", list(Language))
def test_times_types_sides_and_states_have_room_in_their_columns(opened: Opened, language: Language) -> None:
    table = table_of(page_of(opened(fortnight(language))))
    model, metrics = table.model(), table.fontMetrics()
    for column in (0, 2, 3, 4):
        widest = max(metrics.horizontalAdvance(model.index(row, column).data()) for row in range(model.rowCount()))
        assert widest <= table.columnWidth(column) - (32 if column == 4 else 10)


def test_a_header_sorts_in_the_database(opened: Opened) -> None:
    table = table_of(page_of(opened(fortnight())))
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    titles = [table.model().index(row, 1).data() for row in range(table.model().rowCount())]
    assert titles == sorted(titles)


def test_only_pages_that_are_looked_at_are_read(opened: Opened) -> None:
    desk = Desk(reading=Endless())
    desk.accounts.setups = fortnight().accounts.setups
    table = table_of(page_of(opened(desk)))
    before = desk.reading.asked
    table.scrollToBottom()
    QApplication.processEvents()
    assert desk.reading.asked - before <= 3
    assert table.model().index(MANY - 1, 1).data() == f"Visit {MANY - 1}"
    for row in range(0, MANY, PAGE_ROWS):
        table.model().index(row, 1).data()
    assert len(table.model()._pages) <= PAGES_KEPT  # type: ignore[attr-defined]  # what is kept is the point


def test_p_9_fifty_thousand_rows_are_sorted_and_scrolled_in_a_frame_or_two(opened: Opened) -> None:
    desk = Desk(reading=Endless())
    desk.accounts.setups = fortnight().accounts.setups
    table = table_of(page_of(opened(desk)))
    began = time.process_time()
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    sorting = time.process_time() - began
    steps = []
    for at in range(0, MANY, 2500):
        began = time.process_time()
        table.scrollTo(table.model().index(at, 0))
        QApplication.processEvents()
        steps.append(time.process_time() - began)
    assert sorting < 0.05
    assert sorted(steps)[len(steps) // 2] < 0.0167


def test_a_meeting_that_is_gone_meanwhile_leaves_an_empty_row(opened: Opened) -> None:
    desk = fortnight()
    table = table_of(page_of(opened(desk)))
    model = table.model()
    desk.reading.rows = desk.reading.rows[:3]
    model._pages.clear()  # type: ignore[attr-defined]  # as if the page had not been read yet
    assert model.index(90, 1).data() is None


def test_the_table_keeps_its_place_when_it_is_read_again(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = page_of(desktop)
    table = table_of(page)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
    place = table.verticalScrollBar().value()
    desk.reading.rows[0] = replace(desk.reading.rows[0], title="Renamed")
    desktop.open_window().mark_stale()
    assert table.verticalScrollBar().value() == place
    assert desk.now == NOW


def test_in_a_narrow_window_the_details_stand_below_the_table(opened: Opened) -> None:
    desktop = opened(fortnight())
    page = page_of(desktop)
    table = table_of(page)
    desktop.open_window().resize(860, 700)
    QApplication.processEvents()
    assert table.columnWidth(1) > 120
    assert table.viewport().width() > 500


def test_a_meeting_without_a_title_says_so(opened: Opened) -> None:
    desk = fortnight()
    desk.reading.rows = [replace(desk.reading.rows[0], title="")]
    table = table_of(page_of(opened(desk)))
    assert table.model().index(0, 1).data() == "(no title)"


def test_pd_1_the_owner_can_be_chosen_where_a_colleagues_calendar_is_synced(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    hers = ContainerId("suzuki@example.com")
    desk.accounts.others = [(hers, "Suzuki")]
    desk.reading.rows = [
        replace(row_of(at), calendar=Ref(hers, ItemId(f"e{at}")) if at < 2 else None) for at in range(5)
    ]
    page = page_of(opened(desk))
    (owner,) = [box for box in page.findChildren(QComboBox) if box.accessibleName() == "Owner"]
    assert [owner.itemText(at) for at in range(owner.count())] == ["Everybody", "Mine", "From Suzuki"]
    for at, words in ((2, "2 meetings"), (1, "3 meetings"), (0, "5 meetings")):
        owner.setCurrentIndex(at)
        owner.activated.emit(at)
        qtbot.waitUntil(lambda words=words: words in said(page))  # type: ignore[misc]  # bound at once


def test_with_ones_own_calendar_alone_there_is_no_owner_to_choose(opened: Opened) -> None:
    page = page_of(opened(fortnight()))
    (owner,) = [box for box in page.findChildren(QComboBox) if box.accessibleName() == "Owner"]
    assert not owner.isVisible()
