"""The menu of the tray icon while things happen."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from soroe.engine.messages import RunStarted
from soroe.ui.texts import Language
from tests.fakes.desk import NOW
from tests.fakes.fortnight import fortnight
from tests.ui.conftest import Opened


def test_the_lines_stay_the_same_ones_while_their_words_change(opened: Opened, qtbot: QtBot) -> None:
    desk = fortnight(Language.ENGLISH)
    desktop = opened(desk)
    before = desktop.tray.menu.actions()
    assert before[0].text() != "Syncing …"
    for sync in desktop.state.syncs:
        desk.tell(RunStarted(sync.name, NOW))
    qtbot.waitUntil(lambda: before[0].text() == "Syncing …")
    assert desktop.tray.menu.actions() == before
