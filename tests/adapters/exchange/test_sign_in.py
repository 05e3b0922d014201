"""Signing in: the server found without a password, the password sent once, and every way it can fail told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from soroe.adapters.exchange.calendar import ExchangeCalendar
from soroe.adapters.exchange.find_server import Search, find_server
from soroe.adapters.exchange.probe import chosen, offered_by
from soroe.adapters.exchange.settings import Auth, ExchangeSecret, ExchangeSettings
from soroe.adapters.exchange.sign_in import sign_in
from soroe.adapters.net.transport import Network, NotReached, Response
from soroe.ports.errors import (
    AdminRequired,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)
from soroe.sandbox.exchange import EXCHANGE_ONLINE, ExchangeSandbox
from tests.fakes.clock import Clock

from .conftest import NOW, SATO, Desk

PASSWORD = "正しい馬 correct horse"
HTML = b"<!DOCTYPE html><html><body>Welcome to the hotel</body></html>"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[ExchangeSandbox]:
    with ExchangeSandbox(clock=clock) as sandbox:
        sandbox.add_account(SATO, PASSWORD)
        yield sandbox


def settings(server: ExchangeSandbox, **more: Any) -> ExchangeSettings:
    return ExchangeSettings(**{"email": SATO, "endpoint": server.ews_url, "zone": "Asia/Tokyo", **more})


def refused(server: ExchangeSandbox, clock: Clock, password: str = PASSWORD, **more: Any) -> PortError:
    with pytest.raises(PortError) as raised:
        sign_in(settings(server, **more), password, now=clock)
    return raised.value


def passwords_sent(server: ExchangeSandbox) -> int:
    """How many requests carried a proof of a password; an NTLM greeting is none."""
    told = [str(one.headers.get("authorization", "")) for one in server.requests]
    return sum(one.startswith("Basic ") or (one.startswith("NTLM ") and len(one) > 100) for one in told)


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
@pytest.mark.parametrize("username", ["", SATO, "EXAMPLE\\sato", "sato"])
def test_a_password_opens_the_mailbox_and_is_sent_once(
    server: ExchangeSandbox, clock: Clock, auth: Auth, username: str
) -> None:
    done = sign_in(settings(server, auth=auth, username=username), PASSWORD, now=clock)
    secret = ExchangeSecret.parse(done.secret)
    assert (secret.endpoint, secret.auth, secret.identity) == (server.ews_url, auth, SATO)
    assert secret.build.startswith("15.2.") and secret.password == PASSWORD
    assert (done.identity.key, done.identity.name) == (SATO, SATO)
    assert passwords_sent(server) == 1


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
def test_what_signing_in_found_opens_the_calendar(server: ExchangeSandbox, clock: Clock, auth: Auth) -> None:
    wanted = settings(server, auth=auth)
    done = sign_in(wanted, PASSWORD, now=clock)
    calendar = ExchangeCalendar(wanted, lambda: done.secret, now=clock)
    assert calendar.identity() == done.identity
    (entry,) = calendar.containers()
    assert entry.primary and entry.zone == "Asia/Tokyo"
    calendar.close()


def test_without_an_address_the_mailbox_is_that_of_whoever_signs_in(server: ExchangeSandbox, clock: Clock) -> None:
    login = "EXAMPLE\\sato"
    chosen_server = settings(server, email="", username=login)
    done = sign_in(chosen_server, PASSWORD, now=clock)
    assert (done.identity.key, done.identity.name) == (login.casefold(), login)
    calendar = ExchangeCalendar(chosen_server, lambda: done.secret, now=clock)
    assert calendar.identity() == done.identity
    assert [entry.primary for entry in calendar.containers()] == [True]
    calendar.close()


@pytest.mark.parametrize("auth", [Auth.NTLM, Auth.BASIC])
def test_a_wrong_password_is_sent_once_and_no_more(server: ExchangeSandbox, clock: Clock, auth: Auth) -> None:
    error = refused(server, clock, "wrong", auth=auth)
    assert isinstance(error, SignInRequired) and error.code == "password_refused"
    assert passwords_sent(server) == 1


def test_an_account_with_two_factors_takes_its_app_password(server: ExchangeSandbox, clock: Clock) -> None:
    server.require_app_password(SATO, "app-pass-word")
    assert str(refused(server, clock)) == "password_refused"
    assert sign_in(settings(server), "app-pass-word", now=clock).identity.key == SATO


def test_a_locked_account_and_an_expired_password_are_told_apart(server: ExchangeSandbox, clock: Clock) -> None:
    server.lock_account(SATO)
    assert str(refused(server, clock)) == "account_locked"
    server.lock_account(SATO, locked=False)
    server.expire_password(SATO)
    assert str(refused(server, clock)) == "password_expired"


def test_no_password_is_not_sent_at_all(server: ExchangeSandbox, clock: Clock) -> None:
    assert isinstance(refused(server, clock, ""), SignInRequired) and passwords_sent(server) == 0


def test_switched_off_ews_is_for_it(server: ExchangeSandbox, clock: Clock) -> None:
    server.switch_off_ews(SATO)
    error = refused(server, clock)
    assert isinstance(error, AdminRequired) and error.code == "ews_switched_off"


def test_signing_in_as_another_person_does_not_open_her_calendar(server: ExchangeSandbox, clock: Clock) -> None:
    server.add_account("suzuki@example.com", "hers")
    error = refused(server, clock, "hers", username="suzuki@example.com")
    assert isinstance(error, PortError) and not isinstance(error, RetryLater)


def test_a_mailbox_in_the_cloud_is_known_before_any_password_is_sent(clock: Clock) -> None:
    with ExchangeSandbox(clock=clock, schemes=("Bearer",), build=EXCHANGE_ONLINE) as server:
        server.add_account(SATO, PASSWORD)
        assert str(refused(server, clock)) == "exchange_online" and passwords_sent(server) == 0
    for wanted in (
        ExchangeSettings(SATO, endpoint="https://outlook.office365.com/EWS/Exchange.asmx"),
        ExchangeSettings(SATO, server="Outlook.Office365.com"),
    ):
        with pytest.raises(SignInRequired, match="exchange_online"):
            sign_in(wanted, PASSWORD, now=clock)
    with pytest.raises(SignInRequired, match="exchange_online"):
        sign_in(ExchangeSettings("sato@outlook.com", autodiscover=True), PASSWORD, now=clock)


@pytest.mark.parametrize(
    ("status", "headers", "body", "meant", "code"),
    [
        (404, {}, b"", SignInRequired, "server_not_found"),
        (302, {"Location": "/owa/"}, b"", SignInRequired, "server_not_found"),
        (302, {"Location": "https://portal.hotel.example/"}, b"", RetryLater, "captive_portal"),
        (200, {"Content_Type": "text/html"}, HTML, RetryLater, "captive_portal"),
        (200, {}, b"<ok/>", AdminRequired, "no_sign_in_wanted"),
        (403, {}, b"", AdminRequired, "ews_switched_off"),
        (407, {}, b"", AdminRequired, "proxy_authentication"),
        (401, {"WWW_Authenticate": "Bearer realm=x"}, b"", AdminRequired, "no_known_sign_in"),
        (401, {"WWW_Authenticate": "Bearer", "ms_diagnostics_public": "not using Modern Auth"}, b"",
         SignInRequired, "exchange_online"),
        (503, {}, b"", RetryLater, "http_503"),
    ],
)  # fmt: skip # short values, several a line
def test_a_server_that_is_in_no_order_is_told_before_a_password_is_sent(
    desk: Desk, status: int, headers: dict[str, str], body: bytes, meant: type[PortError], code: str
) -> None:
    desk.canned.answers(status, body, **headers)
    with pytest.raises(PortError) as raised:
        sign_in(desk.settings(), PASSWORD, now=lambda: NOW)
    assert type(raised.value) is meant and str(raised.value) == code
    assert not any("HTTP_AUTHORIZATION" in one for one in desk.canned.asked)


def test_a_server_that_cannot_be_reached_and_an_address_that_is_not_safe() -> None:
    with pytest.raises(RetryLater, match="server_unreachable"):
        sign_in(ExchangeSettings(SATO, endpoint="http://127.0.0.1:9/EWS/Exchange.asmx"), PASSWORD, now=lambda: NOW)
    with pytest.raises(ServiceFault, match="unsafe_address"):
        sign_in(ExchangeSettings(SATO, endpoint="http://mail.example.com/EWS"), PASSWORD, now=lambda: NOW)


def test_a_clock_that_is_wrong_is_told_where_the_sign_in_needs_it(server: ExchangeSandbox, clock: Clock) -> None:
    server.sign_in.schemes = ("NTLM",)
    with pytest.raises(LocalTrouble, match="clock_wrong"):
        sign_in(settings(server), PASSWORD, now=lambda: clock() + timedelta(hours=1))


def test_a_kerberos_that_is_not_installed_is_named(server: ExchangeSandbox, clock: Clock) -> None:
    server.sign_in.schemes = ("Negotiate",)
    error = refused(server, clock, "", auth=Auth.KERBEROS)
    assert isinstance(error, LocalTrouble) and error.code == "kerberos_not_installed"


def test_autodiscover_tells_the_server_to_whoever_signs_in(server: ExchangeSandbox, clock: Clock) -> None:
    wanted = ExchangeSettings(SATO, server=f"{server.url}/", autodiscover=True, auth=Auth.BASIC, zone="Asia/Tokyo")
    done = sign_in(wanted, PASSWORD, now=clock)
    assert ExchangeSecret.parse(done.secret).endpoint == server.ews_url
    calendar = ExchangeCalendar(wanted, lambda: done.secret, now=clock)
    assert calendar.identity().key == SATO
    calendar.close()


def test_a_password_that_autodiscover_refuses_is_tried_nowhere_else(server: ExchangeSandbox, clock: Clock) -> None:
    wanted = ExchangeSettings(SATO, server=server.url, autodiscover=True, auth=Auth.BASIC)
    with pytest.raises(SignInRequired, match="password_refused"):
        sign_in(wanted, "wrong", now=clock)
    assert passwords_sent(server) == 1


def test_a_changed_server_does_not_get_the_password_of_the_old_one(server: ExchangeSandbox, clock: Clock) -> None:
    done = sign_in(settings(server), PASSWORD, now=clock)
    calendar = ExchangeCalendar(settings(server, endpoint="https://evil.example/EWS"), lambda: done.secret, now=clock)
    with pytest.raises(SignInRequired, match="signed_in_before_a_change"):
        calendar.identity()


def test_the_strongest_sign_in_that_the_server_offers_is_taken() -> None:
    assert offered_by("Negotiate, NTLM, Basic realm=x") == set(Auth)
    assert offered_by('Basic realm="mail"') == {Auth.BASIC} and offered_by("Bearer") == frozenset()
    assert chosen(Auth.NTLM, frozenset({Auth.BASIC})) is Auth.BASIC
    assert chosen(Auth.BASIC, frozenset({Auth.NTLM, Auth.KERBEROS})) is Auth.NTLM
    with pytest.raises(AdminRequired):
        chosen(Auth.KERBEROS, frozenset({Auth.BASIC}))


class Names:
    """A network in which only some hosts answer; everything else cannot be reached."""

    def __init__(self, **answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = {name.replace("__", "/").replace("_", "."): answer for name, answer in answers.items()}
        self.asked: list[str] = []

    def request(self, uri: str, *_method: object, **_more: object) -> tuple[Response, bytes]:
        self.asked.append(uri)
        for name, (status, headers, body) in self.answers.items():
            if name in uri:
                return Response(status, headers), body
        raise NotReached("nobody there")


def search(names: Names, canonical: str = "") -> Search:
    found = ExchangeSettings("sato@aoki.example", autodiscover=True)
    return Search(found, PASSWORD, names, NOW, Network(), lambda _host: canonical)  # type: ignore[arg-type] # the shape of it


CHALLENGE = (401, {"www-authenticate": "NTLM"}, b"")


def test_autodiscover_that_needs_no_sign_in_is_asked_first() -> None:
    told = b'{"Protocol":"EWS","Url":"https://owa.aoki.example/EWS/Exchange.asmx"}'
    names = Names(autodiscover_json=(200, {}, told), owa_aoki_example=CHALLENGE)
    found = find_server(search(names))
    assert found.endpoint == "https://owa.aoki.example/EWS/Exchange.asmx" and found.offered == {Auth.NTLM}


def test_the_usual_names_of_a_domain_are_tried_where_nothing_is_told() -> None:
    names = Names(mail_aoki_example__EWS=CHALLENGE, mail_aoki_example=(404, {}, b""))
    found = find_server(search(names))
    assert found.endpoint == "https://mail.aoki.example/EWS/Exchange.asmx"


def test_a_domain_that_lives_in_the_cloud_is_known_by_its_names() -> None:
    names = Names()
    with pytest.raises(SignInRequired, match="exchange_online"):
        find_server(search(names, "autodiscover.outlook.com"))
    assert names.asked == []


def test_a_domain_without_any_server_is_told_as_that() -> None:
    with pytest.raises(SignInRequired, match="server_not_found"):
        find_server(search(Names(aoki=(404, {}, b""))))
    with pytest.raises(SignInRequired, match="server_not_found"):
        find_server(replace(search(Names()), settings=ExchangeSettings("")))


def test_a_secret_of_another_kind_asks_for_a_sign_in() -> None:
    for text in ("", "{}", "null", "[]", '{"kind":"google"}', "\ud800"):
        with pytest.raises(SignInRequired, match="secret_unreadable"):
            ExchangeSecret.parse(text)
    with pytest.raises(ValueError, match="characters"):
        ExchangeSecret("x" * 2_000, "https://mail.example.com/", Auth.NTLM).text()
