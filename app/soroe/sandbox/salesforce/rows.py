"""Records one by one: read, made, changed, deleted, and found by an external id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from soroe.sandbox.salesforce import events, invitees
from soroe.sandbox.salesforce.ids import known_id
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.paths import no_column
from soroe.sandbox.salesforce.querying import attributes
from soroe.sandbox.salesforce.refusals import Refusal, not_found, unwritable
from soroe.sandbox.salesforce.schema import Field
from soroe.sandbox.salesforce.values import Values, read_value, shown

_WRITABLE = ("Event", "EventRelation")


class Rows:
    """What requests do to single records; every write happens as a whole or not at all."""

    def __init__(self, org: Org) -> None:
        self._org = org

    # ------------------------------------------------------------------ reading
    def find(self, user: User, kind: str, record_id: str) -> Values:
        """The live record that this user sees; raises NOT_FOUND."""
        found = known_id(record_id)
        row = self._org.live(found) if found is not None else None
        if found is None:
            message = f"Provided external ID field does not exist or is not accessible: {record_id}"
            raise Refusal("NOT_FOUND", message)
        if row is None or self._org.kind(row) != kind or not self._org.sees(user, row):
            raise not_found()
        return row

    def show(self, row: Values, version: str, names: str | None) -> dict[str, Any]:
        """The record with the fields of `names`, or with all that the user sees."""
        kind = self._org.kind(row)
        fields = self._org.schema.fields(kind)
        if names is not None:
            fields = tuple(self._need(kind, name.strip()) for name in names.split(",") if name.strip())
        told = {field.name: shown(row.get(field.name)) for field in fields}
        return {"attributes": attributes(version, kind, row["Id"]), **told}

    # ------------------------------------------------------------------ writing
    def create(self, user: User, kind: str, body: Mapping[str, Any]) -> Values:
        given = self._given(kind, body, creating=True)
        with self._org.transaction():
            self._need_unique(kind, given, None)
            if kind != "Event":
                return invitees.invite(self._org, user, given)
            made = events.create(self._org, user, given)
            self._need_one_record(made, given)
            return made

    def change(self, user: User, kind: str, record_id: str, body: Mapping[str, Any]) -> Values:
        row = self.for_write(kind, record_id)
        given = self._given(kind, body, creating=False)
        with self._org.transaction():
            self._need_unique(kind, given, row)
            if kind != "Event":
                return invitees.answer(self._org, user, row, given)
            changed = events.change(self._org, user, row, given)
            self._need_one_record(changed, given)
            return changed

    def delete(self, user: User, kind: str, record_id: str) -> None:
        row = self.for_write(kind, record_id)
        with self._org.transaction():
            if kind == "Event":
                events.delete(self._org, user, row)
            else:
                invitees.uninvite(self._org, user, row)

    # ------------------------------------------------------------------ external ids
    def external_field(self, kind: str, name: str) -> Field:
        field = self._org.schema.field(kind, name)
        if field is None or not field.external:
            raise Refusal("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
        return field

    def with_external(self, user: User, kind: str, field: Field, value: str) -> list[Values]:
        """The records that this user sees with this external id, whatever its case."""
        wanted = value.casefold()
        rows = self._org.rows(kind)
        return [
            row for row in rows if str(row.get(field.name) or "").casefold() == wanted and self._org.sees(user, row)
        ]

    def upsert(
        self, user: User, kind: str, field: Field, value: str, body: Mapping[str, Any]
    ) -> tuple[Values, bool] | list[Values]:
        """Changes the record with this external id or makes one; several of them are returned unchanged."""
        if any(name.casefold() == field.name.casefold() for name in body):
            message = f"The {field.name} field should not be specified in the sobject data."
            raise Refusal("INVALID_FIELD", message)
        found = self.with_external(user, kind, field, value)
        if len(found) > 1:
            return found
        if found:
            return self.change(user, kind, found[0]["Id"], body), False
        return self.create(user, kind, {**body, field.name: value}), True

    # ------------------------------------------------------------------ the fields of a request
    def _given(self, kind: str, body: Mapping[str, Any], creating: bool) -> dict[str, Any]:
        if kind not in _WRITABLE:
            raise Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {kind}", ())
        given: dict[str, Any] = {}
        locked: list[str] = []
        for name, value in body.items():
            if name == "attributes":
                continue
            field = self._org.schema.field(kind, name)
            if field is None:
                raise Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}")
            if not (field.create if creating else field.update):
                locked.append(field.name)
                continue
            given[field.name] = read_value(field, value)
        if locked:
            raise unwritable(*locked)
        return given

    def for_write(self, kind: str, record_id: str) -> Values:
        found = known_id(record_id)
        if found is None:
            message = f"Provided external ID field does not exist or is not accessible: {record_id}"
            raise Refusal("NOT_FOUND", message)
        return self._org.get(found, kind)

    def _need(self, kind: str, name: str) -> Field:
        field = self._org.schema.field(kind, name)
        if field is None:
            raise no_column(name, kind)
        return field

    def _need_unique(self, kind: str, given: Mapping[str, Any], row: Values | None) -> None:
        for field in self._org.schema.fields(kind):
            value = given.get(field.name)
            if not field.unique or value is None:
                continue
            for other in self._org.rows(kind):
                same = str(other.get(field.name) or "").casefold() == str(value).casefold()
                if same and (row is None or other["Id"] != row["Id"]):
                    raise _duplicate(field, other)

    def _need_one_record(self, event: Values, given: Mapping[str, Any]) -> None:
        """Refuses a unique value on an event that recurs: every occurrence would hold it too."""
        for field in self._org.schema.fields("Event"):
            recurs = event["IsRecurrence"] or event["GroupEventType"] == "3"
            if field.unique and recurs and given.get(field.name) is not None:
                raise _duplicate(field, event)


def _duplicate(field: Field, record: Values) -> Refusal:
    message = f"duplicate value found: {field.name} duplicates value on record with id: {record['Id']}"
    return Refusal("DUPLICATE_VALUE", message, ())


def http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def read_http_date(text: str) -> datetime | None:
    """A date of a conditional request, to the second; nothing when it is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
