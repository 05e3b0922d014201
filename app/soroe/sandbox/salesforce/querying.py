"""Queries carried out: which records, in which order, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from soroe.sandbox.salesforce.filters import Filters
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.paths import Path, need_path
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.schema import Field
from soroe.sandbox.salesforce.soql import Order, Query, parse
from soroe.sandbox.salesforce.values import Values, shown

Pager = Callable[[list[dict[str, Any]]], dict[str, Any]]
_CHILDREN = {"eventrelations": ("EventRelation", "EventId")}
_MOST_OFFSET = 2000


class Querying:
    """Answers queries of one user; `with_bin` also finds what is in the recycle bin or archived.

    `pager` makes a first page of the related records that stand within a record.
    """

    def __init__(self, org: Org, user: User, version: str, pager: Pager, with_bin: bool = False) -> None:
        self._org = org
        self._pager = pager
        self._user = user
        self._version = version
        self._with_bin = with_bin

    def answer(self, text: str) -> tuple[list[dict[str, Any]], int]:
        """The records as they are shown, and how many there are (which COUNT() tells alone)."""
        query = parse(text)
        kind = self._object(query)
        rows = self._found(query, kind)
        if query.counts:
            return [], len(rows)
        show = self._shower(query, kind)
        return [show(row) for row in rows], len(rows)

    def _object(self, query: Query) -> str:
        kind = self._org.schema.object_called(query.source)
        if kind is None:
            message = f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, "
            message += "be sure to append the '__c' after the entity name."
            raise Refusal("INVALID_TYPE", message)
        return kind

    def _found(self, query: Query, kind: str, among: list[Values] | None = None) -> list[Values]:
        rows = self._org.rows(kind, self._with_bin) if among is None else among
        if query.where is not None:
            test = Filters(self._org, kind, self._inner).test(query.where)
            rows = [row for row in rows if test(row)]
        rows = [
            row for row in rows if self._org.sees(self._user, row) and (self._with_bin or not row.get("IsArchived"))
        ]
        for order in reversed(query.orders):
            rows = self._ordered(rows, order, kind)
        if query.offset > _MOST_OFFSET:
            raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        until = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : until]

    def _inner(self, query: Query) -> frozenset[object]:
        kind = self._object(query)
        [selected] = query.selected if len(query.selected) == 1 else [""]
        path = need_path(self._org, kind, str(selected))
        return frozenset(path.value(self._org, row) for row in self._found(query, kind))

    def _ordered(self, rows: list[Values], order: Order, kind: str) -> list[Values]:
        path = need_path(self._org, kind, order.path)
        if not path.field.sort:
            raise Refusal("MALFORMED_QUERY", f"field '{path.name}' can not be sorted in a query call")
        empty = [row for row in rows if path.value(self._org, row) is None]
        rest = [row for row in rows if path.value(self._org, row) is not None]
        rest.sort(key=lambda row: _key(path.value(self._org, row)), reverse=order.descending)
        return rest + empty if order.nulls_last else empty + rest

    # ------------------------------------------------------------------ what is shown
    def _shower(self, query: Query, kind: str) -> Callable[[Values], dict[str, Any]]:
        shown_by: list[Callable[[Values, dict[str, Any]], None]] = []
        seen: set[str] = set()
        for selected in query.selected:
            if isinstance(selected, Query):
                shown_by.append(self._children(selected, kind))
                continue
            path = need_path(self._org, kind, selected)
            if path.name in seen:
                raise Refusal("MALFORMED_QUERY", f"duplicate field selected: {path.name}")
            seen.add(path.name)
            shown_by.append(self._value(path))

        def show(row: Values) -> dict[str, Any]:
            record: dict[str, Any] = {"attributes": attributes(self._version, kind, row["Id"])}
            for put in shown_by:
                put(row, record)
            return record

        return show

    def _value(self, path: Path) -> Callable[[Values, dict[str, Any]], None]:
        name, timed = path.field.name, path.field.kind in ("date", "datetime")
        if path.reference is None:

            def put_own(row: Values, record: dict[str, Any]) -> None:
                record[name] = shown(row.get(name)) if timed else row.get(name)

            return put_own
        return self._related(path, path.reference)

    def _related(self, path: Path, reference: Field) -> Callable[[Values, dict[str, Any]], None]:
        def put(row: Values, record: dict[str, Any]) -> None:
            target = self._org.live(row[reference.name])
            if target is None:
                record[reference.relation] = None
                return
            kind = self._org.kind(target)
            told = kind if len(reference.refers) == 1 else "Name"
            fresh = {"attributes": {**attributes(self._version, kind, target["Id"]), "type": told}}
            record.setdefault(reference.relation, fresh)[path.field.name] = shown(path.value(self._org, row))

        return put

    def _children(self, query: Query, kind: str) -> Callable[[Values, dict[str, Any]], None]:
        relation = _CHILDREN.get(query.source.casefold())
        if kind != "Event" or relation is None:
            message = f"Didn't understand relationship '{query.source}' in FROM part of query call."
            raise Refusal("INVALID_TYPE", message)
        child, parent = relation
        show = self._shower(query, child)
        self._found(query, child, [])  # refuses a wrong filter also where there is no record
        of: dict[str, list[Values]] = {}
        for each in self._org.rows(child, self._with_bin):
            of.setdefault(each[parent], []).append(each)

        def put(row: Values, record: dict[str, Any]) -> None:
            mine = of.get(row["Id"])
            records = [show(each) for each in self._found(query, child, mine)] if mine else []
            record[query.source] = self._pager(records) if records else None

        return put


def attributes(version: str, kind: str, record_id: str) -> dict[str, str]:
    return {"type": kind, "url": f"/services/data/{version}/sobjects/{kind}/{record_id}"}


def _key(value: object) -> Any:  # noqa: ANN401 - dates, texts and numbers are each compared among themselves
    if isinstance(value, datetime | date | int):
        return value
    return str(value).casefold()
