"""The choices of one sync: what is chosen, what else could be, what IT locked, and what a change would do before it
is kept (PD-3, PD-4, PD-8)."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from soroe.engine.messages import Choice, CommandDone, Preview
from soroe.ui.context import Context
from soroe.ui.ports import Refused, SyncSetup
from soroe.ui.state import AppState
from soroe.ui.texts import foreseen_words, refused_words
from soroe.ui.view import sync_choices as view
from soroe.ui.view.today import Tone
from soroe.ui.widgets.basics import (
    MEDIUM,
    PAGE,
    SMALL,
    Role,
    beside_lock,
    button,
    card,
    column,
    label,
    lock_told,
    redraw,
    row,
    toned,
)
from soroe.ui.widgets.choices import ChoiceBox, DayBox, TickBox
from soroe.ui.widgets.ticks import Ticks

WIDTH = 600
SETTLE_MS = 350
"""A person who ticks several boxes is asked once."""


class SyncChoices(QDialog):
    """Shows a sync's choices, the one that matters with the focus. What a change would do is counted by the sync itself
    and shown before it can be saved; what is saved holds from the next run on."""

    def __init__(self, context: Context, setup: SyncSetup, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._setup = context, setup
        self._asked: Preview | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        texts = context.texts
        self.setWindowTitle(texts("choices.title", sync=setup.name))
        self.setMinimumWidth(WIDTH)
        self._boxes: dict[str, QComboBox] = {}
        self._ticks: dict[str, Ticks] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.setSpacing(MEDIUM)
        head = label(self.windowTitle(), Role.HEADING)
        box.addLayout(column(head, label(f"{setup.crm} ⇄ {setup.calendar}", Role.MUTED), spacing=SMALL // 2))
        box.addLayout(self._form(key))
        if setup.locked:
            box.addLayout(lock_told(context))
        self._trouble = toned(label("", wrap=True), Tone.BAD)
        self._trouble.setVisible(False)
        self._foreseen = label(texts("choices.text"), wrap=True)
        box.addWidget(card(label(texts("choices.foreseen"), Role.SMALL), self._foreseen, role="inset", margin=MEDIUM))
        box.addWidget(self._trouble)
        box.addStretch(1)
        cancel = button(texts("add.cancel"), self.reject)
        cancel.setAutoDefault(False)
        self._save_button = button(texts("choices.save"), self._save, Role.PRIMARY)
        self._save_button.setDefault(True)
        box.addLayout(row(None, cancel, self._save_button, spacing=SMALL + 2))
        (self._boxes.get(key) or self._ticks.get(key) or self._save_button).setFocus()

    # --- the form ---
    def _form(self, key: str) -> QFormLayout:
        form = QFormLayout()
        form.setSpacing(MEDIUM)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        texts, setup = self._context.texts, self._setup
        now = view.now(setup)
        self._offered = {"calendars": view.calendars(setup), "activity_types": view.types(setup)}
        offers = {name: [(w.value, texts(f"{name}.{w.value}")) for w in kind] for name, kind in view.WAYS.items()}
        offers["incoming_type"] = list(view.incoming(setup, texts))
        for name in ("direction", "calendars", "activity_types", "incoming_type", "privacy", "conflicts"):
            title = label(texts(f"choices.{name}"), Role.STRONG if name == key else Role.BODY)
            field: QWidget
            if name in self._offered:
                field = self._ticks[name] = Ticks(title.text(), self._offered[name], self._changed, self._context, self)
            else:
                field = self._boxes[name] = self._box(title.text(), offers[name], str(now[name] or ""))
            self._locked(field, name)
            title.setBuddy(field)
            form.addRow(beside_lock(title, self._context) if name in setup.locked else title, field)
        self._older, self._since = TickBox(texts("choices.backfill"), self._context), DayBox(self._context)
        if setup.new_items_only:
            older = label(texts("choices.backfill_from"))
            is_locked = "backfill_from" in setup.locked
            form.addRow(beside_lock(older, self._context) if is_locked else older, self._backfill())
        return form

    def _box(self, name: str, offers: list[tuple[str, str]], now: str) -> QComboBox:
        made = ChoiceBox(self._context)
        for value, words in offers:
            made.addItem(words, value)
        made.setCurrentIndex(max(0, made.findData(now)))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.setAccessibleName(name)
        made.currentIndexChanged.connect(lambda _at: self._changed())
        return made

    def _backfill(self) -> QWidget:
        """PD-3: what is older than the sync's start is taken only from a day that the user names."""
        told, setup = self._context.told(), self._setup
        first = view.earliest(setup, told.now.astimezone(told.zone).date())
        self._since.setDate(QDate(first.year, first.month, first.day))
        self._since.setDisplayFormat("yyyy-MM-dd")
        self._since.setAccessibleName(told.texts("choices.backfill"))
        self._since.setEnabled(setup.backfill_from is not None)
        self._older.setChecked(setup.backfill_from is not None)
        self._older.toggled.connect(self._since.setEnabled)
        self._older.toggled.connect(lambda _on: self._changed())
        self._since.dateChanged.connect(lambda _day: self._changed())
        part = QWidget()
        part.setLayout(row(self._older, self._since, None, spacing=SMALL + 2))
        self._locked(part, "backfill_from")
        return part

    def _locked(self, field: QWidget, name: str) -> None:
        if name in self._setup.locked:
            field.setEnabled(False)
            field.setToolTip(self._context.texts("add.locked"))

    def chosen(self) -> tuple[tuple[str, Choice], ...]:
        """What differs from what is kept."""
        kinds = self._ticks["activity_types"].ticked()
        return view.changed(
            self._setup,
            {
                **{name: str(box.currentData()) or None for name, box in self._boxes.items()},
                "calendars": self._ticks["calendars"].ticked(),
                "activity_types": view.of_ticks(kinds, self._offered["activity_types"]),
                "backfill_from": self._day(),
            },
        )

    def _day(self) -> date | None:
        if not self._setup.new_items_only:
            return self._setup.backfill_from
        shown = self._since.date()
        return date(shown.year(), shown.month(), shown.day()) if self._older.isChecked() else None

    # --- what it would do ---
    def _changed(self) -> None:
        """Something was chosen: it is saved once it is known what that would do."""
        self._asked = None
        missing = [name for name, ticks in self._ticks.items() if ticks.count() and not ticks.ticked()]
        is_other = bool(self.chosen())
        self._save_button.setEnabled(not missing and not is_other)
        self._trouble.setVisible(False)
        if missing:
            self._say("choices.tick_one", Tone.BAD)
            self._settle.stop()
        elif is_other:
            self._say("choices.looking")
            self._settle.start()
        else:
            self._say("choices.text")
            self._settle.stop()

    def _ask(self) -> None:
        command = Preview(self._setup.name, self.chosen())
        try:
            self._context.preview(command)
        except Refused as refused:
            self._refuse(refused)
            return
        self._asked = command

    def show_state(self, state: AppState) -> None:
        """Show what the sync answered, when it answers what was asked last."""
        done = state.preview
        if done is None or self._asked is None or done.command != self._asked:
            return
        self._show_answer(done)
        self._asked = None

    def _show_answer(self, done: CommandDone) -> None:
        self._save_button.setEnabled(True)
        words = foreseen_words(self._context.texts, done)
        held = done.foreseen is not None and done.foreseen.held
        self._show(words, Tone.WARN if held or done.code else Tone.CALM)

    def _say(self, key: str, tone: Tone = Tone.CALM) -> None:
        self._show(self._context.texts(key), tone)

    def _show(self, words: str, tone: Tone) -> None:
        _retoned(self._foreseen, tone if tone is not Tone.CALM else None)
        self._foreseen.setText(words)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Rows have their height only once the style sheet has seen them."""
        super().showEvent(event)
        for ticks in self._ticks.values():
            ticks.fit()
        self._fit()

    def _fit(self) -> None:
        """As high as what is said needs; it does not shrink again under the pointer."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    # --- keeping it ---
    def _save(self) -> None:
        changed = dict(self.chosen())
        if changed:
            try:
                self._context.choose(self._setup.name, changed)
            except Refused as refused:
                self._refuse(refused)
                return
            self._context.say(self._context.texts("choices.saved"), None)
        self.accept()

    def _refuse(self, refused: Refused) -> None:
        self._trouble.setText(refused_words(self._context.texts, refused.field, refused.code))
        self._trouble.show()


def _retoned(text: QLabel, tone: Tone | None) -> None:
    text.setProperty("tone", tone.value if tone is not None else "")
    redraw(text)
