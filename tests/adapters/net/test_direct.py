"""Requests without a proxy: every form of answer, and none that is taken for one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from soroe.adapters.net.transport import AnswerLost, LibraryClient, Limits, Network, RequestCount
from soroe.sandbox.server import LoopbackServer
from tests.adapters.net.rude import rude_server

LIMITS = Limits(connect=2, read=2, whole=5, body=100_000)


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers every request alike."""
    start("200 OK", [])
    return [b"ok"]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(app) as running:
        yield running


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\nX-Last: 1\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (CHUNKED, 1),
        (INTERIM + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Folded: a\r\n  b\r\n\r\nok", 1),
        (b"HTTP/1.1 200\r\nContent-Length: 2, 2\r\n\r\nok", 2),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2),
    ],
)
def test_answers_of_every_form_are_read_and_connections_kept_where_they_can_be(answer: bytes, connections: int) -> None:
    with rude_server(answer, answers=2) as (url, opened):
        client = LibraryClient(RequestCount(), Network(LIMITS))
        for _ in range(2):
            response, body = client.request(url)
            assert (response.status, body) == (200, b"ok")
            assert response.get("x-folded", "a b") == "a b"
        client.close()
        assert len(opened) == connections


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    ],
)
def test_an_answer_that_is_no_answer_counts_as_lost(answer: bytes) -> None:
    count = RequestCount()
    with rude_server(answer, answers=1) as (url, _):
        client = LibraryClient(count, Network(LIMITS))
        with pytest.raises(AnswerLost):
            client.request(url, "POST", b"x")
        client.close()
    assert count.sent == 1


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nto the end")

        thread = threading.Thread(target=serve)
        thread.start()
        assert client.request(f"http://127.0.0.1:{listener.getsockname()[1]}/")[1] == b"to the end"
        thread.join()
    client.close()


def test_a_header_of_two_lines_is_never_sent(server: LoopbackServer) -> None:
    count = RequestCount()
    client = LibraryClient(count, Network(LIMITS))
    with pytest.raises(ValueError, match="header"):
        client.request(f"{server.url}/x", "POST", b"", {"if-match": '"1"\r\nauthorization: other'})
    client.close()
    assert (count.sent, len(server.requests)) == (0, 0)


def test_an_address_is_encoded_where_it_is_not(server: LoopbackServer) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    client.request(f"{server.url}/caf\u00e9%20x?q=\u65e5 1")
    assert [request.path for request in server.requests.all()] == ["/caf%C3%A9%20x"]
    client.close()
