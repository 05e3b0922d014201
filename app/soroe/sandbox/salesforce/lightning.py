"""The pattern text of Lightning event series: the part of RFC 5545 that the service takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from soroe.sandbox.salesforce.refusals import integrity

_ORDER = ("FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST", "BYSETPOS", "INTERVAL", "UNTIL", "COUNT")
_SHOWN = timedelta(days=365)
_FIELD = "Recurrence2PatternText"


def formatted(text: str) -> str:
    """The pattern in the service's own order, with its defaults; raises what is refused."""
    parts = dict(part.split("=", 1) for part in text.strip().removeprefix("RRULE:").split(";") if "=" in part)
    unknown = sorted(set(parts) - set(_ORDER))
    if unknown or parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise integrity(f"The recurrence pattern is not supported: {text}", _FIELD)
    if "UNTIL" in parts and "COUNT" in parts:
        raise integrity("The recurrence pattern can't contain both UNTIL and COUNT", _FIELD)
    if parts["FREQ"] == "WEEKLY" and "BYDAY" not in parts:
        raise integrity("The recurrence pattern needs BYDAY", _FIELD)
    parts.setdefault("INTERVAL", "1")
    if parts["FREQ"] == "YEARLY" and parts["INTERVAL"] != "1":
        raise integrity("A yearly recurrence pattern has the interval 1", _FIELD)
    return "RRULE:" + ";".join(f"{name}={parts[name]}" for name in _ORDER if name in parts)


def starts(text: str, first: datetime, zone: str) -> list[datetime]:
    """When the occurrences start, in UTC: those of a year when the pattern has no end."""
    local = first.astimezone(ZoneInfo(zone))
    try:
        rule = rrulestr(text, dtstart=local)
    except ValueError as error:
        raise integrity(f"The recurrence pattern is not supported: {error}", _FIELD) from None
    ended = "UNTIL" in text or "COUNT" in text
    found = (start.astimezone(UTC) for start in islice(rule, 999))
    return [start for start in found if ended or start <= first + _SHOWN]
