"""Feeds that lie, on demand: what a synchroniser must survive without deleting anything."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lies:
    """Switches that make `events.list` and batches behave badly for the next so many answers.

    `hostile_paging` stays on until switched off: pages come short, and some empty although more follows.
    """

    hostile_paging: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _empty: int = 0
    _truncated: list[int] = field(default_factory=list)
    _repeated: int = 0
    _gone: int = 0
    _conflicts: int = 0

    def answer_empty(self, times: int = 1) -> None:
        """The next listings (without a page token) have no items, but a valid sync token."""
        with self._lock:
            self._empty += times

    def answer_truncated(self, keep: int) -> None:
        """The next listing stops after `keep` items and gives a sync token as if that had been all."""
        with self._lock:
            self._truncated.append(keep)

    def repeat_items(self, times: int = 1) -> None:
        """The next pages bring every item twice."""
        with self._lock:
            self._repeated += times

    def gone_while_paging(self, times: int = 1) -> None:
        """The next requests that carry a page token are answered with 410 fullSyncRequired."""
        with self._lock:
            self._gone += times

    def conflict_in_batch(self, times: int = 1) -> None:
        """The next writing parts of batches are answered with 409 conflict and not carried out."""
        with self._lock:
            self._conflicts += times

    def take_empty(self) -> bool:
        with self._lock:
            taken = self._empty > 0
            self._empty -= taken
            return taken

    def take_truncated(self) -> int | None:
        with self._lock:
            return self._truncated.pop(0) if self._truncated else None

    def take_repeated(self) -> bool:
        with self._lock:
            taken = self._repeated > 0
            self._repeated -= taken
            return taken

    def take_gone(self) -> bool:
        with self._lock:
            taken = self._gone > 0
            self._gone -= taken
            return taken

    def take_conflict(self) -> bool:
        with self._lock:
            taken = self._conflicts > 0
            self._conflicts -= taken
            return taken
