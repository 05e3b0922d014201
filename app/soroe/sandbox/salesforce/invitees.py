"""Invitations: who is invited to an event, and the copy of it that each invited user has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal, integrity
from soroe.sandbox.salesforce.values import Values

MOST, MOST_IN_SERIES = 1000, 100
_OWN = frozenset({"Id", "OwnerId", "IsReminderSet", "ReminderDateTime", "IsChild", "RecurrenceActivityId"})


def invite(org: Org, user: User, given: Mapping[str, Any]) -> Values:
    """Invites a user, contact or lead; an invited user gets a copy of the event that follows it.

    An invitee of a copy is refused, as is somebody who is invited already, and the owner. At most 1,000 are invited to
    an event, 100 to one that recurs.
    """
    missing = [name for name in ("EventId", "RelationId") if given.get(name) is None]
    if missing:
        raise Refusal("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", tuple(missing))
    event = org.live(given["EventId"])
    if event is None or not org.sees(user, event):
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("EventId",))
    org.need_edit(user, event)
    if event["IsChild"]:
        raise integrity("An invitee cannot be added to a child event: Event ID", "EventId")
    guest = given["RelationId"]
    if org.live(guest) is None or (guest in org.users and not org.is_active(guest)):
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("RelationId",))
    if org.get(guest).get("IsConverted"):
        message = "cannot reference converted lead"
        raise Refusal("CANNOT_UPDATE_CONVERTED_LEAD", message, ("RelationId",))
    present = org.invitees(event["Id"])
    if guest == event["OwnerId"] or any(relation["RelationId"] == guest for relation in present):
        raise Refusal("DUPLICATE_VALUE", f"duplicate value found: RelationId with id: {guest}", ("RelationId",))
    recurs = event["IsRecurrence"] or event["RecurrenceActivityId"] is not None
    most = MOST_IN_SERIES if recurs else MOST
    if len(present) >= most:
        raise integrity(f"An event can have at most {most} invitees: Event ID", "EventId")
    values = {"Status": "New", "IsInvitee": True} | {k: v for k, v in given.items() if v is not None}
    relation = org.add("EventRelation", values, user.id)
    _join(org, event, guest, user.id)
    for each in _occurrences(org, event):
        if all(other["RelationId"] != guest for other in org.invitees(each["Id"])):
            bring(org, each, relation, user.id)
    return relation


def bring(org: Org, event: Values, relation: Values, by: str) -> None:
    """Invites to an occurrence who is invited to its series."""
    told = {name: relation[name] for name in ("RelationId", "Status", "IsInvitee")}
    org.add("EventRelation", {**told, "EventId": event["Id"]}, by)
    _join(org, event, relation["RelationId"], by)


def _join(org: Org, event: Values, guest: str, by: str) -> None:
    """Makes it a group event, and gives an invited user his copy; a series has copies of its occurrences only."""
    grouped = org.touch(org.get(event["Id"]), {"IsGroupEvent": True, "GroupEventType": "1"})
    if guest in org.users and not event["IsRecurrence"]:
        copied = {name: value for name, value in grouped.items() if name not in _OWN}
        org.add("Event", {**copied, "OwnerId": guest, "IsChild": True, "_parent": event["Id"]}, by)


def answer(org: Org, user: User, relation: Values, given: Mapping[str, Any]) -> Values:
    """Changes an invitation: the answer of the invited one, by him or by the owner."""
    if relation["RelationId"] != user.id:
        org.need_edit(user, relation)
    values = dict(given)
    if given.get("Status", relation["Status"]) != relation["Status"] and "RespondedDate" not in given:
        values["RespondedDate"] = org.now()
    changed = org.change(relation, values, user.id)
    event = org.live(relation["EventId"])
    if event is not None:
        org.touch(event, {})
    if given.get("Status") == "Declined":
        for copy in _copy_of(org, relation):
            org.delete(copy, user.id)
    return changed


def uninvite(org: Org, user: User, relation: Values) -> None:
    """Takes somebody off the invitations, and the copy from his calendar."""
    if relation["RelationId"] != user.id:
        org.need_edit(user, relation)
    org.delete(relation, user.id)
    for copy in _copy_of(org, relation):
        org.delete(copy, user.id)
    event = org.live(relation["EventId"])
    for each in _occurrences(org, event) if event is not None else []:
        for other in org.invitees(each["Id"]):
            if other["RelationId"] == relation["RelationId"]:
                uninvite(org, user, other)
    if event is not None:
        left = bool(org.invitees(event["Id"]))
        org.touch(event, {"IsGroupEvent": left, "GroupEventType": "1" if left else "0"})


def copies(org: Org, event: Values) -> list[Values]:
    """The invited users' copies of an event."""
    if not event["IsGroupEvent"] or event["IsChild"]:
        return []
    return [row for row in org.rows("Event") if row.get("_parent") == event["Id"]]


def follow(org: Org, event: Values, by: str) -> None:
    """Brings the copies up to what the event says now."""
    told = {name: value for name, value in event.items() if name not in _OWN}
    for copy in copies(org, event):
        org.change(copy, {name: told[name] for name in told if not name.startswith("_")}, by)


def child_is_deleted(org: Org, copy: Values, by: str) -> None:
    """Who deletes his copy has declined."""
    for relation in org.invitees(copy["_parent"]):
        if relation["RelationId"] == copy["OwnerId"]:
            org.change(relation, {"Status": "Declined", "RespondedDate": org.now()}, by)


def _copy_of(org: Org, relation: Values) -> list[Values]:
    event = org.live(relation["EventId"])
    return [] if event is None else [c for c in copies(org, event) if c["OwnerId"] == relation["RelationId"]]


def _occurrences(org: Org, event: Values) -> list[Values]:
    """The coming occurrences of a recurring event."""
    if not event["IsRecurrence"]:
        return []
    rows = [row for row in org.rows("Event") if row["RecurrenceActivityId"] == event["Id"] and not row["IsRecurrence"]]
    return [row for row in rows if row["StartDateTime"] > org.now() and not row["IsChild"]]
