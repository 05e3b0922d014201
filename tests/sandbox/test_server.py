"""The loopback server under every sandbox: real connections, faults, records."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from typing import Any

import pytest

from soroe.sandbox.server import (
    Answer,
    DropAfterProcessing,
    DropConnectionBefore,
    HugeBody,
    LoopbackServer,
    TruncateBody,
)

Start = Callable[[str, list[tuple[str, str]]], Any]


class Counter:
    """An application that counts what reached it and echoes the body."""

    def __init__(self) -> None:
        self.served = 0

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        self.served += 1
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode(), environ["wsgi.input"].read()]


@pytest.fixture
def app() -> Counter:
    return Counter()


@pytest.fixture
def server(app: Counter) -> Iterator[LoopbackServer]:
    with LoopbackServer(app) as running:
        yield running


@pytest.fixture
def http(server: LoopbackServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    yield connection
    connection.close()


def _get(http: HTTPConnection, path: str = "/a") -> bytes:
    http.request("GET", path)
    return http.getresponse().read()


def test_one_connection_serves_many_requests(server: LoopbackServer, http: HTTPConnection) -> None:
    _get(http)
    before = http.sock
    assert before is not None
    assert _get(http, "/b") == b"GET /b "
    assert http.sock is before


def test_a_body_sent_in_chunks_arrives_whole(http: HTTPConnection) -> None:
    http.request("POST", "/a", body=iter([b"one ", b"two"]), encode_chunked=True)
    assert http.getresponse().read() == b"POST /a one two"


@pytest.mark.parametrize(
    "begun",
    [
        b"Content-Length: 8\r\n\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\n8\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\ncut\r\n",
    ],
)
def test_a_request_of_which_only_half_arrives_is_not_carried_out(
    app: Counter, server: LoopbackServer, begun: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\n" + begun)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert (app.served, len(server.requests)) == (0, 0)


def test_a_dropped_connection_is_really_closed(app: Counter, server: LoopbackServer, http: HTTPConnection) -> None:
    server.faults.add(DropConnectionBefore())
    with pytest.raises(RemoteDisconnected):
        _get(http)
    assert app.served == 0
    assert [request.status for request in server.requests] == [0]


def test_an_answer_can_get_lost_after_the_work_is_done(
    app: Counter, server: LoopbackServer, http: HTTPConnection
) -> None:
    server.faults.add(DropAfterProcessing())
    with pytest.raises(RemoteDisconnected):
        _get(http)
    assert app.served == 1


def test_an_answer_can_break_off(server: LoopbackServer, http: HTTPConnection) -> None:
    server.faults.add(TruncateBody(keep=3))
    with pytest.raises(IncompleteRead):
        _get(http)
    assert server.requests.all()[0].response_bytes == 3


def test_an_answer_can_be_replaced_before_or_after_the_work(
    app: Counter, server: LoopbackServer, http: HTTPConnection
) -> None:
    server.faults.add(Answer(503, b"no"))
    server.faults.add(Answer(502, b"lost", processed=True))
    assert _get(http) == b"no"
    assert app.served == 0
    assert _get(http) == b"lost"
    assert app.served == 1


def test_an_answer_can_be_huge(server: LoopbackServer, http: HTTPConnection) -> None:
    server.faults.add(HugeBody(size=3_000_000))
    assert len(_get(http)) > 3_000_000


def test_a_fault_meets_the_requests_it_names_as_often_as_it_says(server: LoopbackServer, http: HTTPConnection) -> None:
    server.faults.add(Answer(503, b"no"), method="GET", path=r"/b\?x=", times=2, skip=1)
    said = [_get(http, path) for path in ("/a", "/b?x=1", "/b", "/b?x=2", "/b?x=3", "/b?x=4")]
    assert [text == b"no" for text in said] == [False, False, False, True, True, False]
    assert server.faults.pending() == []


def test_a_fault_can_last_until_it_is_cleared(server: LoopbackServer, http: HTTPConnection) -> None:
    server.faults.add(Answer(503, b"no"), times=-1)
    assert [_get(http) for _ in range(3)] == [b"no"] * 3
    server.faults.clear()
    assert _get(http) == b"GET /a "


def test_a_slow_request_does_not_hold_up_another(server: LoopbackServer, http: HTTPConnection) -> None:
    held, go_on, counter = threading.Event(), threading.Event(), Counter()

    def slow(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            held.set()
            assert go_on.wait(60)
        return counter(environ, start)

    server.app = slow
    http.request("GET", "/slow")
    assert held.wait(60)
    other = HTTPConnection("127.0.0.1", server.port, timeout=30)
    assert _get(other) == b"GET /a "
    other.close()
    go_on.set()
    assert http.getresponse().read() == b"GET /slow "


def test_requests_are_recorded_with_what_they_carried(server: LoopbackServer, http: HTTPConnection) -> None:
    http.request("POST", "/a/b?x=1&x=2&y=", body=b"body", headers={"X-Name": "value"})
    http.getresponse().read()
    [request] = server.requests.all()
    assert (request.method, request.path, request.body, request.status) == ("POST", "/a/b", b"body", 200)
    assert request.query == {"x": ["1", "2"], "y": [""]}
    assert request.headers["x-name"] == "value"
    assert request.response_bytes == len(b"POST /a/b body")
    assert server.requests.count("POST", "^/a/") == 1
    assert server.requests.count("GET") == 0


def test_a_log_without_bodies_still_counts_their_bytes(server: LoopbackServer, http: HTTPConnection) -> None:
    for keep in (True, False):
        server.requests.clear()
        server.requests.keep_bodies = keep
        http.request("POST", "/a", body=b"body")
        http.getresponse().read()
        assert server.requests.body_bytes() == len(b"body") + len(b"POST /a body")
        assert [request.body for request in server.requests] == ([b"body"] if keep else [b""])


def test_stopping_ends_waiting_connections_and_frees_the_port(app: Counter) -> None:
    before = set(threading.enumerate())
    server = LoopbackServer(app).start()
    port = server.port
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    _get(connection)
    threads = set(threading.enumerate()) - before
    server.stop()
    server.stop()
    assert [thread.is_alive() for thread in threads] == [False, False]
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_server_that_has_vanished_answers_nobody_and_leaves_its_port_to_nobody(app: Counter) -> None:
    server = LoopbackServer(app).start()
    port = server.port
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    _get(connection)
    server.vanish()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=30)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    connection.close()
    server.stop()
    with LoopbackServer(app, port) as again:
        assert again.port == port
    assert app.served == 1


def test_an_address_is_had_only_while_running(app: Counter) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = LoopbackServer(app).url
    with LoopbackServer(app) as server, pytest.raises(RuntimeError, match="already running"):
        server.start()
