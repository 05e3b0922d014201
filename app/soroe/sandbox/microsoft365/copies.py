"""What a meeting does in other people's calendars, and the mails it makes the service send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.mailbox import Mail
from soroe.sandbox.microsoft365.model import Calendar, Item, Record, State, changed

_QUIET = ("categories", "extended", "isReminderOn", "lastModifiedDateTime", "reminderMinutesBeforeStart", "showAs")


class Copies:
    """Carries an organiser's write to his attendees. Only those with an account here have a calendar to see it in."""

    def __init__(self, state: State, mailbox: list[Mail]) -> None:
        self._state = state
        self._mailbox = mailbox

    def spread(self, calendar: Calendar, record: Record, old: Item | None, *, by_program: bool) -> None:
        """After a create or a change: invitations, updates, cancellations to those who were taken off.

        A change of a series mails once more for each of its modified occurrences.
        """
        item = record.item
        if item.body["organizer"] != calendar.owner:
            return
        before = _addresses(old) if old is not None else []
        now = _addresses(item)
        for email in now:
            if email not in before:
                self._mail(calendar, record, email, "invitation", by_program)
            elif old is not None and _differs(old, item):
                self._mail(calendar, record, email, "update", by_program)
            self._write_copy(calendar, record, email)
        for email in before:
            if email not in now:
                self._mail(calendar, record, email, "cancellation", by_program)
                self._cancel_copy(record, email)
        if old is not None and old.repeats and _differs(old, item):
            for one in calendar.exceptions_of(record.id):
                for email in _addresses(one.item):
                    self._mail(calendar, one, email, "update", by_program)

    def cancel(
        self, calendar: Calendar, record: Record, old: Item, *, by_program: bool, day: date | None = None
    ) -> None:
        """After the organiser deleted a meeting or one occurrence; an attendee's deletion tells nobody."""
        if old.body["organizer"] != calendar.owner:
            return
        for email in _addresses(old):
            self._mail(calendar, record, email, "cancellation", by_program)
            if day is None:
                self._cancel_copy(record, email)
            else:
                self._drop_day(old, email, day)

    def tell_organizer(self, calendar: Calendar, record: Record, item: Item, status: Json, *, mail: bool) -> None:
        """An attendee's answer arrives at the organiser's event."""
        organizer = item.body["organizer"]
        if mail:
            self._mail(calendar, record, organizer, "answer", by_program=True)
        if organizer not in self._state.accounts:
            return
        home = self._state.default_calendar(organizer)
        original = _same(home, item, item.master is not None, item.day)
        if original is None:
            return
        attendees = [
            {**one, "status": status} if _address(one) == calendar.owner else one
            for one in original.item.body["attendees"]
        ]
        original.item = changed(original.item, attendees=attendees)
        home.put(original)

    def _mail(self, calendar: Calendar, record: Record, email: str, kind: str, by_program: bool) -> None:
        if by_program and email != calendar.owner:
            self._mailbox.append(Mail(email, kind, record.id, calendar.id))

    def _write_copy(self, calendar: Calendar, record: Record, email: str) -> None:
        if email == calendar.owner or email not in self._state.accounts:
            return
        home = self._state.default_calendar(email)
        copy = _same(home, record.item, record.item.master is not None, record.item.day)
        if copy is None:
            master = _same(home, record.item, False, None) if record.item.master is not None else None
            if record.item.master is not None and master is None:
                return
            status = {"response": "notResponded", "time": "0001-01-01T00:00:00Z"}
            own: Json = {"responseStatus": status, "showAs": "tentative", "extended": {}, "transactionId": None}
            body = {**record.item.body, **own}
            series = master.id if master is not None else None
            home.put(Record(self._state.new_id(), replace(record.item, body=body, master=series)))
            return
        kept = {key: copy.item.body[key] for key in (*_QUIET, "responseStatus", "transactionId")}
        body = {**record.item.body, **kept, "lastModifiedDateTime": record.item.body["lastModifiedDateTime"]}
        copy.item = replace(record.item, body=body, master=copy.item.master)
        home.put(copy)
        kept_days = {one.item.day for one in calendar.exceptions_of(record.id)}
        for one in home.exceptions_of(copy.id):
            if one.item.day not in kept_days:
                one.item = replace(one.item, deleted=True)
                home.put(one)

    def _cancel_copy(self, record: Record, email: str) -> None:
        """The attendee's copy stays, called off, until he removes it."""
        if email not in self._state.accounts:
            return
        home = self._state.default_calendar(email)
        copy = _same(home, record.item, record.item.master is not None, record.item.day)
        for one in [] if copy is None else [*home.exceptions_of(copy.id), copy]:
            one.item = called_off(one.item)
            home.put(one)

    def _drop_day(self, old: Item, email: str, day: date) -> None:
        if email not in self._state.accounts:
            return
        home = self._state.default_calendar(email)
        master = _same(home, old, False, None)
        if master is not None:
            master.item = replace(master.item, gone=master.item.gone | {day})
            home.put(master)


def called_off(item: Item) -> Item:
    """A meeting in an attendee's calendar after its organiser has called it off."""
    return changed(item, isCancelled=True, showAs="free", subject=f"Canceled: {item.body['subject']}")


def same_meeting(calendar: Calendar, item: Item) -> Record:
    """Returns the copy of a single meeting or a series in another calendar."""
    found = _same(calendar, item, False, None)
    if found is None:
        raise ValueError("The meeting has no copy in that calendar: its owner is not among the attendees.")
    return found


def _same(calendar: Calendar, item: Item, exception: bool, day: date | None) -> Record | None:
    """Finds the same meeting in another calendar: they share the uid."""
    for one in calendar.records.values():
        fits = one.item.body["uid"] == item.body["uid"] and not one.item.deleted
        if fits and (one.item.master is not None) == exception and (not exception or one.item.day == day):
            return one
    return None


def _addresses(item: Item) -> list[str]:
    return [_address(one) for one in item.body["attendees"]]


def _address(attendee: Json) -> str:
    return str(attendee["emailAddress"]["address"]).lower()


def _differs(old: Item, item: Item) -> bool:
    """Whether guests hear of a change. A change of only the list of guests goes to those it concerns."""
    if (old.start, old.end, old.gone) != (item.start, item.end, item.gone):
        return True
    passed = (*_QUIET, "attendees", "responseStatus")
    return any(old.body[key] != item.body[key] for key in item.body if key not in passed)
