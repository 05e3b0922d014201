"""Serves a WSGI application on a free loopback port: real sockets, HTTP/1.1 keep-alive, recorded requests, faults."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, assert_never
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from soroe.sandbox.faults import (
    Answer,
    Delay,
    DropAfterProcessing,
    DropConnectionBefore,
    Effect,
    Fault,
    Faults,
    HugeBody,
    MalformedJson,
    TruncateBody,
)
from soroe.sandbox.request_log import RecordedRequest, RequestLog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = [
    "Answer",
    "Delay",
    "DropAfterProcessing",
    "DropConnectionBefore",
    "Effect",
    "Fault",
    "Faults",
    "HugeBody",
    "LoopbackServer",
    "MalformedJson",
    "RecordedRequest",
    "RequestLog",
    "TruncateBody",
]

_HOST = "127.0.0.1"
_STATUSES = frozenset(HTTPStatus)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LoopbackServer:
    """Runs `app` on a loopback port in background threads, from `start` to `stop` (or as a context manager).

    `port` 0 takes a free one. `requests` records every request, `faults` are consulted for every request, `latency` is
    added to every answer in seconds. `clock` feeds only the `Date` header (UTC), so that a wrong clock can be played.
    """

    def __init__(
        self,
        app: WSGIApplication,
        port: int = 0,
        *,
        clock: Callable[[], datetime] = _utc_now,
        faults: Faults | None = None,
        requests: RequestLog | None = None,
    ) -> None:
        self.app = app
        self.clock = clock
        self.faults = faults if faults is not None else Faults()
        self.requests = requests if requests is not None else RequestLog()
        self.latency = 0.0
        self._port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._held: socket.socket | None = None

    @property
    def url(self) -> str:
        """The address without a trailing slash, for example `http://127.0.0.1:40123`; needs a started server."""
        return f"http://{_HOST}:{self.port}"

    @property
    def port(self) -> int:
        if self._listener is None:
            raise RuntimeError("The sandbox server is not running: call start() before asking for its address.")
        return int(self._listener.server_address[1])

    def start(self) -> Self:
        """Listens and serves; returns itself. Starting twice is an error."""
        if self._listener is not None:
            raise RuntimeError("The sandbox server is already running: stop it before starting it again.")
        self._let_go()
        self._listener = self._listening()
        self._thread = threading.Thread(target=self._listener.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def _listening(self) -> Listener:
        """The port, open, before anybody waits there."""
        return Listener(self, self._port)

    def vanish(self) -> None:
        """Stops, but keeps the port from others until `stop` or `start`: whoever asks there finds nobody.

        A port that is free is soon given to another program, which would answer in this one's place.
        """
        port = self.port
        self.stop()
        self._held = socket.socket()
        if os.name == "posix":  # connections that have just ended keep the port for a while
            self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind((_HOST, port))

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def stop(self) -> None:
        """Closes the port and every open connection, and waits for the threads. Stopping twice does nothing."""
        self._let_go()
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.wake_and_end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        listener.close_connections()
        listener.server_close()

    def __enter__(self) -> Self:
        return self.start() if self._listener is None else self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer ready to be sent; only the first `keep` bytes of the body leave, where that is set."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    keep: int | None = None


class Listener(ThreadingMixIn, TCPServer):
    """An open port, whose connections get a thread each."""

    allow_reuse_address = os.name == "posix"  # elsewhere it would let two servers share one port
    request_queue_size = 128

    def __init__(self, owner: LoopbackServer, port: int) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._ending = False
        self._open_lock = threading.Lock()
        super().__init__((_HOST, port), _Connection)

    def serve(self) -> None:
        """Takes connections until the end; blocks without polling, so that an idle sandbox costs nothing."""
        while not self._ending:
            self.handle_request()

    def wake_and_end(self) -> None:
        """Ends `serve`, which a connection of our own wakes up."""
        self._ending = True
        with socket.create_connection((_HOST, int(self.server_address[1]))):
            pass

    def verify_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> bool:
        return not self._ending

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def close_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._open_lock:
            self._open = {connection for connection in self._open if connection is not request}
        super().close_request(request)

    def close_connections(self) -> None:
        """Ends keep-alive connections that wait for a next request, so that their threads finish."""
        with self._open_lock:
            waiting = list(self._open)
        for connection in waiting:
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:  # the other end has closed it already, which is what we want
                continue

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that goes away in the middle is its own business; anything else is a defect and is printed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks up do_GET, do_POST, …; the application decides which methods exist, not this class.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are recorded, not printed."""

    def version_string(self) -> str:
        return "sandbox"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.owner.clock().astimezone(UTC), usegmt=True)

    def _serve(self) -> None:
        owner = self.server.owner
        body = self._read_body()
        effect = owner.faults.take(self.command, self.path)
        if owner.latency > 0:
            time.sleep(owner.latency)
        reply = self._answer(effect, body)
        # Recorded before it leaves: a client that has its answer can rely on finding the request in the log.
        owner.requests.add(self._record(body, reply))
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply)

    def _record(self, body: bytes, reply: _Reply | None) -> RecordedRequest:
        parts = urlsplit(self.path)
        return RecordedRequest(
            self.command,
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            reply.status if reply else 0,
            len(reply.body[: reply.keep]) if reply and self.command != "HEAD" else 0,
        )

    def _answer(self, effect: Effect | None, body: bytes) -> _Reply | None:
        """Returns what to send, or nothing when the connection is to be dropped."""
        match effect:
            case None:
                return self._run(body)
            case Delay(seconds):
                time.sleep(seconds)
                return self._run(body)
            case Answer(status, text, content_type, headers, processed):
                if processed:
                    self._run(body)
                return _Reply(status, [("Content-Type", content_type), *headers.items()], text)
            case DropConnectionBefore():
                return None
            case DropAfterProcessing():
                self._run(body)
                return None
            case TruncateBody(keep):
                return replace(self._run(body), keep=keep)
            case HugeBody(size, status):
                text = b'{"kind": "huge", "padding": "' + b"x" * size + b'"}'
                return _Reply(status, [("Content-Type", "application/json")], text)
            case MalformedJson(text):
                return _Reply(self._run(body).status, [("Content-Type", "application/json; charset=utf-8")], text)
            case _:
                assert_never(effect)

    def _run(self, body: bytes) -> _Reply:
        """Carries the request out and collects the whole answer."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], None]:
            started[:] = [(status, headers)]
            return chunks.append

        chunks: list[bytes] = []
        result = self.server.owner.app(self._environ(body), start_response)
        try:
            chunks.extend(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        status, headers = started[0]
        return _Reply(int(status.split(" ", 1)[0]), headers, b"".join(chunks))

    def _send(self, reply: _Reply) -> None:
        phrase = HTTPStatus(reply.status).phrase if reply.status in _STATUSES else "Unknown"
        self.send_response(reply.status, phrase)
        for name, value in reply.headers:
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        if reply.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.keep is not None:
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.keep])
        self.wfile.flush()

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._read_chunks())
        return self._read(int(self.headers.get("Content-Length") or 0))

    def _read(self, size: int) -> bytes:
        """So much of the body; a request that ends early is none, and nothing of it is carried out."""
        piece = self.rfile.read(size) if size >= 0 else b""
        if len(piece) != size:
            raise ConnectionAbortedError("The client has hung up in the middle of a request.")
        return piece

    def _read_chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0] or b"-1", 16):
            yield self._read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            continue

    def _environ(self, body: bytes) -> dict[str, Any]:
        parts = urlsplit(self.path)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "QUERY_STRING": parts.query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": _HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            # The body has been read whole, so the application must not be told that it comes in chunks.
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ
