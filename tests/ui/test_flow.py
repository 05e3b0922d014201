"""Buttons that go on in the next row where a panel is narrow."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from soroe.ui.widgets.basics import empty
from soroe.ui.widgets.flow import Flow


def blocks(qtbot: QtBot, *widths: int) -> tuple[QWidget, Flow, list[QWidget]]:
    """Widgets of these widths, 20 high, 10 apart."""
    made = [QWidget() for _ in widths]
    for block, width in zip(made, widths, strict=True):
        block.setFixedSize(width, 20)
    flow, parent = Flow(*made, spacing=10), QWidget()
    parent.setLayout(flow)
    qtbot.addWidget(parent)
    return parent, flow, made


def test_what_fits_stands_in_one_row(qtbot: QtBot) -> None:
    _, flow, made = blocks(qtbot, 50, 60, 70)
    flow.setGeometry(QRect(5, 5, 200, 100))
    assert [(block.x(), block.y()) for block in made] == [(5, 5), (65, 5), (135, 5)]
    assert flow.heightForWidth(200) == 20
    assert (flow.sizeHint().width(), flow.minimumSize().width()) == (200, 70)


def test_what_does_not_fit_goes_on_in_the_next_row(qtbot: QtBot) -> None:
    _, flow, made = blocks(qtbot, 50, 60, 70)
    flow.setGeometry(QRect(0, 0, 199, 100))
    assert [(block.x(), block.y()) for block in made] == [(0, 0), (60, 0), (0, 30)]
    assert flow.heightForWidth(199) == 50
    assert flow.heightForWidth(10) == 80


def test_what_is_hidden_takes_no_room(qtbot: QtBot) -> None:
    _, flow, made = blocks(qtbot, 50, 60, 70)
    made[0].hide()
    flow.setGeometry(QRect(0, 0, 140, 100))
    assert [(block.x(), block.y()) for block in made[1:]] == [(0, 0), (70, 0)]


def test_it_can_be_emptied(qtbot: QtBot) -> None:
    _, flow, _ = blocks(qtbot, 50, 60)
    empty(flow)
    assert flow.count() == 0
    assert flow.itemAt(0) is None
    assert flow.heightForWidth(100) == 0
