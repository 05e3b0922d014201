"""Keys, sign-in, permissions, limits and connection health of the sandbox CRM."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.crm import CLIENT_ID, CrmSandbox, User
from soroe.sandbox.server import LoopbackServer
from tests.sandbox.crm.caller import Caller, Clock, Contract, meeting
from tests.sandbox.crm.landing import landing_page

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SCOPES = ("activities:read", "activities:write")


@pytest.fixture
def landing() -> Iterator[LoopbackServer]:
    with landing_page() as server:
        yield server


def asked(landing: LoopbackServer, **changes: str) -> dict[str, str]:
    request = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{landing.url}/callback",
        "scope": " ".join(SCOPES),
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return request | changes


def sign_in(
    crm: CrmSandbox, landing: LoopbackServer, allow: bool = True, tick: Collection[str] | None = None
) -> dict[str, list[str]]:
    """Walks through the pages; returns what the program is told."""
    browser = ScriptedBrowser(account="sato@example.com", allow=allow, tick=tick)
    assert "Thank you" in browser.open(f"{crm.authorization_endpoint}?{urlencode(asked(landing))}")
    return parse_qs(urlsplit(browser.visited[-1]).query)


def redeem(crm: CrmSandbox, landing: LoopbackServer, code: str, verifier: str = VERIFIER) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": code,
        "redirect_uri": f"{landing.url}/callback",
        "code_verifier": verifier,
    }
    return httpx.post(crm.token_endpoint, data=form, verify=False, timeout=60)


def refresh(crm: CrmSandbox, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": token}
    return httpx.post(crm.token_endpoint, data=form, verify=False, timeout=60)


def signed_in(crm: CrmSandbox, landing: LoopbackServer, tick: Collection[str] | None = None) -> dict[str, Any]:
    told = sign_in(crm, landing, tick=tick)
    assert told["state"] == ["s1"]
    tokens: dict[str, Any] = redeem(crm, landing, told["code"][0]).json()
    return tokens


def me(crm: CrmSandbox, headers: dict[str, str]) -> httpx.Response:
    return httpx.get(f"{crm.base_url}/me", headers=headers, verify=False, timeout=60)


def test_an_api_key_is_taken_in_either_header(crm: CrmSandbox, sato: User) -> None:
    key = crm.api_key_for(sato)
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        assert me(crm, headers).json()["email"] == "sato@example.com"


def test_without_a_key_or_with_a_wrong_one_nobody_comes_in(crm: CrmSandbox, sato: User, call: Caller) -> None:
    assert me(crm, {}).json()["code"] == "token_missing"
    assert me(crm, {"X-API-Key": "wrong"}).json()["code"] == "invalid_token"
    crm.revoke_access(sato)
    response = call("GET", "me")
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_sign_in_with_pkce_gives_tokens_that_work(
    crm: CrmSandbox, sato: User, landing: LoopbackServer, contract: Contract
) -> None:
    tokens = signed_in(crm, landing)
    assert tokens["scope"] == "activities:read activities:write"
    call = Caller(crm.base_url, tokens["access_token"], contract)
    assert call("GET", "me").json()["id"] == sato.id
    assert call.create().status_code == 201
    call.close()


def test_a_permission_that_was_not_ticked_is_missing_by_name(
    crm: CrmSandbox, sato: User, landing: LoopbackServer, contract: Contract
) -> None:
    tokens = signed_in(crm, landing, tick=["activities:read"])
    call = Caller(crm.base_url, tokens["access_token"], contract)
    assert call.list()["items"] == []
    problem = call.create().json()
    assert (problem["code"], problem["permission"]) == ("permission_missing", "activities:write")
    call.close()


def test_a_cancelled_sign_in_tells_the_program(crm: CrmSandbox, sato: User, landing: LoopbackServer) -> None:
    assert sign_in(crm, landing, allow=False) == {"error": ["access_denied"], "state": ["s1"]}


def test_a_code_works_once_for_its_verifier_and_for_a_minute(
    crm: CrmSandbox, sato: User, landing: LoopbackServer, clock: Clock
) -> None:
    code = sign_in(crm, landing)["code"][0]
    assert redeem(crm, landing, code, "another-verifier").json()["error"] == "invalid_grant"
    assert redeem(crm, landing, code).json()["error"] == "invalid_grant"
    late = sign_in(crm, landing)["code"][0]
    clock.moves_on(seconds=61)
    assert redeem(crm, landing, late).json()["error"] == "invalid_grant"


def test_an_access_token_lasts_an_hour_and_is_refreshed(
    crm: CrmSandbox, sato: User, landing: LoopbackServer, clock: Clock
) -> None:
    tokens = signed_in(crm, landing)
    clock.moves_on(hours=1)
    expired = me(crm, {"Authorization": f"Bearer {tokens['access_token']}"})
    assert (expired.status_code, expired.json()["code"]) == (401, "token_expired")
    again = refresh(crm, tokens["refresh_token"]).json()
    assert me(crm, {"Authorization": f"Bearer {again['access_token']}"}).status_code == 200
    crm.expire_access_tokens()
    assert me(crm, {"Authorization": f"Bearer {again['access_token']}"}).json()["code"] == "token_expired"


def test_a_refresh_token_used_twice_ends_the_whole_grant(crm: CrmSandbox, sato: User, landing: LoopbackServer) -> None:
    tokens = signed_in(crm, landing)
    newer = refresh(crm, tokens["refresh_token"]).json()
    assert refresh(crm, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(crm, newer["refresh_token"]).json()["error"] == "invalid_grant"
    assert me(crm, {"Authorization": f"Bearer {newer['access_token']}"}).status_code == 401


def test_a_revoked_grant_is_over(crm: CrmSandbox, sato: User, landing: LoopbackServer) -> None:
    tokens = signed_in(crm, landing)
    assert (
        httpx.post(
            f"{crm.url}/oauth/revoke", data={"token": tokens["refresh_token"]}, verify=False, timeout=60
        ).status_code
        == 200
    )
    assert refresh(crm, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert httpx.post(f"{crm.url}/oauth/revoke", data={"token": "unknown"}, verify=False, timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_a_wrong_authorization_request_goes_back_with_an_error(
    crm: CrmSandbox, landing: LoopbackServer, changes: dict[str, str], error: str
) -> None:
    response = httpx.get(crm.authorization_endpoint, params=asked(landing, **changes), verify=False, timeout=60)
    told = parse_qs(urlsplit(response.headers["Location"]).query)
    assert (told["error"], told["state"]) == ([error], ["s1"])


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "https://elsewhere.example.com/"}, {"client_id": "unknown"}, {"redirect_uri": ""}]
)
def test_a_request_from_nobody_known_stays_in_the_browser(
    crm: CrmSandbox, landing: LoopbackServer, changes: dict[str, str]
) -> None:
    response = httpx.get(crm.authorization_endpoint, params=asked(landing, **changes), verify=False, timeout=60)
    assert (response.status_code, "Location" in response.headers) == (400, False)


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [("ja,en;q=0.5", "ja", "サインイン"), ("de", "en", "Sign in"), ("en", "en", "Sign in")],
)
def test_the_pages_are_headed_sandbox_in_the_browsers_language(
    crm: CrmSandbox, sato: User, landing: LoopbackServer, language: str, code: str, words: str
) -> None:
    response = httpx.get(
        crm.authorization_endpoint,
        params=asked(landing),
        headers={"Accept-Language": language},
        verify=False,
        timeout=60,
    )
    assert f'lang="{code}"' in response.text
    assert "<header><b>Sandbox" in response.text
    assert words in response.text


def test_a_wrong_password_leads_back_to_the_form(crm: CrmSandbox, sato: User, landing: LoopbackServer) -> None:
    page = httpx.get(crm.authorization_endpoint, params=asked(landing), verify=False, timeout=60).text
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    form = {"ticket": ticket, "email": '"><script>', "password": "wrong"}
    response = httpx.post(f"{crm.url}/oauth/sign-in", data=form, verify=False, timeout=60)
    assert (response.status_code, "<script>" in response.text) == (401, False)


def test_a_withdrawn_permission_a_block_and_a_suspension_are_told_apart(
    crm: CrmSandbox, sato: User, call: Caller
) -> None:
    crm.withdraw_permission(sato, "activities:write")
    assert call.create().json()["permission"] == "activities:write"
    crm.grant_permission(sato, "activities:write")
    assert call.create().status_code == 201
    crm.block_by_admin()
    assert call("GET", "me").json()["code"] == "blocked_by_admin"
    crm.block_by_admin(False)
    crm.suspend_account()
    response = call("GET", "me")
    assert (response.status_code, response.json()["code"]) == (402, "account_suspended")


def test_too_many_requests_have_to_wait(crm: CrmSandbox, call: Caller, clock: Clock) -> None:
    crm.limit_rate(requests=2, seconds=10)
    assert [call("GET", "me").status_code for _ in range(2)] == [200, 200]
    clock.moves_on(seconds=4)
    refused = call("GET", "me")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    clock.moves_on(seconds=int(refused.headers["Retry-After"]))
    assert call("GET", "me").status_code == 200


def test_the_days_requests_are_used_up_until_midnight(crm: CrmSandbox, call: Caller, clock: Clock) -> None:
    crm.limit_day(1)
    assert call("GET", "me").status_code == 200
    refused = call("GET", "me")
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("daily_limit_reached", str(21 * 3600 + 1))
    clock.moves_on(hours=21)
    assert call("GET", "me").status_code == 200


def test_members_of_a_booking_page_see_each_others_health(
    crm: CrmSandbox, sato: User, call: Caller, contract: Contract
) -> None:
    suzuki, stranger = crm.add_user("suzuki@example.com", "Suzuki"), crm.add_user("mori@example.com", "Mori")
    page = crm.add_booking_page("First talk", sato, (sato, suzuki), "round_robin", ("zoom",))
    connection = {"kind": "calendar", "provider": "google", "state": "error", "since": "2026-05-01T00:00:00Z"}
    report = {"connections": [{**connection, "cause": "sign_in_required"}]}
    for user in (suzuki, stranger):
        other = Caller(crm.base_url, crm.api_key_for(user), contract)
        assert other("PUT", "members/me/connection-health", json=report).status_code == 200
        other.close()
    [shown] = call("GET", "members/connection-health").json()["items"]
    assert (shown["member_id"], shown["connections"][0]["cause"]) == (suzuki.id, "sign_in_required")
    [listed] = call("GET", "booking-pages").json()["items"]
    assert (listed["mode"], listed["member_ids"], listed["locations"]) == (
        "round_robin",
        [sato.id, suzuki.id],
        ["zoom"],
    )
    crm.change_booking_page(replace(page, locations=()))
    assert call("GET", "booking-pages").json()["items"][0]["locations"] == []
    assert crm.health_of(sato) is None


@pytest.mark.parametrize(
    ("connection", "field"),
    [
        ({"kind": "phone"}, "connections.0.kind"),
        ({"kind": "location"}, "connections.0.provider"),
        ({"state": "fine"}, "connections.0.state"),
        ({"since": "yesterday"}, "connections.0.since"),
        ({"account": "sato@example.com"}, "connections.0.account"),
    ],
)
def test_a_wrong_health_report_is_refused(call: Caller, connection: dict[str, str], field: str) -> None:
    good = {"kind": "calendar", "provider": "google", "state": "connected", "since": "2026-05-01T00:00:00Z"}
    response = call("PUT", "members/me/connection-health", json={"connections": [good | connection]})
    assert (response.status_code, response.json()["field"]) == (422, field)


def test_every_operation_of_the_document_answers_as_it_says(crm: CrmSandbox, call: Caller, contract: Contract) -> None:
    contract.seen.clear()
    crm.add_booking_page("First talk", crm.add_user("suzuki@example.com"), ())
    for path in ("me", "users", "activity-types", "booking-pages", "members/connection-health"):
        call("GET", path)
    call("PUT", "members/me/connection-health", json={"connections": []})
    created = call.create().json()
    call.list()
    call("GET", f"activities/{created['id']}")
    changed = call.change(created, done=True).json()
    operation = {"op": "create", "idempotency_key": "batch-key-1", "activity": meeting()}
    call("POST", "activities/batch", json={"operations": [operation]})
    call.delete(changed)
    call("POST", f"activities/{created['id']}/restore")
    operations = {
        operation["operationId"]
        for path in contract.document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert {operation for operation, status in contract.seen if status < 300} == operations


def test_an_unknown_path_and_a_wrong_method_are_problems_too(crm: CrmSandbox, sato: User) -> None:
    headers = {"X-API-Key": crm.api_key_for(sato)}
    for method, path, status, code in (("GET", "deals", 404, "not_found"), ("PUT", "me", 405, "method_not_allowed")):
        response = httpx.request(method, f"{crm.base_url}/{path}", headers=headers, verify=False, timeout=60)
        assert (response.status_code, response.json()["code"]) == (status, code)
