"""What a CRM can hold, as a value: a new CRM adds a value, not a branch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .event import ShowAs


class RecurrenceSupport(StrEnum):
    """How a CRM takes a series: as it is, as single items within the window, or not at all."""

    NATIVE = "native"
    SINGLE_ITEMS = "single-items"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SeriesLimits:
    """How far a CRM that takes series takes them: one rule of a usual shape, without added dates, that ends on a day.

    `daily` … `yearly` are the most occurrences of one series (SF-10); a longer series travels as that many single
    items, rolled forward daily. A series of meetings of `too_long_minutes` or more (SF-8), or one that repeats every
    `too_rare_months` or more (SF-9), is not taken. `started` True: what lies in the past stays as it is there; the
    start of a series that has begun cannot be moved (SF-12), and past occurrences are not changed (SF-15).
    """

    daily: int
    weekly: int
    monthly: int
    yearly: int
    too_long_minutes: int
    too_rare_months: int
    started: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """The limits and forms of one CRM.

    Lengths are counted in characters, times in minutes; None means no limit. `keeps_zones` False: the CRM tells times
    in UTC only. `all_day_span` False: an all-day entry is one day long. `new_items_only`: by default only items
    created or changed after the sync was started are taken (PD-3). `series` bounds the series of a CRM that takes them;
    None means that it takes any.
    """

    name: str
    recurrence: RecurrenceSupport = RecurrenceSupport.NATIVE
    grid_minutes: int = 1
    shortest_minutes: int = 0
    longest_minutes: int | None = None
    title_limit: int | None = None
    description_limit: int | None = None
    location_limit: int | None = None
    empty_title: str = ""
    keeps_zones: bool = True
    all_day_span: bool = True
    privacy_flag: bool = True
    show_as: frozenset[ShowAs] = frozenset(ShowAs)
    guests: bool = True
    guest_limit: int | None = None
    new_items_only: bool = False
    series: SeriesLimits | None = None


NO_TITLE = "—"
"""What CRMs that insist on a title get for none: the same on every laptop, in whatever language it runs."""

GENERIC = Dialect(
    "generic", title_limit=255, empty_title=NO_TITLE, description_limit=32_000, location_limit=255, guest_limit=1_000
)

PIPEDRIVE = Dialect(
    "pipedrive",
    recurrence=RecurrenceSupport.SINGLE_ITEMS,
    title_limit=255,
    empty_title=NO_TITLE,
    keeps_zones=False,
    all_day_span=False,
    privacy_flag=False,
    show_as=frozenset({ShowAs.BUSY, ShowAs.FREE}),
    new_items_only=True,
)

SALESFORCE = Dialect(
    "salesforce",
    longest_minutes=14 * 24 * 60,
    title_limit=255,
    empty_title=NO_TITLE,
    description_limit=32_000,
    location_limit=255,
    keeps_zones=False,
    show_as=frozenset({ShowAs.BUSY, ShowAs.FREE, ShowAs.OUT_OF_OFFICE}),
    guest_limit=1_000,
    series=SeriesLimits(daily=100, weekly=53, monthly=60, yearly=10, too_long_minutes=24 * 60, too_rare_months=24),
)

ESALES = Dialect(
    "esales",
    recurrence=RecurrenceSupport.SINGLE_ITEMS,
    grid_minutes=5,
    shortest_minutes=5,
    title_limit=255,
    empty_title=NO_TITLE,
    description_limit=32_000,
    location_limit=255,
    all_day_span=False,
    show_as=frozenset({ShowAs.BUSY}),
)

ORACLE = Dialect(
    "oracle",
    recurrence=RecurrenceSupport.SINGLE_ITEMS,
    title_limit=150,
    empty_title=NO_TITLE,
    description_limit=16_350,
    location_limit=100,
    keeps_zones=False,
    show_as=frozenset({ShowAs.BUSY}),
)

DIALECTS = {dialect.name: dialect for dialect in (GENERIC, PIPEDRIVE, SALESFORCE, ESALES, ORACLE)}
