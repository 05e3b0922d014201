"""Requests without a proxy: every form of answer, and none that is taken for one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from soroe.adapters.net.body import BodyTooLarge
from soroe.adapters.net.direct import Direct
from soroe.adapters.net.transport import AnswerLost, LibraryClient, Limits, Network, NotReached, RequestCount
from soroe.sandbox.server import LoopbackServer
from tests.adapters.net.rude import rude_server

LIMITS = Limits(connect=30, read=30, whole=60, body=100_000)


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers every request alike."""
    start("200 OK", [])
    return [b"ok"]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(app) as running:
        yield running


@contextmanager
def answered_once(*pieces: bytes) -> Iterator[str]:
    """A server that answers one request, in pieces, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for number, piece in enumerate(pieces):
                    if number:
                        time.sleep(0.002)  # so that what was sent before is read by itself
                    with suppress(ConnectionError):  # whoever was told too much hangs up
                        connection.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\nX-Last: 1\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: <style.css>\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (CHUNKED, 1),
        (PLAIN, 1),
        (PLAIN + FORGED, 2),
        (INTERIM + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Folded: a\r\n  b\r\n\r\nok", 1),
        (b"HTTP/1.1 200\r\nContent-Length: 2, 2\r\n\r\nok", 2),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nok", 1),
        (HINTS + b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok", 1),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\nX-Folded: a\n\tb\n\nok", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 2),
        (CHUNKED.replace(b"\r\n", b"\r\nContent-Length: 5\r\n", 1), 2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\nX-Empty:\r\n\r\nok", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2 \t\r\n\r\nok", 1),
        (CHUNKED.replace(b"chunked", b"chunked ", 1), 1),
        (CHUNKED + FORGED, 2),
        (INTERIM + PLAIN + FORGED, 2),
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
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n: nameless\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nno header at all\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n folded: into nothing\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
        INTERIM * 30,
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


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED, INTERIM + PLAIN])
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(answer: bytes) -> None:
    for cut in range(1, len(answer)):
        with answered_once(answer[:cut], answer[cut:]) as url:
            client = LibraryClient(RequestCount(), Network(LIMITS))
            assert client.request(url, "POST", b"x")[1] == b"ok"
            client.close()


def test_an_answer_larger_than_allowed_is_refused_however_it_comes() -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n" + b"x" * 100_001
    for pieces in ([large], [large[:70], large[70:]]):
        with answered_once(*pieces) as url, pytest.raises(BodyTooLarge):
            LibraryClient(RequestCount(), Network(LIMITS)).request(url)


def test_a_head_that_ends_early_is_no_answer() -> None:
    for answer in (
        PLAIN[:-1],
        PLAIN[:-2],
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1",
    ):
        with answered_once(answer) as url, pytest.raises(AnswerLost):
            LibraryClient(RequestCount(), Network(LIMITS)).request(url, "POST", b"x")


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, *[b"X: y\r\n"] * 5, b"Content-Length: 2\r\n\r\nok"],
        [*[INTERIM] * 5, PLAIN],
        [CHUNKED[:-2], *[b"X: y\r\n"] * 5, b"\r\n"],
    ],
)
def test_an_answer_that_trickles_is_given_up_whichever_part_of_it_does(pieces: list[bytes]) -> None:
    ticks = iter(range(0, 10_000, 3))
    client = LibraryClient(RequestCount(), Network(Limits(whole=5), clock=lambda: float(next(ticks))))
    with answered_once(*pieces) as url, pytest.raises(AnswerLost):
        client.request(url, "POST", b"x")


def test_no_head_takes_long_to_refuse() -> None:
    blanks = b" " * 60_000
    for piece in (blanks + b"\0", b"a" * 60_000 + b"\0", b"a" + blanks + b":", b"a:" + b" \t" * 30_000 + b"\r"):
        began = time.process_time()
        with answered_once(b"HTTP/1.1 200 OK\r\n" + piece + b"\r\n\r\n") as url, pytest.raises(AnswerLost):
            LibraryClient(RequestCount(), Network(LIMITS)).request(url, "POST", b"x")
        assert time.process_time() - began < 0.5


def test_a_header_that_comes_twice_is_told_as_one() -> None:
    with answered_once(b"HTTP/1.1 204 None\r\nWWW-Authenticate: a\r\nX:\tb \r\nwww-authenticate: c\r\n\r\n") as url:
        client = LibraryClient(RequestCount(), Network(LIMITS))
        response, body = client.request(url)
        client.close()
    assert (dict(response), body) == ({"www-authenticate": "a, c", "x": "b"}, b"")


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    with answered_once(b"HTTP/1.1 200 OK\r\n\r\nto the end") as url:
        assert LibraryClient(RequestCount(), Network(LIMITS)).request(url)[1] == b"to the end"


def test_a_header_of_two_lines_is_never_sent(server: LoopbackServer) -> None:
    count = RequestCount()
    client = LibraryClient(count, Network(LIMITS))
    with pytest.raises(ValueError, match="header"):
        client.request(f"{server.url}/x", "POST", b"", {"if-match": '"1"\r\nauthorization: other'})
    client.close()
    assert (count.sent, len(server.requests)) == (0, 0)


@pytest.mark.parametrize(
    "headers", [{"a\r\nb": "c"}, {"": "a"}, {"a b": "c"}, {"a": "b\nc"}, {"a": "b\0"}, {"\u65e5": "a"}]
)
def test_what_is_no_header_is_never_sent(server: LoopbackServer, headers: dict[str, str]) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    with pytest.raises(ValueError, match=r"header|latin-1"):
        client.request(f"{server.url}/x", "POST", b"", headers)
    assert len(server.requests) == 0


def test_a_connection_that_comes_free_while_all_are_closed_is_closed_too(server: LoopbackServer) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    client.request(f"{server.url}/x")
    [direct] = client._pools.values()
    assert isinstance(direct, Direct)

    class Closing(list[Any]):
        def append(self, line: Any) -> None:
            """As another thread may, after it was seen that nothing is closed yet."""
            direct.close()
            super().append(line)

    direct._kept = kept = Closing(direct._kept)
    direct.ask("GET", "/x", None, {})
    assert kept == []


def test_a_host_that_begins_like_a_known_one_is_another(server: LoopbackServer) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    client.request(f"{server.url}/x")
    for address in (f"{server.url}9", f"{server.url}9/x", f"{server.url}@example.com/x", f"{server.url}.example.com/x"):
        with pytest.raises((ValueError, NotReached)):
            client.request(address)
    client.request(f"{server.url}?x=/y#z")
    assert [(one.path, one.query) for one in server.requests.all()] == [("/x", {}), ("/", {"x": ["/y"]})]
    client.close()


def test_an_address_is_encoded_where_it_is_not(server: LoopbackServer) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    client.request(f"{server.url}/caf\u00e9%20x?q=\u65e5 1")
    assert [request.path for request in server.requests.all()] == ["/caf%C3%A9%20x"]
    client.close()
