"""Salesforce's events as JSON, both ways. Series are put together from several of them (see `series`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, assert_never

from soroe.adapters.crm.documents import Malformed, at, flag_at, id_at, text_at, without_controls
from soroe.core.event import (
    CRM_LIST,
    EventContent,
    Field,
    Guest,
    ItemId,
    ObservedItem,
    ReadOnlyCause,
    Ref,
    Response,
    ShowAs,
    Unreadable,
    Version,
    Visibility,
)
from soroe.core.stamp import token
from soroe.ports.errors import ItemRejected
from soroe.ports.remote import KnownVersions

from .shape import Shape
from .times import moment_at, when_of, written_when
from .words import is_record_id

MOST_GUESTS = 2_000
SERIES_MASTER = "3"
"""The GroupEventType of the record that stands for a whole series made in Lightning."""
_SHOWN = {"Busy": ShowAs.BUSY, "Free": ShowAs.FREE, "OutOfOffice": ShowAs.OUT_OF_OFFICE}
_WORDS = {
    ShowAs.BUSY: "Busy",
    ShowAs.TENTATIVE: "Busy",
    ShowAs.FREE: "Free",
    ShowAs.OUT_OF_OFFICE: "OutOfOffice",
}
_ANSWERS = {"accepted": Response.ACCEPTED, "declined": Response.DECLINED, "maybe": Response.TENTATIVE}
_NOT_VERSIONED = frozenset({"attributes", "SystemModstamp", "LastModifiedDate", "EventRelations", "CreatedDate"})


def read_event(document: object, stamp_field: str) -> ObservedItem | Unreadable:
    """The item of one record, or which of its fields is malformed."""
    own = ItemId("")
    version: Version | None = None
    try:
        own = ItemId(record_id(document))
        version = version_of(document)
        return _item(document, own, version, stamp_field)
    except Malformed as error:
        return Unreadable(Ref(CRM_LIST, own), error.field, error.reason, version)


def record_id(document: object) -> str:
    """The record's id."""
    found = id_at(document, "Id")
    if not is_record_id(found):
        raise Malformed("Id", "is not an id of a record")
    return found


def owner_of(document: object) -> str:
    """The id of the user whose calendar holds it."""
    return id_at(document, "OwnerId")


def is_deleted(document: object) -> bool:
    """Whether the record lies in the recycle bin."""
    return flag_at(document, "IsDeleted")


def is_series(document: object) -> bool:
    """Whether the record stands for a whole series, and for none of its meetings."""
    if flag_at(document, "IsRecurrence"):
        return True
    return flag_at(document, "IsRecurrence2") and at(document, "GroupEventType") == SERIES_MASTER


def version_of(document: object) -> Version:
    """The state of a record: when it was last modified, in whole seconds, and a digest for changes within one."""
    parts: dict[str, Any] = {}
    if isinstance(document, dict):
        parts = {name: value for name, value in document.items() if name not in _NOT_VERSIONED}
    parts["guests"] = sorted(f"{at(one, 'RelationId')} {at(one, 'Status')}" for one in relations_of(document))
    digest = token(json.dumps(parts, sort_keys=True, ensure_ascii=True), 6)
    return Version(f"{moment_at(document, 'LastModifiedDate'):%Y-%m-%dT%H:%M:%SZ}/{digest}")


