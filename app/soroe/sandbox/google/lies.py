"""What Google's feed and batches can be made to tell wrong."""

from __future__ import annotations

from soroe.sandbox.feed_lies import FeedLies


class Lies(FeedLies):
    """Switches that make `events.list` and batches behave badly for the next so many answers.

    `hostile_paging` stays on until switched off: pages come short, and some empty although more follows.
    """

    hostile_paging: bool = False

    def gone_while_paging(self, times: int = 1) -> None:
        """The next requests that carry a page token are answered with 410 fullSyncRequired."""
        self.tell("gone", times)

    def conflict_in_batch(self, times: int = 1) -> None:
        """The next writing parts of batches are answered with 409 conflict and not carried out."""
        self.tell("conflict", times)
