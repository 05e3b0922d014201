"""DeleteItem and MoveItem: out of sight, for good, or into another folder."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_folder, find_item, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.ids import check_change_key, item_id, shown_id
from soroe.sandbox.exchange.mailbox import Mail, mails
from soroe.sandbox.exchange.model import Folder, Record, State, changed
from soroe.sandbox.exchange.series import Seen
from soroe.sandbox.exchange.soap import node

_TYPES = ("HardDelete", "SoftDelete", "MoveToDeletedItems")
_CANCELLATIONS = ("SendToNone", "SendOnlyToAll", "SendToAllAndSaveCopy")


@dataclass(frozen=True, slots=True)
class Deletes:
    """Deletes and moves items; `mailbox` receives the mails these writes would have caused."""

    mailbox: list[Mail]

    def delete(self, call: Call) -> list[Element]:
        """Answers DeleteItem, one message for each id."""
        how = call.attribute("DeleteType", _TYPES, "")
        return [self._deleted(call, wanted, how) for wanted in call.parts("ItemIds")]

    def _deleted(self, call: Call, wanted: Element, how: str) -> Element:
        try:
            seen = find_item(call, wanted)
            asked = call.attribute("SendMeetingCancellations", _CANCELLATIONS, "ErrorSendMeetingCancellationsRequired")
            if not call.state.may_write(call.account, seen.folder):
                raise EwsError("ErrorAccessDenied")
            if "ChangeKey" in wanted.attrib:
                check_change_key(wanted.attrib["ChangeKey"], seen.record)
            identity = item_id(seen.record.id, seen.original)
            remove(call.state, seen, how, call.account.name)
            self.mailbox.extend(mails(call.account, "cancellation", identity, asked, None, seen.item))
        except EwsError as error:
            return refused(call, error)
        return succeeded(call)

    def move(self, call: Call) -> list[Element]:
        """Answers MoveItem, one message for each id; a moved item has a new id."""
        return [self._moved(call, wanted) for wanted in call.parts("ItemIds")]

    def _moved(self, call: Call, wanted: Element) -> Element:
        try:
            target = call.part("ToFolderId")
            if len(target) != 1:
                raise schema("The element 'ToFolderId' needs exactly one folder's id.")
            folder = find_folder(call, target[0])
            seen = find_item(call, wanted)
            if seen.original is not None:
                raise EwsError("ErrorCalendarCannotMoveOrCopyOccurrence")
            if not (call.state.may_write(call.account, folder) and call.state.may_write(call.account, seen.folder)):
                raise EwsError("ErrorMoveCopyFailed" if folder.owner == call.account.email else "ErrorAccessDenied")
            record = moved(call.state, seen, folder)
        except EwsError as error:
            return refused(call, error)
        return succeeded(call, node("m:Items", node("t:CalendarItem", shown_id(record))))


def remove(state: State, seen: Seen, how: str, by: str) -> None:
    """Deletes an item; an occurrence is taken out of its series, which changes the series."""
    record, folder = seen.record, seen.folder
    if seen.original is not None:
        record.exceptions.pop(seen.original, None)
        lost = record.item.lost | {seen.original}
        state.put(folder, record, changed(record.item, lost=lost, modified=state.now(), modified_by=by))
        return
    bin_folder = state.folder_of(folder.owner, "deleteditems")
    if how == "MoveToDeletedItems" and folder is not bin_folder:
        moved(state, seen, bin_folder)
    else:
        folder.drop(record)


def moved(state: State, seen: Seen, folder: Folder) -> Record:
    """Moves an item: it is gone where it was and new where it is, under another id."""
    seen.folder.drop(seen.record)
    record = state.make(folder, changed(seen.record.item, modified=state.now()))
    record.exceptions = dict(seen.record.exceptions)
    return record
