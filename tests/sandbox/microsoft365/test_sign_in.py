"""The sign-in pages and the token endpoint: what they ask, what they refuse, and how."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from soroe.sandbox.browser import PageNotUnderstood, ScriptedBrowser
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID, DOMAIN, TENANT
from tests.sandbox.microsoft365.caller import Clock, Json
from tests.sandbox.microsoft365.conftest import SATO

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "https://graph.microsoft.com/Calendars.ReadWrite User.Read openid profile offline_access"


class Program:
    """A program that signs in by hand: it makes the address, and reads the redirect instead of serving it."""

    def __init__(self, office: Microsoft365Sandbox) -> None:
        self.office = office
        self.redirect_uri = "http://localhost:9"  # nothing listens: the walk is watched, not followed
        self.http = httpx.Client(trust_env=False, verify=False, timeout=60)

    def address(self, tenant: str = "organizations", **change: str) -> str:
        parameters = {
            "client_id": CLIENT_ID,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": "exact state/=&",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **change,
        }
        return f"{self.office.url}/{tenant}/oauth2/v2.0/authorize?{urlencode(parameters)}"

    def walk(self, browser: ScriptedBrowser, tenant: str = "organizations", **change: str) -> dict[str, str]:
        """Lets the browser walk up to the redirect, and returns what the redirect says."""
        with pytest.raises(httpx.ConnectError):
            browser.open(self.address(tenant, **change))
        assert browser.visited[-1].startswith(self.redirect_uri)
        return {name: values[0] for name, values in parse_qs(urlsplit(browser.visited[-1]).query).items()}

    def token(self, tenant: str = "organizations", **form: str) -> httpx.Response:
        return self.http.post(
            f"{self.office.tls_url}/{tenant}/oauth2/v2.0/token", data={"client_id": CLIENT_ID, **form}
        )

    def exchange(self, code: str, **change: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **change,
        }
        return self.token(**form)

    def signed_in(self) -> Json:
        answer: Json = self.exchange(self.walk(ScriptedBrowser(SATO))["code"]).json()
        return answer


@pytest.fixture
def program(office: Microsoft365Sandbox) -> Iterator[Program]:
    made = Program(office)
    yield made
    made.http.close()


def refused_with(answer: httpx.Response) -> tuple[int, str, list[int]]:
    body = answer.json()
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    assert body["correlation_id"]
    return answer.status_code, body["error"], body["error_codes"]


def test_the_answer_in_the_address_carries_code_and_state(program: Program) -> None:
    answer = program.walk(ScriptedBrowser(SATO))
    assert answer["state"] == "exact state/=&"
    tokens = program.exchange(answer["code"], client_info="1").json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["ext_expires_in"]) == ("Bearer", 3599, 3599)
    assert tokens["scope"] == "Calendars.ReadWrite User.Read openid profile"
    assert {"access_token", "refresh_token", "id_token", "client_info"} <= tokens.keys()


def test_a_code_works_once_and_with_its_own_verifier_and_address_only(program: Program, clock: Clock) -> None:
    code = program.walk(ScriptedBrowser(SATO))["code"]
    assert refused_with(program.exchange(code, code_verifier="w" * 64)) == (400, "invalid_grant", [501481])
    assert refused_with(program.exchange(code, redirect_uri="http://localhost:8")) == (400, "invalid_grant", [500112])
    assert program.exchange(code).is_success
    assert refused_with(program.exchange(code)) == (400, "invalid_grant", [54005])
    late = program.walk(ScriptedBrowser(SATO))["code"]
    clock.advance(minutes=10)
    assert refused_with(program.exchange(late)) == (400, "invalid_grant", [70008])


def test_a_declined_consent_comes_back_as_65004(program: Program) -> None:
    answer = program.walk(ScriptedBrowser(SATO, allow=False))
    assert (answer["error"], answer["error_subcode"]) == ("access_denied", "cancel")
    assert answer["error_description"].startswith("AADSTS65004: ")


def test_a_company_that_wants_its_administrator_to_consent_shows_90094(
    office: Microsoft365Sandbox, program: Program
) -> None:
    office.sign_in.users_may_consent = False
    answer = program.walk(ScriptedBrowser(SATO))
    assert answer["error_description"].startswith("AADSTS90094: ")
    office.give_permission(SATO)
    assert "code" in program.walk(ScriptedBrowser(SATO))


def test_any_code_can_end_a_sign_in_at_the_program_or_on_the_page(
    office: Microsoft365Sandbox, program: Program
) -> None:
    office.refuse_sign_in(50105, text="The user is not assigned to a role for the application.")
    assert program.walk(ScriptedBrowser(SATO))["error_description"].startswith("AADSTS50105: ")
    office.refuse_sign_in(53003, returned=False)
    assert "AADSTS53003" in ScriptedBrowser(SATO).open(program.address())


def test_what_cannot_be_answered_safely_stays_on_the_page(program: Program) -> None:
    for change, code in (
        ({"client_id": "unknown"}, "AADSTS700016"),
        ({"redirect_uri": "http://127.0.0.1:9"}, "AADSTS50011"),
        ({"redirect_uri": "https://evil.example"}, "AADSTS50011"),
    ):
        with pytest.raises(PageNotUnderstood, match=code):
            ScriptedBrowser(SATO).open(program.address(**change))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code_challenge": ""}, 9002325),
        ({"code_challenge_method": "plain"}, 9002325),
        ({"response_type": "token"}, 700054),
        ({"scope": "Mail.Send.Everything"}, 70011),
        ({"prompt": "always"}, 90023),
        ({"prompt": "none"}, 50058),
        ({"prompt": "none", "login_hint": SATO}, 65001),
        ({"claims": "{"}, 1002012),
    ],
)
def test_a_wrong_request_is_told_to_the_program(program: Program, change: dict[str, str], code: int) -> None:
    answer = program.walk(ScriptedBrowser(SATO), **change)
    assert answer["error_description"].startswith(f"AADSTS{code}: ")
    assert answer["state"] == "exact state/=&"


def test_a_given_consent_and_a_hint_need_no_page(program: Program) -> None:
    program.signed_in()
    browser = ScriptedBrowser(SATO)
    assert "code" in program.walk(browser, login_hint=SATO)
    assert len(browser.visited) == 2
    again = ScriptedBrowser(SATO)
    program.walk(again, login_hint=SATO, prompt="consent")
    assert len(again.visited) == 3


def test_accounts_stay_within_their_kind_of_tenant(office: Microsoft365Sandbox, program: Program) -> None:
    office.add_account("home@outlook.example", "自宅", work_account=False)
    assert "AADSTS50020" in ScriptedBrowser(SATO).open(program.address("consumers"))
    assert "AADSTS500208" in ScriptedBrowser("home@outlook.example").open(program.address("organizations"))
    assert "code" in program.walk(ScriptedBrowser(SATO), TENANT)
    assert "code" in program.walk(ScriptedBrowser(SATO), DOMAIN)
    assert refused_with(program.token("elsewhere.example")) == (400, "invalid_tenant", [90002])


def test_the_token_endpoint_refuses_what_entra_refuses(program: Program) -> None:
    tokens = program.signed_in()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert program.token(**refresh).is_success
    assert refused_with(program.token(**refresh, client_secret="s")) == (401, "invalid_client", [700025])
    assert refused_with(program.token(**refresh, scope="Calendars.Read.Shared")) == (400, "invalid_grant", [65001])
    assert refused_with(program.token(**{**refresh, "refresh_token": "made up"})) == (400, "invalid_grant", [9002313])
    assert refused_with(program.token(**{**refresh, "client_id": "x"})) == (400, "unauthorized_client", [700016])
    assert refused_with(program.token(grant_type="password")) == (400, "unsupported_grant_type", [70003])


def test_a_refresh_token_dies_of_ninety_days_without_use(program: Program, clock: Clock) -> None:
    refresh = {"grant_type": "refresh_token", "refresh_token": program.signed_in()["refresh_token"]}
    clock.advance(days=60)
    assert program.token(**refresh).is_success
    clock.advance(days=60)
    assert program.token(**refresh).is_success
    clock.advance(days=91)
    assert refused_with(program.token(**refresh)) == (400, "invalid_grant", [700082])


def test_the_pages_speak_japanese_to_a_japanese_browser(program: Program) -> None:
    page = program.http.get(program.address(), headers={"Accept-Language": "ja,en;q=0.5"}).text
    assert "アカウントを選択する" in page
    assert '<html lang="ja">' in page


def test_the_configuration_names_the_address_it_was_asked_at(office: Microsoft365Sandbox, program: Program) -> None:
    path = "organizations/v2.0/.well-known/openid-configuration"
    plain, tls = (program.http.get(f"{base}/{path}").json() for base in (office.url, office.tls_url))
    assert plain["token_endpoint"] == f"{office.url}/organizations/oauth2/v2.0/token"
    assert tls["token_endpoint"] == f"{office.tls_url}/organizations/oauth2/v2.0/token"
    assert plain["authorization_endpoint"] == tls["authorization_endpoint"]
    instances = program.http.get(f"{office.url}/common/discovery/instance").json()
    assert instances["tenant_discovery_endpoint"] == f"{office.tls_url}/{path}"
