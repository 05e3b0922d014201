"""Every row of the table of errors that concerns Pipedrive."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from soroe.adapters.crm.pipedrive.errors import Refusals, refusal
from soroe.adapters.net.exchange import Answer
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    Gone,
    ItemRejected,
    LimitReached,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
PAGE = Answer(403, {"content-type": "text/html"}, b"<!DOCTYPE html><h1>Error 1015</h1>")


def answer(status: int, error: str = "", headers: dict[str, str] | None = None, **more: object) -> Answer:
    body = json.dumps({"success": False, "error": error, **more}).encode()
    return Answer(status, {"content-type": "application/json", **(headers or {})}, body)


ROWS: list[tuple[Answer, type[PortError]]] = [
    (answer(400, "Validation failed"), ItemRejected),
    (answer(401, "unauthorized access"), SignInRequired),
    (answer(402, "The company account is not open"), AdminRequired),
    (answer(403, "Scope and URL mismatch"), ConsentMissing),
    (answer(403, "Your permission set does not allow this"), AdminRequired),
    (PAGE, LimitReached),
    (answer(404, "Activity not found"), Gone),
    (answer(405), ServiceFault),
    (answer(406), ServiceFault),
    (answer(408), RetryLater),
    (answer(410, "This endpoint is no longer supported"), ServiceFault),
    (answer(411), ServiceFault),
    (answer(413), ItemRejected),
    (answer(415), ServiceFault),
    (answer(422, "Validation failed"), ItemRejected),
    (answer(429), RetryLater),
    (answer(429, headers={"x-daily-ratelimit-token-remaining": "0"}), LimitReached),
    (answer(429, headers={"x-daily-ratelimit-token-remaining": "99"}), RetryLater),
    (answer(500), RetryLater),
    (answer(502), RetryLater),
    (answer(503), RetryLater),
    (answer(504), RetryLater),
    (answer(418), ServiceFault),
]


@pytest.mark.parametrize(("told", "error"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
def test_each_refusal_means_one_thing(told: Answer, error: type[PortError]) -> None:
    assert type(Refusals().of(told, NOW, writes=True)) is error


def test_too_many_requests_wait_as_long_as_the_longest_wish_and_two_seconds_at_least() -> None:
    for headers, wait in (
        ({}, 2.0),
        ({"retry-after": "1", "x-ratelimit-reset": "1"}, 2.0),
        ({"retry-after": "5", "x-ratelimit-reset": "9"}, 9.0),
        ({"retry-after": "30", "x-ratelimit-reset": "soon"}, 30.0),
    ):
        found = Refusals().of(answer(429, headers=headers), NOW, writes=True)
        assert isinstance(found, RetryLater) and found.after == wait and not found.outcome_unknown


def test_too_many_requests_for_two_minutes_without_a_header_is_a_spent_day() -> None:
    refusals = Refusals()
    assert isinstance(refusals.of(answer(429), NOW, writes=False), RetryLater)
    assert isinstance(refusals.of(answer(429), NOW + timedelta(seconds=90), writes=False), RetryLater)
    found = refusals.of(answer(429), NOW + timedelta(seconds=130), writes=False)
    assert isinstance(found, LimitReached) and found.until == NOW + timedelta(seconds=130, hours=1)


def test_a_call_that_went_through_starts_the_two_minutes_anew() -> None:
    refusals = Refusals()
    refusals.of(answer(429), NOW, writes=False)
    refusals.accepted()
    assert isinstance(refusals.of(answer(429), NOW + timedelta(hours=1), writes=False), RetryLater)


def test_a_block_is_waited_out_for_a_quarter_of_an_hour() -> None:
    found = refusal(PAGE, NOW, writes=True)
    assert isinstance(found, LimitReached) and found.until == NOW + timedelta(minutes=15)


def test_a_missing_scope_is_named_after_what_was_tried() -> None:
    for writes, scope in ((False, "activities:read"), (True, "activities:full")):
        found = refusal(answer(403, "Scope and URL mismatch"), NOW, writes=writes)
        assert isinstance(found, ConsentMissing) and found.permission == scope


def test_a_write_that_met_a_server_error_may_have_happened() -> None:
    for status in (408, 500, 502, 503, 504):
        write, read = (refusal(answer(status), NOW, writes=writes) for writes in (True, False))
        assert isinstance(write, RetryLater) and write.outcome_unknown
        assert isinstance(read, RetryLater) and not read.outcome_unknown


def test_a_rejection_names_the_field_and_keeps_the_words_out_of_logs() -> None:
    found = refusal(answer(400, "Validation failed: subject: too long", code="ERR_SCHEMA"), NOW, writes=True)
    assert isinstance(found, ItemRejected)
    assert (found.code, found.field) == ("ERR_SCHEMA", "subject")
    assert "too long" in found.service_message and "too long" not in str(found)


def test_an_unreadable_refusal_is_told_by_its_status() -> None:
    for body in (b"", b"[]", b"null", b"\xff", b"[" * 50_000):
        found = refusal(Answer(422, {"content-type": "application/json"}, body), NOW, writes=True)
        assert isinstance(found, ItemRejected) and found.code == "http_422"
