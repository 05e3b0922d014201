"""Two contents side by side, field by field, with what differs marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from soroe.ui.texts import FieldPair

from .basics import MEDIUM, SMALL, Role, label, selectable


def sides(left: str, right: str, pairs: Sequence[FieldPair], *, names: bool = True) -> QFrame:
    """A small table: the fields' names, then both values; values that differ carry a mark behind them."""
    frame = QFrame()
    frame.setProperty("role", "inset")
    grid = QGridLayout(frame)
    grid.setContentsMargins(MEDIUM + 2, MEDIUM, MEDIUM + 2, MEDIUM)
    grid.setHorizontalSpacing(MEDIUM)
    grid.setVerticalSpacing(SMALL + 2)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(2, 1)
    if names:
        grid.addWidget(label(left, Role.SMALL), 0, 1)
        grid.addWidget(label(right, Role.SMALL), 0, 2)
    top = Qt.AlignmentFlag.AlignTop
    for at, pair in enumerate(pairs, start=1):
        grid.addWidget(label(pair.name, Role.SMALL), at, 0, top)
        for place, value in ((1, pair.left), (2, pair.right)):
            grid.addWidget(_value(pair, value, left if place == 1 else right), at, place, top)
    return frame


def _value(pair: FieldPair, value: str, side: str) -> QWidget:
    shown = value if len(value) <= 280 else f"{value[:280]}…"
    made = selectable(label(shown or "–", Role.DIFFERS if pair.differs else Role.BODY, wrap=True))
    made.setAccessibleName(f"{side}, {pair.name}")
    return made
