"""The tray app: one instance, its threads, its window."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from soroe import __version__
from soroe.adapters.desktop.browser import SystemBrowser
from soroe.adapters.desktop.notifications import DesktopNotifications
from soroe.core.finding import FindingId
from soroe.core.route import SyncName
from soroe.engine.health import Health, after_error
from soroe.engine.messages import Command, CommandDone, Event, HealthChanged, Wake
from soroe.ports.errors import LocalTrouble
from soroe.ports.reading import Reading
from soroe.ui.ports import Display, OpenRequested, Services

from .connectors import now_utc
from .event_log import EventLog
from .late_reading import LateReading
from .program import Program
from .window_accounts import WindowAccounts
from .workers import Workers

PICTURE = (1216, 760)
MOST_TURNS = 20
"""Of Qt's loop until a page has drawn all that it draws bit by bit."""
SWITCH_INTERVAL = 0.0005
"""Seconds after which Python hands the next thread its turn: short, so that the window never waits for a sync."""


class TrayProgram:
    """Joins the program to the desktop it runs on."""

    def __init__(self, program: Program, open_browser: Callable[[str], None] | None = None) -> None:
        self._program = program
        self._workers = Workers(program)
        self._workers.subscribe(EventLog(program.log).heard)
        self._receivers: list[Callable[[Event | OpenRequested], None]] = []
        browser = open_browser or SystemBrowser(program.environment).open
        self._accounts = WindowAccounts(program, self._workers, browser)
        self._notifier = DesktopNotifications(program.texts()("app.name"), program.resources / "icons" / "soroe.svg")

    def services(self, reading: Reading) -> Services:
        """Everything the window needs."""
        self._accounts.reads_from(reading.fact)
        settings = self._program.settings()
        display = Display(
            self._program.language(), ZoneInfo(self._program.zone()), notifications=settings.app.notifications
        )
        return Services(
            reading=reading,
            send=self._send,
            take_back=self._take_back,
            subscribe=self._subscribe,
            accounts=self._accounts,
            notifier=self._notifier,
            clock=now_utc,
            display=display,
            resources=self._program.resources,
            version=__version__,
        )

    def run(self, argv: Sequence[str]) -> int:
        """Run until the user quits; a second start raises the running one and ends."""
        from soroe.adapters.desktop.control import Raise, Reconnect, send

        runtime = self._program.homes.runtime
        self._program.homes.make()
        account = _reconnect_wish(argv)
        wish = Reconnect(account) if account else Raise(self._program.environment.get("XDG_ACTIVATION_TOKEN", ""))
        if send(runtime, wish):
            return 0
        from PySide6.QtWidgets import QApplication

        from soroe.adapters.desktop.single_instance import SingleInstance

        application = QApplication(list(argv))
        application.setApplicationName("soroe")
        application.setQuitOnLastWindowClosed(False)
        instance = SingleInstance(runtime, self._told)
        if not instance.claim():
            send(runtime, wish)
            return 0
        try:
            return self._run_alone(argv, account)
        finally:
            instance.close()

    def _run_alone(self, argv: Sequence[str], reconnect: str) -> int:
        from PySide6.QtWidgets import QApplication

        from soroe.adapters.desktop.end_signals import EndSignals
        from soroe.ui.app import run_app

        signals = EndSignals(QApplication.quit)
        sys.setswitchinterval(SWITCH_INTERVAL)
        reading = LateReading(self._program.open_reading, self._program.stopped, self._database_came, self._no_database)
        reading.start()
        self._workers.start()
        watches = _Watches(self._wake)
        watches.start()
        if reconnect:
            self._accounts.reconnect(reconnect)
        try:
            return run_app(self.services(reading), argv)
        finally:
            watches.close()
            self.close()
            signals.close()

    def close(self) -> None:
        """End all threads; a write under way is finished first."""
        self._accounts.close()
        self._workers.stop()
        self._notifier.close()

    def take_pictures(self, folder: Path) -> None:
        """A picture of every page of the window as it stands now, named after the page."""
        from PySide6.QtWidgets import QApplication

        from soroe.ui.app import Desktop
        from soroe.ui.view.banner import Page

        application = QApplication.instance() or QApplication(["soroe"])
        assert isinstance(application, QApplication)
        desktop = Desktop(self.services(self._program.open_reading()), application)
        desktop.start()
        desktop.tray.found.emit(True)  # the pictures are of a usual desktop, whatever they are drawn on
        for page in Page:
            window = desktop.open_window(page)
            window.resize(*PICTURE)
            for _ in range(MOST_TURNS):
                application.processEvents()
            window.grab().save(str(folder / f"{page.value}.png"))
        desktop.quit()

    def _wake(self) -> None:
        """The machine woke up, or the network came back: look at once (spec: Timing)."""
        self._workers.send(Wake())

    def _database_came(self) -> None:
        self._workers.publish(CommandDone(Wake()))

    def _no_database(self, trouble: LocalTrouble) -> None:
        for account in self._program.settings().accounts:
            health = after_error(Health(), trouble, now_utc())
            self._workers.publish(HealthChanged(account.name, health))

    def _send(self, command: Command) -> None:
        self._workers.send(command)

    def _subscribe(self, receiver: Callable[[Event | OpenRequested], None]) -> None:
        self._receivers.append(receiver)
        self._workers.subscribe(receiver)

    def _told(self, message: object) -> None:
        """A second start, or a deep link, asks for something."""
        from soroe.adapters.desktop.control import Quit, Reconnect

        match message:
            case Reconnect(account):
                self._accounts.reconnect(account)
            case Quit():
                from PySide6.QtWidgets import QApplication

                QApplication.quit()
            case _:
                for receiver in self._receivers:
                    receiver(OpenRequested())

    def _take_back(self, sync: SyncName, finding: FindingId) -> None:
        store = self._program.open_store()
        try:
            store.sync(sync).undismiss(finding)
        finally:
            store.close()


class _Watches:
    """Whatever tells that the machine woke up or the network came back, on this system."""

    def __init__(self, on_news: Callable[[], None]) -> None:
        from soroe.adapters.desktop.network import QtNetwork, network_signal
        from soroe.adapters.desktop.power import SleepWatch, wake_signal
        from soroe.adapters.desktop.system_bus import SystemBus

        self._bus = SystemBus([wake_signal(on_news), network_signal(on_news)])
        self._network = QtNetwork(on_news)
        self._sleep = SleepWatch(time.time, on_news)
        self._watches_sleep = False

    def start(self) -> None:
        """Listen to the system; only where it says nothing do we watch the clock ourselves."""
        if not self._bus.start():
            self._network.start()
            self._watches_sleep = True
            self._sleep.start()

    def close(self) -> None:
        """Stop listening."""
        self._bus.close()
        if self._watches_sleep:
            self._sleep.close()


def _reconnect_wish(argv: Sequence[str]) -> str:
    """The account named by `--reconnect ACCOUNT`, if any."""
    words = list(argv)
    return words[words.index("--reconnect") + 1] if "--reconnect" in words[:-1] else ""
