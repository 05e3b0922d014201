"""One sync on Today; it is drawn anew in place, so that the keyboard's focus and an open menu stay."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QMenu, QProgressBar, QPushButton, QVBoxLayout

from soroe.engine.messages import Pause, Resume, Start, SyncNow
from soroe.ui.context import Context
from soroe.ui.view.banner import Page
from soroe.ui.view.pauses import PAUSES, pause_until
from soroe.ui.view.today import SyncCard, Tone
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    PAGE,
    SMALL,
    Role,
    button,
    column,
    label,
    pill,
    redraw,
    row,
    with_icon,
)

ICON = 26


class SyncCardFrame(QFrame):
    """Health, last and next run, counts, and what can be done about the sync."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._context = context
        self._shown: SyncCard | None = None
        self._icon = QLabel()
        self._icon.setScaledContents(True)
        self._icon.setFixedSize(ICON, ICON)
        self._name, self._joined = label("", Role.HEADING), label("", Role.SMALL)
        self._status, self._meaning = pill("", Tone.CALM), label("", Role.MUTED, wrap=True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(PAGE)
        self._facts.setVerticalSpacing(2)
        self._values: list[tuple[QLabel, QLabel]] = []
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.act = button("", self._act, Role.PRIMARY)
        self._pause = with_icon(QPushButton(context.texts("tray.pause")), context, "pause", context.theme.muted)
        self._pause.setMenu(self._pauses())
        box = QVBoxLayout(self)
        box.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        box.setSpacing(MEDIUM)
        box.addLayout(row(self._icon, column(self._name, self._joined, spacing=1), None, self._status))
        box.addWidget(self._meaning)
        box.addLayout(self._facts)
        box.addWidget(self._bar)
        box.addStretch(1)
        box.addLayout(row(self.act, self._pause, None, spacing=SMALL + 2))

    def show_card(self, shown: SyncCard) -> None:
        """Draw a sync."""
        before, self._shown = self._shown, shown
        if shown == before:
            return
        texts, theme = self._context.texts, self._context.theme
        self.setAccessibleName(texts("a11y.health", name=shown.name, state=shown.status))
        self._name.setText(shown.name)
        self._joined.setText(shown.joined)
        self._meaning.setText(shown.meaning)
        self._status.setText(shown.status)
        if before is None or before.tone is not shown.tone:
            self._icon.setPixmap(self._context.icons.pixmap(shown.tone.value, theme.tone(shown.tone), ICON, 3.0))
            self._status.setProperty("tone", shown.tone.value)
            redraw(self._status)
        self._show_facts(shown)
        self._bar.setVisible(shown.done is not None)
        self._bar.setAccessibleName(shown.meaning)
        self._bar.setRange(0, shown.total or 0)
        self._bar.setValue(shown.done or 0)
        self.act.setText(shown.button)
        self.act.setAccessibleName(f"{shown.button}: {shown.name}")
        self._pause.setAccessibleName(f"{texts('tray.pause')}: {shown.name}")
        self._pause.setVisible(shown.can_pause)

    def _show_facts(self, shown: SyncCard) -> None:
        while len(self._values) < len(shown.facts):
            at = len(self._values)
            name, value = label("", Role.SMALL), label("", Role.STRONG, wrap=True)
            self._facts.addWidget(name, 0, at)
            self._facts.addWidget(value, 1, at, Qt.AlignmentFlag.AlignTop)
            self._facts.setColumnStretch(at, 2 if at == 0 else 1)
            self._values.append((name, value))
        for (name, value), (name_text, value_text) in zip(self._values, shown.facts, strict=True):
            name.setText(name_text)
            value.setText(value_text)

    def _pauses(self) -> QMenu:
        menu = QMenu(self)
        for how_long in PAUSES:
            action = menu.addAction(self._context.texts(f"tray.pause.{how_long}"))
            action.triggered.connect(partial(self._send_pause, how_long))
        return menu

    def _send_pause(self, how_long: str, _checked: bool = False) -> None:
        if self._shown is not None:
            self._context.send(Pause(self._shown.name, pause_until(how_long, self._context.told())))

    def _act(self) -> None:
        if self._shown is None:
            return
        match self._shown.command:
            case SyncNow() | Start() | Resume():
                self._context.send(self._shown.command)
            case None:
                self._context.go(Page.FINDINGS if self._shown.tone is Tone.WARN else Page.CONNECTIONS)
