"""What a sandbox server was asked, in order, so that a test can count and read every request."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it arrived, and how it was answered.

    `headers` has lower-case names. `status` is 0 when the connection was dropped without an answer.
    `response_bytes` counts the bytes of the answer's body that were really sent.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    status: int
    response_bytes: int


class RequestLog:
    """Keeps every request of a server in the order of their answers; safe to use from several threads.

    With `keep_bodies` switched off the bodies and headers are forgotten (their bytes are still counted), so that a
    benchmark of many thousand requests does not measure the memory of its own log.
    """

    def __init__(self) -> None:
        self.keep_bodies = True
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []
        self._bytes = 0

    def add(self, request: RecordedRequest) -> None:
        with self._lock:
            self._bytes += len(request.body) + request.response_bytes
            self._requests.append(request if self.keep_bodies else replace(request, headers={}, body=b""))

    def clear(self) -> None:
        """Forgets everything recorded so far."""
        with self._lock:
            self._requests.clear()
            self._bytes = 0

    def all(self, method: str = "", path: str = "") -> list[RecordedRequest]:
        """Returns the requests whose method is `method` and whose path contains the pattern `path` (empty: any)."""
        wanted = re.compile(path)
        with self._lock:
            recorded = list(self._requests)
        return [r for r in recorded if method in ("", r.method) and wanted.search(r.path)]

    def count(self, method: str = "", path: str = "") -> int:
        """Counts what `all` would return."""
        return len(self.all(method, path))

    def body_bytes(self) -> int:
        """Adds up the bodies of all requests and all answers, in bytes."""
        with self._lock:
            return self._bytes

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self.all())

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests)
