"""Feeds that lie, on demand: what a synchroniser must survive without deleting anything."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lies:
    """Switches that make `calendarView/delta` behave badly for the next so many rounds.

    `hostile_paging` stays on until switched off: pages have one item, and empty ones are among them. So does
    `tells_lost_occurrences`, which makes the feed more helpful than the real one: an occurrence that a living series
    has lost is reported as `@removed`.
    """

    hostile_paging: bool = False
    tells_lost_occurrences: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _empty: int = 0
    _truncated: list[int] = field(default_factory=list)
    _repeated: int = 0
    _removed: list[str] = field(default_factory=list)
    _gone: int = 0
    _lagging: int = 0

    def answer_empty(self, times: int = 1) -> None:
        """The next rounds have no items, but a valid deltaLink."""
        with self._lock:
            self._empty += times

    def answer_truncated(self, keep: int) -> None:
        """The next round stops after `keep` items and gives a deltaLink as if that had been all."""
        with self._lock:
            self._truncated.append(keep)

    def repeat_items(self, times: int = 1) -> None:
        """The next rounds bring every item twice."""
        with self._lock:
            self._repeated += times

    def call_removed(self, event_id: str) -> None:
        """The next round reports a living event, by the id programs know, as `@removed`."""
        with self._lock:
            self._removed.append(event_id)

    def lag(self, times: int = 1) -> None:
        """The next later rounds know nothing yet of what has changed: their links bring it the time after."""
        with self._lock:
            self._lagging += times

    def gone_while_paging(self, times: int = 1) -> None:
        """The next requests that carry a skiptoken are answered with 410 syncStateNotFound."""
        with self._lock:
            self._gone += times

    def take_empty(self) -> bool:
        with self._lock:
            taken = self._empty > 0
            self._empty -= taken
            return taken

    def take_lag(self) -> bool:
        with self._lock:
            taken = self._lagging > 0
            self._lagging -= taken
            return taken

    def take_truncated(self) -> int | None:
        with self._lock:
            return self._truncated.pop(0) if self._truncated else None

    def take_repeated(self) -> bool:
        with self._lock:
            taken = self._repeated > 0
            self._repeated -= taken
            return taken

    def take_removed(self) -> list[str]:
        with self._lock:
            taken, self._removed = self._removed, []
            return taken

    def take_gone(self) -> bool:
        with self._lock:
            taken = self._gone > 0
            self._gone -= taken
            return taken
