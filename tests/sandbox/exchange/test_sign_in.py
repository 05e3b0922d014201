"""Who is let in, and how the others hear of it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator

import httpx
import pytest

from soroe.sandbox.exchange import EXCHANGE_ONLINE, ExchangeSandbox
from soroe.sandbox.exchange.md4 import md4
from soroe.sandbox.exchange.ntlm import Handshake, Proof
from tests.sandbox.exchange.caller import PASSWORD, SATO, Caller, envelope

CALENDAR = '<m:GetFolder><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>'


def status(sandbox: ExchangeSandbox, email: str = SATO, password: str = PASSWORD) -> int:
    caller = Caller(sandbox, email, password)
    with caller.http:
        return caller.post(envelope(CALENDAR)).status_code


def test_without_a_sign_in_the_schemes_are_offered(exchange: ExchangeSandbox) -> None:
    response = httpx.post(exchange.ews_url, content=envelope(CALENDAR), trust_env=False, verify=False, timeout=60)
    assert response.status_code == 401
    assert response.headers.get_list("www-authenticate") == ["NTLM", 'Basic realm="mail.example.com"']


@pytest.mark.parametrize("name", [SATO, "SATO@example.com", "sato", "EXAMPLE\\sato", "example.com\\sato"])
def test_an_account_has_several_names(exchange: ExchangeSandbox, name: str) -> None:
    assert status(exchange, name) == 200


@pytest.mark.parametrize("name", ["nobody@example.com", "OTHER\\sato", ""])
def test_other_names_are_refused(exchange: ExchangeSandbox, name: str) -> None:
    assert status(exchange, name) == 401


def test_two_factors_take_the_app_password_only(exchange: ExchangeSandbox) -> None:
    exchange.require_app_password(SATO, "abcd efgh")
    assert status(exchange) == 401
    assert status(exchange, password="abcd efgh") == 200


def test_a_changed_password_ends_the_old_one(exchange: ExchangeSandbox) -> None:
    exchange.change_password(SATO, "new")
    assert status(exchange) == 401
    assert status(exchange, password="new") == 200


def test_a_locked_account_hears_that_it_is_locked(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.lock_account(SATO)
    response = sato.post(envelope(CALENDAR))
    assert response.status_code == 401
    assert b"account is currently locked out" in response.content
    exchange.lock_account(SATO, locked=False)
    assert status(exchange) == 200


def test_an_expired_password_is_told(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.expire_password(SATO)
    response = sato.post(envelope(CALENDAR))
    assert (response.status_code, b"expired" in response.content) == (401, True)


def test_ews_can_be_switched_off_for_one_or_for_all(exchange: ExchangeSandbox, sato: Caller, suzuki: Caller) -> None:
    exchange.switch_off_ews(SATO)
    response = sato.post(envelope(CALENDAR))
    assert (response.status_code, response.content) == (403, b"")
    assert suzuki.post(envelope(CALENDAR)).status_code == 200
    exchange.switch_off_ews()
    assert suzuki.post(envelope(CALENDAR)).status_code == 403
    exchange.switch_off_ews(off=False)
    exchange.switch_off_ews(SATO, off=False)
    assert sato.post(envelope(CALENDAR)).status_code == 200


@pytest.fixture
def online() -> Iterator[ExchangeSandbox]:
    with ExchangeSandbox(schemes=("Bearer",), build=EXCHANGE_ONLINE) as sandbox:
        sandbox.add_account(SATO, PASSWORD)
        yield sandbox


def test_exchange_online_takes_no_password_and_asks_for_modern_auth(online: ExchangeSandbox) -> None:
    caller = Caller(online)
    with caller.http:
        response = caller.post(envelope(CALENDAR))
    assert response.status_code == 401
    assert "Modern Auth" in response.headers["ms-diagnostics-public"]
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_the_version_is_told_with_every_answer(exchange: ExchangeSandbox, sato: Caller) -> None:
    exchange.build = EXCHANGE_ONLINE
    answer = sato.ask(CALENDAR)
    (version,) = (one for one in answer.root.iter() if one.tag.endswith("ServerVersionInfo"))
    assert (version.get("MajorVersion"), version.get("MinorVersion")) == ("15", "20")


@pytest.mark.parametrize("message", [b"", b"NTLMSSP\0\x03", b"x" * 80, b"NTLMSSP\0\x03\0\0\0" + b"\xff" * 80])
def test_broken_ntlm_is_refused(exchange: ExchangeSandbox, message: bytes) -> None:
    token = base64.b64encode(message).decode() or "!"
    response = httpx.post(
        exchange.ews_url,
        content=envelope(CALENDAR),
        headers={"Authorization": f"NTLM {token}"},
        trust_env=False,
        verify=False,
        timeout=60,
    )
    assert response.status_code == 401
    assert "NTLM" in response.headers.get_list("www-authenticate")


def test_an_ntlm_answer_is_good_for_one_challenge_once() -> None:
    server = Handshake()
    server.challenge(b"12345678")
    # The client's side, as MS-NLMP 3.3.2 has it: the key of password, user and domain seals challenge and own words.
    key = hmac.digest(md4("password".encode("utf-16-le")), "SATOExample".encode("utf-16-le"), "md5")
    words = b"\x01\x01" + bytes(26)
    proof = Proof("sato", "Example", hmac.digest(key, b"12345678" + words, "md5") + words)
    assert not server.proves(proof, "other")
    assert server.proves(proof, "password")
    assert not server.proves(proof, "password")


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        (b"abc", "a448017aaf21d8525fc10ae87aa6729d"),
        (b"1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
)
def test_md4_gives_the_digests_of_its_document(message: bytes, digest: str) -> None:
    assert md4(message).hex() == digest
