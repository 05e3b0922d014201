"""Keeps the requests of one account within the service's quota, so that the service never has to refuse one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

_MARGIN = 0.05
_IN_FLIGHT_WAIT = 0.25
_MOMENT = 0.05
"""Seconds that whoever has to wait waits longer, at most, so that all calls may pass whose turn it is by then."""


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

    def turn(self, cost: int = 1) -> AbstractContextManager[None]:
        """Wait until `cost` calls may pass, and hold their place while they are under way."""
        if not 1 <= cost <= self.quota:
            raise ValueError("A turn needs between one call and the whole quota.")
        return _Turn(self, cost)

    def free(self) -> int:
        """How many calls may pass right now without waiting."""
        with self._lock:
            self._forget()
            return self.quota - self._used

    def rest(self, seconds: float) -> None:
        """Wait as long as a service needs that met a fault; gives up as `wait` does."""
        self._wait(seconds)

    def take(self, cost: int) -> None:
        """Wait until `cost` calls may pass; whoever takes them has to say when they were answered."""
        while True:
            with self._lock:
                now = self._forget()
                if self._used + cost <= self.quota:
                    self._used += cost
                    return
                pause = self._pause(now)
            self._wait(pause)

    def _pause(self, now: float) -> float:
        """The seconds until there may be room: for all that were answered in one moment, not for the first of them.

        Calls pass in bursts, and a burst's places are free again one by one within a moment: to wait for each of them
        by itself costs a thread that sleeps and wakes for each call, and wakes slowly.
        """
        if not self._answered:
            return _IN_FLIGHT_WAIT
        first = last = self._answered[0][0]
        for answered, _ in self._answered:
            if answered - first > _MOMENT:
                break
            last = answered
        return last + self._period - now

    def _forget(self) -> float:
        """Leave out what counts no more, and tell the time."""
        now = self._clock()
        while self._answered and self._answered[0][0] + self._period <= now:
            self._used -= self._answered.popleft()[1]
        return now

    def answer(self, cost: int) -> None:
        """As many calls as were taken were answered, or failed."""
        with self._lock:
            self._answered.append((self._clock(), cost))


class _Turn:
    """Takes calls when it is entered. No generator: there is one for each request."""

    __slots__ = ("_cost", "_pacer")

    def __init__(self, pacer: Pacer, cost: int) -> None:
        self._pacer = pacer
        self._cost = cost

    def __enter__(self) -> None:
        self._pacer.take(self._cost)

    def __exit__(self, *_: object) -> None:
        self._pacer.answer(self._cost)
