"""The form a meeting takes on each side: what a dialect changes on the way is form, not content (S-8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soroe.core.dialect import Dialect, LongAllDay, RecurrenceSupport
from soroe.core.event import (
    UTC_ZONE,
    EventContent,
    Field,
    Guest,
    ObservedItem,
    Recurrence,
    ShowAs,
    Timed,
    Visibility,
    When,
)
from soroe.core.link import Fingerprint, same_text, same_time

from .grid import as_days, in_utc, on_grid, on_lines, rounded
from .guests import guests_for, invited
from .place import place_of
from .recurrence_limits import cut as cut_series
from .recurrence_limits import most_occurrences
from .text import cut, plain
from .title import split_tail, tail_of, with_tail

TRIMMED = "trimmed"
CUT = "cut"
PLAIN_TEXT = "plain_text"
ROUNDED = "rounded"
LENGTHENED = "lengthened"
ONE_DAY = "one_day"
AS_TIME = "as_time"
GUESTS_CUT = "guests_cut"
SERIES_CUT = "series_cut"
ENDLESS_CUT = "endless_cut"


@dataclass(frozen=True, slots=True)
class Alteration:
    """A field that the CRM holds in a poorer form.

    `before` and `after` are characters, minutes, days, guests or occurrences; a series without end has 0 before.
    """

    cause: str
    field: Field
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Form:
    """Content as one side can hold it, and what was lost on the way."""

    content: EventContent
    alterations: tuple[Alteration, ...] = ()


def shown(item: ObservedItem, dialect: Dialect) -> EventContent:
    """An activity as the calendar shows it: with what stands behind its subject, and its building.

    The very content of the item where nothing is added.
    """
    if item.particulars is None and dialect.title_tail is None:
        return item.content
    content, tail = item.content, tail_of(item, dialect)
    building = item.particulars.building.strip() if item.particulars is not None else ""
    if not tail and not building:
        return content
    title = with_tail(content.title, tail) if tail else content.title
    return replace(content, title=title, location=place_of(content.location, building))


def told(item: ObservedItem, dialect: Dialect, before: Fingerprint | None = None) -> Fingerprint:
    """The fingerprint of an activity as the calendar shows it; `before` is what it is to be compared with, which may
    come from a program that did not yet tell the subject apart from what stands behind it."""
    taken = Fingerprint.of(shown(item, dialect))
    if dialect.title_tail is None or (before is not None and before.part(Field.TITLE) == taken.part(Field.TITLE)):
        return taken
    return taken.titled(item.content.title)


def to_crm(content: EventContent, dialect: Dialect, zone: str = UTC_ZONE) -> Form:
    """The content as the CRM can hold it; `zone` is the user's own. Applying it twice changes nothing more.

    The very same object where the CRM holds it as it is, as it does most meetings.
    """
    lost: list[Alteration] = []
    title = _text(content.title, dialect.title_limit, Field.TITLE, lost) or dialect.empty_title
    described = plain(content.description)
    if described != content.description:
        lost.append(Alteration(PLAIN_TEXT, Field.DESCRIPTION, len(content.description), len(described)))
    series = _series(content, dialect, lost) if content.recurrence is not None else None
    description = _text(described, dialect.description_limit, Field.DESCRIPTION, lost)
    location = _text(content.location, dialect.location_limit, Field.LOCATION, lost)
    placed = on_lines(content.when, dialect, zone)
    # What repeats keeps its zone everywhere: its wall clock goes with daylight saving.
    when = placed if dialect.keeps_zones or series is not None else in_utc(placed)
    show_as = content.show_as if content.show_as in dialect.show_as else ShowAs.BUSY
    visibility = content.visibility if dialect.privacy_flag else Visibility.NORMAL
    guests = guests_for(content.guests, series, dialect) if content.guests else ()
    form = content
    if (
        title is not content.title
        or when is not content.when
        or description is not content.description
        or location is not content.location
        or show_as is not content.show_as
        or visibility is not content.visibility
        or guests is not content.guests
        or series is not content.recurrence
    ):
        form = EventContent(
            title, when, description, location, show_as, visibility, guests, series, content.guests_may_change
        )
    if placed is not content.when or content.guests:
        lost.extend(_lost_elsewhere(content, placed, form.guests, dialect))
    return Form(form, tuple(lost))


def _series(content: EventContent, dialect: Dialect, lost: list[Alteration]) -> Recurrence | None:
    if dialect.recurrence is not RecurrenceSupport.NATIVE:
        return None
    if content.recurrence is None or dialect.series is None:
        return content.recurrence
    short, before = cut_series(content, dialect)
    if short.recurrence != content.recurrence:
        most = most_occurrences(content.recurrence, dialect.series)
        lost.append(Alteration(SERIES_CUT if before else ENDLESS_CUT, Field.RECURRENCE, before, most))
    return short.recurrence


def known_by(content: EventContent, dialect: Dialect, zone: str = UTC_ZONE) -> tuple[str, When]:
    """Title and time of a calendar's event as the CRM holds them: all that matching looks at."""
    title, limit = split_tail(content.title, content.location, dialect)[0], dialect.title_limit
    if limit is not None and len(title) > limit:
        title = cut(title, limit)
    return title or dialect.empty_title, on_grid(content.when, dialect, zone)


