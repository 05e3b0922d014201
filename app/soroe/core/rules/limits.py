"""What a CRM's rules keep out as a whole: limits that an item keeps or does not."""

from __future__ import annotations

from dataclasses import dataclass

from soroe.core.dialect import Dialect, RecurrenceSupport
from soroe.core.event import EventContent, Field
from soroe.core.plan import Why

from .grid import length


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a CRM does not take an item: the rule behind it, the fields it is about, and the numbers for the wording."""

    why: Why
    rule: str
    fields: frozenset[Field]
    numbers: tuple[tuple[str, int], ...] = ()


def refusal(content: EventContent, dialect: Dialect) -> Refusal | None:
    """Why this CRM does not take such an item; None where it does."""
    if content.recurrence is not None and dialect.recurrence is RecurrenceSupport.NONE:
        return Refusal(Why.NO_SERIES, dialect.rule(Why.NO_SERIES, "ESM-I5"), frozenset({Field.RECURRENCE}))
    longest = dialect.longest_minutes
    if longest is not None and length(content.when).total_seconds() > 60 * longest:
        return Refusal(
            Why.TOO_LONG, dialect.rule(Why.TOO_LONG, "SF-7"), frozenset({Field.WHEN}), (("minutes", longest),)
        )
    return None
