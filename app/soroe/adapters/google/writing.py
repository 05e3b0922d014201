"""Writes to Google Calendar, many in one request where they can travel together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from soroe.core.event import Ref
from soroe.ports.remote import Failed, Result, Unsent, Write

from .batch import LARGEST, NoBatches
from .calendars import Calendars
from .session import Call, Session
from .single import SingleWrites, is_simple, target
from .together import Part, Together, stops


class GoogleWriter:
    """Writes to one Google account; an implementation of `Writer`."""

    def __init__(self, session: Session, calendars: Calendars, random: Callable[[], float]) -> None:
        self._session = session
        self._single = SingleWrites(session, calendars)
        self._round = Together(session, self._single, random)
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
                done, stopped = [alone], stops(alone)
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
        prepared = [(write, ref, self._single.prepared(write, ref)) for write, ref in group]
        parts = [Part(write, ref, call) for write, ref, call in prepared if isinstance(call, Call)]
        try:
            if parts:
                self._round.send(parts)
        except NoBatches:
            self._batches = False
            waiting = [part for part in parts if part.result is None]
            for part, result in zip(waiting, self._one_by_one([part.write for part in waiting]), strict=True):
                part.result = result
        sent = iter(parts)
        done = [next(sent).outcome() if isinstance(call, Call) else Failed(call) for _, _, call in prepared]
        return done, any(stops(one) for one in done)

    def _one_by_one(self, group: Sequence[Write]) -> list[Result]:
        results: list[Result] = []
        for write in group:
            results.append(self._single.alone(write))
            if stops(results[-1]):
                break
        return results + [Unsent()] * (len(group) - len(results))
