"""What all pages have in common: a header, an empty state, and being refreshed only while they are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from soroe.core.route import SyncName
from soroe.engine.messages import SyncNow
from soroe.ui.context import Context
from soroe.ui.state import AppState
from soroe.ui.view.banner import Page

from .basics import LARGE, MEDIUM, PAGE, SMALL, Role, button, column, label, picture, row

TEXT_WIDTH = 500


class PageWidget(QWidget):
    """A page. `show_state` draws what came with a state, `reload` reads the database again as well."""

    def __init__(self, context: Context, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.setObjectName("page")
        self.context = context
        self.setAccessibleName(title)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(PAGE, PAGE - 4, PAGE, PAGE)
        self.box.setSpacing(LARGE)
        self.subtitle = label(subtitle, Role.MUTED)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(MEDIUM)
        head = QHBoxLayout()
        head.addLayout(column(label(title, Role.TITLE), self.subtitle, spacing=2), 1)
        head.addLayout(self.buttons)
        self.box.addLayout(head)

    def show_state(self, state: AppState) -> None:
        """Draw a state; nothing is read from the database."""
        raise NotImplementedError

    def reload(self, state: AppState) -> None:
        """Read the database again and draw."""
        self.show_state(state)

    def first_focus(self) -> QWidget | None:
        """What gets the keyboard when the page is opened."""
        return None


class EmptyPart(QFrame):
    """Says what will appear here, and offers the next step."""

    def __init__(self, context: Context, icon: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._context = context
        self._title = label("", Role.HEADING)
        self._text = label("", Role.MUTED, wrap=True)
        self._text.setFixedWidth(TEXT_WIDTH)
        self._next = button("", self._pressed, Role.PRIMARY)
        self._action: Callable[[], None] | None = None
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = Qt.AlignmentFlag.AlignHCenter
        box = QVBoxLayout(self)
        box.setContentsMargins(PAGE, PAGE, PAGE, PAGE)
        box.setSpacing(SMALL)
        box.addStretch(1)
        box.addWidget(picture(context, icon, context.theme.accent, 40), 0, middle)
        box.addSpacing(MEDIUM)
        box.addWidget(self._title, 0, middle)
        box.addLayout(row(None, self._text, None))
        box.addSpacing(MEDIUM)
        box.addWidget(self._next, 0, middle)
        box.addStretch(1)

    def say(self, key: str, next_step: str = "", action: Callable[[], None] | None = None) -> None:
        """Show the texts `<key>.title` and `<key>.text`, and a button when there is a next step."""
        texts = self._context.texts
        self._title.setText(texts(f"{key}.title"))
        self._text.setText(texts(f"{key}.text"))
        self._next.setText(next_step)
        self._next.setVisible(bool(next_step))
        self._action = action

    def say_first_step(self, key: str, state: AppState) -> None:
        """The same, with what brings something here: a run, or an account where no sync is set up yet."""
        texts = self._context.texts
        syncs = tuple(sync.name for sync in state.syncs)
        if syncs:
            self.say(key, texts("tray.sync_now"), partial(self._sync, syncs))
        else:
            self.say(key, texts("connections.add"), partial(self._context.go, Page.CONNECTIONS))

    def _sync(self, syncs: Sequence[SyncName]) -> None:
        for name in syncs:
            self._context.send(SyncNow(name))

    def _pressed(self) -> None:
        if self._action:
            self._action()
