"""urllib3's connections where they are taken: through a proxy, and under exchangelib.

Its pool calls what breaks while an answer is awaited "unable to connect to proxy", as if nothing had been sent, and a
proxy that hangs up at once "connection aborted", as if something had; it takes an answer that only announces another
(103) for the whole; and it looks for what was said unasked on the socket, but not with the cipher. Here each is told as
it is, as `Direct` does.
"""

from __future__ import annotations

import ssl
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING

from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from .losses import AnswerLost, NotReached

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse as PooledAnswer

_MOST_INTERIM = 20
"""Answers that only announce the real one."""


def take_our_connections(manager: PoolManager) -> None:
    """Let all that goes over TLS go over connections of this kind."""
    manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": OurPool}


class RealAnswer(HTTPResponse):
    """The standard library's answer; those that only announce it are passed over."""

    def begin(self) -> None:
        """Read the head of the real answer. Raises `HTTPException` where only announcements come."""
        for _ in range(_MOST_INTERIM):
            super().begin()
            if self.status >= 200:
                return
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first head: it is read anew
        raise HTTPException("interim")


class OurConnection(HTTPSConnection):
    """A connection that tells whether a request has left: what urllib3 raises holds `NotReached` or `AnswerLost`."""

    response_class = RealAnswer

    @property
    def is_connected(self) -> bool:
        """Whether a kept connection is still open and quiet."""
        heard = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0
        return super().is_connected and not heard

    def connect(self) -> None:
        """Open it, through the proxy if there is one."""
        try:
            super().connect()
        except (OSError, HTTPException) as error:
            raise NotReached(str(error)) from error

    def getresponse(self) -> PooledAnswer:  # type: ignore[override]  # urllib3's own answer, as in its class
        """The answer to what was sent."""
        try:
            return super().getresponse()
        except (OSError, HTTPException) as error:
            raise AnswerLost(type(error).__name__) from error


class OurPool(HTTPSConnectionPool):
    """A pool of such connections."""

    ConnectionCls = OurConnection
