"""Reads request bodies strictly: unknown members, wrong types and impossible values are refused by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.crm.activity import Content, Day, Guest, Moment, Time, content_json
from soroe.sandbox.crm.problems import Problem, invalid
from soroe.sandbox.crm.recurrence import check_recurrence, zone_is_known

SHOW_AS = ("busy", "free", "out_of_office", "tentative")
RESPONSES = ("needs_action", "accepted", "declined", "tentative")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
PRINTABLE = re.compile(r"[!-~]{1,255}")

_TEXTS = frozenset({"external_id", "type", "subject", "description", "location", "show_as"})
_WRITABLE = _TEXTS | {"start", "end", "private", "guests", "recurrence", "done"}
_CREATE_ONLY = frozenset({"series_id", "original_start"})
_READ_ONLY = frozenset(
    {"id", "etag", "owner_id", "organizer", "read_only", "read_only_cause", "related", "created_at", "updated_at"}
)
_CAN_BE_TAKEN_AWAY = frozenset({"external_id", "description", "location"})
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class NewActivity:
    content: Content
    series_id: str | None = None
    original_start: Time | None = None


def members(value: object, allowed: Collection[str], field: str = "") -> Mapping[str, Any]:
    """Returns `value` as a JSON object with no other members than `allowed`."""
    if not isinstance(value, dict):
        raise invalid(field or "body", "A JSON object is needed.")
    for name in value:
        if name not in allowed:
            raise Problem(422, "unknown_field", f"There is no member {name!r} here.", dotted(field, name))
    return value


def dotted(prefix: str, name: str | int) -> str:
    return f"{prefix}.{name}" if prefix else str(name)


def new_activity(body: object, types: Collection[str]) -> NewActivity:
    """Reads the body of a create; `types` are the keys of the active activity types."""
    fields = members(body, _WRITABLE | _CREATE_ONLY | _READ_ONLY)
    _refuse(fields, _READ_ONLY)
    content = parse_content({k: v for k, v in fields.items() if k in _WRITABLE}, types)
    if ("series_id" in fields) != ("original_start" in fields):
        missing = "original_start" if "series_id" in fields else "series_id"
        raise invalid(missing, "An occurrence needs both series_id and original_start.")
    if "series_id" not in fields:
        return NewActivity(content)
    if content.recurrence:
        raise invalid("recurrence", "An occurrence of a series cannot be a series itself.")
    series_id = text(fields["series_id"], "series_id", 1, 64)
    return NewActivity(content, series_id, _time(fields["original_start"], "original_start"))


def patched(current: Content, patch: object, types: Collection[str]) -> Content:
    """Applies a JSON merge patch (RFC 7396) to the writable members and checks the outcome as a whole."""
    fields = members(patch, _WRITABLE | _CREATE_ONLY | _READ_ONLY)
    _refuse(fields, _READ_ONLY | _CREATE_ONLY)
    for name, value in fields.items():
        if value is None and name not in _CAN_BE_TAKEN_AWAY:
            raise invalid(name, "This member cannot be null.")
    merged = content_json(current)
    for name, value in fields.items():
        if name in ("start", "end"):
            change = members(value, ("date", "date_time", "time_zone"), name)
            merged[name] = {k: v for k, v in {**merged[name], **change}.items() if v is not None}
        else:
            merged[name] = value
    known = {k: v for k, v in merged.items() if v is not None}
    return parse_content(known, {*types, current.type})


def _refuse(fields: Mapping[str, Any], names: Collection[str]) -> None:
    for name in fields:
        if name in names:
            raise Problem(422, "read_only_field", f"{name} cannot be written.", name)


def parse_content(fields: Mapping[str, Any], types: Collection[str]) -> Content:
    """Reads the writable members; absent ones have the contract's defaults."""
    for name in ("type", "subject", "start", "end"):
        if name not in fields:
            raise invalid(name, f"{name} is missing.")
    kind = text(fields["type"], "type", 1, 64)
    if kind not in types:
        raise invalid("type", f"There is no active activity type {kind!r}.")
    start, end = _time(fields["start"], "start"), _time(fields["end"], "end")
    _check_order(start, end)
    recurrence = _lines(fields.get("recurrence", []))
    check_recurrence(recurrence, start)
    external_id = fields.get("external_id")
    if "external_id" in fields:
        external_id = stamp(external_id)
    return Content(
        type=kind,
        subject=_subject(fields["subject"]),
        start=start,
        end=end,
        description=text(fields.get("description", ""), "description", 0, 32000),
        location=text(fields.get("location", ""), "location", 0, 1000),
        show_as=choice(fields.get("show_as", "busy"), "show_as", SHOW_AS),
        private=yes_or_no(fields.get("private", False), "private"),
        guests=_guests(fields.get("guests", [])),
        recurrence=recurrence,
        done=yes_or_no(fields.get("done", False), "done"),
        external_id=external_id,
    )


