"""The building blocks of the pages."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from soroe.ui.widgets.basics import Chips

NAMES = [(f"Kind {n}", n) for n in range(9)]


def chips(qtbot: QtBot, width: int) -> Chips:
    made = Chips("Kinds", lambda _at: None)
    qtbot.addWidget(made)
    made.resize(width, 40)
    made.show_choices(NAMES, 2)
    made.show()
    return made


def test_choices_take_as_many_rows_as_they_need(qtbot: QtBot) -> None:
    wide, narrow = chips(qtbot, 2000), chips(qtbot, 220)
    assert narrow.height() > 2 * wide.height()
    for made in (wide, narrow):
        for each in made.findChildren(QPushButton):
            assert each.geometry().right() <= made.width()
            assert each.width() >= each.sizeHint().width()


def test_one_choice_is_on_and_those_that_go_are_gone(qtbot: QtBot) -> None:
    made = chips(qtbot, 2000)
    assert [each.text() for each in made.findChildren(QPushButton) if each.isChecked()] == ["Kind 2  2"]
    made.show_choices(NAMES[:2], 0)
    shown = [each for each in made.findChildren(QPushButton) if each.isVisible()]
    assert [(each.text(), each.isChecked()) for each in shown] == [("Kind 0  0", True), ("Kind 1  1", False)]
