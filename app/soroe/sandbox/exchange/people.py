"""What people do in Outlook, and what an onlooker may see of the sandbox's mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from soroe.sandbox.exchange.call import Call
from soroe.sandbox.exchange.deleting import moved, remove
from soroe.sandbox.exchange.ids import item_id, read_item_id
from soroe.sandbox.exchange.model import Account, Attendee, Folder, Item, Person, State, changed
from soroe.sandbox.exchange.recurrence import Recurrence
from soroe.sandbox.exchange.series import Seen, living, occurrence
from soroe.sandbox.exchange.soap import node
from soroe.sandbox.exchange.writing import Writes
from soroe.sandbox.exchange.zones import windows_name

_FOLDERS = (
    ("inbox", "受信トレイ", "IPF.Note"),
    ("calendar", "予定表", "IPF.Appointment"),
    ("contacts", "連絡先", "IPF.Contact"),
    ("tasks", "タスク", "IPF.Task"),
    ("sentitems", "送信済みアイテム", "IPF.Note"),
    ("drafts", "下書き", "IPF.Note"),
    ("deleteditems", "削除済みアイテム", "IPF.Note"),
)


class People:
    """Accounts, calendars and items as their owners handle them; every method takes the sandbox's lock.

    Fields are those of `model.Item` (subject, start, end, all_day, location, body, sensitivity, show_as, required,
    recurrence, …); moments carry a time zone. The same checks apply as to programs. No mail of these methods counts.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._writes = Writes([])

    def add_account(
        self,
        email: str,
        password: str,
        name: str = "",
        *,
        time_zone: str = "Asia/Tokyo",
        login: str = "",
        app_passwords: tuple[str, ...] = (),
    ) -> Account:
        """Makes an account with its mailbox. With app passwords it has two factors, and its password is refused."""
        email = email.lower()
        zone = windows_name(time_zone)
        with self._state.lock:
            if email in self._state.accounts:
                raise ValueError(f"The sandbox already has an account {email}: choose another address.")
            login = login or email.partition("@")[0]
            account = Account(email, name or email, password, zone, login, two_factor=bool(app_passwords))
            account.app_passwords = app_passwords
            self._state.accounts[email] = account
            root = self._add_folder(email, "", "", "root", "")
            top = self._add_folder(email, "インフォメーション ストアの先頭", "IPF.Note", "msgfolderroot", root)
            for distinguished, folder_name, kind in _FOLDERS:
                self._add_folder(email, folder_name, kind, distinguished, top)
            return account

    def add_calendar(self, email: str, name: str) -> str:
        """Makes a further calendar below the default one and returns its id."""
        with self._state.lock:
            return self._add_folder(email, name, "IPF.Appointment", "", self.calendar(email).id)

    def remove_calendar(self, folder_id: str) -> None:
        """The owner deletes a calendar."""
        with self._state.lock:
            del self._state.folders[folder_id]

    def calendar(self, email: str) -> Folder:
        """The default calendar as the sandbox keeps it."""
        return self._state.folder_of(email.lower(), "calendar")

    def share(self, folder_id: str, with_email: str, *, editor: bool = False) -> None:
        """Gives a colleague the right to read a calendar, or to change it too."""
        with self._state.lock:
            folder = self._state.folders[folder_id]
            folder.readers.discard(with_email)
            folder.editors.discard(with_email)
            (folder.editors if editor else folder.readers).add(with_email)

    def unshare(self, folder_id: str, with_email: str) -> None:
        """Takes a colleague's rights to a calendar away."""
        with self._state.lock:
            folder = self._state.folders[folder_id]
            folder.readers.discard(with_email)
            folder.editors.discard(with_email)

    def user_creates(
        self, email: str, subject: str, start: datetime, end: datetime, *, folder_id: str = "", **fields: object
    ) -> str:
        """The user makes an item in Outlook; returns its id."""
        with self._state.lock:
            folder = self._state.folders[folder_id] if folder_id else self.calendar(email)
            changes = _people({"subject": subject, "start": start, "end": end, **fields})
            record = self._writes.insert(self._call(email), folder, changes)
            if record.item.invited and record.item.my_response == "Organizer":
                record.item = changed(record.item, request_sent=True)
            return item_id(record.id)

    def user_changes(self, identity: str, **fields: object) -> None:
        """The user changes an item, a series, or one occurrence by its id."""
        with self._state.lock:
            seen = self._seen(identity)
            self._writes.change(self._call(seen.folder.owner), seen, _people(fields))

    def user_deletes(self, identity: str, *, for_good: bool = False) -> None:
        """The user deletes an item, a series, or one occurrence; it goes to the deleted items unless `for_good`."""
        with self._state.lock:
            seen = self._seen(identity)
            remove(self._state, seen, "HardDelete" if for_good else "MoveToDeletedItems", seen.folder.owner)

    def user_moves(self, identity: str, folder_id: str) -> str:
        """The user moves an item to another calendar; returns its new id."""
        with self._state.lock:
            return item_id(moved(self._state, self._seen(identity), self._state.folders[folder_id]).id)

    def user_restores(self, identity: str) -> str:
        """The user drags a deleted item back into the calendar; returns its new id."""
        with self._state.lock:
            seen = self._seen(identity)
            return item_id(moved(self._state, seen, self.calendar(seen.folder.owner)).id)

    def deleted_items(self, email: str) -> list[str]:
        """The ids of what lies in the user's deleted items, oldest first."""
        with self._state.lock:
            return [item_id(one) for one in self._state.folder_of(email.lower(), "deleteditems").records]

    def user_empties_deleted_items(self, email: str) -> None:
        """The user empties the deleted items."""
        with self._state.lock:
            folder = self._state.folder_of(email.lower(), "deleteditems")
            for record in list(folder.records.values()):
                folder.drop(record)

    def occurrences(self, identity: str, until: datetime) -> list[str]:
        """The ids of a series' living occurrences that by its rule start up to `until`, in order."""
        with self._state.lock:
            record = self._seen(identity).record
            return [item_id(record.id, original) for original in living(record, until)]

    def receives_invitation(
        self, email: str, organizer: str, subject: str, start: datetime, end: datetime, **fields: object
    ) -> str:
        """An invitation of somebody else arrives in the user's calendar; returns its id."""
        invited = (Attendee(Person(email.lower())),)
        usual = {"required": invited, "show_as": "Tentative", "my_response": "NoResponseReceived", **fields}
        usual |= {"organizer": Person(organizer.lower()), "request_sent": True}
        return self.user_creates(email, subject, start, end, folder_id="", **usual)

    def organizer_changes(self, identity: str, **fields: object) -> None:
        """The organiser changes his meeting; the user's copy follows."""
        self.user_changes(identity, **fields)

    def organizer_cancels(self, identity: str) -> None:
        """The organiser calls the meeting off; the user's copy stays, marked as cancelled."""
        with self._state.lock:
            subject = self._seen(identity).item.subject
            self.user_changes(identity, cancelled=True, show_as="Free", subject=f"キャンセル済み: {subject}")

    def user_answers(self, identity: str, response: str) -> None:
        """The user answers an invitation with Accept, Tentative or Decline."""
        self.user_changes(identity, my_response=response, show_as="Busy" if response == "Accept" else "Tentative")

    def item(self, identity: str) -> Item:
        """Returns an item or occurrence as it stands."""
        with self._state.lock:
            return self._seen(identity).item

    def items(self, email: str, folder_id: str = "") -> dict[str, Item]:
        """Everything stored in a calendar (singles and series masters) by id, in the order of change."""
        with self._state.lock:
            folder = self._state.folders[folder_id] if folder_id else self.calendar(email)
            return {item_id(record.id): record.item for record in folder.records.values()}

    def _seen(self, identity: str) -> Seen:
        record_id, original = read_item_id(identity)
        for folder in self._state.folders.values():
            if record_id in folder.records:
                record = folder.records[record_id]
                seen = Seen(folder, record, record.item)
                return seen if original is None else occurrence(seen, original)
        raise LookupError("The sandbox has no item of this id: it may have been moved, which changes ids.")

    def _call(self, email: str) -> Call:
        account = self._state.accounts[email.lower()]
        return Call(self._state, account, node("m:CreateItem"), account.time_zone)

    def _add_folder(self, owner: str, name: str, kind: str, distinguished: str, parent: str) -> str:
        identity = f"AQMk{self._state.random.randbytes(45).hex()}AAA="
        self._state.folders[identity] = Folder(identity, name, owner, kind, parent, distinguished)
        return identity


def attendees(*emails: str) -> tuple[Attendee, ...]:
    """Attendees of these addresses who have not answered."""
    return tuple(Attendee(Person(email)) for email in emails)


def _people(fields: dict[str, object]) -> dict[str, Any]:
    """Lets guests be given as plain addresses, and moments in any time zone."""
    found: dict[str, Any] = {name: _moment(value) for name, value in fields.items()}
    for name in ("required", "optional", "resources"):
        guests: Iterable[str | Attendee] = found.get(name, ())
        if name in found:
            found[name] = tuple(one if isinstance(one, Attendee) else Attendee(Person(one)) for one in guests)
    return found


def _moment(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("A moment in the sandbox needs a time zone: give the datetime one.")
    return datetime.fromtimestamp(value.timestamp(), UTC)


__all__ = ["People", "Recurrence", "attendees"]
