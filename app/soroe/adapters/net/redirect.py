"""Receives the redirect that ends a sign-in in the browser, on a free port of this machine."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from soroe.ports.errors import LocalTrouble

_HOST = "127.0.0.1"
_STEP = 0.2
_END_STEP = 0.05  # seconds until the server, which only lives while somebody signs in, notices its end
_MOST_PARAMETERS = 50
_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)


class SignInStopped(Exception):
    """The user gave the sign-in up in our own window."""


@dataclass(frozen=True, slots=True)
class RedirectPages:
    """The pages shown in the browser at the end: `done.LANGUAGE.html` and `failed.LANGUAGE.html` in a folder."""

    folder: Path

    def page(self, *, done: bool, accepted: str) -> bytes:
        """The page in the browser's language (its `Accept-Language`): Japanese or English."""
        language = "ja" if accepted.strip().lower().startswith("ja") else "en"
        return (self.folder / f"{'done' if done else 'failed'}.{language}.html").read_bytes()


@dataclass(frozen=True, slots=True)
class LandingPlace:
    """Where on this machine a sign-in comes back to. `port` 0 takes a free one; `host` is how the address names it."""

    host: str = _HOST
    port: int = 0
    path: str = "/"


ANYWHERE = LandingPlace()


class RedirectListener:
    """Listens on this machine alone for one redirect that carries our own `state`; use it as a context manager.

    Requests without that state are turned away and waited past, so that another program on this machine can neither
    end the sign-in nor slip in its own answer. Raises `LocalTrouble("loopback_port")` when it cannot listen.
    """

    def __init__(self, pages: RedirectPages, place: LandingPlace = ANYWHERE, state: str | None = None) -> None:
        self.state = state or secrets.token_urlsafe(32)
        self._place = place
        self._pages = pages
        self._arrived = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._parameters: dict[str, str] = {}
        try:
            self._server = _Server(self, place.port)
        except OSError as error:
            raise LocalTrouble("loopback_port") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_END_STEP,), name="sign-in", daemon=True
        )

    @property
    def address(self) -> str:
        """The address that the browser is to be sent back to."""
        return f"http://{self._authority}{self._place.path}"

    @property
    def _authority(self) -> str:
        return f"{self._place.host}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def stop(self) -> None:
        """Give up waiting; may be called from any thread."""
        self._stopped.set()
        self._arrived.set()

    def wait(self, timeout: float, cancelled: Callable[[], bool] | None = None) -> dict[str, str]:
        """The parameters of the redirect; raises `LocalTrouble("sign_in_timeout")` or `SignInStopped`.

        `timeout` is in seconds; `cancelled`, where given, is asked a few times a second.
        """
        left = timeout
        step = timeout if cancelled is None else _STEP
        while not self._arrived.wait(min(step, left)):
            left -= step
            if cancelled is not None and cancelled():
                raise SignInStopped
            if left <= 0:
                raise LocalTrouble("sign_in_timeout")
        if self._stopped.is_set():
            raise SignInStopped
        with self._lock:
            return dict(self._parameters)

    def take(self, target: str, host: str) -> bool | None:
        """Whether a request ends the sign-in well (or badly), or None for one that is not the awaited redirect."""
        parts = urlsplit(target)
        if parts.path != self._place.path or host != self._authority:
            return None
        try:
            parameters = dict(parse_qsl(parts.query, max_num_fields=_MOST_PARAMETERS))
        except ValueError:
            return None
        if not secrets.compare_digest(parameters.get("state", "").encode(), self.state.encode()):
            return None
        with self._lock:
            if not self._arrived.is_set():
                self._parameters = parameters
                self._arrived.set()
        return "error" not in parameters

    def page(self, *, done: bool, accepted: str) -> bytes:
        """The page to show."""
        return self._pages.page(done=done, accepted=accepted)


class _Server(ThreadingHTTPServer):
    # A thread for each connection: browsers open some in advance and never use them.
    daemon_threads = True
    # On Windows it would let another program share the port; elsewhere it only spares the wait after a former sign-in.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, listener: RedirectListener, port: int) -> None:
        self.listener = listener
        super().__init__((_HOST, port), _Request)

    def server_bind(self) -> None:
        if sys.platform == "win32":  # without it, another program could bind the same port there
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = 15

    def do_GET(self) -> None:
        listener = self.server.listener
        done = listener.take(self.path, self.headers.get("Host", ""))
        if done is None:
            self.send_error(404)
            return
        content = listener.page(done=done, accepted=self.headers.get("Accept-Language", ""))
        self.send_response(200)
        for name, value in _HEADERS:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def version_string(self) -> str:
        return "Soroe"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the request's address holds the sign-in's code."""
