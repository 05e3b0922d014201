"""The WHERE of a query held against one record."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, assert_never

from soroe.sandbox.salesforce.ids import known_id
from soroe.sandbox.salesforce.org import Org
from soroe.sandbox.salesforce.paths import Path, need_path
from soroe.sandbox.salesforce.refusals import Refusal
from soroe.sandbox.salesforce.schema import Field
from soroe.sandbox.salesforce.soql import Both, Comparison, Condition, Either, Not, Query
from soroe.sandbox.salesforce.soql_tokens import Token
from soroe.sandbox.salesforce.values import Values, read_day, read_instant

Test = Callable[[Values], bool]
Inner = Callable[[Query], frozenset[object]]
_NO_INNER = ("Event", "EventRelation")
_TEXTS = ("string", "combobox", "picklist", "email", "textarea")


class Filters:
    """Makes tests of conditions on one object; `inner` answers the query of an IN (SELECT …).

    Days by name, as TODAY, are not played: they are refused.
    """

    def __init__(self, org: Org, kind: str, inner: Inner) -> None:
        self._org = org
        self._kind = kind
        self._inner = inner

    def test(self, condition: Condition) -> Test:
        match condition:
            case Both(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: all(test(row) for test in tests)
            case Either(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: any(test(row) for test in tests)
            case Not(part):
                inside = self.test(part)
                return lambda row: not inside(row)
            case Comparison():
                return self._comparison(condition)
            case _:
                assert_never(condition)

    def _comparison(self, asked: Comparison) -> Test:
        path = need_path(self._org, self._kind, asked.path)
        if not path.field.filter:
            raise Refusal("INVALID_FIELD", f"field '{path.name}' can not be filtered in a query call")
        if asked.query is not None:
            return self._semi_join(asked, asked.query, path)
        if asked.sign == "LIKE":
            return self._like(path, asked.values[0])
        wanted = [self._value(path.field, token) for token in asked.values]
        return _compared(self._org, path, asked.sign, wanted)

    def _semi_join(self, asked: Comparison, query: Query, path: Path) -> Test:
        if query.source in _NO_INNER:
            message = f"Entity '{query.source}' is not supported for semi join inner selects"
            raise Refusal("MALFORMED_QUERY", message)
        if path.field.kind not in ("id", "reference"):
            raise Refusal("INVALID_FIELD", f"field '{path.name}' is no id or reference and takes no inner query")
        found = self._inner(query)
        inside = asked.sign == "IN"
        return lambda row: (path.value(self._org, row) in found) is inside

    def _like(self, path: Path, token: Token) -> Test:
        if path.field.kind not in _TEXTS or token.kind != "string":
            raise Refusal("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {path.field.kind} field")
        parts = ({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in token.text)
        pattern = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
        return lambda row: pattern.fullmatch(str(path.value(self._org, row) or "")) is not None

    @staticmethod
    def _value(field: Field, token: Token) -> object:
        if token.kind == "name" and token.text.upper() == "NULL":
            return None
        match field.kind:
            case "datetime":
                return _typed(field, token, "datetime", read_instant)
            case "date":
                return _typed(field, token, "date", read_day)
            case "boolean":
                truth = {"TRUE": True, "FALSE": False}
                return _typed(field, token, "name", lambda text: truth.get(text.upper()))
            case "int":
                return _typed(field, token, "number", int)
            case "id" | "reference":
                found = known_id(token.text) if token.kind == "string" else None
                if found is None:
                    raise Refusal("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {token.text}")
                return found
            case _:
                return _typed(field, token, "string", str.casefold)


def _typed(field: Field, token: Token, kind: str, read: Callable[[str], object]) -> object:
    found = read(token.text) if token.kind == kind else None
    if found is None:
        told = {"datetime": "dateTime", "combobox": "string", "email": "string", "picklist": "string"}.get(
            field.kind, field.kind
        )
        quotes = " and should be enclosed in quotes" if kind == "string" else " and should not be enclosed in quotes"
        quotes = quotes if (token.kind == "string") != (kind == "string") else ""
        message = f"value of filter criterion for field '{field.name}' must be of type {told}{quotes}"
        raise Refusal("INVALID_FIELD", message)
    return found


def _compared(org: Org, path: Path, sign: str, wanted: list[object]) -> Test:
    textual = path.field.kind in _TEXTS

    def has(row: Values) -> object:
        value = path.value(org, row)
        return value.casefold() if textual and isinstance(value, str) else value

    match sign:
        case "=" | "IN":
            return lambda row: has(row) in wanted
        case "!=" | "NOT IN":
            return lambda row: has(row) not in wanted
        case _:
            return lambda row: _ordered(sign, has(row), wanted[0])


def _ordered(sign: str, has: Any, wanted: Any) -> bool:  # noqa: ANN401 - times, dates, numbers or texts
    """Compares two values of one type; nothing is neither before nor after anything."""
    if type(has) is not type(wanted) or has is None:
        return False
    return bool({"<": has < wanted, "<=": has <= wanted, ">": has > wanted, ">=": has >= wanted}[sign])
