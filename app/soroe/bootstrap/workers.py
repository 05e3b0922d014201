"""The threads of all syncs: started, spoken to, woken, ended together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom

from soroe.adapters.desktop.power import on_battery
from soroe.core.route import SyncName
from soroe.engine.joint import Joint
from soroe.engine.messages import Choice, Command, CommandDone, Event, HealthChanged, Shutdown, Wake
from soroe.engine.phase import Phase
from soroe.engine.place_watch import PlaceWatch, WatchPost
from soroe.engine.schedule import Pace
from soroe.engine.trial import TestTitle
from soroe.engine.worker import Worker
from soroe.engine.workshop import Workshop
from soroe.ports.errors import LocalTrouble
from soroe.ports.meeting_links import MeetingLinks
from soroe.ports.remote import Identity
from soroe.ports.store import Store
from soroe.settings.edit import with_sync
from soroe.settings.model import LOCATION_KINDS, Account, SyncSettings, kind_of
from soroe.settings.problems import SettingsError

from .connectors import now_utc
from .program import Program
from .syncs import Syncs

Receiver = Callable[[Event], None]
LAST_WORDS = 20.0
"""Seconds that a write under way gets to finish when the program ends."""


class Workers:
    """One thread for each sync of the settings."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._workers: dict[SyncName, Worker] = {}
        self._receivers: list[Receiver] = []
        self._healths: dict[str, HealthChanged] = {}
        self._places = PlaceWatch(watch_post(program, self.publish))
        self._lock = threading.Lock()

    def subscribe(self, receiver: Receiver) -> None:
        """Have every event told to `receiver`, from the threads they happen in, and how the accounts are at once: what
        was in the way before it listened may never be said again."""
        with self._lock:
            self._receivers.append(receiver)
            healths = tuple(self._healths.values())
        for health in healths:
            receiver(health)

    def publish(self, event: Event) -> None:
        """Tell everybody who listens."""
        with self._lock:
            receivers = tuple(self._receivers)
            if isinstance(event, HealthChanged):
                self._healths[event.account] = event
        for receiver in receivers:
            receiver(event)

    def start(self) -> None:
        """Start a thread for each sync that has none yet, and one for the places to meet online; again after a sync or
        an account was added."""
        self._places.start()
        for sync in self._program.settings().syncs:
            if sync.name not in self._workers:
                worker = Worker(workshop(self._program, sync, self.publish))
                self._workers[sync.name] = worker
                worker.start()

    def watch_places(self) -> None:
        """Begin to watch the places to meet online, after somebody has signed in to one."""
        self._places.start()

    def send(self, command: Command) -> None:
        """Hand a command to the sync it names, or to all."""
        if isinstance(command, Wake | Shutdown):
            for worker in self._workers.values():
                worker.send(command)
            if isinstance(command, Wake):
                self._places.wake()
            return
        addressed = self._workers.get(command.sync)
        if addressed is None:  # a sync that was removed, or added by another process meanwhile
            self.publish(CommandDone(command, "not_found"))
            return
        addressed.send(command)

    def stop(self) -> bool:
        """End all threads; True when every write under way was finished."""
        self._program.stopped.set()
        self.send(Shutdown())
        ended = [worker.join(LAST_WORDS) for worker in self._workers.values()]
        return self._places.stop(LAST_WORDS) and all(ended)

    def forget(self, sync: SyncName) -> None:
        """End the thread of a sync that was removed from the settings."""
        worker = self._workers.pop(sync, None)
        if worker is not None:
            worker.send(Shutdown())
            worker.join(LAST_WORDS)


def watch_post(program: Program, publish: Receiver) -> WatchPost:
    """What the watch over the places to meet online is given."""

    def accounts() -> list[str]:
        try:
            configured = program.settings().accounts
        except SettingsError:  # told by whatever needs the settings; without them nothing is watched
            return []
        return [str(account.name) for account in configured if kind_of(account) in LOCATION_KINDS]

    def ask(name: str) -> Identity:
        return program.connectors.identity(_account(program, name))

    return WatchPost(accounts, ask, program.open_store, publish, now_utc, SystemRandom().random)


def _account(program: Program, name: str) -> Account:
    account = program.settings().account(name)
    if account is None:
        raise LocalTrouble("account_removed")
    return account


def workshop(program: Program, sync: SyncSettings, publish: Receiver) -> Workshop:
    """What the worker of one sync is given."""

    opened: list[Syncs] = []

    def open_joint(store: Store, progress: Callable[[Phase, int, int | None], None]) -> Joint:
        let_go()
        opened.append(Syncs(program, store))
        try:
            return opened[-1].open(sync.name, progress)
        except SettingsError as error:
            raise LocalTrouble("settings_broken") from error
        except LookupError as error:
            raise LocalTrouble("sync_removed") from error

    def open_with(choices: tuple[tuple[str, Choice], ...]) -> Joint:
        try:
            tried = program.config.tried(lambda text: with_sync(text, sync.name, dict(choices)))
            return opened[-1].open(sync.name, None, tried)
        except SettingsError as error:
            raise LocalTrouble("settings_broken") from error
        except LookupError as error:
            raise LocalTrouble("sync_removed") from error

    def let_go() -> None:
        while opened:
            opened.pop().close()

    def open_links(name: str) -> MeetingLinks:
        try:
            return program.connectors.open_links(_account(program, name))
        except SettingsError as error:
            raise LocalTrouble("settings_broken") from error

    texts = program.texts()
    return Workshop(
        sync.name,
        (sync.crm, sync.calendar),
        program.open_store,
        open_joint,
        publish,
        now_utc,
        SystemRandom().random,
        Pace(timedelta(seconds=sync.poll_seconds), on_battery),
        TestTitle(texts("test.title.crm"), texts("test.title.calendar")),
        lambda: program.turn(sync.name, None),
        let_go,
        program.config.edition,
        open_links,
        open_with,
    )
