"""The tray app: one instance, its threads, its window."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from soroe import __version__
from soroe.adapters.desktop.browser import SystemBrowser
from soroe.adapters.desktop.control import Message, Reconnect
from soroe.core.finding import FindingId
from soroe.core.route import SyncName
from soroe.engine.health import Health, after_error
from soroe.engine.messages import Command, CommandDone, Event, HealthChanged, RunFinished, Wake
from soroe.ports.errors import LocalTrouble
from soroe.ports.reading import Reading
from soroe.ui import garbage
from soroe.ui.ports import Display, OpenRequested, Outside, ReconnectRequested, Services, SupportFileEnded

from .connectors import now_utc
from .event_log import EventLog
from .late_notifier import LateNotifier
from .late_reading import LateReading
from .program import Program
from .start import reconnect_wish
from .window_accounts import WindowAccounts
from .workers import Workers

if TYPE_CHECKING:
    from soroe.adapters.desktop.network import QtNetwork
    from soroe.adapters.desktop.notifications import DesktopNotifications
    from soroe.adapters.desktop.routes import RouteWatch
    from soroe.ui.app import Desktop
    from soroe.ui.first_icon import FirstIcon

PICTURE = (1216, 760)
MOST_TURNS = 20
"""Of Qt's loop until a page has drawn all that it draws bit by bit."""


class TrayProgram:
    """Joins the program to the desktop it runs on."""

    def __init__(self, program: Program, open_browser: Callable[[str], None] | None = None) -> None:
        self._program = program
        self._workers = Workers(program)
        self._workers.subscribe(EventLog(program.log).heard)
        self._workers.subscribe(_after_a_run)
        self._receivers: list[Callable[[Outside], None]] = []
        self._browser = open_browser or SystemBrowser(program.environment).open
        self._accounts = WindowAccounts(program, self._workers, self._browser)
        self._notifier = LateNotifier(self._notifications)
        self._reading = LateReading(program.open_reading, program.stopped, self._database_came, self._no_database)
        self._watches: _Watches | None = None
        self._desktop: Desktop | None = None

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
            open_page=self._browser,
            write_support_file=self._support_file,
            version=__version__,
        )

    def run(self, argv: Sequence[str]) -> int:
        """Run until the user quits (`start.run_tray`), with a program that is loaded already."""
        from .start import run_tray

        token = self._program.environment.get("XDG_ACTIVATION_TOKEN", "")
        return run_tray(argv, self._program.homes, self._program.resources, token, lambda: self)

    def prepare(self) -> None:
        """Everything that takes time and is not Qt's, on a thread that may wait."""
        import soroe.ui.app  # noqa: F401  # so that `begin` finds it loaded

        self._reading.start()

    def begin(self, argv: Sequence[str], icon: FirstIcon | None) -> None:
        """Set everything going, in Qt's thread; the icon is taken over if there is one."""
        from PySide6.QtWidgets import QApplication

        from soroe.ui.app import Desktop

        self._workers.start()
        self._watches = _Watches(self._wake)
        self._watches.start()
        account = reconnect_wish(argv)
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise TypeError("The tray needs Qt's application with windows; start it through `start.run_tray`.")
        self._desktop = Desktop(self.services(self._reading), application, icon)
        self._desktop.start()
        if account:
            self._desktop.reconnect(account)
        if "--window" in argv:
            self._desktop.open_window()
        garbage.leave_to_quiet_moments()

    def close(self) -> None:
        """End all threads; a write under way is finished first."""
        if self._watches is not None:
            self._watches.close()
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

    def _notifications(self) -> DesktopNotifications:
        from soroe.adapters.desktop.notifications import DesktopNotifications

        icon = self._program.resources / "icons" / "soroe.svg"
        return DesktopNotifications(self._program.texts()("app.name"), icon)

    def _send(self, command: Command) -> None:
        self._workers.send(command)

    def _subscribe(self, receiver: Callable[[Outside], None]) -> None:
        self._receivers.append(receiver)
        self._workers.subscribe(receiver)
        self._accounts.subscribe(receiver)

    def told(self, message: Message) -> None:
        """A second start, or a deep link, asks for something."""
        wish: Outside = OpenRequested()
        if isinstance(message, Reconnect):
            wish = ReconnectRequested(message.account)
        self._tell(wish)

    def _tell(self, news: Outside) -> None:
        for receiver in tuple(self._receivers):
            receiver(news)

    def _support_file(self, file: Path) -> None:
        """Write the file for the support; it asks the services how they are, which takes its time."""

        def write() -> None:
            from .bundle import write_bundle

            try:
                write_bundle(self._program, file)
            except LocalTrouble as trouble:
                self._tell(SupportFileEnded(str(file), trouble.code))
            else:
                self._tell(SupportFileEnded(str(file)))

        threading.Thread(target=write, name="support file", daemon=True).start()

    def _take_back(self, sync: SyncName, finding: FindingId) -> None:
        store = self._program.open_store()
        try:
            store.sync(sync).undismiss(finding)
        finally:
            store.close()


def _after_a_run(event: Event) -> None:
    if isinstance(event, RunFinished):
        garbage.collect()


class _Watches:
    """Whatever tells that the machine woke up or the network came back, on this system. Lives in Qt's thread."""

    def __init__(self, on_news: Callable[[], None]) -> None:
        from soroe.adapters.desktop.network import network_signal
        from soroe.adapters.desktop.power import SleepWatch, wake_signal
        from soroe.adapters.desktop.system_bus import SystemBus

        self._bus = SystemBus([wake_signal(on_news), network_signal(on_news)])
        self._network = _network(on_news)
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
            self._network.close()
            self._sleep.close()


def _network(on_return: Callable[[], None]) -> QtNetwork | RouteWatch:
    """Who tells that the network came back where the system has no bus; on Linux without Qt's, which is large (P-7)."""
    if sys.platform != "linux":
        from soroe.adapters.desktop.network import QtNetwork

        return QtNetwork(on_return)
    from soroe.adapters.desktop.routes import RouteWatch

    return RouteWatch(on_return)
