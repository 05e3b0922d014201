"""What people do in Outlook itself, and what an onlooker may see of the sandbox's calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from soroe.sandbox.microsoft365.bodies import read_change
from soroe.sandbox.microsoft365.copies import called_off, same_meeting
from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.finding import find, seen_at, seen_record
from soroe.sandbox.microsoft365.model import Account, Calendar, State, changed
from soroe.sandbox.microsoft365.preferences import Preferences
from soroe.sandbox.microsoft365.series import Seen, view
from soroe.sandbox.microsoft365.times import read_bound, zone
from soroe.sandbox.microsoft365.view import Reader, shown_event
from soroe.sandbox.microsoft365.writes import Order, Writes

Answer = Literal["accepted", "tentativelyAccepted", "declined"]


class People:
    """Accounts, calendars and events as their owners handle them; every method takes the sandbox's lock.

    Bodies have the shape of Graph's event resource, and the same checks apply as to programs: what the service would
    refuse raises the same `GraphError`. Ids in and out are immutable ones (ordinary ones are understood too); a
    calendar without an id means the default one. No mail of these methods is collected.
    """

    def __init__(self, state: State, writes: Writes) -> None:
        self._state = state
        self._writes = writes

    def add_account(
        self,
        email: str,
        name: str = "",
        time_zone: str = "Tokyo Standard Time",
        *,
        mailbox: bool = True,
        work_account: bool = True,
    ) -> Account:
        """Makes a person with a default calendar; without `mailbox` the calendar API refuses him."""
        email = email.lower()
        zone(time_zone)
        with self._state.lock:
            if email in self._state.accounts:
                raise ValueError(f"The sandbox already has an account {email}: choose another address.")
            account = Account(email, name, time_zone, self._state.guid(), mailbox=mailbox, work_account=work_account)
            self._state.accounts[email] = account
            self._new_calendar(email, "Calendar", primary=True)
            return account

    def add_calendar(self, owner: str, name: str) -> str:
        """Makes a further calendar of `owner` and returns its id."""
        with self._state.lock:
            return self._new_calendar(owner, name, primary=False).id

    def calendar_id(self, email: str) -> str:
        """Returns the id of a person's default calendar."""
        with self._state.lock:
            return self._state.default_calendar(email).id

    def share(self, owner: str, calendar_id: str, with_email: str, *, may_edit: bool = False) -> None:
        """Puts a calendar into a colleague's list, to read or to edit."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id)
            calendar.readers.discard(with_email)
            calendar.editors.discard(with_email)
            (calendar.editors if may_edit else calendar.readers).add(with_email)

    def unshare(self, owner: str, calendar_id: str, with_email: str) -> None:
        """Takes a colleague's access away; the calendar answers 404 to him from now on."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id)
            calendar.readers.discard(with_email)
            calendar.editors.discard(with_email)

    def delete_calendar(self, owner: str, calendar_id: str) -> None:
        """The owner deletes one of his further calendars with all that is in it."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id)
            if calendar.owner != owner or calendar.primary:
                raise ValueError(f"The calendar {calendar_id} cannot be deleted: it is not a further one of {owner}.")
            del self._state.calendars[calendar_id]

    def user_creates(self, email: str, body: Json, calendar_id: str = "") -> Json:
        """The user makes an event in Outlook; attendees with an account here get their copies."""
        with self._state.lock:
            calendar = self._calendar(email, calendar_id)
            return self._shown(email, calendar, self._writes.create(_order(email, body), calendar))

    def user_changes(self, email: str, event_id: str, change: Json) -> Json:
        """The user changes an event, a whole series, or one occurrence, whose id is in `occurrences`."""
        with self._state.lock:
            calendar, seen = find(self._state, email, event_id)
            return self._shown(email, calendar, self._writes.change(_order(email, change), calendar, seen))

    def user_renames(self, email: str, event_id: str, subject: str) -> Json:
        return self.user_changes(email, event_id, {"subject": subject})

    def user_changes_occurrence(self, email: str, series_id: str, day: date, change: Json) -> Json:
        """The user changes the occurrence that the series has on `day`; it becomes an exception."""
        with self._state.lock:
            calendar, series = find(self._state, email, series_id)
            seen = seen_at(calendar, series.record.id, day)
            return self._shown(email, calendar, self._writes.change(_order(email, change), calendar, seen))

    def user_deletes(self, email: str, event_id: str) -> None:
        """The user deletes an event, a whole series, or one occurrence by its id."""
        with self._state.lock:
            calendar, seen = find(self._state, email, event_id)
            self._writes.delete(_order(email), calendar, seen)

    def user_deletes_occurrence(self, email: str, series_id: str, day: date) -> None:
        """The user deletes the occurrence that the series has on `day`."""
        with self._state.lock:
            calendar, series = find(self._state, email, series_id)
            self._writes.delete(_order(email), calendar, seen_at(calendar, series.record.id, day))

    def user_restores(self, email: str, event_id: str) -> Json:
        """The user takes a deleted event back out of Deleted Items; it keeps its immutable id."""
        with self._state.lock:
            for calendar in self._state.calendars_of(email):
                record = calendar.records.get(event_id)
                if record is not None and record.item.deleted:
                    record.item = replace(record.item, deleted=False)
                    calendar.put(record)
                    return self._shown(email, calendar, seen_record(calendar, event_id))
            raise ValueError(f"There is no deleted event {event_id} of {email} to take back.")

    def user_moves(self, email: str, event_id: str, calendar_id: str) -> Json:
        """The user drags an event to another of his calendars: the ordinary id changes, the immutable one stays."""
        with self._state.lock:
            source, seen = find(self._state, email, event_id)
            target = self._state.calendar(email, calendar_id, writing=True)
            for one in [*source.exceptions_of(seen.record.id), seen.record]:
                left = type(one)(one.id, replace(one.item, deleted=True), past=list(one.past))
                source.put(left)
                target.put(type(one)(one.id, one.item))
            return self._shown(email, target, seen_record(target, seen.record.id))

    def user_answers(self, email: str, event_id: str, answer: Answer) -> None:
        """The user answers an invitation; a declined one leaves his calendar."""
        with self._state.lock:
            calendar, seen = find(self._state, email, event_id)
            self._writes.answer(_order(email), calendar, seen, answer)

    def receives_invitation(self, email: str, organizer: str, body: Json) -> Json:
        """An invitation arrives in the user's default calendar, from a colleague or from outside."""
        with self._state.lock:
            invited = [*body.get("attendees", []), {"type": "required", "emailAddress": {"address": email}}]
            if organizer in self._state.accounts:
                made = self.user_creates(organizer, {**body, "attendees": invited})
                _, original = find(self._state, organizer, made["id"])
                copy = same_meeting(self._state.default_calendar(email), original.item)
                return self._shown(email, self._state.default_calendar(email), Seen(copy, copy.item))
            calendar = self._state.default_calendar(email)
            seen = self._writes.create(_order(email, body), calendar)
            guests = self._guests(invited)
            status = {"response": "notResponded", "time": "0001-01-01T00:00:00Z"}
            seen.record.item = changed(
                seen.item, organizer=organizer.lower(), attendees=guests, responseStatus=status, showAs="tentative"
            )
            calendar.put(seen.record)
            return self._shown(email, calendar, Seen(seen.record, seen.record.item))

    def organizer_changes(self, email: str, event_id: str, change: Json) -> Json:
        """An organiser outside the company changes his meeting; the user's copy follows."""
        return self.user_changes(email, event_id, change)

    def organizer_cancels(self, email: str, event_id: str) -> Json:
        """An organiser outside the company calls his meeting off; the user's copy stays, marked so."""
        with self._state.lock:
            calendar, seen = find(self._state, email, event_id)
            seen.record.item = called_off(seen.item)
            calendar.put(seen.record)
            return self._shown(email, calendar, seen_record(calendar, seen.record.id))

    def overwrites(self, email: str, event_id: str, **properties: object) -> None:
        """Puts anything at all into an event, unchecked: what no service should hold, and one day does."""
        with self._state.lock:
            calendar, seen = find(self._state, email, event_id)
            seen.record.item = changed(seen.record.item, **properties)
            calendar.put(seen.record)

    def event(self, email: str, event_id: str) -> Json:
        """Returns one event or occurrence as the user sees it."""
        with self._state.lock:
            return self._shown(email, *find(self._state, email, event_id))

    def events(self, email: str, calendar_id: str = "") -> list[Json]:
        """Returns what is stored: single events, series and modified occurrences, oldest change first."""
        with self._state.lock:
            calendar = self._calendar(email, calendar_id)
            living = [one.id for one in calendar.records.values() if not one.item.deleted]
            return [self._shown(email, calendar, seen_record(calendar, one)) for one in living]

    def occurrences(self, email: str, start: str, end: str, calendar_id: str = "") -> list[Json]:
        """Returns a window as the user sees it, series taken apart; bounds in ISO 8601, UTC by default."""
        with self._state.lock:
            calendar = self._calendar(email, calendar_id)
            found = view(calendar, read_bound(start, "start"), read_bound(end, "end"))
            return [self._shown(email, calendar, seen) for seen in found]

    def extended(self, email: str, event_id: str) -> dict[str, str]:
        """Returns the hidden properties programs have put on an event."""
        with self._state.lock:
            return dict(find(self._state, email, event_id)[1].item.body["extended"])

    def _guests(self, invited: list[Json]) -> list[Json]:
        return list(read_change({"attendees": invited}).body["attendees"])

    def _new_calendar(self, owner: str, name: str, *, primary: bool) -> Calendar:
        calendar = Calendar(f"AAMkADAw{self._state.new_id()[8:]}", name, owner, primary)
        self._state.calendars[calendar.id] = calendar
        return calendar

    def _calendar(self, email: str, calendar_id: str) -> Calendar:
        return self._state.calendar(email, calendar_id) if calendar_id else self._state.default_calendar(email)

    def _shown(self, email: str, calendar: Calendar, seen: Seen) -> Json:
        prefer = Preferences(immutable=True, zone=self._state.accounts[email].time_zone)
        return shown_event(Reader(self._state, calendar, email, prefer), seen)


def _order(email: str, raw: Json | None = None) -> Order:
    return Order(email, raw or {}, by_program=False)
