"""The time grid of a CRM: which starts, ends and lengths it can hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from soroe.core.dialect import Dialect
from soroe.core.event import UTC_ZONE, AllDay, Timed, When


def on_grid(when: When, dialect: Dialect) -> When:
    """The time as the CRM holds it: floored to its grid (ESM-I9), no shorter than it allows (ESM-I10), its own days."""
    if isinstance(when, AllDay):
        one_day = when.start + timedelta(days=1)
        return AllDay(when.start, when.end if dialect.all_day_span else one_day)
    start, end = floor(when.start, dialect.grid_minutes), floor(when.end, dialect.grid_minutes)
    shortest = start + timedelta(minutes=dialect.shortest_minutes)
    placed = Timed(start, max(end, shortest), when.zone)
    return placed if dialect.keeps_zones else placed.within(UTC_ZONE)


def floor(moment: datetime, grid_minutes: int) -> datetime:
    """The moment on or before, on a grid of so many minutes; a grid of one keeps the seconds."""
    if grid_minutes <= 1:
        return moment
    return moment.replace(minute=moment.minute - moment.minute % grid_minutes, second=0, microsecond=0)


def length(when: When) -> timedelta:
    """How long it takes; days count 24 hours."""
    if isinstance(when, AllDay):
        return when.end - when.start
    return when.end_utc - when.start_utc
