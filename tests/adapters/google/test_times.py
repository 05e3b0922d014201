"""Google's times: the quick ways tell and read what the plain ones would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroe.adapters.google.times import read_instant, read_when, write_when
from soroe.adapters.net.reading import Json, Misfit
from soroe.core.event import Timed

ZONES = ("Asia/Tokyo", "Europe/Berlin", "Etc/UTC", "America/St_Johns", "Africa/Monrovia", "Pacific/Apia")


@given(st.datetimes(), st.integers(0, 1), st.sampled_from(ZONES))
def test_a_time_is_told_with_the_offset_of_its_zone(wall: datetime, fold: int, zone: str) -> None:
    wall = wall.replace(fold=fold)
    start, _ = write_when(Timed(wall, wall, zone), replacing=False)
    assert start["dateTime"] == wall.replace(tzinfo=ZoneInfo(zone)).isoformat("T", "seconds")


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(0, 7))
def test_an_instant_is_read_in_whole_seconds_however_many_digits_it_has(at: datetime, digits: int) -> None:
    fraction = f".{at.microsecond:06d}0"[: digits + 1] if digits else ""
    assert read_instant(f"{at:%H:%M:%S}".join((f"{at.date()}T", f"{fraction}Z")), "updated") == at.replace(
        microsecond=0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T10:00:00.000Z",
        "2026-02-20T24:00:00.001Z",
        "2026-02-20T10:60:00.000Z",
        "2026-02-20T1:000:00.000Z",
        "----------T10:00:00.000Z",
        "2026-02-20T10:00:00.00xZ",
    ],
)
def test_a_moment_that_does_not_exist_is_no_instant(text: str) -> None:
    with pytest.raises(Misfit):
        read_instant(text, "updated")


def test_an_instant_with_an_offset_is_read_in_utc() -> None:
    read = read_instant("2026-04-10T10:00:00.999+09:00", "updated")
    assert (read, read.utcoffset()) == (datetime(2026, 4, 10, 1, tzinfo=UTC), timedelta())


def test_one_time_told_twice_is_read_by_each_events_own_zone() -> None:
    start, end = {"dateTime": "2026-04-10T10:00:00"}, {"dateTime": "2026-04-10T11:00:00"}
    for _ in range(2):
        tokyo = read_when({"start": {**start, "timeZone": "Asia/Tokyo"}, "end": end}, "Europe/Berlin")
        berlin = read_when({"start": start, "end": end}, "Europe/Berlin")
        assert (tokyo, berlin) == (
            Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), "Asia/Tokyo"),
            Timed(datetime(2026, 4, 10, 10), datetime(2026, 4, 10, 11), "Europe/Berlin"),
        )


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ({"dateTime": "2026-04-10T10:00:00Z"}, {"dateTime": "2026-04-10T09:00:00Z"}, "end.dateTime"),
        ({"dateTime": "2026-04-10T10:00:00Z", "timeZone": "Mars/Base"}, {"dateTime": ["x"]}, "start.timeZone"),
        (
            {"dateTime": "2026-04-10T10:00:00Z", "timeZone": ["x"]},
            {"dateTime": "2026-04-10T11:00:00Z"},
            "start.timeZone",
        ),
        ({"dateTime": ["x"]}, {"dateTime": "2026-04-10T11:00:00Z"}, "start.dateTime"),
        ({"dateTime": "2026-04-10T10:00:00Z"}, {"dateTime": {"x": 1}}, "end.dateTime"),
        ({"dateTime": "2026-04-10T10:00:00Z"}, {}, "end.dateTime"),
        ({"dateTime": "2026-04-10T10:00:00Z" + " " * 40}, {"dateTime": "2026-04-10T11:00:00Z"}, "start.dateTime"),
    ],
)
def test_a_time_that_is_none_is_refused_each_time_it_is_told(start: Json, end: Json, field: str) -> None:
    for _ in range(2):
        with pytest.raises(Misfit) as refused:
            read_when({"start": start, "end": end}, "Asia/Tokyo")
        assert refused.value.field == field
