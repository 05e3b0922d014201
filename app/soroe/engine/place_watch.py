"""Looks now and then whether the places to meet online (Zoom, Teams) can still be reached: no sync would notice."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.remote import Identity
from soroe.ports.store import Store

from .accounts import HealthBook, health_fact
from .health import Health, HealthState
from .joint import Clock
from .messages import HealthChanged
from .schedule import KEYCHAIN_WAIT, wait_for

PROBE_EVERY = timedelta(minutes=45)
"""How far apart looks are (zoom-teams: every 30 to 60 minutes, and never before each sync: Zoom has daily caps)."""


@dataclass(frozen=True, slots=True)
class WatchPost:
    """What the watch is given. `accounts` names the places that are configured now; `ask` asks one who is signed in."""

    accounts: Callable[[], Sequence[str]]
    ask: Callable[[str], Identity]
    open_store: Callable[[], Store]
    publish: Callable[[HealthChanged], None]
    clock: Clock
    random: Callable[[], float]


class PlaceWatch:
    """One thread, started with the first place and ended by `stop`; it sleeps between two looks."""

    def __init__(self, post: WatchPost) -> None:
        self._post = post
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to watch if there is anything to watch; again after an account was added, from any thread."""
        with self._lock:
            if self._thread is None and not self._ended and self._post.accounts():
                self._thread = threading.Thread(target=self._watch, name="places", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Look at once: the machine woke up, or the network came back."""
        if self._thread is not None:
            self._calls.put(True)

    def stop(self, seconds: float) -> bool:
        """End the thread, for good; True when it has ended."""
        with self._lock:
            self._ended = True
        if self._thread is None:
            return True
        self._calls.put(False)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _watch(self) -> None:
        going_on = True
        while going_on:
            pause = self._look()
            try:
                going_on = self._calls.get(timeout=pause)
            except queue.Empty:
                continue

    def _look(self) -> float:
        """Ask every place that can be asked; returns the seconds until the next look.

        One that nobody has signed in to yet has no health, and is not asked: nothing is wrong with it.
        """
        try:
            store = self._post.open_store()
        except LocalTrouble:  # a sync tells of a keychain or a disk in the way; here it only means to wait
            return KEYCHAIN_WAIT.total_seconds()
        with closing(store):
            book = HealthBook(store, self._post.clock, self._post.publish)
            accounts = [account for account in self._post.accounts() if store.fact(health_fact(account)) is not None]
            for account in accounts:
                if book.of(account).usable:
                    self._ask(book, account)
            healths = [book.of(account) for account in accounts]
        now = self._post.clock()
        return min((self._pause(health, now) for health in healths), default=PROBE_EVERY).total_seconds()

    def _ask(self, book: HealthBook, account: str) -> None:
        try:
            self._post.ask(account)
        except PortError as error:
            book.met(account, error)
        else:
            book.went_well(account)

    def _pause(self, health: Health, now: datetime) -> timedelta:
        due = wait_for(health, now, self._post.random)
        if due is None or health.state is HealthState.CONNECTED:
            return PROBE_EVERY
        return min(max(due - now, timedelta(seconds=1)), PROBE_EVERY)
