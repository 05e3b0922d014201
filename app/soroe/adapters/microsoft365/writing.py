"""Writes to a Microsoft 365 calendar, many in one request where they can travel together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from soroe.core.event import (
    Field,
    ObservedItem,
    Occurrence,
    Ref,
    Timed,
    instant,
    occurrence_id,
    occurrence_named,
)
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import Create, Delete, Failed, Restore, Result, Unsent, Update, Write, Written

from .calendars import Calendars
from .session import LARGEST, Call, Session
from .single import Prepared, SingleWrites

_REPEATS = frozenset({Field.RECURRENCE, Field.WHEN})


class Microsoft365Writer:
    """Writes to one Microsoft 365 account; an implementation of `Writer`."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._single = SingleWrites(session, calendars)

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; after trouble of the whole account the rest stays unsent."""
        results: list[Result] = []
        while len(results) < len(batch):
            group = _group(batch[len(results) :])
            done = self._together(group) if len(group) > 1 else [self._alone(group[0])]
            results += done
            if any(_stops(one) for one in done):
                results += [Unsent()] * (len(batch) - len(results))
        return results

    def _alone(self, write: Write) -> Result:
        result = self._single.alone(write)
        if isinstance(result, Written) and isinstance(write, Create | Update | Restore):
            return self._cancelled(write, result)
        return result

    def _cancelled(self, write: Create | Update | Restore, result: Written) -> Result:
        """The series with those occurrences cancelled that its content leaves out: a rule of Graph's cannot say so."""
        item, recurrence = result.item, write.content.recurrence
        # A series that is moved to another time of day gets its cancelled occurrences back, in Outlook too.
        told = not isinstance(write, Update) or not _REPEATS.isdisjoint(write.fields)
        if recurrence is None or item.content.recurrence is None or not told or occurrence_named(item.ref.id):
            return result
        missing = [start for start in recurrence.removed if start not in item.content.recurrence.removed]
        for start in missing:
            occurrence = Occurrence(item.ref.id, _original(item, start))
            ref = Ref(item.ref.container, occurrence_id(occurrence.series, occurrence.original_start))
            done = self._single.alone(Delete(ref, None, occurrence))
            if isinstance(done, Failed):
                return Failed(RetryLater("occurrences_not_cancelled", outcome_unknown=True))
        if not missing:
            return result
        again = self._single.alone(Update(item.ref, None, item.content, ()))
        return replace(again, already=result.already) if isinstance(again, Written) else again

    def _together(self, group: Sequence[Write]) -> list[Result]:
        """Simple writes in as few requests as possible: first what has to be known of their events, then the writes."""
        try:
            ready = self._prepared(group)
            waiting = [one for one in ready if isinstance(one, Prepared)]
            answers = iter(self._session.together([one.call for one in waiting]))
        except PortError as error:
            return _none_done(len(group), error)
        results: list[Result] = []
        for one in ready:
            result = self._single.settled(one, next(answers)) if isinstance(one, Prepared) else one
            # Refused for the same reason as the one before, so surely not done: it need not be told twice.
            again = _stops(result) and not _unknown(result) and any(_stops(before) for before in results)
            results.append(Unsent() if again else result)
        return results

    def _prepared(self, group: Sequence[Write]) -> list[Prepared | Result]:
        looks: list[Call | Result | None] = []
        for write in group:
            try:
                looks.append(self._single.look(write))
            except PortError as error:
                looks.append(self._single.failed(write, error))
        told = iter(self._session.together([one for one in looks if isinstance(one, Call)]))
        ready: list[Prepared | Result] = []
        for write, look in zip(group, looks, strict=True):
            if look is None:
                ready.append(self._single.prepared(write, None))
            elif not isinstance(look, Call):
                ready.append(look)
            else:
                try:
                    ready.append(self._single.prepared(write, self._single.entry(write, look, next(told))))
                except PortError as error:
                    ready.append(self._single.failed(write, error))
        return ready


def _group(waiting: Sequence[Write]) -> Sequence[Write]:
    """The writes at the head that may travel together: simple ones, each to an event of its own."""
    taken: set[Ref] = set()
    count = 0
    for write in waiting[:LARGEST]:
        if not _is_simple(write):
            break
        if not isinstance(write, Create):
            if write.ref in taken:
                break
            taken.add(write.ref)
        count += 1
    return waiting[: max(1, count)]


def _is_simple(write: Write) -> bool:
    """Whether a write is one look and one call; occurrences have to be found first, and a series be seen to after."""
    match write:
        case Restore():
            return False
        case Create():
            return write.occurrence is None and not (write.content.recurrence and write.content.recurrence.removed)
        case Update():
            repeats = write.content.recurrence is not None or Field.RECURRENCE in write.fields
            return occurrence_named(write.ref.id) is None and not (repeats and not _REPEATS.isdisjoint(write.fields))
        case Delete():
            return occurrence_named(write.ref.id) is None


def _original(item: ObservedItem, start: datetime | date) -> datetime | date:
    when = item.content.when
    if isinstance(start, datetime) and isinstance(when, Timed):
        return instant(start, when.zone).astimezone(UTC).replace(tzinfo=None)
    return start


def _none_done(count: int, error: PortError) -> list[Result]:
    """A batch as a whole met an error: every write of it failed, or may have been done if the answer was lost."""
    unknown = isinstance(error, RetryLater) and error.outcome_unknown
    if isinstance(error, ACCOUNT_TROUBLE) and not unknown:
        return [Failed(error), *([Unsent()] * (count - 1))]
    return [Failed(error)] * count


def _stops(result: Result) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, ACCOUNT_TROUBLE)


def _unknown(result: Result) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, RetryLater) and result.error.outcome_unknown
