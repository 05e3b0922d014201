"""CreateItem and UpdateItem, with the refusals of the real server. The caller holds the lock."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_folder, find_item, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.fields import BY_URI
from soroe.sandbox.exchange.ids import change_key, check_change_key, item_id, shown_id
from soroe.sandbox.exchange.mailbox import Mail, mails
from soroe.sandbox.exchange.model import Attendee, Folder, Item, Person, Record, changed
from soroe.sandbox.exchange.reading import READERS, Changes, Reading, applied, property_uri, read_item, read_property
from soroe.sandbox.exchange.rules import NEW, settled
from soroe.sandbox.exchange.series import Seen, check_neighbours
from soroe.sandbox.exchange.soap import MESSAGES, TYPES, local, node

_INVITATIONS = ("SendToNone", "SendOnlyToAll", "SendToAllAndSaveCopy")
_UPDATES = (*_INVITATIONS, "SendOnlyToChanged", "SendToChangedAndSaveCopy")
_RESOLUTIONS = ("NeverOverwrite", "AutoResolve", "AlwaysOverwrite")
_NEVER_DELETED = ("start", "end", "all_day", "start_zone", "end_zone", "uid")
_SERIES_ONLY = ("recurrence", "uid")


@dataclass(frozen=True, slots=True)
class Writes:
    """Creates and changes items; `mailbox` receives the mails these writes would have caused."""

    mailbox: list[Mail]

    def create(self, call: Call) -> list[Element]:
        """Answers CreateItem, one message for each item."""
        return [self._created(call, element) for element in call.parts("Items")]

    def _created(self, call: Call, element: Element) -> Element:
        try:
            asked = call.attribute("SendMeetingInvitations", _INVITATIONS, "ErrorSendMeetingInvitationsRequired")
            folder = _target(call)
            record = self.insert(call, folder, read_item(element, Reading(call.zone)))
            self.mailbox.extend(mails(call.account, "invitation", item_id(record.id), asked, None, record.item))
            if asked != "SendToNone" and record.item.invited:
                record.item = changed(record.item, request_sent=True)
        except EwsError as error:
            return refused(call, error)
        return succeeded(call, node("m:Items", node("t:CalendarItem", shown_id(record))))

    def insert(self, call: Call, folder: Folder, changes: Changes) -> Record:
        """Stores a new item of a person."""
        state, now = call.state, call.state.now()
        if "start" not in changes or "end" not in changes:
            raise EwsError("ErrorRequiredPropertyMissing", "Start and End are needed for a calendar item.")
        start_zone: str = changes.get("start_zone", call.zone)
        blank = Item(
            changes["start"],
            changes["end"],
            start_zone,
            str(changes.get("end_zone", start_zone)),
            uid=changes.get("uid") or state.random.randbytes(56).hex().upper(),
            created=now,
            modified=now,
            organizer=Person(folder.owner, state.accounts[folder.owner].name),
            modified_by=call.account.name,
        )
        return state.make(folder, settled(applied(blank, {**changes, "uid": blank.uid}), None))

    def update(self, call: Call) -> list[Element]:
        """Answers UpdateItem, one message for each change."""
        resolution = call.attribute("ConflictResolution", _RESOLUTIONS, "")
        return [self._updated(call, one, resolution) for one in call.parts("ItemChanges")]

    def _updated(self, call: Call, element: Element, resolution: str) -> Element:
        if local(element) != "ItemChange" or len(element) != 2 or local(element[1]) != "Updates":
            raise schema("The element 'ItemChange' has incomplete or invalid content.")
        try:
            asked = call.attribute(
                "SendMeetingInvitationsOrCancellations",
                _UPDATES,
                "ErrorSendMeetingInvitationsOrCancellationsRequired",
            )
            seen = find_item(call, element[0])
            _check_conflict(element[0], seen, resolution)
            before = seen.item
            changes = read_updates(element[1], Reading(before.start_zone if call.zone == "UTC" else call.zone), before)
            self.change(call, seen, changes)
            after = self._now(seen)
            mailed = mails(call.account, "update", item_id(seen.record.id, seen.original), asked, before, after)
            self.mailbox.extend(mailed)
        except EwsError as error:
            return refused(call, error)
        return succeeded(
            call,
            node("m:Items", node("t:CalendarItem", shown_id(seen.record, seen.original))),
            node("m:ConflictResults", node("t:Count", "0")),
        )

    def _now(self, seen: Seen) -> Item:
        return seen.record.item if seen.original is None else seen.record.exceptions[seen.original][0]

    def change(self, call: Call, seen: Seen, changes: Changes) -> None:
        """Stores a change; that of an occurrence makes it an exception, and the series a changed one."""
        state, record, folder = call.state, seen.record, seen.folder
        if not state.may_write(call.account, folder):
            raise EwsError("ErrorAccessDenied")
        stamp: Changes = {"modified": state.now(), "modified_by": call.account.name}
        item = settled(applied(seen.item, {**changes, **stamp}), seen.item)
        if seen.original is None:
            moved = record.item.recurrence is not None and any(
                getattr(item, name) != getattr(record.item, name) for name in ("start", "end", "recurrence", "all_day")
            )
            if moved:  # a series that is laid out anew forgets what was special about single days
                record.exceptions.clear()
                item = changed(item, lost=frozenset())
            state.put(folder, record, item)
            return
        if any(name in changes for name in _SERIES_ONLY):
            raise EwsError("ErrorInvalidPropertySet", "Only the master of a series has this property.")
        check_neighbours(record, seen.original, item.start, item.end)
        record.exceptions[seen.original] = (item, state.next_change())
        state.put(folder, record, changed(record.item, **stamp))


def _target(call: Call) -> Folder:
    saved = call.body.find(f"{MESSAGES}SavedItemFolderId")
    if saved is None:
        return call.state.folder_of(call.account.email, "calendar")
    if len(saved) != 1:
        raise schema("The element 'SavedItemFolderId' needs exactly one folder's id.")
    folder = find_folder(call, saved[0])
    if not call.state.may_write(call.account, folder):
        raise EwsError("ErrorCreateItemAccessDenied")
    if not folder.is_calendar:
        raise EwsError("ErrorInvalidFolderTypeForOperation", "Calendar items belong into calendar folders.")
    return folder


def _check_conflict(wanted: Element, seen: Seen, resolution: str) -> None:
    key = wanted.get("ChangeKey")
    if key is None:
        if resolution != "AlwaysOverwrite":
            raise EwsError("ErrorChangeKeyRequiredForWriteOperations")
        return
    check_change_key(key, seen.record)
    if resolution == "NeverOverwrite" and key != change_key(seen.record, seen.original):
        raise EwsError("ErrorIrresolvableConflict")


def read_updates(updates: Element, reading: Reading, item: Item) -> Changes:
    """Reads the SetItemField, AppendToItemField and DeleteItemField elements of one change."""
    changes: Changes = {}
    zones: Changes = {}
    for update in updates:
        if local(update) == "SetItemField" and local(_only_property(update)) == "StartTimeZone":
            read_property(_matching(update), reading, zones)
    reading = Reading(zones.get("start_zone", reading.zone))
    for update in updates:
        match local(update):
            case "SetItemField":
                read_property(_matching(update), reading, changes)
            case "DeleteItemField":
                _delete(update, changes)
            case "AppendToItemField":
                _append(update, reading, changes, item)
            case other:
                raise schema(f"The element 'Updates' has invalid child element '{other}'.")
    return changes


def _only_property(update: Element) -> Element:
    if len(update) != 2 or local(update[1]) != "CalendarItem" or len(update[1]) != 1:
        raise schema(f"The element '{local(update)}' needs a path and one property of a 'CalendarItem'.")
    return update[1][0]


def _matching(update: Element) -> Element:
    """The property an update sets, which has to be the one its path names."""
    found = _only_property(update)
    path = update[0]
    if local(path) == "ExtendedFieldURI":
        named = found.find(f"{TYPES}ExtendedFieldURI")
        if local(found) != "ExtendedProperty" or named is None or property_uri(named) != property_uri(path):
            raise EwsError("ErrorUpdatePropertyMismatch")
        return found
    if _name_of(path) != local(found):
        raise EwsError("ErrorUpdatePropertyMismatch")
    return found


def _name_of(path: Element) -> str:
    uri = path.get("FieldURI", "")
    if local(path) != "FieldURI" or uri not in BY_URI:
        raise schema(f"The 'FieldURI' attribute is invalid - The value '{uri}' fails the enumeration constraint.")
    return BY_URI[uri].name


def _delete(update: Element, changes: Changes) -> None:
    if len(update) != 1:
        raise schema("The element 'DeleteItemField' needs exactly one path.")
    path = update[0]
    if local(path) == "ExtendedFieldURI":
        changes.setdefault("extended", {})[property_uri(path)] = None
        return
    name = _name_of(path)
    blank = NEW.get(name)
    if blank is None or name not in READERS or any(key in _NEVER_DELETED for key in blank):
        raise EwsError("ErrorInvalidPropertyDelete")
    changes.update(blank)


def _append(update: Element, reading: Reading, changes: Changes, item: Item) -> None:
    found = _matching(update)
    if local(found) not in ("Body", "RequiredAttendees", "OptionalAttendees", "Resources"):
        raise EwsError("ErrorInvalidPropertyAppend", "Append action is invalid for property.")
    added: Changes = {}
    read_property(found, reading, added)
    added.pop("body_type", None)
    for key, value in added.items():
        before: str | tuple[Attendee, ...] = changes.get(key, getattr(item, key))
        changes[key] = before + value
