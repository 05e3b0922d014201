"""Signing in at Salesforce: its own ports, its own address for each organisation, and its own ways to say no."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import closing
from socket import create_server

import pytest

from soroe.adapters.crm.salesforce.crm import SalesforceCrm
from soroe.adapters.crm.salesforce.errors import sign_in_refusal
from soroe.adapters.crm.salesforce.settings import SalesforceSettings
from soroe.adapters.crm.service import Line
from soroe.adapters.net.oauth import OAuthKeys, Safe, Tokens, sign_in
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    LocalTrouble,
    PortError,
    ServiceFault,
    SignInRequired,
)
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.salesforce import SalesforceSandbox
from soroe.sandbox.salesforce.sandbox import CLIENT_ID
from tests.adapters.crm.test_sign_in import PAGES
from tests.fakes.clock import Clock
from tests.ports import port_of_our_own

PLACE = "http://localhost:{}/callback"


def signed_in(
    sandbox: SalesforceSandbox, ports: tuple[int, ...], browser: ScriptedBrowser, clock: Callable[[], object]
) -> Tokens:
    settings = SalesforceSettings(sandbox.url, CLIENT_ID, redirect_ports=ports)
    threads: list[threading.Thread] = []
    try:
        with closing(LibraryClient(RequestCount())) as http:
            return sign_in(
                settings.client(),
                http,
                lambda address: threads.append(browser.open_in_background(address)),
                lambda size: (hashlib.sha256(b"test").digest() * 2)[:size],
                clock,  # type: ignore[arg-type]  # tells times
                PAGES,
                timeout=90,
            )
    finally:
        for thread in threads:
            thread.join()


def test_the_first_port_that_is_free_is_taken_and_the_organisations_address_is_kept() -> None:
    clock, taken, free = Clock(), port_of_our_own(), port_of_our_own()
    redirects = (PLACE.format(taken), PLACE.format(free))
    with create_server(("127.0.0.1", taken)), SalesforceSandbox(clock=clock, redirects=redirects) as sandbox:
        sato = sandbox.add_user("sato@example.com", "Sato")
        tokens = signed_in(sandbox, (taken, free), ScriptedBrowser(account=sato.email), clock)
        assert tokens.site == sandbox.url
        kept = [tokens.secret()]
        settings = SalesforceSettings(sandbox.url, CLIENT_ID)
        with closing(LibraryClient(RequestCount())) as http:
            keys = OAuthKeys(settings.client(), http, Safe(lambda: kept[-1], kept.append), clock)
            crm = SalesforceCrm(settings, keys.site, keys, clock, Line())
            identity = crm.reader.identity()
            assert identity.key.endswith(f"/{sato.id}") and identity.name == sato.email
            sandbox.expire_access_tokens()
            assert crm.reader.identity() == identity and len(kept) == 2
            assert Tokens.of(kept[-1]).site == sandbox.url
            crm.close()


def test_where_every_port_is_taken_the_sign_in_says_so() -> None:
    with create_server(("127.0.0.1", 0)) as taken, SalesforceSandbox() as sandbox:
        ports = (taken.getsockname()[1],)
        with pytest.raises(LocalTrouble, match="loopback_port"):
            signed_in(sandbox, ports, ScriptedBrowser(), Clock())


def test_a_session_without_the_permission_to_ask_who_it_is_names_that() -> None:
    clock = Clock()
    with SalesforceSandbox(clock=clock) as sandbox:
        given = sandbox.permission_for(sandbox.add_user(), ("api", "refresh_token"))
        secret = Tokens(str(given["refresh_token"]), str(given["access_token"]), site=sandbox.url).secret()
        settings = SalesforceSettings(sandbox.url, CLIENT_ID)
        with closing(LibraryClient(RequestCount())) as http:
            keys = OAuthKeys(settings.client(), http, Safe(lambda: secret, lambda _text: None), clock)
            crm = SalesforceCrm(settings, keys.site, keys, clock, Line())
            with pytest.raises(ConsentMissing, match="openid"):
                crm.reader.identity()
            crm.close()


@pytest.mark.parametrize(
    ("code", "words", "means"),
    [
        ("OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error", AdminRequired("OAUTH_APPROVAL_ERROR_GENERIC")),
        ("invalid_request", "app must be installed into org", AdminRequired("OAUTH_APPROVAL_ERROR_GENERIC")),
        ("invalid_grant", "inactive user", AdminRequired("inactive_user")),
        ("inactive_org", "", AdminRequired("inactive_org")),
        ("invalid_grant", "ip restricted", AdminRequired("ip_restricted")),
        ("redirect_uri_mismatch", "", ServiceFault("redirect_uri_mismatch")),
        ("invalid_grant", "expired access/refresh token", None),
        ("access_denied", "end-user denied authorization", None),
    ],
    ids=["not installed", "in words", "user", "organisation", "network", "address", "expired", "given up"],
)
def test_what_salesforce_refuses_is_told_apart(code: str, words: str, means: PortError | None) -> None:
    found = sign_in_refusal(code, words)
    assert type(found) is type(means) and str(found) == str(means)


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("", SignInRequired("secret_is_damaged")),
        ("http://elsewhere.example.com", ServiceFault("unsafe_address")),
        ("https://evil.example.com", ServiceFault("instance_elsewhere")),
        ("https://salesforce.com.evil.example", ServiceFault("instance_elsewhere")),
    ],
)
def test_a_token_is_shown_to_nobody_outside_the_domain_of_the_sign_in(told: str, means: PortError) -> None:
    with pytest.raises(type(means), match=str(means)):
        SalesforceSettings("https://login.salesforce.com/", CLIENT_ID).instance(told)


def test_the_organisations_own_address_lies_below_salesforces() -> None:
    told = "https://aoki.my.salesforce.com"
    assert SalesforceSettings("https://login.salesforce.com/", CLIENT_ID).instance(told) == told
