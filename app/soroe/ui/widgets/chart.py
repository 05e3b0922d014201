"""The chart of the last days: what was synced, what failed, what was held."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from soroe.ui.context import Context
from soroe.ui.view.today import Bar

AXIS, FOOT, RADIUS = 34.0, 22.0, 4.0


class BarChart(QWidget):
    """One stacked bar a day; its accessible description tells every day in words."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)
        self.setAccessibleName(context.texts("today.chart"))

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these days, oldest first."""
        self._bars = tuple(bars)
        self.setAccessibleDescription("\n".join(bar.words for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """A wide, low picture."""
        return QSize(520, 190)

    def event(self, event: QEvent) -> bool:
        """Hovering over a day tells it in words."""
        if isinstance(event, QHelpEvent) and self._bars:
            step = (self.width() - AXIS) / len(self._bars)
            at = int((event.pos().x() - AXIS) // step)
            if 0 <= at < len(self._bars):
                QToolTip.showText(event.globalPos(), self._bars[at].words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Lines of the scale, then the bars, then the days."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        top = scale_top(max((bar.synced + bar.failed + bar.held for bar in self._bars), default=0))
        area = QRectF(AXIS, 8, self.width() - AXIS, self.height() - 8 - FOOT)
        self._scale(painter, area, top)
        for at, bar in enumerate(self._bars):
            self._bar(painter, area, top, at, bar)
        painter.end()

    def _scale(self, painter: QPainter, area: QRectF, top: int) -> None:
        theme = self._context.theme
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - area.height() * share
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            place = QRectF(0, y - 9, AXIS - 8, 18)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, right, f"{round(top * share):,}")

    def _bar(self, painter: QPainter, area: QRectF, top: int, at: int, bar: Bar) -> None:
        theme = self._context.theme
        step = area.width() / len(self._bars)
        width = min(30.0, step * 0.62)
        x, y = area.left() + step * at + (step - width) / 2, area.bottom()
        parts = [(bar.synced, theme.accent), (bar.held, theme.warn), (bar.failed, theme.bad)]
        shown = [(n, colour) for n, colour in parts if n]
        for place, (n, colour) in enumerate(shown):
            height = max(2.0, area.height() * n / top)
            y -= height
            is_last = place == len(shown) - 1
            painter.fillPath(rounded_top(QRectF(x, y, width, height), RADIUS if is_last else 0), QColor(colour))
            y -= 1
        painter.setPen(QColor(theme.muted))
        if self._is_labelled(at, step, painter):
            half = QFontMetricsF(painter.font()).horizontalAdvance(bar.label) / 2 + 1
            middle = min(x + width / 2, self.width() - half)
            place_below = QRectF(middle - half, area.bottom() + 4, 2 * half, FOOT - 4)
            painter.drawText(place_below, Qt.AlignmentFlag.AlignCenter, bar.label)

    def _is_labelled(self, at: int, step: float, painter: QPainter) -> bool:
        widest = max(QFontMetricsF(painter.font()).horizontalAdvance(bar.label) for bar in self._bars) + 8
        every = max(1, int(-(-widest // step)))
        return (len(self._bars) - 1 - at) % every == 0


def scale_top(most: int) -> int:
    """The top of the scale: the next even, round number above the tallest bar."""
    step = 1
    while True:
        for factor in (4, 10, 20):
            if most <= factor * step:
                return factor * step
        step *= 10


def rounded_top(place: QRectF, radius: float) -> QPainterPath:
    """A bar with rounded upper corners."""
    radius = min(radius, place.height(), place.width() / 2)
    path = QPainterPath(QPointF(place.left(), place.bottom()))
    path.lineTo(place.left(), place.top() + radius)
    path.quadTo(place.topLeft(), QPointF(place.left() + radius, place.top()))
    path.lineTo(place.right() - radius, place.top())
    path.quadTo(place.topRight(), QPointF(place.right(), place.top() + radius))
    path.lineTo(place.right(), place.bottom())
    path.closeSubpath()
    return path
