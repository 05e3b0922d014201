"""What Graph's `calendarView/delta` can be made to tell wrong."""

from __future__ import annotations

from soroe.sandbox.feed_lies import FeedLies


class Lies(FeedLies):
    """Switches that make `calendarView/delta` behave badly for the next so many rounds.

    `hostile_paging` stays on until switched off: pages have one item, and empty ones are among them. So does
    `tells_lost_occurrences`, which makes the feed more helpful than the real one: an occurrence that a living series
    has lost is reported as `@removed`.
    """

    hostile_paging: bool = False
    tells_lost_occurrences: bool = False

    def __init__(self) -> None:
        super().__init__()
        self._removed: list[str] = []

    def call_removed(self, event_id: str) -> None:
        """The next round reports a living event, by the id programs know, as `@removed`."""
        with self._lock:
            self._removed.append(event_id)

    def lag(self, times: int = 1) -> None:
        """The next later rounds know nothing yet of what has changed: their links bring it the time after."""
        self.tell("lag", times)

    def gone_while_paging(self, times: int = 1) -> None:
        """The next requests that carry a skiptoken are answered with 410 syncStateNotFound."""
        self.tell("gone", times)

    def take_removed(self) -> list[str]:
        """The living events that this round calls removed."""
        with self._lock:
            taken, self._removed = self._removed, []
            return taken
