"""How long a sync can be paused for."""

from __future__ import annotations

from datetime import datetime, timedelta

from .told import Told

PAUSES = ("hour", "tomorrow", "resumed")
"""The choices, as they end the ids of their names: `tray.pause.<choice>`."""


def pause_until(how_long: str, told: Told) -> datetime | None:
    """The end of a pause (UTC): in an "hour", "tomorrow" at midnight here, None until it is "resumed"."""
    if how_long == "hour":
        return told.now + timedelta(hours=1)
    if how_long == "tomorrow":
        local = told.now.astimezone(told.zone)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight.astimezone(told.now.tzinfo)
    return None
