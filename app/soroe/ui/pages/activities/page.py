"""The page Activities: the filters, the table, and both sides of the meeting that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from soroe.core.event import ContainerId, Side
from soroe.ports.reading import BothSides, Filters, MeetingRow, Where
from soroe.ui.context import Context
from soroe.ui.state import AppState
from soroe.ui.texts import Standing, standing_name
from soroe.ui.view.meetings import (
    MeetingDetails,
    details,
    footer,
    is_filtered,
    usual_spans,
    whose,
    whose_offers,
    whys_of,
)
from soroe.ui.view.places import link_offers
from soroe.ui.widgets.basics import LARGE, MEDIUM, Role, button, card, column, empty, label, pill, row, scrolled
from soroe.ui.widgets.choices import ChoiceBox
from soroe.ui.widgets.page import EmptyPart, PageWidget
from soroe.ui.widgets.sides import sides

from .cells import TONES, CellPainter, font_for_letters, width_of
from .links import LinkButtons
from .model import COLUMNS, STATE, MeetingModel

TYPING_MS, LOOK_MS = 180, 30
"""Milliseconds after a letter until what is typed is shown, and until it is looked for, while nobody waits for it."""
NARROW = 800
MOST_WIDE = 220
NEAR = 20
AS_NEEDED, ALWAYS = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOn
SHOWN_STANDINGS = (Standing.SYNCED, Standing.ONE_WAY, Standing.NOT_SYNCED, Standing.ATTENTION)


class ActivitiesPage(PageWidget):
    """PD-1, with filters that always say how many rows they hide."""

    def __init__(self, context: Context) -> None:
        texts = context.texts
        super().__init__(context, texts("activities.title"), texts("activities.subtitle"))
        self._types: tuple[str, ...] = ()
        self._colleagues: tuple[tuple[ContainerId, str], ...] = ()
        self._is_new = True
        self._state = AppState(context.services.clock())
        self._chosen: tuple[MeetingRow, BothSides] | None = None
        self._links: LinkButtons | None = None
        self._model = MeetingModel(context, self)
        self._typing = self._pause(TYPING_MS, self._filter)
        self._looking = self._pause(LOOK_MS, self._look_ahead)
        self._search = QLineEdit()
        self._search.setPlaceholderText(texts("activities.search"))
        self._search.setAccessibleName(texts("activities.search"))
        self._search.setClearButtonEnabled(True)
        glass = context.icons.icon("search", context.theme.muted)
        self._search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._search.textChanged.connect(self._typing.start)
        self._search.textChanged.connect(self._looking.start)
        self._where = self._box("where", [(w.value, texts(f"activities.filter.where.{w.value}")) for w in Where])
        self._type = self._box("type", [])
        self._whose = self._box("whose", [])
        self._why = self._box("why", [(of.value, texts(f"filter.why.{of.value}")) for of in SHOWN_STANDINGS])
        self.box.addLayout(row(self._search, self._whose, self._type, self._where, self._why, spacing=MEDIUM - 4))
        self._table = self._made_table()
        self._fit_columns()
        self._empty = EmptyPart(context, "activities")
        self._panel, self._panel_box = self._made_panel()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(self._table)
        self._split.addWidget(self._panel)
        self._split.setSizes([640, 320])
        self._split.setHandleWidth(LARGE)
        self._split.setChildrenCollapsible(False)
        self.box.addWidget(self._split, 1)
        self.box.addWidget(self._empty, 1)
        self._total = label("", Role.MUTED)
        self._hidden = label("", Role.STRONG)
        self._clear = button(texts("activities.clear"), self._clear_filters, Role.LINK)
        self.box.addLayout(row(self._total, self._hidden, self._clear, None, spacing=MEDIUM))

    def show_state(self, state: AppState) -> None:
        """The table reads the database itself; a state alone changes only what the places to meet online offer, and
        the step that an empty table does."""
        self._state = state
        self._say_empty()
        self._show_offers()

    def reload(self, state: AppState) -> None:
        """Read the rows again; the place in the table stays, and so does the meeting that is chosen."""
        self._state = state
        place = self._table.verticalScrollBar().value()
        chosen, at = self._chosen, self._table.currentIndex().row()
        self._model.reload()
        if chosen is not None:
            self._choose_again(chosen[0], at)
        self._show_types()
        self._show_colleagues()
        self._show_counts()
        if self._is_new:
            self._is_new = False
            today = self._model.index(self._model.row_of_today(), 0)
            self._table.scrollTo(today, QAbstractItemView.ScrollHint.PositionAtTop)
        else:
            self._table.verticalScrollBar().setValue(place)

    def _choose_again(self, meeting: MeetingRow, at: int) -> None:
        """Choose the row that the meeting stands in now; far from where it was, nobody would look for it."""
        near = range(max(0, at - NEAR), min(self._model.rowCount(), at + NEAR))
        for row_now in sorted(near, key=lambda row_there: abs(row_there - at)):
            found = self._model.meeting(row_now)
            if found is not None and _is_same(found, meeting):
                self._table.setCurrentIndex(self._model.index(row_now, 0))
                return

    def first_focus(self) -> QWidget | None:
        """The search field."""
        return self._search

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """In a narrow window the details stand below the table, and the title has room."""
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        self._split.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)

    def _pause(self, milliseconds: int, after: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(after)
        return timer

    def _box(self, name: str, choices: list[tuple[str, str]]) -> QComboBox:
        box = ChoiceBox(self.context)
        box.setAccessibleName(self.context.texts(f"activities.column.{'where.name' if name == 'where' else name}"))
        box.addItem(self.context.texts(f"activities.filter.{name}"), "")
        for value, text in choices:
            box.addItem(text, value)
        box.activated.connect(self._filter)
        return box

    def _made_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName(self.context.texts("activities.title"))
        table.setModel(self._model)
        self._model.modelReset.connect(table.doItemsLayout)  # left to Qt's own time, all is painted once more
        table.setFont(font_for_letters(QFont(), joining=False))
        table.setItemDelegate(CellPainter(self.context, self._model, table))
        table.setSortingEnabled(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setFrameShape(QFrame.Shape.NoFrame)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(round(table.fontMetrics().height() * 2.1))
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        head.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.selectionModel().currentRowChanged.connect(self._show_chosen)
        return table

    def _fit_columns(self) -> None:
        """Room for the words of this language, and for the types of this CRM; the title has the rest."""
        told, font = self.context.told(), self._table.font()
        names = [told.texts(f"activities.column.{column}") for column in COLUMNS]
        spans, sides_named = usual_spans(told), [told.texts(f"side.{where.value}") for where in Where]
        states = [standing_name(told.texts, of) for of in SHOWN_STANDINGS]
        for at, words in ((0, spans), (2, list(self._types)), (3, sides_named), (STATE, states)):
            wide = width_of([*words, names[at]], font, symbol=at == STATE)
            self._table.setColumnWidth(at, min(wide, MOST_WIDE))

    def _made_panel(self) -> tuple[QWidget, QVBoxLayout]:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, 4, 0)
        area = scrolled(inner, self.context.texts("a11y.details"))
        panel = card(area)
        panel.setMinimumWidth(290)
        box.addWidget(label(self.context.texts("activities.details.none"), Role.MUTED, wrap=True))
        box.addStretch(1)
        return panel, box

    def _chosen_filters(self) -> Filters:
        why = self._why.currentData()
        kind, where = self._type.currentData(), self._where.currentData()
        return Filters(
            text=self._search.text().strip(),
            types=frozenset({kind}) if kind else frozenset(),
            where=Where(where) if where else None,
            whys=whys_of(Standing(why)) if why else frozenset(),
            whose=whose(str(self._whose.currentData()), self._colleagues),
        )

    def _look_ahead(self) -> None:
        """Use the pause after a letter: to look through 50,000 titles takes longer than to draw what is found (P-9)."""
        on_screen = self._table.height() // self._table.verticalHeader().defaultSectionSize() + 1
        self._model.look_ahead(self._chosen_filters(), on_screen)

    def _filter(self) -> None:
        self._model.show_filtered(self._chosen_filters())
        self._show_counts()

    def _clear_filters(self) -> None:
        self._search.clear()
        self._typing.stop()
        self._looking.stop()
        for box in (self._whose, self._type, self._where, self._why):
            box.setCurrentIndex(0)
        self._filter()

    def _show_types(self) -> None:
        types = tuple(self.context.services.accounts.activity_types())
        if types != self._types:
            self._types = types
            _offer(self._type, [(kind, kind) for kind in types])
            self._fit_columns()

    def _show_colleagues(self) -> None:
        """The owner filter is there once a colleague's calendar is synced too."""
        colleagues = tuple(self.context.services.accounts.colleagues())
        self._whose.setVisible(bool(colleagues))
        if colleagues != self._colleagues:
            self._colleagues = colleagues
            _offer(self._whose, whose_offers(colleagues, self.context.texts))

    def _show_counts(self) -> None:
        total, hidden = footer(self._model.rowCount(), self._model.hidden, self.context.told())
        filtered = is_filtered(self._model.filters)
        self._total.setText(total)
        self._hidden.setText(hidden)
        self._clear.setVisible(filtered)
        has_rows = self._model.rowCount() > 0
        # A table that is hidden keeps its scroll bar: were there less room once rows are there, all were painted twice.
        self._table.setVerticalScrollBarPolicy(AS_NEEDED if has_rows else ALWAYS)
        shown, other = (self._split, self._empty) if has_rows else (self._empty, self._split)
        other.hide()  # first, so that they need not share the room for a moment: each would be laid out twice
        shown.show()
        self._say_empty()
        self._show_chosen()

    def _say_empty(self) -> None:
        if is_filtered(self._model.filters):
            self._empty.say("activities.empty.filtered", self.context.texts("activities.clear"), self._clear_filters)
        else:
            self._empty.say_first_step("activities.empty", self._state)

    def _show_chosen(self, *_: object) -> None:
        chosen = self._table.currentIndex()
        meeting = self._model.meeting(chosen.row()) if chosen.isValid() else None
        ref = (meeting.calendar or meeting.crm) if meeting else None
        if ref is None and self._chosen is None:
            return
        empty(self._panel_box)
        self._chosen = self._links = None
        if meeting is None or ref is None:
            self._panel_box.addWidget(label(self.context.texts("activities.details.none"), Role.MUTED, wrap=True))
            self._panel_box.addStretch(1)
            return
        side = Side.CALENDAR if meeting.calendar else Side.CRM
        found = self.context.services.reading.both_sides(meeting.sync, side, ref)
        self._chosen = meeting, found
        self._show_details(details(found, self.context.told()))

    def _show_details(self, shown: MeetingDetails) -> None:
        texts = self.context.texts
        self._panel_box.setSpacing(MEDIUM)
        self._panel_box.addLayout(row(pill(shown.standing, TONES[shown.tone]), None))
        title = column(label(shown.title, Role.HEADING, wrap=True), label(shown.when, Role.MUTED, wrap=True), spacing=3)
        self._panel_box.addLayout(title)
        why = column(label(texts("activities.details.why"), Role.SMALL), label(shown.why, wrap=True), spacing=2)
        self._panel_box.addLayout(why)
        left, right = texts("side.crm"), texts("side.calendar")
        self._panel_box.addWidget(sides(left, right, shown.fields))
        self._links = LinkButtons(self.context)
        self._panel_box.addWidget(self._links)
        self._panel_box.addStretch(1)
        self._show_offers()

    def _show_offers(self) -> None:
        if self._chosen is not None and self._links is not None:
            self._links.show_offers(link_offers(*self._chosen, self._state, self.context.told()))


def _offer(box: QComboBox, choices: Sequence[tuple[str, str]]) -> None:
    """Offer other choices, as key and name, below the one for all; what was chosen stays chosen while it is there."""
    chosen = box.currentData()
    while box.count() > 1:
        box.removeItem(1)
    for key, name in choices:
        box.addItem(name, key)
    box.setCurrentIndex(max(0, box.findData(chosen)))


def _is_same(one: MeetingRow, other: MeetingRow) -> bool:
    """Whether two rows are of one meeting; since the first was read it may have come to the other side as well."""
    in_crm, in_calendar = one.crm is not None and one.crm == other.crm, one.calendar is not None
    return one.sync == other.sync and (in_crm or (in_calendar and one.calendar == other.calendar))
