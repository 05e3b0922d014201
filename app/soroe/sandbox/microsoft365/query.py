"""The OData options of lists and single events: which properties, which items, how many, in which order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from soroe.sandbox.microsoft365.bodies import property_key
from soroe.sandbox.microsoft365.errors import GraphError, Json, invalid_parameter
from soroe.sandbox.microsoft365.http import Parameters
from soroe.sandbox.microsoft365.series import Seen
from soroe.sandbox.microsoft365.times import read_bound

_EXTENDED = re.compile(
    r"singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id\s+eq\s+'([^']*)'\s+and\s+\1/value\s+eq\s+'((?:[^']|'')*)'\s*\)",
    re.IGNORECASE,
)
_COMPARISON = re.compile(r"(iCalUId|subject|type)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_SINCE = re.compile(r"(lastModifiedDateTime|createdDateTime)\s+(ge|gt)\s+([\dT:.Z+-]+)", re.IGNORECASE)
_EXPAND = re.compile(r"singleValueExtendedProperties\(\$filter=(.*)\)", re.IGNORECASE)
_ONE_ID = re.compile(r"id\s+eq\s+'([^']*)'", re.IGNORECASE)
_EXCEPTIONS = "exceptionOccurrences"
_ORDERS = ("start/dateTime", "lastModifiedDateTime", "createdDateTime", "subject")

Fits = Callable[[Seen, Json], bool]
Sort = Callable[[list[tuple[Json, Seen]]], list[Seen]]


@dataclass(frozen=True, slots=True)
class Expand:
    """The extended properties to show, and whether a series shows its modified occurrences."""

    properties: tuple[str, ...] = ()
    exceptions: bool = False


def check_options(query: Parameters, *allowed: str) -> None:
    """Refuses options the address does not know."""
    known = {name.lower() for name in allowed}
    for name in query:
        if name not in known:
            raise GraphError(400, "BadRequest", f"The query parameter '{name}' is not supported.")


def number(query: Parameters, name: str, default: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise GraphError(400, "ErrorInvalidUrlQuery", f"Invalid value '{text}' for the query option '${name}'.")
    return int(text)


def window(query: Parameters) -> tuple[datetime, datetime]:
    """Reads `startDateTime` and `endDateTime`, which views need."""
    for name in ("startDateTime", "endDateTime"):
        if not query.get(name.lower()):
            text = "This request requires a time window specified by the query string parameters StartDateTime and "
            raise invalid_parameter(f"{text}EndDateTime. Missing: {name}.")
    start = read_bound(query["startdatetime"], "startDateTime")
    end = read_bound(query["enddatetime"], "endDateTime")
    if end < start:
        raise invalid_parameter("The end of the time window must not be before its start.")
    return start, end


def selected(shown: Json, query: Parameters, named: Json) -> Json:
    """Applies `$select`; id and etag are always there, what is in `named` only when it is selected by name."""
    text = query.get("select")
    if text is None:
        return shown
    names = [name.strip() for name in text.split(",") if name.strip()]
    whole = {**shown, **named}
    by_name = {name.lower(): name for name in whole}
    kept: Json = {key: shown[key] for key in ("@odata.etag", "id") if key in shown}
    for name in names:
        if name.lower() not in by_name:
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.event'."
            raise GraphError(400, "RequestBroker--ParseUri", message)
        kept[by_name[name.lower()]] = whole[by_name[name.lower()]]
    return kept


def read_expand(query: Parameters) -> Expand:
    text = query.get("expand")
    if text is None:
        return Expand()
    found = _EXPAND.search(text)
    ids = tuple(_ONE_ID.findall(found[1])) if found is not None else ()
    rest = _EXPAND.sub("", text).strip(", ")
    if (found is not None and not ids) or rest not in ("", _EXCEPTIONS):
        raise GraphError(400, "ErrorInvalidUrlQuery", f"The query option '$expand={text}' is not supported.")
    return Expand(ids, rest == _EXCEPTIONS)


def expanded(seen: Seen, expand: Expand) -> Json:
    """The extended properties that are asked for and there; the key is missing where none is."""
    held = seen.item.body["extended"]
    found = [{"id": one, "value": held[property_key(one)]} for one in expand.properties if property_key(one) in held]
    return {"singleValueExtendedProperties": found} if found else {}


def read_filter(query: Parameters) -> Fits | None:
    """Reads the filters the sandbox knows; others are refused, as the service refuses most."""
    text = query.get("filter")
    if text is None:
        return None
    if (found := _EXTENDED.fullmatch(text.strip())) is not None:
        key, value = property_key(found[2]), found[3].replace("''", "'")
        return lambda seen, shown: seen.item.body["extended"].get(key) == value
    if (found := _COMPARISON.fullmatch(text.strip())) is not None:
        name, wanted = found[1].lower(), found[2].replace("''", "'")
        return lambda seen, shown: any(key.lower() == name and held == wanted for key, held in shown.items())
    if (found := _SINCE.fullmatch(text.strip())) is not None:
        name, bound, equal = found[1].lower(), read_bound(found[3], found[1]), found[2].lower() == "ge"
        return lambda seen, shown: any(
            key.lower() == name and (_moment(held) > bound or (equal and _moment(held) == bound))
            for key, held in shown.items()
        )
    raise GraphError(400, "ErrorInvalidUrlQueryFilter", f"The query filter '{text}' is not supported.")


def read_order(query: Parameters) -> Sort | None:
    """Reads `$orderby`, which takes one property."""
    text = query.get("orderby")
    if text is None:
        return None
    name, _, direction = text.strip().partition(" ")
    known = next((one for one in _ORDERS if one.lower() == name.lower()), None)
    if known is None or direction.strip().lower() not in ("", "asc", "desc"):
        raise GraphError(400, "ErrorInvalidUrlQuery", f"The query option '$orderby={text}' is not supported.")

    def key(pair: tuple[Json, Seen]) -> str:
        return str(pair[0]["start"]["dateTime"] if known == "start/dateTime" else pair[0][known])

    falling = direction.strip().lower() == "desc"
    return lambda pairs: [seen for _, seen in sorted(pairs, key=key, reverse=falling)]


def next_link(address: str, query: Parameters, skip: int) -> str:
    """The absolute address of the next page of a list."""
    plain = ("startdatetime", "enddatetime")
    parts = [
        f"{name if name in plain else '$' + name}={quote(value, safe='')}"
        for name, value in {**query, "skip": str(skip)}.items()
    ]
    return f"{address}?{'&'.join(parts)}"


def _moment(text: str) -> datetime:
    return read_bound(text, "lastModifiedDateTime")
