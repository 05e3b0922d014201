"""SyncFolderItems: the changes of a folder since an opaque state, newest first, at most 512 at a time."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from soroe.sandbox.exchange.call import Call, find_folder, refused, succeeded
from soroe.sandbox.exchange.errors import EwsError, schema
from soroe.sandbox.exchange.ids import item_id, read_item_id
from soroe.sandbox.exchange.lies import Lies
from soroe.sandbox.exchange.model import Folder, Record, hidden
from soroe.sandbox.exchange.series import Seen
from soroe.sandbox.exchange.shapes import Shape, read_shape, shown_item
from soroe.sandbox.exchange.soap import MESSAGES, children, node

_MOST = 512
"""Changes in one answer (SyncFolderItems operation, Remarks)."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Change:
    """A record as it is now, or the id of one that is gone; `made` tells whether the client can know it."""

    version: int
    made: int
    record: Record | None
    record_id: bytes


def sync_folder_items(call: Call, lies: Lies) -> list[Element]:
    """Answers SyncFolderItems. The state remembers which spans of the folder's changes are still to be told."""
    shape = read_shape(call, deep=False, strict=False)
    most = _most(call)
    try:
        folder = find_folder(call, _only(call.part("SyncFolderId")))
        spans = _read_state(call.body.findtext(f"{MESSAGES}SyncState", ""), folder)
        ignored = {read_item_id(one.get("Id", ""))[0] for one in children(call.body, f"{MESSAGES}Ignore")}
    except EwsError as error:
        return [refused(call, error if error.code != "ErrorFolderNotFound" else _GONE)]
    waiting = _waiting(call, folder, spans)
    page, rest = waiting[:most], waiting[most:]
    told = [one for one in page if one.record_id not in ignored]
    left = _before(spans, page[-1].version) if rest else []
    content = [
        node("m:SyncState", _written_state(folder, [*left, (folder.version, -1)])),
        node("m:IncludesLastItemInRange", "false" if rest else "true"),
        node("m:Changes", *lies.told([_shown(call, folder, one, spans, shape) for one in told])),
    ]
    return [succeeded(call, *content)]


_GONE = EwsError("ErrorSyncFolderNotFound", "The folder to be synchronised could not be found.")


def _most(call: Call) -> int:
    text = call.part("MaxChangesReturned").text or ""
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise schema(f"The value '{text}' of 'MaxChangesReturned' has to be between 1 and {_MOST}.")
    return int(text)


def _only(element: Element) -> Element:
    if len(element) != 1:
        raise schema(f"The element '{element.tag}' needs exactly one folder's id.")
    return element[0]


def _waiting(call: Call, folder: Folder, spans: list[Span]) -> list[_Change]:
    """What the client has not been told, newest first; what it never knew and is gone already is left out."""
    changes = [
        _Change(record.version, record.made, record, record.id)
        for record in folder.records.values()
        if _inside(record.version, spans) and not hidden(call.account, folder, record.item)
    ]
    changes += [
        _Change(version, made, None, record_id)
        for record_id, version, made in folder.gone
        if _inside(version, spans) and not _inside(made, spans)
    ]
    return sorted(changes, key=lambda one: -one.version)


def _shown(call: Call, folder: Folder, change: _Change, spans: list[Span], shape: Shape) -> Element:
    record = change.record
    if record is None:
        return node("t:Delete", node("t:ItemId", Id=item_id(change.record_id), ChangeKey="AQAAAA=="))
    kind = "Create" if _inside(change.made, spans) else "Update"
    return node(f"t:{kind}", shown_item(call, Seen(folder, record, record.item), shape))


def _inside(version: int, spans: list[Span]) -> bool:
    """Whether a change lies in one of the spans (after the first, up to the second; -1: without end)."""
    return any(after < version and (upto < 0 or version <= upto) for after, upto in spans)


def _before(spans: list[Span], version: int) -> list[Span]:
    """The part of the spans that is older than a change."""
    cut = [(after, version - 1 if upto < 0 else min(upto, version - 1)) for after, upto in spans]
    return [(after, upto) for after, upto in cut if after < upto]


def _written_state(folder: Folder, spans: list[Span]) -> str:
    text = json.dumps([folder.id, folder.generation, spans]).encode()
    return base64.b64encode(zlib.compress(text)).decode()


def _read_state(state: str, folder: Folder) -> list[Span]:
    if not state:
        return [(0, -1)]
    try:
        owner, generation, spans = json.loads(zlib.decompress(base64.b64decode(state, validate=True)))
    except (binascii.Error, zlib.error, ValueError):
        raise EwsError("ErrorInvalidSyncStateData") from None
    if owner != folder.id or generation != folder.generation:
        raise EwsError("ErrorInvalidSyncStateData")
    return [(after, upto) for after, upto in spans]
