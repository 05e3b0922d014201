"""Throttling, batches, dead tokens, and what a test can switch on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from soroe.sandbox.microsoft365 import Microsoft365Sandbox
from soroe.sandbox.microsoft365.errors import GraphError
from soroe.sandbox.microsoft365.sandbox import CLIENT_ID
from soroe.sandbox.server import DropAfterProcessing
from tests.sandbox.microsoft365.caller import Caller, Clock, Json, meeting, ok, refusal
from tests.sandbox.microsoft365.conftest import SATO


def test_a_fifth_request_at_the_same_time_is_refused(office: Microsoft365Sandbox, sato: Caller, suzuki: Caller) -> None:
    office.limits.hold = 0.15
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sato.get("me/calendars"), range(8)))
        assert suzuki.get("me/calendars").is_success
    refused = [answer for answer in answers if not answer.is_success]
    assert office.limits.most_at_once == 4
    assert refused
    assert refusal(refused[0]) == (429, "ApplicationThrottled")
    assert "MailboxConcurrency" in refused[0].json()["error"]["message"]
    assert refused[0].headers["Retry-After"] == "1"


def test_ten_minutes_hold_so_many_requests_and_no_more(office: Microsoft365Sandbox, sato: Caller, clock: Clock) -> None:
    office.limits.per_window = 3
    for _ in range(3):
        ok(sato.get("me/calendars"))
        clock.advance(minutes=2)
    answer = sato.get("me/calendars")
    assert refusal(answer) == (429, "TooManyRequests")
    assert answer.headers["Retry-After"] == "241"
    clock.advance(seconds=241)
    ok(sato.get("me/calendars"))


def test_an_access_token_dies_and_anything_else_is_no_token(
    office: Microsoft365Sandbox, sato: Caller, clock: Clock
) -> None:
    clock.advance(hours=1)
    answer = sato.get("me")
    assert refusal(answer) == (401, "InvalidAuthenticationToken")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert refusal(sato.http.get("me", headers={"Authorization": ""})) == (401, "InvalidAuthenticationToken")
    fresh = Caller(office, SATO)
    office.expire_access_tokens()
    assert refusal(fresh.get("me")) == (401, "InvalidAuthenticationToken")
    fresh.http.close()


def test_a_batch_has_a_status_for_each_part(office: Microsoft365Sandbox, sato: Caller) -> None:
    made = sato.created(meeting())
    headers = {"Content-Type": "application/json", "Prefer": 'IdType="ImmutableId"'}
    parts: list[Json] = [
        {"id": "1", "method": "GET", "url": f"/me/events/{made['id']}?$select=subject"},
        {"id": "2", "method": "GET", "url": "/me/events/AAkAunknown"},
        {"id": "3", "method": "POST", "url": "/me/events", "body": meeting("二件目"), "headers": headers},
        {"id": "4", "method": "DELETE", "url": f"/me/events/{made['id']}", "dependsOn": ["2"]},
        {"id": "5", "method": "GET", "url": "/me/calendar", "dependsOn": ["3"]},
    ]
    office.refuse(GraphError(429, "ApplicationThrottled", "Slow down.", {"Retry-After": "7"}), "GET", "/me/calendar$")
    found = {one["id"]: one for one in ok(sato.post("$batch", {"requests": parts}))["responses"]}
    assert {key: one["status"] for key, one in found.items()} == {"1": 200, "2": 404, "3": 201, "4": 424, "5": 429}
    assert found["1"]["body"]["subject"] == "打ち合わせ"
    assert found["5"]["headers"]["Retry-After"] == "7"
    assert sato.event(made["id"])["id"] == made["id"]


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"id": str(n), "method": "GET", "url": "/me"} for n in range(21)],
        [{"id": "1", "method": "GET", "url": "/me"}, {"id": "1", "method": "GET", "url": "/me"}],
        [{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["9"]}],
        [{"id": "1", "method": "POST", "url": "/me/events", "body": {}}],
        [{"method": "GET", "url": "/me"}],
    ],
)
def test_a_batch_out_of_shape_is_refused_as_a_whole(sato: Caller, parts: list[Json]) -> None:
    assert refusal(sato.post("$batch", {"requests": parts})) == (400, "BadRequest")


def test_a_create_whose_answer_is_lost_is_found_again_by_its_transaction(
    office: Microsoft365Sandbox, sato: Caller
) -> None:
    office.faults.add(DropAfterProcessing(), "POST", "/me/events")
    with pytest.raises(Exception, match="disconnected"):
        sato.post("me/events", meeting(transactionId="t-1"))
    sato.created(meeting(transactionId="t-1"))
    assert len(office.events(SATO)) == 1


def test_links_lead_to_the_address_that_was_called(office: Microsoft365Sandbox, sato: Caller) -> None:
    for hour in (9, 11):
        office.user_creates(SATO, meeting(hour=hour))
    answer = ok(sato.get(f"{office.tls_api_endpoint}/me/events", **{"$top": "1"}))
    assert answer["@odata.nextLink"].startswith(f"{office.tls_api_endpoint}/me/events?")
    assert len(ok(sato.get(answer["@odata.nextLink"]))["value"]) == 1


def test_the_sandbox_stops_and_leaves_no_certificate(clock: Clock) -> None:
    with Microsoft365Sandbox(clock=clock) as office:
        kept = office.authority_file
        assert kept.exists()
        assert office.grants.clients == {CLIENT_ID}
    assert not kept.parent.exists()
    with pytest.raises(RuntimeError, match="not running"):
        _ = office.authority_file
