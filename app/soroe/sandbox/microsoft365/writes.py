"""Creating, changing and deleting events, with the refusals of the real service. The caller holds the lock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time

from soroe.sandbox.microsoft365 import meetings
from soroe.sandbox.microsoft365.bodies import NEW_EVENT, Change, read_change
from soroe.sandbox.microsoft365.copies import Copies
from soroe.sandbox.microsoft365.errors import (
    Json,
    access_denied,
    crossing_boundary,
    invalid_request,
    item_not_found,
    property_invalid,
    version_conflict,
)
from soroe.sandbox.microsoft365.mailbox import Mail
from soroe.sandbox.microsoft365.model import Calendar, Item, Record, State, changed
from soroe.sandbox.microsoft365.recurrence import days_of, read_recurrence
from soroe.sandbox.microsoft365.series import Seen, around
from soroe.sandbox.microsoft365.view import etag, now_stamp


@dataclass(frozen=True, slots=True)
class Order:
    """One write: by whom, under which condition. `by_program` is false when the sandbox plays a person in Outlook."""

    email: str
    raw: Json = field(default_factory=dict)
    if_match: str | None = None
    by_program: bool = True


class Writes:
    """The ways to change a calendar. `mailbox` receives the mails that a program's write causes."""

    def __init__(self, state: State, mailbox: list[Mail]) -> None:
        self._state = state
        self._copies = Copies(state, mailbox)

    def create(self, order: Order, calendar: Calendar) -> Seen:
        """Creates an event. The same `transactionId` a second time gives the event of the first time.

        The documents do not say how far that goes: here, through all calendars of the mailbox.
        """
        self._may_write(order, calendar)
        change = read_change(order.raw)
        transaction = change.body.get("transactionId")
        if transaction:
            known = self._state.transactions.get((calendar.owner, transaction))
            own = (one for one in self._state.calendars.values() if one.owner == calendar.owner)
            record = next((one.records[known] for one in own if known in one.records), None) if known else None
            if record is not None and not record.item.deleted:
                return Seen(record, record.item)
        if change.start is None or change.end is None:
            raise property_invalid()
        now = now_stamp(self._state.clock())
        body = {**NEW_EVENT, **change.body, "createdDateTime": now, "lastModifiedDateTime": now}
        body["organizer"] = calendar.owner
        body["uid"] = self._state.guid()
        body["responseStatus"] = {"response": "organizer", "time": "0001-01-01T00:00:00Z"}
        item = _checked(Item(change.start, change.end, meetings.prepared(body)), change)
        record = Record(self._state.new_id(), item)
        calendar.put(record)
        if transaction:
            self._state.transactions[(calendar.owner, transaction)] = record.id
        self._copies.spread(calendar, record, None, by_program=order.by_program)
        return Seen(record, record.item)

    def change(self, order: Order, calendar: Calendar, seen: Seen) -> Seen:
        """Changes an event, a series, or one occurrence, which becomes an exception by it."""
        self._may_write(order, calendar)
        _check_version(order, seen)
        change = read_change(order.raw)
        if "transactionId" in change.body and change.body["transactionId"] != seen.item.body["transactionId"]:
            raise invalid_request("The property 'transactionId' cannot be changed after the event was created.")
        old = seen.item
        merged = {**old.body, **change.body, "lastModifiedDateTime": now_stamp(self._state.clock())}
        merged["extended"] = {**old.body["extended"], **change.body.get("extended", {})}
        merged["attendees"] = _answers_kept(old, merged["attendees"])
        body = meetings.changed(old.body, merged)
        item = replace(old, start=change.start or old.start, end=change.end or old.end, body=body)
        if seen.master is not None:
            return self._change_occurrence(order, calendar, seen, item, change)
        seen.record.item = _moved_along(old, _checked(item, change))
        calendar.put(seen.record)
        if old.repeats:
            self._drop_exceptions(calendar, seen.record, old)
        self._copies.spread(calendar, seen.record, old, by_program=order.by_program)
        return Seen(seen.record, seen.record.item)

    def delete(self, order: Order, calendar: Calendar, seen: Seen) -> None:
        """Deletes an event, a series with its exceptions, or one occurrence; an organiser's guests get mail."""
        self._may_write(order, calendar)
        _check_version(order, seen)
        if seen.master is not None and seen.day is not None:
            self._delete_occurrence(order, calendar, seen)
            return
        old = seen.record.item
        for one in calendar.exceptions_of(seen.record.id):
            one.item = replace(one.item, deleted=True)
            calendar.put(one)
        seen.record.item = replace(old, deleted=True)
        calendar.put(seen.record)
        self._copies.cancel(calendar, seen.record, old, by_program=order.by_program)

    def cancel(self, order: Order, calendar: Calendar, seen: Seen) -> None:
        """The organiser calls a meeting off; an attendee is refused."""
        if seen.item.body["organizer"] != order.email:
            raise invalid_request("Your request can't be completed. You need to be an organizer to cancel a meeting.")
        self.delete(order, calendar, seen)

    def answer(self, order: Order, calendar: Calendar, seen: Seen, response: str) -> None:
        """An attendee answers; the organiser cannot. With `sendResponse` (the default) the organiser gets mail."""
        self._may_write(order, calendar)
        organizer = seen.item.body["organizer"]
        if organizer == calendar.owner:
            text = "You can't respond to this meeting because you're the meeting organizer."
            raise invalid_request(f"Your request can't be completed. {text}")
        status = {"response": response, "time": now_stamp(self._state.clock())}
        record = seen.record
        if response == "declined":
            self.delete(replace(order, by_program=False), calendar, seen)
        else:
            busy = "busy" if response == "accepted" else "tentative"
            record.item = changed(record.item, responseStatus=status, showAs=busy)
            calendar.put(record)
        told = order.raw.get("sendResponse", True)
        self._copies.tell_organizer(calendar, record, seen.item, status, mail=order.by_program and bool(told))

    def _may_write(self, order: Order, calendar: Calendar) -> None:
        if order.email not in {calendar.owner} | calendar.editors:
            raise access_denied()

    def _change_occurrence(self, order: Order, calendar: Calendar, seen: Seen, item: Item, change: Change) -> Seen:
        master, day = seen.master, seen.day
        if master is None or day is None:
            raise item_not_found()
        if change.body.get("recurrence") is not None:
            raise property_invalid("An occurrence of a series cannot have a recurrence of its own.")
        item = replace(_checked(item, change), master=master.id, day=day, gone=frozenset())
        _check_boundary(calendar, master, day, item)
        old = seen.item
        if seen.record is master:
            record = Record(self._state.new_id(), item)
        else:
            record = seen.record
            record.item = item
        calendar.put(record)
        calendar.put(master)
        self._copies.spread(calendar, record, old, by_program=order.by_program)
        return Seen(record, item, day, master)

    def _delete_occurrence(self, order: Order, calendar: Calendar, seen: Seen) -> None:
        master, day = seen.master, seen.day
        if master is None or day is None:
            raise item_not_found()
        old = seen.item
        if seen.record is not master:
            seen.record.item = replace(seen.record.item, deleted=True)
            calendar.put(seen.record)
        master.item = replace(master.item, gone=master.item.gone | {day})
        calendar.put(master)
        self._copies.cancel(calendar, seen.record, old, day=day, by_program=order.by_program)

    def _drop_exceptions(self, calendar: Calendar, master: Record, old: Item) -> None:
        """A series with another rule or another time of day loses its exceptions, as in Outlook."""
        if old.body["recurrence"] == master.item.body["recurrence"] and old.start == master.item.start:
            return
        master.item = replace(master.item, gone=frozenset())
        for one in calendar.exceptions_of(master.id):
            one.item = replace(one.item, deleted=True)
            calendar.put(one)
        calendar.put(master)


