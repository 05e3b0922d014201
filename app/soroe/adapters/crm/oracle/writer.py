"""Writing one resource of an account, one write at a time (the port `Writer`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

from soroe.adapters.crm.documents import Malformed, at, id_at
from soroe.adapters.net.exchange import Json
from soroe.core.event import EventContent, Field, Guest, ObservedItem, Ref, Tombstone, Unreadable, Version
from soroe.core.link import canonical
from soroe.core.mirror import EVENT_TYPE
from soroe.ports.errors import (
    ACCOUNT_TROUBLE,
    AdminRequired,
    ChangedMeanwhile,
    Gone,
    ItemRejected,
    PortError,
    ReadOnly,
    RetryLater,
)
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Unsent, Update, Write, Written

from .api import Api
from .errors import FOREIGN
from .looks import BOOK, OWNER, READ_ONLY, USER, Looks
from .resources import Children
from .wire import Records

Made = Callable[[Create], ObservedItem | None]
"""Looks whether what a create is to make is there already."""
Check = Callable[[str, EventContent], None]
"""Looks at a new record, by its id and content; raises `ItemRejected` when it could not stay."""


def _not_there(_create: Create) -> ObservedItem | None:
    return None


def _stays(_own: str, _content: EventContent) -> None:
    """Nothing speaks against it."""


class OracleWriter:
    """Writes appointments, or events. The state is compared right before each write: the service does not do it."""

    def __init__(
        self, api: Api, records: Records, looks: Looks, made: Made = _not_there, check: Check = _stays
    ) -> None:
        self._api = api
        self._records = records
        self._looks = looks
        self._made = made
        self._check = check

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; never raises for a write that failed."""
        results: list[Result] = []
        for write in batch:
            try:
                self._looks.prepare()
                results.append(self._one(write))
            except Malformed as error:
                results.append(Failed(ItemRejected("item_unreadable", error.field)))
            except PortError as error:
                results.append(Failed(error))
                if isinstance(error, ACCOUNT_TROUBLE):
                    break
        return [*results, *(Unsent() for _ in batch[len(results) :])]

    def _one(self, write: Write) -> Written | Erased:
        match write:
            case Create():
                if write.occurrence is not None:
                    raise ItemRejected("no_series", "occurrence")
                made = self._made(write)
                if made is not None:
                    return Written(made, already=True)
                return Written(self._create(write.content, write.activity_type, write.stamp))
            case Update():
                return Written(self._update(write))
            case Delete():
                return self._delete(write)
            case Restore():
                return Written(self._restore(write))
            case _:
                assert_never(write)

    def _create(self, content: EventContent, activity_type: str | None, stamp: str | None) -> ObservedItem:
        of_pair = EVENT_TYPE if self._looks.children else None
        body = {**self._records.new(content, activity_type or of_pair), **self._hidden(stamp)}
        owner = _owner(content.guests) if self._looks.children else ""
        if owner and self._records.resource.owner:
            body[self._records.resource.owner] = owner
        own = self._api.create(self._records.resource, body)
        self._check(own, content)
        if self._looks.children:
            self._team(own, content.guests, owner or self._looks.me)
        return self._shown(own)

    def _update(self, write: Update) -> ObservedItem:
        body = {**self._records.changed(write.content, write.fields), **self._hidden(write.stamp)}
        now = self._unchanged(write.ref, write.version)
        return self._changed(now, write.content, write.fields, body)

    def _changed(
        self, now: ObservedItem, content: EventContent, fields: Iterable[Field], body: dict[str, Json]
    ) -> ObservedItem:
        own, team = now.ref.id, self._looks.children and Field.GUESTS in fields
        before = _owner(now.content.guests)
        owner = _owner(content.guests, other_than=before) if team else ""
        if owner:
            body = {**body, self._records.resource.owner: owner}
        if not body and not team:
            return now
        try:
            if body:
                self._api.change(self._records.resource, own, body)
            if team:
                self._team(own, content.guests, owner or before)
        except AdminRequired as refused:
            raise ReadOnly(FOREIGN) from refused  # it was read a moment ago: nothing but this record is forbidden
        return self._shown(own)

    def _delete(self, write: Delete) -> Erased:
        try:
            self._unchanged(write.ref, write.version)
            self._api.delete(self._records.resource, write.ref.id)
        except Gone:
            return Erased(write.ref)
        except AdminRequired as refused:
            raise ReadOnly(FOREIGN) from refused
        return Erased(write.ref)

    def _restore(self, write: Restore) -> ObservedItem:
        """Nothing brings back a deleted record: one that is alive again gets its content, else a new one is made."""
        try:
            now = self._unchanged(write.ref, None)
        except Gone:
            return self._create(write.content, write.activity_type, write.stamp)
        fields = [field for field in Field if canonical(now.content, field) != canonical(write.content, field)]
        body = {**self._records.changed(write.content, fields), **self._hidden(write.stamp)}
        return self._changed(now, write.content, fields, body)

    def _hidden(self, stamp: str | None) -> dict[str, Json]:
        """The stamp, where the service can hide one."""
        field = self._records.resource.stamp
        return {field: stamp} if field and stamp is not None else {}

    def _unchanged(self, ref: Ref, version: Version | None) -> ObservedItem:
        """The item as it is, if it is in the state that the write was decided on, and takes changes."""
        row = self._api.get(self._records.resource, ref.id)
        now = self._looks.alone(row, ref.id)
        match now:
            case Tombstone():
                raise Gone("no_entry_of_this_calendar")
            case Unreadable():
                raise ItemRejected("item_unreadable", now.field)
            case ObservedItem():
                pass
            case _:
                assert_never(now)
        if now.read_only is not None:
            raise ReadOnly(now.read_only.value)
        if version is not None and now.version != version:
            raise ChangedMeanwhile("record_moved_on")
        return now

    def _shown(self, own: str) -> ObservedItem:
        """The item as the service shows it now: the answers of writes hold nothing but what was sent."""
        try:
            one = self._looks.alone(self._api.get(self._records.resource, own), own)
        except Gone as error:
            raise RetryLater("answer_unreadable", outcome_unknown=True) from error
        if isinstance(one, ObservedItem):
            return one
        raise RetryLater("answer_unreadable", outcome_unknown=True)

    def _team(self, own: str, wanted: Sequence[Guest], owner: str) -> None:
        """Gives a record this team and these books; whoever is added may read (OD-8), and its owner stays."""
        names = self._records.resource
        self._children(own, names.team, _named(wanted, USER), frozenset({owner}))
        self._children(own, names.books, _named(wanted, BOOK), frozenset())

    def _children(self, own: str, kind: Children, wanted: frozenset[str], kept: frozenset[str]) -> None:
        names, api = self._records.resource, self._api
        there: dict[str, str] = {}
        for child in api.children(names, own, kind):
            if not (kind.group and at(child, kind.group)):
                there[id_at(child, kind.member)] = id_at(child, "Id")
        access = {kind.access: READ_ONLY} if api.has_access(kind) else {}
        for member in sorted(wanted - there.keys() - kept):
            api.add_child(names, own, kind, {kind.member: member, **access})
        for member in sorted(there.keys() - wanted - kept):
            api.remove_child(names, own, kind, there[member])


def _named(guests: Iterable[Guest], prefix: str) -> frozenset[str]:
    return frozenset(guest.email.removeprefix(prefix) for guest in guests if guest.email.startswith(prefix))


def _owner(guests: Iterable[Guest], other_than: str = "") -> str:
    """The owner among the children; where both sides named one, the one that is new here."""
    named = sorted(_named(guests, OWNER))
    return next((owner for owner in named if owner != other_than), "")
