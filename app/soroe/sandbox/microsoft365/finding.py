"""From the id in an address to the event it names."""

from __future__ import annotations

from datetime import date

from soroe.sandbox.microsoft365.errors import item_not_found, malformed_id
from soroe.sandbox.microsoft365.model import Calendar, State
from soroe.sandbox.microsoft365.series import Seen, has_day, occurrence

_BEGINNINGS = ("AAMk", "AAkA")


def find(state: State, email: str, shown_id: str) -> tuple[Calendar, Seen]:
    """Returns the event and the calendar it is in; refuses with 404 what is gone, elsewhere, or was never there.

    An immutable id finds the event in whichever calendar of the mailbox it is now, an ordinary one only where it was.
    """
    if not shown_id.startswith(_BEGINNINGS):
        raise malformed_id()
    place = state.places.get(shown_id)
    if place is None and not any(shown_id in one.records for one in state.calendars_of(email)):
        raise item_not_found()
    record_id, day = (place[1], place[2]) if place is not None else (shown_id, None)
    immutable = shown_id.startswith("AAkA")
    for calendar in state.calendars_of(email):
        record = calendar.records.get(record_id)
        if record is not None and not record.item.deleted and (immutable or place is None or calendar is place[0]):
            return calendar, seen_at(calendar, record_id, day)
    raise item_not_found()


def find_deleted(state: State, email: str, shown_id: str) -> tuple[Calendar, Seen] | None:
    """Returns an event that lies among the deleted ones, where this Graph still finds those by their immutable ids."""
    if not state.finds_deleted:
        return None
    holders = [(one, one.records[shown_id]) for one in state.calendars_of(email) if shown_id in one.records]
    if not holders or any(not record.item.deleted for _, record in holders):
        return None
    return holders[0][0], seen_record(holders[0][0], shown_id)


def seen_at(calendar: Calendar, record_id: str, day: date | None) -> Seen:
    """Returns a stored event, or the occurrence of a day in its series as it stands now."""
    record = calendar.records.get(record_id)
    if record is None or record.item.deleted:
        raise item_not_found()
    if day is None:
        return seen_record(calendar, record_id)
    for one in calendar.exceptions_of(record_id):
        if one.item.day == day:
            return Seen(one, one.item, day, record)
    if not record.item.repeats or not has_day(record.item, day):
        raise item_not_found()
    return occurrence(record, record.item, day)


def seen_record(calendar: Calendar, record_id: str) -> Seen:
    """Returns a stored record as people see it: a modified occurrence with its series."""
    record = calendar.records[record_id]
    if record.item.master is not None:
        return Seen(record, record.item, record.item.day, calendar.records[record.item.master])
    return Seen(record, record.item)
