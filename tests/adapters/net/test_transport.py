"""The HTTP client against real sockets: bounded answers, no redirects, no silent repeats, trust and proxies."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.net.address import UnsafeAddress
from soroe.adapters.net.body import BodyBroken, BodyTooLarge
from soroe.adapters.net.failures import network_trouble
from soroe.adapters.net.heads import READ_AT_ONCE
from soroe.adapters.net.transport import AnswerLost, LibraryClient, Limits, Network, NotReached, RequestCount
from soroe.ports.errors import AdminRequired, RetryLater, ServiceFault
from soroe.sandbox.faults import DropAfterProcessing, DropConnectionBefore, HugeBody, TruncateBody
from soroe.sandbox.server import LoopbackServer
from tests.adapters.net.rude import rude_server
from tests.adapters.net.secure import closed_proxy, tls_server

LIMITS = Limits(connect=30, read=30, whole=60, body=100_000)


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers with what the path asks for."""
    path = environ["PATH_INFO"]
    headers = [("Content-Type", "application/json")]
    match path:
        case "/redirect":
            start("302 Found", [("Location", "http://elsewhere.example/")])
            return [b""]
        case "/bomb":
            start("200 OK", [*headers, ("Content-Encoding", "gzip")])
            return [gzip.compress(b"0" * 10_000_000)]
        case "/packed":
            start("200 OK", [*headers, ("Content-Encoding", environ["QUERY_STRING"])])
            plain = b'{"a": 1}'
            bare = zlib.compressobj(wbits=-15)
            packed = {"gzip": gzip.compress(plain), "deflate": bare.compress(plain) + bare.flush()}
            return [packed.get(environ["QUERY_STRING"], b"\x00\x01")]
        case _:
            start("200 OK", headers)
            return [environ["REQUEST_METHOD"].encode() + b" " + environ["wsgi.input"].read()]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(app) as running:
        yield running


