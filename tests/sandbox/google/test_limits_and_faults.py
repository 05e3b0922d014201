"""The quota, and faults on demand as the network and the service make them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soroe.sandbox.google import GoogleSandbox
from soroe.sandbox.google.bodies import WRITABLE
from soroe.sandbox.google.errors import GoogleError, backend_error, quota_exceeded
from soroe.sandbox.google.quota import Refusal
from soroe.sandbox.server import Answer, DropAfterProcessing, DropConnectionBefore, MalformedJson
from tests.sandbox.google.caller import Caller, Clock, Json, meeting, refusal
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
    google.refuse(error, path="/events")
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


def test_of_two_creates_at_once_with_one_id_only_one_wins(google: GoogleSandbox, sato: Caller) -> None:
    body = meeting(id="abcdef0123456789")
    with ThreadPoolExecutor(8) as together:
        statuses = list(together.map(lambda _: sato.insert(body).status_code, range(8)))
    assert sorted(statuses) == [200, *[409] * 7]
    assert len(google.events(SATO)) == 1


def test_answers_take_as_long_as_the_network_is_said_to(google: GoogleSandbox, sato: Caller) -> None:
    google.server.latency = 0.2
    began = time.monotonic()
    sato.listed()
    assert time.monotonic() - began >= 0.2


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(("2026-04-10", "RRULE:FREQ=DAILY")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("date", "email", "private")), inner),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, database=None)
@given(changes=st.lists(st.dictionaries(st.sampled_from(sorted(WRITABLE)), JSON_VALUES, max_size=2), max_size=6))
def test_no_body_breaks_the_service(changes: list[Json]) -> None:
    with GoogleSandbox() as google:
        google.add_account(SATO)
        caller = Caller(google, SATO)
        for change in changes:
            answer = caller.insert({**meeting(), **change})
            assert answer.status_code in (200, 400, 409), answer.text
        assert caller.list_events(singleEvents=True).is_success
        caller.http.close()


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
