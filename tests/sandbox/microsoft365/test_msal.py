"""msal as it is published signs in, refreshes, and hears why it may not."""

from __future__ import annotations

import base64
import json
import threading
import webbrowser
from collections.abc import Iterator
from typing import Any

import httpx
import msal  # type: ignore[import-untyped] # it publishes no typing information
import pytest
import requests

from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID, TENANT
from soroe.sandbox.server import LoopbackServer
from tests.sandbox.microsoft365.conftest import SATO, SUZUKI

SCOPES = ["Calendars.ReadWrite", "User.Read"]


@pytest.fixture
def session(office: Microsoft365Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(office.authority_file)
        yield session


@pytest.fixture
def app(office: Microsoft365Sandbox, session: requests.Session) -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        CLIENT_ID, authority=office.authority, http_client=session, instance_discovery=False
    )


def _landing(environ: dict[str, Any], start: Any) -> list[bytes]:
    """The program's own end of a sign-in."""
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"Thank you, you can close this page."]


def sign_in(app: msal.PublicClientApplication, browser: ScriptedBrowser, **more: Any) -> dict[str, Any]:
    """Signs in through msal's own steps, with the answer sent to a page of the test instead of msal's server."""
    with LoopbackServer(_landing) as page:
        flow = app.initiate_auth_code_flow(
            SCOPES, redirect_uri=f"http://localhost:{page.port}", response_mode="form_post", **more
        )
        browser.open(flow["auth_uri"])
        answer = dict(httpx.QueryParams(page.requests.all("POST")[-1].body.decode()))
    result: dict[str, Any] = app.acquire_token_by_auth_code_flow(flow, answer)
    return result


def refreshed(app: msal.PublicClientApplication, **more: Any) -> dict[str, Any]:
    account = app.get_accounts()[0]
    result: dict[str, Any] = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True, **more)
    return result


def kept_refresh_token(app: msal.PublicClientApplication) -> str:
    return str(next(iter(app.token_cache.search("RefreshToken")))["secret"])


def test_the_interactive_flow_ends_with_tokens_and_an_account(
    office: Microsoft365Sandbox, app: msal.PublicClientApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[threading.Thread] = []

    def opened(url: str) -> bool:
        walks.append(ScriptedBrowser(SATO).open_in_background(url))
        return True

    monkeypatch.setattr(webbrowser, "open", opened)  # the computer's own browser, which msal gives no choice of
    result = app.acquire_token_interactive(SCOPES, prompt="select_account", timeout=20)
    walks[0].join()
    assert result["id_token_claims"]["preferred_username"] == SATO
    assert [account["username"] for account in app.get_accounts()] == [SATO]
    assert app.get_accounts()[0]["home_account_id"].endswith(f".{TENANT}")
    answer = httpx.get(
        f"{office.api_endpoint}/me",
        headers={"Authorization": f"Bearer {result['access_token']}"},
        trust_env=False,
        verify=False,
        timeout=60,
    )
    assert answer.json()["userPrincipalName"] == SATO


def test_a_silent_refresh_rotates_the_refresh_token(
    office: Microsoft365Sandbox, app: msal.PublicClientApplication
) -> None:
    sign_in(app, ScriptedBrowser(SATO))
    before = kept_refresh_token(app)
    assert refreshed(app)["access_token"]
    assert kept_refresh_token(app) != before
    assert len(office.refresh_tokens(SATO)) == 2


def test_revoked_sessions_are_told_as_50173(office: Microsoft365Sandbox, app: msal.PublicClientApplication) -> None:
    sign_in(app, ScriptedBrowser(SATO))
    office.revoke_refresh_tokens(SATO)
    result = refreshed(app)
    assert (result["error"], result["error_codes"]) == ("invalid_grant", [50173])
    assert result["error_description"].startswith("AADSTS50173: ")


def test_a_refused_token_request_carries_any_code_suberror_and_claims(
    office: Microsoft365Sandbox, app: msal.PublicClientApplication
) -> None:
    sign_in(app, ScriptedBrowser(SATO))
    office.refuse_token(53003, "interaction_required", "message_only", claims={"access_token": {"polids": {}}})
    result = refreshed(app)
    assert (result["error_codes"], result["suberror"]) == ([53003], "message_only")
    assert result["claims"] == '{"access_token": {"polids": {}}}'


def test_a_condition_that_a_refresh_meets_is_met_with_the_claims(
    office: Microsoft365Sandbox, app: msal.PublicClientApplication
) -> None:
    token = sign_in(app, ScriptedBrowser(SATO))["access_token"]
    claims = office.require_claims(SATO, interactive=False)
    asked = _claims_of(office, token)
    assert asked is not None
    assert json.loads(asked) == claims
    assert _claims_of(office, refreshed(app)["access_token"]) == asked
    met = app.acquire_token_silent_with_error(SCOPES, app.get_accounts()[0], claims_challenge=asked)
    assert _claims_of(office, met["access_token"]) is None


def test_a_condition_that_needs_the_person_is_refused_to_a_refresh_and_met_by_a_sign_in(
    office: Microsoft365Sandbox, app: msal.PublicClientApplication
) -> None:
    token = sign_in(app, ScriptedBrowser(SATO))["access_token"]
    office.require_claims(SATO)
    asked = _claims_of(office, token)
    assert asked is not None
    silent = app.acquire_token_silent_with_error(SCOPES, app.get_accounts()[0], claims_challenge=asked)
    assert (silent["error_codes"], silent["suberror"]) == ([50076], "basic_action")
    again = sign_in(app, ScriptedBrowser(SATO), claims_challenge=asked)
    assert _claims_of(office, again["access_token"]) is None
    assert _claims_of(office, refreshed(app)["access_token"]) is None


def test_an_unknown_tenant_is_refused_before_any_page(office: Microsoft365Sandbox, session: requests.Session) -> None:
    authority = f"{office.tls_url}/nobody.example"
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        msal.PublicClientApplication(CLIENT_ID, authority=authority, http_client=session, instance_discovery=False)


def test_another_account_than_the_hinted_one_can_sign_in(app: msal.PublicClientApplication) -> None:
    result = sign_in(app, ScriptedBrowser(SUZUKI), login_hint=SATO, prompt="select_account")
    assert result["id_token_claims"]["preferred_username"] == SUZUKI


def test_msal_insists_on_https_even_on_loopback(office: Microsoft365Sandbox) -> None:
    with pytest.raises(ValueError, match="should consist of an https url"):
        msal.PublicClientApplication(CLIENT_ID, authority=f"{office.url}/organizations", instance_discovery=False)


def test_a_program_that_does_not_trust_the_certificate_gets_no_answer(office: Microsoft365Sandbox) -> None:
    with requests.Session() as stranger, pytest.raises(requests.exceptions.SSLError):
        stranger.trust_env = False
        stranger.get(f"{office.authority}/v2.0/.well-known/openid-configuration", timeout=5)


def _claims_of(office: Microsoft365Sandbox, token: str) -> str | None:
    """Asks Graph, and returns the claims it demands, or nothing when it answers."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{office.api_endpoint}/me", headers=headers, trust_env=False, verify=False, timeout=60)
    if answer.is_success:
        return None
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_claims"' in challenge
    return base64.b64decode(challenge.split('claims="')[1].split('"')[0]).decode()
