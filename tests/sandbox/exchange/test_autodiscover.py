"""Autodiscover: the SOAP service as exchangelib asks it, and the older one in plain XML."""

from __future__ import annotations

import exchangelib  # type: ignore[import-untyped]  # it publishes no typing information
import httpx
import pytest
from exchangelib.autodiscover.protocol import AutodiscoverProtocol  # type: ignore[import-untyped]  # as above
from exchangelib.errors import ErrorNonExistentMailbox  # type: ignore[import-untyped]  # as above

from soroe.sandbox.exchange import ExchangeSandbox
from tests.sandbox.exchange.caller import PASSWORD, SATO, envelope
from tests.sandbox.exchange.conftest import LibraryAccount

PLAIN = "/Autodiscover/Autodiscover.xml"
INNER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


@pytest.fixture
def protocol(exchange: ExchangeSandbox, library: LibraryAccount) -> AutodiscoverProtocol:
    configuration = exchangelib.Configuration(
        service_endpoint=exchange.autodiscover_url,
        credentials=exchangelib.Credentials(SATO, PASSWORD),
        auth_type="basic",
    )
    return AutodiscoverProtocol(config=configuration)


def test_the_library_learns_the_address(exchange: ExchangeSandbox, protocol: AutodiscoverProtocol) -> None:
    told = protocol.get_user_settings(SATO)
    assert told.ews_url == exchange.ews_url
    assert told.autodiscover_smtp_address == SATO
    assert told.version is not None


def test_an_unknown_address_is_told_as_such(protocol: AutodiscoverProtocol) -> None:
    with pytest.raises(ErrorNonExistentMailbox):
        protocol.get_user_settings("nobody@example.com").raise_errors()


def test_a_mailbox_may_have_moved(exchange: ExchangeSandbox, protocol: AutodiscoverProtocol) -> None:
    exchange.autodiscover.redirect_address = "sato@new.example.com"
    assert protocol.get_user_settings(SATO).redirect_address == "sato@new.example.com"
    exchange.autodiscover.redirect_url = "https://other.example.com/autodiscover/autodiscover.svc"
    assert protocol.get_user_settings(SATO).redirect_url == exchange.autodiscover.redirect_url


def ask(sandbox: ExchangeSandbox, body: bytes, path: str = PLAIN, *, sign_in: bool = True) -> str:
    auth = (SATO, PASSWORD) if sign_in else None
    headers = {"Content-Type": "text/xml"}
    with httpx.Client(auth=auth, trust_env=False, verify=False, timeout=60) as http:
        response = http.post(f"{sandbox.url}{path}", content=body, headers=headers)
    return response.text if response.status_code == 200 else str(response.status_code)


def plain(email: str, schema: str = INNER) -> bytes:
    return (
        '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>'
        f"<EMailAddress>{email}</EMailAddress><AcceptableResponseSchema>{schema}</AcceptableResponseSchema></Request>"
        "</Autodiscover>"
    ).encode()


def test_the_older_service_tells_the_address_too(exchange: ExchangeSandbox) -> None:
    assert f"<EwsUrl>{exchange.ews_url}</EwsUrl>" in ask(exchange, plain(SATO))
    exchange.autodiscover.redirect_address = "sato@new.example.com"
    assert "<RedirectAddr>sato@new.example.com</RedirectAddr>" in ask(exchange, plain(SATO))


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"<x", "600"), (plain(""), "600"), (plain(SATO, "other"), "601"), (plain("nobody@example.com"), "500")],
)
def test_the_older_service_has_codes_of_its_own(exchange: ExchangeSandbox, body: bytes, code: str) -> None:
    assert f"<ErrorCode>{code}</ErrorCode>" in ask(exchange, body)


def test_nobody_learns_anything_without_a_sign_in(exchange: ExchangeSandbox) -> None:
    assert ask(exchange, plain(SATO), sign_in=False) == "401"
    assert ask(exchange, envelope("<m:GetUserSettings/>"), "/autodiscover/autodiscover.svc") == "500"
