"""Answers that are lost and refusals in the middle of making a twin: the next run finds what was made (S-2)."""

from __future__ import annotations

import pytest

from soroe.ports.errors import RetryLater
from soroe.sandbox.faults import Answer, DropAfterProcessing, DropConnectionBefore, Effect
from soroe.sandbox.oracle.records import Access

from .laptop import Laptop, Office

TOO_FAST = Answer.as_json(429, {"Error": [{"title": "The maximum rate of requests was exceeded."}]})
EFFECTS: dict[str, Effect] = {
    "its answer is lost": DropAfterProcessing(),
    "it never arrives": DropConnectionBefore(),
    "it comes too fast": TOO_FAST,
}


@pytest.mark.parametrize("skip", range(3))
@pytest.mark.parametrize("effect", list(EFFECTS))
@pytest.mark.parametrize("side", ["event", "appointment"])
def test_od_2_a_twin_that_is_made_by_halves_is_made_once_and_whole(
    office: Office, laptop: Laptop, effect: str, skip: int, side: str
) -> None:
    made = office.event() if side == "event" else office.appointment()
    suzuki = office.box.add_user("suzuki@example.com", "Suzuki")
    book = office.box.add_book("East", {suzuki: Access.READ_ONLY})
    office.box.user_adds_user(made.id, suzuki)
    office.box.user_puts_in_book(made.id, book)
    laptop.clock.later(minutes=5)
    office.box.faults.add(EFFECTS[effect], "POST|PATCH", skip=skip)
    trouble = laptop.mirrors().trouble
    assert trouble is None or isinstance(trouble, RetryLater)
    office.box.faults.clear()
    laptop.settles()
    assert office.names() == office.subjects() == ["Symposium"]
    (event,) = office.box.events()
    for record in (event, office.twin()):
        assert (office.team(record), office.books(record)) == ({suzuki.id}, {book.id})
