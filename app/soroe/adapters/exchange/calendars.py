"""The calendars of a mailbox: its own one, and those beside and below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soroe.core.event import ContainerId, ReadOnlyCause
from soroe.ports.errors import ServiceFault
from soroe.ports.remote import ContainerEntry

from .session import Session

if TYPE_CHECKING:
    from .library import FolderEntry, Mailbox

_KIND = "IPF.Appointment"
_FIELDS = ("name", "folder_class", "effective_rights", "parent_folder_id")
_NEEDED = frozenset({"CreateContents", "Modify", "Delete"})


def primary(session: Session) -> FolderEntry:
    """The mailbox's own calendar, asked of the server; raises errors of the port where the mailbox does not open."""
    return session.run(lambda mailbox: _distinguished(mailbox, "calendar")[0])


def entries(session: Session) -> list[ContainerEntry]:
    """Every calendar of the mailbox, its own one first; those in Deleted Items are left out."""

    def ask(mailbox: Mailbox) -> tuple[FolderEntry, FolderEntry, list[FolderEntry]]:
        own, trash, root = _distinguished(mailbox, "calendar", "deleteditems", "msgfolderroot")
        return own, trash, _below(mailbox, root.id)

    own, trash, folders = session.run(ask)
    gone = _inside(trash.id, folders)
    others = [one for one in folders if one.kind.startswith(_KIND) and one.id != own.id and one.id not in gone]
    return [_entry(session, own, primary=True), *(_entry(session, one, primary=False) for one in others)]


def _entry(session: Session, folder: FolderEntry, *, primary: bool) -> ContainerEntry:
    writable = folder.rights >= _NEEDED or not folder.rights
    cause = None if writable else ReadOnlyCause.READ_ONLY_CONTAINER
    return ContainerEntry(ContainerId(folder.id), folder.name, session.settings.zone, primary, True, cause)


def _inside(folder: str, folders: list[FolderEntry]) -> set[str]:
    """The ids of a folder and of everything below it."""
    inside = {folder}
    while True:
        more = {one.id for one in folders if one.parent in inside} - inside
        if not more:
            return inside
        inside |= more


def _distinguished(mailbox: Mailbox, *names: str) -> list[FolderEntry]:
    from exchangelib.folders import Calendar  # type: ignore[import-untyped] # it publishes no typing information

    from .library import GetFolders, paths

    # The mailbox is named where its address is known, so that signing in as somebody else never opens somebody else's
    # calendar in its place; else it is that of whoever signs in.
    ids = [mailbox.folder(name) for name in names]
    found: list[Any] = list(
        GetFolders(account=mailbox).call(folders=ids, additional_fields=paths(_FIELDS, Calendar), shape="IdOnly")
    )
    for one in found:
        if isinstance(one, Exception):
            raise one
    if len(found) != len(names) or not all(one.id for one in found):
        raise ServiceFault("folders_incomplete")
    return found


def _below(mailbox: Mailbox, root: str) -> list[FolderEntry]:
    from exchangelib.folders import Calendar
    from exchangelib.properties import FolderId  # type: ignore[import-untyped] # it publishes no typing information

    from .library import FindFolders, paths

    service = FindFolders(account=mailbox, page_size=500)
    return list(service.below(FolderId(id=root), paths(_FIELDS, Calendar)))
