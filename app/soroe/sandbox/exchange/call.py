"""One operation as it arrived, and the pieces every operation's answer is made of."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.ids import read_item_id
from soroe.sandbox.exchange.model import Account, Folder, State
from soroe.sandbox.exchange.series import Seen, by_index, occurrence
from soroe.sandbox.exchange.soap import MESSAGES, TYPES, local, node


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what. `zone` is the Windows name of the request's TimeZoneContext, UTC without one."""

    state: State
    account: Account
    body: Element
    zone: str = "UTC"

    @property
    def name(self) -> str:
        return local(self.body)

    def part(self, name: str) -> Element:
        """A child the schema requires."""
        found = self.body.find(MESSAGES + name)
        if found is None:
            raise schema(f"The element '{self.name}' has incomplete content: '{name}' is missing.")
        return found

    def parts(self, name: str) -> list[Element]:
        """The entries of a list the schema requires, of which there has to be one at least."""
        found = list(self.part(name))
        if not found:
            raise schema(f"The element '{name}' has incomplete content.")
        return found

    def attribute(self, name: str, known: tuple[str, ...], missing: str) -> str:
        """An attribute with one of the schema's values; `missing` is the response code when it is not there."""
        value = self.body.get(name)
        if value is None:
            raise EwsError(missing) if missing else schema(f"The required attribute '{name}' is missing.")
        if value not in known:
            raise schema(f"The '{name}' attribute is invalid - The value '{value}' fails the enumeration constraint.")
        return value


def succeeded(call: Call, *content: Element) -> Element:
    return node(f"m:{call.name}ResponseMessage", node("m:ResponseCode", "NoError"), *content, ResponseClass="Success")


def refused(call: Call, error: EwsError) -> Element:
    return node(
        f"m:{call.name}ResponseMessage",
        node("m:MessageText", error.message),
        node("m:ResponseCode", error.code),
        node("m:DescriptiveLinkKey", "0"),
        node("m:MessageXml", *(node("t:Value", text, Name=name) for name, text in error.values.items()))
        if error.values
        else None,
        *(node(f"m:{name}") for name in _EMPTY.get(call.name, ())),
        ResponseClass="Error",
    )


_EMPTY = {
    "GetFolder": ("Folders",),
    "GetItem": ("Items",),
    "CreateItem": ("Items",),
    "UpdateItem": ("Items",),
    "MoveItem": ("Items",),
}
"""What Exchange puts into a refusal although it is empty."""


def find_folder(call: Call, element: Element) -> Folder:
    """The folder a FolderId or DistinguishedFolderId names; ErrorFolderNotFound also where it may not be seen."""
    wanted = element.get("Id", "")
    match local(element):
        case "FolderId":
            if not wanted:
                raise EwsError("ErrorInvalidIdEmpty")
            found = call.state.folders.get(wanted)
            if found is None and not wanted.startswith("AQMk"):
                raise EwsError("ErrorInvalidIdMalformed")
        case "DistinguishedFolderId":
            if wanted not in DISTINGUISHED:
                raise schema(f"The 'Id' attribute is invalid - The value '{wanted}' fails the enumeration constraint.")
            found = call.state.folder_of(_owner(call, element), wanted)
        case other:
            raise schema(f"The element '{other}' is not a folder's id.")
    if found is None or not call.state.may_see(call.account, found):
        raise EwsError("ErrorFolderNotFound")
    return found


def _owner(call: Call, element: Element) -> str:
    email = element.findtext(f"{TYPES}Mailbox/{TYPES}EmailAddress", call.account.email).lower()
    if email not in call.state.accounts:
        raise EwsError("ErrorNonExistentMailbox")
    return email


def find_item(call: Call, element: Element) -> Seen:
    """What an ItemId, OccurrenceItemId or RecurringMasterItemId names."""
    kind = local(element)
    key = "Id" if kind == "ItemId" else "RecurringMasterId" if kind == "OccurrenceItemId" else "OccurrenceId"
    if kind not in ("ItemId", "OccurrenceItemId", "RecurringMasterItemId") or key not in element.attrib:
        raise schema(f"The element '{kind}' is not an item's id.")
    record_id, original = read_item_id(element.attrib[key])
    folder, record = call.state.find(call.account, record_id)
    seen = Seen(folder, record, record.item)
    if kind == "OccurrenceItemId":
        index = element.get("InstanceIndex", "")
        if not index.isdecimal():
            raise schema("The required attribute 'InstanceIndex' is missing or not a number.")
        return by_index(seen, int(index))
    if kind == "RecurringMasterItemId":
        if original is None:
            raise EwsError("ErrorCalendarIsNotOccurrence", "The item is not an occurrence of a series.")
        return seen
    return seen if original is None else occurrence(seen, original)


DISTINGUISHED = (
    *("calendar", "contacts", "deleteditems", "drafts", "inbox", "journal", "notes", "outbox", "sentitems", "tasks"),
    *("msgfolderroot", "publicfoldersroot", "root", "junkemail", "searchfolders", "voicemail", "syncissues"),
    *("recoverableitemsroot", "recoverableitemsdeletions", "recoverableitemsversions", "recoverableitemspurges"),
    *("archiveroot", "archivemsgfolderroot", "archivedeleteditems", "archiveinbox", "archiverecoverableitemsroot"),
    *("archiverecoverableitemsdeletions", "archiverecoverableitemsversions", "archiverecoverableitemspurges"),
    *("conflicts", "localfailures", "serverfailures", "recipientcache", "quickcontacts", "conversationhistory"),
    *("adminauditlogs", "todosearch", "mycontacts", "directory", "imcontactlist", "peopleconnect", "favorites"),
)
"""The names the schema knows; a mailbox of the sandbox has only some of these folders."""
