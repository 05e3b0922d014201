"""What a change of a series means for its exceptions, and of an exception for its series."""

from __future__ import annotations

from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import Calendar, Record
from soroe.sandbox.google.recurrence import has_instance
from soroe.sandbox.google.times import stamp

_STRICTNESS = {"public": 0, "default": 1, "private": 2, "confidential": 2}


def remember_dates(calendar: Calendar, master: Record) -> None:
    """Keeps the body a series had until now, so that expanded listings can report the instances that went away."""
    master.earlier.append((calendar.version, master.body))


def drop_lost_exceptions(calendar: Calendar, master: Record) -> None:
    """Cancels the exceptions whose original start is no longer one of the series' starts."""
    for exception in list(calendar.exceptions_of(master.id)):
        still = "recurrence" in master.body and has_instance(master.body, stamp(exception.body["originalStartTime"]))
        if not still and not exception.cancelled:
            exception.body = {**exception.body, "status": "cancelled", "updated": master.body["updated"]}
            calendar.put(exception)


def spread_visibility(calendar: Calendar, exception: Record, new: Json) -> None:
    """A stricter visibility of one instance goes to the whole series; a looser one is ignored (discovery document)."""
    master = calendar.records.get(exception.master_id or "")
    if master is None:
        return
    of_series = master.body.get("visibility", "default")
    wanted = new.get("visibility", "default")
    if _STRICTNESS[wanted] > _STRICTNESS[of_series]:
        master.body = {**master.body, "visibility": wanted, "updated": exception.body["updated"]}
        calendar.put(master)
    elif wanted != of_series:
        new["visibility"] = of_series
