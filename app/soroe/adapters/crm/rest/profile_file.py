"""Reads a profile file and refuses what cannot work, naming the file and the key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from .profile import FieldMap, Profile
from .profile_requests import CursorChanges, CursorPaging, SinceChanges
from .table import ProfileInvalid, build

_TEXTS = {
    "At": r"[^.\s]+(\.[^.\s]+)*",
    "Header": r"[A-Za-z0-9-]+",
    "Target": r"[^/?#\s][^?#\s]*",
    "Moment": r"rfc3339|rfc3339-seconds|local|date|epoch-seconds|epoch-milliseconds|.*%[A-Za-z].*",
}
_LARGEST_FILE = 256 * 1024


def load_profile(path: Path) -> Profile:
    """The profile in this file; raises `ProfileInvalid` naming file and key, `OSError` when it cannot be read."""
    if path.stat().st_size > _LARGEST_FILE:
        raise ProfileInvalid("", "is too large for a profile", str(path))
    try:
        return parse_profile(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ProfileInvalid("", "is not UTF-8 text", str(path)) from error


def parse_profile(text: str, file: str = "") -> Profile:
    """The profile in this TOML text; raises `ProfileInvalid`, with the line where the text is not TOML."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid("", str(error), file) from error
    try:
        profile: Profile = build(Profile, table, options=_TEXTS)
        _check(profile)
    except ProfileInvalid as error:
        raise ProfileInvalid(error.key, error.problem, file) from error
    return profile


def _check(profile: Profile) -> None:
    """What the types cannot say: which keys need, or exclude, which others."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", profile.name):
        raise ProfileInvalid("name", "may hold small letters, digits and hyphens")
    for method in profile.auth.methods:
        if getattr(profile.auth, method) is None:
            raise ProfileInvalid(f"auth.{method}", "is missing, although auth.methods names it")
    if not profile.auth.methods:
        raise ProfileInvalid("auth.methods", "names no way to sign in")
    _check_reading(profile)
    _check_times(profile)
    _check_guests(profile)
    _check_types(profile)
    for part in fields(profile.fields):
        _check_field(f"fields.{part.name}", getattr(profile.fields, part.name))
    if profile.fields.id.at is None:
        raise ProfileInvalid("fields.id.at", "is missing")
    if not profile.errors:
        raise ProfileInvalid("errors", "needs one rule at least")
    for at, rule in enumerate(profile.errors):
        if rule.status is None and rule.code is None and rule.text is None:
            raise ProfileInvalid(f"errors.{at}", "needs a status, a code or a text")


def _check_reading(profile: Profile) -> None:
    if isinstance(profile.changes, CursorChanges) and not isinstance(profile.paging, CursorPaging):
        raise ProfileInvalid("changes.kind", "cursor needs paging.kind = cursor")
    since = profile.changes.since if isinstance(profile.changes, CursorChanges | SinceChanges) else None
    if since is not None and since.parameter is None and "{since}" not in repr(profile.operations.list.json):
        raise ProfileInvalid("changes.since.parameter", "is missing, and operations.list.json holds no {since}")
    overlap = since.overlap_seconds if since is not None else None
    deletions, batch, pace = profile.deletions, profile.batch, profile.pace
    for key, value, least, most in (
        ("paging.size", getattr(profile.paging, "size", None), 1, 5_000),
        ("changes.since.overlap_seconds", overlap, 0, 3_600),
        ("deletions.sweep_hours", getattr(deletions, "sweep_hours", None), 1, 168),
        ("batch.max_operations", getattr(batch, "max_operations", None), 1, 1_000),
        ("batch.max_bytes", getattr(batch, "max_bytes", None), 1_024, 1 << 30),
        ("pace.parallel", pace.parallel, 1, 16),
        ("pace.requests_per_minute", pace.requests_per_minute, 1, 1_000_000),
        ("pace.requests_per_day", pace.requests_per_day, 1, 1_000_000_000),
    ):
        if value is not None and not least <= value <= most:
            raise ProfileInvalid(key, f"must lie between {least} and {most}")


def _check_times(profile: Profile) -> None:
    times = profile.times
    if times.zone == "header" and times.zone_header is None:
        raise ProfileInvalid("times.zone_header", "is missing, although times.zone is header")
    if times.zone == "field" and times.timed.start_zone_at is None:
        raise ProfileInvalid("times.timed.start_zone_at", "is missing, although times.zone is field")
    if (times.timed.end_at is None) == (times.timed.duration_at is None):
        raise ProfileInvalid("times.timed", "needs either end_at or duration_at")
    if times.timed.duration_at is not None and times.timed.duration is None:
        raise ProfileInvalid("times.timed.duration", "is missing")
    if (times.timed.start_date_at is None) != (times.timed.date_format is None):
        raise ProfileInvalid("times.timed.date_format", "belongs together with start_date_at")


def _check_guests(profile: Profile) -> None:
    guests = profile.guests
    if guests is None:
        return
    if (guests.email is None) == (guests.employee is None):
        raise ProfileInvalid("guests", "needs either email or employee")
    if guests.employee is not None and profile.operations.users is None:
        raise ProfileInvalid("operations.users", "is missing, although guests.employee needs the list of employees")
    if guests.employee is not None and profile.user.calendar_email is None:
        raise ProfileInvalid(
            "user.calendar_email", "is missing, although guests.employee needs the employees' addresses"
        )


def _check_types(profile: Profile) -> None:
    words = profile.activity_types
    if words.by_name and (profile.operations.activity_types is None or words.key is None or words.name is None):
        raise ProfileInvalid("activity_types.by_name", "needs operations.activity_types, and the list's key and name")


def _check_field(key: str, field: FieldMap | None) -> None:
    if field is None:
        return
    if (field.at is None) == (not field.parts):
        raise ProfileInvalid(key, "needs either at or parts")
    if len(set(map(repr, field.values.values()))) != len(field.values):
        raise ProfileInvalid(f"{key}.values", "names one of theirs twice")
