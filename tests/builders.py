"""Believable values for tests, with only what matters spelled out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from soroe.adapters.database import open_store
from soroe.core.dialect import GENERIC, Dialect
from soroe.core.event import ContainerId, EventContent, ItemId, ObservedItem, Ref, Side, Timed, Version, Window
from soroe.core.guard import Limits
from soroe.core.route import Route, SyncName
from soroe.core.stamp import sync_key
from soroe.engine.joint import End, Joint
from soroe.engine.run import Run, RunResult
from soroe.ports.store import Store
from tests.fakes.clock import Clock
from tests.fakes.service import CALENDAR, GOOGLE_LIKE, REST_LIKE, FakeService

TODAY = date(2026, 5, 11)
ZONE = "Asia/Tokyo"
TEST_KEY = bytes(32)


def at(hour: int, minute: int = 0, *, day: int = 12, minutes: int = 60, zone: str = ZONE) -> Timed:
    """A time in May 2026."""
    start = datetime(2026, 5, day, hour, minute)
    return Timed(start, start + timedelta(minutes=minutes), zone)


def meeting(title: str = "Visit to Aoki Trading", when: Any = None, **more: Any) -> EventContent:
    """A meeting's content."""
    return EventContent(title, when or at(10), **more)


def item(side: Side = Side.CRM, id: str = "1", content: EventContent | None = None, **more: Any) -> ObservedItem:
    """An observed item."""
    container = CALENDAR if side is Side.CALENDAR else ContainerId("")
    more.setdefault("version", Version("v1"))
    more.setdefault("changed_at", datetime(2026, 5, 11, 8, 0, tzinfo=UTC))
    return ObservedItem(Ref(container, ItemId(id)), content=content or meeting(), **more)


def route(**changes: Any) -> Route:
    """A two-way sync of one calendar."""
    values: dict[str, Any] = {
        "name": SyncName("work"),
        "key": sync_key("crm-1", "calendar-1"),
        "calendars": (CALENDAR,),
        "window": Window.around(TODAY, 30, 1095),
        "incoming_type": "meeting",
        "zone": ZONE,
    }
    return Route(**{**values, **changes})


class Laptop:
    """One installation of the program on fakes: runs a sync between a CRM and a calendar."""

    def __init__(
        self,
        crm: FakeService | None = None,
        calendar: FakeService | None = None,
        *,
        clock: Clock | None = None,
        dialect: Dialect = GENERIC,
        store: Store | None = None,
        installation: str = "desk",
        limits: Limits | None = None,
        **choices: Any,
    ) -> None:
        self.clock = clock or Clock()
        self.crm = crm or FakeService(REST_LIKE, self.clock)
        self.calendar = calendar or FakeService(GOOGLE_LIKE, self.clock)
        self.dialect = dialect
        self.route = route(**choices)
        self.store = store or open_store(None, TEST_KEY)
        self.installation = installation
        self.limits = limits or Limits()

    def joint(self) -> Joint:
        """The sync, ready to run."""
        direction = self.route.direction
        ends = {
            side: End(side, side.value, service, service if direction.writes(side) else None, containers)
            for side, service, containers in (
                (Side.CRM, self.crm, self.crm.all_containers), (Side.CALENDAR, self.calendar, self.route.calendars)
            )
        }  # fmt: skip # short values, several a line
        store = self.store.sync(self.route.name)
        return Joint(
            self.route, self.dialect, ends[Side.CRM], ends[Side.CALENDAR], store, self.clock,
            past_days=30, limits=self.limits, installation=self.installation,
        )  # fmt: skip # short values, several a line

    def run(self) -> RunResult:
        """One run."""
        return Run(self.joint()).carry_out()

    def until_quiet(self, most: int = 6) -> int:
        """Run until a run writes nothing; returns how many runs wrote."""
        for count in range(most):
            if self.run().converged:
                return count
        raise AssertionError("the sync does not come to rest")
