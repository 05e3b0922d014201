"""When Python looks through all its objects."""

from __future__ import annotations

import gc

import pytest

from soroe.ui import garbage


def test_a_command_leaves_old_objects_alone_until_it_ends() -> None:
    before = gc.get_threshold()
    with garbage.left_to_the_end():
        young, _, old = gc.get_threshold()
        assert 0 < young < 10_000, "young objects are looked at as before"
        assert old > 1_000_000
    assert gc.get_threshold() == before


def test_a_command_that_fails_leaves_python_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(LookupError), garbage.left_to_the_end():
        raise LookupError
    assert gc.get_threshold() == before