def text(value: object, field: str, shortest: int, longest: int) -> str:
    if not isinstance(value, str):
        raise invalid(field, "A text is needed.")
    if not shortest <= len(value) <= longest:
        raise invalid(field, f"The text has {len(value)} characters; {shortest} to {longest} are possible.")
    if "\x00" in value:
        raise invalid(field, "The text holds a null character.")
    return value


def choice(value: object, field: str, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise invalid(field, f"One of {', '.join(choices)} is needed.")
    return value


def yes_or_no(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(field, "true or false is needed.")
    return value


def stamp(value: object) -> str:
    if not isinstance(value, str) or PRINTABLE.fullmatch(value) is None:
        raise invalid("external_id", "1 to 255 printable ASCII characters without spaces are needed.")
    return value


def read_instant(value: str, field: str) -> datetime:
    """Reads an RFC 3339 instant, which is told in UTC."""
    if _INSTANT.fullmatch(value) is None:
        raise invalid(field, "An RFC 3339 time in UTC is needed, with Z.")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(field, "This time does not exist.") from None


def _subject(value: object) -> str:
    subject = text(value, "subject", 1, 255)
    if not subject.strip():
        raise invalid("subject", "The subject is empty.")
    if "\n" in subject or "\r" in subject:
        raise invalid("subject", "The subject is one line.")
    return subject


def _time(value: object, field: str) -> Time:
    given = members(value, ("date", "date_time", "time_zone"), field)
    known = {name: part for name, part in given.items() if part is not None}
    if set(known) == {"date"}:
        return Day(_day(known["date"], dotted(field, "date")))
    if set(known) != {"date_time", "time_zone"}:
        raise invalid(field, "Either date, or date_time with time_zone, is needed.")
    zone = text(known["time_zone"], dotted(field, "time_zone"), 1, 64)
    if not zone_is_known(zone):
        raise invalid(dotted(field, "time_zone"), f"There is no time zone {zone!r}.")
    local, name = known["date_time"], dotted(field, "date_time")
    if not isinstance(local, str) or _LOCAL.fullmatch(local) is None:
        raise invalid(name, "A local time such as 2026-05-01T10:00:00 is needed, without an offset.")
    try:
        return Moment(datetime.fromisoformat(local), zone)
    except ValueError:
        raise invalid(name, "This time does not exist.") from None


def _day(value: object, field: str) -> date:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise invalid(field, "A date such as 2026-05-01 is needed.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise invalid(field, "This date does not exist.") from None


def _check_order(start: Time, end: Time) -> None:
    match start, end:
        case Day(first), Day(after):
            if after <= first:
                raise invalid("end", "The end of an all-day activity is the day after its last day.")
        case Moment(), Moment():
            if _utc(end) < _utc(start):
                raise invalid("end", "The end lies before the start.")
        case _:
            raise invalid("end", "start and end have to be both dates or both times.")


def _utc(moment: Moment) -> datetime:
    return moment.local.replace(tzinfo=ZoneInfo(moment.zone)).astimezone(UTC)


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 50:
        raise invalid("recurrence", "A list of at most 50 lines is needed.")
    return tuple(text(line, f"recurrence.{place}", 1, 2000) for place, line in enumerate(value))


def _guests(value: object) -> tuple[Guest, ...]:
    if not isinstance(value, list) or len(value) > 200:
        raise invalid("guests", "A list of at most 200 guests is needed.")
    guests: list[Guest] = []
    seen: set[str] = set()
    for place, entry in enumerate(value):
        field = f"guests.{place}"
        given = members(entry, ("email", "name", "response"), field)
        email = text(given.get("email"), f"{field}.email", 3, 254)
        if _EMAIL.fullmatch(email) is None:
            raise invalid(f"{field}.email", "This is no mail address.")
        if email.casefold() in seen:
            raise invalid(f"{field}.email", "This guest is there already.")
        seen.add(email.casefold())
        name = text(given.get("name", ""), f"{field}.name", 0, 255)
        guests.append(Guest(email, name, choice(given.get("response", "needs_action"), f"{field}.response", RESPONSES)))
    return tuple(guests)
