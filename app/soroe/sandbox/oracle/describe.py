"""The answer to `describe`: what resources, fields, actions and children there are, and what they are called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soroe.sandbox.oracle.fields import CHILDREN, RESOURCES, Kind, Table
from soroe.sandbox.oracle.listing import MOST, Asked, check_names
from soroe.sandbox.oracle.refusals import bad_value
from soroe.sandbox.oracle.tags import Tags

MEDIA = "application/vnd.oracle.adf.resource+json"
_PARTS = frozenset(
    {"attributes", "collection.finders", "collection.links", "collection.actions", "item.links", "item.actions"}
    | {"children.links", "links"}
)
_ACTIONS = {"GET": "get", "POST": "create", "PATCH": "update", "DELETE": "delete"}


def described(tables: list[Table], base: str, asked: Asked, usual_limit: int) -> dict[str, Any]:
    """The resources of one page."""
    check_names(asked.query, ("fields", "limit", "offset"))
    wanted = frozenset(asked.query["fields"].split(",")) if "fields" in asked.query else _PARTS
    for part in wanted - _PARTS:
        raise bad_value("fields", f"there is nothing called {part}")
    limit, offset = _number(asked.query, "limit", usual_limit), _number(asked.query, "offset", 0)
    if not 1 <= limit <= MOST:
        raise bad_value("limit", f"must be from 1 to {MOST}")
    shown = tables[offset : offset + limit]
    return {
        "Resources": {table.name: _resource(table, f"{base}/{table.name}", wanted, asked.tags) for table in shown},
        "_contextInfo": {"limit": limit, "offset": offset, "lastpage": offset + limit >= len(tables)},
    }


def every_table() -> list[Table]:
    return list(RESOURCES.values())


def _resource(table: Table, path: str, wanted: frozenset[str], tags: Tags) -> dict[str, Any]:
    document: dict[str, Any] = {
        "title": table.title,
        "titlePlural": f"{table.title}s",
        "CustomObjectTagName": tags.resource_tag(table),
    }
    if "attributes" in wanted:
        document["attributes"] = [_attribute(table, name, tags) for name in table.fields if tags.has(table, name)]
    collection: dict[str, Any] = {}
    if "collection.actions" in wanted:
        collection["actions"] = [_action(method) for method in ("GET", "POST") if method in table.methods]
    if "collection.links" in wanted:
        collection["links"] = _links(path, self="collection")
    if "collection.finders" in wanted:
        collection["finders"] = []
    item: dict[str, Any] = {}
    if "item.actions" in wanted:
        item["actions"] = [_action(method) for method in ("GET", "PATCH", "DELETE") if method in table.methods]
    if "item.links" in wanted:
        item["links"] = _links(f"{path}/{{Id}}", self="item", **dict.fromkeys(table.children, "collection"))
    document |= {name: part for name, part in (("collection", collection), ("item", item)) if part}
    if "children.links" in wanted and table.children:
        children: Mapping[str, Table] = {name: CHILDREN[name] for name in table.children}
        document["children"] = {
            name: {"title": child.title, "links": _links(f"{path}/{{Id}}/child/{name}", self="collection")}
            for name, child in children.items()
        }
    if "links" in wanted:
        href = f"{path}/describe"
        rels = ("describe", "canonicalDescribe")
        document["links"] = {rel: {"rel": rel, "href": href} for rel in rels}
    return document


def _attribute(table: Table, name: str, tags: Tags) -> dict[str, Any]:
    each = table.fields[name]
    return {
        "name": name,
        "type": "string" if each.kind in {Kind.PICK, Kind.LONG_TEXT, Kind.ROW} else each.kind.value,
        "updatable": each.updatable,
        "mandatory": each.mandatory,
        "queryable": each.queryable,
        "title": each.title,
        "maxLength": each.longest,
        "markfortranslation": False,
        "copyenabled": each.updatable,
        "optimized": False,
        "postdefault": False,
        "casesensitivity": False,
        "htmlfieldtag": each.title,
        "customwsintegrationtag": tags.tag(table, name),
    }


def _action(method: str) -> dict[str, Any]:
    action: dict[str, Any] = {"name": _ACTIONS[method], "method": method, "responseType": [MEDIA]}
    return {**action, "requestType": [MEDIA]} if method in {"POST", "PATCH"} else action


def _links(path: str, **kinds: str) -> dict[str, Any]:
    return {
        rel: {
            "rel": rel if rel == "self" else "child",
            "kind": kind,
            "href": path if rel == "self" else f"{path}/child/{rel}",
        }
        for rel, kind in kinds.items()
    }


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise bad_value(name, "must be a whole number")
    return int(text)
