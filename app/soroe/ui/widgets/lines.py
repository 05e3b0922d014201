"""A list of two-line entries with a symbol, for findings, accounts and runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from soroe.ui.context import Context
from soroe.ui.view.today import Tone

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PAD, ICON, GAP = 14, 18, 12
SYMBOLS = {Tone.GOOD: "good", Tone.BUSY: "busy", Tone.WARN: "warn", Tone.BAD: "bad", Tone.CALM: "calm"}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: symbol, title, what stands below it, and a word at the right."""

    tone: Tone
    title: str
    below: str
    right: str = ""
    icon: str = ""


class LineModel(QAbstractListModel):
    """The entries, each made when it is looked at first: a list of thousands opens at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._make: Callable[[int], Line] | None = None
        self._made: dict[int, Line] = {}

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Replace all entries by these."""
        self.show_many(len(lines), tuple(lines).__getitem__)

    def show_many(self, count: int, make: Callable[[int], Line]) -> None:
        """Replace all entries by `count` new ones; `make` makes the one at a place."""
        self.beginResetModel()
        self._count, self._make = count, make
        self._made.clear()
        self.endResetModel()

    def line(self, at: int) -> Line:
        """The entry at a place."""
        if at not in self._made:
            if self._make is None:
                raise IndexError(at)
            self._made[at] = self._make(at)
        return self._made[at]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All entries now."""
        return tuple(self.line(at) for at in range(self._count))

    def rowCount(self, parent: Index = ROOT) -> int:  # noqa: N802  # Qt's name
        """How many entries there are."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, or for screen readers and hovering the whole entry."""
        if role not in {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.UserRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        }:
            return None
        entry = self.line(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.UserRole:
            return entry
        return "\n".join(part for part in (entry.title, entry.below, entry.right) if part)


class LinePainter(QStyledItemDelegate):
    """Draws one entry."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  # Qt's name
        """Two lines of text and room around them."""
        height = QFontMetrics(option.font).height() + QFontMetrics(self._small(option.font)).height()
        return QSize(200, height + 22)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Symbol, title, line below, word at the right."""
        entry = index.data(Qt.ItemDataRole.UserRole)
        theme, place = self._context.theme, QRect(option.rect)
        state, font = option.state, QFont(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = place.adjusted(5, 2, -5, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(theme.accent_soft))
            painter.drawRoundedRect(inner, 8, 8)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(theme.hover))
            painter.drawRoundedRect(inner, 8, 8)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner, 8, 8)
        ratio = painter.device().devicePixelRatioF()
        name = entry.icon or SYMBOLS[entry.tone]
        symbol = self._context.icons.pixmap(name, theme.tone(entry.tone), ICON, ratio)
        painter.drawPixmap(inner.left() + PAD - 3, inner.top() + 9, symbol)
        self._words(painter, inner.adjusted(PAD + ICON + GAP - 5, 8, -PAD, -7), entry, font)
        painter.restore()

    def _words(self, painter: QPainter, place: QRect, entry: Line, font: QFont) -> None:
        theme, small = self._context.theme, self._small(font)
        right_width = QFontMetrics(small).horizontalAdvance(entry.right) + GAP if entry.right else 0
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        first = QRect(place.left(), place.top(), place.width() - right_width, QFontMetrics(font).height())
        title = QFontMetrics(font).elidedText(entry.title, Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        second = QRect(place.left(), first.bottom() + 3, place.width(), QFontMetrics(small).height())
        below = QFontMetrics(small).elidedText(entry.below, Qt.TextElideMode.ElideRight, second.width())
        painter.drawText(second, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, below)
        if entry.right:
            place_right = QRect(place.left(), first.top(), place.width(), first.height())
            painter.drawText(place_right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, entry.right)

    def _small(self, font: QFont) -> QFont:
        made = QFont(font)
        made.setWeight(QFont.Weight.Normal)
        made.setPointSizeF(font.pointSizeF() * 0.9)
        return made


class LineList(QListView):
    """The list itself: by keyboard and mouse, one or several chosen."""

    def __init__(self, context: Context, name: str, *, several: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.lines = LineModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(LinePainter(context, self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if several else mode.SingleSelection)

    def chosen(self) -> list[int]:
        """The rows chosen, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def choose(self, row: int) -> None:
        """Choose one row and bring it into view."""
        index = self.lines.index(row, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
