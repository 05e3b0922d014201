"""Lists that lie, on demand: what a synchroniser must survive without deleting or doubling anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from soroe.sandbox.oracle.rows import Row


@dataclass(slots=True)
class Lies:
    """What the next lists of appointments or events make of their rows; one list takes one lie. One lock guards it."""

    _queue: list[int | None] = field(default_factory=list)

    def answer_empty(self, times: int = 1) -> None:
        """The next lists hold nothing, and call themselves complete."""
        self._queue += [0] * times

    def answer_truncated(self, keep: int) -> None:
        """The next list stops after `keep` rows, and calls itself complete."""
        self._queue.append(keep)

    def repeat_rows(self, times: int = 1) -> None:
        """The next lists bring every row twice."""
        self._queue += [None] * times

    def told(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The rows as the next lie has them; as they are when none is left."""
        if not self._queue:
            return rows
        lie = self._queue.pop(0)
        found = list(rows)
        return [row for row in found for _ in range(2)] if lie is None else found[:lie]
