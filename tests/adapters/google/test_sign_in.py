"""Signing in through the sandbox's pages, with a browser that clicks by itself."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from soroe.adapters.google.calendar import GoogleCalendar
from soroe.adapters.google.settings import CALENDAR_LIST_SCOPE, EVENTS_SCOPE, GoogleSecret, GoogleSettings
from soroe.adapters.google.sign_in import GoogleSignIn, revoke
from soroe.adapters.net.pacer import Pacer
from soroe.adapters.net.redirect import RedirectPages
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)
from soroe.ports.remote import Identity
from soroe.ports.sign_in import SignedIn, SignInCancelled, WrongAccount
from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.faults import Answer, DropConnectionBefore
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID
from tests.adapters.google.conftest import SATO, SUZUKI, Clock, settings_for

PAGES = RedirectPages(Path(__file__).parents[3] / "resources" / "sign-in")


class Person:
    """Opens what the program shows, and remembers the address and the last page."""

    def __init__(self, **choices: Any) -> None:
        self.browser = ScriptedBrowser(**choices)
        self.address = ""
        self.page = ""
        self.thread: threading.Thread | None = None

    def open(self, address: str) -> bool:
        self.address = address

        def walk() -> None:
            self.page = self.browser.open(address)

        self.thread = threading.Thread(target=walk, daemon=True)
        self.thread.start()
        return True

    def finish(self) -> None:
        assert self.thread is not None
        self.thread.join(60)


SignIn = Callable[..., SignedIn]


@pytest.fixture
def sign_in(google: GoogleSandbox, clock: Clock) -> SignIn:
    def run(person: Person, expected: Identity | None = None, settings: GoogleSettings | None = None) -> SignedIn:
        flow = GoogleSignIn(settings or settings_for(google), open_browser=person.open, pages=PAGES, now=clock)
        try:
            return flow.run(expected, timeout=90)
        finally:
            person.finish()

    return run


def test_a_sign_in_ends_with_a_small_secret_that_opens_the_calendar(
    google: GoogleSandbox, clock: Clock, sign_in: SignIn
) -> None:
    person = Person(account=SATO)
    found = sign_in(person)
    assert found.identity.name == SATO
    assert found.identity.key not in {"", SATO}
    assert len(found.secret) <= 1200
    secret = GoogleSecret.parse(found.secret)
    assert secret.refresh_token == next(iter(google.grants.refresh))
    assert {EVENTS_SCOPE, CALENDAR_LIST_SCOPE} <= set(secret.scopes)
    pacer = Pacer(600, clock=clock.seconds, wait=clock.wait)
    calendar = GoogleCalendar(settings_for(google), lambda: found.secret, pacer, now=clock)
    assert calendar.identity() == found.identity
    calendar.close()


def test_the_browser_is_asked_for_consent_with_a_challenge_and_a_state_of_our_own(sign_in: SignIn) -> None:
    person = Person(account=SATO)
    sign_in(person)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(person.address).query).items()}
    assert asked["prompt"] == "consent"
    assert asked["access_type"] == "offline"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 40
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert "login_hint" not in asked


@pytest.mark.parametrize(("language", "words"), [("ja,en;q=0.5", "サインインしました"), ("de", "Signed in")])
def test_the_page_at_the_end_speaks_the_browsers_language(sign_in: SignIn, language: str, words: str) -> None:
    person = Person(account=SATO, language=language)
    sign_in(person)
    assert words in person.page


@pytest.mark.parametrize("ticked", [["calendar.events"], ["calendar.calendarlist.readonly"]])
def test_a_box_that_was_not_ticked_is_named(sign_in: SignIn, ticked: list[str]) -> None:
    with pytest.raises(ConsentMissing) as trouble:
        sign_in(Person(account=SATO, tick=ticked))
    assert not any(trouble.value.permission.endswith(name) for name in ticked)


def test_cancel_in_the_browser_changes_nothing(google: GoogleSandbox, sign_in: SignIn) -> None:
    person = Person(account=SATO, allow=False, language="ja")
    with pytest.raises(SignInCancelled):
        sign_in(person)
    assert "サインインしていません" in person.page
    assert not google.grants.refresh


def test_cancel_in_our_own_window_ends_the_wait(google: GoogleSandbox, clock: Clock) -> None:
    flow = GoogleSignIn(settings_for(google), open_browser=lambda _: True, pages=PAGES, now=clock)
    threading.Timer(0.1, flow.cancel).start()
    with pytest.raises(SignInCancelled):
        flow.run(timeout=90)
    with pytest.raises(SignInCancelled):
        flow.run(timeout=90)


def test_nobody_answering_is_told_after_the_timeout(google: GoogleSandbox, clock: Clock) -> None:
    flow = GoogleSignIn(settings_for(google), open_browser=lambda _: True, pages=PAGES, now=clock)
    with pytest.raises(LocalTrouble) as trouble:
        flow.run(timeout=0.1)
    assert trouble.value.code == "sign_in_timeout"


def test_a_browser_that_does_not_open_is_told_unless_the_address_can_be_copied(
    google: GoogleSandbox, clock: Clock
) -> None:
    settings = settings_for(google)
    flow = GoogleSignIn(settings, open_browser=lambda _: False, pages=PAGES, now=clock)
    with pytest.raises(LocalTrouble) as trouble:
        flow.run(timeout=5)
    assert trouble.value.code == "browser_not_opened"
    person = Person(account=SATO)

    def copy(address: str) -> None:
        person.open(address)

    copied = GoogleSignIn(settings, open_browser=lambda _: False, pages=PAGES, now=clock, show_address=copy)
    assert copied.run(timeout=90).identity.name == SATO
    person.finish()


def test_another_account_than_the_one_to_be_reconnected_is_refused_by_name(sign_in: SignIn) -> None:
    with pytest.raises(WrongAccount) as trouble:
        sign_in(Person(account=SUZUKI), Identity("1", "tanaka@example.com"))
    assert trouble.value.name == SUZUKI


def test_a_reconnect_suggests_the_account(google: GoogleSandbox, sign_in: SignIn) -> None:
    person = Person()
    first = sign_in(Person(account=SUZUKI))
    assert sign_in(person, first.identity).identity == first.identity
    assert parse_qs(urlsplit(person.address).query)["login_hint"] == [SUZUKI]
    assert len(google.refresh_tokens(SUZUKI)) == 2


@pytest.mark.parametrize(
    ("effect", "path", "expected"),
    [
        (Answer(400, b'{"error": "invalid_grant"}'), "/token", SignInRequired),
        (Answer(401, b'{"error": "invalid_client"}'), "/token", ServiceFault),
        (Answer(400, b'{"error": "admin_policy_enforced"}'), "/token", AdminRequired),
        (Answer(503, b""), "/token", RetryLater),
        (Answer(200, b'{"error": "invalid_grant"}'), "/token", SignInRequired),
        (Answer(200, b"{}"), "/token", RetryLater),
        (Answer(200, b"[1]"), "/token", RetryLater),
        (Answer(200, b"not json"), "/token", RetryLater),
        (Answer(200, b'{"access_token": "x", "expires_in": {}, "scope": 7}'), "/token", RetryLater),
        (Answer(302, b"", headers={"Location": "http://127.0.0.1:9/"}), "/token", RetryLater),
        (Answer(200, b"<html></html>", "text/html"), "/token", RetryLater),
        (Answer(200, b'{"access_token": "x"}'), "/userinfo", ConsentMissing),
        (DropConnectionBefore(), "/token", RetryLater),
        (Answer(500, b""), "/userinfo", RetryLater),
        (Answer(401, b"{}"), "/userinfo", SignInRequired),
    ],
)
def test_trouble_after_the_browser_is_translated(
    google: GoogleSandbox, sign_in: SignIn, effect: Any, path: str, expected: type[PortError]
) -> None:
    google.faults.add(effect, path=path, times=2)
    with pytest.raises(expected):
        sign_in(Person(account=SATO))


NO_PAGE = [Answer(404, b'{"error": {"code": 404}}'), Answer(404, b"<html>Not Found</html>", "text/html")]


@pytest.mark.parametrize("no_page", NO_PAGE)
def test_a_gateway_without_a_page_for_the_user_tells_him_by_the_id_token(
    google: GoogleSandbox, sign_in: SignIn, no_page: Answer
) -> None:
    google.faults.add(no_page, path="/userinfo")
    signed_in = sign_in(Person(account=SATO))
    assert signed_in.identity.name == SATO
    assert sign_in(Person(account=SATO), signed_in.identity).identity == signed_in.identity


@pytest.mark.parametrize("id_token", ["", "a.b.c", "e30.WzFd.x", "e30.eyJhdWQiOiJvdGhlciIsImVtYWlsIjoieEB5LnoifQ.x"])
def test_without_a_usable_id_token_the_primary_calendar_tells_whose_account_it_is(
    google: GoogleSandbox, sign_in: SignIn, id_token: str
) -> None:
    permission = google.give_permission(SATO)
    told = {"access_token": permission.access_token, "refresh_token": permission.refresh_token, "id_token": id_token}
    google.faults.add(Answer.as_json(200, told), path="/token")
    google.faults.add(NO_PAGE[0], path="/userinfo")
    assert sign_in(Person(account=SATO)).identity.name == SATO


def test_an_account_that_no_page_tells_is_no_sign_in(google: GoogleSandbox, sign_in: SignIn) -> None:
    told = {"access_token": "x", "refresh_token": "y"}
    google.faults.add(Answer.as_json(200, told), path="/token")
    google.faults.add(NO_PAGE[0], path="/userinfo")
    google.faults.add(NO_PAGE[0], path="/calendarList/primary")
    with pytest.raises(SignInRequired) as trouble:
        sign_in(Person(account=SATO))
    assert trouble.value.code == "userinfo_404"


def test_a_token_without_refresh_token_is_no_sign_in(google: GoogleSandbox, sign_in: SignIn) -> None:
    permission = google.give_permission(SATO)
    answer = f'{{"access_token": "{permission.access_token}"}}'
    google.faults.add(Answer(200, answer.encode()), path="/token")
    with pytest.raises(SignInRequired) as trouble:
        sign_in(Person(account=SATO))
    assert trouble.value.code == "no_refresh_token"


def test_a_forged_redirect_is_turned_away_and_waited_past(google: GoogleSandbox, clock: Clock) -> None:
    person = Person(account=SATO)
    forged: list[int] = []

    def attacked(address: str) -> bool:
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        state = parse_qs(urlsplit(address).query)["state"][0]
        with httpx.Client(trust_env=False, timeout=60) as other:
            forged.append(other.get(f"{back}?code=evil&state=guess").status_code)
            forged.append(other.get(f"{back}favicon.ico").status_code)
            host = {"Host": "evil.example"}
            forged.append(other.get(f"{back}?code=evil&state={state}", headers=host).status_code)
        return person.open(address)

    flow = GoogleSignIn(settings_for(google), open_browser=attacked, pages=PAGES, now=clock)
    assert flow.run(timeout=90).identity.name == SATO
    assert forged == [404, 404, 404]
    person.finish()


def test_the_environment_stays_as_it_was(sign_in: SignIn) -> None:
    before = dict(os.environ)
    sign_in(Person(account=SATO))
    assert dict(os.environ) == before


def test_no_code_and_no_token_reaches_a_log(
    google: GoogleSandbox, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    person = Person(account=SATO)
    with caplog.at_level(logging.DEBUG):
        found = sign_in(person)
    for secret in (GoogleSecret.parse(found.secret).refresh_token, *google.grants.access, SATO):
        assert secret not in caplog.text
    told = [record for record in caplog.records if record.name.startswith(("requests_oauthlib", "oauthlib", "urllib3"))]
    assert not told


def test_plain_http_stays_forbidden_to_the_library_while_the_browser_is_open(
    google: GoogleSandbox, clock: Clock
) -> None:
    person, seen = Person(account=SATO), []

    def look(address: str) -> bool:
        seen.append(os.environ.get("OAUTHLIB_INSECURE_TRANSPORT"))
        return person.open(address)

    GoogleSignIn(settings_for(google), open_browser=look, pages=PAGES, now=clock).run(timeout=90)
    person.finish()
    assert seen == [None]


def test_nothing_of_the_sign_in_library_is_loaded_before_somebody_signs_in() -> None:
    looked = "import sys, soroe.adapters.google.sign_in, soroe.adapters.google.calendar; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", looked], env=environ, capture_output=True, text=True, check=True)
    heavy = {
        "google_auth_oauthlib",
        "requests",
        "requests_oauthlib",
        "oauthlib",
        "google.auth",
        "cryptography",
        "httpx",
    }
    assert not heavy & set(loaded.stdout.split())


def test_a_plain_http_endpoint_elsewhere_is_refused_before_the_browser_opens(clock: Clock) -> None:
    settings = GoogleSettings(CLIENT_ID, token_endpoint="http://oauth.example.com/token")
    flow = GoogleSignIn(settings, open_browser=lambda _: pytest.fail("opened"), pages=PAGES, now=clock)
    with pytest.raises(ServiceFault):
        flow.run()


def test_a_permission_given_back_opens_nothing_any_more(google: GoogleSandbox, sign_in: SignIn) -> None:
    secret = sign_in(Person(account=SATO)).secret
    revoke(settings_for(google), secret)
    assert google.refresh_tokens(SATO) == []
    revoke(settings_for(google), secret)
    google.faults.add(Answer(503, b""), path="/revoke")
    with pytest.raises(RetryLater):
        revoke(settings_for(google), secret)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"refresh_token": 1}', "garbage"])
def test_a_secret_that_is_none_of_ours_asks_for_a_sign_in(text: str) -> None:
    with pytest.raises(SignInRequired):
        GoogleSecret.parse(text)


def test_the_longest_tokens_of_google_fit_into_a_keychain() -> None:
    secret = GoogleSecret("r" * 512, "c" * 75, "e" * 254, "1" * 21, (EVENTS_SCOPE, CALENDAR_LIST_SCOPE))
    assert GoogleSecret.parse(secret.text()) == secret
    with pytest.raises(ValueError, match="keychains"):
        GoogleSecret("r" * 1200, "c", "e").text()
