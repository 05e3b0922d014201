"""The links of one run: made and let go of as decisions and writes go, and written down many at once."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import Ref, Side
from soroe.core.link import Link

from .joint import Joint
from .trees import Trees


class Pairs:
    """Collects links until `write_down`. Everything here happens inside a transaction."""

    def __init__(self, joint: Joint, trees: Trees) -> None:
        self._store = joint.store
        self._trees = trees
        self._links: list[Link] = []

    def write_down(self) -> None:
        """Keep what was collected."""
        if self._links:
            self._store.save_links(self._links)
            self._links = []

    def agree(self, link: Link) -> None:
        """What both sides of a linked pair agree on has changed."""
        self._links.append(link)

    def join(self, link: Link) -> None:
        """Two items are one meeting from now on."""
        self._links.append(link)
        for side, ref in ((Side.CRM, link.crm), (Side.CALENDAR, link.calendar)):
            if self._trees.is_series(side, ref):  # its exceptions have waited for it to be linked
                self.write_down()
                waiting = [Ref(ref.container, member) for member in self._store.series_members(side, ref)]
                self._store.mark_dirty(side, [member for member in waiting if self._store.link(side, member) is None])

    def let_go(self, items: Sequence[tuple[Side, Ref]]) -> None:
        """These items are gone on purpose, and with them their links; what they leave behind is looked at again."""
        self.write_down()
        for side, ref in items:
            link = self._store.link(side, ref)
            if link is not None:
                self._store.drop_link(link)
                twin = (side.other, link.ref(side.other))
                if twin not in items and self._store.item(*twin) is not None:
                    self._store.mark_dirty(side.other, [link.ref(side.other)])
            self._trees.erase(side, ref)
