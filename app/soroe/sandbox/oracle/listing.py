"""Lists and single rows as answers: `fields`, `q`, `orderBy`, `limit`, `offset`, `onlyData`, and the links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from soroe.sandbox.oracle.fields import Field, Kind, Table
from soroe.sandbox.oracle.query import parse, takes
from soroe.sandbox.oracle.refusals import bad_value
from soroe.sandbox.oracle.rows import Row
from soroe.sandbox.oracle.tags import Tags
from soroe.sandbox.oracle.times import told, understood

BASE = "/OnDemand/user/Rest"
LIST_NAMES = ("fields", "q", "orderBy", "limit", "offset", "onlyData", "LOVLanguageMode")
ITEM_NAMES = ("fields", "onlyData")
MOST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource stands: the path of its collection, and the tag that its answers are under."""

    path: str
    tag: str
    parent: str = ""
    canonical: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every answer depends on: the company's tags, the zone that times are told in, and the parameters."""

    tags: Tags
    zone: tzinfo
    query: Mapping[str, str]


def page(table: Table, place: Place, rows: Iterable[Row], asked: Asked) -> dict[str, Any]:
    """The answer to a list."""
    check_names(asked.query, LIST_NAMES)
    chosen = _chosen(table, asked)
    limit, offset = _number(asked.query, "limit", MOST, 1, MOST), _number(asked.query, "offset", 0, 0, None)
    found = _ordered(table, _matching(table, rows, asked), asked)
    shown = found[offset : offset + limit]
    only_data = _only_data(asked.query)
    document: dict[str, Any] = {place.tag: [_item(table, place, row, chosen, asked.zone, only_data) for row in shown]}
    if not only_data:
        document["links"] = {"self": {"rel": "self", "href": place.path}}
    context = {"limit": limit, "offset": offset, "lastpage": offset + limit >= len(found)}
    return {**document, "_contextInfo": context}


def one(table: Table, place: Place, row: Row, asked: Asked) -> dict[str, Any]:
    """The answer to a read of one row."""
    check_names(asked.query, ITEM_NAMES)
    only_data = _only_data(asked.query)
    return {place.tag: [_item(table, place, row, _chosen(table, asked), asked.zone, only_data)]}


def echo(table: Table, place: Place, row: Row, sent: Collection[str], asked: Asked) -> dict[str, Any]:
    """The answer to a write: the fields that were sent, and the links; nothing else, not even the id."""
    chosen = {name: each for name, each in asked.tags.named(table).items() if name in sent}
    return {place.tag: [_item(table, place, row, chosen, asked.zone, only_data=False)]}


def check_names(query: Mapping[str, str], allowed: Collection[str]) -> None:
    for name in query:
        if name not in allowed:
            raise bad_value(name, "unknown URL parameter")


def _item(
    table: Table, place: Place, row: Row, chosen: Mapping[str, Field], zone: tzinfo, only_data: bool
) -> dict[str, Any]:
    item = {name: _json(row[each.name], zone) for name, each in chosen.items()}
    if only_data:
        return item
    here = f"{place.path}/{row['Id']}"
    canonical = f"{place.canonical or place.path}/{row['Id']}"
    links = {"self": here, "canonical": canonical, **({"parent": place.parent} if place.parent else {})}
    shown = {rel: {"rel": rel, "href": href} for rel, href in links.items()}
    for child in table.children:
        shown[child] = {"rel": "child", "href": f"{here}/child/{child}"}
    return {**item, "links": shown}


def _json(value: Any, zone: tzinfo) -> Any:  # noqa: ANN401 - a value of JSON
    return told(value, zone) if isinstance(value, datetime) else value


def _chosen(table: Table, asked: Asked) -> Mapping[str, Field]:
    named = asked.tags.named(table)
    if "fields" not in asked.query:
        return named
    chosen = asked.query["fields"].split(",")
    for name in chosen:
        if name not in named:
            raise bad_value("fields", f"there is no field {name}")
    return {name: named[name] for name in chosen}


def _matching(table: Table, rows: Iterable[Row], asked: Asked) -> list[Row]:
    if "q" not in asked.query:
        return list(rows)
    expressions = parse(asked.query["q"], asked.tags.named(table))

    def convert(field: Field, text: str) -> str | datetime:
        return understood(text, asked.zone, field.name) if field.kind is Kind.TIME else text

    return [row for row in rows if all(takes(expression, row, convert) for expression in expressions)]


def _ordered(table: Table, found: list[Row], asked: Asked) -> list[Row]:
    """Sorted by the last named field first, so that the first one decides; equal rows stay as they were created."""
    named = asked.tags.named(table)
    for part in reversed([each for each in asked.query.get("orderBy", "").split(",") if each]):
        name, _, direction = part.partition(":")
        if name not in named or not named[name].queryable:
            raise bad_value("orderBy", f"there is no sortable field {name}")
        if direction not in {"asc", "desc"}:
            raise bad_value("orderBy", f"{name} must be followed by :asc or :desc")
        key = named[name].name
        with_value = [row for row in found if row[key] is not None]
        without = [row for row in found if row[key] is None]
        with_value.sort(key=lambda row: row[key], reverse=direction == "desc")
        found = with_value + without
    return found


def _number(query: Mapping[str, str], name: str, usual: int, least: int, most: int | None) -> int:
    if name not in query:
        return usual
    text = query[name]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise bad_value(name, "must be a whole number")
    if int(text) < least or (most is not None and int(text) > most):
        raise bad_value(name, f"must be from {least} to {most}")
    return int(text)


def _only_data(query: Mapping[str, str]) -> bool:
    value = query.get("onlyData", "false").lower()
    if value not in {"true", "false"}:
        raise bad_value("onlyData", "must be true or false")
    return value == "true"
