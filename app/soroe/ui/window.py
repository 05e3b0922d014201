"""The window: navigation at the left, a banner when something needs the user, one page at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from soroe.core.finding import FindingKind
from soroe.engine.health import Mend

from .context import Context
from .pages.activities.page import ActivitiesPage
from .pages.connections.page import ConnectionsPage
from .pages.findings.page import FindingsPage
from .pages.history.page import HistoryPage
from .pages.today.page import TodayPage
from .ports import Account, AccountKind, SyncSetup
from .sheets.sync_choices import SyncChoices
from .state import AppState
from .style import style_sheet
from .view.banner import BannerView, Page, banner_view, page_counts
from .view.today import Tone
from .view.tray import tray_view
from .widgets.basics import MEDIUM, PAGE, SMALL, Role, button, label, picture, redraw, row, toned, with_icon
from .widgets.page import PageWidget

USUAL = QSize(1240, 820)
SMALLEST = QSize(860, 560)
TOAST_MS = 12_000
"""Long enough to read it and to decide to take it back."""


class Window(QMainWindow):
    """The program's one window. `seen` is called when it is shown or hidden, `sync_now` by the button in the corner."""

    def __init__(self, seen: Callable[[bool], None], sync_now: Callable[[], None]) -> None:
        super().__init__()
        self._undo: Callable[[], None] | None = None
        self._closed_banner = ""
        self._sheet: SyncChoices | None = None
        self._seen, self._sync_now = seen, sync_now
        self.setMinimumSize(SMALLEST)
        room = self.screen().availableSize()
        self.resize(USUAL.boundedTo(QSize(room.width() * 19 // 20, room.height() * 9 // 10)).expandedTo(SMALLEST))

    def furnish(self, context: Context, state: AppState, page: Page) -> None:
        """Make everything inside anew, in the language and the colours of the context."""
        self._context, self._state = context, state
        self.setWindowTitle(context.texts("app.name"))
        self.setWindowIcon(context.icons.program())
        self.setStyleSheet(style_sheet(context.theme.colours()))
        self._pages: dict[Page, PageWidget] = {}
        self._stale = set(Page)
        self._makers: dict[Page, Callable[[], PageWidget]] = {
            Page.TODAY: partial(TodayPage, context),
            Page.ACTIVITIES: partial(ActivitiesPage, context),
            Page.FINDINGS: partial(FindingsPage, context),
            Page.CONNECTIONS: partial(ConnectionsPage, context),
            Page.HISTORY: partial(HistoryPage, context),
        }
        self._stack = QStackedWidget()
        self._banner, self._toast = self._made_banner(), self._made_toast()
        top = QWidget()
        top_box = QVBoxLayout(top)
        top_box.setContentsMargins(PAGE, PAGE - 10, PAGE, 0)
        top_box.addWidget(self._banner)
        self._top = top
        content = QWidget()
        content.setObjectName("content")
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(top)
        box.addWidget(self._stack, 1)
        box.addWidget(self._toast)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._sidebar())
        across.addWidget(content, 1)
        self.setCentralWidget(whole)
        self.page = page
        self.go(page)

    def go(self, page: Page) -> None:
        """Open a page."""
        if page not in self._pages:
            made = self._makers[page]()
            self._pages[page] = made
            self._stack.addWidget(made)
        self.page = page
        self._nav[page].setChecked(True)
        if page in self._stale:
            self._stale.discard(page)
            self._pages[page].reload(self._state)
        self.show_state(self._state)
        self._stack.setCurrentWidget(self._pages[page])
        focus = self._pages[page].first_focus()
        if focus is not None and self.isVisible():
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_state(self, state: AppState) -> None:
        """Draw a state: the banner, the navigation, and the page that is seen."""
        self._state = state
        told = self._context.told()
        self._show_banner(banner_view(state, told))
        counts, texts = page_counts(state), self._context.texts
        for page, nav in self._nav.items():
            name, n = texts(f"nav.{page.value}"), counts.get(page, 0)
            self._badges[page].setText(f"{n:,}")
            self._badges[page].setVisible(n > 0)
            nav.setAccessibleName(texts("a11y.count", name=name, n=n) if n else name)
        tray = tray_view(state, told)
        self._standing.setText(tray.headline)
        self._happened.setText(tray.happened)
        self._sync.setEnabled(tray.can_sync)
        self._pages[self.page].show_state(state)
        if self._sheet is not None:
            self._sheet.show_state(state)

    def mark_stale(self) -> None:
        """The database has changed: the page that is seen is read again, the others when they are opened."""
        self._stale = set(Page) - {self.page}
        self._pages[self.page].reload(self._state)

    def forget(self) -> None:
        """The database has changed while nobody looks: every page is read again when it is seen."""
        self._stale = set(Page)

    def say(self, text: str, undo: Callable[[], None] | None) -> None:
        """Show a line at the foot, for a while; it can take back what was done."""
        self._toast_text.setText(text)
        self._toast_undo.setVisible(undo is not None)
        self._undo = undo
        self._toast.show()
        self._toast_time.start()

    def open_findings(self, kind: FindingKind | None) -> None:
        """Open Findings, narrowed down to a kind."""
        self.go(Page.FINDINGS)
        page = self._pages[Page.FINDINGS]
        if isinstance(page, FindingsPage):
            page.show_kind(kind)

    def open_failing(self) -> None:
        """Open Connections at the first connection in error."""
        self._connections().choose_failing()

    def choose_account(self, account: str) -> None:
        """Open Connections at one account."""
        self._connections().choose(account)

    def ask_secret(self, account: str) -> None:
        """Open the sheet for an account's password or key."""
        self._connections().ask_secret(account)

    def show_choices(self, setup: SyncSetup, key: str) -> None:
        """Open the choices of a sync at one of them."""
        if self._sheet is not None:
            self._sheet.reject()
        self._sheet = SyncChoices(self._context, setup, key, self)
        self._sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sheet.finished.connect(self._sheet_closed)
        self._sheet.open()

    def _sheet_closed(self, _result: int) -> None:
        self._sheet = None

    def add_microsoft365(self, instead_of: Account) -> None:
        """Open the form for Microsoft 365, with the address of the account that it takes the place of."""
        self._connections().add_with(AccountKind.MICROSOFT365, {"email": instead_of.identity})

    def _connections(self) -> ConnectionsPage:
        self.go(Page.CONNECTIONS)
        page = self._pages[Page.CONNECTIONS]
        assert isinstance(page, ConnectionsPage)
        return page

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        """Closing leaves the tray; without a tray the program ends (the application decides)."""
        self._seen(False)
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Only a window that is seen keeps its times fresh."""
        super().showEvent(event)
        if self.page in self._stale:
            self._stale.discard(self.page)
            self._pages[self.page].reload(self._state)
        focus = self._pages[self.page].first_focus()
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self._seen(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """A hidden window reads and draws nothing."""
        super().hideEvent(event)
        self._seen(False)

    def _sidebar(self) -> QWidget:
        context, texts = self._context, self._context.texts
        side = QWidget()
        side.setObjectName("sidebar")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(212)
        side.setAccessibleName(texts("nav.label"))
        box = QVBoxLayout(side)
        box.setContentsMargins(14, 20, 14, 18)
        box.setSpacing(3)
        brand = label(texts("app.name"))
        brand.setObjectName("brand")
        box.addLayout(row(picture(context, "soroe", "", 28), brand, None, spacing=10))
        box.addSpacing(MEDIUM + SMALL)
        self._group = QButtonGroup(side)
        self._nav: dict[Page, QPushButton] = {}
        self._badges: dict[Page, QLabel] = {}
        for at, page in enumerate(Page):
            nav = self._made_nav(page, at)
            self._nav[page] = nav
            self._group.addButton(nav)
            box.addWidget(nav)
        box.addStretch(1)
        self._standing = label("", Role.STRONG, wrap=True)
        self._happened = label("", Role.SMALL, wrap=True)
        self._sync = with_icon(button(texts("tray.sync_now"), self._sync_now), context, "busy", context.theme.text)
        self._sync.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sync.setToolTip("F5")
        for part in (self._standing, self._happened):
            box.addWidget(part)
        box.addSpacing(SMALL)
        box.addWidget(self._sync)
        QShortcut(QKeySequence(Qt.Key.Key_F5), side, self._sync.click)
        return side

    def _made_nav(self, page: Page, at: int) -> QPushButton:
        context = self._context
        nav = button(context.texts(f"nav.{page.value}"), partial(self.go, page))
        nav.setProperty("role", "nav")
        nav.setCheckable(True)
        nav.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        with_icon(nav, context, page.value, context.theme.accent)
        nav.setIconSize(QSize(18, 18))
        nav.setToolTip(f"Ctrl+{at + 1}")
        badge = toned(label("", Role.BADGE), Tone.BAD if page is Page.CONNECTIONS else Tone.WARN)
        inside = QHBoxLayout(nav)
        inside.setContentsMargins(0, 0, 10, 0)
        inside.addStretch(1)
        inside.addWidget(badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self._badges[page] = badge
        QShortcut(QKeySequence(f"Ctrl+{at + 1}"), nav, partial(self.go, page))
        return nav

    def _made_banner(self) -> QFrame:
        banner = QFrame()
        banner.setObjectName("banner")
        self._banner_text = label("", wrap=True)
        self._banner_button = button("", self._banner_pressed)
        self._banner_mend = button("", self._mend_pressed)
        self._banner_view: BannerView | None = None
        across = QHBoxLayout(banner)
        across.setContentsMargins(16, 10, 12, 10)
        self._banner_close = with_icon(
            button("", self._close_banner, Role.LINK, name=self._context.texts("a11y.close")),
            self._context,
            "close",
            self._context.theme.muted,
        )
        across.addWidget(self._banner_text, 1)
        across.addWidget(self._banner_mend)
        across.addWidget(self._banner_button)
        across.addWidget(self._banner_close)
        return banner

    def _close_banner(self) -> None:
        self._closed_banner = self._banner_text.text()
        self._top.hide()

    def _show_banner(self, view: BannerView | None) -> None:
        is_closed = view is not None and view.message == self._closed_banner
        self._top.setVisible(view is not None and not is_closed)
        if view is None:
            return
        self._banner_close.setVisible(not view.button)
        self._banner_text.setText(view.message)
        self._banner_button.setText(view.button)
        self._banner_button.setVisible(bool(view.button))
        self._banner_mend.setText(self._context.texts("mend.reconnect"))
        self._banner_mend.setVisible(bool(view.reconnect))
        self._banner_mend.setAccessibleName(f"{self._banner_mend.text()}: {view.reconnect}")
        self._banner_view = view
        tone = view.tone.value
        if self._banner.property("tone") != tone:
            self._banner.setProperty("tone", tone)
            for part in (self._banner, self._banner_text):
                redraw(part)

    def _banner_pressed(self) -> None:
        view = self._banner_view
        if view is not None and view.unlocks:
            self._context.mend(Mend.UNLOCK_KEYCHAIN, "")
        elif view is None or view.page is Page.CONNECTIONS:
            self.open_failing()
        else:
            self.go(view.page)

    def _mend_pressed(self) -> None:
        if self._banner_view is not None and self._banner_view.reconnect:
            self._context.mend(Mend.RECONNECT, self._banner_view.reconnect)

    def _made_toast(self) -> QWidget:
        context, place, toast = self._context, QWidget(), QFrame()
        toast.setObjectName("toast")
        self._toast_text = label("")
        self._toast_undo = button(context.texts("findings.undo"), self._undo_pressed)
        close = button("", place.hide, name=context.texts("a11y.close"))
        with_icon(close, context, "close", context.theme.ground)
        across = QHBoxLayout(toast)
        across.setContentsMargins(16, 8, 8, 8)
        across.addWidget(self._toast_text, 1)
        across.addWidget(self._toast_undo)
        across.addWidget(close)
        around = QVBoxLayout(place)
        around.setContentsMargins(PAGE, 0, PAGE, MEDIUM)
        around.addWidget(toast)
        place.hide()
        self._toast_time = QTimer(place)
        self._toast_time.setSingleShot(True)
        self._toast_time.setInterval(TOAST_MS)
        self._toast_time.timeout.connect(place.hide)
        return place

    def _undo_pressed(self) -> None:
        undo, self._undo = self._undo, None
        self._toast.hide()
        if undo:
            undo()
