"""Times as texts and numbers, in the forms that a profile names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from soroe.adapters.crm.documents import EARLIEST, LATEST, Malformed, checked_year, wall_time
from soroe.adapters.net.exchange import Json
from soroe.adapters.net.wall_text import wall_text
from soroe.core.event import UTC_ZONE, instant

LONGEST = 64
MomentReader = Callable[[Json, str], datetime]
"""Reads the time that was found at a path: aware where its form tells an offset, naive where not; else `Malformed`."""


def moment_reader(form: str) -> MomentReader:
    """The reader of times in this form: what the form asks for is settled once for all items of a CRM."""
    if form in {"rfc3339", "rfc3339-seconds", "local"}:
        return _reader_of_iso(form, naive=form == "local")

    def read(value: Json, field: str) -> datetime:
        try:
            found = _parse(value, form)
        except (ValueError, OverflowError, OSError, TypeError) as error:
            raise Malformed(field, f"is not a time ({form})") from error
        checked_year(found, field)
        return found

    return read


def _reader_of_iso(form: str, *, naive: bool) -> MomentReader:
    def read(value: Json, field: str) -> datetime:
        try:
            found = datetime.fromisoformat(value if len(value) <= LONGEST else "")
        except (ValueError, TypeError) as error:
            raise Malformed(field, f"is not a time ({form})") from error
        if (found.tzinfo is None) is not naive:
            raise Malformed(field, f"is not a time ({form})")
        if not EARLIEST <= found.year < LATEST:
            checked_year(found, field)
        return found

    return read


def read_moment(value: Json, form: str, field: str) -> datetime:
    """A time, aware where the form tells an offset and naive where it does not; `Malformed` otherwise."""
    return moment_reader(form)(value, field)


def read_date(value: Json, form: str, field: str) -> date:
    """A date; a time in the CRM's form gives its date."""
    if form != "date":
        return read_moment(value, form, field).date()
    try:
        found = date.fromisoformat(value if len(value) <= LONGEST else "")
    except (ValueError, TypeError) as error:
        raise Malformed(field, "is not a date") from error
    checked_year(found, field)
    return found


def as_instant(found: datetime, zone: str) -> datetime:
    """The UTC instant of a time that was read; one without an offset is meant in `zone`."""
    if found.tzinfo is UTC:
        return found
    return instant(found, zone) if found.tzinfo is None else found.astimezone(UTC)


def write_instant(at: datetime, form: str, zone: str = UTC_ZONE) -> str | int:
    """A UTC instant in a form; one without an offset is told in `zone`."""
    return write_moment(at if is_zoned(form) else at.astimezone(ZoneInfo(zone)), form)


def _parse(value: object, form: str) -> datetime:
    if form in {"epoch-seconds", "epoch-milliseconds"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("not a number")
        seconds = value if form == "epoch-seconds" else value / 1000
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError("not a text")
    if form == "date":
        return datetime.combine(date.fromisoformat(value), datetime.min.time())
    return wall_time(value, form)


def write_moment(moment: datetime, form: str) -> str | int:
    """A time in a form: naive wall-clock times for `local` and patterns, aware ones for the rest."""
    match form:
        case "rfc3339":
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case "rfc3339-seconds":
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "local":
            return _local(moment)
        case "date":
            return moment.date().isoformat()
        case "epoch-seconds":
            return int(moment.timestamp())
        case "epoch-milliseconds":
            return int(moment.timestamp() * 1000)
        case _:
            return moment.strftime(form)


def moment_writer(form: str) -> Callable[[datetime], str | int]:
    """`write_moment` for one form."""
    if form == "local":
        return _local
    return lambda moment: write_moment(moment, form)


def _local(moment: datetime) -> str:
    return wall_text(moment)


def write_date(day: date, form: str) -> str | int:
    """A date in a form."""
    return write_moment(datetime.combine(day, datetime.min.time(), UTC), form)


def is_zoned(form: str) -> bool:
    """Whether a time in this form is an instant by itself."""
    return form.startswith(("rfc3339", "epoch")) or "%z" in form
