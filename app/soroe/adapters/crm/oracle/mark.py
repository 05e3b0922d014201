"""Where a reading goes on: the cursor of Oracle's feed, as text and as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from soroe.ports.errors import CursorExpired
from soroe.ports.remote import Cursor

LATER = "?"
"""The version of a record that somebody else owns and that was not looked into yet."""
_NOT_OURS = "-"
_MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often what is looked at.

    `sweep`: the ids are listed and compared, as nothing tells of deletions and restored records. `everything`: a full
    listing. `overlap`: how far each reading reaches back. `turn`: of so many items the children are looked at with each
    reading, one after the other, as nothing tells of their changes (three requests each). `others`: so many records of
    other people are looked into with each reading: a manager sees those of everybody, and each costs a request.
    """

    sweep: timedelta = timedelta(minutes=30)
    everything: timedelta = timedelta(hours=24)
    overlap: timedelta = timedelta(seconds=30)
    turn: int = 2
    others: int = 10


@dataclass(frozen=True, slots=True)
class State:
    """What was last seen of one record: its version, and when it was itself changed (UTC), where that is kept.

    `ours` False: it is somebody else's, and no entry of this user's calendar. `touched` is when the service last
    changed anything of it, as far as a reading may come upon it again: a version that comes back tells of a change that
    was taken back, perhaps one of our own.
    """

    version: str
    changed: datetime | None = None
    ours: bool = True
    touched: datetime | None = None

    def is_as_it_was(self, version: str, touched: datetime | None, since: datetime) -> bool:
        """Whether a record in this state has nothing new to tell to a reading that goes on `since`."""
        if self.version != version or touched is None:
            return False
        return not self.ours or touched == self.touched or (self.touched is None and touched < since)

    def text(self, since: datetime) -> str:
        """As it stands in the cursor of a reading that goes on there."""
        told = "" if self.changed is None else _moment(self.changed)
        touched = "" if self.touched is None or self.touched < since else _moment(self.touched)
        return ("" if self.ours else _NOT_OURS) + f"{self.version}|{told}|{touched}".rstrip("|")


@dataclass(slots=True)
class Mark:
    """Where the next reading goes on: `since` (UTC), the states of all records in the window, and whose turn it is."""

    owner: str
    since: datetime
    swept: datetime
    listed: datetime
    known: dict[str, State] = field(default_factory=dict)
    turn: str = ""

    def cursor(self) -> Cursor:
        """The mark as text."""
        told = {
            "me": self.owner,
            "since": _text(self.since),
            "swept": _text(self.swept),
            "listed": _text(self.listed),
            "turn": self.turn,
            "known": {own: state.text(self.since) for own, state in self.known.items()},
        }
        return Cursor(json.dumps(told, separators=(",", ":")))


def opened(cursor: Cursor) -> Mark:
    """The mark that a cursor stands for; `CursorExpired` for one that nobody can read."""
    try:
        told = json.loads(cursor)
        return Mark(
            str(told["me"]),
            _time(told["since"]),
            _time(told["swept"]),
            _time(told["listed"]),
            {str(own): _state(str(text)) for own, text in told["known"].items()},
            str(told["turn"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CursorExpired("cursor_is_damaged") from error


def _state(text: str) -> State:
    ours = not text.startswith(_NOT_OURS)
    version, changed, touched = (*text.removeprefix(_NOT_OURS).split("|"), "", "")[:3]
    return State(version, _at(changed), ours, _at(touched))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):{_MOMENT}}"


def _at(text: str) -> datetime | None:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC) if text else None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
