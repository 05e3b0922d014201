"""The loopback server that speaks TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from soroe.sandbox.microsoft365.tls import TlsServer
from soroe.sandbox.server import Listener


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers every request alike."""
    start("200 OK", [])
    return [b"ok"]


def test_the_port_speaks_tls_before_anybody_waits_there() -> None:
    """A thread that began to wait while the socket changed hands would find none, and nobody would ever be served."""
    seen: list[tuple[bool, bool]] = []

    class Watched(TlsServer):
        def _listening(self) -> Listener:
            listener = super()._listening()
            seen.append((isinstance(listener.socket, ssl.SSLSocket), self._thread is None))
            return listener

    with Watched(app):
        assert seen == [(True, True)]
