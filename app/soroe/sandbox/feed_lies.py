"""Feeds that lie, on demand: what a synchroniser must survive without deleting or doubling anything."""

from __future__ import annotations

import threading
from collections import Counter


class FeedLies:
    """Switches for the next so many answers of one kind; each answer uses one up. Safe from any thread.

    What every played service can be made to do is here; what only one of them can stands with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: Counter[str] = Counter()
        self._truncated: list[int] = []

    def answer_empty(self, times: int = 1) -> None:
        """The next listings have no items although there are some, and say that they are complete."""
        self.tell("empty", times)

    def answer_truncated(self, keep: int) -> None:
        """The next listing stops after `keep` items, and says that those were all."""
        with self._lock:
            self._truncated.append(keep)

    def repeat_items(self, times: int = 1) -> None:
        """The next listings, or pages of one, bring every item twice."""
        self.tell("repeated", times)

    def tell(self, lie: str, times: int) -> None:
        """Have a lie of this name told so many times more."""
        with self._lock:
            self._left[lie] += times

    # ------------------------------------------------------------------ for the server
    def take(self, lie: str) -> bool:
        """Whether this lie is to be told now; it is used up by that."""
        with self._lock:
            taken = self._left[lie] > 0
            self._left[lie] -= taken
            return taken

    def take_truncated(self) -> int | None:
        """How many items the listing is to keep; None for all."""
        with self._lock:
            return self._truncated.pop(0) if self._truncated else None
