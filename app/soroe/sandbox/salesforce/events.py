"""Writing events: what the service fills in, what it refuses, and what follows from a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soroe.sandbox.salesforce import invitees, series
from soroe.sandbox.salesforce.event_times import TIMES, agreed_times
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.refusals import Refusal, integrity, no_access
from soroe.sandbox.salesforce.values import Values

_OF_A_CHILD = frozenset({"IsReminderSet", "ReminderDateTime"})


def create(org: Org, user: User, given: Values) -> Values:
    """Makes an event, with its occurrences when it recurs."""
    values: dict[str, Any] = {"OwnerId": user.id, "ShowAs": "Busy", "GroupEventType": "0", "EventSubtype": "Event"}
    values |= given
    if given.get("IsRecurrence"):
        return series.create(org, user, values, checked)
    if given.get("Recurrence2PatternText"):
        return series.create_lightning(org, user, values, checked)
    series.need_none(given)
    return org.add("Event", checked(org, user, values, None), user.id)


def change(org: Org, user: User, event: Values, given: Mapping[str, Any]) -> Values:
    """Changes an event, its invitees' copies, and, when it is a series, the occurrences that have not begun."""
    org.need_edit(user, event)
    if event["IsChild"]:
        if not set(given) <= _OF_A_CHILD:
            raise integrity("You can only change the reminder of an invitee's event", *sorted(set(given) - _OF_A_CHILD))
        return org.change(event, given, user.id)
    if event["IsRecurrence"]:
        return series.change(org, user, event, given, checked)
    series.need_none(given)
    if event["IsRecurrence2"]:
        return series.change_lightning(org, user, event, given, checked)
    return change_one(org, user, event, given)


def change_one(org: Org, user: User, event: Values, given: Mapping[str, Any]) -> Values:
    """Changes this record and the copies of its invitees."""
    changed = org.change(event, checked(org, user, given, event), user.id)
    invitees.follow(org, changed, user.id)
    return changed


def delete(org: Org, user: User, event: Values) -> None:
    """Deletes an event with its copies; of a recurring one also all past and future occurrences."""
    org.need_edit(user, event)
    for each in [event, *series.occurrences(org, event)]:
        remove(org, each, user.id)


def remove(org: Org, event: Values, by: str) -> None:
    """Puts one event and the copies of its invitees into the recycle bin."""
    if event["IsChild"]:
        invitees.child_is_deleted(org, event, by)
    for copy in invitees.copies(org, event):
        org.delete(copy, by)
    org.delete(event, by)


def restore(org: Org, event: Values, by: str) -> Values:
    """Takes an event out of the recycle bin, with everything that went there along with it; its id stays."""
    if not event["IsDeleted"] or event not in org.rows("Event", with_bin=True):
        raise Refusal("UNDELETE_FAILED", "Entity is not in the recycle bin", ())
    gone = event["SystemModstamp"]
    for each in org.rows("Event", with_bin=True):
        along = event["Id"] in (each.get("_parent"), each["RecurrenceActivityId"])
        if each["IsDeleted"] and along and each["SystemModstamp"] == gone and each["Id"] != event["Id"]:
            org.change(each, {"IsDeleted": False}, by)
    return org.change(event, {"IsDeleted": False}, by)


def checked(org: Org, user: User, given: Mapping[str, Any], before: Values | None) -> dict[str, Any]:
    """The fields to keep; raises what the service refuses."""
    values = dict(given)
    if before is None or any(name in given for name in TIMES):
        values |= agreed_times(given, before, org.settings.multiday)
    _check_owner(org, user, values, before)
    for name in ("WhoId", "WhatId"):
        if values.get(name) is not None and org.live(values[name]) is None:
            raise Refusal("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {name}", (name,))
    for name, kind in (("ShowAs", "Busy"), ("IsPrivate", False), ("IsReminderSet", False)):
        if name in values and values[name] is None:
            values[name] = kind
    after = {**(before or {}), **values}
    if after.get("IsPrivate") and (after.get("WhoId") or after.get("WhatId")):
        related = "WhatId" if after.get("WhatId") else "WhoId"
        raise integrity("A private event cannot be related to another record: Private", "IsPrivate", related)
    for rule in org.settings.rules:
        if rule.broken(after):
            raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,) if rule.field else ())
    values["AccountId"] = _account(org, after)
    return values


def _check_owner(org: Org, user: User, values: dict[str, Any], before: Values | None) -> None:
    if "OwnerId" not in values:
        return
    owner = values["OwnerId"]
    if owner not in org.users:
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "Assigned To ID: owner cannot be blank", ("OwnerId",))
    if before is not None and before["OwnerId"] == owner:
        return
    if not org.is_active(owner):
        message = f"operation performed with inactive user [{owner}] as owner of event"
        raise Refusal("INACTIVE_OWNER_OR_USER", message, ())
    if owner != user.id and owner in org.settings.closed_calendars and not user.sees_all:
        raise no_access(owner)


def _account(org: Org, after: Mapping[str, Any]) -> str | None:
    """The account of the record the event belongs to, or of its contact."""
    related = org.live(after.get("WhatId"))
    if related is not None and org.kind(related) == "Account":
        return str(related["Id"])
    for record in (related, org.live(after.get("WhoId"))):
        if record is not None and record.get("AccountId"):
            return str(record["AccountId"])
    return None
