"""Searching by the properties we hide: for a create whose answer was lost, and for what lies in Deleted Items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soroe.core.event import ContainerId, ItemId, ObservedItem, Ref
from soroe.ports.errors import Gone

from .lookup import get, settled
from .session import Session
from .together import update_items

if TYPE_CHECKING:
    from .library import Element, Mailbox

_MOST = 20
"""Copies of one item that a person may have made; more are nobody's."""


def made_by(session: Session, container: ContainerId, seed: str) -> list[ObservedItem]:
    """The items in a calendar that carry this seed; copies made by a person carry it too."""
    found = session.run(lambda mailbox: _search(mailbox, _folder(container), "soroe_seed", seed))
    return [seen for seen in (_seen(session, container, one) for one in found) if seen is not None]


def in_trash(session: Session, ref: Ref, stamp: str | None, seed: str) -> ObservedItem | None:
    """The newest item in Deleted Items with this stamp, moved back into its calendar under a new id; or None.

    Only a stamp tells whether something in there is the item that was deleted. It takes the seed on first, by which a
    second try finds it in the calendar if the answer to the move is lost.
    """
    if stamp is None:
        return None
    found = session.run(lambda mailbox: _search(mailbox, _trash(mailbox), "soroe_stamp", stamp))
    known = [one for one in found if not isinstance(one, Exception) and one.item is not None]
    if not known:
        return None
    newest = max(known, key=lambda one: str(one.item.last_modified_time))
    (moved,) = session.run(lambda mailbox: _seeded_move(mailbox, newest, ref.container, seed), writing=True)
    if isinstance(moved, Exception):
        trouble = session.trouble(moved, writing=True)
        if isinstance(trouble, Gone):
            return None
        raise trouble
    (back,) = session.run(lambda mailbox: get(mailbox, [moved.id]))
    return _seen(session, ref.container, back)


def _seen(session: Session, container: ContainerId, found: Element | Exception) -> ObservedItem | None:
    own = "" if isinstance(found, Exception) else found.id
    seen = settled(session, found, Ref(container, ItemId(own)))
    return seen if isinstance(seen, ObservedItem) else None


def _search(mailbox: Mailbox, folder: Any, field: str, value: str) -> list[Element | Exception]:  # noqa: ANN401 - a folder id of the library
    """The items of a folder whose hidden property is this text, read in full."""
    from exchangelib.folders import Calendar  # type: ignore[import-untyped] # it publishes no typing information
    from exchangelib.restriction import Q, Restriction  # type: ignore[import-untyped] # as above

    from .library import FindItems

    service = FindItems(account=mailbox, page_size=_MOST)
    found = service.call(
        folders=[folder],
        additional_fields=None,
        restriction=Restriction(Q(**{field: value}), folders=[Calendar()], applies_to=Restriction.ITEMS),
        order_fields=None,
        shape="IdOnly",
        query_string=None,
        depth="Shallow",
        calendar_view=None,
        max_items=_MOST,
        offset=0,
    )
    ids = []
    for one in found:
        if isinstance(one, Exception):
            raise one
        ids.append(one.id)
    return get(mailbox, ids)


def _seeded_move(mailbox: Mailbox, found: Element, container: ContainerId, seed: str) -> list[Any]:
    from exchangelib.properties import ItemId as EwsId  # type: ignore[import-untyped] # as above

    from .body import changed_item
    from .library import MoveItems

    change = changed_item(EwsId(id=found.id, changekey=found.version), {"soroe_seed": seed})
    (marked,) = update_items(mailbox, [change])
    if isinstance(marked, Exception):
        return [marked]
    own = EwsId(id=marked.id, changekey=marked.version)
    return list(MoveItems(account=mailbox).call(items=[own], to_folder=_folder(container)))


def _folder(container: ContainerId) -> Any:  # noqa: ANN401 - as above
    from exchangelib.properties import FolderId

    return FolderId(id=container)


def _trash(mailbox: Mailbox) -> Any:  # noqa: ANN401 - as above

    return mailbox.folder("deleteditems")
