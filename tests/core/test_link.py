"""Fingerprints of what both sides agreed on."""

from __future__ import annotations

from datetime import datetime

from soroe.core.event import EventContent, Field, Timed
from soroe.core.link import Fingerprint


def at_the_end_of_summer_time(fold: int) -> EventContent:
    start, end = datetime(2026, 11, 1, 1, 30, fold=fold), datetime(2026, 11, 1, 4, 0)
    return EventContent("Call", Timed(start, end, "America/New_York"))


def test_the_hour_that_comes_twice_has_two_fingerprints() -> None:
    before, after = at_the_end_of_summer_time(fold=0), at_the_end_of_summer_time(fold=1)
    assert before == after, "times compare without their fold, so a fingerprint must not be remembered by them alone"
    assert Fingerprint.of(before).changed(Fingerprint.of(after)) == (Field.WHEN,)
