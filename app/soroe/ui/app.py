"""The tray app: joins the state, the tray, the window and the notifications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from soroe.core.finding import FindingKind
from soroe.core.route import SyncName
from soroe.engine.health import Mend
from soroe.engine.messages import AddLink, Choice, CommandDone, Pause, Preview, Resume, RunFinished, SyncNow, TestSync
from soroe.ports.store import SyncStatus

from . import garbage
from . import theme as themes
from .bridge import Bridge, NoticePressed
from .context import Context
from .first_icon import FirstIcon
from .icons import Icons, keep_pictures
from .ports import Display, OpenRequested, ReconnectRequested, Services, SignInEnded, SupportFileEnded, Way
from .state import AppState, LinkAsked, Loaded, SignInStarted, TestStarted, Tick, TrayFound, UiEvent, advance
from .texts import command_result, load, support_file_words
from .tray import Tray, TrayActions
from .turns import take_turns
from .view.banner import Page
from .view.connections import for_it
from .view.notices import Notice, notices
from .view.pauses import pause_until
from .view.told import Told
from .view.tray import tray_view

if TYPE_CHECKING:
    from .window import Window

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
RUNS_READ = 200
CANNOT_RAISE = frozenset({"wayland", "offscreen"})
"""Platforms where a window cannot be put before others; asking for it makes Qt complain."""


class Desktop(QObject):
    """The running program on one desktop. Everything here happens in Qt's thread; events come in through the bridge."""

    def __init__(self, services: Services, application: QApplication, first: FirstIcon | None = None) -> None:
        super().__init__()
        self._services, self._application = services, application
        self.texts = load(services.resources / "translations", services.display.language)
        self._icons = Icons(services.resources / "icons")
        self.state = AppState(services.clock())
        self.bridge = Bridge(self)
        self.bridge.arrived.connect(self._take)
        self._window: Window | None = None
        look = self.bridge.catch_up
        actions = TrayActions(self.sync_now, self.pause, self.resume, self.mend, self._open, self.quit, look)
        self.tray = Tray(self._icons, actions, self, first)
        self.tray.found.connect(self._tray_found)
        self._minute = QTimer(self)
        self._minute.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._minute.setInterval(MINUTE_MS)
        self._minute.timeout.connect(self._tick)
        self._hour = QTimer(self)
        self._hour.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._hour.setInterval(HOUR_MS)
        self._hour.timeout.connect(self._hour_passed)

    def start(self) -> None:
        """Read what there is, show the icon (or the window, where there is no tray), and listen."""
        self._application.setApplicationDisplayName(self.texts("app.name"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._colours_changed)
        self._advance(self._loaded())
        self.tray.show_view(tray_view(self.state, self._told()), self.texts)
        has_tray = self.tray.look()
        self._hour.start()
        self._services.subscribe(self.bridge.publish)
        if not has_tray or not self.state.syncs:
            self.open_window()

    def open_window(self, page: Page | None = None) -> Window:
        """Show the window, on a page if one is named, and bring it to the front."""
        if self._window is None:
            from .window import Window  # not before it is wanted: an idle tray stays small (P-7)

            themes.apply(self._application, self._theme(), self.texts.language)
            self._window = Window(self._seen, self.sync_now)
            self._window.furnish(self.context(), self.state, page or Page.TODAY)
        elif page is not None:
            self._window.go(page)
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        if QGuiApplication.platformName() not in CANNOT_RAISE:
            window.raise_()
        window.activateWindow()
        return window

    def sync_now(self) -> None:
        """Ask every sync that runs to look at once."""
        for sync in self.state.syncs:
            if sync.state.status is SyncStatus.RUNNING:
                self._services.send(SyncNow(sync.name))

    def pause(self, how_long: str) -> None:
        """Pause every sync that runs: for an "hour", until "tomorrow" (midnight here), or until it is "resumed"."""
        until = pause_until(how_long, self._told())
        for sync in self.state.syncs:
            if sync.state.status is SyncStatus.RUNNING:
                self._services.send(Pause(sync.name, until))

    def resume(self) -> None:
        """End every pause."""
        for sync in self.state.syncs:
            if sync.state.status is SyncStatus.PAUSED:
                self._services.send(Resume(sync.name))

    def reconnect(self, account: str) -> None:
        """Start signing in again: the browser opens by itself, or the sheet for the password."""
        known = self.state.account(account)
        if known is not None and known.way in {Way.PASSWORD, Way.KEY}:
            self.open_window(Page.CONNECTIONS).ask_secret(account)
            return
        self._advance(SignInStarted(account))
        self._services.accounts.reconnect(account)

    def mend(self, how: Mend, account: str) -> None:
        """Do what mends a connection; the account is "" for the keychain, which belongs to none."""
        known = self.state.account(account)
        match how:
            case Mend.RECONNECT:
                self.reconnect(account)
            case Mend.UNLOCK_KEYCHAIN:
                self._services.accounts.unlock_keychain()
                self._say_words(self.texts("connections.unlocking"), None)
            case Mend.COPY_FOR_IT if known is not None:
                QGuiApplication.clipboard().setText(for_it(known, self._told(), self._services.version))
                self.open_window(Page.CONNECTIONS).choose_account(account)
                self._say_words(self.texts("connections.copied_for_it"), None)
            case Mend.MOVE_TO_MICROSOFT365 if known is not None:
                self.open_window(Page.CONNECTIONS).add_microsoft365(known)
            case Mend.NOTHING | Mend.COPY_FOR_IT | Mend.MOVE_TO_MICROSOFT365:
                self.open_window(Page.CONNECTIONS)
            case _:
                assert_never(how)

    def show_in(self, display: Display) -> None:
        """Show everything in another language, other colours or another zone from now on."""
        self._services = replace(self._services, display=display)
        self.texts = load(self._services.resources / "translations", display.language)
        self._application.setApplicationDisplayName(self.texts("app.name"))
        self._colours_changed()
        self._draw()

    def quit(self) -> None:
        """End the program."""
        self.bridge.close()
        self._minute.stop()
        self._hour.stop()
        self.tray.hide()
        if self._window is not None:
            self._window.close()
            self._window.deleteLater()
            self._window = None
        self._application.quit()

    def _take(self, events: Sequence[object]) -> None:
        is_news = False
        for event in events:
            match event:
                case OpenRequested():
                    self.open_window()
                case ReconnectRequested(account):
                    self.reconnect(account)
                case NoticePressed(key, pressed):
                    self._pressed(key, pressed)
                case SupportFileEnded(file, code):
                    self._say_words(support_file_words(self.texts, file, code), None)
                case _:
                    self._advance(event, draw=False)  # type: ignore[arg-type]  # the bridge takes nothing else
                    is_news = is_news or is_change(event)
                    self._say(event)
        if is_news:
            self._advance(self._loaded(), draw=False)
        self._draw()
        if is_news and self._window is not None and self._window.isVisible():
            self._window.mark_stale()
        elif is_news and self._window is not None:
            self._window.forget()

    def _advance(self, event: UiEvent, *, draw: bool = True) -> None:
        before = self.state
        self.state = advance(before, event)
        if self._services.display.notifications:
            for notice in notices(before, self.state, self._told()):
                self._notify(notice)
        if draw:
            self._draw()

    def _draw(self) -> None:
        self.tray.show_view(tray_view(self.state, self._told()), self.texts)
        if self._window is not None and self._window.isVisible():
            self._window.show_state(self.state)

    def _loaded(self) -> Loaded:
        reading, accounts = self._services.reading, self._services.accounts
        counts = Counter((sync, finding.kind) for sync, finding in reading.findings())
        return Loaded(
            tuple(accounts.accounts()),
            tuple(accounts.syncs()),
            tuple(reading.syncs()),
            tuple(reading.runs(0, RUNS_READ)),
            tuple((sync, kind, n) for (sync, kind), n in counts.items()),
        )

    def _notify(self, notice: object) -> None:
        if not isinstance(notice, Notice):
            self._services.notifier.withdraw(getattr(notice, "key", ""))
            return
        does = notice.mend
        name = self.texts("notice.open") if does is Mend.NOTHING else self.texts(f"mend.{does.value}")
        buttons = ((does.value, name),)
        on_pressed = partial(self._pressed_from_outside, notice.key)
        self._services.notifier.notify(notice.key, notice.title, notice.body, buttons, on_pressed)

    def _pressed_from_outside(self, key: str, pressed: str) -> None:
        self.bridge.publish(NoticePressed(key, pressed))

    def _pressed(self, key: str, pressed: str) -> None:
        kind, _, name = key.partition(":")
        if kind == "sync":
            self.open_window(Page.FINDINGS)
        else:
            self.mend(Mend(pressed) if pressed in set(Mend) else Mend.NOTHING, name)

    def _say(self, event: object) -> None:
        if isinstance(event, CommandDone) and self._window is not None:
            words = command_result(self.texts, event)
            if words:
                self._window.say(words, None)

    def context(self) -> Context:
        """What the pages have at hand, in the language and the colours of now."""
        return Context(
            self._services,
            self.texts,
            self._theme(),
            self._icons,
            go=self._go,
            findings=self._open_findings,
            say=self._say_words,
            reconnect=self.reconnect,
            signing_in=self._signing_in,
            test=self._test,
            remove=self._remove,
            mend=self.mend,
            sign_in=self._sign_in,
            choose=self._choose,
            preview=self._services.accounts.preview,
            show_choices=self._show_choices,
            add_link=self._add_link,
        )

    def _open(self) -> None:
        self.open_window()

    def _go(self, page: Page) -> None:
        self.open_window(page)

    def _open_findings(self, kind: FindingKind | None) -> None:
        self.open_window().open_findings(kind)

    def _say_words(self, text: str, undo: object) -> None:
        if self._window is not None:
            self._window.say(text, undo if callable(undo) else None)

    def _signing_in(self, account: str) -> None:
        self._advance(self._loaded(), draw=False)
        self._advance(SignInStarted(account))

    def _sign_in(self, account: str, user: str, secret: str) -> None:
        self._advance(SignInStarted(account))
        self._services.accounts.sign_in(account, user, secret)

    def _choose(self, sync: SyncName, values: dict[str, Choice]) -> None:
        self._services.accounts.choose(sync, values)
        self._advance(self._loaded())

    def _show_choices(self, sync: SyncName, key: str) -> None:
        setup = next((one for one in self._services.accounts.syncs() if one.name == sync), None)
        if setup is not None:
            self.open_window().show_choices(setup, key)

    def _test(self, command: TestSync) -> None:
        self._advance(TestStarted(command.sync))
        self._services.send(command)

    def _add_link(self, command: AddLink) -> None:
        self._advance(LinkAsked(command))
        self._services.send(command)

    def _remove(self, account: str) -> None:
        self._services.accounts.remove(account)
        self._advance(self._loaded())

    def _theme(self) -> themes.Theme:
        dark = self._services.display.dark
        if dark is None:
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return themes.DARK if dark else themes.LIGHT

    def _colours_changed(self) -> None:
        if self._window is not None:
            themes.apply(self._application, self._theme(), self.texts.language)
            self._window.furnish(self.context(), self.state, self._window.page)

    def _tray_found(self, there: bool) -> None:
        self._application.setQuitOnLastWindowClosed(not there)
        self._advance(TrayFound(there))

    def _seen(self, is_seen: bool) -> None:
        self.bridge.is_seen = is_seen
        self.bridge.catch_up()
        take_turns(short=is_seen)
        keep_pictures(seen=is_seen)
        if not is_seen:
            garbage.collect()
        if is_seen:
            self._minute.start()
            self._tick()
        else:
            self._minute.stop()

    def _tick(self) -> None:
        self._advance(Tick(self._services.clock()))

    def _hour_passed(self) -> None:
        """The end of a sign-in may have come near while nobody looks."""
        self._advance(self._loaded(), draw=False)
        self._tick()

    def _told(self) -> Told:
        return Told(self.texts, self._services.clock(), self._services.display.zone)


def is_change(event: object) -> bool:
    """Whether the database may read differently after an event: an idle run changes nothing."""
    if isinstance(event, CommandDone | SignInEnded):
        return not isinstance(event, CommandDone) or not isinstance(event.command, Preview)
    if not isinstance(event, RunFinished):
        return False
    return event.record.is_news
