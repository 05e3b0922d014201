"""Events that recur: Classic recurring events with a record for each occurrence, and Lightning event series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.salesforce import invitees, lightning
from soroe.sandbox.salesforce.event_times import DAY, TIMES, agreed_times
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.recurrence import PATTERN, starts
from soroe.sandbox.salesforce.refusals import integrity, unwritable
from soroe.sandbox.salesforce.values import Values

Checked = Callable[[Org, User, Mapping[str, Any], Values | None], dict[str, Any]]
_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "Id", "IsDeleted")


def need_none(given: Mapping[str, Any]) -> None:
    """Refuses recurrence fields on an event that does not recur: it cannot be turned into one that does."""
    told = [name for name in PATTERN if given.get(name) is not None]
    if told:
        raise integrity(f"The event does not recur: {', '.join(told)}", *told)
    if given.get("Recurrence2PatternText") is not None:
        raise unwritable("Recurrence2PatternText")


def create(org: Org, user: User, given: Mapping[str, Any], checked: Checked) -> Values:
    """Makes a recurring event: the record of the series, and one for each occurrence.

    An occurrence is shorter than 24 hours, or one whole day.
    """
    if given.get("Recurrence2PatternText") is not None:
        raise integrity("An event cannot be a recurring event and an event series", "Recurrence2PatternText")
    values = {"RecurrenceTimeZoneSidKey": user.time_zone, **given}
    begins = starts(values)
    told = {name: values.get(name) for name in ("StartDateTime", "ActivityDateTime") if values.get(name) is not None}
    for name, start in told.items():
        if start not in (values["RecurrenceStartDateTime"], begins[0]):
            raise integrity(f"{name} must be the recurrence start", name)
    first = told or {"StartDateTime": values["RecurrenceStartDateTime"]}
    length = _length(values, agreed_times({**values, **first}, None))
    kept = {name: value for name, value in values.items() if name not in TIMES}
    times = {"IsAllDayEvent": bool(values.get("IsAllDayEvent")), "DurationInMinutes": length}
    master_values = checked(org, user, {**kept, **times, "StartDateTime": begins[0]}, None)
    master = org.add("Event", {**master_values, "IsRecurrence": True}, user.id)
    master = org.touch(master, {"RecurrenceActivityId": master["Id"]})
    for start in begins:
        _occur(org, user, master, start)
    return master


def change(org: Org, user: User, master: Values, given: Mapping[str, Any], checked: Checked) -> Values:
    """Changes a recurring event and its occurrences that have not begun.

    The start of one that has begun stays. A new pattern replaces the coming occurrences by new records; anything else
    is written into them.
    """
    changed_times = any(name in given and given[name] != master.get(name) for name in TIMES)
    changed_pattern = any(name in given and given[name] != master[name] for name in PATTERN)
    merged = {**master, **given}
    if "StartDateTime" in given and "RecurrenceStartDateTime" not in given and given["StartDateTime"] is not None:
        merged["RecurrenceStartDateTime"] = master["RecurrenceStartDateTime"]
        if given["StartDateTime"] != master["StartDateTime"]:
            merged["RecurrenceStartDateTime"] = given["StartDateTime"]
            changed_pattern = True
    begun = master["RecurrenceStartDateTime"] <= org.now()
    if begun and merged["RecurrenceStartDateTime"] != master["RecurrenceStartDateTime"]:
        message = "The start of a recurring event that has begun cannot be changed: Recurrence Start"
        raise integrity(message, "RecurrenceStartDateTime")
    contents = {name: value for name, value in given.items() if name not in TIMES}
    values = checked(org, user, contents, master)
    if changed_times or changed_pattern:
        begins = starts(merged)
        times = agreed_times(_given_times(given), master)
        length = _length(merged, times)
        shape = {"IsAllDayEvent": times["IsAllDayEvent"], "DurationInMinutes": length, "StartDateTime": begins[0]}
        values |= agreed_times(shape, None)
        values["RecurrenceStartDateTime"] = merged["RecurrenceStartDateTime"]
    changed = org.change(master, values, user.id)
    coming = [each for each in occurrences(org, master) if each["StartDateTime"] > org.now()]
    if changed_pattern or bool(given.get("IsAllDayEvent", master["IsAllDayEvent"])) != master["IsAllDayEvent"]:
        _replace(org, user, changed, coming, begins)
    else:
        _write_into(org, user, changed, coming, contents, changed_times)
    return changed


def create_lightning(org: Org, user: User, given: Mapping[str, Any], checked: Checked) -> Values:
    """Makes an event series of Lightning Experience: the record of its pattern, and one for each occurrence."""
    need = {name: value for name, value in given.items() if name != "Recurrence2PatternText"}
    need_none(need)
    values = checked(org, user, need, None)
    text = lightning.formatted(given["Recurrence2PatternText"])
    pattern = {
        "IsRecurrence2": True,
        "Recurrence2PatternText": text,
        "Recurrence2PatternVersion": "1",
        "Recurrence2PatternTimeZone": user.time_zone,
        "Recurrence2PatternStartDate": values["StartDateTime"],
    }
    master = org.add("Event", {**values, **pattern, "GroupEventType": "3"}, user.id)
    for start in lightning.starts(text, values["StartDateTime"], user.time_zone):
        shape = {"IsAllDayEvent": master["IsAllDayEvent"], "DurationInMinutes": master["DurationInMinutes"]}
        moved = agreed_times({**shape, "StartDateTime": start}, None)
        org.add("Event", {**values, **pattern, **moved, "_series": master["Id"]}, user.id)
    return master


def change_lightning(org: Org, user: User, event: Values, given: Mapping[str, Any], checked: Checked) -> Values:
    """Changes an event series. A past occurrence changes alone; a coming one changes all that are still to come."""
    values = checked(org, user, given, event)
    now = org.now()
    whole = event["GroupEventType"] == "3"
    if not whole and event["StartDateTime"] <= now:
        return org.change(event, {**values, "IsRecurrence2Exception": True}, user.id)
    changed = org.change(event, values, user.id)
    shift = changed["StartDateTime"] - event["StartDateTime"]
    series_id = event["Id"] if whole else event["_series"]
    contents = {name: value for name, value in given.items() if name not in TIMES}
    for each in org.rows("Event"):
        mine = series_id in (each.get("_series"), each["Id"]) and each["Id"] != event["Id"]
        if mine and (each["StartDateTime"] > now or each["GroupEventType"] == "3"):
            org.change(each, {**contents, **_moved(each, each["StartDateTime"] + shift, changed)}, user.id)
    return changed


def occurrences(org: Org, event: Values) -> list[Values]:
    """The occurrences of a recurring event, the earliest first; nothing for any other event."""
    if not event["IsRecurrence"]:
        return []
    found = [row for row in org.rows("Event") if row["RecurrenceActivityId"] == event["Id"] and not row["IsRecurrence"]]
    return sorted((row for row in found if not row["IsChild"]), key=lambda row: row["StartDateTime"])


def _given_times(given: Mapping[str, Any]) -> dict[str, Any]:
    """The length that a request gives; where it gives both ends, what lies between them."""
    named = ("IsAllDayEvent", "DurationInMinutes", "StartDateTime", "EndDateTime")
    return {name: given[name] for name in named if name in given}


def _length(values: Mapping[str, Any], times: Mapping[str, Any]) -> int:
    minutes: int = times["DurationInMinutes"]
    most = DAY if times["IsAllDayEvent"] else DAY - timedelta(minutes=1)
    if timedelta(minutes=minutes) > most:
        blamed = "DurationInMinutes" if values.get("DurationInMinutes") is not None else "EndDateTime"
        raise integrity("A recurring event must be shorter than 24 hours: Duration", blamed)
    return minutes


def _occur(org: Org, user: User, master: Values, start: datetime) -> Values:
    own = {name: value for name, value in master.items() if name not in (*_STAMPS, *PATTERN)}
    relations = org.invitees(master["Id"])
    ungrouped = {"IsRecurrence": False, "IsGroupEvent": False, "GroupEventType": "0"}
    made = org.add("Event", {**own, **_moved(master, start, master), **ungrouped}, user.id)
    for relation in relations:
        invitees.bring(org, made, relation, user.id)
    return made


def _moved(event: Values, start: datetime, like: Values) -> dict[str, Any]:
    shape = {"IsAllDayEvent": like["IsAllDayEvent"], "DurationInMinutes": like["DurationInMinutes"]}
    return agreed_times({**shape, "StartDateTime": start}, event)


def _replace(org: Org, user: User, master: Values, coming: list[Values], begins: list[datetime]) -> None:
    for each in coming:
        for copy in invitees.copies(org, each):
            org.delete(copy, user.id)
        org.delete(each, user.id)
    for start in begins:
        if start > org.now():
            _occur(org, user, master, start)


def _write_into(
    org: Org, user: User, master: Values, coming: list[Values], contents: Mapping[str, Any], new_length: bool
) -> None:
    told = {name: value for name, value in contents.items() if name not in PATTERN}
    for each in coming:
        times = _moved(each, each["StartDateTime"], master) if new_length else {}
        if told or times:
            invitees.follow(org, org.change(each, {**told, **times}, user.id), user.id)
