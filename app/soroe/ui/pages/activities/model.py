"""The table of Activities: rows are fetched in pages when they are looked at, so that 50,000 stay quick (P-9)."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from datetime import UTC, datetime

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from soroe.ports.reading import Filters, MeetingPage, MeetingRow, SortKey
from soroe.ui.context import Context
from soroe.ui.view.meetings import RowWords, row_words

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PAGE_ROWS = 10
PAGES_KEPT = 200
COLUMNS = ("start", "title", "type", "where.name", "why")
SORTS = {0: SortKey.START, 1: SortKey.TITLE, 2: SortKey.TYPE, 3: SortKey.WHERE}
TITLE, STATE = 1, 4
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
TOLD = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, ACCESSIBLE}


class MeetingModel(QAbstractTableModel):
    """The meetings that pass the filters, in an order that the database makes."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._filters = Filters()
        self._sort, self._descending = SortKey.START, False
        self._total, self.hidden = 0, 0
        self._pages: OrderedDict[int, list[tuple[MeetingRow, RowWords | None]]] = OrderedDict()

    @property
    def filters(self) -> Filters:
        """The filters that are set."""
        return self._filters

    def show_filtered(self, filters: Filters) -> None:
        """Set the filters and read the first page."""
        self._filters = filters
        self.reload()

    def look_ahead(self, filters: Filters, rows: int) -> None:
        """Have the first rows with these filters found, without showing them.

        To show them takes a moment then, unless the database changes before: the reading keeps what it found.
        """
        for offset in range(0, rows, PAGE_ROWS):
            if self._find(filters, offset).total <= offset + PAGE_ROWS:
                return

    def reload(self) -> None:
        """Read again: rows are dropped, and fetched when they are looked at."""
        self.beginResetModel()
        self._pages.clear()
        page = self._read(0)
        self._total, self.hidden = page.total, page.hidden
        self._keep(0, page)
        self.endResetModel()

    def meeting(self, row: int) -> MeetingRow | None:
        """The meeting in a row."""
        found = self._at(row)
        return found[0] if found else None

    def row_of_today(self) -> int:
        """The first row that starts today or later, while the rows stand in the order of their start."""
        told = self._context.told()
        midnight = told.now.astimezone(told.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return bisect_left(range(self._total), midnight, key=self._start_of)

    def _start_of(self, row: int) -> datetime:
        page = self._context.services.reading.meetings(
            self._filters, SortKey.START, descending=False, offset=row, limit=1
        )
        return page.rows[0].start if page.rows else datetime.max.replace(tzinfo=UTC)

    def rowCount(self, parent: Index = ROOT) -> int:  # noqa: N802  # Qt's name
        """How many meetings pass the filters."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = ROOT) -> int:  # noqa: N802  # Qt's name
        """How many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802  # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._context.texts(f"activities.column.{COLUMNS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a cell, also in a tip where they are cut off; for screen readers the lock as a word."""
        words = self.words(index.row()) if role in TOLD else None
        if words is None:
            return None
        if role == ACCESSIBLE and index.column() == TITLE and words.private:
            return self._context.texts("activities.private", title=words.title)
        return (words.when, words.title, words.type, words.where, words.state)[index.column()]

    def words(self, row: int) -> RowWords | None:
        """The words of a row."""
        found = self._at(row)
        return found[1] if found else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask the database for another order; the state cannot be sorted by."""
        if column in SORTS:
            self._sort, self._descending = SORTS[column], order is Qt.SortOrder.DescendingOrder
            self.reload()

    def _at(self, row: int) -> tuple[MeetingRow, RowWords] | None:
        number, place = divmod(row, PAGE_ROWS)
        rows = self._pages.get(number)
        if rows is None:
            rows = self._keep(number, self._read(number))
        else:
            self._pages.move_to_end(number)
        if place >= len(rows):
            return None
        row_there, words = rows[place]
        if words is None:
            words = row_words(row_there, self._context.told())
            rows[place] = (row_there, words)
        return row_there, words

    def _read(self, number: int) -> MeetingPage:
        return self._find(self._filters, number * PAGE_ROWS)

    def _find(self, filters: Filters, offset: int) -> MeetingPage:
        return self._context.services.reading.meetings(
            filters, self._sort, descending=self._descending, offset=offset, limit=PAGE_ROWS
        )

    def _keep(self, number: int, page: MeetingPage) -> list[tuple[MeetingRow, RowWords | None]]:
        rows: list[tuple[MeetingRow, RowWords | None]] = [(row, None) for row in page.rows]
        self._pages[number] = rows
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return rows
