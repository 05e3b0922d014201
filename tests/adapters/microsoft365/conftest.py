"""A calendar on the Microsoft 365 sandbox, and what happens around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from soroe.adapters.microsoft365.calendar import Microsoft365Calendar
from soroe.core.event import ContainerId, ItemId, ObservedItem, Ref, Seen
from soroe.ports.remote import Cursor, Result, Write
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from tests.contracts.microsoft365_stand import SATO, Shelf, calendar_on, secret_of
from tests.contracts.stand import WINDOW
from tests.fakes.clock import Clock


@dataclass
class World:
    """One mailbox, the calendar that reads it, and the keychain item between them."""

    sandbox: Microsoft365Sandbox
    calendar: Microsoft365Calendar
    clock: Clock
    shelf: Shelf

    @property
    def container(self) -> ContainerId:
        return ContainerId(self.sandbox.calendar_id(SATO))

    def ref(self, event: dict[str, Any]) -> Ref:
        return Ref(self.container, ItemId(event["id"]))

    def makes(self, subject: str = "Visit", day: int = 12, hour: int = 10, **more: Any) -> Ref:
        """A person makes an event."""
        times = {
            name: {"dateTime": f"2026-05-{day:02}T{hour + n:02}:00:00", "timeZone": "Asia/Tokyo"}
            for n, name in enumerate(("start", "end"))
        }
        return self.ref(self.sandbox.user_creates(SATO, {"subject": subject, **times, **more}))

    def read(self, ref: Ref) -> ObservedItem:
        item = self.calendar.read(ref)
        assert isinstance(item, ObservedItem), item
        return item

    def seen(self, cursor: Cursor | None = None, container: ContainerId | None = None) -> tuple[list[Seen], Cursor]:
        pages = list(self.calendar.changes(container or self.container, cursor, WINDOW))
        last = pages[-1].cursor
        assert last is not None
        return [one for page in pages for one in page.seen], last

    def write(self, *writes: Write) -> list[Result]:
        return list(self.calendar.writer.write(writes))

    def asked(self) -> int:
        """How many requests have arrived."""
        return len(self.sandbox.requests)


@pytest.fixture
def world() -> Iterator[World]:
    clock = Clock()
    with Microsoft365Sandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, "Sato")
        shelf = Shelf(secret_of(sandbox))
        calendar = calendar_on(sandbox, clock, shelf)
        yield World(sandbox, calendar, clock, shelf)
        calendar.close()


@pytest.fixture(params=["present", "older"])
def any_graph(request: pytest.FixtureRequest, world: World) -> None:
    """Graph as it is, and one that does not name the lost and changed occurrences of a series."""
    if request.param == "older":
        world.sandbox.forget_occurrence_names()
