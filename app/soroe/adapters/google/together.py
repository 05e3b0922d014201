"""What becomes of writes that travel in one batch: each is settled by its own answer, and some are sent once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soroe.adapters.net.failures import retry_after
from soroe.core.event import Ref
from soroe.ports.errors import ACCOUNT_TROUBLE, PortError, RetryLater
from soroe.ports.remote import Create, Erased, Failed, Restore, Result, Unsent, Write, Written

from .batch import send_together
from .session import Answer, Call, Session
from .single import SingleWrites

MOST_TRIES = 3
"""How often a write is sent until its faults are left to the scheduler, which waits longer."""
LONGEST_REST = 15.0
"""Seconds that a batch waits for parts of it at most; where the service asks for more, the run had better end."""

_DONE = frozenset({Written, Erased})


@dataclass(slots=True)
class Part:
    """One write of a batch. `result` is None as long as it is to be sent (again); `refused` is its last answer.

    `perhaps`: it met a fault of the service, so it may have been carried out whatever comes after.
    """

    write: Write
    ref: Ref
    call: Call
    result: Result | None = None
    refused: Answer | None = None
    perhaps: bool = False
    clashed: bool = False

    def outcome(self) -> Result:
        """What became of it, once it is settled."""
        if self.result is None:
            raise ValueError("A part has to be settled before it is told of.")
        return self.result


class Together:
    """Sends one batch and whatever of it has to be sent again. Raises `NoBatches` and nothing else.

    Only what cannot be done twice is repeated: a new event bears an id of ours, and changes and deletions name the
    version that they are meant for. Parts that met a fault go together once more after a back-off; parts that clashed
    with others of the same batch go alone, after all the others.
    """

    def __init__(self, session: Session, single: SingleWrites, random: Callable[[], float]) -> None:
        self._session = session
        self._single = single
        self._random = random

    def send(self, parts: Sequence[Part]) -> None:
        """Settle every part. After trouble of the whole account nothing more is sent."""
        waiting = list(parts)
        rest: float | None = 0.0
        for tried in range(MOST_TRIES):
            if rest is None or not waiting:
                break
            self._round(waiting, rest)
            if all(type(part.result) in _DONE for part in parts):  # nearly always
                return
            if any(stops(part.result) for part in parts):
                break
            waiting = [part for part in waiting if part.result is None and not part.clashed]
            rest = self._rest(waiting, tried)
        self._finish(parts)

    def _round(self, waiting: Sequence[Part], rest: float) -> None:
        try:
            if rest:
                self._session.pacer.rest(rest)
            answers = send_together(self._session, [part.call for part in waiting])
        except PortError as error:
            _none_done(waiting, error)
            return
        for part, answer in zip(waiting, answers, strict=True):
            self._told(part, answer)

    def _rest(self, waiting: Sequence[Part], tried: int) -> float | None:
        """Seconds until the next try: what the service asks for, else up to 2^n; None where that would be too long."""
        now = self._session.now()
        asked = [retry_after(part.refused.headers, now) for part in waiting if part.refused is not None]
        told = [seconds for seconds in asked if seconds is not None]
        rest = max(told) if told else self._random() * 2**tried
        return rest if rest <= LONGEST_REST else None

    def _told(self, part: Part, answer: Answer | None) -> None:
        """Take one answer; without a result the part is to be sent again."""
        if answer is None:
            part.result = Failed(RetryLater("answer_lost", outcome_unknown=True))
            return
        if 200 <= answer.status < 300:
            part.result = self._settled(part, answer)
            return
        part.refused = answer
        if answer.status >= 500 or answer.status == 408:
            part.perhaps = True
            if not _once_at_most(part.write):
                part.result = self._settled(part, answer)
        elif answer.status == 401 or (answer.status == 409 and answer.refusal(part.call).reason != "duplicate"):
            part.clashed = True
        else:
            part.result = self._settled(part, answer)

    def _settled(self, part: Part, answer: Answer) -> Result:
        return self._single.settled(part.write, part.ref, part.call, answer)

    def _finish(self, parts: Sequence[Part]) -> None:
        """Give a result to what has none: clashes alone, if nothing stops them, and faults as the service told them."""
        for part in parts:
            if part.result is None and not part.clashed and part.refused is not None:
                part.result = self._settled(part, part.refused)
        for part in parts:
            if part.result is None:
                stopped = any(stops(one.result) for one in parts)
                part.result = Unsent() if stopped else self._single.alone(part.write)
        told = False
        for part in parts:
            part.result = _as_far_as_known(part)
            if stops(part.result) and not _unknown(part.result):
                # Refused for the same reason as the one before, so surely not done: it need not be told twice.
                part.result = Unsent() if told else part.result
                told = True


def _once_at_most(write: Write) -> bool:
    """Whether a write can be repeated though it may have been carried out, and is still done once at most."""
    match write:
        case Create():
            return write.occurrence is None
        case Restore():
            return False
        case _:
            return write.version is not None


def _none_done(waiting: Sequence[Part], error: PortError) -> None:
    """The batch as a whole met an error: every write of it failed, or may have been done if the answer was lost."""
    unknown = isinstance(error, RetryLater) and error.outcome_unknown
    told = False
    for part in waiting:
        again = told and not unknown and not part.perhaps and isinstance(error, ACCOUNT_TROUBLE)
        part.result = Unsent() if again else Failed(error)
        told = told or not part.perhaps


def _as_far_as_known(part: Part) -> Result:
    """The result, or that nobody knows: an earlier try may have been carried out, and the last one told nothing."""
    result = part.outcome()
    if not part.perhaps or _unknown(result) or not (isinstance(result, Unsent) or stops(result)):
        return result
    if isinstance(result, Failed) and isinstance(result.error, RetryLater):
        return Failed(RetryLater(result.error.reason, result.error.after, outcome_unknown=True))
    return Failed(RetryLater("answer_lost", outcome_unknown=True))


def stops(result: Result | None) -> bool:
    """Whether a result tells of trouble of the whole account, so that nothing more is to be sent."""
    return type(result) is Failed and isinstance(result.error, ACCOUNT_TROUBLE)


def _unknown(result: Result | None) -> bool:
    return isinstance(result, Failed) and isinstance(result.error, RetryLater) and result.error.outcome_unknown
