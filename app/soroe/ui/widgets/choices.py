"""What is chosen from: a box that opens, a day, a tick.

A style sheet can give them its own arrow and its own tick only as picture files; so they are drawn here, in the colours
of the theme.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit, QStyle, QStyleOptionButton, QWidget

from soroe.ui.context import Context
from soroe.ui.theme import Theme

FROM_THE_END = 16.0
"""Pixels from the middle of the arrow to the end of its field."""
ARROW = ((-4.0, -2.0), (0.0, 2.0), (4.0, -2.0))
TICK = ((0.24, 0.52), (0.43, 0.7), (0.77, 0.32))
"""Parts of the box's width and height."""


class ChoiceBox(QComboBox):
    """One of several choices."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._theme = context.theme

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """The box, and on it the arrow."""
        super().paintEvent(event)
        _draw_arrow(self, self._theme)


class DayBox(QDateEdit):
    """A day, typed or chosen in a calendar."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._theme = context.theme
        self.setCalendarPopup(True)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """The field, and on it the arrow."""
        super().paintEvent(event)
        _draw_arrow(self, self._theme)


class TickBox(QCheckBox):
    """Yes or no."""

    def __init__(self, text: str, context: Context) -> None:
        super().__init__(text)
        self._theme = context.theme

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """The text, and the box over Qt's own."""
        super().paintEvent(event)
        if self.isChecked():
            option = QStyleOptionButton()
            self.initStyleOption(option)
            part = QStyle.SubElement.SE_CheckBoxIndicator
            painter = QPainter(self)
            draw_tick(painter, self.style().subElementRect(part, option, self), self._theme, enabled=self.isEnabled())
            painter.end()


def draw_tick(painter: QPainter, place: QRect, theme: Theme, *, enabled: bool) -> None:
    """A ticked box; Qt's own has, on dark ground, no edge that could be seen."""
    size = float(min(place.width(), place.height()))
    box = QRectF(place.x() + (place.width() - size) / 2, place.y() + (place.height() - size) / 2, size, size)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent if enabled else theme.muted))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(_pen(theme.on_accent))
    painter.drawPolyline(QPolygonF([QPointF(box.x() + x * size, box.y() + y * size) for x, y in TICK]))
    painter.restore()


def _draw_arrow(field: QWidget, theme: Theme) -> None:
    painter = QPainter(field)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(theme.muted if field.isEnabled() else theme.line))
    middle = QPointF(field.width() - FROM_THE_END, field.height() / 2)
    painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in ARROW]))
    painter.end()


def _pen(colour: str) -> QPen:
    return QPen(QColor(colour), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
