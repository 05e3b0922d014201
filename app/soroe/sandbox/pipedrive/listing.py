"""Reads the parameters of Pipedrive's lists strictly, and pages through the answers."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from soroe.sandbox.pipedrive.activity import Activity
from soroe.sandbox.pipedrive.refusals import Refusal, bad_value
from soroe.sandbox.pipedrive.store import Filter, Store

_PARAMETERS = frozenset(
    {"limit", "cursor", "updated_since", "updated_until", "sort_by", "sort_direction", "filter_id", "include_fields"}
    | {"owner_id", "deal_id", "lead_id", "person_id", "org_id", "done", "ids"}
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SORTS: Mapping[str, Callable[[Activity], str]] = {
    "id": lambda activity: "",
    "update_time": lambda activity: activity.update_time.isoformat(),
    "add_time": lambda activity: activity.add_time.isoformat(),
    "due_date": lambda activity: activity.fields.due_date.isoformat(),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of the list."""

    filter: Filter
    limit: int
    sort_by: str
    descending: bool
    after: tuple[str, int] | None
    attendees: bool


def wanted_page(query: Mapping[str, str]) -> Wanted:
    """Reads the parameters; raises 400 naming the first wrong one. There is no `type`."""
    check_names(query, _PARAMETERS)
    if "filter_id" in query:
        raise Refusal(404, "Filter not found", code="ERR_NOT_FOUND")
    sort_by = one_of(query.get("sort_by", "id"), "sort_by", _SORTS)
    direction = one_of(query.get("sort_direction", "asc"), "sort_direction", ("asc", "desc"))
    chosen = Filter(
        since=_instant(query, "updated_since"),
        until=_instant(query, "updated_until"),
        ids=_ids(query),
        owner_id=number(query, "owner_id"),
        deal_id=number(query, "deal_id"),
        lead_id=_lead(query),
        person_id=number(query, "person_id"),
        org_id=number(query, "org_id"),
        done=one_of(query["done"], "done", ("true", "false")) == "true" if "done" in query else None,
    )
    return Wanted(chosen, limit(query), sort_by, direction == "desc", _cursor(query, sort_by), with_attendees(query))


def page(store: Store, wanted: Wanted) -> tuple[list[Activity], str | None]:
    """Returns the page after the cursor, sorted, and the next cursor."""

    def key(activity: Activity) -> tuple[str, int]:
        return _SORTS[wanted.sort_by](activity), activity.id

    def lies_ahead(activity: Activity) -> bool:
        if wanted.after is None:
            return True
        return key(activity) < wanted.after if wanted.descending else key(activity) > wanted.after

    ordered = _in_order(store, wanted)
    if ordered is None:
        ordered = iter(sorted(store.matching(wanted.filter), key=key, reverse=wanted.descending))
    found = (a for a in ordered if not a.is_deleted and wanted.filter.takes(a) and lies_ahead(a))
    shown = list(islice(found, wanted.limit + 1))
    if len(shown) <= wanted.limit:
        return shown, None
    del shown[-1]
    text = json.dumps([wanted.sort_by, *key(shown[-1])], separators=(",", ":"))
    return shown, base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _in_order(store: Store, wanted: Wanted) -> Iterator[Activity] | None:
    """Returns the store's own order where it is the one asked for, starting near the page."""
    if wanted.filter.ids is not None or wanted.descending:
        return None
    if wanted.sort_by == "update_time":
        since = datetime.fromisoformat(wanted.after[0]) if wanted.after is not None else None
        limits = [at for at in (since, wanted.filter.since) if at is not None]
        return store.by_update(max(limits) if limits else None)
    if wanted.sort_by == "id" and wanted.filter.since is not None:
        return iter(sorted(store.by_update(wanted.filter.since), key=lambda activity: activity.id))
    return store.by_id(wanted.after[1] if wanted.after is not None else 0) if wanted.sort_by == "id" else None


def check_names(query: Mapping[str, str], allowed: Collection[str]) -> None:
    for name in query:
        if name not in allowed:
            raise bad_value(name, "unknown query parameter")


def with_attendees(query: Mapping[str, str]) -> bool:
    asked = [name for name in query.get("include_fields", "").split(",") if name]
    for name in asked:
        one_of(name, "include_fields", ("attendees",))
    return bool(asked)


def number(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    text = query[name]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise bad_value(name, "must be an integer")
    return int(text)


def one_of(value: str, field: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise bad_value(field, f"must be one of {', '.join(choices)}")
    return value


def limit(query: Mapping[str, str]) -> int:
    asked = number(query, "limit")
    if asked is None:
        return 100
    if not 1 <= asked <= 500:
        raise bad_value("limit", "must be from 1 to 500")
    return asked


def _instant(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    if _INSTANT.fullmatch(query[name]) is None:
        raise bad_value(name, "must be RFC 3339 in whole seconds (2026-01-01T10:20:00Z)")
    try:
        return datetime.fromisoformat(query[name]).astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_value(name, "is no time of the calendar") from None


def _ids(query: Mapping[str, str]) -> list[int] | None:
    if "ids" not in query:
        return None
    parts = query["ids"].split(",")
    if len(parts) > 100 or not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in parts):
        raise bad_value("ids", "must be at most 100 integers separated by commas")
    return [int(part) for part in parts]


def _lead(query: Mapping[str, str]) -> str | None:
    if "lead_id" in query and _UUID.fullmatch(query["lead_id"]) is None:
        raise bad_value("lead_id", "must be a UUID")
    return query.get("lead_id")


def _cursor(query: Mapping[str, str], sort_by: str) -> tuple[str, int] | None:
    if "cursor" not in query:
        return None
    text = query["cursor"]
    try:
        sorted_by, value, last = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise bad_value("cursor", "is damaged") from None
    if sorted_by != sort_by or not isinstance(value, str) or not isinstance(last, int):
        raise bad_value("cursor", "belongs to another list")
    try:
        damaged = sort_by == "update_time" and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        damaged = True
    if damaged:
        raise bad_value("cursor", "is damaged")
    return value, last
