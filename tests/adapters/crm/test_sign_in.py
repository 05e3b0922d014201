"""Signing in to a CRM in the browser, and tokens that renew themselves, against the sandbox's real OAuth pages."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from soroe.adapters.crm.rest.crm import RestCrm, RestSettings
from soroe.adapters.crm.rest.profile import Profile
from soroe.adapters.crm.rest.profile_file import load_profile
from soroe.adapters.crm.service import Line
from soroe.adapters.net.exchange import Answer
from soroe.adapters.net.oauth import LONGEST_SECRET, OAuthClient, OAuthKeys, Safe, Tokens, sign_in, token_trouble
from soroe.adapters.net.redirect import RedirectPages
from soroe.adapters.net.transport import LibraryClient, RequestCount
from soroe.ports.errors import ConsentMissing, LocalTrouble, PortError, RetryLater, ServiceFault, SignInRequired
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.crm import CrmSandbox, User
from soroe.sandbox.crm.sandbox import CLIENT_ID
from soroe.sandbox.faults import Answer as FaultyAnswer
from soroe.sandbox.faults import DropConnectionBefore
from tests.adapters.crm.builders import Clock

GENERIC = Path(__file__).parents[3] / "resources" / "crm" / "profiles" / "generic.toml"
PAGES = RedirectPages(Path(__file__).parents[3] / "resources" / "sign-in")
SCOPES = ("activities:read", "activities:write", "users:read")


def random(size: int) -> bytes:
    """The same bytes each time: what is unguessable is not what these tests are about."""
    return (hashlib.sha256(b"test").digest() * 2)[:size]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[CrmSandbox]:
    with CrmSandbox(clock=clock) as server:
        yield server


@pytest.fixture
def sato(sandbox: CrmSandbox) -> User:
    return sandbox.add_user()


@pytest.fixture
def http() -> Iterator[LibraryClient]:
    client = LibraryClient(RequestCount())
    yield client
    client.close()


@pytest.fixture
def program(sandbox: CrmSandbox) -> OAuthClient:
    return OAuthClient(sandbox.authorization_endpoint, sandbox.token_endpoint, CLIENT_ID, SCOPES)


@contextmanager
def browser(scripted: ScriptedBrowser) -> Iterator[Callable[[str], None]]:
    """Opens addresses in the background, as a desktop does, and waits for the pages to end."""
    threads: list[threading.Thread] = []
    yield lambda address: threads.append(scripted.open_in_background(address))
    for thread in threads:
        thread.join()


@pytest.fixture
def tokens(program: OAuthClient, http: LibraryClient, clock: Clock, sato: User) -> Tokens:
    with browser(ScriptedBrowser(account=sato.email)) as open_browser:
        return sign_in(program, http, open_browser, random, clock, PAGES)


class Keychain:
    """Remembers the secrets saved."""

    def __init__(self) -> None:
        self.saved: list[str] = []

    def save(self, secret: str) -> None:
        self.saved.append(secret)


@cache
def profile() -> Profile:
    return load_profile(GENERIC)


def account(sandbox: CrmSandbox, keys: OAuthKeys, clock: Clock) -> RestCrm:
    return RestCrm(RestSettings(sandbox.base_url), profile(), keys, clock, Line())


def keys_of(
    program: OAuthClient, http: LibraryClient, tokens: Tokens, save: Callable[[str], None], clock: Clock
) -> OAuthKeys:
    return OAuthKeys(program, http, Safe(tokens.secret, save), clock)


def test_a_sign_in_gives_tokens_that_open_the_account(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens, sato: User
) -> None:
    crm = account(sandbox, keys_of(program, http, tokens, Keychain().save, clock), clock)
    assert crm.reader.identity().key == sato.id
    assert tokens.until == clock.now + timedelta(hours=1)
    crm.close()


def test_the_request_carries_a_challenge_a_state_and_a_loopback_address(
    program: OAuthClient, http: LibraryClient, clock: Clock
) -> None:
    asked: list[str] = []
    with pytest.raises(LocalTrouble) as raised:
        sign_in(program, http, asked.append, random, clock, PAGES, timeout=0.5)
    assert raised.value.code == "sign_in_timeout"
    query = parse_qs(urlsplit(asked[0]).query)
    assert query["code_challenge_method"] == ["S256"] and len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) == 32
    assert query["redirect_uri"][0].startswith("http://127.0.0.1:")


def test_a_refused_consent_names_the_permissions(
    program: OAuthClient, http: LibraryClient, clock: Clock, sato: User
) -> None:
    with browser(ScriptedBrowser(account=sato.email, allow=False)) as open_browser, pytest.raises(ConsentMissing):
        sign_in(program, http, open_browser, random, clock, PAGES)


def test_an_unticked_box_is_named(program: OAuthClient, http: LibraryClient, clock: Clock, sato: User) -> None:
    half = ScriptedBrowser(account=sato.email, tick=["activities:read", "users:read"])
    with browser(half) as open_browser, pytest.raises(ConsentMissing) as raised:
        sign_in(program, http, open_browser, random, clock, PAGES)
    assert raised.value.permission == "activities:write"


def test_the_user_can_give_up(program: OAuthClient, http: LibraryClient, clock: Clock) -> None:
    with pytest.raises(LocalTrouble) as raised:
        sign_in(program, http, lambda address: None, random, clock, PAGES, cancelled=lambda: True)
    assert raised.value.code == "sign_in_cancelled"


def test_an_answer_with_another_state_is_not_ours(program: OAuthClient, http: LibraryClient, clock: Clock) -> None:
    statuses: list[int] = []

    def forge(address: str) -> None:
        redirect = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        with httpx.Client(trust_env=False, timeout=60) as attacker:
            for told in ("?code=stolen&state=guessed", "?code=stolen", "other?code=stolen"):
                statuses.append(attacker.get(redirect + told).status_code)

    with pytest.raises(LocalTrouble):
        sign_in(program, http, forge, random, clock, PAGES, timeout=0.5)
    assert statuses == [404, 404, 404]


def test_a_taken_port_is_told(program: OAuthClient, http: LibraryClient, clock: Clock, sandbox: CrmSandbox) -> None:
    fixed = replace(program, redirect_port=sandbox.server.port)
    with pytest.raises(LocalTrouble) as raised:
        sign_in(fixed, http, lambda address: None, random, clock, PAGES)
    assert raised.value.code == "loopback_port"


def test_an_expired_token_is_renewed_and_the_new_pair_saved_before_its_use(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    uses: list[int] = []

    def save(secret: str) -> None:
        uses.append(sandbox.requests.count("GET", "/me$"))
        keychain.save(secret)

    keychain = Keychain()
    crm = account(sandbox, keys_of(program, http, tokens, save, clock), clock)
    clock.passes(minutes=59, seconds=30)
    crm.reader.identity()
    assert uses == [0] and sandbox.requests.count("GET", "/me$") == 1
    assert Tokens.of(keychain.saved[0]).refresh != tokens.refresh
    crm.close()


def test_a_secret_that_cannot_be_saved_is_not_used(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    def locked(secret: str) -> None:
        raise LocalTrouble("keychain_locked")

    clock.passes(hours=2)
    with pytest.raises(LocalTrouble):
        keys_of(program, http, tokens, locked, clock).headers()


def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    crm = account(sandbox, keys_of(program, http, tokens, Keychain().save, clock), clock)
    sandbox.expire_access_tokens()
    crm.reader.identity()
    assert sandbox.requests.count("GET", "/me$") == 2
    crm.close()


def test_a_withdrawn_consent_asks_for_a_new_sign_in_and_is_not_tried_again(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens, sato: User
) -> None:
    crm = account(sandbox, keys_of(program, http, tokens, Keychain().save, clock), clock)
    sandbox.revoke_access(sato)
    for _ in range(3):
        with pytest.raises(SignInRequired):
            crm.reader.identity()
    assert sandbox.requests.count("POST", "/oauth/token") == 2
    crm.close()


def test_many_threads_renew_once(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    keychain = Keychain()
    keys = keys_of(program, http, tokens, keychain.save, clock)
    clock.passes(hours=2)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(keys.headers()["Authorization"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 8 and len(keychain.saved) == 1


def test_two_that_use_one_sign_in_renew_it_once(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    kept, lock = [tokens.secret()], threading.Lock()
    both = [OAuthKeys(program, http, Safe(lambda: kept[-1], kept.append, lambda: lock), clock) for _ in range(2)]
    clock.passes(hours=2)
    threads = [threading.Thread(target=keys.headers) for keys in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert both[0].headers() == both[1].headers()
    assert len(kept) == 2, "a second renewal with the same token would have ended the consent"


def test_a_new_sign_in_elsewhere_is_taken_up(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens, sato: User
) -> None:
    kept = [tokens.secret()]
    keys = OAuthKeys(program, http, Safe(lambda: kept[-1], kept.append), clock)
    sandbox.revoke_access(sato)
    clock.passes(hours=2)
    with pytest.raises(SignInRequired):
        keys.headers()
    with browser(ScriptedBrowser(account=sato.email)) as open_browser:
        kept.append(sign_in(program, http, open_browser, random, clock, PAGES).secret())
    assert keys.headers()["Authorization"].startswith("Bearer ")


def test_a_renewal_that_met_trouble_is_tried_again_later(
    sandbox: CrmSandbox, program: OAuthClient, http: LibraryClient, clock: Clock, tokens: Tokens
) -> None:
    keys = keys_of(program, http, tokens, Keychain().save, clock)
    clock.passes(hours=2)
    for effect in (DropConnectionBefore(), FaultyAnswer.as_json(503, {"error": "temporarily_unavailable"})):
        sandbox.faults.add(effect, path="/oauth/token")
        with pytest.raises(RetryLater):
            keys.headers()
    assert keys.headers()["Authorization"].startswith("Bearer ")


def test_the_secret_fits_a_keychain_and_comes_back(clock: Clock) -> None:
    short = Tokens("refresh", "access", datetime.fromisoformat("2026-05-01T10:00:00+00:00"), "https://x.example.com")
    assert Tokens.of(short.secret()) == short
    long = replace(short, access="a" * 3_000)
    assert len(long.secret()) <= LONGEST_SECRET and Tokens.of(long.secret()) == Tokens("refresh", site=short.site)
    with pytest.raises(LocalTrouble):
        replace(short, refresh="r" * 1_300).secret()


@pytest.mark.parametrize("secret", ["", "{}", "[]", "null", '{"r": ""}', '{"r": "x", "u": "noon"}'])
def test_a_damaged_secret_asks_for_a_new_sign_in(secret: str) -> None:
    with pytest.raises(SignInRequired):
        Tokens.of(secret)


def test_tokens_never_show_in_a_representation() -> None:
    assert "s3cret" not in repr(Tokens("s3cret", "s3cret")) + repr(OAuthClient("a", "b", "c", client_secret="s3cret"))


@pytest.mark.parametrize(
    ("status", "error", "meaning"),
    [
        (400, "invalid_grant", SignInRequired),
        (401, "invalid_client", ServiceFault),
        (400, "unauthorized_client", ServiceFault),
        (400, "temporarily_unavailable", RetryLater),
        (503, "", RetryLater),
        (429, "", RetryLater),
        (400, "", SignInRequired),
    ],
)
def test_each_refusal_of_the_token_endpoint_means_one_thing(status: int, error: str, meaning: type[PortError]) -> None:
    body = json.dumps({"error": error} if error else {}).encode()
    assert type(token_trouble(Answer(status, {"content-type": "application/json"}, body))) is meaning
