"""What the observed trees take in of a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.event import ItemId, ObservedItem, Ref, Side, Tombstone, Version
from soroe.engine.trees import Trees
from tests.builders import Laptop, meeting


@pytest.mark.parametrize("is_new", [False, True], ids=["known", "new"])
def test_of_an_item_that_a_page_tells_of_twice_the_last_word_holds(is_new: bool) -> None:
    laptop = Laptop()
    event = laptop.calendar.user_creates(meeting("Visit"))
    laptop.until_quiet()
    joint = laptop.joint().today()
    ref = Ref(event.container, ItemId("new")) if is_new else event
    alive = replace(laptop.calendar.items[event], ref=ref)
    changed = replace(alive, version=Version("later"), content=meeting("Visit, long"))
    for last in (Tombstone(ref), changed, Tombstone(ref), alive):
        page = [Tombstone(ref) if isinstance(last, ObservedItem) else changed, last]
        with joint.store.transaction():
            Trees(joint).absorb(Side.CALENDAR, page)
        now = joint.store.item(Side.CALENDAR, ref)
        assert now == last if isinstance(last, ObservedItem) else not isinstance(now, ObservedItem)
