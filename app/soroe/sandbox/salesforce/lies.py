"""What Salesforce's queries can be made to tell wrong, and where they stumble."""

from __future__ import annotations

from soroe.sandbox.feed_lies import FeedLies
from soroe.sandbox.salesforce.refusals import Refusal


class Lies(FeedLies):
    """Switches for the next so many answers of one kind."""

    def tell_no_deletions(self, times: int = 1) -> None:
        """The next answers about deletions are empty."""
        self.tell("silent", times)

    def lock_rows(self, times: int = 1) -> None:
        """The next writes of a record meet somebody else's lock."""
        self.tell("locked", times)

    def expire_locators(self, times: int = 1) -> None:
        """The next requests for a further page find their locator expired."""
        self.tell("expired", times)

    # ------------------------------------------------------------------ for the server
    def kept(self, records: list[dict[str, object]]) -> list[dict[str, object]]:
        """What the answer to a query is to bring."""
        if self.take("empty"):
            return []
        keep = self.take_truncated()
        return records if keep is None else records[:keep]

    def check_lock(self) -> None:
        """Refuses the write if the record is said to be locked."""
        if self.take("locked"):
            raise Refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ())

    def check_locator(self) -> None:
        """Refuses the page if its locator is said to have expired."""
        if self.take("expired"):
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
