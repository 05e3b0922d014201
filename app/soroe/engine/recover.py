"""After a crash: find out, by looking, what became of the writes that were under way."""

from __future__ import annotations

from soroe.core.event import ObservedItem, Ref, Side, Tombstone, Unreadable
from soroe.core.link import Fingerprint
from soroe.core.plan import Verb
from soroe.ports.remote import Create
from soroe.ports.store import ChangeState, JournalEntry

from .as_made import read_again
from .claims import adopt, strangers
from .counts import Counts
from .joint import Joint
from .outcome import Outcomes
from .taken_back import agree_to_differ
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
    brings_back = joint.end(entry.side).reader.capabilities.restore
    if entry.target is None or (entry.verb is Verb.CREATE and not brings_back):
        _look_for_made(joint, trees, entry)
        return
    if not joint.has(entry.side, entry.target):  # the calendar may be there no more: its account would say no for good
        with joint.store.transaction():
            _conclude(joint, entry, None)
            _wake(joint, entry.side.other, entry.source)
        return
    answer = joint.ask(entry.side).read(entry.target)
    happened = _happened(entry, answer)
    with joint.store.transaction():
        trees.absorb(entry.side, [answer])
        _conclude(joint, entry, entry.target if happened else None)
        if happened:
            _note(joint, entry, entry.target)
        _wake(joint, entry.side, entry.target)
        _wake(joint, entry.side.other, entry.source)


def _look_for_made(joint: Joint, trees: Trees, entry: JournalEntry) -> None:
    reader = joint.ask(entry.side)
    found = [item for create in _creates(joint, entry) for item in reader.find(create) if _was_made(entry, item)]
    made = next(iter(strangers(joint, entry.side, found)), None)
    source = entry.source if entry.source is not None and joint.has(entry.side.other, entry.source) else None
    if made is not None and source is not None:
        read_again(joint, trees, entry.side.other, source)
    with joint.store.transaction():
        trees.absorb(entry.side, found)
        _conclude(joint, entry, made.ref if made is not None else None)
        _wake(joint, entry.side.other, entry.source)
        if made is not None and source is not None:
            adopt(joint, trees, Outcomes(joint, trees, Counts()), entry.side, source, made, look=False)


def _conclude(joint: Joint, entry: JournalEntry, target: Ref | None) -> None:
    """Close a change: done to `target`, or not done. What the next run can't tell from it, it looks up anew."""
    state = ChangeState.DROPPED if target is None else ChangeState.DONE
    after = entry.after if target is not None else None
    joint.store.conclude(entry.id, state, target=target or entry.target, after=after, error="interrupted")


def _note(joint: Joint, entry: JournalEntry, target: Ref) -> None:
    """Keep what would have been kept with the answer: of what we deleted ourselves, there is no link any more, and its
    twin is not taken for what a person left behind."""
    link = joint.store.link(entry.side, target)
    if entry.verb is Verb.DELETE and link is not None:
        joint.store.drop_link(link)
        _wake(joint, entry.side.other, link.ref(entry.side.other))
    agree_to_differ(joint, entry.verb, entry.side, entry.why, entry.source, target, entry.fields)


def _wake(joint: Joint, side: Side, ref: Ref | None) -> None:
    if ref is not None and joint.store.item(side, ref) is not None:
        joint.store.mark_dirty(side, [ref])


def _happened(entry: JournalEntry, item: ObservedItem | Tombstone | Unreadable) -> bool:
    """Whether the item looks as the change meant it to."""
    if entry.verb is Verb.DELETE:
        return isinstance(item, Tombstone)
    if not isinstance(item, ObservedItem) or entry.after is None:
        return False
    if entry.verb is Verb.UPDATE and not entry.fields:
        return item.stamp == entry.stamp
    differing = {name.value for name in Fingerprint.of(entry.after).changed(Fingerprint.of(item.content))}
    return not differing & set(entry.fields)


def _was_made(entry: JournalEntry, item: ObservedItem) -> bool:
    """Whether a create may have made this: an untouched occurrence is there before anybody makes an exception of it."""
    if entry.occurrence is None or entry.after is None:
        return True
    if entry.stamp is not None and item.stamp == entry.stamp:
        return True
    return not Fingerprint.of(entry.after).changed(Fingerprint.of(item.content))


def _creates(joint: Joint, entry: JournalEntry) -> list[Create]:
    """The create as it may have been sent: into one of the containers of its side."""
    if entry.after is None:
        raise AssertionError("a create was written down without its content")
    return [
        Create(container, entry.after, entry.seed, entry.stamp, entry.activity_type, entry.occurrence)
        for container in joint.end(entry.side).containers
    ]
