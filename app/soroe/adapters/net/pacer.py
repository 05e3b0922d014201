"""Keeps the requests of one account within the service's quota, so that the service never has to refuse one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MARGIN = 0.05
_IN_FLIGHT_WAIT = 0.25


class Pacer:
    """Lets at most `quota` calls pass in any window of `period` seconds, as the service counts them.

    A call counts from before it is sent until `period` seconds after its answer came: the service saw it somewhere in
    between, so its own window can never hold more than ours. Bursts up to the quota pass at once. `clock` tells seconds
    that never go back, `wait` sleeps (and may raise to give up). Safe to share between threads.
    """

    def __init__(
        self, quota: int, period: float = 60.0, *, clock: Callable[[], float], wait: Callable[[float], None]
    ) -> None:
        if quota < 1 or period <= 0:
            raise ValueError("A quota needs at least one call in a period longer than nothing.")
        self.quota = quota
        self._period = period + _MARGIN
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._answered: deque[tuple[float, int]] = deque()
        self._used = 0

    @contextmanager
    def turn(self, cost: int = 1) -> Iterator[None]:
        """Wait until `cost` calls may pass, and hold their place while they are under way."""
        if not 1 <= cost <= self.quota:
            raise ValueError("A turn needs between one call and the whole quota.")
        self._take(cost, cost)
        try:
            yield
        finally:
            self._answer(cost)

    @contextmanager
    def turn_up_to(self, most: int) -> Iterator[int]:
        """Like `turn` for as many calls as may pass once any may, at most `most`; yields how many."""
        taken = self._take(1, min(most, self.quota))
        try:
            yield taken
        finally:
            self._answer(taken)

    def _take(self, least: int, most: int) -> int:
        while True:
            with self._lock:
                now = self._clock()
                while self._answered and self._answered[0][0] + self._period <= now:
                    self._used -= self._answered.popleft()[1]
                free = self.quota - self._used
                if free >= least:
                    taken = min(free, most)
                    self._used += taken
                    return taken
                pause = self._answered[0][0] + self._period - now if self._answered else _IN_FLIGHT_WAIT
            self._wait(pause)

    def _answer(self, cost: int) -> None:
        with self._lock:
            self._answered.append((self._clock(), cost))
