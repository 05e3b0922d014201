"""GetFolder and FindFolder: the tree of a mailbox, and what somebody may do in a shared calendar."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_folder, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.model import Folder
from soroe.sandbox.exchange.reading import one_of
from soroe.sandbox.exchange.soap import MESSAGES, node

_ELEMENTS = {
    "IPF.Appointment": "CalendarFolder",
    "IPF.Contact": "ContactsFolder",
    "IPF.Task": "TasksFolder",
}


def get_folder(call: Call) -> list[Element]:
    """Answers GetFolder, one message for each folder asked for."""
    return [_one(call, wanted) for wanted in call.parts("FolderIds")]


def _one(call: Call, wanted: Element) -> Element:
    try:
        return succeeded(call, node("m:Folders", shown_folder(call, find_folder(call, wanted))))
    except EwsError as error:
        return refused(call, error)


def find_folders(call: Call) -> list[Element]:
    """Answers FindFolder: the folders below others, by pages where a view asks for them."""
    deep = call.attribute("Traversal", ("Shallow", "Deep", "SoftDeleted"), "") == "Deep"
    return [_below(call, wanted, deep) for wanted in call.parts("ParentFolderIds")]


def _below(call: Call, wanted: Element, deep: bool) -> Element:
    try:
        parent = find_folder(call, wanted)
    except EwsError as error:
        return refused(call, error)
    found = [one for one in _children(call, parent, deep) if call.state.may_see(call.account, one)]
    view = call.body.find(f"{MESSAGES}IndexedPageFolderView")
    offset, most = page_of(view)
    page = found[offset : offset + most]
    last = offset + len(page) >= len(found)
    root = node(
        "m:RootFolder",
        node("t:Folders", *(shown_folder(call, one) for one in page)),
        IndexedPagingOffset=str(offset + len(page)),
        TotalItemsInView=str(len(found)),
        IncludesLastItemInRange="true" if last else "false",
    )
    return succeeded(call, root)


def page_of(view: Element | None) -> tuple[int, int]:
    """The offset and the most entries of a page view; everything without one."""
    if view is None:
        return 0, 1000
    one_of(view.get("BasePoint", ""), ("Beginning", "End"), "BasePoint")
    offset, most = view.get("Offset", ""), view.get("MaxEntriesReturned", "1000")
    if not offset.isdecimal() or not most.isdecimal() or int(most) < 1:
        raise schema("The paging view needs whole numbers for 'Offset' and 'MaxEntriesReturned'.")
    return int(offset), min(int(most), 1000)


def _children(call: Call, parent: Folder, deep: bool) -> list[Folder]:
    direct = [one for one in call.state.folders.values() if one.parent == parent.id]
    if not deep:
        return direct
    return [found for one in direct for found in (one, *_children(call, one, deep))]


def shown_folder(call: Call, folder: Folder) -> Element:
    """A folder with everything of its default shape; clients take what they asked for."""
    mine = folder.owner == call.account.email
    write = call.state.may_write(call.account, folder)
    children = sum(one.parent == folder.id for one in call.state.folders.values())
    return node(
        f"t:{_ELEMENTS.get(folder.kind, 'Folder')}",
        node("t:FolderId", Id=folder.id, ChangeKey="AQAAAA=="),
        node("t:ParentFolderId", Id=folder.parent, ChangeKey="AQAAAA==") if folder.parent else None,
        node("t:FolderClass", folder.kind) if folder.kind else None,
        node("t:DisplayName", folder.name),
        node("t:TotalCount", str(len(folder.records))),
        node("t:ChildFolderCount", str(children)),
        _rights(write, mine),
        node("t:DistinguishedFolderId", folder.distinguished) if folder.distinguished else None,
    )


def _rights(write: bool, mine: bool) -> Element:
    own, may = ("true" if mine else "false"), ("true" if write else "false")
    rights = {"CreateAssociated": own, "CreateContents": may, "CreateHierarchy": own}
    rights |= {"Delete": own, "Modify": own, "Read": "true", "ViewPrivateItems": own}
    return node("t:EffectiveRights", *(node(f"t:{name}", value) for name, value in rights.items()))
