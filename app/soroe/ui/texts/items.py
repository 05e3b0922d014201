"""A meeting's fields as words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import assert_never

from soroe.core.event import EventContent, Field, Recurrence, ShowAs, Side, Visibility

from . import times
from .catalogue import Texts

FREQUENCIES = {"DAILY": "daily", "WEEKLY": "weekly", "MONTHLY": "monthly", "YEARLY": "yearly"}


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One field of two contents side by side; `differs` marks what a person should see first."""

    field: Field
    name: str
    left: str
    right: str
    differs: bool


def field_name(texts: Texts, name: str) -> str:
    """What a field is called; a name we do not know stands for itself."""
    key = f"field.{name}"
    return texts(key) if texts.has(key) else name


def side_name(texts: Texts, side: Side) -> str:
    """CRM or Calendar."""
    return texts(f"side.{side.value}")


def title_words(texts: Texts, title: str, *, private: bool = False) -> str:
    """A title for people; where a calendar shows only that the time is taken, that it is private (sync.md: Foreign)."""
    return title or texts("item.private" if private else "item.untitled")


def field_value(texts: Texts, content: EventContent, name: Field, now: datetime, zone: tzinfo) -> str:
    """One field of a meeting, for people."""
    match name:
        case Field.TITLE:
            return content.title
        case Field.WHEN:
            return times.when(texts, content.when, now, zone)
        case Field.DESCRIPTION:
            return content.description
        case Field.LOCATION:
            return content.location
        case Field.SHOW_AS:
            return texts(f"value.{content.show_as.value}")
        case Field.VISIBILITY:
            return texts(f"value.{content.visibility.value}")
        case Field.GUESTS:
            return _guests(texts, content)
        case Field.RECURRENCE:
            return _repeats(texts, content.recurrence)
        case Field.GUESTS_MAY_CHANGE:
            return "" if content.guests_may_change is None else texts(f"value.guests_may_{_may(content)}")
        case _:
            assert_never(name)


def side_by_side(
    texts: Texts, left: EventContent | None, right: EventContent | None, now: datetime, zone: tzinfo
) -> tuple[FieldPair, ...]:
    """The fields of two contents that are worth showing: those that either one has something to say about."""
    pairs = []
    for name in Field:
        one = field_value(texts, left, name, now, zone) if left else ""
        other = field_value(texts, right, name, now, zone) if right else ""
        if (one or other) and not _is_plain(name, left, right):
            differs = left is not None and right is not None and one != other
            pairs.append(FieldPair(name, field_name(texts, name.value), one, other, differs))
    return tuple(pairs)


def _is_plain(name: Field, left: EventContent | None, right: EventContent | None) -> bool:
    plain: dict[Field, tuple[object, ...]] = {
        Field.SHOW_AS: (ShowAs.BUSY,),
        Field.VISIBILITY: (Visibility.NORMAL,),
        Field.GUESTS_MAY_CHANGE: (None, False),
    }
    if name not in plain:
        return False
    return all(content.get(name) in plain[name] for content in (left, right) if content)


def _may(content: EventContent) -> str:
    return "change" if content.guests_may_change else "not_change"


def _guests(texts: Texts, content: EventContent) -> str:
    if not content.guests:
        return ""
    if len(content.guests) > 3:
        return texts.count("value.guests", len(content.guests))
    return texts.listed(guest.name or guest.email for guest in content.guests)


def _repeats(texts: Texts, recurrence: Recurrence | None) -> str:
    if recurrence is None:
        return ""
    parts = dict(part.split("=", 1) for rule in recurrence.rules for part in rule.upper().split(";") if "=" in part)
    plain = parts.get("INTERVAL", "1") == "1" and len(recurrence.rules) == 1
    return texts(f"value.repeats.{FREQUENCIES.get(parts.get('FREQ', ''), 'other') if plain else 'other'}")
