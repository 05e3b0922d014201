"""Signing in at the Salesforce-shaped server, and the sessions that come of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from soroe.sandbox.browser import PageNotUnderstood, ScriptedBrowser
from soroe.sandbox.salesforce import CLIENT_ID, SalesforceSandbox, User
from soroe.sandbox.server import LoopbackServer
from tests.sandbox.crm.caller import Clock
from tests.sandbox.crm.landing import landing_page
from tests.sandbox.salesforce.caller import DATA, Caller

VERIFIER = "a-verifier-that-is-long-enough-to-be-taken-1234"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def landing() -> Iterator[LoopbackServer]:
    with landing_page() as server:
        yield server


@pytest.fixture
def org(clock: Clock, landing: LoopbackServer) -> Iterator[SalesforceSandbox]:
    with SalesforceSandbox(clock=clock, redirects=(f"{landing.url}/callback",)) as sandbox:
        sandbox.add_user("sato@example.com", "Sato")
        yield sandbox


def authorize(org: SalesforceSandbox, landing: LoopbackServer, allow: bool = True, **more: str) -> dict[str, list[str]]:
    """Walks through the pages; returns what the program is told."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{landing.url}/callback",
        "scope": "api refresh_token",
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    browser = ScriptedBrowser(account="sato@example.com", allow=allow)
    browser.open(f"{org.authorization_endpoint}?{urlencode(asked)}")
    return parse_qs(urlsplit(browser.visited[-1]).query)


def post(address: str, form: dict[str, str]) -> httpx.Response:
    """Sends a form. Nothing is encrypted here, and the machine's certificates take their time."""
    return httpx.post(address, data=form, verify=False, timeout=60)


def redeem(org: SalesforceSandbox, landing: LoopbackServer, code: str, **more: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": CLIENT_ID,
        "redirect_uri": f"{landing.url}/callback",
        "code_verifier": VERIFIER,
        **more,
    }
    return post(org.token_endpoint, form)


def refresh(org: SalesforceSandbox, token: object) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": str(token), "client_id": CLIENT_ID}
    return post(org.token_endpoint, form)


def refused(response: httpx.Response) -> tuple[int, str, str]:
    told = response.json()
    return response.status_code, told["error"], told["error_description"]


def test_a_sign_in_tells_where_the_org_is_and_not_how_long_it_lasts(
    org: SalesforceSandbox, landing: LoopbackServer
) -> None:
    told = authorize(org, landing)
    assert told["state"] == ["s1"]
    answer = redeem(org, landing, told["code"][0]).json()
    assert answer["instance_url"] == org.url
    assert answer["id"].startswith(f"{org.url}/id/00D")
    assert (answer["token_type"], answer["scope"]) == ("Bearer", "api refresh_token")
    assert answer["issued_at"] == "1777604400000" and answer["signature"]
    assert "expires_in" not in answer
    identity = httpx.get(
        answer["id"], headers={"Authorization": f"Bearer {answer['access_token']}"}, verify=False, timeout=60
    ).json()
    assert (identity["email"], identity["timezone"], identity["utcOffset"]) == (
        "sato@example.com",
        "Asia/Tokyo",
        32400000,
    )
    again = refresh(org, answer["refresh_token"]).json()
    assert again["access_token"] != answer["access_token"] and "refresh_token" not in again


