"""Whose a record is, and what hangs on it: what a user's calendar needs, and what the mirror needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import Guest, ObservedItem, Seen, Tombstone, Unreadable
from soroe.core.mirror import EVENT_TYPE
from soroe.ports.errors import Gone, LocalTrouble

from .api import Api
from .mark import LATER, Intervals, Mark, State
from .wire import Records

OWNER, USER, BOOK = "owner:", "user:", "book:"
"""How the children of a mirrored pair are told as guests: nothing else in the port can carry them (OD-3)."""
READ_ONLY = "Read-Only"
_MAY_WRITE = frozenset({"Edit", "Full"})


class Looks(ABC):
    """Makes items of records. `me` is the signed-in user's id."""

    children = False

    def __init__(self, api: Api, records: Records) -> None:
        self._api = api
        self._records = records
        self._prepared = False
        self._others_left = 0

    @property
    def me(self) -> str:
        """The signed-in user's id."""
        return self._api.session.person().id

    def prepare(self) -> None:
        """Learn which fields the company has and how it tells times, once.

        Raises `LocalTrouble` where its own time does not fit the settings: every meeting would come hours off.
        """
        if not self._prepared:
            self.check_times()
            self._records.learn(self._api)
            self._prepared = True

    def check_times(self) -> None:
        """Raises `LocalTrouble` where the service's own time does not fit the settings."""
        problem = self._api.session.times_problem(self._records.dial)
        if problem is not None:
            raise LocalTrouble(problem.value)

    def begins(self, others: int) -> None:
        """A reading begins, in which so many records of other people may be looked into."""
        self._others_left = others

    def due(self, mark: Mark, intervals: Intervals) -> list[str]:
        """The ids whose children are to be looked at in this reading, as nothing tells of their changes."""
        return _after(mark.turn, sorted(mark.known), intervals.turn)

    def narrowed(self) -> str:
        """The condition that every listing keeps to, "" for none."""
        return ""

    def of_mine(self) -> str:
        """The condition that a full listing keeps to beside that, "" for none."""
        return ""

    def changed(self, row: Json) -> datetime | None:
        """When the record itself was changed, where that has to be remembered."""
        return None

    def touched(self, row: Json) -> datetime | None:
        """When the service last changed anything of a record; None where nobody can read it."""
        try:
            return self._records.modified(row)
        except Malformed:
            return None

    @abstractmethod
    def at(self, row: Json, own: str, before: State | None, since: datetime) -> tuple[Seen | None, State | None]:
        """What a record in a listing has to tell (None: nothing new), and the state to remember it in.

        `since` is where the reading goes on (UTC).
        """

    @abstractmethod
    def alone(self, row: Json, own: str) -> ObservedItem | Tombstone | Unreadable:
        """The item of a record that was read by itself."""


class InCalendar(Looks):
    """The user's own appointments, and those of others in which the user takes part (OD-8).

    What somebody sees only through a book, or as a manager, is no entry of his calendar (OD-9). To know that takes a
    request for each record of somebody else's: what is not looked into in one reading waits for its turn in another.
    """

    def due(self, mark: Mark, intervals: Intervals) -> list[str]:
        others = sorted(own for own, state in mark.known.items() if not state.ours)
        waiting = [own for own in others if mark.known[own].version == LATER]
        return waiting[: self._others_left] or _after(mark.turn, others, 1)

    def at(self, row: Json, own: str, before: State | None, since: datetime) -> tuple[Seen | None, State | None]:
        version, touched = self._records.digest(row), self.touched(row)
        if before is not None and before.is_as_it_was(version, touched, since):
            return None, before
        if not (before is not None and before.ours) and self._waits(row):
            return None, State(LATER, ours=False)
        access = self._access(row, own)
        if access is None:
            gone = Tombstone(self._records.ref(own)) if before is not None and before.ours else None
            return gone, State(version, ours=False)
        return self._read(row, access), State(version, touched=touched)

    def alone(self, row: Json, own: str) -> ObservedItem | Tombstone | Unreadable:
        access = self._access(row, own)
        return Tombstone(self._records.ref(own)) if access is None else self._read(row, access)

    def _waits(self, row: Json) -> bool:
        """Whether this is somebody else's record, and enough of those were looked into in this reading."""
        try:
            if self._records.owner(row) == self.me:
                return False
        except Malformed:
            return False  # told as unreadable
        self._others_left -= 1
        return self._others_left < 0

    def _read(self, row: Json, access: str) -> ObservedItem | Unreadable:
        return self._records.read(row, mine="" if access in _MAY_WRITE else self.me)

    def _access(self, row: Json, own: str) -> str | None:
        """How far the user may go with a record; None when he does not take part in it."""
        try:
            if self._records.owner(row) == self.me:
                return "Full"
        except Malformed:
            return "Full"  # told as unreadable
        team = self._records.resource.team
        try:
            members = self._api.children(self._records.resource, own, team)
        except Gone:
            return None
        for member in members:
            if at(member, team.member) == self.me:
                access = at(member, team.access) if team.access else None
                return access if isinstance(access, str) else READ_ONLY
        return None


class InMirror(Looks):
    """The user's own events or their appointments, with team and books; what once was his is still followed."""

    children = True

    def narrowed(self) -> str:
        kind = self._records.resource.kind
        return f"{kind} = '{EVENT_TYPE}'" if kind else ""

    def of_mine(self) -> str:
        return f"{self._records.resource.owner} = '{self.me}'"

    def changed(self, row: Json) -> datetime | None:
        return self._records.modified(row)

    def at(self, row: Json, own: str, before: State | None, since: datetime) -> tuple[Seen | None, State | None]:
        try:
            if before is None and (self._records.owner(row) != self.me or not self._records.has_twin(row)):
                return None, None
            digest = self._records.digest(row)
            same = before is not None and before.version.partition("/")[0] == digest
            changed = before.changed if same and before is not None else self._records.modified(row)
        except Malformed:
            return self._records.read(row), before
        try:
            children = self.children_of(row, own)
        except Gone:
            return None, before
        version, touched = self._records.version(row, children), self.touched(row)
        if before is not None and before.is_as_it_was(version, touched, since):
            return None, before
        seen = self._records.read(row, children=children, changed=changed)
        return seen, State(version, changed, touched=touched)

    def alone(self, row: Json, own: str) -> ObservedItem | Tombstone | Unreadable:
        try:
            return self._records.read(row, children=self.children_of(row, own))
        except Gone:
            return Tombstone(self._records.ref(own))
        except Malformed as error:
            return Unreadable(self._records.ref(own), error.field, error.reason)

    def children_of(self, row: Json, own: str) -> tuple[Guest, ...]:
        """Owner, team and books; who came through a user group is no member of the team (OD-8)."""
        names, api = self._records.resource, self._api
        owner = self._records.owner(row)
        found = {OWNER + owner}
        for member in api.children(names, own, names.team):
            through_group = bool(names.team.group) and bool(at(member, names.team.group))
            if not through_group and id_at(member, names.team.member) != owner:
                found.add(USER + id_at(member, names.team.member))
        found |= {BOOK + id_at(book, names.books.member) for book in api.children(names, own, names.books)}
        return tuple(Guest(name) for name in sorted(found))


def _after(turn: str, ids: list[str], number: int) -> list[str]:
    """The next so many ids after the one whose turn was last, and from the first one on again."""
    after = [own for own in ids if own > turn]
    return list(dict.fromkeys((after + ids)[:number]))
