"""Buttons beside each other, in as many rows as a narrow panel needs."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Lays widgets out like words in a text."""

    def __init__(self, *widgets: QWidget, spacing: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802  # Qt's name
        """One more at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:  # noqa: N802  # Qt's name
        """The one at a place, None behind the last."""
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:  # noqa: N802  # Qt's name
        """Take one out."""
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802  # Qt's name
        """None: further room is left empty."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802  # Qt's name
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's name
        """The height of all rows."""
        return self._height(QRect(0, 0, width, 0), place=False)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """All in one row."""
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        gaps = self.spacing() * max(0, len(hints) - 1)
        return QSize(sum(hint.width() for hint in hints) + gaps, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802  # Qt's name
        """The widest alone."""
        smallest = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((s.width() for s in smallest), default=0), max((s.height() for s in smallest), default=0))

    def setGeometry(self, area: QRect) -> None:  # noqa: N802  # Qt's name
        """Give each its place."""
        super().setGeometry(area)
        self._height(area, place=True)

    def _height(self, area: QRect, *, place: bool) -> int:
        x = y = highest = 0
        for item in self._items:
            if item.isEmpty():
                continue
            hint = item.sizeHint()
            if x and x + hint.width() > area.width():
                x, y = 0, y + highest + self.spacing()
                highest = 0
            if place:
                item.setGeometry(QRect(area.topLeft() + QPoint(x, y), hint))
            x, highest = x + hint.width() + self.spacing(), max(highest, hint.height())
        return y + highest
