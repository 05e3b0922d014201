"""What the company has in Oracle CRM On Demand: people, books, and records with their child records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any


class Access(IntEnum):
    """What a user may do with a record, from least to most."""

    READ_ONLY = 1
    EDIT = 2
    FULL = 3


ACCESS_CODES = {"Read-Only": Access.READ_ONLY, "Edit": Access.EDIT, "Full": Access.FULL}


def access_code(access: Access) -> str:
    return next(code for code, named in ACCESS_CODES.items() if named is access)


@dataclass(frozen=True, slots=True)
class User:
    """A user. `sign_in` is company/name; `profile` is what the role's access profile gives on every visible record."""

    id: str
    email: str
    name: str
    time_zone: str
    sign_in: str
    profile: Access | None = None

    @property
    def first_name(self) -> str:
        return self.name.rpartition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    email: str
    first_name: str
    last_name: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A book, and what each user may do with what is in it."""

    id: str
    name: str
    readers: Mapping[str, Access]
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    user_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Member:
    """A user on a record. `id` is the row of the association; `group_id` tells through which user group, if any."""

    id: str
    user_id: str
    access: Access
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class InBook:
    """A record in a book, put there by a person or by a workflow."""

    id: str
    book_id: str
    by_workflow: bool = False


@dataclass(frozen=True, slots=True)
class WithContact:
    id: str
    contact_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An appointment or an event. `values` are kept by default tag, times in UTC; `twin` is the mirrored record."""

    id: str
    resource: str
    values: Mapping[str, Any]
    created: datetime
    created_by: str
    modified: datetime
    modified_by: str
    members: tuple[Member, ...] = ()
    books: tuple[InBook, ...] = ()
    contacts: tuple[WithContact, ...] = ()
    twin: str = ""
    deleted: datetime | None = None

    @property
    def owner_id(self) -> str:
        return str(self.values["OwnerId"])

    @property
    def title(self) -> str:
        """The subject, or the name of an event."""
        return str(self.values["Subject" if self.resource == "Appointments" else "Name"])

    def member(self, user_id: str) -> Member | None:
        return next((member for member in self.members if member.user_id == user_id), None)
