"""Windows' names of time zones and everybody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from soroe.adapters.outlook.zones import iana, windows
from soroe.core.event import UTC_ZONE


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("tokyo standard time", "Asia/Tokyo"),
        ("GMT Standard Time", "Europe/London"),
        ("Romance Standard Time", "Europe/Paris"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("UTC", UTC_ZONE),
        ("Etc/UTC", UTC_ZONE),
        ("tzone://Microsoft/Utc", UTC_ZONE),
    ],
)
def test_a_zone_is_known_by_either_name(told: str, meant: str) -> None:
    assert iana(told) == meant


@pytest.mark.parametrize(
    "told",
    [
        "",
        " ",
        "Customized Time Zone",
        "tzone://Microsoft/Custom",
        "(UTC+09:00) Osaka",
        "../etc",
        "Asia",
        "日本",
        "x" * 99,
    ],
)
def test_an_unknown_zone_is_never_guessed(told: str) -> None:
    assert iana(told) is None
    assert windows(told) is None


@pytest.mark.parametrize("told", [None, 9, b"UTC", ["UTC"]])
def test_what_is_no_name_at_all_raises_nothing(told: object) -> None:
    assert iana(cast("Any", told)) is None and windows(cast("Any", told)) is None


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("Asia/Tokyo", "Tokyo Standard Time"),
        ("Asia/Kolkata", "India Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("Europe/Kyiv", "FLE Standard Time"),
        ("EST5EDT", "Eastern Standard Time"),
        (UTC_ZONE, "UTC"),
    ],
)
def test_an_iana_zone_has_its_windows_name(told: str, meant: str) -> None:
    assert windows(told) == meant


def test_every_windows_name_comes_back_as_itself() -> None:
    from tzlocal.windows_tz import win_tz

    assert [name for name in win_tz if windows(iana(name) or "") != name] == []


def test_every_zone_of_the_table_can_be_reckoned_with() -> None:
    from tzlocal.windows_tz import win_tz

    noon = datetime(2026, 7, 1, 12)
    assert all(noon.replace(tzinfo=ZoneInfo(iana(name) or "")).utcoffset() is not None for name in win_tz)