Ask = Callable[..., tuple[int, bytes]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    client = LibraryClient(RequestCount(), Network(LIMITS))

    def send(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        response, content = client.request(url, method, body)
        return response.status, content

    yield send
    client.close()


def test_an_answer_comes_back(server: LoopbackServer, ask: Ask) -> None:
    assert ask(f"{server.url}/x", "POST", b"hello") == (200, b"POST hello")


def test_a_redirect_is_returned_and_not_followed(server: LoopbackServer, ask: Ask) -> None:
    assert ask(f"{server.url}/redirect")[0] == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_answer_is_unpacked(server: LoopbackServer, ask: Ask, packing: str) -> None:
    assert ask(f"{server.url}/packed?{packing}") == (200, b'{"a": 1}')


def test_an_answer_packed_in_a_way_nobody_offered_is_an_error(server: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(BodyBroken):
        ask(f"{server.url}/packed?br")


def test_a_huge_answer_is_cut_off(server: LoopbackServer, ask: Ask) -> None:
    server.faults.add(HugeBody(200_000))
    with pytest.raises(BodyTooLarge):
        ask(f"{server.url}/x")


def test_a_packed_bomb_is_not_unpacked(server: LoopbackServer, ask: Ask) -> None:
    with pytest.raises(BodyTooLarge) as trouble:
        ask(f"{server.url}/bomb")
    assert isinstance(network_trouble(trouble.value), ServiceFault)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "http://u:p@127.0.0.1/"]
)
def test_an_unsafe_address_is_never_asked(ask: Ask, url: str) -> None:
    with pytest.raises(UnsafeAddress) as trouble:
        ask(url)
    assert isinstance(network_trouble(trouble.value), ServiceFault)


@pytest.mark.parametrize("effect", [DropAfterProcessing(), TruncateBody(3), DropConnectionBefore()])
def test_an_answer_that_is_lost_leaves_the_outcome_unknown_and_is_not_sent_twice(
    server: LoopbackServer, ask: Ask, effect: Any
) -> None:
    ask(f"{server.url}/warm")
    server.requests.clear()
    server.faults.add(effect, times=-1)
    with pytest.raises(OSError) as trouble:
        ask(f"{server.url}/x", "POST", b"once")
    translated = network_trouble(trouble.value)
    assert isinstance(translated, RetryLater)
    assert translated.outcome_unknown
    assert len(server.requests) == 1


def test_a_request_that_never_left_is_known_to_be_undone(ask: Ask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError) as trouble:
            ask(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    translated = network_trouble(trouble.value)
    assert isinstance(translated, RetryLater)
    assert not translated.outcome_unknown


def test_a_server_that_says_nothing_is_given_up() -> None:
    client = LibraryClient(RequestCount(), Network(Limits(connect=30, read=0.2)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(OSError) as trouble:
            client.request(f"http://127.0.0.1:{silent.getsockname()[1]}/", "POST", b"x")
        translated = network_trouble(trouble.value)
        assert isinstance(translated, RetryLater)
        assert translated.outcome_unknown


def test_a_certificate_that_nobody_vouches_for_is_a_matter_for_it(ask: Ask, tmp_path: Path) -> None:
    with tls_server(tmp_path) as address, pytest.raises(OSError) as trouble:
        ask(address)
    translated = network_trouble(trouble.value)
    assert isinstance(translated, AdminRequired)
    assert translated.code == "certificate"


def test_a_trusted_certificate_is_all_it_takes(tmp_path: Path) -> None:
    running = tls_server(tmp_path)
    trust = ssl.create_default_context(cafile=str(running.file))
    network = Network(LIMITS, trust=lambda: trust)
    client = LibraryClient(RequestCount(), network)
    with running as address:
        assert client.request(address)[1] == b"ok"
    client.close()


def test_what_was_said_unasked_in_a_secure_connection_is_no_answer_to_the_next_question(tmp_path: Path) -> None:
    """All of the record has left the socket by then: what is read of it at once, and the rest, which waits with the
    cipher."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"1ff3\r\n" + b"x" * 0x1FF3 + b"\r\n0\r\n\r\n"
    assert len(body) == READ_AT_ONCE
    running = tls_server(tmp_path, head, body + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    trust = ssl.create_default_context(cafile=str(running.file))
    client = LibraryClient(RequestCount(), Network(LIMITS, trust=lambda: trust))
    with running as address:
        for _ in range(2):
            assert client.request(address)[1] == b"x" * 0x1FF3
        client.close()
    assert running.opened == 2


def test_a_proxy_that_wants_a_password_is_a_matter_for_it() -> None:
    count = RequestCount()
    client = LibraryClient(count, Network(LIMITS, proxy=lambda _: proxy))
    with closed_proxy() as proxy, pytest.raises(NotReached, match="407") as trouble:
        client.request("https://calendar.example/", "POST", b"once")
    translated = network_trouble(trouble.value)
    assert isinstance(translated, AdminRequired)
    assert translated.code == "proxy_authentication"
    assert count.sent == 0


def test_a_proxys_password_is_shown_to_the_proxy_alone() -> None:
    running = closed_proxy()
    with running as proxy:
        named = proxy.replace("//", "//sato:p%40ss@")
        client = LibraryClient(RequestCount(), Network(LIMITS, proxy=lambda _: named))
        with pytest.raises(NotReached) as trouble:
            client.request("https://calendar.example/secret")
    assert b"CONNECT calendar.example:443 " in running.heard
    assert b"Basic " + b64encode(b"sato:p@ss") in running.heard
    assert b"secret" not in running.heard
    assert "p@ss" not in str(trouble.value)


def test_a_host_out_of_reach_is_looked_for_by_another_way_the_next_time() -> None:
    asked: list[str] = []

    def proxy(url: str) -> str:
        asked.append(url)
        return "http://127.0.0.1:9"

    client = LibraryClient(RequestCount(), Network(LIMITS, proxy=proxy))
    for _ in range(2):
        with pytest.raises(NotReached):
            client.request("https://calendar.example/")
    assert len(asked) == 2


def test_a_kept_connection_that_went_stale_is_replaced_without_a_word(server: LoopbackServer) -> None:
    count = RequestCount()
    client = LibraryClient(count, Network(LIMITS))
    client.request(f"{server.url}/x")
    port = server.port
    server.stop()
    with LoopbackServer(app, port) as again:
        response, _ = client.request(f"{again.url}/x", "POST", b"once")
        assert response.status == 200
        assert len(again.requests) == 1
    assert count.sent == 2
    client.close()


def test_a_connection_is_kept_for_the_next_request() -> None:
    with rude_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", answers=2) as (url, connections):
        client = LibraryClient(RequestCount(), Network(LIMITS))
        assert client.request(url)[1] == client.request(url)[1] == b"ok"
        client.close()
        assert len(connections) == 1


@pytest.mark.parametrize(("method", "lost"), [("GET", False), ("POST", True)])
def test_only_a_question_is_asked_again_when_a_kept_connection_breaks(method: str, lost: bool) -> None:
    with rude_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", answers=1) as (url, connections):
        client = LibraryClient(RequestCount(), Network(LIMITS))
        assert client.request(url)[1] == b"ok"
        with pytest.raises(AnswerLost) if lost else nullcontext():
            assert client.request(url, method, b"x")[1] == b"ok"
        client.close()
        assert len(connections) == (1 if lost else 2)


def test_nothing_of_an_address_reaches_a_log(server: LoopbackServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client = LibraryClient(RequestCount(), Network(LIMITS))
        client.request(f"{server.url}/calendars/sato%40example.com?syncToken=abc")
        client.close()
    assert "sato" not in caplog.text
    assert "syncToken" not in caplog.text


def test_threads_share_a_client(server: LoopbackServer) -> None:
    client = LibraryClient(RequestCount(), Network(LIMITS))
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda n: client.request(f"{server.url}/x", "POST", str(n).encode())[1], range(64))
        assert list(found) == [f"POST {n}".encode() for n in range(64)]
    client.close()


def test_an_answer_that_trickles_is_given_up_as_a_whole() -> None:
    ticks = iter(range(0, 10_000, 3))
    client = LibraryClient(RequestCount(), Network(Limits(whole=5), clock=lambda: float(next(ticks))))
    big = b"x" * 400_000

    def trickle(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [])
        return [big]

    with LoopbackServer(trickle) as slow, pytest.raises(AnswerLost):
        client.request(slow.url)


def test_requests_are_counted_over_threads() -> None:
    count = RequestCount()

    def work() -> None:
        for _ in range(500):
            count.add()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count.sent == 2000
