"""The state of the Oracle-shaped server and what happens to records; nothing here knows of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.oracle.mirror import APPOINTMENTS, EVENTS, calendar_title, mirrored, new_appointment
from soroe.sandbox.oracle.records import Access, Book, Contact, Group, InBook, Member, Record, User, WithContact
from soroe.sandbox.oracle.refusals import Refusal, bad_value, not_found, read_only

KEPT = timedelta(days=30)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPAN = {APPOINTMENTS: ("StartTime", "EndTime"), EVENTS: ("StartDate", "EndDate")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the calendar in the web page."""

    record_id: str
    title: str


class Company:
    """Everything one company has. The caller holds one lock; `clock` tells aware UTC times.

    `show_events` is the setting of the company profile that keeps an appointment for each event.
    """

    def __init__(self, clock: Callable[[], datetime], name: str) -> None:
        self.name = name
        self.show_events = True
        self.users: dict[str, User] = {}
        self.contacts: dict[str, Contact] = {}
        self.books: dict[str, Book] = {}
        self.groups: dict[str, Group] = {}
        self.accounts: dict[str, str] = {}
        self.opportunities: dict[str, str] = {}
        self.rejected: dict[str, str] = {}
        self.workflow_books: dict[str, str] = {}
        self.records: dict[str, Record] = {}
        self._clock = clock
        self._numbers = 46_656

    def now(self) -> datetime:
        """The service keeps whole seconds."""
        return self._clock().replace(microsecond=0)

    def new_id(self) -> str:
        self._numbers += 1
        number, text = self._numbers, ""
        while number:
            number, digit = divmod(number, 36)
            text = _DIGITS[digit] + text
        return f"1QA2-{text}"

    # ------------------------------------------------------------------ who sees what
    def access(self, user_id: str, record: Record) -> Access | None:
        """What the user may do: the best of owner, team and books, raised by the role's profile; nothing if unseen."""
        member = record.member(user_id)
        if record.owner_id == user_id:
            return Access.FULL
        given = [member.access] if member is not None else []
        if not record.values.get("Private"):
            readers = [self.books[link.book_id].readers for link in record.books]
            given += [access[user_id] for access in readers if user_id in access]
        if not given:
            return None
        profile = self.users[user_id].profile
        return max([*given, profile] if profile is not None else given)

    def seen(self, user_id: str, resource: str) -> list[Record]:
        """The live records of one kind that the user may read, in the order of their creation."""
        return [
            record for record in self.records.values() if record.resource == resource and self._sees(user_id, record)
        ]

    def get(self, user_id: str, resource: str, record_id: str) -> Record:
        """One live record; raises 404 also for what the user cannot see."""
        record = self.records.get(record_id)
        if record is None or record.resource != resource or not self._sees(user_id, record):
            raise not_found(f"{resource}/{record_id}")
        return record

    def calendar(self, user_id: str) -> list[Entry]:
        """What the web calendar shows the user: nothing that comes only through a book (OCD-9), and no appointments of
        events while the setting is off (OCD-6)."""
        shown: list[Entry] = []
        for record in self.seen(user_id, APPOINTMENTS):
            of_event = record.twin != ""
            if record.member(user_id) is not None and (self.show_events or not of_event):
                title = calendar_title(record.title, record.values.get("Location"), of_event)
                shown.append(Entry(record.id, title))
        return shown

    def _sees(self, user_id: str, record: Record) -> bool:
        return record.deleted is None and self.access(user_id, record) is not None

    def need(self, user_id: str, record: Record, access: Access) -> None:
        """Raises 403 when the user may not do as much with the record."""
        has = self.access(user_id, record)
        if has is None or has < access:
            raise read_only(f"{record.resource}/{record.id}")

    # ------------------------------------------------------------------ records
    def create(self, user_id: str, resource: str, given: Mapping[str, Any]) -> Record:
        """A new record of the user's, with its twin where there is to be one (OCD-1)."""
        values = {"OwnerId": user_id, **{name: value for name, value in given.items() if value is not None}}
        if resource == APPOINTMENTS:
            values = {"Activity": "Appointment", "Private": False, **values}
        record = self._new(user_id, resource, values)
        if resource == EVENTS and self.show_events:
            record = self._appointment_for(user_id, record)
        return self._worked_on(record)

    def change(self, user_id: str, record: Record, given: Mapping[str, Any]) -> Record:
        """Changes the given fields, here and on the twin; an event without a twin gets one now (OCD-5)."""
        self.need(user_id, record, Access.EDIT)
        changed = self._written(user_id, record, given)
        if changed.twin:
            fields = {name: value for name, value in given.items() if record.values.get(name) != value}
            copied = mirrored(record.resource, fields)
            if copied:
                self._written(user_id, self.records[changed.twin], copied)
        elif record.resource == EVENTS and self.show_events:
            changed = self._appointment_for(user_id, changed)
        return self._worked_on(changed)

    def delete(self, user_id: str, record: Record) -> None:
        """Moves the record and its twin to the deleted items, child records and all (OCD-7)."""
        self.need(user_id, record, Access.FULL)
        for each in self._pair(record):
            self.records[each.id] = replace(each, deleted=self.now())

    def restore(self, user_id: str, record_id: str) -> Record:
        """Takes the record and its twin out of the deleted items, within thirty days (OCD-7)."""
        record = self.records.get(record_id)
        if record is None or record.deleted is None or self._clock() - record.deleted > KEPT:
            raise not_found(f"deleted item {record_id}")
        self.need(user_id, record, Access.FULL)
        for each in self._pair(record):
            self.records[each.id] = replace(each, deleted=None, modified=self.now(), modified_by=user_id)
        return self.records[record_id]

    def _new(self, user_id: str, resource: str, values: dict[str, Any], **more: Any) -> Record:  # noqa: ANN401 - members
        now = self.now()
        owner = Member(self.new_id(), str(values["OwnerId"]), Access.FULL)
        record = Record(
            id=self.new_id(), resource=resource, values=values, members=(owner,),
            created=now, created_by=user_id, modified=now, modified_by=user_id,
        )  # fmt: skip # short values, several a line
        self._check(record)
        return self._put(replace(record, **more))

    def _written(self, user_id: str, record: Record, given: Mapping[str, Any]) -> Record:
        values = {name: value for name, value in {**record.values, **given}.items() if value is not None}
        if values == record.values:
            return record
        members = record.members
        if "OwnerId" in given and record.member(given["OwnerId"]) is None:
            members = (*members, Member(self.new_id(), given["OwnerId"], Access.FULL))
        changed = replace(record, values=values, members=members, modified=self.now(), modified_by=user_id)
        self._check(changed)
        return self._put(changed)

    def _appointment_for(self, user_id: str, event: Record) -> Record:
        """The event, now with an appointment that has its users and books of this moment (OCD-2, OCD-3)."""
        others = tuple(
            Member(self.new_id(), member.user_id, Access.READ_ONLY)
            for member in event.members
            if member.user_id != event.owner_id
        )
        values = {"Activity": "Appointment", "Private": False, **new_appointment(event.id, event.values)}
        books = tuple(replace(link, id=self.new_id()) for link in event.books)
        appointment = self._new(user_id, APPOINTMENTS, values, twin=event.id, books=books)
        self._put(replace(appointment, members=appointment.members + others))
        return self._put(replace(event, twin=appointment.id))

    def _worked_on(self, record: Record) -> Record:
        """The record after the company's workflows, which may put it into a book (OCD-10)."""
        book_id = self.workflow_books.get(record.resource)
        if book_id is not None and all(link.book_id != book_id for link in record.books):
            self.put_in_book(record, book_id, by_workflow=True)
        return self.records[record.id]

    def _pair(self, record: Record) -> list[Record]:
        return [record, self.records[record.twin]] if record.twin else [record]

    def _put(self, record: Record) -> Record:
        self.records[record.id] = record
        return record

    def _check(self, record: Record) -> None:
        """Raises 400 for what the company's own rules and the other records do not allow."""
        values = record.values
        start, end = (values[name] for name in _SPAN[record.resource])
        if end < start:
            raise bad_value(_SPAN[record.resource][1], "must not be before the start")
        for name, known in (
            ("OwnerId", self.users), ("AccountId", self.accounts), ("OpportunityId", self.opportunities)
        ):  # fmt: skip # short values, several a line
            if values.get(name) is not None and values[name] not in known:
                raise bad_value(name, "there is no such row")
        for word, message in self.rejected.items():
            if word in record.title:
                raise Refusal(400, message)
        key = values.get("ExternalSystemId")
        if key is not None and any(self._has_key(other, record, key) for other in self.records.values()):
            detail = "A record identical in certain fields already exists."
            raise Refusal(400, detail, detail, "SBL-DAT-00381", "ExternalSystemId")

    @staticmethod
    def _has_key(other: Record, record: Record, key: str) -> bool:
        same_kind = other.resource == record.resource and other.id != record.id and other.deleted is None
        return same_kind and other.values.get("ExternalSystemId") == key

    # ------------------------------------------------------------------ child records
    def add_user(self, record: Record, user_id: str, access: Access, group_id: str = "") -> Member:
        """Adds a user here, and to the twin with read-only access (OCD-8); whoever comes through a user group joins no
        event team. Changes neither record's date: adding a child is no change of it (OCD-5)."""
        if user_id not in self.users:
            raise bad_value("UserId", "there is no such user")
        if record.member(user_id) is not None:
            raise bad_value("UserId", "the user is on this record already")
        added = Member(self.new_id(), user_id, access, group_id)
        self._put(replace(record, members=(*record.members, added)))
        twin = self.records.get(record.twin)
        if twin is not None and twin.member(user_id) is None and not (group_id and twin.resource == EVENTS):
            self._put(replace(twin, members=(*twin.members, Member(self.new_id(), user_id, Access.READ_ONLY))))
        return added

    def change_user(self, record: Record, member: Member, access: Access) -> None:
        """Gives the user another access, here only."""
        changed = replace(member, access=access)
        self._put(replace(record, members=tuple(changed if each == member else each for each in record.members)))

    def remove_user(self, record: Record, user_id: str) -> None:
        """Takes the user off this record and its twin; the owner stays."""
        if user_id == record.owner_id:
            raise bad_value("UserId", "the owner cannot be removed")
        for each in self._pair(record):
            self._put(replace(each, members=tuple(m for m in each.members if m.user_id != user_id)))

    def put_in_book(self, record: Record, book_id: str, by_workflow: bool = False) -> InBook:
        """Puts the record and its twin into the book (OCD-3, OCD-10)."""
        if book_id not in self.books:
            raise bad_value("BookId", "there is no such book")
        if any(link.book_id == book_id for link in record.books):
            raise bad_value("BookId", "the record is in this book already")
        for each in self._pair(record):
            if all(link.book_id != book_id for link in each.books):
                self._put(replace(each, books=(*each.books, InBook(self.new_id(), book_id, by_workflow))))
        return self.records[record.id].books[-1]

    def take_out_of_book(self, record: Record, book_id: str) -> None:
        """Takes the record and its twin out of the book."""
        for each in self._pair(record):
            self._put(replace(each, books=tuple(link for link in each.books if link.book_id != book_id)))

    def add_contact(self, record: Record, contact_id: str) -> WithContact:
        """Adds a contact to an appointment."""
        if contact_id not in self.contacts:
            raise bad_value("ContactId", "there is no such contact")
        if any(link.contact_id == contact_id for link in record.contacts):
            raise bad_value("ContactId", "the contact is on this record already")
        added = WithContact(self.new_id(), contact_id)
        self._put(replace(record, contacts=(*record.contacts, added)))
        return added

    def remove_contact(self, record: Record, link: WithContact) -> None:
        self._put(replace(record, contacts=tuple(each for each in record.contacts if each != link)))
