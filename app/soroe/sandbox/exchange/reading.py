"""From the elements of a request to the changes of an item, as strictly as the schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.fields import ORDER
from soroe.sandbox.exchange.model import Attendee, Item, Person, PropertyUri, changed
from soroe.sandbox.exchange.recurrence import read_recurrence
from soroe.sandbox.exchange.soap import TYPES, local
from soroe.sandbox.exchange.zones import read_moment, zone

Changes = dict[str, Any]
"""New values of an item, by the names of `Item`."""

_SENSITIVITIES = ("Normal", "Personal", "Private", "Confidential")
_STATUSES = ("Free", "Tentative", "Busy", "OOF", "NoData", "WorkingElsewhere")
_IMPORTANCES = ("Low", "Normal", "High")
_BODY_TYPES = ("HTML", "Text")
_RESPONSES = ("Unknown", "Organizer", "Tentative", "Accept", "Decline", "NoResponseReceived")
_PROPERTY_TYPES = (
    *("ApplicationTime", "ApplicationTimeArray", "Binary", "BinaryArray", "Boolean", "CLSID", "CLSIDArray"),
    *("Currency", "CurrencyArray", "Double", "DoubleArray", "Float", "FloatArray", "Integer", "IntegerArray"),
    *("Long", "LongArray", "Short", "ShortArray", "SystemTime", "SystemTimeArray", "String", "StringArray"),
)
_PROPERTY_NAMES = (
    *("DistinguishedPropertySetId", "PropertySetId", "PropertyTag", "PropertyName", "PropertyId", "PropertyType"),
)
_PLAIN = ("InReplyTo", "Culture", "When", "ConferenceType", "MeetingWorkspaceUrl", "NetShowUrl")
_PLAIN_FLAGS = ("IsResponseRequested", "AllowNewTimeProposal")


@dataclass(frozen=True, slots=True)
class Reading:
    """`zone` is the Windows name of the zone in which moments without an offset are meant."""

    zone: str


Read = Callable[[Reading, Element, Changes], None]


def one_of(value: str, known: tuple[str, ...], name: str) -> str:
    if value not in known:
        raise schema(f"The '{name}' element is invalid - The value '{value}' fails the enumeration constraint.")
    return value


def flag(text: str, name: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise schema(f"The '{name}' element is invalid - The value '{text}' is not of the datatype 'boolean'.")
    return text in ("true", "1")


def text_of(element: Element) -> str:
    if len(element):
        raise schema(f"The element '{local(element)}' cannot contain child elements.")
    return element.text or ""


def _words(key: str) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        changes[key] = text_of(element)

    return read


def _choice(key: str, known: tuple[str, ...]) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        changes[key] = one_of(text_of(element), known, local(element))

    return read


def _flag(key: str) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        changes[key] = flag(text_of(element), local(element))

    return read


def _moment(key: str) -> Read:
    def read(reading: Reading, element: Element, changes: Changes) -> None:
        changes[key] = read_moment(text_of(element), reading.zone)

    return read


def _zone(key: str) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        name = element.get("Id") or element.get("Name") or ""
        zone(name)
        changes[key] = name

    return read


def _body(_: Reading, element: Element, changes: Changes) -> None:
    if "BodyType" not in element.attrib:
        raise schema("The required attribute 'BodyType' is missing.")
    changes["body_type"] = one_of(element.attrib["BodyType"], _BODY_TYPES, "BodyType")
    changes["body"] = text_of(element)


def _categories(_: Reading, element: Element, changes: Changes) -> None:
    changes["categories"] = tuple(text_of(child) for child in element)


def _minutes(_: Reading, element: Element, changes: Changes) -> None:
    text = text_of(element)
    if not text.isdecimal():
        raise schema(f"The value '{text}' of 'ReminderMinutesBeforeStart' is invalid.")
    changes["reminder_minutes"] = int(text)


def _attendees(key: str) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        changes[key] = tuple(_attendee(child) for child in element)

    return read


def _attendee(element: Element) -> Attendee:
    box = element.find(f"{TYPES}Mailbox")
    if local(element) != "Attendee" or box is None:
        raise schema("An attendee needs a 'Mailbox'.")
    address = box.findtext(f"{TYPES}EmailAddress", "")
    if "@" not in address:
        raise EwsError("ErrorInvalidRecipients", f"The recipient '{address}' is not valid.")
    response = one_of(element.findtext(f"{TYPES}ResponseType", "Unknown"), _RESPONSES, "ResponseType")
    return Attendee(Person(address, box.findtext(f"{TYPES}Name", "")), response)


def _recurrence(_: Reading, element: Element, changes: Changes) -> None:
    changes["recurrence"] = read_recurrence(element)


def _ignored_class(_: Reading, element: Element, changes: Changes) -> None:
    if not text_of(element).startswith("IPM.Appointment"):
        raise EwsError("ErrorObjectTypeChanged", "The item class does not belong to a calendar item.")


def _plain(name: str) -> Read:
    def read(_: Reading, element: Element, changes: Changes) -> None:
        text = text_of(element)
        if name in _PLAIN_FLAGS:
            flag(text, name)
        changes.setdefault("other", {})[name] = text

    return read


def property_uri(element: Element) -> PropertyUri:
    """Reads an ExtendedFieldURI."""
    unknown = set(element.attrib) - set(_PROPERTY_NAMES)
    if unknown or "PropertyType" not in element.attrib:
        raise schema("The 'ExtendedFieldURI' element has wrong attributes.")
    one_of(element.attrib["PropertyType"], _PROPERTY_TYPES, "PropertyType")
    found = {name: element.attrib[name] for name in _PROPERTY_NAMES if name in element.attrib}
    if "PropertySetId" in found:
        found["PropertySetId"] = found["PropertySetId"].lower()
    named = {"PropertyName", "PropertyId"} & set(found)
    in_set = {"DistinguishedPropertySetId", "PropertySetId"} & set(found)
    if ("PropertyTag" in found) == bool(named and in_set) or len(named) > 1 or len(in_set) > 1:
        raise EwsError("ErrorInvalidExtendedProperty", "The extended property's attributes do not go together.")
    return PropertyUri(tuple(found.items()))


def _extended(_: Reading, element: Element, changes: Changes) -> None:
    path = element.find(f"{TYPES}ExtendedFieldURI")
    if path is None or len(element) != 2 or element[0] is not path:
        raise schema("The element 'ExtendedProperty' has incomplete or invalid content.")
    uri = property_uri(path)
    value = element[1]
    if local(value) != ("Values" if uri.kind.endswith("Array") else "Value"):
        raise EwsError("ErrorInvalidExtendedPropertyValue", "The value does not fit the extended property's type.")
    values = tuple(text_of(one) for one in value) if local(value) == "Values" else (text_of(value),)
    if uri.kind in ("Integer", "Long", "Short") and not values[0].lstrip("-").isdecimal():
        raise EwsError("ErrorInvalidExtendedPropertyValue", "The value is not a number.")
    changes.setdefault("extended", {})[uri] = values


READERS: dict[str, Read] = {
    "ItemClass": _ignored_class,
    "Subject": _words("subject"),
    "Sensitivity": _choice("sensitivity", _SENSITIVITIES),
    "Body": _body,
    "Categories": _categories,
    "Importance": _choice("importance", _IMPORTANCES),
    "ReminderDueBy": _moment("reminder_due"),
    "ReminderIsSet": _flag("reminder"),
    "ReminderMinutesBeforeStart": _minutes,
    "ExtendedProperty": _extended,
    "UID": _words("uid"),
    "Start": _moment("start"),
    "End": _moment("end"),
    "IsAllDayEvent": _flag("all_day"),
    "LegacyFreeBusyStatus": _choice("show_as", _STATUSES),
    "Location": _words("location"),
    "RequiredAttendees": _attendees("required"),
    "OptionalAttendees": _attendees("optional"),
    "Resources": _attendees("resources"),
    "Recurrence": _recurrence,
    "StartTimeZone": _zone("start_zone"),
    "EndTimeZone": _zone("end_zone"),
    **{name: _plain(name) for name in (*_PLAIN, *_PLAIN_FLAGS)},
}
"""What can be written; every other property of the schema is the server's own (ErrorInvalidPropertySet)."""


