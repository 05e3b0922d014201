"""When two items that are not linked are the same meeting (ESM-G3, T7, T8), and when a person must say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from .dialect import Dialect, RecurrenceSupport
from .event import UTC_ZONE, EventContent, Ref, Side, times_text
from .link import same_time
from .route import Route
from .rules.form import known_by
from .rules.grid import rounded
from .rules.title import split_tail


@dataclass(frozen=True, slots=True)
class Other:
    """An item with the same subject, start and end."""

    side: Side
    ref: Ref
    linked: bool


@dataclass(frozen=True, slots=True)
class Alone:
    """Nobody else looks like it."""


@dataclass(frozen=True, slots=True)
class SameAs:
    """Exactly one item across looks like it: they are one meeting."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several items look alike: ask, never guess."""

    others: tuple[tuple[Side, Ref], ...]


Match = Alone | SameAs | Ambiguous
ALONE = Alone()
_KEYS = 2
"""Goes up when `match_key` makes other keys of the same items."""


def match_key(content: EventContent, side: Side, dialect: Dialect, zone: str = UTC_ZONE) -> bytes:
    """The key that two items share when subject, start and end are equal after normalising, in the CRM's form.

    It begins with the day (UTC), so that keys of the same days are neighbours in the database, and an item that gets
    another title stays where it is: two bytes of it, and six that tell items of one day apart.

    What stands behind a subject in the calendar is left out, and a CRM that rounds times by itself is compared by the
    rounded ones. `zone` is the user's own.
    """
    if side is Side.CRM:
        title, when = split_tail(content.title, content.location, dialect)[0], content.when
    else:
        title, when = known_by(content, dialect, zone)
    if dialect.own_grid:
        when = rounded(when, dialect)
    series = ""
    if content.recurrence is not None and (side is Side.CRM or dialect.recurrence is RecurrenceSupport.NATIVE):
        series = "series"
    times = times_text(when)
    text = f"{normalised(title)}\0{times}\0{series}"
    day = date.fromisoformat(times[:10]).toordinal() & 0xFFFF
    return day.to_bytes(2) + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()


def recipe(route: Route, dialect: Dialect) -> str:
    """All that decides, beside an item itself, what its key is: keys of another recipe cannot be compared with ours."""
    tail = dialect.title_tail
    types = "" if tail is None or tail.types is None else ",".join(sorted(tail.types))
    parts = (
        _KEYS, route.zone, route.privacy, *sorted(route.foreign_calendars), route.private_title,
        dialect.name, dialect.recurrence, dialect.grid_minutes, dialect.own_grid, dialect.shortest_minutes,
        dialect.title_limit, dialect.empty_title, dialect.keeps_zones, dialect.all_day_span, dialect.long_all_day,
        dialect.privacy_flag, dialect.private_free_out, tail and replace(tail, types=None), types,
    )  # fmt: skip # short values, several a line
    return "|".join(map(str, parts))


def is_near(event: EventContent, activity: EventContent, dialect: Dialect) -> bool:
    """Whether the two share their time or their title, in the CRM's form."""
    if same_time(rounded(event.when, dialect), rounded(activity.when, dialect)):
        return True
    titles = (split_tail(one.title, one.location, dialect)[0] for one in (event, activity))
    return len({normalised(title) for title in titles}) == 1


def normalised(title: str) -> str:
    """A subject as it is compared: Unicode NFKC, case folded, white space as single blanks."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def decide(side: Side, others: Iterable[Other]) -> Match:
    """What an unlinked item on `side` is, given all other items with its key."""
    found = sorted(others, key=lambda other: (other.side, other.ref))
    if not found:
        return Alone()
    free_across = [other for other in found if other.side is not side and not other.linked]
    if len(found) == 1 and free_across:
        return SameAs(found[0].ref)
    return Ambiguous(tuple((other.side, other.ref) for other in found))
