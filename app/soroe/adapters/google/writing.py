"""Writes to Google Calendar, many in one request where they can travel together."""

from __future__ import annotations

from collections.abc import Sequence

from soroe.core.event import Ref
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import Failed, Result, Unsent, Write

from .batch import LARGEST, NoBatches, send_together
from .calendars import Calendars
from .session import Answer, Call, Session
from .single import SingleWrites, is_simple, target


class GoogleWriter:
    """Writes to one Google account; an implementation of `Writer`."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._single = SingleWrites(session, calendars)
        self._batches = True

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; after trouble of the whole account the rest stays unsent."""
        results: list[Result] = []
        while len(results) < len(batch):
            group = self._group(batch, len(results))
            if len(group) > 1:
                done, stopped = self._together(group)
            else:
                alone = self._single.alone(batch[len(results)])
                done, stopped = [alone], _stops(alone)
            results += done
            if stopped:
                results += [Unsent()] * (len(batch) - len(results))
        return results

    def _group(self, batch: Sequence[Write], start: int) -> list[tuple[Write, Ref]]:
        """The writes from there on that may travel together: simple ones, each to an event of its own."""
        if not self._batches:
            return []
        # As many as the quota lets pass now: a full batch that has to wait would leave free what is free.
        most = min(LARGEST, self._session.pacer.free() or LARGEST, self._session.pacer.quota)
        group: dict[Ref, Write] = {}
        for write in batch[start : start + most]:
            ref = target(write)
            if ref in group or not is_simple(write, ref):
                break
            group[ref] = write
        return [(write, ref) for ref, write in group.items()]

    def _together(self, group: Sequence[tuple[Write, Ref]]) -> tuple[list[Result], bool]:
        """What became of writes that travelled together, and whether trouble of the whole account stops the rest."""
        calls = [self._single.prepared(write, ref) for write, ref in group]
        sent = [call for call in calls if isinstance(call, Call)]
        try:
            answers = iter(send_together(self._session, sent) if sent else [])
        except NoBatches:
            self._batches = False
            done = self._one_by_one([write for write, _ in group])
            return done, any(_stops(one) for one in done)
        except PortError as error:
            done = _none_done(calls, error)
            return done, any(_stops(one) for one in done)
        results: list[Result] = []
        stopped = False
        for (write, ref), call in zip(group, calls, strict=True):
            if isinstance(call, PortError):
                result: Result = Failed(call)
            else:
                result = self._told(write, ref, call, next(answers), stopped)
            stopped = stopped or _stops(result)
            results.append(result)
        return results, stopped

    def _told(self, write: Write, ref: Ref, call: Call, answer: Answer | None, stopped: bool) -> Result:
        """What became of one write of a batch. Parts that clashed with others or met a fault are sent again alone.

        `stopped`: an earlier part told of trouble of the whole account, so nothing more is sent.
        """
        if answer is None:
            return Failed(RetryLater("answer_lost", outcome_unknown=True))
        if 200 <= answer.status < 300:
            return self._single.settled(write, ref, call, answer)
        fault = answer.status >= 500
        clash = answer.status == 401 or (answer.status == 409 and answer.refusal(call).reason != "duplicate")
        if not stopped:
            return self._single.alone(write) if fault or clash else self._single.settled(write, ref, call, answer)
        if fault:
            return Failed(RetryLater(f"http_{answer.status}", outcome_unknown=True))
        if clash:
            return Unsent()
        result = self._single.settled(write, ref, call, answer)
        # Refused for the same reason as the one before, so surely not done: it need not be told twice.
        return Unsent() if _stops(result) and not _unknown(result) else result

    def _one_by_one(self, group: Sequence[Write]) -> list[Result]:
        results: list[Result] = []
        for write in group:
            results.append(self._single.alone(write))
            if _stops(results[-1]):
                break
        return results + [Unsent()] * (len(group) - len(results))


def _none_done(calls: Sequence[Call | PortError], error: PortError) -> list[Result]:
    """The batch as a whole met an error: every write of it failed, or may have been done if the answer was lost."""
    unknown = isinstance(error, RetryLater) and error.outcome_unknown
    results: list[Result] = []
    told = False
    for call in calls:
        if isinstance(call, PortError):
            results.append(Failed(call))
        elif told and not unknown and isinstance(error, ACCOUNT_TROUBLE):
            results.append(Unsent())
        else:
            results.append(Failed(error))
            told = True
    return results


def _stops(result: Result) -> bool:
    return type(result) is Failed and isinstance(result.error, ACCOUNT_TROUBLE)


def _unknown(result: Result) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, RetryLater) and result.error.outcome_unknown
