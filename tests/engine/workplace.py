"""A worker's surroundings on fakes: services that can be made to fail or to wait, and a record of what is told."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from soroe.adapters.database import open_store
from soroe.core.event import ContainerId, Side, Window
from soroe.core.route import SyncName
from soroe.engine.joint import Joint
from soroe.engine.messages import Event
from soroe.engine.phase import Phase
from soroe.engine.schedule import Pace
from soroe.engine.trial import TestTitle
from soroe.engine.worker import Desk, Worker
from soroe.engine.workshop import Workshop
from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.meeting_links import MeetingLinks
from soroe.ports.remote import NOTHING_KNOWN, Capabilities, Cursor, KnownVersions, Page, Upkeep
from soroe.ports.store import Store
from tests.builders import TEST_KEY, Laptop
from tests.fakes.clock import Clock
from tests.fakes.rooms import Rooms
from tests.fakes.service import GOOGLE_LIKE, REST_LIKE, FakeService

SYNC = SyncName("work")
PATIENCE = 60.0
T = TypeVar("T")


class Service(FakeService):
    """A fake that can be in trouble, or keep a reader waiting."""

    def __init__(self, capabilities: Capabilities, clock: Clock) -> None:
        super().__init__(capabilities, clock)
        self.trouble: PortError | None = None
        self.reached = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def changes(
        self, container: ContainerId, cursor: Cursor | None, window: Window, known: KnownVersions = NOTHING_KNOWN
    ) -> Iterator[Page]:
        self.reached.set()
        assert self.may_answer.wait(PATIENCE), "nobody let the service answer"
        if self.trouble is not None:
            self.requests_sent += 1
            raise self.trouble
        return super().changes(container, cursor, window, known)


class Workplace:
    """One sync's worker, or its desk alone, with everything handed in."""

    def __init__(self, sync: SyncName = SYNC) -> None:
        self.sync = sync
        self.clock = Clock()
        self.crm = Service(REST_LIKE, self.clock)
        self.calendar = Service(GOOGLE_LIKE, self.clock)
        self.told: list[Event] = []
        self._arriving: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.opened = 0
        self.let_go = 0
        self.planned = 0
        self.battery = False
        self.edition = 1
        self.crm_upkeep = Upkeep()
        self.rooms: dict[str, Rooms] = {}
        self.refuse_opening: Exception | None = None
        self.refuse_store: PortError | None = None

    # --- what the worker is given ---
    def workshop(self) -> Workshop:
        """Everything a worker needs."""
        return Workshop(
            self.sync, ("crm", "calendar"), self._open_store, self._open_joint, self._publish, self.clock, self._random,
            Pace(timedelta(minutes=1), lambda: self.battery), TestTitle("Test", "Test"), let_go=self._let_go,
            edition=lambda: self.edition, open_links=self._open_links,
        )  # fmt: skip # short values, several a line

    def desk(self) -> Desk:
        """The desk alone, without a thread."""
        return Desk(self.workshop(), self._open_store())

    def desk_after_a_restart(self) -> Desk:
        """Another desk on the same database."""
        return Desk(self.workshop(), self.store)

    def worker(self) -> Worker:
        """A thread at work."""
        worker = Worker(self.workshop())
        worker.start()
        return worker

    def _open_store(self) -> Store:
        if self.refuse_store is not None:
            raise self.refuse_store
        self.store = open_store(None, TEST_KEY)
        return self.store

    def _open_joint(self, store: Store, progress: Callable[[Phase, int, int | None], None]) -> Joint:
        if self.refuse_opening is not None:
            raise self.refuse_opening
        self.opened += 1
        laptop = Laptop(self.crm, self.calendar, clock=self.clock, store=store, name=self.sync)
        joint = laptop.joint().reporting(progress)
        return replace(joint, crm=replace(joint.end(Side.CRM), upkeep=self.crm_upkeep))

    def _open_links(self, account: str) -> MeetingLinks:
        rooms = self.rooms.get(account)
        if rooms is None:
            raise LocalTrouble("account_removed")
        return rooms

    def _let_go(self) -> None:
        self.let_go += 1

    def _random(self) -> float:
        self.planned += 1
        return 0.5

    # --- what it tells ---
    def _publish(self, event: Event) -> None:
        self.told.append(event)
        self._arriving.put(event)

    def of(self, kind: type[T]) -> list[T]:
        """Everything told of one kind so far."""
        return [event for event in self.told if isinstance(event, kind)]

    def waits_for(self, kind: type[T]) -> T:
        """The next event of a kind that a thread tells."""
        while True:
            event = self._arriving.get(timeout=PATIENCE)
            if isinstance(event, kind):
                return event
