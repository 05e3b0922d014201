"""Certificates and proxies under exchangelib: the system's trust and nothing else, and no password for a proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.adapters.exchange.sign_in import sign_in
from soroe.adapters.exchange.wires import Ntlm, Wire, open_session
from soroe.adapters.net.transport import AnswerLost, Limits, Network, NotReached, RequestCount
from soroe.ports.errors import AdminRequired
from soroe.sandbox.exchange import ExchangeSandbox
from soroe.sandbox.faults import DropAfterProcessing, DropConnectionBefore, Effect
from soroe.sandbox.microsoft365.tls import TlsServer
from tests.adapters.net.secure import tunnel
from tests.fakes.clock import Clock

from .conftest import SATO

PASSWORD = "correct horse"


@pytest.fixture
def server() -> Iterator[TlsServer]:
    clock = Clock()
    sandbox = ExchangeSandbox(clock=clock)
    sandbox.add_account(SATO, PASSWORD)
    with TlsServer(sandbox.web.application(), clock=clock) as running:
        yield running


def settings(server: TlsServer, auth: Auth) -> ExchangeSettings:
    return ExchangeSettings(SATO, endpoint=f"{server.url}/EWS/Exchange.asmx", auth=auth, zone="Asia/Tokyo")


def trusting(server: TlsServer) -> Network:
    context = ssl.create_default_context(cafile=str(server.authority_file))
    return Network(trust=lambda: context)


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
def test_a_trusted_certificate_is_all_it_takes(server: TlsServer, auth: Auth) -> None:
    network = trusting(server)
    done = sign_in(settings(server, auth), PASSWORD, now=server.clock, network=network)
    calendar = ExchangeCalendar(settings(server, auth), lambda: done.secret, now=server.clock, network=network)
    assert calendar.identity().key == SATO
    calendar.close()


def test_a_sign_in_is_bound_to_the_certificate_for_servers_that_insist(server: TlsServer) -> None:
    ntlm = Ntlm(SATO, PASSWORD)
    session = open_session(server.url, Wire(trusting(server), RequestCount()), None, {})
    answer = session.post(f"{server.url}/EWS/Exchange.asmx")
    assert len(ntlm._get_server_cert(answer) or b"") == 32  # a hash, by which a server sees that nobody is in between
    session.close()


def test_an_unknown_certificate_is_for_it_before_and_after_the_sign_in(server: TlsServer) -> None:
    nothing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    network = Network(trust=lambda: nothing)
    with pytest.raises(AdminRequired, match="certificate"):
        sign_in(settings(server, Auth.BASIC), PASSWORD, now=server.clock, network=network)
    secret = ExchangeSecret(PASSWORD, f"{server.url}/EWS/Exchange.asmx", Auth.BASIC).text()
    calendar = ExchangeCalendar(settings(server, Auth.BASIC), lambda: secret, now=server.clock, network=network)
    with pytest.raises(AdminRequired, match="certificate"):
        calendar.identity()
    assert len(server.requests) == 0


@pytest.mark.parametrize("effect", [DropAfterProcessing(), DropConnectionBefore()])
def test_what_breaks_behind_a_proxy_may_have_been_done_and_is_not_sent_twice(server: TlsServer, effect: Effect) -> None:
    count = RequestCount()
    with tunnel(server.port) as proxy:
        session = open_session(server.url, Wire(replace(trusting(server), proxy=lambda _url: proxy), count), None, {})
        session.post(f"{server.url}/EWS/Exchange.asmx")
        server.faults.add(effect, times=-1)
        with pytest.raises(AnswerLost):
            session.post(f"{server.url}/EWS/Exchange.asmx")
        session.close()
    assert (count.sent, len(server.requests)) == (2, 2)


def test_a_proxy_that_hangs_up_before_it_connects_has_sent_nothing(server: TlsServer) -> None:
    count = RequestCount()
    with tunnel(server.port) as proxy:
        wire = Wire(replace(trusting(server), proxy=lambda _url: proxy), count)
        server.vanish()
        session = open_session("https://localhost/", wire, None, {})
        with pytest.raises(NotReached):
            session.post("https://localhost/EWS/Exchange.asmx")
        session.close()
    assert count.sent == 0


@contextmanager
def a_proxy(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that answers every first line so, and what it was sent."""
    sent: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                sent.append(connection.recv(65_536))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
def test_a_proxy_that_wants_a_sign_in_does_not_get_the_mailboxs_password(auth: Auth) -> None:
    refusal = b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    address = "https://mail.example.com/EWS/Exchange.asmx"
    secret = ExchangeSecret(PASSWORD, address, auth).text()
    with a_proxy(refusal) as (proxy, sent):
        network = Network(Limits(connect=30, read=30), proxy=lambda _url: proxy, trust=_context)
        told = ExchangeSettings(SATO, endpoint=address, auth=auth)
        calendar = ExchangeCalendar(told, lambda: secret, now=Clock(), network=network)
        with pytest.raises(AdminRequired, match="proxy_authentication"):
            calendar.identity()
    assert len(sent) == 1 and sent[0].startswith(b"CONNECT mail.example.com:443 ")
    assert b"uthorization" not in sent[0]


def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
