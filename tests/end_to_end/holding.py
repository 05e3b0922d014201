"""Hold one request at a server, so that a process can be killed while it waits for the answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soroe.sandbox.server import LoopbackServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


@dataclass
class Hold:
    """Stands before a server's application and holds the `number`-th request that matches.

    With `carried_out` the request takes effect and only its answer is held; without, it never takes effect. A held
    request is never answered: its process is dead by the time of `let_go`.
    """

    server: LoopbackServer
    number: int
    carried_out: bool
    matching: Callable[[str, str], bool] = lambda _method, _path: True
    reached: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._inner: WSGIApplication = self.server.app
        self._seen = 0
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._over = threading.Event()
        self.server.app = self._serve

    def let_go(self) -> None:
        """Take the hold away, and wait until the held request has left the server."""
        self._released.set()
        if self.reached.is_set():
            assert self._over.wait(60)
        self.server.app = self._inner

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_mine(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return self._inner(environ, start_response)
        try:
            answer = list(self._inner(environ, start_response)) if self.carried_out else []
            self.reached.set()
            self._released.wait(120)
            if not self.carried_out:
                start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return answer
        finally:
            self._over.set()

    def _is_mine(self, method: str, path: str) -> bool:
        if not self.matching(method, path):
            return False
        with self._lock:
            self._seen += 1
            return self._seen == self.number


def writes(method: str, path: str) -> bool:
    """Whether a request may write: anything but a read, a search or a new token."""
    return method not in {"GET", "HEAD"} and re.search(r"/(token|search)$", path) is None
