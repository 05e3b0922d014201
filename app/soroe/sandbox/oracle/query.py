"""The `q` parameter: field expressions between semicolons, each one field with comparisons joined by AND and OR."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from soroe.sandbox.oracle.fields import Field, Kind
from soroe.sandbox.oracle.refusals import bad_query

LONGEST = 4096
_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
_OPERATOR = re.compile(r"\s*(>=|<=|=|>|<|LIKE\b)", re.IGNORECASE)
_BARE = re.compile(r"\s*(TRUE\b|FALSE\b|-?\d+(?:\.\d+)?)", re.IGNORECASE)
_JOIN = re.compile(r"\s*(AND|OR)\b", re.IGNORECASE)
_ESCAPED = frozenset("\"'\\*;")
_WILD = "\0"  # a wildcard inside a literal whose escapes are resolved


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; `joined` is AND or OR with what stands before it, empty for the first."""

    joined: str
    operator: str
    value: str | bool


@dataclass(frozen=True, slots=True)
class FieldExpression:
    field: Field
    comparisons: tuple[Comparison, ...]


Convert = Callable[[Field, str], Any]


def parse(text: str, fields: Mapping[str, Field]) -> tuple[FieldExpression, ...]:
    """Reads the whole expression; `fields` go by the names that callers use. Raises the parser errors of the guide."""
    if len(text) > LONGEST:
        raise bad_query("REST_QUERY_PARSER_EXPRESSION_TOO_LONG", f"{len(text)} characters")
    found: list[FieldExpression] = []
    at = 0
    while True:
        expression, at = _field_expression(text, at, fields)
        found.append(expression)
        if not text[at:].strip():
            return tuple(found)
        at = _skip(text, at)
        if text[at] != ";":
            raise bad_query("REST_QUERY_PARSER_SEMICOLON_EXPECTED", text[at : at + 20])
        at += 1


def takes(expression: FieldExpression, row: Mapping[str, Any], convert: Convert) -> bool:
    """Whether a row fits; AND binds more tightly than OR. A row without a value fits nothing."""
    value = row[expression.field.name]
    either, all_so_far = False, True
    for comparison in expression.comparisons:
        fits = value is not None and _fits(expression.field, comparison, value, convert)
        if comparison.joined == "OR":
            either, all_so_far = either or all_so_far, fits
        else:
            all_so_far = all_so_far and fits
    return either or all_so_far


def _fits(field: Field, comparison: Comparison, value: Any, convert: Convert) -> bool:  # noqa: ANN401 - a value of JSON
    wanted = comparison.value
    if field.kind is Kind.FLAG or isinstance(wanted, bool):
        return comparison.operator == "=" and bool(value) is (str(wanted).lower() == "true")
    if comparison.operator == "LIKE" or (comparison.operator == "=" and _WILD in wanted):
        pattern = ".*".join(re.escape(part) for part in wanted.split(_WILD))
        return re.fullmatch(pattern, str(value), re.DOTALL) is not None
    other = convert(field, wanted)
    match comparison.operator:
        case "=":
            return bool(value == other)
        case ">":
            return bool(value > other)
        case "<":
            return bool(value < other)
        case ">=":
            return bool(value >= other)
        case _:
            return bool(value <= other)


def _field_expression(text: str, at: int, fields: Mapping[str, Field]) -> tuple[FieldExpression, int]:
    named = _NAME.match(text, at)
    if named is None:
        raise bad_query("REST_QUERY_PARSER_INVALID_FIELD", text[at : at + 20])
    field = fields.get(named[1])
    if field is None:
        raise bad_query("REST_QUERY_PARSER_INVALID_FIELD", named[1])
    if not field.queryable:
        raise bad_query("REST_QUERY_PARSER_FLD_NOT_SEARCHABLE", named[1])
    comparisons: list[Comparison] = []
    at, joined = named.end(), ""
    while True:
        comparison, at = _comparison(text, at, joined)
        comparisons.append(comparison)
        join = _JOIN.match(text, at)
        if join is None:
            return FieldExpression(field, tuple(comparisons)), at
        joined, at = join[1].upper(), join.end()


def _comparison(text: str, at: int, joined: str) -> tuple[Comparison, int]:
    operator = _OPERATOR.match(text, at)
    if operator is None:
        rest = text[at:].strip()
        if not rest:
            raise bad_query("REST_QUERY_PARSER_OPERATOR_NOT_FOUND", "at the end")
        raise bad_query("REST_QUERY_PARSER_INVALID_OPERATOR", rest[:20])
    at = _skip(text, operator.end())
    if at >= len(text) or text[at] == ";":
        raise bad_query("REST_QUERY_PARSER_VALUE_NOT_FOUND", operator[1])
    value: str | bool
    if text[at] in "\"'":
        value, at = _literal(text, at)
    else:
        bare = _BARE.match(text, at)
        if bare is None:
            raise bad_query("REST_QUERY_PARSER_INVALID_STRING", text[at : at + 20])
        value, at = bare[1], bare.end()
        value = value.lower() == "true" if value.lower() in {"true", "false"} else value
    return Comparison(joined, operator[1].upper(), value), at


def _literal(text: str, at: int) -> tuple[str, int]:
    """The literal that begins with the quotation mark at `at`, with wildcards marked, and where it ends."""
    quote, found = text[at], ""
    at += 1
    while at < len(text):
        character = text[at]
        if character == quote:
            return found, at + 1
        if character == "\\":
            if text[at + 1 : at + 2] not in _ESCAPED or at + 1 >= len(text):
                raise bad_query("REST_QUERY_PARSER_UNSUPPORTED_ESCAPE_SEQ", text[at : at + 2])
            at += 1
            found += text[at]
        elif character == "\0":
            raise bad_query("REST_QUERY_PARSER_UNSUPPORTED_CHAR", "null")
        else:
            found += _WILD if character == "*" else character
        at += 1
    raise bad_query("REST_QUERY_PARSER_UNCLOSED_STRING", found[:20])


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
