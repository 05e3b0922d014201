"""The page History."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QSplitter, QVBoxLayout, QWidget

from soroe.engine.messages import Restore, Undo
from soroe.ports.store import JournalEntry
from soroe.ui.context import Context
from soroe.ui.state import AppState
from soroe.ui.view.history import ChangeCard, DeletedLine, RunLine, change_card, deleted_line, run_line
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    Chips,
    Role,
    button,
    card,
    column,
    empty,
    label,
    row,
    scrolled,
    toned,
    with_icon,
)
from soroe.ui.widgets.lines import Line, LineList
from soroe.ui.widgets.page import EmptyPart, PageWidget
from soroe.ui.widgets.sides import sides

RUNS_AT_ONCE = 100
CHANGES_SHOWN = 60
CHANGES_AT_ONCE = 4
"""What fits on a screen is drawn at once, the rest between two movements of the mouse."""
RESTORABLE = timedelta(days=30)
"""How long a deleted item can be restored (S-7)."""


class HistoryPage(PageWidget):
    """Runs with each change before and after, and what can be restored."""

    def __init__(self, context: Context) -> None:
        texts = context.texts
        super().__init__(context, texts("history.title"), texts("history.subtitle"))
        self._runs: list[RunLine] = []
        self._deleted: list[DeletedLine] = []
        self._shows_deleted = False
        self._limit = RUNS_AT_ONCE
        self._state = AppState(context.services.clock())
        self._is_drawing = False
        self._waiting: deque[JournalEntry] = deque()
        self._undrawn = 0
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._show_some)
        self._chips = Chips(texts("history.title"), self._choose_tab)
        self._list = LineList(context, texts("history.title"))
        self._list.selectionModel().selectionChanged.connect(self._show_chosen)
        self._more = button(texts("history.more"), self._show_more, Role.LINK)
        inner = QWidget()
        self._panel = QVBoxLayout(inner)
        self._panel.setContentsMargins(0, 0, 4, 0)
        self._panel.setSpacing(MEDIUM)
        left = QWidget()
        left.setLayout(column(self._list, self._more))
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(LARGE)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(left)
        self._split.addWidget(card(scrolled(inner, texts("a11y.details"))))
        self._split.setSizes([400, 520])
        self._empty = EmptyPart(context, "history")
        for part in (self._chips, self._split, self._empty):
            self.box.addWidget(part)
        self.box.setStretchFactor(self._split, 1)
        self.box.setStretchFactor(self._empty, 1)

    def show_state(self, state: AppState) -> None:
        """History reads the database itself; a state tells only what a page without runs offers."""
        self._state = state
        self._say_empty()

    def reload(self, state: AppState) -> None:
        """Read runs and deleted items again; what is chosen stays chosen."""
        self._state = state
        reading, told = self.context.services.reading, self.context.told()
        chosen = self._list.chosen()
        kept = self._runs[chosen[0]].id if chosen and not self._shows_deleted and chosen[0] < len(self._runs) else None
        runs = reading.runs(0, self._limit + 1)
        self._more.setVisible(len(runs) > self._limit and not self._shows_deleted)
        self._runs = [run_line(run, told) for run in runs[: self._limit]]
        since = self.context.services.clock() - RESTORABLE
        self._deleted = [deleted_line(item, told) for item in reading.deleted_items(since)]
        places = [at for at, run in enumerate(self._runs) if run.id == kept]
        self._draw(places[0] if places and not self._shows_deleted else 0)

    def first_focus(self) -> QWidget | None:
        """The list."""
        return self._list

    def _draw(self, chosen: int = 0) -> None:
        texts = self.context.texts
        names = [(texts("history.tab.runs"), None), (texts("history.tab.deleted"), len(self._deleted))]
        self._chips.show_choices(names, int(self._shows_deleted))
        if self._shows_deleted:
            lines = [_deleted(item) for item in self._deleted]
        else:
            lines = [Line(run.tone, run.report, f"{run.kind} · {run.sync}", run.when) for run in self._runs]
        self._is_drawing = True
        self._list.lines.show_lines(lines)
        self._split.setVisible(bool(lines))
        self._empty.setVisible(not lines)
        self._say_empty()
        self._list.choose(chosen)
        self._is_drawing = False
        self._show_chosen()

    def _say_empty(self) -> None:
        if self._shows_deleted:
            self._empty.say("history.deleted.empty")
        else:
            self._empty.say_first_step("history.empty", self._state)

    def _choose_tab(self, at: int) -> None:
        self._shows_deleted = at == 1
        self._more.setVisible(not self._shows_deleted and len(self._runs) >= self._limit)
        self._draw()

    def _show_more(self) -> None:
        self._limit += RUNS_AT_ONCE
        self.reload(self._state)

    def _show_chosen(self, *_: object) -> None:
        if self._is_drawing:
            return
        empty(self._panel)
        self._waiting.clear()
        chosen = self._list.chosen()
        if not chosen:
            self._panel.addWidget(label(self.context.texts("history.none_chosen"), Role.MUTED, wrap=True))
        elif self._shows_deleted:
            self._show_deleted(self._deleted[chosen[0]])
        else:
            self._show_run(self._runs[chosen[0]])
        self._panel.addStretch(1)
        self._show_some()

    def _show_run(self, run: RunLine) -> None:
        texts = self.context.texts
        changes = [change for change in self.context.services.reading.changes(run.id) if not change.is_mark]
        head = row(
            column(
                label(run.report, Role.HEADING, wrap=True),
                label(f"{run.when} · {run.sync}", Role.MUTED, wrap=True),
                spacing=2,
            )
        )
        if run.can_undo:
            undo = button(texts("history.undo"), partial(self._ask_undo, run, len(changes)))
            head.addWidget(with_icon(undo, self.context, "undo", self.context.theme.text), 0, Qt.AlignmentFlag.AlignTop)
        self._panel.addLayout(head)
        if not changes:
            self._panel.addWidget(label(texts("history.no_changes"), Role.MUTED, wrap=True))
        self._waiting.extend(changes[:CHANGES_SHOWN])
        self._undrawn = len(changes) - len(self._waiting)

    def _show_some(self) -> None:
        """Draw the next few changes of the run that is shown, above the stretch at the end."""
        told = self.context.told()
        for change in [self._waiting.popleft() for _ in range(min(CHANGES_AT_ONCE, len(self._waiting)))]:
            self._add(self._change(change_card(change, told)))
            if not self._waiting and self._undrawn:
                more = self.context.texts("history.more_changes", n=self.context.texts.number(self._undrawn))
                self._add(label(more, Role.MUTED))
        if self._waiting:
            self._next.start()

    def _add(self, part: QWidget) -> None:
        self._panel.insertWidget(self._panel.count() - 1, part)

    def _change(self, shown: ChangeCard) -> QWidget:
        texts = self.context.texts
        parts: list[QWidget] = [label(shown.title, Role.STRONG, wrap=True), label(shown.why, Role.SMALL, wrap=True)]
        if shown.trouble:
            parts.append(toned(label(shown.trouble, wrap=True), Tone.BAD))
        if shown.fields:
            parts.append(sides(texts("history.before"), texts("history.after"), shown.fields))
        part = QWidget()
        part.setLayout(column(label(shown.what, Role.SMALL), *parts, spacing=4))
        return part

    def _show_deleted(self, item: DeletedLine) -> None:
        texts = self.context.texts
        self._panel.addWidget(label(item.title, Role.HEADING, wrap=True))
        for text in (item.when, item.deleted):
            self._panel.addWidget(label(text, Role.MUTED, wrap=True))
        self._panel.addWidget(label(item.why, wrap=True))
        restore = button(texts("history.restore"), partial(self._restore, item), Role.PRIMARY)
        self._panel.addLayout(row(with_icon(restore, self.context, "undo", self.context.theme.on_accent), None))

    def _restore(self, item: DeletedLine) -> None:
        self.context.send(Restore(item.sync, item.change))

    def _ask_undo(self, run: RunLine, changes: int) -> None:
        texts = self.context.texts
        ask = QMessageBox(self.window())
        ask.setWindowTitle(texts("app.name"))
        ask.setText(texts("history.undo.ask"))
        ask.setInformativeText(texts("history.undo.means", n=texts.number(changes)))
        yes = ask.addButton(texts("history.undo"), QMessageBox.ButtonRole.AcceptRole)
        no = ask.addButton(texts("add.cancel"), QMessageBox.ButtonRole.RejectRole)
        ask.setEscapeButton(no)
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(partial(self.context.send, Undo(run.sync, run.id)))
        ask.open()


def _deleted(item: DeletedLine) -> Line:
    return Line(Tone.CALM, item.title, f"{item.when} · {item.deleted}", "", "trash")