def read_item(element: Element, reading: Reading) -> Changes:
    """Reads a whole CalendarItem of a request; its children have to come in the schema's order.

    Moments without an offset are on the clock of the item's own StartTimeZone where it has one.
    """
    if local(element) != "CalendarItem":
        raise EwsError("ErrorInvalidOperation", "This server of the sandbox keeps calendar items only.")
    changes: Changes = {}
    place = 0
    for child in element:
        name = local(child)
        if child.tag != TYPES + name or name not in ORDER:
            raise schema(f"The element 'CalendarItem' has invalid child element '{name}'.")
        if ORDER.index(name) < place or (ORDER.index(name) == place > 0 and name != "ExtendedProperty"):
            raise schema(f"The element 'CalendarItem' has the child element '{name}' in the wrong place.")
        place = ORDER.index(name)
    own_zone = element.find(f"{TYPES}StartTimeZone")
    if own_zone is not None:
        named: Changes = {}
        read_property(own_zone, reading, named)
        reading = Reading(named["start_zone"])
    for child in element:
        read_property(child, reading, changes)
    return changes


def read_property(element: Element, reading: Reading, changes: Changes) -> None:
    """Reads one property into `changes`."""
    name = local(element)
    if name not in READERS:
        raise EwsError("ErrorInvalidPropertySet", f"Set action is invalid for the property {name}.")
    READERS[name](reading, element, changes)


def applied(item: Item, changes: Changes) -> Item:
    """The item with changes laid over it; extended and plain properties are merged one by one."""
    merged = {name: value for name, value in changes.items() if name != "reminder_due"}
    if "extended" in changes:
        every = dict(item.extended) | changes["extended"]
        merged["extended"] = tuple((uri, values) for uri, values in every.items() if values is not None)
    if "other" in changes:
        merged["other"] = tuple((dict(item.other) | changes["other"]).items())
    return changed(item, **merged)
