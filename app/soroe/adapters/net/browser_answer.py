"""The address on this machine that a sign-in page sends the user back to."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from soroe.ports.errors import LocalTrouble

PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Soroe</title></head><body>Soroe &#10003;</body></html>'
_LOOK_EVERY = 0.25


class Loopback:
    """Listens on loopback for one answer of a sign-in page; a context manager.

    `port` 0 takes a free one. `page` is the HTML that the browser ends on. Raises `LocalTrouble` when the port is
    taken, the time is up, or the user gave up.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, path: str = "/", page: str = PAGE) -> None:
        self._host = host
        self._path = path
        self._page = page.encode("utf-8")
        self._state = ""
        self._answer: Mapping[str, str] | None = None
        self._arrived = threading.Event()
        try:
            self._server = _Server(("127.0.0.1", port), self)
        except OSError as error:
            raise LocalTrouble("loopback_port_busy") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_EVERY,), name="sign-in", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """The redirect address to name in the request."""
        return f"http://{self._host}:{self._server.server_address[1]}{self._path}"

    def wait(
        self, state: str, timeout: float, cancelled: Callable[[], bool], ask: Callable[[], None]
    ) -> Mapping[str, str]:
        """Calls `ask`, which opens the browser, and returns the parameters of the answer that carries `state`."""
        self._state = state
        ask()
        left = timeout
        while not self._arrived.wait(_LOOK_EVERY):
            left -= _LOOK_EVERY
            if cancelled():
                raise LocalTrouble("sign_in_cancelled")
            if left <= 0:
                raise LocalTrouble("sign_in_timed_out")
        assert self._answer is not None
        return self._answer

    def take(self, target: str) -> bool:
        """Whether this request is the awaited answer: the right path, and the state that only our request carried."""
        parts = urlsplit(target)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        is_ours = bool(self._state) and hmac.compare_digest(told.get("state", "").encode(), self._state.encode())
        if parts.path != self._path or not is_ours or self._arrived.is_set():
            return False
        self._answer = told
        self._arrived.set()
        return True

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def page(self) -> bytes:
        """What the browser ends on."""
        return self._page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(HTTPServer):
    def __init__(self, address: tuple[str, int], owner: Loopback) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def do_GET(self) -> None:
        is_answer = self.server.owner.take(self.path)
        body = self.server.owner.page if is_answer else b""
        self.send_response(200 if is_answer else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the address holds a code that belongs in no log."""
