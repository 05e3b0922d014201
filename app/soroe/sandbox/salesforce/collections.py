"""Up to 200 records in one request, each with a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from soroe.sandbox.salesforce.ids import kind_of, known_id
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.rows import Rows

MOST, MOST_READ, MOST_CHUNKS = 200, 2000, 10
_ROLLED_BACK = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    (),
)
Step = Callable[[], dict[str, Any]]


class Collections:
    """Creates, changes, deletes and reads many records at once."""

    def __init__(self, org: Org, rows: Rows) -> None:
        self._org = org
        self._rows = rows

    def create(self, user: User, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        records = _records(body)
        if any(name.casefold() == "id" for record in records for name in record):
            raise Refusal("INVALID_FIELD", "cannot specify Id in an insert call", ("Id",))
        return self._each(bool(body.get("allOrNone")), (self._creating(user, record) for record in records))

    def change(self, user: User, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._each(bool(body.get("allOrNone")), (self._changing(user, record) for record in _records(body)))

    def delete(self, user: User, ids: str, all_or_none: bool) -> list[dict[str, Any]]:
        wanted = [text.strip() for text in ids.split(",") if text.strip()]
        _need_size(len(wanted), MOST)
        return self._each(all_or_none, (self._deleting(user, text) for text in wanted))

    def read(
        self, user: User, kind: str, ids: Iterable[str], names: Iterable[str], version: str
    ) -> list[dict[str, Any] | None]:
        """The records in the order of their ids; null for each that is not there."""
        wanted, fields = list(ids), ",".join(names)
        _need_size(len(wanted), MOST_READ)
        found: list[dict[str, Any] | None] = []
        for text in wanted:
            record_id = known_id(text)
            if record_id is None:
                raise Refusal("MALFORMED_ID", f"malformed id {text}")
            row = self._org.live(record_id)
            visible = row is not None and self._org.kind(row) == kind and self._org.sees(user, row)
            found.append(self._rows.show(row, version, fields) if row is not None and visible else None)
        return found

    def _each(self, all_or_none: bool, steps: Iterable[Step]) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        before = {kind: dict(rows) for kind, rows in self._org.tables.items()}
        for step in steps:
            try:
                results.append(step())
            except Refusal as refusal:
                results.append({"success": False, "errors": [refusal.as_result()]})
        if all_or_none and not all(result["success"] for result in results):
            self._org.tables = before
            undone = {"success": False, "errors": [_ROLLED_BACK.as_result()]}
            return [undone if result["success"] else result for result in results]
        return results

    def _creating(self, user: User, record: Mapping[str, Any]) -> Step:
        def step() -> dict[str, Any]:
            made = self._rows.create(user, self._kind(record), record)
            return {"id": made["Id"], "success": True, "errors": []}

        return step

    def _changing(self, user: User, record: Mapping[str, Any]) -> Step:
        def step() -> dict[str, Any]:
            body = {name: value for name, value in record.items() if name.casefold() != "id"}
            told = next((value for name, value in record.items() if name.casefold() == "id"), None)
            record_id = _id(told)
            changed = self._rows.change(user, self._kind(record), record_id, body)
            return {"id": changed["Id"], "success": True, "errors": []}

        return step

    def _deleting(self, user: User, text: str) -> Step:
        def step() -> dict[str, Any]:
            record_id = _id(text)
            self._rows.delete(user, str(kind_of(record_id)), record_id)
            return {"id": record_id, "success": True, "errors": []}

        return step

    def _kind(self, record: Mapping[str, Any]) -> str:
        told = record.get("attributes")
        name = told.get("type") if isinstance(told, dict) else None
        kind = self._org.schema.object_called(str(name)) if name else None
        if kind is None:
            raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.", ())
        return kind


def _records(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise Refusal("JSON_PARSER_ERROR", "The request has no list of records")
    _need_size(len(records), MOST)
    kinds = [str((record.get("attributes") or {}).get("type")) for record in records]
    chunks = sum(1 for before, after in zip(["", *kinds], kinds, strict=False) if before != after)
    if chunks > MOST_CHUNKS:
        raise Refusal("INVALID_INPUT", f"The records form {chunks} chunks of one type; at most {MOST_CHUNKS} are taken")
    return records


def _need_size(size: int, most: int) -> None:
    if size > most:
        raise Refusal("INVALID_INPUT", f"record list size {size} exceeds the limit of {most}")


def _id(text: object) -> str:
    found = known_id(str(text)) if text is not None else None
    if found is None or kind_of(found) is None:
        raise Refusal("MALFORMED_ID", f"malformed id {text}", ("Id",))
    return found
