"""What Oracle's lists can be made to tell wrong."""

from __future__ import annotations

from collections.abc import Iterable

from soroe.sandbox.feed_lies import FeedLies
from soroe.sandbox.oracle.rows import Row


class Lies(FeedLies):
    """What the next lists of appointments or events make of their rows; one list takes one lie."""

    def told(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The rows as the next lie has them; as they are when none is left."""
        if self.take("empty"):
            return []
        keep = self.take_truncated()
        if keep is not None:
            return list(rows)[:keep]
        return [row for row in rows for _ in range(2)] if self.take("repeated") else rows
