"""Draws the cells of the table.

Qt's own way asks the model seven questions for each cell, looks the cell up in the style sheet, and lays its text out
twice: half as long again for every frame, of which nothing is left to see (P-9).
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from soroe.ui.context import Context
from soroe.ui.texts import Standing
from soroe.ui.view.meetings import RowWords
from soroe.ui.view.today import Tone

from .model import STATE, TITLE, MeetingModel

Index = QModelIndex | QPersistentModelIndex
TONES = {
    Standing.SYNCED: Tone.GOOD,
    Standing.WAITING: Tone.BUSY,
    Standing.ONE_WAY: Tone.CALM,
    Standing.NOT_SYNCED: Tone.CALM,
    Standing.ATTENTION: Tone.WARN,
}
SYMBOLS = {
    Standing.SYNCED: "good",
    Standing.WAITING: "busy",
    Standing.ONE_WAY: "both",
    Standing.NOT_SYNCED: "calm",
    Standing.ATTENTION: "warn",
}
PAD, ICON, GAP = 10, 16, 6
WORDS_KEPT = 200
"""Types, sides and states: few words, which stand in every row."""
SELECTED = QStyle.StateFlag.State_Selected
IN_THE_MIDDLE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


def font_for_letters(usual: QFont, *, joining: bool) -> QFont:
    """This font; without `joining`, characters are drawn one by one, where the script allows it, without looking how
    they go together: that is a third of the time of a frame (P-9)."""
    font = QFont(usual)
    font.setStyleStrategy(QFont.StyleStrategy.PreferDefault if joining else QFont.StyleStrategy.PreferNoShaping)
    return font


class CellPainter(QStyledItemDelegate):
    """Draws one cell from the words of its row."""

    def __init__(self, context: Context, model: MeetingModel, table: QTableView) -> None:
        super().__init__(table)
        self._model = model
        self._context = context
        theme = context.theme
        self._text, self._line, self._chosen = QColor(theme.text), QColor(theme.hover), QColor(theme.accent_soft)
        self._colours = {of: QColor(theme.tone(TONES[of])) for of in Standing}
        self._ratio = 0.0
        self._symbols: dict[Standing, QPixmap] = {}
        self._lock = QPixmap()
        self._kept: dict[tuple[str, int], QStaticText] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The symbol and the text, or nothing where there is no row any more."""
        words = self._model.words(index.row())
        if words is None:
            return
        place, column = option.rect, index.column()
        is_chosen = bool(option.state & SELECTED)
        if is_chosen:
            painter.fillRect(place, self._chosen)
        left, top, height = place.left(), place.top(), place.height()
        end = left + place.width()
        painter.fillRect(left, top + height - 1, end - left, 1, self._line)
        left += PAD
        if column == STATE or (column == TITLE and words.private):
            self._look_at(painter)
            symbol = self._symbols[words.standing] if column == STATE else self._lock
            painter.drawPixmap(left, top + (height - ICON) // 2, symbol)
            left += ICON + GAP
        painter.setPen(self._colours[words.standing] if column == STATE and not is_chosen else self._text)
        room = QRect(left, top, end - left - PAD // 2, height)
        if column <= TITLE:
            self._draw(painter, room, words.title if column == TITLE else words.when, joins=words.joins)
        else:
            self._draw_word(painter, room, _word(words, column), joins=words.joins)

    def _draw(self, painter: QPainter, room: QRect, text: str, *, joins: bool) -> None:
        usual = painter.font()
        if joins:
            painter.setFont(font_for_letters(usual, joining=True))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, IN_THE_MIDDLE, shown)
        if joins:
            painter.setFont(usual)

    def _draw_word(self, painter: QPainter, room: QRect, word: str, *, joins: bool) -> None:
        """The same for what is drawn over and over: it is laid out once."""
        if joins:
            self._draw(painter, room, word, joins=True)
            return
        kept = self._kept.get((word, room.width()))
        if kept is None:
            if len(self._kept) >= WORDS_KEPT:
                self._kept.clear()
            kept = QStaticText(painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, room.width()))
            kept.setTextFormat(Qt.TextFormat.PlainText)
            kept.prepare(font=painter.font())
            self._kept[word, room.width()] = kept
        painter.drawStaticText(room.left(), room.top() + (room.height() - round(kept.size().height())) // 2, kept)

    def _look_at(self, painter: QPainter) -> None:
        """Have the symbols for the screen that is drawn on."""
        ratio = painter.device().devicePixelRatioF()
        if ratio != self._ratio:
            theme, icons = self._context.theme, self._context.icons
            self._ratio = ratio
            self._symbols = {of: icons.pixmap(SYMBOLS[of], theme.tone(TONES[of]), ICON, ratio) for of in Standing}
            self._lock = icons.pixmap("lock", theme.muted, ICON, ratio)


def _word(words: RowWords, column: int) -> str:
    return (words.type, words.where, words.state)[column - TITLE - 1]


def width_of(texts: list[str], font: QFont, *, symbol: bool = False) -> int:
    """The width of a column in which each of these fits."""
    metrics = QFontMetrics(font)
    widest = max(map(metrics.horizontalAdvance, texts), default=0)
    return widest + 2 * PAD + (ICON + GAP if symbol else 0)