def modified_at(version: Version) -> datetime | None:
    """The moment in a version: what a conditional write is tied to."""
    try:
        return datetime.strptime(version.partition("/")[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def unchanged_id(document: object, known: KnownVersions) -> ItemId | None:
    """The record's id if it is in the state that is known; None where it has to be read."""
    if not known:
        return None
    try:
        own = ItemId(record_id(document))
        return own if own in known and known[own] == version_of(document) else None
    except Malformed:
        return None  # `read_event` tells what is wrong with it


def relations_of(document: object) -> list[Any]:
    """The invitations in a record, as they came."""
    found = at(document, "EventRelations")
    if found is None:
        return []
    listed = at(found, "records")
    if not isinstance(listed, list) or len(listed) > MOST_GUESTS:
        raise Malformed("EventRelations", "is not a list of invitations")
    return listed


def content_of(document: object) -> EventContent:
    """What a record says of its meeting, its recurrence left out."""
    return EventContent(
        title=text_at(document, "Subject"),
        when=when_of(document),
        description=text_at(document, "Description").replace("\r\n", "\n"),
        location=text_at(document, "Location"),
        show_as=_SHOWN.get(text_at(document, "ShowAs", 80), ShowAs.BUSY),
        visibility=Visibility.PRIVATE if flag_at(document, "IsPrivate") else Visibility.NORMAL,
        guests=_guests(document),
    )


def _item(document: object, own: ItemId, version: Version, stamp_field: str) -> ObservedItem:
    return ObservedItem(
        ref=Ref(CRM_LIST, own),
        version=version,
        content=content_of(document),
        changed_at=moment_at(document, "LastModifiedDate"),
        created_at=None if at(document, "CreatedDate") is None else moment_at(document, "CreatedDate"),
        stamp=_stamp(document, stamp_field),
        read_only=_read_only(document),
        activity_type=text_at(document, "Type", 255) or None,
    )


def _stamp(document: object, stamp_field: str) -> str | None:
    """Our text on a record; an invitee's copy bears its organiser's, which says nothing of the copy."""
    if not stamp_field or flag_at(document, "IsChild"):
        return None
    return text_at(document, stamp_field, 1_000) or None


def _read_only(document: object) -> ReadOnlyCause | None:
    """An invitee's copy follows its organiser's; to change one meeting of a Lightning series changes all to come."""
    if flag_at(document, "IsChild"):
        return ReadOnlyCause.FOREIGN_ORGANISER
    return ReadOnlyCause.SPECIAL_KIND if flag_at(document, "IsRecurrence2") else None


def _guests(document: object) -> tuple[Guest, ...]:
    found: list[Guest] = []
    for one in relations_of(document):
        email = text_at(one, "Relation.Email", 320)
        if email:  # a room, or a person of whom no address is known, is no guest that a calendar could have
            answer = _ANSWERS.get(text_at(one, "Status", 64).casefold(), Response.NONE)
            found.append(Guest(email, text_at(one, "Relation.Name", 1_000), answer))
    return tuple(found)


def new_event(content: EventContent, shape: Shape, activity_type: str | None, stamp: str | None) -> dict[str, Any]:
    """The fields of a create, without guests and recurrence; raises `ItemRejected` for what Salesforce cannot hold."""
    fields = written(content, Field, shape, new=True)
    if activity_type is not None and shape.takes("Type", new=True):
        fields["Type"] = activity_type
    if stamp is not None and shape.stamp_field:
        fields[shape.stamp_field] = stamp
    return {name: value for name, value in fields.items() if value is not None}


def written(content: EventContent, wanted: Iterable[Field], shape: Shape, *, new: bool = False) -> dict[str, Any]:
    """These fields alone as Salesforce takes them, blank ones as null; those that this user may not set are left out.

    Related records, kind, reminders and whatever IT added are never among them (SF-5); neither are guests, which are
    records of their own.
    """
    told: dict[str, Any] = {}
    for field in wanted:
        match field:
            case Field.TITLE:
                told["Subject"] = shape.fitting("Subject", _trimmed(content.title)) or None
            case Field.WHEN:
                told |= written_when(content.when)
            case Field.DESCRIPTION:
                told["Description"] = shape.fitting("Description", _trimmed(content.description)) or None
            case Field.LOCATION:
                told["Location"] = shape.fitting("Location", _trimmed(content.location)) or None
            case Field.SHOW_AS:
                word = _WORDS[content.show_as]
                told["ShowAs"] = word if shape.offers("ShowAs", word) else "Busy"
            case Field.VISIBILITY:
                told["IsPrivate"] = content.visibility is Visibility.PRIVATE
            case Field.GUESTS | Field.RECURRENCE | Field.GUESTS_MAY_CHANGE:
                continue  # guests and series have files of their own, and nobody may let guests change here
            case _:
                assert_never(field)
    settable = {name: value for name, value in told.items() if shape.takes(name, new=new)}
    if new and ("StartDateTime" not in settable or "Subject" not in settable):
        raise ItemRejected("fields_not_settable", "StartDateTime")
    return settable


def _trimmed(text: str) -> str:
    """As Salesforce trims it (SF-1), so that what comes back is what was sent."""
    return without_controls(text).strip()
