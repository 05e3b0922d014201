"""Answers that lie or stumble, on demand: what a program must survive without losing anything."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from soroe.sandbox.salesforce.refusals import Refusal


@dataclass(slots=True)
class Lies:
    """Switches for the next so many answers of one kind."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _empty: int = 0
    _truncated: list[int] = field(default_factory=list)
    _locked: int = 0
    _expired: int = 0
    _silent: int = 0

    def answer_empty(self, times: int = 1) -> None:
        """The next queries find nothing though there is something."""
        with self._lock:
            self._empty += times

    def answer_truncated(self, keep: int) -> None:
        """The next query stops after `keep` records and says that those were all."""
        with self._lock:
            self._truncated.append(keep)

    def tell_no_deletions(self, times: int = 1) -> None:
        """The next answers about deletions are empty."""
        with self._lock:
            self._silent += times

    def lock_rows(self, times: int = 1) -> None:
        """The next writes of a record meet somebody else's lock."""
        with self._lock:
            self._locked += times

    def expire_locators(self, times: int = 1) -> None:
        """The next requests for a further page find their locator expired."""
        with self._lock:
            self._expired += times

    # ------------------------------------------------------------------ for the server
    def kept(self, records: list[dict[str, object]]) -> list[dict[str, object]]:
        """What the answer to a query is to bring."""
        with self._lock:
            if self._empty > 0:
                self._empty -= 1
                return []
            return records[: self._truncated.pop(0)] if self._truncated else records

    def take_silent(self) -> bool:
        with self._lock:
            taken = self._silent > 0
            self._silent -= taken
            return taken

    def check_lock(self) -> None:
        with self._lock:
            if self._locked > 0:
                self._locked -= 1
                raise Refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", ())

    def check_locator(self) -> None:
        with self._lock:
            if self._expired > 0:
                self._expired -= 1
                raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
