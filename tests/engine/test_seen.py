"""Whether what a service answers says as much as what was meant, and what has moved since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soroe.core.event import Field, Guest, Recurrence, ShowAs, Visibility
from soroe.engine.seen import moved_since, says_as_much
from tests.builders import at, meeting


@pytest.mark.parametrize("meant", [None, False])
@pytest.mark.parametrize("written", [None, False])
def test_that_guests_may_not_change_it_may_be_said_or_left_out(meant: bool | None, written: bool | None) -> None:
    content = meeting("Visit", location="Osaka")
    assert says_as_much(replace(content, guests_may_change=meant), replace(content, guests_may_change=written))


@pytest.mark.parametrize(("meant", "written"), [(None, True), (False, True), (True, None), (True, False)])
def test_that_guests_may_change_it_has_to_be_said_alike(meant: bool | None, written: bool | None) -> None:
    content = meeting("Visit")
    assert not says_as_much(replace(content, guests_may_change=meant), replace(content, guests_may_change=written))


@pytest.mark.parametrize("written", [None, False])
def test_an_answer_with_another_value_says_something_else(written: bool | None) -> None:
    meant = meeting("Visit")
    for other in (
        meeting("Visits"),
        replace(meant, when=at(11)),
        replace(meant, description="agenda"),
        replace(meant, location="Osaka"),
        replace(meant, show_as=ShowAs.FREE),
        replace(meant, visibility=Visibility.PRIVATE),
        replace(meant, guests=(Guest("aoki@example.com"),)),
        replace(meant, recurrence=Recurrence(("FREQ=DAILY",))),
    ):
        assert not says_as_much(meant, replace(other, guests_may_change=written))


def test_a_right_that_was_left_open_and_is_given_now_has_moved() -> None:
    content = meeting("Visit")
    for now, moved in ((None, set()), (False, set()), (True, {Field.GUESTS_MAY_CHANGE})):
        assert moved_since(content, replace(content, guests_may_change=now)) == moved
    assert moved_since(replace(content, guests_may_change=False), content) == set()
