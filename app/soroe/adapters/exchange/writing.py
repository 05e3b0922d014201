"""Writes to an Exchange mailbox, many in one request where they can travel together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from soroe.core.event import Field, Ref, occurrence_named
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Failed, Restore, Result, Unsent, Update, Write

from .session import Session
from .single import SingleWrites
from .together import creates, deletes, updates

LARGEST = 20
"""Writes in one request: each item of it is carried out for itself, and a longer request would meet time limits."""


class ExchangeWriter:
    """Writes to one mailbox; an implementation of `Writer`. No write ever mails a guest."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._single = SingleWrites(session)

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; after trouble of the whole account the rest stays unsent."""
        results: list[Result] = []
        while len(results) < len(batch):
            group = _group(batch[len(results) :])
            done = self._carried_out(group)
            results += done
            if any(_stops(one) for one in done):
                results += [Unsent()] * (len(batch) - len(results))
        return results

    def _carried_out(self, group: Sequence[Write]) -> list[Result]:
        together = _together(group[0])
        if together is None:
            return [self._single.alone(group[0])]
        try:
            return _stopping(together(self._session, group))
        except PortError as error:
            return _none_done(group, error)


def _group(waiting: Sequence[Write]) -> Sequence[Write]:
    """The writes at the head that travel together: of one kind, into one calendar, each to an item of its own."""
    head = waiting[0]
    how = _together(head)
    if how is None:
        return waiting[:1]
    taken: set[Ref] = set()
    size = 0
    for write in waiting[:LARGEST]:
        if _together(write) is not how or _container(write) != _container(head):
            break
        if not isinstance(write, Create):
            if write.ref in taken:
                break
            taken.add(write.ref)
        size += 1
    return waiting[:size]


def _together(write: Write) -> Callable[[Session, Sequence[Write]], list[Result]] | None:
    """How a write travels with others like it; None for one that takes several steps of its own."""
    match write:
        case Create(occurrence=None) if not _has_removed(write):
            return creates
        case Update() if occurrence_named(write.ref.id) is None and not _takes_steps(write):
            return updates
        case Delete() if occurrence_named(write.ref.id) is None:
            return deletes
        case Create() | Update() | Delete() | Restore():
            return None


def _takes_steps(write: Update) -> bool:
    series = write.content.recurrence is not None and Field.WHEN in write.fields
    empty = not write.fields and write.stamp is None
    return series or empty or write.version is None or bool({Field.GUESTS, Field.RECURRENCE} & set(write.fields))


def _has_removed(write: Create) -> bool:
    return write.content.recurrence is not None and bool(write.content.recurrence.removed)


def _container(write: Write) -> str:
    return write.container if isinstance(write, Create) else write.ref.container


def _stopping(results: list[Result]) -> list[Result]:
    """What one request came to. After trouble of the whole account what surely was not done is unsent."""
    told = False
    for number, result in enumerate(results):
        if _stops(result):
            if told and not _unknown(result):
                results[number] = Unsent()
            told = True
    return results


def _none_done(group: Sequence[Write], error: PortError) -> list[Result]:
    """The request as a whole met an error: every write of it failed, or may have been done if the answer was lost."""
    failed = Failed(error)
    if isinstance(error, ACCOUNT_TROUBLE) and not _unknown(failed):
        return [failed, *[Unsent()] * (len(group) - 1)]
    return [failed for _ in group]


def _stops(result: Result) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, ACCOUNT_TROUBLE)


def _unknown(result: Result) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, RetryLater) and result.error.outcome_unknown
