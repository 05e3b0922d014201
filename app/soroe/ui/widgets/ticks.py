"""A short list of things to tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from soroe.ui.view.sync_choices import Offer

MOST_ROWS = 5


class Ticks(QListWidget):
    """Shows the offers with a box each; `changed` is called when one is ticked or cleared."""

    def __init__(self, name: str, offers: Sequence[Offer], changed: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
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
        self.setFixedHeight(rows * height + 2 * self.frameWidth() + 10)

    def ticked(self) -> tuple[str, ...]:
        """The keys of what is ticked, in the order of the list."""
        items = (self.item(at) for at in range(self.count()))
        return tuple(str(i.data(Qt.ItemDataRole.UserRole)) for i in items if i.checkState() is Qt.CheckState.Checked)
