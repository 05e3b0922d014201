"""A short list of things to tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from soroe.ui.context import Context
from soroe.ui.view.sync_choices import Offer

from .choices import draw_tick

Index = QModelIndex | QPersistentModelIndex
MOST_ROWS = 5


class TickPainter(QStyledItemDelegate):
    """Draws an offer, and its tick as the ticks elsewhere."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = context.theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The offer, and the tick over Qt's own."""
        super().paint(painter, option, index)
        if Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked:
            own = QStyleOptionViewItem(option)
            self.initStyleOption(own, index)
            part = QStyle.SubElement.SE_ItemViewItemCheckIndicator
            place = own.widget.style().subElementRect(part, own, own.widget)
            draw_tick(painter, place, self._theme, enabled=own.widget.isEnabled())


class Ticks(QListWidget):
    """Shows the offers with a box each; `changed` is called when one is ticked or cleared."""

    def __init__(
        self, name: str, offers: Sequence[Offer], changed: Callable[[], None], context: Context, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setItemDelegate(TickPainter(context, self))
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for offer in offers:
            item = QListWidgetItem(offer.name, self)
            item.setData(Qt.ItemDataRole.UserRole, offer.key)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if offer.ticked else Qt.CheckState.Unchecked)
        self.fit()
        self.itemChanged.connect(lambda _item: changed())

    def fit(self) -> None:
        """As high as its rows, up to a few; the rest is scrolled to."""
        rows = max(1, min(self.count(), MOST_ROWS))
        height = self.sizeHintForRow(0) if self.count() else self.fontMetrics().height() + 8
        self.setFixedHeight(rows * height + 2 * self.frameWidth() + 2)

    def ticked(self) -> tuple[str, ...]:
        """The keys of what is ticked, in the order of the list."""
        items = (self.item(at) for at in range(self.count()))
        return tuple(str(i.data(Qt.ItemDataRole.UserRole)) for i in items if i.checkState() is Qt.CheckState.Checked)
