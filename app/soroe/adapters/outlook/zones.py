"""Time zones as Windows names them, told as IANA names and back (the table of Unicode CLDR, as tzlocal carries it)."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from soroe.core.event import UTC_ZONE

_LONGEST = 64
_UTC_NAMES = frozenset({"utc", "etc/utc", "tzone://microsoft/utc", "gmt"})
"""Microsoft's names for UTC itself; "GMT Standard Time" is London and stands in the table."""

_OTHER_NAMES = {
    "GMT": "UTC",
    "EST5EDT": "Eastern Standard Time",
    "CST6CDT": "Central Standard Time",
    "MST7MDT": "Mountain Standard Time",
    "PST8PDT": "Pacific Standard Time",
    "US/East-Indiana": "US Eastern Standard Time",
    "Europe/Uzhgorod": "FLE Standard Time",
    "Europe/Zaporozhye": "FLE Standard Time",
}
"""Older names of zones that the table knows by their newer ones only."""


def iana(name: str) -> str | None:
    """The IANA name of a zone told by its Windows or IANA name; None for an unknown or customised one. Never raises.

    Several IANA zones share one Windows name; the table names the most prominent one, whose clock is the same today.
    """
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST:
        return None
    folded = name.strip().casefold()
    if folded in _UTC_NAMES:
        return UTC_ZONE
    found = _windows_names().get(folded)
    if found is not None:
        return found
    return name.strip() if _is_iana(name.strip()) else None


def windows(iana: str) -> str | None:
    """The Windows name of an IANA zone; None where Windows has no such zone, or nobody has. Never raises."""
    if not isinstance(iana, str) or not 0 < len(iana) <= _LONGEST:
        return None
    from tzlocal.windows_tz import tz_win  # a table of 700 lines that only Microsoft's calendars need

    return tz_win.get(iana) or _OTHER_NAMES.get(iana)


@lru_cache(maxsize=1)
def _windows_names() -> dict[str, str]:
    from tzlocal.windows_tz import win_tz  # as above

    return {name.casefold(): zone for name, zone in win_tz.items()}


@lru_cache(maxsize=512)
def _is_iana(name: str) -> bool:
    try:
        return ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):  # unknown; a path and not a name; a directory of zones
        return False
