"""Which zones a calendar file means: by their names, or by the rules that it gives for them itself."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_THIS_YEAR = 2026
_OTHER_YEARS = (1995, 2000, 2005, 2010, 2015, 2020, 2026, 2030)
"""Years that part zones which have the same rules now and had not always."""
_LIKELY = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Sydney",
)
"""Of zones with the same rules, those that most people live in."""
_FIXED = tuple(f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours)
"""For clocks that nobody lives by: so many hours from Greenwich (west of it is plus in these names)."""
_SHOWN = re.compile(r"\((?:GMT|UTC)(?P<offset>(?P<sign>[+-])(?P<h>\d\d):(?P<min>\d\d))?\)\s*(?P<places>.*)")
"""As Windows shows zones to people: `(UTC+01:00) Amsterdam, Berlin, Bern`."""
_PLACES = {
    "大阪、札幌、東京": "Asia/Tokyo",
    "東京 (標準時)": "Asia/Tokyo",
    "日本標準時": "Asia/Tokyo",
    "東京": "Asia/Tokyo",
    "JST": "Asia/Tokyo",
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
}
"""Zones that are shown by names in which there is no city that an IANA zone is called after."""

Offsets = list[timedelta | None] | None


class Zones:
    """The zones of one file, by the names that it has for them. `usual` is the account's zone."""

    def __init__(self, usual: str) -> None:
        self.usual = usual
        self._known: dict[str, str] = {}
        self._own: dict[str, tzinfo] = {}
        self._described: dict[str, None] = {}
        self._by_year: dict[tuple[str, int], str | None] = {}
        self._offsets: dict[tuple[str, int], Offsets] = {}

    def add(self, text: str) -> None:
        """A VTIMEZONE of the file. One that cannot be read is left out: the entries that need it say so."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                zone = Timezone.from_ical(text)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return
        name = _bare(zone.get("TZID", ""))
        self._described[name] = None
        known = iana_name(name) or iana_name(str(zone.get("X-LIC-LOCATION", "")))
        if known:
            self._known[name] = known
            return
        try:
            self._own[name] = zone.to_tz(lookup_tzid=False)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
            return

    def named(self, name: str, near: int) -> str | None:
        """The IANA zone that the file calls `name`, by its name or by its rules, in the year `near` or now."""
        name = _bare(name)
        known = self._known.get(name) or iana_name(name)
        if known is None and name in self._own:
            known = self._like(name, near) or self._like(name, _THIS_YEAR)
        return known

    def only(self) -> str | None:
        """The zone that a file lives in, if it gives the rules of one only."""
        return self.named(next(iter(self._described)), _THIS_YEAR) if len(self._described) == 1 else None

    def moment(self, name: str, wall: datetime) -> datetime | None:
        """The moment in UTC that a wall-clock time is by the file's own rules; None where it gives none."""
        own = self._own.get(_bare(name))
        if own is None:
            return None
        try:
            return wall.replace(tzinfo=own).astimezone(UTC)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
            return None

    def _like(self, name: str, year: int) -> str | None:
        """The zone with the same rules in that year, and of several the one that had them for longest."""
        key = (name, year)
        if key not in self._by_year:
            self._by_year[key] = _with_rules_of(partial(self._rules, name), year, self.usual)
        return self._by_year[key]

    def _rules(self, name: str, year: int) -> Offsets:
        """Asked for once: zones of files are slow to answer, as their rules may begin in the year 1."""
        key = (name, year)
        if key not in self._offsets:
            self._offsets[key] = _offsets(self._own[name], year)
        return self._offsets[key]


def iana_name(name: str) -> str | None:
    """The IANA zone of a name as programs write it: IANA, Windows, with a path before it, or as it is shown."""
    name = _bare(name)
    if name in WINDOWS_TO_OLSON:
        return str(WINDOWS_TO_OLSON[name])
    parts = name.strip("/").replace(" ", "_").lower().split("/")
    for start in range(len(parts)):
        known = _names().get("/".join(parts[start:]))
        if known is not None:
            return known
    return _PLACES.get(name) or _shown(name) or _without_paths().get(_as_in_names(name).replace("-", "_"))


def _shown(name: str) -> str | None:
    """By the places in a name as Windows shows it; a zone of another offset is none of those meant."""
    found = _SHOWN.fullmatch(name)
    if found is None:
        return None
    places = found["places"].strip()
    away = timedelta(hours=int(found["h"] or 0), minutes=int(found["min"] or 0)) * (-1 if found["sign"] == "-" else 1)
    candidates = [_PLACES.get(places), *(_cities().get(_as_in_names(place)) for place in re.split("[,、]", places))]
    return next((one for one in candidates if one is not None and _standard(one) == away), None)


def _standard(zone: str) -> timedelta | None:
    """How far a zone's winter is from Greenwich."""
    offsets = [ZoneInfo(zone).utcoffset(datetime(_THIS_YEAR, month, 1)) for month in (1, 7)]  # noqa: DTZ001 - wall clock
    return min(offset for offset in offsets if offset is not None)


def _bare(name: object) -> str:
    return str(name).strip().strip('"').strip()


def _as_in_names(place: str) -> str:
    return place.strip().replace(" ", "_").lower()


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in sorted(available_timezones())}


@cache
def _without_paths() -> dict[str, str]:
    """For names with another sign in them, as US-Eastern or Europe_Berlin."""
    return {name.lower().replace("/", "_"): name for name in sorted(available_timezones()) if "/" in name}


@cache
def _cities() -> dict[str, str]:
    return {name.rpartition("/")[2].lower(): name for name in sorted(available_timezones()) if "/" in name}


# --- by rules ---
def _with_rules_of(rules: Callable[[int], Offsets], year: int, usual: str) -> str | None:
    candidates: dict[str, None] = dict.fromkeys((usual, *_LIKELY, *sorted(set(WINDOWS_TO_OLSON.values())), *_FIXED))
    theirs = rules(year)
    same = [zone for zone in candidates if iana_name(zone) and _offsets(ZoneInfo(zone), year) == theirs]
    if theirs is None or len(same) < 2:
        return same[0] if same and theirs else None
    others = [(other, rules(other)) for other in _OTHER_YEARS]
    return max(same, key=lambda zone: sum(_offsets(ZoneInfo(zone), other) == offsets for other, offsets in others))


def _offsets(zone: tzinfo, year: int) -> Offsets:
    """How far it is from Greenwich on days of a year on either side of every change of clocks anywhere."""
    try:
        samples = [datetime(year, month, day) for month in range(1, 13) for day in (3, 17)]  # noqa: DTZ001 - wall clock
        return [zone.utcoffset(sample) for sample in samples]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None
