"""Search expressions of FindItem: comparisons of properties with constants, joined by And, Or and Not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.fields import BY_URI
from soroe.sandbox.exchange.model import Item
from soroe.sandbox.exchange.reading import flag, one_of, property_uri
from soroe.sandbox.exchange.soap import TYPES, local
from soroe.sandbox.exchange.zones import read_moment

Value = str | bool | int | datetime | None

_SEARCHED: dict[str, Callable[[Item], Value]] = {
    "item:Subject": lambda item: item.subject,
    "item:Sensitivity": lambda item: item.sensitivity,
    "item:Importance": lambda item: item.importance,
    "item:DateTimeCreated": lambda item: item.created,
    "item:LastModifiedTime": lambda item: item.modified,
    "item:ReminderIsSet": lambda item: item.reminder,
    "calendar:Start": lambda item: item.start,
    "calendar:End": lambda item: item.end,
    "calendar:IsAllDayEvent": lambda item: item.all_day,
    "calendar:LegacyFreeBusyStatus": lambda item: item.show_as,
    "calendar:Location": lambda item: item.location,
    "calendar:IsMeeting": lambda item: bool(item.invited),
    "calendar:IsCancelled": lambda item: item.cancelled,
}
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "IsEqualTo": lambda order: order == 0,
    "IsNotEqualTo": lambda order: order != 0,
    "IsGreaterThan": lambda order: order > 0,
    "IsGreaterThanOrEqualTo": lambda order: order >= 0,
    "IsLessThan": lambda order: order < 0,
    "IsLessThanOrEqualTo": lambda order: order <= 0,
}
_MODES = ("FullString", "Prefixed", "Substring", "PrefixOnWords", "ExactPhrase")
_CASES = ("Exact", "IgnoreCase", "IgnoreNonSpacingCharacters", "Loose", "IgnoreCaseAndNonSpacingCharacters")


def matches(expression: Element, item: Item, zone: str) -> bool:
    """Whether an item fits a search expression; property paths that cannot be searched are refused."""
    parts = list(expression)
    name = local(expression)
    match name:
        case "And":
            return all(matches(part, item, zone) for part in parts)
        case "Or":
            return any(matches(part, item, zone) for part in parts)
        case "Not" if len(parts) == 1:
            return not matches(parts[0], item, zone)
        case "Exists" if len(parts) == 1:
            return _value(parts[0], item) is not None
        case "Contains" if len(parts) == 2:
            return _contains(expression, item)
        case _ if name in _COMPARISONS and len(parts) == 2:
            return _compared(name, parts, item, zone)
        case _:
            raise schema(f"The search expression '{name}' is not known or incomplete.")


def sort_key(path: Element, item: Item) -> tuple[bool, str]:
    """Where an item stands in an order by one property."""
    value = _value(path, item)
    return value is not None, value.isoformat() if isinstance(value, datetime) else str(value).lower()


def _value(path: Element, item: Item) -> Value:
    if local(path) == "ExtendedFieldURI":
        values = dict(item.extended).get(property_uri(path))
        return None if values is None else values[0]
    uri = path.get("FieldURI", "")
    if local(path) != "FieldURI" or uri not in BY_URI:
        raise schema(f"The 'FieldURI' attribute is invalid - The value '{uri}' fails the enumeration constraint.")
    if uri not in _SEARCHED:
        raise EwsError("ErrorUnsupportedPathForQuery", f"The property {uri} cannot be searched for.")
    return _SEARCHED[uri](item)


def _compared(name: str, parts: list[Element], item: Item, zone: str) -> bool:
    value = _value(parts[0], item)
    constant = parts[1].find(f"{TYPES}Constant")
    if local(parts[1]) != "FieldURIOrConstant" or constant is None:
        raise schema("A comparison needs a 'FieldURIOrConstant' with a 'Constant'.")
    if value is None:
        return name == "IsNotEqualTo"
    wanted = _constant(value, constant.get("Value", ""), zone)
    return _COMPARISONS[name](_order(value, wanted))


def _constant(value: Value, text: str, zone: str) -> Value:
    if isinstance(value, bool):
        return flag(text, "Constant")
    if isinstance(value, datetime):
        return read_moment(text, zone)
    return text


def _order(value: Value, wanted: Value) -> int:
    """Texts compare without regard to case, as the store's restrictions do."""
    one, other = str(value).lower(), str(wanted).lower()
    if isinstance(value, datetime) and isinstance(wanted, datetime):
        return (value > wanted) - (value < wanted)
    return (one > other) - (one < other)


def _contains(expression: Element, item: Item) -> bool:
    mode = one_of(expression.get("ContainmentMode", "FullString"), _MODES, "ContainmentMode")
    case = one_of(expression.get("ContainmentComparison", "Exact"), _CASES, "ContainmentComparison")
    constant = expression[1]
    if local(constant) != "Constant":
        raise schema("'Contains' needs a 'Constant'.")
    text, wanted = str(_value(expression[0], item) or ""), constant.get("Value", "")
    if case != "Exact":
        text, wanted = text.lower(), wanted.lower()
    match mode:
        case "FullString":
            return text == wanted
        case "Prefixed":
            return text.startswith(wanted)
        case "PrefixOnWords":
            return any(word.startswith(wanted) for word in text.split())
        case _:
            return wanted in text
