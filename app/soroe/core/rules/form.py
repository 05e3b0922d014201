"""The form a meeting takes on each side: what a dialect changes on the way is form, not content (S-8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soroe.core.dialect import Dialect, RecurrenceSupport
from soroe.core.event import UTC_ZONE, EventContent, Field, ShowAs, Timed, Visibility, When
from soroe.core.link import canonical

from .grid import on_grid
from .text import cut, plain, trimmed

TRIMMED = "trimmed"
CUT = "cut"
PLAIN_TEXT = "plain_text"
ROUNDED = "rounded"
ONE_DAY = "one_day"
GUESTS_CUT = "guests_cut"


@dataclass(frozen=True, slots=True)
class Alteration:
    """A field that the CRM holds in a poorer form. `before` and `after` are characters, minutes, days or guests."""

    rule: str
    field: Field
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Form:
    """Content as one side can hold it, and what was lost on the way."""

    content: EventContent
    alterations: tuple[Alteration, ...] = ()


def to_crm(content: EventContent, dialect: Dialect) -> Form:
    """The content as the CRM can hold it. Applying it twice changes nothing more."""
    lost: list[Alteration] = []
    title = _text(content.title, dialect.title_limit, Field.TITLE, lost) or dialect.empty_title
    described = plain(content.description)
    if described != content.description:
        lost.append(Alteration(PLAIN_TEXT, Field.DESCRIPTION, len(content.description), len(described)))
    form = replace(
        content,
        title=title,
        when=on_grid(content.when, dialect),
        description=_text(described, dialect.description_limit, Field.DESCRIPTION, lost),
        location=_text(content.location, dialect.location_limit, Field.LOCATION, lost),
        show_as=content.show_as if content.show_as in dialect.show_as else ShowAs.BUSY,
        visibility=content.visibility if dialect.privacy_flag else Visibility.NORMAL,
        guests=tuple(sorted(content.guests))[: dialect.guest_limit] if dialect.guests else (),
        recurrence=content.recurrence if dialect.recurrence is RecurrenceSupport.NATIVE else None,
    )
    lost.extend(_lost_elsewhere(content, form, dialect))
    return Form(form, tuple(lost))


def known_by(content: EventContent, dialect: Dialect) -> tuple[str, When]:
    """Title and time as the CRM holds them: all that matching looks at, without forming the rest."""
    return cut(trimmed(content.title), dialect.title_limit) or dialect.empty_title, on_grid(content.when, dialect)


def to_calendar(content: EventContent, zone: str, existing: EventContent | None) -> EventContent:
    """The CRM's content as the calendar takes it, told in the zone the event has, or in the user's own.

    Only times of single events are moved to another zone; the instants stay. A series keeps its wall clock.
    """
    when = content.when
    if isinstance(when, Timed) and content.recurrence is None:
        if existing is not None and isinstance(existing.when, Timed):
            when = when.within(existing.when.zone)
        elif when.zone in {UTC_ZONE, "UTC"}:
            when = when.within(zone)
    return replace(content, when=when, title=trimmed(content.title))


def same(one: EventContent, other: EventContent, name: Field) -> bool:
    """Whether a field means the same in two contents; what one of them cannot say is no difference."""
    if name is Field.GUESTS_MAY_CHANGE and (one.guests_may_change is None or other.guests_may_change is None):
        return True
    return canonical(one, name) == canonical(other, name)


def _text(text: str, limit: int | None, name: Field, lost: list[Alteration]) -> str:
    bare = trimmed(text)
    if bare != text:
        lost.append(Alteration(TRIMMED, name, len(text), len(bare)))
    short = cut(bare, limit)
    if short != bare:
        lost.append(Alteration(CUT, name, len(bare), len(short)))
    return short


def _lost_elsewhere(content: EventContent, form: EventContent, dialect: Dialect) -> list[Alteration]:
    lost: list[Alteration] = []
    if canonical(replace(content, recurrence=None), Field.WHEN) != canonical(
        replace(form, recurrence=None), Field.WHEN
    ):
        if isinstance(content.when, Timed):
            lost.append(Alteration(ROUNDED, Field.WHEN, 1, dialect.grid_minutes))
        else:
            lost.append(Alteration(ONE_DAY, Field.WHEN, (content.when.end - content.when.start).days, 1))
    if dialect.guests and len(form.guests) < len(content.guests):
        lost.append(Alteration(GUESTS_CUT, Field.GUESTS, len(content.guests), len(form.guests)))
    return lost
