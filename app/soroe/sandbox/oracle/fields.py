"""The fields of each resource: default integration tags, types, and what the service demands of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a value looks in JSON; times are text."""

    TEXT = "string"
    LONG_TEXT = "textarea"
    PICK = "picklist"
    TIME = "datetime"
    FLAG = "boolean"
    ROW = "id"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `longest` counts characters; a picklist takes only what is in `picks`."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    longest: int = 250
    mandatory: bool = False
    updatable: bool = True
    queryable: bool = True
    picks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A resource: its default tag, its name on screen, its fields, and the tags of its children."""

    name: str
    title: str
    fields: Mapping[str, Field]
    children: tuple[str, ...] = ()
    methods: frozenset[str] = field(default_factory=lambda: frozenset({"GET"}))


def _table(name: str, title: str, *fields: Field, children: tuple[str, ...] = (), methods: str = "GET") -> Table:
    return Table(name, title, {each.name: each for each in fields}, children, frozenset(methods.split()))


def _shown(name: str, title: str, kind: Kind = Kind.TEXT) -> Field:
    return Field(name, title, kind, updatable=False)


_KEYS = (_shown("Id", "Row Id", Kind.ROW), _shown("RowId", "Row Id", Kind.ROW))
_AUDIT = (
    _shown("CreatedDate", "Created: Date", Kind.TIME),
    _shown("CreatedById", "Created: Id", Kind.ROW),
    _shown("ModifiedDate", "Modified: Date", Kind.TIME),
    _shown("ModifiedById", "Modified: Id", Kind.ROW),
)
_ALL = "GET POST PATCH DELETE"
EVENT_TYPE = "Event"
_TYPES = (
    "Call", "Correspondence", "Demonstration", "Email", EVENT_TYPE, "Fax", "Meeting", "Other", "Personal",
    "Presentation", "To Do",
)  # fmt: skip # short values, several a line

APPOINTMENTS = _table(
    "Appointments", "Appointment", *_KEYS,
    Field("Activity", "Activity", Kind.PICK, picks=("Appointment",)),
    Field("Subject", "Subject", longest=150, mandatory=True),
    Field("StartTime", "Start Time", Kind.TIME, mandatory=True),
    Field("EndTime", "End Time", Kind.TIME, mandatory=True),
    Field("Location", "Location", longest=100),
    Field("Description", "Description", Kind.LONG_TEXT, longest=16_350, queryable=False),
    Field("Type", "Type", Kind.PICK, picks=_TYPES),
    Field("Private", "Private", Kind.FLAG),
    Field("OwnerId", "Owner Id", Kind.ROW),
    _shown("Owner", "Owner"),
    Field("AccountId", "Account Id", Kind.ROW),
    _shown("AccountName", "Account"),
    Field("OpportunityId", "Opportunity Id", Kind.ROW),
    _shown("OpportunityName", "Opportunity"),
    _shown("MEEventId", "Event Id", Kind.ROW),
    _shown("MEEventName", "Event"),
    Field("ExternalSystemId", "External Unique Id", longest=64),
    *_AUDIT, children=("Users", "Books", "Contacts"), methods=_ALL,
)  # fmt: skip # short values, several a line
EVENTS = _table(
    "Events", "Event", *_KEYS,
    Field("Name", "Name", longest=150, mandatory=True),
    Field("Objective", "Objective", longest=250, mandatory=True),
    Field("StartDate", "Start Date", Kind.TIME, mandatory=True),
    Field("EndDate", "End Date", Kind.TIME, mandatory=True),
    Field("Location", "Location", longest=100),
    Field("Description", "Description", Kind.LONG_TEXT, longest=16_350, queryable=False),
    Field("Status", "Status", Kind.PICK, picks=("Planned", "Approved", "Completed", "Cancelled")),
    Field("OwnerId", "Owner Id", Kind.ROW),
    _shown("OwnerFullName", "Owner"),
    Field("ExternalSystemId", "External Unique Id", longest=64),
    *_AUDIT, children=("Users", "Books"), methods=_ALL,
)  # fmt: skip # short values, several a line
USERS = _table(
    "Users", "User", *_KEYS, _shown("FirstName", "First Name"), _shown("LastName", "Last Name"),
    _shown("FullName", "Name"), _shown("Alias", "Alias"), _shown("EMailAddr", "Email"),
    _shown("UserSignInId", "User Sign In Id"), _shown("TimeZone", "Time Zone"),
    Field("UserLoginId", "User Login Id", updatable=False, queryable=False),
)  # fmt: skip # short values, several a line
CONTACTS = _table(
    "Contacts", "Contact", *_KEYS, _shown("ContactFirstName", "First Name"), _shown("ContactLastName", "Last Name"),
    _shown("ContactFullName", "Name"), _shown("ContactEmail", "Email"), _shown("AccountName", "Account"),
)  # fmt: skip # short values, several a line
BOOKS = _table("Books", "Book", *_KEYS, _shown("BookName", "Book Name"))
RESOURCES: Mapping[str, Table] = {table.name: table for table in (APPOINTMENTS, EVENTS, USERS, CONTACTS, BOOKS)}

_CHILD_USERS = _table(
    "Users", "User", *_KEYS, Field("UserId", "User Id", Kind.ROW, mandatory=True), _shown("UserEmail", "Email"),
    _shown("UserFirstName", "First Name"), _shown("UserLastName", "Last Name"), _shown("UserRole", "Role"),
    _shown("UserGroupId", "User Group Id", Kind.ROW),
    Field("AccessCode", "Access", Kind.PICK, picks=("Read-Only", "Edit", "Full")), methods=_ALL,
)  # fmt: skip # short values, several a line
_CHILD_BOOKS = _table(
    "Books", "Book", *_KEYS, Field("BookId", "Book Id", Kind.ROW), Field("BookName", "Book Name"),
    Field("BookExternalSystemId", "External Unique Id"), _shown("SystemAssociateFlag", "Automatic", Kind.FLAG),
    methods="GET POST DELETE",
)  # fmt: skip # short values, several a line
_CHILD_CONTACTS = _table(
    "Contacts", "Contact", *_KEYS, Field("ContactId", "Contact Id", Kind.ROW, mandatory=True),
    _shown("ContactFirstName", "First Name"), _shown("ContactLastName", "Last Name"), _shown("ContactEmail", "Email"),
    _shown("ContactAccountName", "Account"), methods="GET POST DELETE",
)  # fmt: skip # short values, several a line
CHILDREN: Mapping[str, Table] = {table.name: table for table in (_CHILD_USERS, _CHILD_BOOKS, _CHILD_CONTACTS)}
