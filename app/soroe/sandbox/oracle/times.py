"""Times as the REST guide writes them: a literal Z, and the wall clock of the user's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from soroe.sandbox.oracle.refusals import bad_value

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def told(at: datetime, zone: tzinfo) -> str:
    """The time in `zone`, in whole seconds, with the Z that the guide shows whatever the zone is."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}Z"


def understood(text: str, zone: tzinfo, field: str) -> datetime:
    """The UTC instant that a caller in `zone` means by it; raises 400 naming the field."""
    if _TIME.fullmatch(text) is None:
        raise bad_value(field, "must be yyyy-MM-dd'T'HH:mm:ss'Z'")
    try:
        wall = datetime.fromisoformat(text[:-1])
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_value(field, "is no time of the calendar") from None
