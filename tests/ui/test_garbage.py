"""When Python looks through all its objects."""

from __future__ import annotations

import gc
import sys

import pytest

from soroe.ui import garbage

LOOKS_AT_A_FEW_OLD_OBJECTS_AT_A_TIME = (3, 14) <= sys.version_info < (3, 14, 5)
"""Such a Python takes no number of times after which all old objects are looked at: it never does that by itself."""


def test_a_command_leaves_old_objects_alone_until_it_ends() -> None:
    before = gc.get_threshold()
    with garbage.left_to_the_end():
        young, _, old = gc.get_threshold()
        assert 0 < young < 10_000, "young objects are looked at as before"
        assert old > 1_000_000 or LOOKS_AT_A_FEW_OLD_OBJECTS_AT_A_TIME
    assert gc.get_threshold() == before


def test_a_command_that_fails_leaves_python_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(LookupError), garbage.left_to_the_end():
        raise LookupError
    assert gc.get_threshold() == before
