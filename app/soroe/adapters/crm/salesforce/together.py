"""Many writes with few requests: up to 200 new or deleted records travel together, each for itself (SF-21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from soroe.adapters.net.exchange import Json
from soroe.core.event import Field
from soroe.ports.errors import ACCOUNT_TROUBLE, Gone, ItemRejected, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Result, Unsent, Update, Write, Written

from .api import Api
from .events import Events
from .guests import Invitations, trouble_in
from .rows import Rows, made_id, twin_of
from .single import Single, stands_for_series
from .words import is_record_id

MOST = 200


class Together:
    """Carries out writes of one kind that do not depend on each other."""

    def __init__(self, api: Api, rows: Rows, events: Events, invitations: Invitations, single: Single) -> None:
        self._api = api
        self._single = single
        self._rows = rows
        self._events = events
        self._invitations = invitations

    def first_of(self, writes: Sequence[Write]) -> Sequence[Write]:
        """The writes at the beginning that can travel together: plain ones of one kind, each of another item."""
        kind, seen = type(writes[0]), set[str]()
        for count, write in enumerate(writes[:MOST]):
            if type(write) is not kind or not _is_plain(write):
                return writes[:count]
            if not isinstance(write, Create):
                if write.ref.id in seen:
                    return writes[:count]
                seen.add(write.ref.id)
        return writes[:MOST]

    def send(self, writes: Sequence[Write]) -> list[Result]:
        """The result of each, in order."""
        first = writes[0]
        if isinstance(first, Create):
            return self._creates([write for write in writes if isinstance(write, Create)])
        if isinstance(first, Update):
            return self._updates([write for write in writes if isinstance(write, Update)])
        return self._deletes([write for write in writes if isinstance(write, Delete)])

    # ------------------------------------------------------------------ create
    def _creates(self, writes: Sequence[Create]) -> list[Result]:
        likes = dict.fromkeys(str(write.like.id) for write in writes if write.like is not None)
        carried = {like: self._rows.carried(like) for like in likes}
        bodies = [self._record(write, carried.get(str(write.like.id), {}) if write.like else {}) for write in writes]
        good = [body for body in bodies if not isinstance(body, PortError)]
        told = iter(self._api.create_many(good) if good else [])
        made: list[_Made | PortError] = []
        for write, body in zip(writes, bodies, strict=True):
            made.append(body if isinstance(body, PortError) else self._made(write, next(told)))
        done = [one for one in made if isinstance(one, _Made)]
        troubles = self._invite(done)
        shown = self._shown([one.own for one in done])
        results: list[Result] = []
        for one in made:
            if isinstance(one, PortError):
                results.append(Failed(one))
            elif one.own in troubles:
                results.append(Failed(troubles[one.own]))
            else:
                results.append(self._written(one.own, shown, already=one.already))
        return results

    def _record(self, write: Create, carried: Mapping[str, Any]) -> dict[str, Any] | PortError:
        try:
            fields = self._events.record_of(write.content, write.activity_type, write.stamp, carried)
        except ItemRejected as refused:
            return refused
        return {"attributes": {"type": "Event"}, **fields}

    def _made(self, write: Create, result: Json) -> _Made | PortError:
        trouble = trouble_in(result, self._api)
        try:
            if trouble is None:
                return _Made(write, made_id(result))
        except RetryLater as unreadable:
            return unreadable
        twin = twin_of(result) if write.stamp is not None else None
        return trouble if twin is None else _Made(write, twin, already=True)

    def _invite(self, done: Sequence[_Made]) -> dict[str, PortError]:
        """Invites the guests of all; which events are in doubt, because the account met trouble meanwhile.

        A guest whom Salesforce refuses is left out, like one whom it does not know: the event is there without him.
        """
        new = [one for one in done if not one.already and one.write.content.guests]
        if not new:
            return {}
        unknown = RetryLater("guests_not_invited", outcome_unknown=True)
        try:
            known = self._invitations.known([guest for one in new for guest in one.write.content.guests])
            wanted = [
                (one.own, person) for one in new for person in self._invitations.wanted(one.write.content.guests, known)
            ]
            troubles = self._invitations.invite(wanted)
        except PortError:
            return dict.fromkeys([one.own for one in new], unknown)
        return {own: unknown for own, error in troubles.items() if isinstance(error, ACCOUNT_TROUBLE)}

    # ------------------------------------------------------------------ change
    def _updates(self, writes: Sequence[Update]) -> list[Result]:
        rows = self._rows.read([write.ref.id for write in writes])
        results: list[Result | None] = []
        changed: list[str] = []
        for write in writes:
            try:
                results.append(self._update(write, rows.get(write.ref.id), changed))
            except PortError as error:
                results.append(Failed(error))
                if isinstance(error, ACCOUNT_TROUBLE):
                    break
        rows |= self._shown(changed)
        told = [
            self._written(write.ref.id, rows, already=False) if result is None else result
            for write, result in zip(writes, results, strict=False)
        ]
        return [*told, *(Unsent() for _ in writes[len(told) :])]

    def _update(self, write: Update, row: Json | None, changed: list[str]) -> Result | None:
        """Changes a record; None where it is to be read with the others. A series goes its own way."""
        if row is not None and stands_for_series(row):
            return self._single.one(write)
        if self._events.change(self._rows.writable(row, write.version), write):
            changed.append(write.ref.id)
        return None

    # ------------------------------------------------------------------ delete
    def _deletes(self, writes: Sequence[Delete]) -> list[Result]:
        rows = self._rows.read([write.ref.id for write in writes])
        results: dict[str, Result] = {}
        for write in writes:
            try:
                row = rows.get(write.ref.id)
                if row is not None and stands_for_series(row):
                    results[write.ref.id] = self._single.one(write)
                else:
                    self._rows.writable(row, write.version)
            except Gone:
                results[write.ref.id] = Erased(write.ref)
            except PortError as error:
                results[write.ref.id] = Failed(error)
        left = [write for write in writes if write.ref.id not in results]
        if left:
            told = self._api.delete_many([str(write.ref.id) for write in left])
            for write, result in zip(left, told, strict=True):
                trouble = trouble_in(result, self._api)
                is_gone = trouble is None or isinstance(trouble, Gone)
                results[write.ref.id] = Erased(write.ref) if is_gone else Failed(trouble or Gone("no_record"))
        return [results[write.ref.id] for write in writes]

    # ------------------------------------------------------------------ how it is shown now
    def _shown(self, ids: Sequence[str]) -> dict[str, Json]:
        """The records as they are now; none where they could not be read any more."""
        try:
            return self._rows.read_back(ids)
        except PortError:
            return dict.fromkeys(ids)  # each is told as in doubt: the next run looks

    def _written(self, own: str, shown: Mapping[str, Json], *, already: bool) -> Result:
        row = shown.get(own)
        if row is None:
            return Failed(RetryLater("written_and_not_read", outcome_unknown=True))
        try:
            return Written(self._rows.observed(row), already)
        except PortError as error:
            return Failed(error)


@dataclass(frozen=True, slots=True)
class _Made:
    """A create that was carried out, and the record it made or found."""

    write: Create
    own: str
    already: bool = False


def _is_plain(write: Write) -> bool:
    match write:
        case Create():
            return write.occurrence is None and write.content.recurrence is None
        case Update():
            return is_record_id(write.ref.id) and Field.RECURRENCE not in write.fields
        case Delete():
            return is_record_id(write.ref.id)
        case _:
            return False
