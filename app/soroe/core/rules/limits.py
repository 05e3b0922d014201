"""What a CRM's rules keep out as a whole: limits that an item keeps or does not."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.dialect import Dialect, RecurrenceSupport
from soroe.core.event import EventContent, Field
from soroe.core.plan import Why

from .grid import length
from .recurrence_limits import refused as refused_series

RULES_OF_SERIES = {
    Why.SERIES_TOO_LONG: "SF-8",
    Why.SERIES_TOO_RARE: "SF-9",
    Why.SERIES_ENDS_FIRST: "SF-13",
    Why.PAST_OCCURRENCE: "SF-15",
    Why.NO_SERIES: "SF-2",
}
"""The rules that keep a series, or a change of it, out of a CRM that takes series within limits."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a CRM does not take an item: the rule behind it, the fields it is about, and the numbers for the wording."""

    why: Why
    rule: str
    fields: frozenset[Field]
    numbers: tuple[tuple[str, int], ...] = ()


def refusal(content: EventContent, dialect: Dialect) -> Refusal | None:
    """Why this CRM does not take such an item; None where it does."""
    if content.recurrence is not None:
        if dialect.recurrence is RecurrenceSupport.NONE:
            return Refusal(Why.NO_SERIES, dialect.rule(Why.NO_SERIES, "ESM-I5"), frozenset({Field.RECURRENCE}))
        series = refused_series(content, dialect)
        if series is not None:
            return Refusal(series, RULES_OF_SERIES[series], frozenset({Field.WHEN, Field.RECURRENCE}))
    longest = dialect.longest_minutes
    if longest is not None and length(content.when).total_seconds() > 60 * longest:
        return Refusal(
            Why.TOO_LONG, dialect.rule(Why.TOO_LONG, "SF-7"), frozenset({Field.WHEN}), (("minutes", longest),)
        )
    return None