def test_without_its_scope_there_is_no_refresh_token(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    answer = redeem(org, landing, authorize(org, landing, scope="api openid")["code"][0]).json()
    assert "refresh_token" not in answer
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert (
        httpx.get(f"{org.url}/services/oauth2/userinfo", headers=headers, verify=False, timeout=60).json()["zoneinfo"]
        == "Asia/Tokyo"
    )


def test_a_cancelled_sign_in_tells_the_program(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    told = authorize(org, landing, allow=False)
    assert (told["error"], told["error_description"]) == (["access_denied"], ["end-user denied authorization"])


def test_a_scope_that_the_program_does_not_have_is_refused(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    assert authorize(org, landing, scope="api full")["error"] == ["invalid_scope"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("redirect_uri", "http://localhost:1717/callback"), ("client_id", "3MVG9other")],
)
def test_a_program_or_address_that_is_not_registered_ends_in_the_browser(
    org: SalesforceSandbox, landing: LoopbackServer, name: str, value: str
) -> None:
    with pytest.raises(PageNotUnderstood, match="400"):
        authorize(org, landing, True, **{name: value})


def test_another_port_of_this_computer_is_another_address(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    with pytest.raises(PageNotUnderstood, match="redirect_uri_mismatch"):
        authorize(org, landing, redirect_uri="http://127.0.0.1:1/callback")


def test_a_program_that_is_not_installed_is_blocked_in_the_browser(
    org: SalesforceSandbox, landing: LoopbackServer
) -> None:
    org.block_uninstalled_programs()
    with pytest.raises(PageNotUnderstood, match="OAUTH_APPROVAL_ERROR_GENERIC"):
        authorize(org, landing)
    org.block_uninstalled_programs(False)
    assert "code" in authorize(org, landing)


def test_a_user_whom_nobody_approved_is_sent_back(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    org.allow_only(org.add_user("suzuki@example.com", "Suzuki"))
    assert authorize(org, landing)["error"] == ["OAUTH_APP_ACCESS_DENIED"]


def test_a_code_is_good_once_with_its_verifier_and_address(org: SalesforceSandbox, landing: LoopbackServer) -> None:
    code = authorize(org, landing)["code"][0]
    assert refused(redeem(org, landing, code, code_verifier="x" * 50)) == (
        400,
        "invalid_grant",
        "invalid code verifier",
    )
    code = authorize(org, landing)["code"][0]
    assert refused(redeem(org, landing, code, redirect_uri="http://localhost/"))[1] == "redirect_uri_mismatch"
    code = authorize(org, landing)["code"][0]
    assert redeem(org, landing, code).status_code == 200
    assert refused(redeem(org, landing, code)) == (400, "invalid_grant", "expired authorization code")
    assert refused(redeem(org, landing, code, client_id="3MVG9other"))[1] == "invalid_client_id"
    assert refused(redeem(org, landing, code, grant_type="password"))[1] == "unsupported_grant_type"


def test_a_dead_refresh_token_tells_one_of_several_reasons(
    salesforce: SalesforceSandbox, sato: User, clock: Clock
) -> None:
    token = salesforce.permission_for(sato)["refresh_token"]
    salesforce.expire_refresh_tokens(timedelta(days=7), unused=True)
    clock.moves_on(days=6)
    assert refresh(salesforce, token).status_code == 200
    clock.moves_on(days=6)
    assert refresh(salesforce, token).status_code == 200
    clock.moves_on(days=8)
    assert refused(refresh(salesforce, token)) == (400, "invalid_grant", "token validity expired")
    token = salesforce.permission_for(sato)["refresh_token"]
    salesforce.restrict_addresses()
    assert refused(refresh(salesforce, token)) == (400, "invalid_grant", "ip restricted")
    salesforce.restrict_addresses(False)
    salesforce.deactivate(sato)
    assert refused(refresh(salesforce, token)) == (400, "inactive_user", "user is inactive")
    salesforce.revoke_consents(sato)
    assert refused(refresh(salesforce, token)) == (400, "invalid_grant", "expired access/refresh token")


def test_a_sixth_approval_ends_the_first(salesforce: SalesforceSandbox, sato: User) -> None:
    tokens = [salesforce.permission_for(sato)["refresh_token"] for _ in range(6)]
    assert [refresh(salesforce, token).status_code for token in tokens] == [400, 200, 200, 200, 200, 200]


def test_refresh_tokens_can_rotate(salesforce: SalesforceSandbox, sato: User) -> None:
    salesforce.rotate_refresh_tokens()
    token = salesforce.permission_for(sato)["refresh_token"]
    fresh = refresh(salesforce, token).json()["refresh_token"]
    assert refresh(salesforce, token).status_code == 400
    assert refresh(salesforce, fresh).status_code == 200


def test_a_revoked_token_ends_its_session(salesforce: SalesforceSandbox, sato: User) -> None:
    given = salesforce.permission_for(sato)
    post(salesforce.revocation_endpoint, {"token": str(given["refresh_token"])})
    caller = Caller(salesforce.url, str(given["access_token"]))
    assert caller.refused("GET", f"{DATA}/limits") == (401, "INVALID_SESSION_ID", [])
    caller.close()


def test_a_session_ends_when_nobody_uses_it(clock: Clock) -> None:
    with SalesforceSandbox(clock=clock) as org:
        caller = Caller(org.url, org.session_for(org.add_user()))
        for _ in range(3):
            clock.moves_on(minutes=119)
            assert caller("GET", f"{DATA}/limits").status_code == 200
        clock.moves_on(hours=2)
        assert caller.refused("GET", f"{DATA}/limits")[:2] == (401, "INVALID_SESSION_ID")
        caller.close()


def test_a_frozen_user_has_no_session(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    salesforce.deactivate(sato)
    assert call.refused("GET", f"{DATA}/limits")[:2] == (401, "INVALID_SESSION_ID")


def test_the_api_can_be_closed_to_the_org_or_to_a_user(salesforce: SalesforceSandbox, sato: User, call: Caller) -> None:
    salesforce.disable_api()
    assert call.refused("GET", f"{DATA}/limits")[:2] == (403, "API_DISABLED_FOR_ORG")
    salesforce.disable_api(False)
    salesforce.disable_api_for(sato)
    assert call.refused("GET", f"{DATA}/limits")[:2] == (403, "API_CURRENTLY_DISABLED")


def test_a_session_without_the_api_scope_is_refused(salesforce: SalesforceSandbox, sato: User) -> None:
    caller = Caller(salesforce.url, str(salesforce.permission_for(sato, ("id",))["access_token"]))
    assert caller.refused("GET", f"{DATA}/limits")[0] == 403
    caller.close()


@pytest.mark.parametrize(("header", "told"), [("", "Missing_OAuth_Token"), ("Bearer x", "Bad_OAuth_Token")])
def test_the_identity_is_told_to_its_session_only(
    salesforce: SalesforceSandbox, sato: User, header: str, told: str
) -> None:
    address = str(salesforce.permission_for(sato)["id"])
    response = httpx.get(address, headers={"Authorization": header} if header else {}, verify=False, timeout=60)
    assert (response.status_code, response.text) == (403, told)
