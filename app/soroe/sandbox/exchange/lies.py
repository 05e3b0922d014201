"""Feeds that lie, on demand: what a synchroniser must survive without deleting anything."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element


@dataclass(slots=True)
class Lies:
    """Switches that make the next answers of SyncFolderItems and FindItem tell something wrong."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _empty: int = 0
    _truncated: list[int] = field(default_factory=list)
    _reversed: int = 0
    _repeated: int = 0
    _spoilt: int = 0

    def answer_empty(self, times: int = 1) -> None:
        """The next listings have no items although there are some, with a state as if all had been told."""
        with self._lock:
            self._empty += times

    def answer_truncated(self, keep: int) -> None:
        """The next listing stops after `keep` entries, with a state as if that had been all."""
        with self._lock:
            self._truncated.append(keep)

    def answer_out_of_order(self, times: int = 1) -> None:
        """The next listings come oldest first."""
        with self._lock:
            self._reversed += times

    def repeat_items(self, times: int = 1) -> None:
        """The next listings bring every entry twice."""
        with self._lock:
            self._repeated += times

    def spoil_first_item(self, times: int = 1) -> None:
        """In the next listings the first item's start and end are words, and no moments."""
        with self._lock:
            self._spoilt += times

    def told(self, entries: list[Element]) -> list[Element]:
        """Returns what a listing says instead of the truth; each lie is used up by one listing."""
        with self._lock:
            if self._empty:
                self._empty -= 1
                return []
            if self._truncated:
                return entries[: self._truncated.pop(0)]
            if self._reversed:
                self._reversed -= 1
                entries = entries[::-1]
            if self._repeated:
                self._repeated -= 1
                entries = [entry for entry in entries for _ in range(2)]
            if self._spoilt and entries:
                self._spoilt -= 1
                for name in ("t:Start", "t:End"):
                    for element in entries[0].iter(name):
                        element.text = "sometime"
            return entries
