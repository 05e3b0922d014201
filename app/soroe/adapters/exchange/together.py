"""Writes of one kind in one request, and one more to see what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from soroe.core.event import ItemId, ObservedItem, Ref
from soroe.ports.errors import ChangedMeanwhile, Gone, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Erased, Failed, Result, Update, Write, Written

from .lookup import get, is_id, settled
from .session import Session
from .wire import is_elsewhere

if TYPE_CHECKING:
    from .library import Element, Mailbox

QUIET_UPDATE = {
    "conflict_resolution": "NeverOverwrite",
    "message_disposition": "SaveOnly",
    "send_meeting_invitations_or_cancellations": "SendToNone",
    "suppress_read_receipts": True,
}
"""How every change of ours is made: refused where the item is no longer the one we know, and told to nobody (S-5)."""
QUIET_DELETE = {
    "delete_type": "MoveToDeletedItems",
    "send_meeting_cancellations": "SendToNone",
    "affected_task_occurrences": "AllOccurrences",
    "suppress_read_receipts": True,
}
"""How every deletion of ours is made: the user can take it back from Deleted Items, and nobody is told (S-5)."""


def creates(session: Session, group: Sequence[Write]) -> list[Result]:
    """Make new items in one calendar."""
    from exchangelib.properties import FolderId  # type: ignore[import-untyped] # it publishes no typing information

    from .body import new_item

    writes = [write for write in group if isinstance(write, Create)]
    container = writes[0].container
    made = _prepared(session, [(lambda one=one: new_item(one.content, one.seed, one.stamp)) for one in writes])

    def send(mailbox: Mailbox, items: list[Any]) -> list[Element | Exception]:
        from .library import CreateItems

        return CreateItems(account=mailbox).into(FolderId(id=container), items)

    return _carried_out(session, made, send, [Ref(container, ItemId(""))] * len(writes))


def updates(session: Session, group: Sequence[Write]) -> list[Result]:
    """Change plain items, each only if it is in the state the change was decided on."""
    from exchangelib.properties import ItemId as EwsId

    from .body import changed_item, fields

    writes = [write for write in group if isinstance(write, Update)]

    def prepare(write: Update) -> Any:  # noqa: ANN401 - the library's item and its field names
        if not is_id(write.ref.id):
            raise Gone("no_id")
        values = fields(write.content, write.fields, write.stamp)
        return changed_item(EwsId(id=write.ref.id, changekey=write.version), values)

    made = _prepared(session, [(lambda one=one: prepare(one)) for one in writes])
    return _carried_out(session, made, update_items, [write.ref for write in writes])


def deletes(session: Session, group: Sequence[Write]) -> list[Result]:
    """Move plain items to Deleted Items. Exchange deletes in any state, so the state is looked at right before."""
    writes = [write for write in group if isinstance(write, Delete)]
    known = [write for write in writes if is_id(write.ref.id)]
    found = session.run(lambda mailbox: get(mailbox, [write.ref.id for write in known]))
    states = dict(zip([write.ref for write in known], found, strict=True))
    results: dict[Ref, Result] = {}
    doomed: list[Any] = []
    for write in writes:
        outcome = _deletable(session, write, states.get(write.ref))
        if isinstance(outcome, Failed | Erased):
            results[write.ref] = outcome
        else:
            doomed.append((write.ref, outcome))
    answers = session.run(lambda mailbox: delete_items(mailbox, [own for _, own in doomed]), writing=True)
    for (ref, _), answer in zip(doomed, answers, strict=True):
        results[ref] = erased(session, ref, answer)
    return [results[write.ref] for write in writes]


def update_items(mailbox: Mailbox, items: list[Any]) -> list[Element | Exception]:
    """Change items, given as the library's items and field names."""
    from .library import UpdateItems

    return list(UpdateItems(account=mailbox).call(items=items, **QUIET_UPDATE))


def delete_items(mailbox: Mailbox, ids: list[Any]) -> list[Any]:
    """Move items to Deleted Items; sends nothing for none."""
    from .library import DeleteItems

    if not ids:
        return []
    service = DeleteItems(account=mailbox)
    return list(service.call(items=ids, **QUIET_DELETE))


def erased(session: Session, ref: Ref, answer: object) -> Result:
    """What the answer to a deletion means; deleting what is gone counts as done."""
    if not isinstance(answer, Exception):
        return Erased(ref)
    trouble = session.trouble(answer, writing=True)
    return Erased(ref) if isinstance(trouble, Gone) else Failed(trouble)


def _deletable(session: Session, write: Delete, found: Element | Exception | None) -> Any:  # noqa: ANN401 - a result or an id
    from exchangelib.properties import ItemId as EwsId

    if found is None:
        return Erased(write.ref)
    if isinstance(found, Exception):
        return erased(session, write.ref, found)
    if is_elsewhere(found, session.facts(write.ref.container)):
        return Erased(write.ref)
    if write.version is not None and found.version != write.version:
        return Failed(ChangedMeanwhile("change_key"))
    return EwsId(id=found.id, changekey=found.version)


def _prepared(session: Session, makers: Sequence[Any]) -> list[Any]:
    """What is to be sent for each write, or why nothing is."""
    # The two properties have to be known before an item with them is made; that needs an open mailbox.
    session.run(lambda _mailbox: None)
    made: list[Any] = []
    for make in makers:
        try:
            made.append(make())
        except (PortError, ValueError, TypeError) as error:
            made.append(session.trouble(error))
    return made


def _carried_out(session: Session, made: list[Any], send: Any, refs: Sequence[Ref]) -> list[Result]:  # noqa: ANN401 - one of the senders above
    """Send what can be sent in one request, then read what it came to in another."""
    sent = [one for one in made if not isinstance(one, PortError)]
    answers = iter(session.run(lambda mailbox: send(mailbox, sent), writing=True) if sent else [])
    told = [one if isinstance(one, PortError) else next(answers, None) for one in made]
    return shown(session, told, refs)


def shown(session: Session, told: Sequence[Any], refs: Sequence[Ref]) -> list[Result]:
    """The items as they are now, for answers that gave their ids."""
    done = [one for one in told if hasattr(one, "id")]
    try:
        items = iter(session.run(lambda mailbox: get(mailbox, [one.id for one in done])))
    except PortError as error:
        # It was done, but nobody can say what it looks like now.
        lost = RetryLater("unread_answer", getattr(error, "after", None), outcome_unknown=True)
        items = iter([lost] * len(done))
    results: list[Result] = []
    for one, ref in zip(told, refs, strict=True):
        if not hasattr(one, "id"):
            lost = RetryLater("answer_lost", outcome_unknown=True)
            results.append(Failed(session.trouble(one, writing=True) if isinstance(one, Exception) else lost))
            continue
        results.append(_written(session, next(items), Ref(ref.container, ItemId(ref.id or one.id))))
    return results


def _written(session: Session, found: Element | Exception, ref: Ref) -> Result:
    if isinstance(found, RetryLater):
        return Failed(found)
    try:
        seen = settled(session, found, ref)
    except PortError:
        seen = None
    if isinstance(seen, ObservedItem):
        return Written(seen)
    return Failed(RetryLater("unreadable_answer", outcome_unknown=True))
