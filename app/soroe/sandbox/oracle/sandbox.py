"""The Oracle-shaped sandbox as tests and the demo hold it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.oracle.access import MOST_WRONG
from soroe.sandbox.oracle.access import Access as SignIns
from soroe.sandbox.oracle.api import Api
from soroe.sandbox.oracle.company import Company, Entry
from soroe.sandbox.oracle.fields import RESOURCES, Kind
from soroe.sandbox.oracle.lies import Lies
from soroe.sandbox.oracle.mirror import APPOINTMENTS, EVENTS
from soroe.sandbox.oracle.records import Access, Book, Contact, Group, Record, User
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

FOR_PRACTICE = "sandbox"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class OracleSandbox(OnLoopback):
    """A server shaped like Oracle CRM On Demand on loopback, from `start` to `stop` (or as a context manager).

    `clock` tells aware UTC times; `secret` makes session ids; `company` stands before the slash of every sign-in id.
    The `user_…` methods act as a person in the web page. Field names are the default integration tags, also after
    `rename_field`. Nobody is ever mailed: nothing of the service that is played here sends mail.
    """

    mails_sent: tuple[str, ...] = ()

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        secret: Callable[[], str] = secrets.token_urlsafe,
        company: str = "aoki",
    ) -> None:
        self._lock = threading.RLock()
        self._company = Company(clock, company)
        self._signs = SignIns(self._company, clock, secret)
        self._api = Api(self._company, self._signs, self._lock)
        app = Site("soroe.sandbox.oracle", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._api.install(app)
        self.server = LoopbackServer(app, port, clock=clock)

    @property
    def lies(self) -> Lies:
        """The lies that the next lists are to tell."""
        return self._api.lies

    # ------------------------------------------------------------------ the company
    def add_user(
        self,
        email: str = "sato@example.com",
        name: str = "Takeshi Sato",
        time_zone: str = "Asia/Tokyo",
        password: str = FOR_PRACTICE,
        profile: Access | None = None,
    ) -> User:
        """A user; `profile` is what the role's access profile gives on every record that the user sees."""
        with self._lock:
            sign_in = f"{self._company.name}/{email.partition('@')[0]}"
            user = User(self._company.new_id(), email, name, time_zone, sign_in, profile)
            self._company.users[user.id] = user
            self._signs.passwords[user.id] = password
            return user

    def add_contact(self, email: str, first_name: str, last_name: str, account: str = "") -> Contact:
        with self._lock:
            contact = Contact(self._company.new_id(), email, first_name, last_name, account)
            self._company.contacts[contact.id] = contact
            return contact

    def add_account(self, name: str) -> str:
        """An account; returns the id of its row."""
        return self._named(self._company.accounts, name)

    def add_opportunity(self, name: str) -> str:
        """An opportunity; returns the id of its row."""
        return self._named(self._company.opportunities, name)

    def add_book(self, name: str, readers: Mapping[User, Access], external_id: str = "") -> Book:
        """A book and what each of its users may do with what is in it."""
        with self._lock:
            access = {user.id: given for user, given in readers.items()}
            book = Book(self._company.new_id(), name, access, external_id)
            self._company.books[book.id] = book
            return book

    def add_group(self, name: str, *users: User) -> Group:
        with self._lock:
            group = Group(self._company.new_id(), name, frozenset(user.id for user in users))
            self._company.groups[group.id] = group
            return group

    def show_events(self, on: bool = True) -> None:
        """The setting of the company profile that keeps an appointment for each event."""
        with self._lock:
            self._company.show_events = on

    def reject_subjects(self, word: str, message: str) -> None:
        """Refuses subjects and event names with `word` in them, by a rule of the company's own."""
        with self._lock:
            self._company.rejected[word] = message

    def workflow_puts_in_book(self, resource: str, book: Book) -> None:
        """A workflow puts every `Appointments` or `Events` record into a book when it is written."""
        with self._lock:
            self._company.workflow_books[resource] = book.id

    def rename_field(self, resource: str, default: str, custom: str) -> None:
        """Gives a field another integration tag, the only one that requests then know."""
        with self._lock:
            self._api.tags.fields[resource, default] = custom

    def rename_resource(self, default: str, custom: str) -> None:
        """Gives a resource another tag beside its default one."""
        with self._lock:
            self._api.tags.resources[default] = custom

    def hide_field(self, resource: str, default: str) -> None:
        """Takes a field off a resource or a kind of child records, where no document says that every company has it."""
        with self._lock:
            self._api.tags.hidden.add((resource, default))

    def tell_true_utc(self) -> None:
        """Lets the Z of times mean UTC; else they are in the caller's zone, as the guide says."""
        with self._lock:
            self._api.true_utc = True

    # ------------------------------------------------------------------ the user in the web page
    def user_creates(
        self,
        user: User,
        subject: str,
        start: datetime,
        end: datetime,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Record:
        """Creates an appointment; naive times are in the user's zone."""
        given = {"Subject": subject, "StartTime": start, "EndTime": end, **fields}
        return self._create(user, APPOINTMENTS, given)

    def user_creates_event(
        self,
        user: User,
        name: str,
        start: datetime,
        end: datetime,
        objective: str = "Education",
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Record:
        """Creates an event, and with it, by the company's setting, its appointment."""
        given = {"Name": name, "StartDate": start, "EndDate": end, "Objective": objective, **fields}
        return self._create(user, EVENTS, given)

    def user_changes(
        self,
        user: User,
        record_id: str,
        **fields: Any,  # noqa: ANN401 - members of several types
    ) -> Record:
        """Changes the given fields; None empties one."""
        with self._lock:
            record = self._company.records[record_id]
            return self._company.change(user.id, record, _values(user, record.resource, fields))

    def user_deletes(self, user: User, record_id: str) -> None:
        with self._lock:
            self._company.delete(user.id, self._company.records[record_id])

    def user_restores(self, user: User, record_id: str) -> Record:
        """Takes a record out of the deleted items, which keep it thirty days."""
        with self._lock:
            return self._company.restore(user.id, record_id)

    def user_adds_user(self, record_id: str, other: User, access: Access = Access.READ_ONLY) -> None:
        with self._lock:
            self._company.add_user(self._company.records[record_id], other.id, access)

    def user_adds_group(self, record_id: str, group: Group) -> None:
        """Adds every member of a user group who is not on the record yet."""
        with self._lock:
            for user_id in sorted(group.user_ids):
                record = self._company.records[record_id]
                if record.member(user_id) is None:
                    self._company.add_user(record, user_id, Access.READ_ONLY, group.id)

    def user_removes_user(self, record_id: str, other: User) -> None:
        with self._lock:
            self._company.remove_user(self._company.records[record_id], other.id)

    def user_adds_contact(self, record_id: str, contact: Contact) -> None:
        with self._lock:
            self._company.add_contact(self._company.records[record_id], contact.id)

    def user_puts_in_book(self, record_id: str, book: Book) -> None:
        with self._lock:
            self._company.put_in_book(self._company.records[record_id], book.id)

    # ------------------------------------------------------------------ what is there
    def appointments(self, owner: User | None = None) -> list[Record]:
        """The live appointments, of one owner or of all, in the order of their creation."""
        return self._live(APPOINTMENTS, owner)

    def events(self, owner: User | None = None) -> list[Record]:
        """The live events, of one owner or of all, in the order of their creation."""
        return self._live(EVENTS, owner)

    def record(self, record_id: str) -> Record:
        """One record, also a deleted one."""
        with self._lock:
            return self._company.records[record_id]

    def web_calendar(self, user: User) -> list[Entry]:
        """What the web page's calendar shows the user."""
        with self._lock:
            return self._company.calendar(user.id)

    # ------------------------------------------------------------------ access
    def change_password(self, user: User, password: str) -> None:
        """The old one ends, and with it the user's sessions."""
        with self._lock:
            self._signs.passwords[user.id] = password
            self._signs.end_sessions(user.id)

    def lock_out(self, user: User) -> None:
        with self._lock:
            self._signs.wrong[user.id] = MOST_WRONG
            self._signs.end_sessions(user.id)

    def unlock(self, user: User) -> None:
        with self._lock:
            self._signs.wrong.pop(user.id, None)

    def wrong_passwords(self, user: User) -> int:
        """How many sign-ins failed since the last good one."""
        with self._lock:
            return self._signs.wrong.get(user.id, 0)

    def take_privilege(self, user: User) -> None:
        """Takes Restful Services Integration off the user's role, and ends the user's sessions."""
        with self._lock:
            self._signs.without_privilege.add(user.id)
            self._signs.end_sessions(user.id)

    def give_privilege(self, user: User) -> None:
        with self._lock:
            self._signs.without_privilege.discard(user.id)

    def end_sessions(self) -> None:
        """Every session times out."""
        with self._lock:
            self._signs.end_sessions()

    @property
    def open_sessions(self) -> int:
        with self._lock:
            return self._signs.open_sessions

    # ------------------------------------------------------------------ limits and trouble
    def lift_limit(self) -> None:
        """Serves more than thirty requests a minute from now on."""
        self._signs.limited = False

    def too_fast_is(self, status: int) -> None:
        """No document tells the status of that refusal; its words are always the same."""
        self._signs.too_fast_status = status

    def list_nothing(self, times: int = 1) -> None:
        """Makes the next lists of appointments or events come back empty though there are some."""
        with self._lock:
            self.lies.answer_empty(times)

    def _named(self, names: dict[str, str], name: str) -> str:
        with self._lock:
            row_id = self._company.new_id()
            names[row_id] = name
            return row_id

    def _create(self, user: User, resource: str, given: Mapping[str, Any]) -> Record:
        with self._lock:
            return self._company.create(user.id, resource, _values(user, resource, given))

    def _live(self, resource: str, owner: User | None) -> list[Record]:
        with self._lock:
            return [
                record
                for record in self._company.records.values()
                if record.resource == resource and record.deleted is None
                if owner is None or record.owner_id == owner.id
            ]


def _values(user: User, resource: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Naive times are the user's own; all are kept in UTC."""
    values = dict(given)
    for name, value in given.items():
        kind = RESOURCES[resource].fields[name].kind  # a misspelt field fails here
        if kind is Kind.TIME and value is not None:
            local = value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(user.time_zone))
            values[name] = local.astimezone(UTC)
    return values
