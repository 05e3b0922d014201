"""The objects of the org and their fields, as describe tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

LABELS = {
    "StartDateTime": "Start Date Time",
    "EndDateTime": "End Date Time",
    "ActivityDateTime": "Due Date Time",
    "ActivityDate": "Due Date Only",
    "DurationInMinutes": "Duration",
    "IsAllDayEvent": "All-Day Event",
    "ShowAs": "Show Time As",
    "OwnerId": "Assigned To ID",
    "WhoId": "Name ID",
    "WhatId": "Related To ID",
    "IsPrivate": "Private",
}
SHOW_AS = ("Busy", "OutOfOffice", "Free")
TYPES = ("Call", "Email", "Meeting", "Other")
RECURRENCES = (
    "RecursDaily",
    "RecursEveryWeekday",
    "RecursMonthly",
    "RecursMonthlyNth",
    "RecursWeekly",
    "RecursYearly",
    "RecursYearlyNth",
)
INSTANCES = ("First", "Second", "Third", "Fourth", "Last")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
STATUSES = ("New", "Accepted", "Declined", "Maybe")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind` is the type that describe tells; a picklist that is not `restricted` takes any value."""

    name: str
    kind: str
    length: int = 0
    create: bool = False
    update: bool = False
    filter: bool = True
    sort: bool = True
    nillable: bool = True
    picklist: tuple[str, ...] = ()
    restricted: bool = True
    refers: tuple[str, ...] = ()
    relation: str = ""
    external: bool = False
    unique: bool = False
    custom: bool = False

    @property
    def label(self) -> str:
        return LABELS.get(self.name, self.name)


def _field(name: str, kind: str, length: int = 0, write: str = "", *, nillable: bool = True, **more: object) -> Field:
    """A field; `write` has c where a request may give it on create, u where it may on update."""
    made = Field(name, kind, length, create="c" in write, update="u" in write, nillable=nillable)
    return replace(made, **more)  # type: ignore[arg-type]  # the names are those of Field, which replace checks


def _reference(name: str, relation: str, *refers: str, write: str = "", nillable: bool = True) -> Field:
    return Field(
        name,
        "reference",
        18,
        create="c" in write,
        update="u" in write,
        nillable=nillable,
        refers=refers,
        relation=relation,
    )


def _flag(name: str, write: str = "") -> Field:
    return Field(name, "boolean", create="c" in write, update="u" in write, nillable=False)


def _system() -> tuple[Field, ...]:
    return (
        _flag("IsDeleted"),
        _field("CreatedDate", "datetime", nillable=False),
        _reference("CreatedById", "CreatedBy", "User", nillable=False),
        _field("LastModifiedDate", "datetime", nillable=False),
        _reference("LastModifiedById", "LastModifiedBy", "User", nillable=False),
        _field("SystemModstamp", "datetime", nillable=False),
    )


def _id() -> Field:
    return _field("Id", "id", 18, nillable=False)


