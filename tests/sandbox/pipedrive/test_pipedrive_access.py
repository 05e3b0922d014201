"""Tokens, scopes, sign-in and limits of the Pipedrive-shaped server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from soroe.sandbox.browser import ScriptedBrowser
from soroe.sandbox.pipedrive import CLIENT_ID, PipedriveSandbox, Plan, User
from soroe.sandbox.server import LoopbackServer
from tests.sandbox.crm.caller import Clock
from tests.sandbox.crm.landing import landing_page
from tests.sandbox.pipedrive.caller import ACTIVITIES, Caller, data


@contextmanager
def signing_in(clock: Clock) -> Iterator[tuple[PipedriveSandbox, LoopbackServer]]:
    with landing_page() as landing, PipedriveSandbox(clock=clock, redirect=f"{landing.url}/callback") as sandbox:
        sandbox.add_user("sato@example.com", "Sato")
        yield sandbox, landing


def sign_in(sandbox: PipedriveSandbox, landing: LoopbackServer, allow: bool = True) -> dict[str, list[str]]:
    """Walks through the pages; returns what the program is told."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{landing.url}/callback",
        "state": "s1",
    }
    browser = ScriptedBrowser(account="sato@example.com", allow=allow)
    browser.open(f"{sandbox.authorization_endpoint}?{urlencode(asked)}")
    return parse_qs(urlsplit(browser.visited[-1]).query)


def redeem(sandbox: PipedriveSandbox, form: dict[str, str], secret: str | None = None) -> httpx.Response:
    return httpx.post(
        sandbox.token_endpoint, data=form, auth=(CLIENT_ID, secret or sandbox.client_secret), verify=False, timeout=60
    )


def test_sign_in_gives_rotating_tokens_and_the_companys_address(clock: Clock) -> None:
    with signing_in(clock) as (sandbox, landing):
        told = sign_in(sandbox, landing)
        assert told["state"] == ["s1"]
        form = {"grant_type": "authorization_code", "code": told["code"][0], "redirect_uri": f"{landing.url}/callback"}
        assert redeem(sandbox, form, "wrong").status_code == 401
        first = redeem(sandbox, form).json()
        assert first["api_domain"] == sandbox.url
        call = Caller(sandbox.url, {"Authorization": f"Bearer {first['access_token']}"})
        assert data(call("GET", "/v1/users/me"))["name"] == "Sato"
        refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        assert redeem(sandbox, refresh).json()["refresh_token"] != first["refresh_token"]
        assert redeem(sandbox, refresh).json()["error"] == "invalid_grant"
        assert call("GET", "/v1/users/me").status_code == 401
        call.close()


def test_a_cancelled_sign_in_tells_the_program(clock: Clock) -> None:
    with signing_in(clock) as (sandbox, landing):
        assert sign_in(sandbox, landing, allow=False)["error"] == ["access_denied"]


def test_another_address_than_the_registered_one_is_refused(pipedrive: PipedriveSandbox) -> None:
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": "http://127.0.0.1:1/other"}
    response = httpx.get(pipedrive.authorization_endpoint, params=asked, verify=False, timeout=60)
    assert (response.status_code, "redirect_uri" in response.text) == (400, True)


def test_a_regenerated_token_ends_the_old_one(pipedrive: PipedriveSandbox, sato: User, call: Caller) -> None:
    assert call("GET", "/v1/users/me").status_code == 200
    pipedrive.api_token_for(sato)
    assert call("GET", "/v1/users/me").status_code == 401


def test_a_missing_scope_is_a_403_in_json(pipedrive: PipedriveSandbox, sato: User, call: Caller) -> None:
    pipedrive.withdraw_permission(sato, "activities:full")
    assert call("GET", ACTIVITIES).status_code == 200
    response = call("POST", ACTIVITIES, json={"type": "meeting"})
    assert (response.status_code, response.json()["error"]) == (403, "Scope and URL mismatch")


def test_a_suspended_company_answers_402(pipedrive: PipedriveSandbox, call: Caller) -> None:
    pipedrive.suspend_account()
    assert call("GET", ACTIVITIES).status_code == 402


def test_every_request_costs_its_tokens(pipedrive: PipedriveSandbox, call: Caller) -> None:
    created = call.create()
    path = f"{ACTIVITIES}/{created['id']}"
    for method, body in (("GET", None), ("PATCH", {"done": True}), ("DELETE", None)):
        call(method, path, json=body)
    call.list()
    call("GET", "/v1/users/me")
    call("GET", "/v1/activityTypes")
    assert pipedrive.tokens_spent == 5 + 1 + 5 + 3 + 10 + 2 + 20


def test_the_burst_limit_of_two_seconds_is_told_in_headers(
    pipedrive: PipedriveSandbox, call: Caller, clock: Clock
) -> None:
    pipedrive.enforce_limits(Plan.LITE)
    for left in reversed(range(20)):
        response = call("GET", "/v1/users/me")
        assert response.headers["x-ratelimit-remaining"] == str(left)
    refused = call("GET", "/v1/users/me")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    clock.moves_on(seconds=2)
    assert call("GET", "/v1/users/me").status_code == 200


def test_a_spent_daily_budget_lasts_until_midnight_of_the_server(
    pipedrive: PipedriveSandbox, call: Caller, clock: Clock
) -> None:
    pipedrive.enforce_limits(zone="Asia/Tokyo")
    pipedrive.spend_daily_budget()
    refused = call("GET", ACTIVITIES)
    assert (refused.status_code, refused.headers["x-daily-ratelimit-token-remaining"]) == (429, "0")
    assert "Retry-After" not in refused.headers
    clock.moves_on(hours=11, minutes=59)
    assert call("GET", ACTIVITIES).status_code == 429
    clock.moves_on(minutes=1)
    assert call("GET", ACTIVITIES).status_code == 200


def test_the_daily_headers_may_be_missing(pipedrive: PipedriveSandbox, call: Caller) -> None:
    pipedrive.hide_daily_headers()
    assert "x-daily-ratelimit-token-remaining" not in call("GET", ACTIVITIES).headers


def test_who_ignores_the_limit_is_blocked_with_a_web_page(
    pipedrive: PipedriveSandbox, call: Caller, clock: Clock
) -> None:
    pipedrive.enforce_limits(Plan.LITE)
    statuses = [call("GET", "/v1/users/me").status_code for _ in range(40)]
    assert statuses.count(429) == 11
    assert statuses[-1] == 403
    blocked = call("GET", "/v1/users/me")
    assert blocked.headers["Content-Type"].startswith("text/html")
    clock.moves_on(minutes=15)
    assert call("GET", "/v1/users/me").status_code == 200


@pytest.mark.parametrize("body", [b"{", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(call: Caller, body: bytes) -> None:
    response = call("POST", ACTIVITIES, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
