"""What people do in Google's own web page, and what an onlooker may see of the sandbox's calendars."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from soroe.sandbox.google.copies import own_entry
from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import AccessRole, Account, Calendar, Record, State
from soroe.sandbox.google.times import known_zone
from soroe.sandbox.google.view import Reader, shown_event
from soroe.sandbox.google.writes import Order, Writes, find

Answer = Literal["accepted", "declined", "tentative", "needsAction"]


class People:
    """Accounts, calendars and events as their owners handle them; every method takes the sandbox's lock.

    Event bodies and answers have the shape of Google's event resource. The same checks apply as to programs: a body
    that the service would refuse raises the same `GoogleError`. No mail of these methods is collected.
    """

    def __init__(self, state: State, writes: Writes) -> None:
        self._state = state
        self._writes = writes

    def add_account(self, email: str, name: str = "", time_zone: str = "Asia/Tokyo", locale: str = "ja") -> Account:
        """Makes an account with its primary calendar, which has the account's address as id."""
        email = email.lower()
        known_zone(time_zone)
        with self._state.lock:
            if email in self._state.accounts:
                raise ValueError(f"The sandbox already has an account {email}: choose another address.")
            account = Account(email, name, time_zone, locale)
            self._state.accounts[email] = account
            roles = {email: AccessRole.owner}
            self._state.calendars[email] = Calendar(email, email, time_zone, email, primary=True, roles=roles)
            self._state.list_changed(email, email)
            return account

    def add_calendar(self, owner: str, summary: str, calendar_id: str = "", time_zone: str = "") -> str:
        """Makes a further calendar of `owner` and returns its id."""
        with self._state.lock:
            calendar_id = calendar_id or f"{self._state.new_id()}@group.calendar.google.com"
            zone = time_zone or self._state.accounts[owner].time_zone
            known_zone(zone)
            roles = {owner: AccessRole.owner}
            self._state.calendars[calendar_id] = Calendar(calendar_id, summary, zone, owner, primary=False, roles=roles)
            self._state.list_changed(owner, calendar_id)
            return calendar_id

    def share(self, owner: str, calendar_id: str, with_email: str, role: AccessRole) -> None:
        """Gives somebody access to a calendar. A change of rights ends the calendar's sync tokens, as documented."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id, AccessRole.owner)
            calendar.roles[with_email] = role
            calendar.generation += 1
            self._state.list_changed(with_email, calendar.id)

    def unshare(self, owner: str, calendar_id: str, with_email: str) -> None:
        """Takes somebody's access to a calendar away; it answers 404 to him from now on."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id, AccessRole.owner)
            del calendar.roles[with_email]
            calendar.generation += 1
            self._state.list_changed(with_email, calendar.id)

    def delete_calendar(self, owner: str, calendar_id: str) -> None:
        """The owner deletes one of his further calendars."""
        with self._state.lock:
            calendar = self._state.calendar(owner, calendar_id, AccessRole.owner)
            del self._state.calendars[calendar.id]
            for email in calendar.roles:
                self._state.list_changed(email, calendar.id)

    def calendar(self, email: str, calendar_id: str = "primary") -> Calendar:
        """Returns a calendar as the sandbox keeps it, to look at."""
        with self._state.lock:
            return self._state.calendar(email, calendar_id)

    def user_inserts(self, email: str, body: Json, calendar_id: str = "primary") -> Json:
        """The user makes an event in the web page; his guests with an account here get their copies."""
        order = self._order(email, calendar_id, body)
        with self._state.lock:
            return self._shown(email, calendar_id, self._writes.insert(order))

    def user_patches(self, email: str, event_id: str, change: Json, calendar_id: str = "primary") -> Json:
        """The user changes an event, or one instance of a series, in the web page."""
        order = self._order(email, calendar_id, change)
        with self._state.lock:
            return self._shown(email, calendar_id, self._writes.change(order, event_id, patch=True))

    def user_deletes(self, email: str, event_id: str, calendar_id: str = "primary") -> None:
        """The user deletes an event, or one instance of a series, in the web page."""
        with self._state.lock:
            self._writes.delete(self._order(email, calendar_id, {}), event_id)

    def user_restores(self, email: str, event_id: str, calendar_id: str = "primary") -> Json:
        """The user takes an event back out of the bin."""
        return self.user_patches(email, event_id, {"status": "confirmed"}, calendar_id)

    def user_moves(self, email: str, event_id: str, destination: str, calendar_id: str = "primary") -> Json:
        """The user gives an event to another calendar."""
        with self._state.lock:
            record = self._writes.move(self._order(email, calendar_id, {}), event_id, destination)
            return self._shown(email, destination, record)

    def user_answers(self, email: str, event_id: str, answer: Answer, calendar_id: str = "primary") -> Json:
        """The user answers an invitation."""
        with self._state.lock:
            calendar = self._state.calendar(email, calendar_id)
            record = find(calendar, event_id)
            if own_entry(calendar, record.body) is None:
                raise ValueError(f"{email} is not invited to the event {event_id}, so there is nothing to answer.")
            guests = [
                {**guest, "responseStatus": answer} if guest["email"] == calendar.identity else guest
                for guest in record.body["attendees"]
            ]
            return self.user_patches(email, event_id, {"attendees": guests}, calendar_id)

    def user_duplicates(self, email: str, event_id: str, calendar_id: str = "primary") -> Json:
        """The user copies an event in the web page; private extended properties come along, as they do there."""
        with self._state.lock:
            body = find(self._state.calendar(email, calendar_id), event_id).body
            left_out = (
                "created",
                "creator",
                "iCalUID",
                "organizer",
                "originalStartTime",
                "recurringEventId",
                "sequence",
            )
            copy = {key: value for key, value in body.items() if key not in (*left_out, "attendees", "updated")}
            return self.user_inserts(email, copy, calendar_id)

    def receives_invitation(self, email: str, organizer: str, body: Json) -> Json:
        """An invitation of somebody outside the sandbox arrives in the user's primary calendar."""
        with self._state.lock:
            guests = body.get("attendees") or [{"email": organizer, "responseStatus": "accepted"}, {"email": email}]
            made = self.user_inserts(email, {**body, "attendees": guests})
            return self._overwritten(
                email, made["id"], {"organizer": {"email": organizer}, "creator": {"email": organizer}}
            )

    def organizer_changes(self, email: str, event_id: str, change: Json) -> Json:
        """An organiser outside the sandbox changes his event; the user's copy follows, local changes are lost."""
        with self._state.lock:
            record = find(self._state.calendar(email, "primary"), event_id)
            organizer = record.body["organizer"]
            self._overwritten(email, event_id, {"organizer": {"email": email}})
            self.user_patches(email, event_id, change)
            return self._overwritten(email, event_id, {"organizer": organizer})

    def becomes_kind(self, email: str, event_id: str, kind: str) -> Json:
        """Shows an event as one of another type, also of one that the service may have one day."""
        with self._state.lock:
            return self._overwritten(email, event_id, {"eventType": kind})

    def becomes_known_as(self, email: str, event_id: str, new_id: str, calendar_id: str = "primary") -> Json:
        """Gives an event an id that the service made in a way of its own, as it does with events of other programs."""
        with self._state.lock:
            calendar = self._state.calendar(email, calendar_id)
            record = find(calendar, event_id)
            calendar.forget(event_id)
            record.id = new_id
            calendar.put(record)
            return self._shown(email, calendar_id, record)

    def locks(self, email: str, event_id: str, calendar_id: str = "primary") -> Json:
        """Makes the user's copy of an event a locked one."""
        with self._state.lock:
            return self._overwritten(email, event_id, {"locked": True}, calendar_id)

    def purge_deleted(self) -> None:
        """Lets deleted events disappear for good, as they eventually do; cancelled exceptions of living series stay."""
        with self._state.lock:
            for calendar in self._state.calendars.values():
                for record in list(calendar.records.values()):
                    master = calendar.records.get(record.master_id or "")
                    if record.cancelled and (master is None or master.cancelled):
                        calendar.forget(record.id)

    def events(self, email: str, calendar_id: str = "primary", *, deleted: bool = True) -> list[Json]:
        """Returns everything stored in a calendar (series and exceptions, not instances) in the order of change."""
        with self._state.lock:
            calendar = self._state.calendar(email, calendar_id)
            reader = Reader(email, calendar, calendar.time_zone)
            return [shown_event(reader, r) for r in calendar.records.values() if deleted or not r.cancelled]

    def event(self, email: str, event_id: str, calendar_id: str = "primary") -> Json:
        """Returns one event or instance as the user sees it."""
        with self._state.lock:
            return self._shown(email, calendar_id, find(self._state.calendar(email, calendar_id), event_id))

    def _overwritten(self, email: str, event_id: str, fields: Json, calendar_id: str = "primary") -> Json:
        calendar = self._state.calendar(email, calendar_id)
        record = find(calendar, event_id)
        record.body = {**record.body, **fields}
        calendar.put(record)
        return self._shown(email, calendar_id, record)

    def _shown(self, email: str, calendar_id: str, record: Record) -> Json:
        calendar = self._state.calendar(email, calendar_id)
        return shown_event(Reader(email, calendar, calendar.time_zone), record)

    def _order(self, email: str, calendar_id: str, raw: Json) -> Order:
        order = Order(email, calendar_id, raw, asked="all", conference_version=1, attachments=True, labels=True)
        return replace(order, by_program=False)
