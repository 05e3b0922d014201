"""Writes a CRM's activities through its profile: each write told by itself, many in one request where the CRM can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from soroe.ports.errors import ACCOUNT_TROUBLE, PortError
from soroe.ports.remote import Create, Delete, Erased, Failed, Restore, Result, Unsent, Update, Write, Written

from .batching import Batching
from .errors import AlreadyThere, not_ours_to_take
from .single import Single


class RestWriter:
    """Writes to one account of a CRM (the port `Writer`). Nobody is ever mailed by it (S-5)."""

    def __init__(self, single: Single, batching: Batching | None) -> None:
        self._single = single
        self._batching = batching

    def write(self, batch: Sequence[Write]) -> Sequence[Result]:
        """Carry out the writes and tell of each, in order; never raises for a write that failed."""
        results: list[Result] = []
        while len(results) < len(batch):
            rest = batch[len(results) :]
            some = self._some(rest)
            results.extend(some)
            if any(isinstance(one, Failed) and stops(one.error) for one in some):
                results.extend(Unsent() for _ in batch[len(results) :])
        return results

    def _some(self, rest: Sequence[Write]) -> Sequence[Result]:
        """The results of the first writes of these, as many as travel together."""
        if self._batching is not None:
            together = self._batching.first_of(rest)
            if len(together) > 1:
                return self._batching.send(together)
        try:
            return (self._one(rest[0]),)
        except AlreadyThere as error:
            return (Failed(not_ours_to_take(error)),)
        except PortError as error:
            return (Failed(error),)

    def _one(self, write: Write) -> Written | Erased:
        match write:
            case Create():
                return self._single.create(write)
            case Update():
                return self._single.update(write)
            case Delete():
                return self._single.delete(write)
            case Restore():
                return self._single.restore(write)
            case _:
                assert_never(write)


def stops(error: PortError) -> bool:
    """Whether an error concerns the whole account, so that further writes would only meet it again."""
    return isinstance(error, ACCOUNT_TROUBLE)
