"""The page Connections."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QSplitter, QVBoxLayout, QWidget

from soroe.engine.messages import Start, Stop, TestSync
from soroe.ui.context import Context
from soroe.ui.ports import Role as AccountRole
from soroe.ui.state import AppState
from soroe.ui.view.connections import AccountDetails, SyncUse, Tab, details, lines, tabs
from soroe.ui.widgets.basics import (
    LARGE,
    MEDIUM,
    SMALL,
    Chips,
    Role,
    button,
    card,
    column,
    empty,
    label,
    line,
    picture,
    pill,
    row,
    scrolled,
    selectable,
    with_icon,
)
from soroe.ui.widgets.lines import Line, LineList
from soroe.ui.widgets.page import EmptyPart, PageWidget

from .add import AddAccount

ICONS = {AccountRole.CALENDAR: "calendar", AccountRole.CRM: "crm", AccountRole.LOCATION: "location"}


class ConnectionsPage(PageWidget):
    """The accounts by tab, and the one chosen with what mends it (BK-6, BK-7)."""

    def __init__(self, context: Context) -> None:
        texts = context.texts
        super().__init__(context, texts("connections.title"), texts("connections.subtitle"))
        self._state = AppState(context.services.clock())
        self._tab = Tab.ALL
        self._names: list[str] = []
        self._shown: AccountDetails | None = None
        add = button(texts("connections.add"), self.add_account, Role.PRIMARY)
        self.buttons.addWidget(with_icon(add, context, "plus", context.theme.on_accent))
        self._chips = Chips(texts("connections.title"), self._choose_tab)
        self._list = LineList(context, texts("connections.title"))
        self._list.selectionModel().selectionChanged.connect(self._show_chosen)
        inner = QWidget()
        self._panel = QVBoxLayout(inner)
        self._panel.setContentsMargins(0, 0, 4, 0)
        self._panel.setSpacing(MEDIUM)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(LARGE)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._list)
        self._split.addWidget(card(scrolled(inner, texts("a11y.details"))))
        self._split.setSizes([380, 540])
        self._empty = EmptyPart(context, "connections")
        for part in (self._chips, self._split, self._empty):
            self.box.addWidget(part)
        self.box.setStretchFactor(self._split, 1)
        self.box.setStretchFactor(self._empty, 1)

    def show_state(self, state: AppState) -> None:
        """Draw the accounts as they are now."""
        self._state = state
        told = self.context.told()
        shown = lines(state.accounts, self._tab, told)
        names = [(name, n) for _, name, n in tabs(state.accounts, told)]
        self._chips.show_choices(names, list(Tab).index(self._tab))
        chosen = self._chosen_name()
        self._names = [account.name for account in shown]
        drawn = [Line(account.tone, account.name, account.kind, account.state) for account in shown]
        if tuple(drawn) != self._list.lines.lines:
            self._list.lines.show_lines(drawn)
            self._list.choose(self._names.index(chosen) if chosen in self._names else 0)
        self._split.setVisible(bool(shown))
        self._chips.setVisible(bool(state.accounts))
        self._empty.setVisible(not shown)
        if not state.accounts:
            self._empty.say("connections.empty", self.context.texts("connections.add"), self.add_account)
        else:
            self._empty.say("connections.empty.tab")
        self._show_chosen()

    def first_focus(self) -> QWidget | None:
        """The list of accounts."""
        return self._list

    def choose_failing(self) -> None:
        """Show the first connection in error, as the banner's Check does."""
        self._tab = Tab.ALL
        self.show_state(self._state)
        self._list.choose(0)

    def add_account(self) -> None:
        """Open the dialog for a new account."""
        AddAccount(self.context, self.window()).open()

    def _choose_tab(self, at: int) -> None:
        self._tab = list(Tab)[at]
        self.show_state(self._state)

    def _chosen_name(self) -> str | None:
        chosen = self._list.chosen()
        return self._names[chosen[0]] if chosen and chosen[0] < len(self._names) else None

    def _show_chosen(self, *_: object) -> None:
        name = self._chosen_name()
        account = self._state.account(name) if name else None
        shown = details(self._state, account, self.context.told()) if account else None
        if shown == self._shown and shown is not None:
            return
        self._shown = shown
        empty(self._panel)
        if account is None or shown is None:
            self._panel.addWidget(label(self.context.texts("connections.none_chosen"), Role.MUTED, wrap=True))
        else:
            self._show_details(shown, ICONS[account.kind.role])
        self._panel.addStretch(1)

    def _show_details(self, shown: AccountDetails, icon: str) -> None:
        texts, theme = self.context.texts, self.context.theme
        head = row(
            picture(self.context, icon, theme.accent, 28),
            column(label(shown.line.name, Role.HEADING), selectable(label(shown.identity, Role.MUTED)), spacing=1),
            None,
            pill(shown.line.state, shown.line.tone),
        )
        self._panel.addLayout(head)
        words = texts.sentences([shown.what, shown.means])
        self._panel.addLayout(column(selectable(label(words, wrap=True)), label(shown.since, Role.SMALL), spacing=3))
        self._panel.addLayout(self._mends(shown))
        self._panel.addWidget(line())
        self._panel.addLayout(column(label(texts("connections.syncs"), Role.SMALL), *self._uses(shown), spacing=SMALL))
        self._panel.addWidget(line())
        self._panel.addLayout(column(label(texts("connections.permissions"), Role.SMALL), *self._permissions(shown)))
        expiry = column(label(texts("connections.expiry"), Role.SMALL), label(shown.expires, wrap=True), spacing=2)
        self._panel.addLayout(expiry)

    def _mends(self, shown: AccountDetails) -> QVBoxLayout:
        texts, name = self.context.texts, shown.line.name
        role = Role.PLAIN if shown.line.tone.value == "good" else Role.PRIMARY
        reconnect = button(shown.reconnect, partial(self.context.reconnect, name), role)
        reconnect.setEnabled(not shown.signing_in)
        parts: list[QWidget | None] = [reconnect]
        if shown.for_it:
            parts.append(button(texts("connections.copy_for_it"), partial(self._copy, shown.for_it)))
        parts.append(button(texts("connections.remove"), partial(self._remove, name), Role.DANGER))
        working = [label(texts("connections.working"), Role.MUTED)] if shown.signing_in else []
        return column(row(*parts, None, spacing=SMALL + 2), *working)

    def _uses(self, shown: AccountDetails) -> list[QWidget]:
        if not shown.uses:
            return [label(self.context.texts("connections.syncs.none"), Role.MUTED)]
        return [self._use(use) for use in shown.uses]

    def _use(self, use: SyncUse) -> QWidget:
        texts = self.context.texts
        test = button(texts("connections.test"), partial(self._test, use))
        if use.is_started:
            switch = button(texts("connections.stop"), partial(self.context.send, Stop(use.name)))
        else:
            switch = button(texts("connections.start"), partial(self.context.send, Start(use.name)), Role.PRIMARY)
        for each in (test, switch):
            each.setAccessibleName(f"{each.text()}: {use.name}")
        name = column(label(use.name, Role.STRONG), label(use.choices, Role.SMALL, wrap=True), spacing=1)
        part = QWidget()
        results = [label(text, Role.SMALL, wrap=True) for text in use.test]
        name_first = row(name, test, switch, spacing=SMALL + 2)
        name_first.setStretch(0, 1)
        part.setLayout(column(name_first, *results))
        return part

    def _permissions(self, shown: AccountDetails) -> list[QWidget]:
        texts, theme = self.context.texts, self.context.theme
        if not shown.permissions:
            return [label(texts("connections.permissions.none"), Role.MUTED, wrap=True)]
        parts: list[QWidget] = []
        for name, granted in shown.permissions:
            icon = picture(self.context, "good" if granted else "bad", theme.good if granted else theme.bad, 16)
            word = texts("connections.permission.granted" if granted else "connections.permission.missing")
            part = QWidget()
            part.setLayout(row(icon, selectable(label(name, wrap=True)), label(word, Role.SMALL), spacing=SMALL + 2))
            parts.append(part)
        return parts

    def _test(self, use: SyncUse) -> None:
        self.context.test(TestSync(use.name))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.context.say(self.context.texts("connections.copied"), None)

    def _remove(self, name: str) -> None:
        texts = self.context.texts
        ask = QMessageBox(self.window())
        ask.setWindowTitle(texts("app.name"))
        ask.setText(texts("connections.remove.ask", account=name))
        ask.setInformativeText(texts("connections.remove.means"))
        yes = ask.addButton(texts("connections.remove.yes"), QMessageBox.ButtonRole.DestructiveRole)
        no = ask.addButton(texts("add.cancel"), QMessageBox.ButtonRole.RejectRole)
        ask.setDefaultButton(no)
        ask.setEscapeButton(no)
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(partial(self.context.remove, name))
        ask.open()
