"""Sync tokens: opaque to a program, bound to one calendar and to the parameters of the listing they came from."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from soroe.sandbox.google.errors import bad_request, full_sync_required, invalid
from soroe.sandbox.google.model import Calendar
from soroe.sandbox.google.query import ListQuery


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """What a sync token stands for: everything up to `version` has been told, within the first listing's window."""

    version: int
    low: datetime | None
    high: datetime | None


def write_token(calendar: Calendar, generation: int, query: ListQuery, point: SyncPoint) -> str:
    content = [
        calendar.id,
        generation,
        calendar.generation,
        query.must_stay_equal(),
        point.version,
        point.low.isoformat() if point.low else None,
        point.high.isoformat() if point.high else None,
    ]
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def read_token(calendar: Calendar, generation: int, query: ListQuery) -> SyncPoint:
    """Returns where the token stands; 410 when it no longer counts, 400 when the parameters differ from the first ones.

    The documents call differing parameters undefined behaviour; the sandbox refuses them so that a mistake shows.
    """
    try:
        content = json.loads(base64.urlsafe_b64decode(query.sync_token or ""))
        owner, of_all, of_calendar, parameters, version, low, high = content
    except (ValueError, TypeError, binascii.Error):
        raise invalid("Invalid sync token value.", "syncToken") from None
    if owner != calendar.id or of_all != generation or of_calendar != calendar.generation:
        raise full_sync_required()
    if parameters != query.must_stay_equal():
        raise bad_request("The parameters differ from those of the request the sync token came from.", "syncToken")
    return SyncPoint(
        version, datetime.fromisoformat(low) if low else None, datetime.fromisoformat(high) if high else None
    )
