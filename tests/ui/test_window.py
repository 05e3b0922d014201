"""The window on fakes: every page opens, every button does what it says, and nothing warns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from soroe.core.finding import FindingAction
from soroe.engine.health import Health, HealthState
from soroe.engine.messages import (
    CommandDone,
    HealthChanged,
    Pause,
    Resolve,
    Restore,
    RunProgress,
    RunStarted,
    SyncChanged,
    SyncNow,
    Undo,
)
from soroe.engine.phase import Phase
from soroe.ports.store import ChangeId, RunId, RunKind, RunRecord, SyncState, SyncStatus
from soroe.ui.app import Desktop
from soroe.ui.pages.connections.page import ConnectionsPage
from soroe.ui.pages.findings.page import FindingsPage
from soroe.ui.pages.history.page import HistoryPage
from soroe.ui.pages.today.page import TodayPage
from soroe.ui.ports import Display, OpenRequested
from soroe.ui.texts import Language
from soroe.ui.view.banner import Page
from soroe.ui.widgets.basics import Chips
from soroe.ui.widgets.chart import BarChart
from soroe.ui.widgets.lines import LineList
from soroe.ui.widgets.page import EmptyPart
from tests.fakes.desk import NOW, ZONE, Desk
from tests.fakes.fortnight import fortnight
from tests.ui.conftest import Opened
from tests.ui.parts import WORK, button, offscreen_grumbles, one, shown_texts, window_of
from tests.ui.test_state import finished


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("desk", ["full", "failing", "empty"])
def test_every_page_opens_in_both_languages(opened: Opened, language: Language, desk: str) -> None:
    full = fortnight(language, failing=desk == "failing")
    window = window_of(opened(Desk(language=language) if desk == "empty" else full))
    for page in Page:
        window.go(page)
        QApplication.processEvents()
        assert window.page is page
        assert all("{" not in text for text in shown_texts(window))


@pytest.mark.parametrize("desk", [fortnight(), Desk()], ids=["full", "empty"])
def test_everything_that_can_be_focused_has_a_name_for_screen_readers(opened: Opened, desk: Desk) -> None:
    window = window_of(opened(desk))
    for page in Page:
        window.go(page)
        QApplication.processEvents()
        nameless = [
            f"{page}: {type(each).__name__}"
            for each in window.findChildren(QWidget)
            if each.isVisible()
            and each.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not (each.accessibleName() or getattr(each, "text", str)())
        ]
        assert nameless == []


def test_the_pages_are_reached_by_keyboard(opened: Opened, qtbot: QtBot) -> None:
    window = window_of(opened(fortnight()))
    window.activateWindow()
    for number, page in enumerate(Page, start=1):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.page is page


def test_f5_syncs(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    window = window_of(opened(desk))
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert desk.sent == [SyncNow(WORK)]


def test_today_syncs_and_pauses(opened: Opened) -> None:
    desk = fortnight()
    page = one(window_of(opened(desk)), TodayPage)
    button(page, "Sync now").click()
    lines = button(page, "Pause").menu().actions()
    assert [line.text() for line in lines] == ["For 1 hour", "Until tomorrow", "Until I resume"]
    lines[2].trigger()
    assert desk.sent == [SyncNow(WORK), Pause(WORK, None)]


@pytest.mark.parametrize("page", [Page.ACTIVITIES, Page.FINDINGS, Page.HISTORY])
def test_an_empty_page_offers_an_account_while_there_is_no_sync(opened: Opened, page: Page) -> None:
    window = window_of(opened(Desk()))
    window.go(page)
    QApplication.processEvents()
    button(window, "Add account").click()
    assert window.page is Page.CONNECTIONS


@pytest.mark.parametrize("page", [Page.ACTIVITIES, Page.FINDINGS, Page.HISTORY])
def test_an_empty_page_offers_a_run_once_there_is_a_sync(opened: Opened, page: Page) -> None:
    desk = Desk()
    desk.accounts.setups = fortnight().accounts.setups
    window = window_of(opened(desk))
    window.go(page)
    QApplication.processEvents()
    shown = [each for each in one(window, EmptyPart).findChildren(QPushButton) if each.isVisible()]
    assert [each.text() for each in shown] == ["Sync now"]
    shown[0].click()
    assert desk.sent == [SyncNow(WORK)]


def test_today_opens_the_findings_of_a_kind(opened: Opened) -> None:
    window = window_of(opened(fortnight()))
    button(one(window, TodayPage), "Duplicates").click()
    assert {line.right for line in one(one(window, FindingsPage), LineList).lines.lines} == {"Duplicates"}


def test_today_follows_a_run(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    window = window_of(opened(desk))
    desk.tell(RunStarted(WORK, NOW))
    desk.tell(RunProgress(WORK, Phase.APPLY, 40, 120))
    qtbot.waitUntil(lambda: "Writing changes: 40 of 120" in shown_texts(window))
    done = finished(created=(1, 0))
    desk.reading.records.append(done.record)
    desk.tell(done)
    qtbot.waitUntil(lambda: "today 10:42 · 1 created" in shown_texts(window))


def test_a_run_that_did_nothing_reads_nothing(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    window_of(desktop).go(Page.ACTIVITIES)
    QApplication.processEvents()  # rows are read as they are drawn
    asked = desk.reading.asked
    desk.tell(finished())
    qtbot.waitUntil(lambda: desktop.state.syncs[0].next_run is not None)
    assert desk.reading.asked == asked


@offscreen_grumbles
def test_hovering_over_the_chart_tells_a_day(opened: Opened) -> None:
    chart = one(window_of(opened(fortnight())), BarChart)
    assert "Tue 12 May" in chart.accessibleDescription()
    place = QPoint(chart.width() - 10, 40)
    assert chart.event(QHelpEvent(QHelpEvent.Type.ToolTip, place, chart.mapToGlobal(place)))


def test_bk_5_check_opens_connections_at_the_failing_one(opened: Opened) -> None:
    window = window_of(opened(fortnight(failing=True)))
    banner = window.findChild(QWidget, "banner")
    assert banner is not None
    button(banner, "Check").click()
    assert window.page is Page.CONNECTIONS
    assert "Connection error" in shown_texts(one(window, ConnectionsPage))


def test_the_banner_goes_when_the_connection_is_mended(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight(failing=True)
    desktop = opened(desk)
    banner = window_of(desktop).findChild(QWidget, "banner")
    assert banner is not None
    assert button(banner, "Check").isVisible()
    desk.accounts.all = fortnight().accounts.all
    desk.tell(HealthChanged("Google", Health(HealthState.CONNECTED, NOW)))
    qtbot.waitUntil(lambda: not desktop.state.in_error)
    assert not [each for each in banner.findChildren(QPushButton) if each.isVisible() and each.text() == "Check"]


def findings_page(desktop: Desktop) -> FindingsPage:
    window = window_of(desktop)
    window.go(Page.FINDINGS)
    return one(window, FindingsPage)


def test_a_finding_is_resolved_and_taken_back(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = findings_page(desktop)
    conflict = desk.reading.found[0][1]
    assert "Both sides changed: Time, Place." in shown_texts(page)
    button(page, "Take CRM").click()
    resolve = Resolve(WORK, conflict.id, FindingAction.TAKE_CRM)
    assert desk.sent == [resolve]
    button(window_of(desktop), "Undo").click()
    assert "Not done yet; once it is, it can be taken back in History." in shown_texts(window_of(desktop))
    assert desk.sent == [resolve]
    desk.reading.records.append(RunRecord(RunId(50), WORK, RunKind.SYNC, NOW, NOW, updated=(0, 1)))
    change = desk.reading.journal[RunId(40)][0]
    desk.reading.journal[RunId(50)] = [replace(change, target=conflict.calendar)]
    button(page, "Take CRM").click()
    button(window_of(desktop), "Undo").click()
    assert desk.sent == [resolve, resolve, Undo(WORK, RunId(50))]


def test_a_dismissed_finding_is_shown_again(opened: Opened) -> None:
    desk = fortnight()
    desktop = opened(desk)
    page = findings_page(desktop)
    one(page, LineList).choose(4)
    button(page, "Dismiss").click()
    button(window_of(desktop), "Undo").click()
    assert desk.taken_back == [desk.reading.found[4][1].id]


def test_several_findings_are_resolved_at_once(opened: Opened) -> None:
    desk = fortnight()
    page = findings_page(opened(desk))
    entries = one(page, LineList)
    private = [at for at, line in enumerate(entries.lines.lines) if line.right == "Private events"]
    entries.clearSelection()
    for at in private:
        entries.selectionModel().select(entries.lines.index(at, 0), entries.selectionModel().SelectionFlag.Select)
    button(page, "Dismiss").click()
    assert [command.action for command in desk.sent if isinstance(command, Resolve)] == [FindingAction.DISMISS] * 2


def test_findings_are_narrowed_down_by_kind(opened: Opened) -> None:
    page = findings_page(opened(fortnight()))
    button(one(page, Chips), "Duplicates  2").click()
    assert {line.right for line in one(page, LineList).lines.lines} == {"Duplicates"}


def test_the_chosen_finding_stays_chosen_when_the_list_is_read_again(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    entries = one(findings_page(desktop), LineList)
    entries.choose(3)
    del desk.reading.found[0]
    desk.tell(finished(updated=(1, 0)))
    qtbot.waitUntil(lambda: len(entries.lines.lines) == 7)
    assert entries.lines.lines[entries.chosen()[0]].title == "Follow-up call: Sakura Clinic"


def history_page(desktop: Desktop) -> HistoryPage:
    window = window_of(desktop)
    window.go(Page.HISTORY)
    return one(window, HistoryPage)


@offscreen_grumbles
def test_a_run_is_taken_back_only_after_a_yes(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    button(history_page(desktop), "Undo this run").click()
    assert desk.sent == []
    button(one(window_of(desktop), QMessageBox), "Undo this run").click()
    command = Undo(WORK, RunId(40))
    assert desk.sent == [command]
    desk.tell(CommandDone(command, skipped=2))
    said = "Taken back; 2 meetings changed since were left alone."
    qtbot.waitUntil(lambda: said in shown_texts(window_of(desktop)))


def test_a_deleted_item_is_restored(opened: Opened) -> None:
    desk = fortnight()
    page = history_page(opened(desk))
    button(one(page, Chips), "Deleted items  1").click()
    assert "Lunch with Mr Kuroda" in shown_texts(page)
    button(page, "Restore").click()
    assert desk.sent == [Restore(WORK, ChangeId(3))]


def test_an_empty_program_offers_the_first_step(opened: Opened) -> None:
    window = window_of(opened(Desk()))
    assert "No sync yet" in shown_texts(window)
    button(window, "Add account").click()
    assert window.page is Page.CONNECTIONS


def test_a_second_start_brings_the_window_back(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    window = window_of(opened(desk))
    window.hide()
    desk.tell(OpenRequested())
    qtbot.waitUntil(window.isVisible)


def test_a_hidden_window_reads_when_it_is_seen_again(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    desktop = opened(desk)
    window = window_of(desktop)
    window.go(Page.ACTIVITIES)
    window.hide()
    asked = desk.reading.asked
    desk.tell(finished(created=(1, 0)))
    qtbot.waitUntil(lambda: desktop.state.syncs[0].next_run is not None)
    assert desk.reading.asked == asked
    window.show()
    assert desk.reading.asked > asked


def test_a_failing_connection_is_notified_with_a_button_that_reconnects(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    opened(desk)
    broken = HealthChanged("Google", Health(HealthState.SIGN_IN_NEEDED, NOW, "invalid_grant"))
    desk.tell(broken)
    desk.tell(broken)
    qtbot.waitUntil(lambda: len(desk.notifier.shown) == 1)
    notice = desk.notifier.shown[0]
    assert notice.buttons == (("reconnect", "Reconnect"),)
    notice.on_pressed("reconnect")
    qtbot.waitUntil(lambda: desk.accounts.reconnected == ["Google"])
    desk.tell(HealthChanged("Google", Health(HealthState.CONNECTED, NOW)))
    qtbot.waitUntil(lambda: desk.notifier.withdrawn == ["account:Google"])
    assert len(desk.notifier.shown) == 1


def test_a_held_sync_s_notification_opens_findings(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight()
    window = window_of(opened(desk))
    desk.tell(SyncChanged(WORK, SyncState(SyncStatus.HELD, NOW, held_for="mass_delete:14:x")))
    qtbot.waitUntil(lambda: len(desk.notifier.shown) == 1)
    desk.notifier.shown[0].on_pressed("open")
    qtbot.waitUntil(lambda: window.page is Page.FINDINGS)


def test_new_colours_and_words_keep_the_page(opened: Opened) -> None:
    desktop = opened(fortnight())
    window = window_of(desktop)
    window.go(Page.HISTORY)
    desktop._colours_changed()
    QApplication.processEvents()
    assert window.page is Page.HISTORY
    assert one(window, HistoryPage).isVisible()
    desktop.show_in(Display(Language.JAPANESE, ZONE, dark=True))
    assert "履歴" in shown_texts(one(window, HistoryPage))
    assert "Soroe を開く" in [line.text() for line in desktop.tray.menu.actions()]
