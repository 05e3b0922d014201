"""The rows of Activities and the details beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from soroe.core.event import ContainerId, EventContent, ObservedItem
from soroe.core.plan import Why
from soroe.ports.reading import BothSides, Filters, MeetingRow, Whose
from soroe.ui.texts import (
    FieldPair,
    Standing,
    Texts,
    explanation,
    side_by_side,
    standing,
    standing_name,
    times,
    title_words,
)
from soroe.ui.texts.reasons import STANDINGS

from .told import Told

_JOINING = re.compile(
    r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"  # marks of the letter before them
    r"\u200d\ufe00-\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef]"  # parts of one symbol
)


@dataclass(frozen=True, slots=True)
class RowWords:
    """One row of the table, as words."""

    when: str
    title: str
    type: str
    where: str
    state: str
    standing: Standing
    private: bool
    joins: bool
    """Whether characters of it make one letter or symbol together; most rows can be drawn without looking for that."""


@dataclass(frozen=True, slots=True)
class MeetingDetails:
    """Both sides of a meeting beside each other, and why it stands as it does (S-9)."""

    title: str
    when: str
    standing: str
    tone: Standing
    why: str
    fields: tuple[FieldPair, ...]
    has_crm: bool
    has_calendar: bool


def row_words(row: MeetingRow, told: Told) -> RowWords:
    """The words of one row."""
    texts = told.texts
    of = standing(row.why)
    return RowWords(
        span(row.start, row.end, told, date_only=row.date_only),
        title_words(texts, row.title, private=row.private),
        row.activity_type or "",
        texts(f"side.{row.where.value}"),
        standing_name(texts, of),
        of,
        row.private,
        joins=_JOINING.search(row.title) is not None or _JOINING.search(row.activity_type or "") is not None,
    )


def span(start: datetime, end: datetime, told: Told, *, date_only: bool) -> str:
    """The time of a row: UTC in, the user's zone out; all-day entries keep their dates."""
    if not date_only:
        start, end = start.astimezone(told.zone), end.astimezone(told.zone)
    return times.span(told.texts, start, end, told.today, date_only=date_only)


def usual_spans(told: Told) -> list[str]:
    """Times as they stand in most rows, as long as they get: what the column has room for."""
    midnights = [datetime(told.today.year, 9, 20 + n, tzinfo=UTC) for n in range(7)]
    noons = [midnight.replace(hour=12, tzinfo=told.zone) for midnight in midnights]
    hours = [span(noon, noon + timedelta(hours=1), told, date_only=False) for noon in noons]
    return hours + [span(day, day + timedelta(days=2), told, date_only=True) for day in midnights]


def details(sides: BothSides, told: Told) -> MeetingDetails:
    """Both sides of a meeting as words."""
    crm, calendar = content_of(sides.crm), content_of(sides.calendar)
    shown = calendar or crm
    of = standing(sides.why)
    return MeetingDetails(
        title_words(told.texts, shown.title, private=hides_details(sides)) if shown else "",
        times.when(told.texts, shown.when, told.now, told.zone) if shown else "",
        standing_name(told.texts, of),
        of,
        explanation(told.texts, sides.why),
        side_by_side(told.texts, crm, calendar, told.now, told.zone),
        crm is not None,
        calendar is not None,
    )


def content_of(item: ObservedItem | None) -> EventContent | None:
    """The content, if there is an item."""
    return item.content if item else None


def hides_details(sides: BothSides) -> bool:
    """Whether the calendar itself shows nothing but that the time is taken."""
    return sides.calendar is not None and sides.calendar.details_hidden


def whys_of(standing: Standing) -> frozenset[Why]:
    """The reasons that come to a standing, for the filter."""
    return frozenset(why for why, of in STANDINGS.items() if of is standing)


EVERYBODY, MINE = "", "mine"


def whose_offers(colleagues: Sequence[tuple[ContainerId, str]], texts: Texts) -> tuple[tuple[str, str], ...]:
    """The choices of the owner filter as key and name; none where there is only one owner (PD-1)."""
    if not colleagues:
        return ()
    of = ((f"of:{calendar}", texts("activities.filter.whose.of", name=name)) for calendar, name in colleagues)
    return ((MINE, texts("activities.filter.whose.mine")), *of)


def whose(key: str, colleagues: Sequence[tuple[ContainerId, str]]) -> Whose | None:
    """The filter that a choice stands for."""
    if key == EVERYBODY:
        return None
    all_of_theirs = frozenset(calendar for calendar, _ in colleagues)
    return Whose(all_of_theirs, inside=False) if key == MINE else Whose(frozenset({ContainerId(key[3:])}), inside=True)


def is_filtered(filters: Filters) -> bool:
    """Whether any filter is set."""
    return filters != Filters()


def footer(total: int, hidden: int, told: Told) -> tuple[str, str]:
    """“12,000 meetings” and “37 hidden by filters”, the second one empty when nothing is hidden (PD-1)."""
    texts = told.texts
    return texts.count("activities.total", total), texts("activities.hidden", n=texts.number(hidden)) if hidden else ""
