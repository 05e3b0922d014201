"""What SyncFolderItems and FindItem can be made to tell wrong."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from soroe.sandbox.feed_lies import FeedLies


class Lies(FeedLies):
    """Switches that make the next answers of SyncFolderItems and FindItem tell something wrong."""

    def answer_out_of_order(self, times: int = 1) -> None:
        """The next listings come oldest first."""
        self.tell("reversed", times)

    def spoil_first_item(self, times: int = 1) -> None:
        """In the next listings the first item's start and end are words, and no moments."""
        self.tell("spoilt", times)

    def told(self, entries: list[Element]) -> list[Element]:
        """Returns what a listing says instead of the truth; each lie is used up by one listing."""
        if self.take("empty"):
            return []
        keep = self.take_truncated()
        if keep is not None:
            return entries[:keep]
        if self.take("reversed"):
            entries = entries[::-1]
        if self.take("repeated"):
            entries = [entry for entry in entries for _ in range(2)]
        if entries and self.take("spoilt"):
            for name in ("t:Start", "t:End"):
                for element in entries[0].iter(name):
                    element.text = "sometime"
        return entries
