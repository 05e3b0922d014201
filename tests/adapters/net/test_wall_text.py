"""Wall-clock times as texts."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.net.wall_text import wall_text


@given(st.datetimes(), st.integers(0, 1))
def test_a_time_is_told_as_the_standard_library_tells_it(wall: datetime, fold: int) -> None:
    assert wall_text(wall.replace(fold=fold)) == wall.isoformat("T", "seconds")
