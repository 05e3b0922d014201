"""The state of one org: its people, its records, and who sees which of them; nothing here knows of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.salesforce.ids import PREFIXES, kind_of, new_id
from soroe.sandbox.salesforce.refusals import Refusal, no_access, not_found
from soroe.sandbox.salesforce.schema import Schema
from soroe.sandbox.salesforce.values import Values

IN_BIN = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a licence; `time_zone` is an IANA name. Who `sees_all` has the right to view and modify all."""

    id: str
    email: str
    name: str
    time_zone: str
    password: str
    sees_all: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule of the org: a record that is `broken` is refused with the message, shown at the field."""

    message: str
    broken: Callable[[Values], bool]
    field: str = ""


@dataclass(slots=True)
class Settings:
    """What an administrator has switched on."""

    multiday: bool = True
    rules: list[Rule] = field(default_factory=list)
    closed_calendars: set[str] = field(default_factory=set)
    notifies: bool = False


class Org:
    """Everything in the org. The caller holds one lock; `clock` tells aware UTC times.

    Records are mappings that are replaced and never changed, so that `transaction` can put the old ones back. Names
    with an underscore are the org's own knowledge and no fields.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.id = new_id("00D", 1)
        self.schema = Schema()
        self.settings = Settings()
        self.users: dict[str, User] = {}
        self.tables: dict[str, dict[str, Values]] = {kind: {} for kind in PREFIXES}
        self._clock = clock
        self._numbers = 0
        self.created = self.now() - timedelta(days=365)

    def now(self) -> datetime:
        """The org keeps whole seconds."""
        return self._clock().replace(microsecond=0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What happens inside happens as a whole, or not at all when it is refused."""
        before = {kind: dict(rows) for kind, rows in self.tables.items()}
        try:
            yield
        except Refusal:
            self.tables = before
            raise

    # ------------------------------------------------------------------ records
    def add(self, kind: str, values: Values, by: str) -> Values:
        """Keeps a new record and returns it with its id and dates."""
        self._numbers += 1
        record_id = new_id(PREFIXES[kind], self._numbers)
        now = self.now()
        stamps = {
            "Id": record_id,
            "IsDeleted": False,
            "CreatedDate": now,
            "CreatedById": by,
            "LastModifiedDate": now,
            "LastModifiedById": by,
            "SystemModstamp": now,
        }
        row = {**self._empty(kind), **values, **stamps}
        self.tables[kind][record_id] = row
        return row

    def change(self, record: Values, given: Values, by: str) -> Values:
        """Keeps the record with the given values, as changed now."""
        now = self.now()
        stamps = {"LastModifiedDate": now, "LastModifiedById": by, "SystemModstamp": now}
        row = {**record, **given, **stamps}
        self.tables[self.kind(record)][record["Id"]] = row
        return row

    def touch(self, record: Values, given: Values) -> Values:
        """Keeps values that the system itself changes: only SystemModstamp moves."""
        row = {**record, **given, "SystemModstamp": self.now()}
        self.tables[self.kind(record)][record["Id"]] = row
        return row

    def delete(self, record: Values, by: str) -> None:
        """Puts the record into the recycle bin."""
        self.change(record, {"IsDeleted": True}, by)

    def purge(self, record: Values) -> None:
        """Removes the record for good."""
        del self.tables[self.kind(record)][record["Id"]]

    def kind(self, record: Values) -> str:
        return str(kind_of(record["Id"]))

    def rows(self, kind: str, with_bin: bool = False) -> list[Values]:
        """The records of an object; with the recycle bin those of the last 15 days that were deleted."""
        oldest = self.now() - IN_BIN
        return [
            row
            for row in self.tables[kind].values()
            if not row["IsDeleted"] or (with_bin and row["SystemModstamp"] > oldest)
        ]

    def get(self, record_id: str, kind: str | None = None) -> Values:
        """The live record; raises NOT_FOUND or ENTITY_IS_DELETED."""
        found = self.tables.get(kind_of(record_id) or "", {}).get(record_id)
        if found is None or (kind is not None and self.kind(found) != kind):
            raise not_found()
        if found["IsDeleted"]:
            raise Refusal("ENTITY_IS_DELETED", "entity is deleted", ())
        return found

    def live(self, record_id: object) -> Values | None:
        """The record when it is there and not deleted."""
        found = self.tables.get(kind_of(str(record_id)) or "", {}).get(str(record_id))
        return found if found is not None and not found["IsDeleted"] else None

    # ------------------------------------------------------------------ who sees and changes what
    def sees(self, user: User, row: Values) -> bool:
        """Activities are private: the owner, who was invited, and who may see the record it belongs to see them."""
        if self.kind(row) == "EventRelation":
            event = self.tables["Event"].get(row["EventId"])
            return event is not None and self.sees(user, event)
        if self.kind(row) != "Event" or user.sees_all or row["OwnerId"] == user.id:
            return True
        if any(relation["RelationId"] == user.id for relation in self.invitees(row["Id"], with_bin=True)):
            return True
        return not row["IsPrivate"] and (self.live(row["WhatId"]) or self.live(row["WhoId"])) is not None

    def need_edit(self, user: User, row: Values) -> None:
        """Raises when the user must not change or delete the record."""
        if not self.sees(user, row):
            raise not_found()
        owned = row if self.kind(row) == "Event" else self.tables["Event"].get(row.get("EventId", ""), row)
        if not user.sees_all and owned.get("OwnerId") != user.id:
            raise no_access(row["Id"])

    def invitees(self, event_id: str, with_bin: bool = False) -> list[Values]:
        """The EventRelation records of an event."""
        rows = self.tables["EventRelation"].values()
        return [row for row in rows if row["EventId"] == event_id and (with_bin or not row["IsDeleted"])]

    def user_with(self, email: str) -> User | None:
        wanted = email.strip().casefold()
        return next((user for user in self.users.values() if user.email.casefold() == wanted), None)

    def add_user(self, email: str, name: str, time_zone: str, password: str, sees_all: bool) -> User:
        values = {"Username": email, "Name": name, "Email": email, "IsActive": True, "TimeZoneSidKey": time_zone}
        row = self.add("User", {**values, "UserType": "Standard"}, "")
        user = User(row["Id"], email, name, time_zone, password, sees_all)
        self.users[user.id] = user
        return user

    def is_active(self, user_id: str) -> bool:
        return bool(self.tables["User"][user_id]["IsActive"])

    def _empty(self, kind: str) -> dict[str, Any]:
        fields = self.schema.fields(kind)
        return {each.name: False if each.kind == "boolean" else None for each in fields}


def blank(values: Mapping[str, object], *names: str) -> bool:
    """Whether none of these fields has a value."""
    return all(values.get(name) is None for name in names)
