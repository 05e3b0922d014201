"""A played service in the hands of its user: the part that is the same for every CRM and every calendar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, Protocol, TypeVar

from soroe.sandbox.faults import Faults
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.request_log import RequestLog
from soroe.sandbox.server import LoopbackServer

Lie = Callable[[], None]
Box = TypeVar("Box", bound=OnLoopback)


class Played(Generic[Box]):
    """The sandbox itself is in `box`; one that was not given is started here, and ended by `close`."""

    def __init__(self, given: Box | None, make: Callable[[], Box]) -> None:
        self._stack = ExitStack()
        self.box: Box = make() if given is None else given
        if given is None:
            self._stack.enter_context(self.box)

    @property
    def server(self) -> LoopbackServer:
        return self.box.server

    @property
    def faults(self) -> Faults:
        return self.box.faults

    @property
    def requests(self) -> RequestLog:
        return self.box.requests

    def close(self) -> None:
        self._stack.close()


class Lies(Protocol):
    """The switches that every played calendar has for its feed."""

    def answer_empty(self, times: int = 1) -> None: ...
    def answer_truncated(self, keep: int) -> None: ...


def feed_lies(lies: Lies, expire_cursors: Lie, number: int) -> dict[str, Lie]:
    """A listing of `number` events that is empty, cut short or nearly whole, and changes that are none."""

    def listing(lie: Lie) -> Lie:
        def told() -> None:
            expire_cursors()
            lie()

        return told

    return {
        "empty list": listing(lies.answer_empty),
        "empty changes": lambda: lies.answer_empty(2),
        "truncated list": listing(lambda: lies.answer_truncated(3)),
        "nearly whole list": listing(lambda: lies.answer_truncated(number - 1)),
    }
