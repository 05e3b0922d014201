"""The page Connections."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QSplitter, QWidget

from soroe.ui.context import Context
from soroe.ui.ports import AccountKind
from soroe.ui.ports import Role as AccountRole
from soroe.ui.state import AppState
from soroe.ui.view.connections import AccountDetails, Tab, details, lines, tabs
from soroe.ui.widgets.basics import LARGE, Chips, Role, button, card, scrolled, with_icon
from soroe.ui.widgets.lines import Line, LineList
from soroe.ui.widgets.page import EmptyPart, PageWidget

from .add import AddAccount
from .panel import DetailsPanel
from .password import PasswordSheet

ICONS = {AccountRole.CALENDAR: "calendar", AccountRole.CRM: "crm", AccountRole.LOCATION: "location"}
PANEL_WIDTH = 380
"""The name of a permission, which is one word, has room in it."""


class ConnectionsPage(PageWidget):
    """The accounts by tab, and the one chosen with what mends it (BK-6, BK-7)."""

    def __init__(self, context: Context) -> None:
        texts = context.texts
        super().__init__(context, texts("connections.title"), texts("connections.subtitle"))
        self._state = AppState(context.services.clock())
        self._tab = Tab.ALL
        self._names: list[str] = []
        self._shown: AccountDetails | None = None
        self._sheet: PasswordSheet | None = None
        add = button(texts("connections.add"), self.add_account, Role.PRIMARY)
        self.buttons.addWidget(with_icon(add, context, "plus", context.theme.on_accent))
        self._chips = Chips(texts("connections.title"), self._choose_tab)
        self._list = LineList(context, texts("connections.title"))
        self._list.selectionModel().selectionChanged.connect(self._show_chosen)
        self._panel = DetailsPanel(context, self._remove)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(LARGE)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._list)
        details_card = card(scrolled(self._panel, texts("a11y.details")))
        details_card.setMinimumWidth(PANEL_WIDTH)
        self._split.addWidget(details_card)
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
        if self._sheet is not None:
            self._sheet.show_state(state)

    def first_focus(self) -> QWidget | None:
        """The list of accounts."""
        return self._list

    def choose_failing(self) -> None:
        """Show the first connection in error, as the banner's Check does."""
        self._tab = Tab.ALL
        self.show_state(self._state)
        self._list.choose(0)

    def choose(self, account: str) -> None:
        """Show one account."""
        self._tab = Tab.ALL
        self.show_state(self._state)
        if account in self._names:
            self._list.choose(self._names.index(account))

    def add_account(self) -> None:
        """Open the dialog for a new account."""
        AddAccount(self.context, self.window()).open()

    def add_with(self, kind: AccountKind, values: dict[str, str]) -> None:
        """Open the form for a new account of a kind, with what is known of it filled in."""
        dialog = AddAccount(self.context, self.window())
        dialog.ask(kind, given=values)
        dialog.open()

    def ask_secret(self, account: str) -> None:
        """Open the sheet for an account's password or key; one that is open for it already comes to the front."""
        known = self._state.account(account)
        if known is None:
            return
        self.choose(account)
        if self._sheet is not None and self._sheet.account.name != account:
            self._sheet.reject()
        if self._sheet is None:
            self._sheet = PasswordSheet(self.context, known, self.window())
            self._sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._sheet.finished.connect(self._sheet_closed)
            self._sheet.open()
        self._sheet.activateWindow()

    def _sheet_closed(self, _result: int) -> None:
        self._sheet = None

    def _choose_tab(self, at: int) -> None:
        self._tab = list(Tab)[at]
        self.show_state(self._state)

    def _chosen_name(self) -> str | None:
        chosen = self._list.chosen()
        return self._names[chosen[0]] if chosen and chosen[0] < len(self._names) else None

    def _show_chosen(self, *_: object) -> None:
        name = self._chosen_name()
        account = self._state.account(name) if name else None
        version = self.context.services.version
        shown = details(self._state, account, self.context.told(), version) if account else None
        if shown == self._shown and shown is not None:
            return
        self._shown = shown
        if account is None or shown is None:
            self._panel.show_none()
        else:
            self._panel.show_details(shown, ICONS[account.kind.role])

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