_EVENT = (
    _id(),
    _reference("WhoId", "Who", "Contact", "Lead", write="cu"),
    _reference("WhatId", "What", "Account", "Opportunity", write="cu"),
    _field("Subject", "combobox", 255, "cu", picklist=("Call", "Email", "Meeting"), restricted=False),
    _field("Location", "string", 255, "cu"),
    _flag("IsAllDayEvent", "cu"),
    _field("ActivityDateTime", "datetime", write="cu"),
    _field("ActivityDate", "date", write="cu"),
    _field("DurationInMinutes", "int", write="cu"),
    _field("StartDateTime", "datetime", write="cu"),
    _field("EndDateTime", "datetime", write="cu"),
    _field("EndDate", "date"),
    _field("Description", "textarea", 32000, "cu", filter=False, sort=False),
    _reference("AccountId", "Account", "Account"),
    _reference("OwnerId", "Owner", "User", write="cu", nillable=False),
    _field("Type", "picklist", 40, "cu", picklist=TYPES, restricted=False),
    _flag("IsPrivate", "cu"),
    _field("ShowAs", "picklist", 40, "cu", picklist=SHOW_AS),
    _flag("IsChild"),
    _flag("IsGroupEvent"),
    _field("GroupEventType", "picklist", 40, picklist=("0", "1", "2", "3")),
    *_system(),
    _flag("IsArchived"),
    _reference("RecurrenceActivityId", "RecurrenceActivity", "Event"),
    _flag("IsRecurrence", "c"),
    _field("RecurrenceStartDateTime", "datetime", write="cu"),
    _field("RecurrenceEndDateOnly", "date", write="cu"),
    _field("RecurrenceTimeZoneSidKey", "picklist", 40, "cu", restricted=False),
    _field("RecurrenceType", "picklist", 40, "cu", picklist=RECURRENCES),
    _field("RecurrenceInterval", "int", write="cu"),
    _field("RecurrenceDayOfWeekMask", "int", write="cu"),
    _field("RecurrenceDayOfMonth", "int", write="cu"),
    _field("RecurrenceInstance", "picklist", 40, "cu", picklist=INSTANCES),
    _field("RecurrenceMonthOfYear", "picklist", 40, "cu", picklist=MONTHS),
    _field("ReminderDateTime", "datetime", write="cu"),
    _flag("IsReminderSet", "cu"),
    _field("EventSubtype", "picklist", 40, "c", picklist=("Event",)),
    _flag("IsRecurrence2Exclusion"),
    _field("Recurrence2PatternText", "textarea", 512, "c", filter=False, sort=False),
    _field("Recurrence2PatternVersion", "picklist", 40, picklist=("1",)),
    _flag("IsRecurrence2"),
    _flag("IsRecurrence2Exception"),
    _field("Recurrence2PatternStartDate", "datetime"),
    _field("Recurrence2PatternTimeZone", "string", 255),
)
_EVENT_RELATION = (
    _id(),
    _reference("RelationId", "Relation", "User", "Contact", "Lead", write="c", nillable=False),
    _reference("EventId", "Event", "Event", write="c", nillable=False),
    _field("Status", "picklist", 40, "cu", picklist=STATUSES),
    _field("RespondedDate", "datetime", write="cu"),
    _field("Response", "string", 255, "cu"),
    _flag("IsInvitee", "cu"),
    *_system(),
)
_USER = (
    _id(),
    _field("Username", "string", 80, nillable=False),
    _field("Name", "string", 121, nillable=False),
    _field("Email", "email", 128, nillable=False),
    _flag("IsActive"),
    _field("TimeZoneSidKey", "picklist", 40, nillable=False, restricted=False),
    _field("UserType", "picklist", 40, picklist=("Standard",)),
    *(field for field in _system() if field.name != "IsDeleted"),
)
_PERSON = (
    _id(),
    _field("Name", "string", 121, nillable=False),
    _field("FirstName", "string", 40),
    _field("LastName", "string", 80, nillable=False),
    _field("Email", "email", 80),
    _reference("OwnerId", "Owner", "User", nillable=False),
    *_system(),
)
_RECORD = (
    _id(),
    _field("Name", "string", 255, nillable=False),
    _reference("OwnerId", "Owner", "User", nillable=False),
    *_system(),
)
_OBJECTS: Mapping[str, tuple[Field, ...]] = {
    "Event": _EVENT,
    "EventRelation": _EVENT_RELATION,
    "User": _USER,
    "Contact": (*_PERSON, _reference("AccountId", "Account", "Account")),
    "Lead": (*_PERSON, _field("Company", "string", 255), _flag("IsConverted")),
    "Account": _RECORD,
    "Opportunity": (*_RECORD, _reference("AccountId", "Account", "Account")),
}
RELATION_FIELDS = ("Id", "Name", "Type", "Email", "Username", "IsActive", "FirstName", "LastName")
"""What a reference to several objects can tell of its target, whichever it is (the Name object)."""


class Schema:
    """The fields as one user sees them: an administrator adds, hides and locks fields."""

    def __init__(self) -> None:
        self._objects = {name: {field.name: field for field in fields} for name, fields in _OBJECTS.items()}
        self._hidden: set[tuple[str, str]] = set()
        self._closed: set[str] = set()

    def objects(self) -> tuple[str, ...]:
        return tuple(kind for kind in self._objects if kind not in self._closed)

    def object_called(self, name: str) -> str | None:
        """Names of objects and fields are found in any case."""
        return next((known for known in self.objects() if known.casefold() == name.casefold()), None)

    def fields(self, kind: str) -> tuple[Field, ...]:
        """What the user sees of this object."""
        return tuple(f for f in self._objects[kind].values() if (kind, f.name) not in self._hidden)

    def field(self, kind: str, name: str) -> Field | None:
        """The field with this name, in any case; nothing when there is none or the user does not see it."""
        wanted = name.casefold()
        return next((field for field in self.fields(kind) if field.name.casefold() == wanted), None)

    def close(self, kind: str) -> None:
        """The user's profile has no right to this object: it does not exist for him."""
        self._closed.add(kind)

    def hide(self, kind: str, name: str, hidden: bool = True) -> None:
        """Field-level security: the user neither sees nor writes the field."""
        self._known(kind, name)
        (self._hidden.add if hidden else self._hidden.discard)((kind, name))

    def change(self, kind: str, name: str, **more: object) -> None:
        """Another length, another picklist, no right to write: members of `Field`."""
        changed = replace(self._known(kind, name), **more)  # type: ignore[arg-type]  # replace checks the names
        self._objects[kind][name] = changed

    def add(self, kind: str, field: Field) -> None:
        self._objects[kind][field.name] = field

    def _known(self, kind: str, name: str) -> Field:
        return self._objects[kind][name]
