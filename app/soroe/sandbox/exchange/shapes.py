"""Which properties a request wants to see, and items shown accordingly."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.fields import BY_URI, FIELDS, Field
from soroe.sandbox.exchange.model import PropertyUri
from soroe.sandbox.exchange.reading import one_of, property_uri
from soroe.sandbox.exchange.series import Seen
from soroe.sandbox.exchange.showing import Look, extended
from soroe.sandbox.exchange.soap import TYPES, children, local, node

_OTHER_KINDS = ("message", "contacts", "task", "distributionlist", "postitem", "meeting", "meetingRequest")
_BASES = ("IdOnly", "Default", "AllProperties", "PreviewOnly")


@dataclass(frozen=True, slots=True)
class Shape:
    """The wanted fields in the schema's order, and the wanted extended properties."""

    fields: tuple[Field, ...]
    properties: list[PropertyUri] = field(default_factory=list)
    body_type: str = "Best"


def read_shape(call: Call, *, deep: bool, strict: bool) -> Shape:
    """Reads an ItemShape. Without `deep` only summaries are given; with `strict` asking for more is refused."""
    element = call.part("ItemShape")
    base = one_of(element.findtext(f"{TYPES}BaseShape", ""), _BASES, "BaseShape")
    body_type = one_of(element.findtext(f"{TYPES}BodyType", "Best"), ("Best", "HTML", "Text"), "BodyType")
    names: set[str] = set()
    properties: list[PropertyUri] = []
    for path in children(element, f"{TYPES}AdditionalProperties"):
        match local(path):
            case "FieldURI":
                names.add(_known(path.get("FieldURI", "")))
            case "ExtendedFieldURI":
                properties.append(property_uri(path))
            case "IndexedFieldURI":
                continue  # of contacts and the like; calendar items have none
            case other:
                raise schema(f"The element 'AdditionalProperties' has invalid child element '{other}'.")
    if strict and any(one.uri in names and one.deep for one in FIELDS):
        raise EwsError("ErrorInvalidPropertyRequest", "Property is not valid for this operation.")
    wanted = [one for one in FIELDS if one.uri in names or _in_base(one, base) or (properties and not one.uri)]
    return Shape(tuple(one for one in wanted if deep or not one.deep), properties, body_type)


def _in_base(one: Field, base: str) -> bool:
    if one.uri == "item:ItemId":
        return True
    if base == "AllProperties":
        return bool(one.uri) and one.uri != "item:TextBody"
    return base == "Default" and one.usual


def _known(uri: str) -> str:
    """Checks a path. Properties of other kinds of items may be asked for in any folder; calendar items have none."""
    if uri in BY_URI or uri.partition(":")[0] in _OTHER_KINDS:
        return uri
    raise schema(f"The 'FieldURI' attribute is invalid - The value '{uri}' fails the enumeration constraint.")


def shown_item(call: Call, seen: Seen, shape: Shape) -> Element:
    """One item as the shape wants it; extended properties stand where the schema has them."""
    look = Look(call.state, call.account, seen, shape.body_type)
    made = node("t:CalendarItem")
    for one in shape.fields:
        if one.name == "ExtendedProperty":
            made.extend(extended(look, shape.properties))
            continue
        element = one.show(look)
        if element is not None:
            made.append(element)
    return made
