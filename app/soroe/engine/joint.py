"""Everything one sync needs for a run: both ends, the store, the choices, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from soroe.core.dialect import Dialect
from soroe.core.event import ContainerId, Ref, Side, Window
from soroe.core.guard import Limits
from soroe.core.route import Route
from soroe.ports.remote import Reader, Upkeep, Writer
from soroe.ports.store import SyncStore

from .phase import Phase

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""
Progress = Callable[[Phase, int, int | None], None]
"""Hears how far a run is."""


@dataclass(frozen=True, slots=True)
class End:
    """One side of a sync. `writer` is None where the direction forbids writing: nobody can then write by mistake."""

    side: Side
    account: str
    reader: Reader
    writer: Writer | None
    containers: tuple[ContainerId, ...]
    upkeep: Upkeep = field(default_factory=Upkeep)

    def keeper(self) -> Writer:
        """The writer of a side that actions were planned for; planning without one is a defect."""
        if self.writer is None:
            raise AssertionError(f"a write to the {self.side} side was planned, and its direction forbids it")
        return self.writer


def _quiet(_phase: Phase, _done: int, _total: int | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Joint:
    """One sync, ready to run. `installation` names this laptop, for claims; the window is set anew for every run."""

    route: Route
    dialect: Dialect
    crm: End
    calendar: End
    store: SyncStore
    clock: Clock
    past_days: int = 7
    future_days: int = 1095
    limits: Limits = field(default_factory=Limits)
    installation: str = "here"
    progress: Progress = _quiet

    def end(self, side: Side) -> End:
        """One side's end."""
        return self.crm if side is Side.CRM else self.calendar

    def ask(self, side: Side) -> Reader:
        """One side's service, to be asked something now: all is on disk before, for answers take long."""
        self.store.save()
        return self.end(side).reader

    def keeper(self, side: Side) -> Writer:
        """One side's service, to be sent something now: what is intended is on disk before (S-2)."""
        self.store.save()
        return self.end(side).keeper()

    def has(self, side: Side, ref: Ref) -> bool:
        """Whether an item lies in a list or a calendar of this sync: the trees also hold what those had that were taken
        out of it, or that a plan has only looked at."""
        return ref.container in self.end(side).containers

    def reporting(self, progress: Progress) -> Joint:
        """The same sync, telling how far its runs are."""
        return replace(self, progress=progress)

    def today(self) -> Joint:
        """The same sync with the window as of now, by the user's own calendar day."""
        day = self.clock().astimezone(ZoneInfo(self.route.zone)).date()
        window = Window.around(day, self.past_days, self.future_days)
        if self.route.today == day and self.route.window == window:
            return self
        return replace(self, route=replace(self.route, window=window, today=day))


STILL_OURS = timedelta(minutes=5)
"""A claim older than this is not built upon: the machine may have slept, and another laptop taken it over."""
FIGHT_WINDOW = timedelta(minutes=10)
FIGHT_LIMIT = 3
"""An item that both sides keep rewriting three times in ten minutes is held (spec: Conflicts)."""