def to_calendar(content: EventContent, dialect: Dialect, zone: str, existing: EventContent | None) -> EventContent:
    """The CRM's content, as it is shown, as the calendar takes it: in the zone the event has, or in the user's own.

    Only times of single events are moved to another zone; the instants stay. A series keeps its wall clock. An all-day
    event that the CRM holds as a time stays all-day (ESM-I4).
    """
    when = content.when
    if isinstance(when, Timed) and content.recurrence is None:
        if existing is None:
            when = when.within(zone) if when.zone in {UTC_ZONE, "UTC"} else when
        elif isinstance(existing.when, Timed):
            when = when.within(existing.when.zone)
        else:
            when = _in_days(when, dialect, zone)
    title = content.title.strip()
    if when is content.when and title == content.title:
        return content
    return replace(content, when=when, title=title)


def _in_days(when: Timed, dialect: Dialect, zone: str) -> When:
    days = as_days(when, dialect, zone)
    if isinstance(days, Timed) and when.zone in {UTC_ZONE, "UTC"}:
        return when.within(zone)
    return days


def same(one: EventContent, other: EventContent, name: Field) -> bool:
    """Whether a field means the same in two contents; what one of them cannot say is no difference."""
    if one is other:
        return True
    if name is Field.GUESTS_MAY_CHANGE and (one.guests_may_change is None or other.guests_may_change is None):
        return True
    return same_text(one, other, name)


def same_when_rounded(form: EventContent, crm: EventContent, dialect: Dialect) -> bool:
    """Whether the CRM shows this very time, rounded down by itself: that is no change by a person (ESM-I9)."""
    return dialect.own_grid and same_time(rounded(form.when, dialect), crm.when)


def _text(text: str, limit: int | None, name: Field, lost: list[Alteration]) -> str:
    if not text:
        return ""
    bare = text.strip()  # white space and line breaks at its ends are no part of a text (SF-1)
    if bare != text:
        lost.append(Alteration(TRIMMED, name, len(text), len(bare)))
    if limit is None or len(bare) <= limit:
        return bare
    short = cut(bare, limit)
    lost.append(Alteration(CUT, name, len(bare), len(short)))
    return short


def _lost_elsewhere(content: EventContent, when: When, guests: tuple[Guest, ...], dialect: Dialect) -> list[Alteration]:
    lost: list[Alteration] = []
    if when is not content.when and not same_time(when, content.when):
        if isinstance(content.when, Timed):
            lost.append(_moved(content.when, when, dialect))
        else:
            cause = AS_TIME if dialect.long_all_day is LongAllDay.AS_TIME else ONE_DAY
            lost.append(Alteration(cause, Field.WHEN, (content.when.end - content.when.start).days, 1))
    wanted = len(invited(content.guests, dialect)) if dialect.guests and content.guests else 0
    if len(guests) < wanted:
        lost.append(Alteration(GUESTS_CUT, Field.GUESTS, wanted, len(guests)))
    return lost


def _moved(before: Timed, after: When, dialect: Dialect) -> Alteration:
    if isinstance(after, Timed) and before.start_utc == after.start_utc and before.end_utc < after.end_utc:
        minutes = int((before.end_utc - before.start_utc).total_seconds()) // 60
        return Alteration(LENGTHENED, Field.WHEN, minutes, dialect.shortest_minutes)
    return Alteration(ROUNDED, Field.WHEN, 1, dialect.grid_minutes)
