"""What every sandbox with a server has in common: starting, stopping, its address, what went over the wire."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from soroe.sandbox.faults import Faults
from soroe.sandbox.request_log import RequestLog
from soroe.sandbox.server import LoopbackServer


class OnLoopback:
    """A sandbox behind one `server`, from `start` to `stop`, or as a context manager."""

    server: LoopbackServer

    def start(self) -> Self:
        """Listen and serve."""
        self.server.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection."""
        self.server.stop()

    def vanish(self) -> None:
        """Be away: nobody answers at this address, and nobody else can take it, until `stop` or `start`."""
        self.server.vanish()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address without a trailing slash; needs a started server."""
        return self.server.url

    @property
    def faults(self) -> Faults:
        """What goes wrong on the way, request by request."""
        return self.server.faults

    @property
    def requests(self) -> RequestLog:
        """Every request that arrived."""
        return self.server.requests
