"""The processes that the tests start, and how their end is known."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.child import Orphanage


def test_a_child_that_is_given_the_number_of_one_that_has_ended_has_not_ended(tmp_path: Path) -> None:
    orphanage = Orphanage()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    orphanage.add(7, tmp_path / "first")
    orphanage.ended(7)
    orphanage.add(7, tmp_path / "second")
    assert (tmp_path / "first" / "ended").exists()
    assert not (tmp_path / "second" / "ended").exists()
    orphanage.ended(7)
    assert (tmp_path / "second" / "ended").exists()


def test_a_child_may_end_before_it_is_known(tmp_path: Path) -> None:
    orphanage = Orphanage()
    orphanage.ended(7)
    orphanage.add(7, tmp_path)
    assert (tmp_path / "ended").exists()
