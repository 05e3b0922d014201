"""What a CRM can hold, as a value: a new CRM adds a value, not a branch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .event import ShowAs
from .route import ConflictPolicy, PrivacyPolicy


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


class LongAllDay(StrEnum):
    """What becomes of an all-day event of several days where the CRM's all-day entries last one day.

    `FIRST_DAY`: only its first day shows. `AS_TIME`: an ordinary entry from midnight to the last grid line of the last
    day, in the user's own zone (ESM-I4).
    """

    FIRST_DAY = "first-day"
    AS_TIME = "as-time"


class TailPart(StrEnum):
    """What of an activity can stand behind its subject in the calendar."""

    CUSTOMER = "customer"
    DEAL = "deal"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class TitleTail:
    """What stands behind the subject in the calendar: the parts that are told, between two marks.

    Nothing stands there unless the part `needs` is told, and the activity is of one of `types` (None: of any).
    """

    parts: tuple[TailPart, ...]
    needs: TailPart
    opening: str
    between: str
    closing: str
    types: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """The limits and forms of one CRM.

    Lengths are counted in characters, times in minutes; None means no limit.

    Times: `keeps_zones` False: the CRM tells times in UTC only. `own_grid`: times are written to the minute, and the
    CRM rounds them down to its grid by itself when somebody edits there (ESM-I9). `all_day_span` False: an all-day
    entry is one day long, and `long_all_day` tells what becomes of longer ones.

    Titles: `empty_title` is what the CRM gets for none (ESM-I2; a setting of the sync replaces it). `title_tail` stands
    behind the subject in the calendar (ESM-O4, OD-4).

    Guests: `group_events`: one event of its organiser's stands for all whom he invites (SF-24). `knows_everybody`
    False: the CRM leaves out guests whom it does not know (ESM-I13). `declined_stay` False: who declined is no
    guest any more (ESM-I14, SF-25). `answers` False: it does not follow guests' answers (ESM-I15).

    `new_items_only`: by default only items created or changed after the sync was started are taken (PD-3).
    `private_free_out`: an event that is private and free is not synced (ESM-I18). `privacy` and `conflicts` are what
    the CRM's own product does, and what a sync does unless told otherwise. `series` bounds the series of a CRM that
    takes them; None means that it takes any. `rules` names the rule behind a finding's cause where the usual one is not
    meant.
    """

    name: str
    recurrence: RecurrenceSupport = RecurrenceSupport.NATIVE
    grid_minutes: int = 1
    own_grid: bool = False
    shortest_minutes: int = 0
    longest_minutes: int | None = None
    title_limit: int | None = None
    description_limit: int | None = None
    location_limit: int | None = None
    empty_title: str = ""
    title_tail: TitleTail | None = None
    keeps_zones: bool = True
    all_day_span: bool = True
    long_all_day: LongAllDay = LongAllDay.FIRST_DAY
    privacy_flag: bool = True
    show_as: frozenset[ShowAs] = frozenset(ShowAs)
    guests: bool = True
    group_events: bool = False
    guest_limit: int | None = None
    series_guest_limit: int | None = None
    knows_everybody: bool = True
    declined_stay: bool = True
    answers: bool = True
    new_items_only: bool = False
    private_free_out: bool = False
    privacy: PrivacyPolicy = PrivacyPolicy.BLOCK
    conflicts: ConflictPolicy = ConflictPolicy.NEWEST_FIELD
    series: SeriesLimits | None = None
    rules: tuple[tuple[str, str], ...] = ()

    def rule(self, cause: str, usual: str) -> str:
        """The id of the rule behind a finding of this cause."""
        return next((rule for name, rule in self.rules if name == cause), usual)


NO_TITLE = "—"
"""What CRMs that insist on a title get for none: the same on every laptop, in whatever language it runs."""

DEAL_TAIL = TitleTail((TailPart.CUSTOMER, TailPart.DEAL), TailPart.DEAL, "（", "/", "）")
"""Subject（customer/deal）, in the full-width brackets of eSales Manager (ESM-O4)."""
PLACE_TAIL = TitleTail((TailPart.LOCATION,), TailPart.LOCATION, " (", "", ")", frozenset({"Event"}))
"""Subject (Location), for the appointments that Oracle CRM On Demand keeps of its events (OD-4)."""

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
    show_as=frozenset({ShowAs.BUSY, ShowAs.FREE, ShowAs.OUT_OF_OFFICE}),
    group_events=True,
    guest_limit=1_000,
    series_guest_limit=100,
    knows_everybody=False,
    declined_stay=False,
    answers=False,
    privacy=PrivacyPolicy.FULL,
    series=SeriesLimits(daily=100, weekly=53, monthly=60, yearly=10, too_long_minutes=24 * 60, too_rare_months=24),
    rules=(
        ("private_kept", "SF-3"),
        ("guests_cut", "SF-11"),
        ("guests_unknown", "SF-25"),
        ("unreadable", "SF-22"),
        ("foreign_organiser", "SF-25"),
        ("special_kind", "SF-26"),
        ("cut", "S-8"),
        ("plain_text", "S-8"),
        ("rounded", "S-8"),
    ),
)

ESALES = Dialect(
    "esales",
    recurrence=RecurrenceSupport.SINGLE_ITEMS,
    grid_minutes=5,
    own_grid=True,
    shortest_minutes=5,
    title_limit=100,
    empty_title=NO_TITLE,
    title_tail=DEAL_TAIL,
    description_limit=4_000,
    location_limit=255,
    all_day_span=False,
    long_all_day=LongAllDay.AS_TIME,
    show_as=frozenset({ShowAs.BUSY}),
    knows_everybody=False,
    declined_stay=False,
    answers=False,
    private_free_out=True,
    privacy=PrivacyPolicy.FULL,
    conflicts=ConflictPolicy.NEWEST_ITEM,
    rules=(("default_visibility", "ESM-IL2"), ("private_kept", "ESM-I17"), ("guests_unknown", "ESM-I13")),
)

ORACLE = Dialect(
    "oracle",
    recurrence=RecurrenceSupport.SINGLE_ITEMS,
    title_limit=150,
    empty_title=NO_TITLE,
    title_tail=PLACE_TAIL,
    description_limit=16_350,
    location_limit=100,
    keeps_zones=False,
    show_as=frozenset({ShowAs.BUSY}),
    guests=False,
    answers=False,
    rules=(("cut", "S-8"), ("plain_text", "S-8"), ("rounded", "S-8")),
)
"""The users on an appointment are no guests of the calendar's event: reading them takes two requests each, of a few
in a minute. The mirror carries them between an event and its appointment (OD-3, OD-8)."""

DIALECTS = {dialect.name: dialect for dialect in (GENERIC, PIPEDRIVE, SALESFORCE, ESALES, ORACLE)}
