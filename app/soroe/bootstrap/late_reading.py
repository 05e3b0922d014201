"""The database for display before it can be opened: a locked keychain must not keep the tray from appearing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from soroe.core.event import Ref, Side
from soroe.core.finding import Finding
from soroe.core.route import SyncName
from soroe.engine.schedule import KEYCHAIN_WAIT
from soroe.ports.errors import LocalTrouble
from soroe.ports.reading import BothSides, DayCount, DeletedItem, Filters, MeetingPage, Reading, SortKey
from soroe.ports.store import JournalEntry, RunId, RunRecord, SyncState

SHORT_WAIT = 1.5
"""Seconds that the start waits for the database: usually it opens in a few milliseconds."""


class LateReading:
    """A `Reading` that is empty until the real one is there, and is that one from then on.

    `on_ready` is called, on another thread, if it came late; `on_trouble` each time it could not be opened.
    """

    def __init__(
        self,
        open_reading: Callable[[], Reading],
        stopped: threading.Event,
        on_ready: Callable[[], None],
        on_trouble: Callable[[LocalTrouble], None],
    ) -> None:
        self._open_reading = open_reading
        self._stopped = stopped
        self._on_ready = on_ready
        self._on_trouble = on_trouble
        self._real: Reading | None = None
        self._there = threading.Event()
        self._late = False

    def start(self) -> None:
        """Begin to open it; returns when it is there, or after a moment."""
        threading.Thread(target=self._open, name="open-database", daemon=True).start()
        self._late = not self._there.wait(SHORT_WAIT)

    def _open(self) -> None:
        while not self._stopped.is_set():
            try:
                self._real = self._open_reading()
            except LocalTrouble as trouble:
                self._on_trouble(trouble)
                self._stopped.wait(KEYCHAIN_WAIT.total_seconds())
                continue
            self._there.set()
            if self._late:
                self._on_ready()
            return

    def syncs(self) -> Sequence[tuple[SyncName, SyncState]]:
        """See `Reading.syncs`."""
        return self._real.syncs() if self._real else ()

    def meetings(self, filters: Filters, sort: SortKey, *, descending: bool, offset: int, limit: int) -> MeetingPage:
        """See `Reading.meetings`."""
        if self._real is None:
            return MeetingPage((), 0, 0)
        return self._real.meetings(filters, sort, descending=descending, offset=offset, limit=limit)

    def both_sides(self, sync: SyncName, side: Side, ref: Ref) -> BothSides:
        """See `Reading.both_sides`."""
        return self._real.both_sides(sync, side, ref) if self._real else BothSides(None, None, None, None)

    def findings(self, sync: SyncName | None = None) -> Sequence[tuple[SyncName, Finding]]:
        """See `Reading.findings`."""
        return self._real.findings(sync) if self._real else ()

    def runs(self, offset: int, limit: int) -> Sequence[RunRecord]:
        """See `Reading.runs`."""
        return self._real.runs(offset, limit) if self._real else ()

    def changes(self, run: RunId) -> Sequence[JournalEntry]:
        """See `Reading.changes`."""
        return self._real.changes(run) if self._real else ()

    def deleted_items(self, since: datetime) -> Sequence[DeletedItem]:
        """See `Reading.deleted_items`."""
        return self._real.deleted_items(since) if self._real else ()

    def chart(self, days: int, today: str) -> Sequence[DayCount]:
        """See `Reading.chart`."""
        return self._real.chart(days, today) if self._real else ()

    def fact(self, key: str) -> str | None:
        """See `Reading.fact`."""
        return self._real.fact(key) if self._real else None
