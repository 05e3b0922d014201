"""Requests through a proxy: told apart are those that left and those that did not, as without one."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from soroe.adapters.net.heads import READ_AT_ONCE
from soroe.adapters.net.transport import AnswerLost, LibraryClient, Limits, Network, NotReached, RequestCount
from soroe.sandbox.faults import DropAfterProcessing, DropConnectionBefore, TruncateBody
from soroe.sandbox.microsoft365.tls import TlsServer
from tests.adapters.net.secure import tls_server, tunnel

LIMITS = Limits(connect=30, read=30, whole=60, body=100_000)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: <style.css>\r\n\r\n"


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answers every request with what it carried."""
    start("200 OK", [])
    return [environ["wsgi.input"].read()]


@pytest.fixture
def server() -> Iterator[TlsServer]:
    with TlsServer(app) as running:
        yield running


@pytest.fixture
def client(server: TlsServer) -> Iterator[LibraryClient]:
    with tunnel(server.port) as proxy:
        yield from _through(proxy, server.authority_file)


def _through(proxy: str, authority: Path) -> Iterator[LibraryClient]:
    trust = ssl.create_default_context(cafile=str(authority))
    client = LibraryClient(RequestCount(), Network(LIMITS, trust=lambda: trust, proxy=lambda _: proxy))
    yield client
    client.close()


def test_requests_go_through_a_proxy_over_one_connection(server: TlsServer, client: LibraryClient) -> None:
    for number in range(3):
        assert client.request(f"{server.url}/x", "POST", str(number))[1] == str(number).encode()
    [pool] = client._pools.values()
    assert (pool.opened, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("effect", [DropAfterProcessing(), DropConnectionBefore(), TruncateBody(1)])
@pytest.mark.parametrize("warm", [True, False], ids=["kept", "new"])
def test_what_breaks_behind_a_proxy_leaves_the_outcome_unknown_and_is_not_sent_twice(
    server: TlsServer, client: LibraryClient, effect: Any, warm: bool
) -> None:
    if warm:
        client.request(f"{server.url}/warm")
        server.requests.clear()
    server.faults.add(effect, times=-1)
    with pytest.raises(AnswerLost):
        client.request(f"{server.url}/x", "POST", b"once")
    assert len(server.requests) == 1


def test_a_question_is_asked_again_when_a_kept_connection_through_a_proxy_breaks(
    server: TlsServer, client: LibraryClient
) -> None:
    client.request(f"{server.url}/warm")
    server.faults.add(DropConnectionBefore())
    assert client.request(f"{server.url}/x")[0].status == 200
    assert [one.status for one in server.requests] == [200, 0, 200]


def test_a_proxy_that_hangs_up_before_it_connects_has_sent_nothing(server: TlsServer, client: LibraryClient) -> None:
    server.vanish()
    with pytest.raises(NotReached):
        client.request("https://localhost:9/x", "POST", b"never")


@pytest.mark.parametrize("piece", [[HINTS + PLAIN], [HINTS, PLAIN], [HINTS * 3 + PLAIN]])
def test_an_answer_that_only_announces_another_is_passed_over(tmp_path: Path, piece: list[bytes]) -> None:
    running = tls_server(tmp_path, *piece)
    with running as address, tunnel(running.port) as proxy:
        for client in _through(proxy, running.file):
            response, body = client.request(address)
    assert (response.status, body) == (200, b"ok")


def test_announcements_without_end_are_no_answer(tmp_path: Path) -> None:
    running = tls_server(tmp_path, HINTS * 30 + PLAIN)
    with running as address, tunnel(running.port) as proxy:
        for client in _through(proxy, running.file):
            with pytest.raises(AnswerLost):
                client.request(address, "POST")


def test_what_was_said_unasked_behind_a_proxy_is_no_answer_to_the_next_question(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"1ff3\r\n" + b"x" * 0x1FF3 + b"\r\n0\r\n\r\n"
    assert len(body) == READ_AT_ONCE
    running = tls_server(tmp_path, head, body + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    with running as address, tunnel(running.port) as proxy:
        for client in _through(proxy, running.file):
            for _ in range(2):
                assert client.request(address)[1] == b"x" * 0x1FF3
    assert running.opened == 2
