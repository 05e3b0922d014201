"""The quota, and faults on demand as the network and the service make them."""

from __future__ import annotations

import httpx
import pytest

from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.errors import GoogleError, backend_error, quota_exceeded
from soroe.sandbox.google.quota import Refusal
from soroe.sandbox.server import Answer, DropAfterProcessing, DropConnectionBefore, MalformedJson
from tests.sandbox.google.caller import Caller, Clock, meeting, refusal
from tests.sandbox.google.conftest import SATO


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("userRateLimitExceeded", (403, "userRateLimitExceeded")),
        ("rateLimitExceeded", (403, "rateLimitExceeded")),
        ("429", (429, "rateLimitExceeded")),
    ],
)
def test_the_minute_is_a_sliding_window(
    google: GoogleSandbox, sato: Caller, clock: Clock, kind: Refusal, expected: tuple[int, str]
) -> None:
    google.quota.per_minute, google.quota.refusal = 3, kind
    for _ in range(3):
        assert sato.list_events().is_success
        clock.advance(seconds=10)
    refused = sato.list_events()
    assert refusal(refused) == expected
    if expected[0] == 429:
        assert refused.headers["Retry-After"] == "31"
    clock.advance(seconds=31)
    assert sato.list_events().is_success
    assert not sato.list_events().is_success
    assert google.quota.refused == 2


def test_the_quota_counts_each_user_for_himself(google: GoogleSandbox, sato: Caller, suzuki: Caller) -> None:
    google.quota.per_minute = 1
    assert sato.list_events().is_success
    assert suzuki.list_events().is_success
    assert refusal(sato.list_events()) == (403, "userRateLimitExceeded")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (backend_error(), (503, "backendError")),
        (backend_error(500), (500, "backendError")),
        (quota_exceeded(), (403, "quotaExceeded")),
    ],
)
def test_a_failure_of_the_service_is_answered_in_its_shape(
    google: GoogleSandbox, sato: Caller, error: GoogleError, expected: tuple[int, str]
) -> None:
    google.faults.add(Answer.as_json(error.status, error.body()), path="/events")
    assert refusal(sato.list_events()) == expected
    assert sato.list_events().is_success


def test_a_captive_portal_answers_with_a_page(google: GoogleSandbox, sato: Caller) -> None:
    google.faults.add(Answer.as_html(200, "<html>Welcome to the hotel</html>"))
    answer = sato.list_events()
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_answer_lost_after_the_create_leaves_the_event_there(google: GoogleSandbox, sato: Caller) -> None:
    google.faults.add(DropAfterProcessing(), method="POST", path="/events")
    body = meeting(id="abcdef0123456789")
    with pytest.raises(httpx.RemoteProtocolError):
        sato.insert(body)
    assert refusal(sato.insert(body)) == (409, "duplicate")
    assert [event["id"] for event in google.events(SATO)] == ["abcdef0123456789"]


def test_a_request_dropped_before_the_create_leaves_nothing(google: GoogleSandbox, sato: Caller) -> None:
    google.faults.add(DropConnectionBefore(), method="POST", path="/events")
    with pytest.raises(httpx.RemoteProtocolError):
        sato.insert(meeting())
    assert google.events(SATO) == []


def test_an_answer_may_be_cut_off_json(google: GoogleSandbox, sato: Caller) -> None:
    google.faults.add(MalformedJson())
    with pytest.raises(ValueError, match="Expecting value"):
        sato.list_events().json()


def test_the_date_header_follows_the_sandboxes_clock(sato: Caller, clock: Clock) -> None:
    assert sato.list_events().headers["Date"] == "Wed, 01 Apr 2026 09:00:00 GMT"
    clock.advance(minutes=10)
    assert sato.list_events().headers["Date"] == "Wed, 01 Apr 2026 09:10:00 GMT"


def test_every_request_is_recorded(google: GoogleSandbox, sato: Caller) -> None:
    sato.insert(meeting(), sendUpdates="none")
    [request] = google.requests.all("POST", "/events$")
    assert request.query == {"sendUpdates": ["none"]}
    assert request.status == 200
    assert request.headers["authorization"].startswith("Bearer ya29.")
    assert "打ち合わせ".encode() in request.body
    assert request.response_bytes > 100
    google.requests.clear()
    assert google.requests.count() == 0
