"""After a crash: find out, by looking, what became of the writes that were under way."""

from __future__ import annotations

from soroe.core.event import ObservedItem
from soroe.core.link import Fingerprint
from soroe.core.plan import Verb
from soroe.ports.remote import Create
from soroe.ports.store import ChangeState, JournalEntry

from .joint import Joint
from .trees import Trees


def recover(joint: Joint, trees: Trees) -> int:
    """Settle every change that was intended and never concluded; returns how many there were.

    Nothing is guessed: the service is asked what is there, the answer goes into the observed trees, and the run that
    follows decides anew. A create that did happen is found by its own id or its stamp and linked, not made again.
    """
    entries = joint.store.open_changes()
    for entry in entries:
        _look(joint, trees, entry)
    return len(entries)


def _look(joint: Joint, trees: Trees, entry: JournalEntry) -> None:
    reader = joint.end(entry.side).reader
    found: list[ObservedItem] = []
    if entry.target is not None:
        answer = reader.read(entry.target)
        happened = _happened(entry, answer if isinstance(answer, ObservedItem) else None)
        told = [answer]
    else:
        found = [item for create in _creates(joint, entry) for item in reader.find(create)]
        happened, told = bool(found), list(found)
    with joint.store.transaction():
        trees.absorb(entry.side, told)
        target = entry.target or (found[0].ref if found else None)
        state = ChangeState.DONE if happened else ChangeState.DROPPED
        joint.store.conclude(
            entry.id, state, target=target, after=entry.after if happened else None, error="interrupted"
        )
        if target is not None:
            joint.store.mark_dirty(entry.side, [target])
        if entry.source is not None:
            joint.store.mark_dirty(entry.side.other, [entry.source])


def _happened(entry: JournalEntry, item: ObservedItem | None) -> bool:
    """Whether the item looks as the change meant it to."""
    if entry.verb is Verb.DELETE:
        return item is None
    if item is None or entry.after is None:
        return False
    differing = {name.value for name in Fingerprint.of(entry.after).changed(Fingerprint.of(item.content))}
    return not differing & set(entry.fields)


def _creates(joint: Joint, entry: JournalEntry) -> list[Create]:
    """The create as it may have been sent: into one of the containers of its side."""
    if entry.after is None:
        raise AssertionError("a create was written down without its content")
    return [
        Create(container, entry.after, entry.seed, entry.stamp, entry.activity_type, entry.occurrence)
        for container in joint.end(entry.side).containers
    ]
