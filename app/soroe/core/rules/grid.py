"""The time grid of a CRM: which starts, ends and lengths it can hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

from soroe.core.dialect import Dialect, LongAllDay
from soroe.core.event import UTC_ZONE, AllDay, Timed, When

_DAY = timedelta(days=1)
_MIDNIGHT = datetime.min.time()


def on_grid(when: When, dialect: Dialect, zone: str = UTC_ZONE) -> When:
    """The time of a single meeting as it is written to the CRM: on its grid, and in UTC where it keeps no zones."""
    placed = on_lines(when, dialect, zone)
    return placed if dialect.keeps_zones else in_utc(placed)


def on_lines(when: When, dialect: Dialect, zone: str) -> When:
    """The time on the CRM's grid, no shorter than it allows (ESM-I10), of its own days (ESM-I4), and in its own zone.

    `zone` is the user's own, in which a day begins. A CRM that keeps its grid by itself is written to the minute.
    """
    if isinstance(when, AllDay):
        if dialect.all_day_span or when.end - when.start <= _DAY:
            return when
        if dialect.long_all_day is LongAllDay.FIRST_DAY:
            return AllDay(when.start, when.start + _DAY)
        return _as_time(when, dialect, zone)
    if not dialect.own_grid and dialect.grid_minutes > 1:
        return _placed(when, dialect, dialect.grid_minutes)
    if dialect.shortest_minutes or when.start > when.end:
        return _placed(when, dialect, 1)
    return when


def in_utc(when: When) -> When:
    """The same instants told in UTC; days have no zone."""
    return when if isinstance(when, AllDay) else when.within(UTC_ZONE)


def rounded(when: When, dialect: Dialect) -> When:
    """A time of such a CRM as it is once somebody has edited the entry there: rounded down, never to nothing (ESM-I9).

    The very same object where there is nothing to round.
    """
    if not dialect.own_grid or isinstance(when, AllDay):
        return when
    return _in_zone(_placed(when, dialect, dialect.grid_minutes), dialect)


def rounded_to(when: When, dialect: Dialect) -> Iterator[When]:
    """The times that `rounded` makes this one of, to the minute."""
    if not dialect.own_grid or isinstance(when, AllDay):
        return
    steps = [timedelta(minutes=step) for step in range(dialect.grid_minutes)]
    shorter = [-step for step in steps[1:]]  # of a meeting shorter than the CRM allows, the end was put off
    for start, end in product(steps, (*steps, *shorter)):
        before = Timed(when.start + start, when.end + end, when.zone)
        if rounded(before, dialect) == when:
            yield before


def as_days(when: When, dialect: Dialect, zone: str) -> When:
    """The all-day event that this time was made of (see `LongAllDay`); any other time comes back as it is."""
    if dialect.long_all_day is not LongAllDay.AS_TIME or isinstance(when, AllDay):
        return when
    told = when.within(zone)
    if told.start.time() != _MIDNIGHT or told.end.date() <= told.start.date():
        return when
    days = AllDay(told.start.date(), told.end.date() + _DAY)
    return days if _as_time(days, dialect, zone) == told else when


def _as_time(when: AllDay, dialect: Dialect, zone: str) -> Timed:
    last = datetime.combine(when.end, _MIDNIGHT) - timedelta(minutes=dialect.grid_minutes)
    return Timed(datetime.combine(when.start, _MIDNIGHT), last, zone)


def _placed(when: Timed, dialect: Dialect, grid_minutes: int) -> Timed:
    if grid_minutes <= 1 and not dialect.shortest_minutes and when.start <= when.end:
        return when
    start, end = floor(when.start, grid_minutes), floor(when.end, grid_minutes)
    return Timed(start, max(end, start + timedelta(minutes=dialect.shortest_minutes)), when.zone)


def _in_zone(when: Timed, dialect: Dialect) -> Timed:
    return when if dialect.keeps_zones else when.within(UTC_ZONE)


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
