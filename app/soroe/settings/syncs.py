"""Reading the syncs: each joins one CRM account and one calendar account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from soroe.core.dialect import DIALECTS, GENERIC, Dialect
from soroe.core.guard import Limits
from soroe.core.mirror import MIRROR
from soroe.core.route import ConflictPolicy, Direction, PrivacyPolicy, SyncName

from .checks import BadValue, listed
from .checks import name as checked_name
from .model import CALENDAR_KINDS, CRM_KINDS, AccountName, Guests, SyncSettings
from .table import Table

DIALECT_NAMES = ("generic", "pipedrive", "salesforce", "esales", "oracle")
MOST_DAYS = 3_660
MIRROR_KINDS = ("oracle",)
"""The kinds of CRM of which a sync can join the events and the appointments: then it names one account twice."""

_DIALECTS_OF_KIND: dict[str, tuple[str, ...]] = {
    "rest": DIALECT_NAMES,
    "esales": ("esales",),
    "pipedrive": ("pipedrive",),
    "salesforce": ("salesforce",),
    "oracle": ("oracle",),
}
"""The first one is the default. Behind the REST contract any CRM may stand."""


def read_syncs(tables: Table, kinds: Mapping[str, str], profiles: Mapping[str, str]) -> tuple[SyncSettings, ...]:
    """All syncs that could be read; what could not is noted. `kinds` and `profiles` are the accounts' by name."""
    found: list[SyncSettings] = []
    for name, table in tables.tables():
        sync = _read_sync(name, table, kinds, profiles)
        twin = next((other for other in found if _same_pair(other, sync)), None)
        if twin is not None:
            table.note("", "same_pair_twice", twin.name)
        found.append(sync)
    return tuple(found)


def _same_pair(one: SyncSettings, two: SyncSettings) -> bool:
    same_accounts = bool(one.crm) and (one.crm, one.calendar) == (two.crm, two.calendar)
    return same_accounts and not set(one.calendars).isdisjoint(two.calendars)


def _read_sync(name: str, table: Table, kinds: Mapping[str, str], profiles: Mapping[str, str]) -> SyncSettings:
    try:
        checked_name(name)
    except BadValue as bad:
        table.note("", bad.code, bad.detail)
    crm = _account(table, "crm", kinds, CRM_KINDS, "not_a_crm")
    mirrors = bool(crm) and table.peek("calendar") == crm
    calendar = _account(table, "calendar", kinds, MIRROR_KINDS if mirrors else CALENDAR_KINDS, "not_a_calendar")
    dialect = _dialect(table, kinds.get(crm), profiles.get(crm, ""))
    if mirrors:
        dialect = MIRROR
    empty_title = table.maybe_text("empty_title")  # what the CRM gets for a meeting without a title (ESM-I2)
    sync = SyncSettings(
        SyncName(name),
        crm=crm,
        calendar=calendar,
        dialect=dialect if empty_title is None else replace(dialect, empty_title=empty_title),
        calendars=table.texts("calendars") or ("primary",),
        direction=table.choice("direction", Direction, Direction.TWO_WAY),
        activity_types=table.texts("activity_types"),
        incoming_type=table.maybe_text("incoming_type"),
        privacy=table.choice("privacy", PrivacyPolicy, dialect.privacy),
        private_title=table.maybe_text("private_title"),
        empty_title=empty_title,
        conflicts=table.choice("conflicts", ConflictPolicy, dialect.conflicts),
        guests=table.choice("guests", Guests, Guests.NONE),
        past_days=table.number("past_days", 7, 0, MOST_DAYS),
        future_days=table.number("future_days", 1095, 0, MOST_DAYS),
        zone=table.zone("zone"),
        new_items_only=table.flag("new_items_only", default=dialect.new_items_only),
        backfill_from=table.day("backfill_from"),
        poll_seconds=table.number("poll_seconds", 60, 10, 86_400),
        guard=_guard(table.table("guard")),
        deletes_events=table.flag("deletes_events", default=mirrors),
    )
    _check_combinations(sync, table)
    table.close()
    return sync


def _check_combinations(sync: SyncSettings, table: Table) -> None:
    if sync.privacy is PrivacyPolicy.FULL and not sync.dialect.privacy_flag:
        table.note("privacy", "no_privacy_flag", sync.dialect.name)
    if sync.backfill_from is not None and not sync.new_items_only:
        table.note("backfill_from", "backfill_without_new_items_only")


def _account(table: Table, key: str, kinds: Mapping[str, str], wanted: tuple[str, ...], wrong: str) -> AccountName:
    name = table.needed_text(key)
    if name and name not in kinds:
        table.note(key, "no_such_account", name)
    elif name and kinds[name] and kinds[name] not in wanted:
        table.note(key, wrong, kinds[name])
    return AccountName(name)


def usual_dialect(crm_kind: str, profile: str = "") -> str:
    """The name of the dialect that a CRM speaks unless told otherwise; behind the REST contract its profile tells.

    A profile of IT's own counts as one that comes with the app while its file begins like it: `esales-ours.toml`.
    """
    if crm_kind == "rest":
        file = profile.replace("\\", "/").rpartition("/")[2]
        return next((name for name in DIALECT_NAMES if file.startswith(name)), DIALECT_NAMES[0])
    return _DIALECTS_OF_KIND.get(crm_kind, DIALECT_NAMES)[0]


def _dialect(table: Table, crm_kind: str | None, profile: str) -> Dialect:
    fitting = _DIALECTS_OF_KIND.get(crm_kind or "", DIALECT_NAMES)
    given = table.maybe_text("dialect")
    wanted = given or usual_dialect(crm_kind or "", profile)
    if wanted not in DIALECT_NAMES:
        table.note("dialect", "unknown_dialect", listed(DIALECT_NAMES))
    elif wanted not in fitting:
        table.note("dialect", "dialect_of_other_kind", crm_kind or "")
    elif wanted not in DIALECTS:
        table.note("dialect", "dialect_not_available", wanted)
    return DIALECTS.get(wanted, GENERIC)


def _guard(table: Table) -> Limits:
    """The limits of S-4 and PD-9: so many items, or so many percent of the linked ones, whichever is more."""
    usual = Limits()
    limits = Limits(
        deletes=table.number("deletes", usual.deletes, 0, 100_000),
        delete_share=_percent(table, "delete_percent", usual.delete_share),
        rewrites=table.number("rewrites", usual.rewrites, 0, 100_000),
        rewrite_share=_percent(table, "rewrite_percent", usual.rewrite_share),
        duplicates=table.number("duplicates", usual.duplicates, 0, 100_000),
        duplicate_share=_percent(table, "duplicate_percent", usual.duplicate_share),
    )
    table.close()
    return limits


def _percent(table: Table, key: str, usual: float) -> float:
    return table.number(key, round(usual * 100), 0, 100) / 100
