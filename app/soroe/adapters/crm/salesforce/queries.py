"""The queries that are asked of Salesforce, in its own language. Nothing goes into one unchecked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from soroe.core.event import Window

from .times import LONGEST, ONE_DAY, midnight
from .words import is_record_id, literal, quoted

_GUESTS = (
    "(SELECT Id, RelationId, Status, Relation.Name, Relation.Email FROM EventRelations WHERE IsDeleted = false{only})"
)
MOST_IDS = 200
"""Ids in one query: the address of a request holds 16,384 bytes."""


def selection(names: Iterable[str], *, invitees_only: bool) -> str:
    """What is asked of every event: these fields, and who is invited.

    `invitees_only`: related contacts stand among the invited where the organisation shares activities.
    """
    return ", ".join((*names, _GUESTS.format(only=" AND IsInvitee = true" if invitees_only else "")))


def listing(fields: str, owner: str, window: Window) -> str:
    """The user's living events that may touch the window, and the records of his series that reach into it."""
    first = literal(midnight(window.first) - LONGEST - ONE_DAY)
    after = literal(midnight(window.last) + 2 * ONE_DAY)
    single = (
        f"((RecurrenceActivityId = null OR IsChild = true) AND StartDateTime >= {first} AND StartDateTime < {after})"
    )
    day = (window.first - ONE_DAY).isoformat()
    series = f"(IsRecurrence = true AND RecurrenceEndDateOnly >= {day} AND RecurrenceStartDateTime < {after})"
    where = f"OwnerId = {quoted(owner)} AND IsDeleted = false AND ({single} OR {series})"
    return _asked(fields, "Event", where, "SystemModstamp, Id")


def since(fields: str, owner: str, moment: datetime) -> str:
    """The user's events that were touched at or after a moment, deleted ones too."""
    where = f"OwnerId = {quoted(owner)} AND SystemModstamp >= {literal(moment)}"
    return _asked(fields, "Event", where, "SystemModstamp, Id")


def by_ids(fields: str, ids: Sequence[str]) -> Iterator[str]:
    """These events, deleted ones too."""
    for some in _portions(ids):
        yield _asked(fields, "Event", f"Id IN ({_listed(some)})", "Id")


def series_rows(fields: str, masters: Sequence[str]) -> Iterator[str]:
    """The records of these series and of all their meetings, deleted ones too."""
    for some in _portions(masters):
        where = f"RecurrenceActivityId IN ({_listed(some)})"
        yield _asked(fields, "Event", where, "Id")


def deleted_records(kind: str, names: Sequence[str], ids: Sequence[str]) -> str:
    """Those of these records that lie in the recycle bin."""
    return _asked(", ".join(names), kind, f"Id IN ({_listed(ids)}) AND IsDeleted = true", "Id")


def made_lately(fields: str, owner: str, start: datetime, made_after: datetime) -> str:
    """The user's living events that begin about then and were made at or after a moment."""
    near = f"StartDateTime >= {literal(start - ONE_DAY)} AND StartDateTime <= {literal(start + ONE_DAY)}"
    where = f"OwnerId = {quoted(owner)} AND IsDeleted = false AND CreatedDate >= {literal(made_after)} AND {near}"
    return _asked(fields, "Event", where, "Id")


_INVITABLE = {
    "User": "IsActive = true",
    "Contact": "IsDeleted = false",
    "Lead": "IsDeleted = false AND IsConverted = false",
}


def people(kind: str, emails: Sequence[str]) -> str:
    """The users, contacts or leads of these addresses, as far as they can be invited."""
    where = f"Email IN ({', '.join(quoted(one) for one in emails)}) AND {_INVITABLE[kind]}"
    return _asked("Id, Email", kind, where, "Id")


def _asked(what: str, kind: str, where: str, order: str) -> str:
    return " ".join(("SELECT", what, "FROM", kind, "WHERE", where, "ORDER BY", order))


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]


def _listed(ids: Iterable[str]) -> str:
    kept = [one for one in ids if is_record_id(one)]
    return ", ".join(quoted(one) for one in kept) or "''"