def _check_version(order: Order, seen: Seen) -> None:
    if order.if_match not in (None, "*", etag(seen)):
        raise version_conflict()


def _checked(item: Item, change: Change) -> Item:
    """Checks what only the whole event tells: order of times, midnights, the rule against the start."""
    if item.end.moment < item.start.moment:
        raise property_invalid("The end of an event must not be before its start.")
    if item.body["isAllDay"]:
        midnight = item.start.wall.time() == time() == item.end.wall.time()
        if not midnight or item.end.wall <= item.start.wall or item.start.zone != item.end.zone:
            raise property_invalid("The start and end of an all-day event have to be midnight in the same time zone.")
    rule = item.body["recurrence"]
    if rule is None:
        return item
    if "recurrence" in change.body:
        item = _by_the_clock_of(rule, item)
        rule = read_recurrence(rule, item.start.wall.date(), item.start.zone)
    elif change.start is not None:
        limits = {**rule["range"], "startDate": item.start.wall.date().isoformat()}
        rule = {**rule, "range": limits}
    return _at_first_day(changed(item, recurrence=rule))


def _by_the_clock_of(rule: Json, item: Item) -> Item:
    """A series goes by `recurrenceTimeZone` where that is given; its startDate counts there."""
    limits = rule.get("range")
    name = limits.get("recurrenceTimeZone") if isinstance(limits, dict) else None
    if not isinstance(name, str) or not name or item.body["isAllDay"]:
        return item
    return replace(item, start=item.start.seen_in(name), end=item.end.seen_in(name))


def _at_first_day(item: Item) -> Item:
    """A series begins on the first day its pattern has: the service moves a start that is none of them."""
    start = item.start.wall.date()
    first = next(days_of(item.body["recurrence"], start.replace(year=min(start.year + 100, 9999), day=1)), None)
    if first is None:
        raise property_invalid("The recurrence has no occurrence.")
    moved = first - start
    return replace(item, start=item.start.moved(moved), end=item.end.moved(moved))


def _moved_along(old: Item, item: Item) -> Item:
    """A new time without a new end keeps what was lost from the series only where the days stay."""
    return item if item.repeats else replace(item, gone=frozenset())


def _check_boundary(calendar: Calendar, master: Record, day: date, item: Item) -> None:
    """A modified occurrence stays between the days of its neighbours."""
    before, after = around(master.item, day)
    moved = {one.item.day: _own_day(one.item, master) for one in calendar.exceptions_of(master.id)}
    begins = _own_day(item, master)
    if before is not None and begins <= moved.get(before, before):
        raise crossing_boundary()
    if after is not None and begins >= moved.get(after, after):
        raise crossing_boundary()


def _own_day(item: Item, master: Record) -> date:
    """The day an occurrence really begins on, by the series' own clock."""
    return item.start.seen_in(master.item.start.zone).wall.date()


def _answers_kept(old: Item, attendees: list[Json]) -> list[Json]:
    """Who was already invited keeps his answer."""
    known = {one["emailAddress"]["address"].lower(): one["status"] for one in old.body["attendees"]}
    return [{**one, "status": known.get(one["emailAddress"]["address"].lower(), one["status"])} for one in attendees]
