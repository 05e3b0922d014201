"""Signing in: the pages, the redirect, codes and tokens, and how permissions end."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from soroe.sandbox.browser import PageNotUnderstood, ScriptedBrowser
from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.sandbox import CLIENT_ID, CLIENT_SECRET, USUAL_SCOPES
from soroe.sandbox.google.scopes import PREFIX
from tests.sandbox.google.caller import Clock, Json
from tests.sandbox.google.conftest import SATO, SUZUKI

EVENTS, LIST = f"{PREFIX}calendar.events", f"{PREFIX}calendar.calendarlist.readonly"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Program:
    """A program that signs in by hand: it makes the address, and reads the redirect instead of serving it."""

    def __init__(self, google: GoogleSandbox) -> None:
        self.google = google
        self.redirect_uri = "http://127.0.0.1:9/callback"  # nothing listens: the walk is watched, not followed
        self.http = httpx.Client(trust_env=False, verify=False, timeout=60)

    def address(self, **change: str) -> str:
        parameters = {
            "client_id": CLIENT_ID,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": f"openid email {EVENTS} {LIST}",
            "state": "exact state/=&",
            "access_type": "offline",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **change,
        }
        return f"{self.google.authorization_endpoint}?{urlencode(parameters)}"

    def walk(self, browser: ScriptedBrowser, **change: str) -> dict[str, str]:
        """Lets the browser walk up to the redirect, and returns what the redirect says."""
        with pytest.raises(httpx.ConnectError):
            browser.open(self.address(**change))
        back = urlsplit(browser.visited[-1])
        assert browser.visited[-1].startswith(self.redirect_uri)
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def exchange(self, code: str, **change: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code_verifier": VERIFIER,
            **change,
        }
        return self.http.post(self.google.token_endpoint, data=form)

    def renew(self, refresh_token: str, **change: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": CLIENT_ID}
        return self.http.post(self.google.token_endpoint, data={**form, "client_secret": CLIENT_SECRET, **change})

    def signed_in(self, account: str = SATO, **change: str) -> Json:
        answer = self.exchange(self.walk(ScriptedBrowser(account), **change)["code"])
        assert answer.is_success, answer.text
        content = answer.json()
        assert isinstance(content, dict)
        return content


@pytest.fixture
def program(google: GoogleSandbox) -> Iterator[Program]:
    made = Program(google)
    yield made
    made.http.close()


def test_the_redirect_brings_the_exact_state_and_a_code(program: Program) -> None:
    answer = program.walk(ScriptedBrowser(SATO))
    assert answer["state"] == "exact state/=&"
    assert answer["code"]
    assert set(answer["scope"].split()) == set(USUAL_SCOPES)


def test_the_chosen_account_is_the_one_that_signs_in(program: Program, google: GoogleSandbox) -> None:
    tokens = program.signed_in(SUZUKI)
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert program.http.get(google.userinfo_endpoint, headers=header).json()["email"] == SUZUKI
    claims = tokens["id_token"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["email"] == SUZUKI


def test_a_login_hint_skips_the_choice_of_account(program: Program) -> None:
    browser = ScriptedBrowser()
    program.walk(browser, login_hint=SUZUKI)
    assert not any(address.endswith("/signin/account") for address in browser.visited)


def test_boxes_left_empty_are_permissions_not_granted(program: Program, google: GoogleSandbox) -> None:
    answer = program.walk(ScriptedBrowser(SATO, tick=["calendar.events"]))
    tokens = program.exchange(answer["code"]).json()
    assert EVENTS in tokens["scope"]
    assert LIST not in tokens["scope"]
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    refused = program.http.get(f"{google.api_endpoint}users/me/calendarList", headers=header)
    assert refused.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_the_boxes_are_not_ticked_beforehand_and_one_permission_has_none(program: Program) -> None:
    several = program.http.get(program.address(login_hint=SATO)).text
    assert several.count('type="checkbox"') == 2
    assert "checked" not in several
    single = program.http.get(program.address(login_hint=SATO, scope=f"openid email {EVENTS}")).text
    assert 'type="checkbox"' not in single


def test_cancel_is_an_access_denied(program: Program) -> None:
    assert program.walk(ScriptedBrowser(SATO, allow=False)) == {"error": "access_denied", "state": "exact state/=&"}


def test_a_code_counts_once(program: Program) -> None:
    code = program.walk(ScriptedBrowser(SATO))["code"]
    assert program.exchange(code).is_success
    assert _error(program.exchange(code)) == (400, "invalid_grant")


def test_a_code_grows_old_quickly(program: Program, clock: Clock) -> None:
    code = program.walk(ScriptedBrowser(SATO))["code"]
    clock.advance(minutes=6)
    assert _error(program.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code_verifier": "w" * 64}, (400, "invalid_grant")),
        ({"code_verifier": ""}, (400, "invalid_grant")),
        ({"redirect_uri": "http://127.0.0.1:10/callback"}, (400, "redirect_uri_mismatch")),
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_id": "unknown"}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ],
)
def test_a_code_is_bound_to_what_it_was_made_for(
    program: Program, change: dict[str, str], expected: tuple[int, str]
) -> None:
    code = program.walk(ScriptedBrowser(SATO))["code"]
    assert _error(program.exchange(code, **change)) == expected


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": "unknown"}, "invalid_client"),
        ({"redirect_uri": "https://evil.example.com/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_request"),
        ({"scope": f"{PREFIX}drive"}, "invalid_scope"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_a_wrong_request_ends_on_a_page_in_the_browser(program: Program, change: dict[str, str], named: str) -> None:
    with pytest.raises(PageNotUnderstood, match=named):
        ScriptedBrowser(SATO).open(program.address(**change))


def test_an_administrators_block_never_reaches_the_program(program: Program, google: GoogleSandbox) -> None:
    google.sign_in.blocked_by_admin = True
    with pytest.raises(PageNotUnderstood, match="admin_policy_enforced"):
        ScriptedBrowser(SATO).open(program.address())


def test_a_refresh_token_comes_with_the_first_consent_or_a_forced_one(program: Program) -> None:
    assert "refresh_token" in program.signed_in()
    assert "refresh_token" not in program.signed_in()
    assert "refresh_token" in program.signed_in(prompt="consent")


def test_a_refresh_token_comes_only_for_offline_access(program: Program) -> None:
    assert "refresh_token" not in program.signed_in(access_type="online")


def test_an_access_token_lives_an_hour_and_is_renewed(program: Program, google: GoogleSandbox, clock: Clock) -> None:
    tokens = program.signed_in()
    assert tokens["expires_in"] == 3599
    clock.advance(hours=1)
    assert program.http.get(f"{google.url}/tokeninfo", params={"access_token": tokens["access_token"]}).is_error
    renewed = program.renew(tokens["refresh_token"]).json()
    assert "refresh_token" not in renewed
    info = program.http.get(f"{google.url}/tokeninfo", params={"access_token": renewed["access_token"]}).json()
    assert (info["email"], info["aud"]) == (SATO, CLIENT_ID)
    assert set(info["scope"].split()) == set(USUAL_SCOPES)


def test_a_client_in_testing_has_refresh_tokens_for_seven_days(
    program: Program, google: GoogleSandbox, clock: Clock
) -> None:
    google.add_client(CLIENT_ID, CLIENT_SECRET, testing=True)
    token = program.signed_in()["refresh_token"]
    clock.advance(days=6.9)
    assert program.renew(token).is_success
    clock.advance(days=0.2)
    assert _error(program.renew(token)) == (400, "invalid_grant")


def test_a_refresh_token_unused_for_half_a_year_dies(program: Program, clock: Clock) -> None:
    token = program.signed_in()["refresh_token"]
    clock.advance(days=100)
    assert program.renew(token).is_success
    clock.advance(days=184)
    assert _error(program.renew(token)) == (400, "invalid_grant")


def test_the_hundred_and_first_refresh_token_kills_the_oldest(program: Program, google: GoogleSandbox) -> None:
    first = program.signed_in()["refresh_token"]
    for _ in range(100):
        google.give_permission(SATO)
    assert _error(program.renew(first)) == (400, "invalid_grant")
    assert len(google.refresh_tokens(SATO)) == 100


def test_revoking_ends_every_token_of_the_permission(program: Program, google: GoogleSandbox) -> None:
    tokens = program.signed_in()
    assert program.http.post(google.revocation_endpoint, data={"token": tokens["access_token"]}).is_success
    assert _error(program.renew(tokens["refresh_token"])) == (400, "invalid_grant")
    again = program.http.post(google.revocation_endpoint, data={"token": tokens["access_token"]})
    assert _error(again) == (400, "invalid_token")


def test_removing_the_app_in_the_account_ends_its_tokens(program: Program, google: GoogleSandbox) -> None:
    token = program.signed_in()["refresh_token"]
    google.user_removes_app(SATO)
    assert _error(program.renew(token)) == (400, "invalid_grant")
    assert "refresh_token" in program.signed_in()


def test_refresh_tokens_expire_on_demand(program: Program, google: GoogleSandbox) -> None:
    token = program.signed_in()["refresh_token"]
    google.expire_refresh_tokens()
    assert _error(program.renew(token)) == (400, "invalid_grant")


def test_a_client_may_show_its_secret_in_the_header(program: Program, google: GoogleSandbox) -> None:
    token = program.signed_in()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = program.http.post(google.token_endpoint, data=form, auth=(CLIENT_ID, CLIENT_SECRET))
    assert answer.is_success
    assert _error(program.http.post(google.token_endpoint, data={**form, "client_id": CLIENT_ID})) == (
        400,
        "invalid_request",
    )


def test_a_call_without_a_valid_token_is_refused(program: Program, google: GoogleSandbox) -> None:
    url = f"{google.api_endpoint}calendars/primary/events"
    for headers, reason in (({}, "required"), ({"Authorization": "Bearer nonsense"}, "authError")):
        answer = program.http.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (401, reason)


@pytest.mark.parametrize(("language", "word"), [("ja,en;q=0.8", "サンドボックス"), ("en-US,en", "Sandbox")])
def test_the_pages_speak_the_browsers_language_and_say_what_they_are(
    program: Program, language: str, word: str
) -> None:
    page = program.http.get(program.address(), headers={"Accept-Language": language}).text
    assert f"<strong>{word}</strong>" in page
    assert f'lang="{language[:2]}"' in page


def test_names_on_the_pages_are_text_and_never_markup(program: Program, google: GoogleSandbox) -> None:
    google.add_account("x@example.com", "<script>alert(1)</script>")
    assert "<script>" not in program.http.get(program.address()).text


def _error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]
