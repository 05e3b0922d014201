"""Every Google row of the table of errors, from what comes over the wire to what the engine must do."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest

from soroe.adapters.google.errors import Refused, TokenRefused, WebPage, translate
from soroe.adapters.net.body import BodyTooLarge
from soroe.adapters.net.transport import AnswerLost
from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    ConsentMissing,
    CursorExpired,
    Gone,
    ItemRejected,
    LimitReached,
    LocalTrouble,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def refused(status: int, reason: str = "", *, headers: dict[str, str] | None = None, **parts: Any) -> Refused:
    location = parts.pop("location", "")
    error: dict[str, Any] = {"code": status, "message": "A message"}
    if reason:
        error["errors"] = [{"domain": "global", "reason": reason, "message": "A message", "location": location}]
    return Refused(status, headers or {}, json.dumps({"error": error}).encode(), **parts)


def token_refused(code: str, status: int = 400, **more: str) -> TokenRefused:
    return TokenRefused(status, {}, {"error": code, **more})


def newer(status: int, reason: str) -> Refused:
    error = {"code": status, "status": "PERMISSION_DENIED", "details": [{"@type": "x", "reason": reason}]}
    return Refused(status, {}, json.dumps({"error": error}).encode())


ROWS: list[tuple[BaseException, type[PortError], str]] = [
    (refused(401, "authError"), SignInRequired, "authError"),
    (token_refused("invalid_grant"), SignInRequired, "invalid_grant"),
    (token_refused("invalid_grant", error_subtype="invalid_rapt"), SignInRequired, "invalid_grant"),
    (token_refused("internal_failure", 500), RetryLater, "internal_failure"),
    (token_refused("server_error"), RetryLater, "server_error"),
    (token_refused("temporarily_unavailable"), RetryLater, "temporarily_unavailable"),
    (TokenRefused(503, {}, {}), RetryLater, "http_503"),
    (TokenRefused(429, {}, {}), RetryLater, "http_429"),
    (token_refused("access_denied", error_subtype="admin_policy_enforced"), AdminRequired, "admin_policy_enforced"),
    (token_refused("unauthorized_client"), ServiceFault, "unauthorized_client"),
    (token_refused("invalid_client"), ServiceFault, "invalid_client"),
    (token_refused("deleted_client"), ServiceFault, "deleted_client"),
    (token_refused("admin_policy_enforced"), AdminRequired, "admin_policy_enforced"),
    (token_refused("org_internal"), AdminRequired, "org_internal"),
    (refused(403, "insufficientPermissions", scope="the.scope"), ConsentMissing, "the.scope"),
    (newer(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ConsentMissing, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    (refused(403, "userRateLimitExceeded"), RetryLater, "userRateLimitExceeded"),
    (refused(403, "rateLimitExceeded"), RetryLater, "rateLimitExceeded"),
    (refused(429, "rateLimitExceeded"), RetryLater, "rateLimitExceeded"),
    (refused(429), RetryLater, "http_429"),
    (refused(403, "quotaExceeded"), LimitReached, "quotaExceeded"),
    (refused(403, "dailyLimitExceeded"), LimitReached, "dailyLimitExceeded"),
    (refused(403, "accessNotConfigured"), ServiceFault, "accessNotConfigured"),
    (newer(403, "SERVICE_DISABLED"), ServiceFault, "SERVICE_DISABLED"),
    (refused(403, "forbiddenForNonOrganizer"), ReadOnly, ReadOnlyCause.FOREIGN_ORGANISER.value),
    (refused(403, "requiredAccessLevel"), ReadOnly, ReadOnlyCause.READ_ONLY_CONTAINER.value),
    (refused(403, "forbidden"), ReadOnly, ReadOnlyCause.READ_ONLY_CONTAINER.value),
    (refused(403, "requiredAccessLevel", calendar=True), AdminRequired, "requiredAccessLevel"),
    (refused(403, "domainPolicy"), AdminRequired, "domainPolicy"),
    (refused(403, "neverHeardOf"), ServiceFault, "neverHeardOf"),
    (refused(403), ServiceFault, "http_403"),
    (refused(404, "notFound", calendar=True), AdminRequired, "calendar_not_found"),
    (refused(404, "notFound"), Gone, "notFound"),
    (refused(410, "deleted"), Gone, "deleted"),
    (newer(404, "NOT_FOUND"), Gone, "NOT_FOUND"),
    (refused(404), ServiceFault, "http_404"),
    (refused(410, "movedElsewhere"), ServiceFault, "movedElsewhere"),
    (refused(409, "duplicate"), ChangedMeanwhile, "duplicate"),
    (refused(409, "conflict"), RetryLater, "conflict"),
    (refused(410, "fullSyncRequired", calendar=True), CursorExpired, "fullSyncRequired"),
    (refused(410, "updatedMinTooLongAgo", calendar=True), CursorExpired, "updatedMinTooLongAgo"),
    (refused(400, "invalid", calendar=True, location="syncToken"), CursorExpired, "invalid"),
    (refused(412, "conditionNotMet", writing=True), ChangedMeanwhile, "conditionNotMet"),
    (refused(400, "timeRangeEmpty", writing=True, location="end"), ItemRejected, "timeRangeEmpty"),
    (refused(400, "invalid", writing=True), ItemRejected, "invalid"),
    (refused(400, "required", writing=True), ItemRejected, "required"),
    (refused(400, "badRequest", writing=True), ItemRejected, "badRequest"),
    (refused(400, "badRequest"), ServiceFault, "badRequest"),
    (refused(400, "neverHeardOf", writing=True), ServiceFault, "neverHeardOf"),
    (Refused(400, {}, b"nonsense", writing=True), ServiceFault, "http_400"),
    # the rows that every service has
    (refused(500, "backendError"), RetryLater, "http_500"),
    (refused(503), RetryLater, "http_503"),
    (refused(408), RetryLater, "http_408"),
    (refused(407), AdminRequired, "proxy_authentication"),
    (refused(413), ItemRejected, "too_large"),
    (refused(405), ServiceFault, "http_405"),
    (WebPage(200), RetryLater, "web_page"),
    (socket.gaierror("x"), RetryLater, "offline"),
    (ConnectionRefusedError(), RetryLater, "offline"),
    (http.client.BadStatusLine("x"), RetryLater, "offline"),
    (AnswerLost("x"), RetryLater, "answer_lost"),
    (BodyTooLarge("x"), ServiceFault, "answer_too_large"),
    (ssl.SSLCertVerificationError("self-signed"), AdminRequired, "certificate"),
    (OSError("Tunnel connection failed: 407 Proxy Authentication Required"), AdminRequired, "proxy_authentication"),
    (TypeError("a defect"), ServiceFault, "TypeError"),
]


@pytest.mark.parametrize(("error", "kind", "code"), ROWS, ids=lambda one: str(one)[:40])
def test_a_row_of_the_table(error: BaseException, kind: type[PortError], code: str) -> None:
    translated = translate(error, NOW)
    assert type(translated) is kind
    assert str(translated) == code


def test_a_rejected_item_names_its_field_and_carries_googles_message_for_the_user() -> None:
    translated = translate(refused(400, "invalid", writing=True, location="start.timeZone"), NOW)
    assert isinstance(translated, ItemRejected)
    assert translated.field == "start.timeZone"
    assert translated.service_message == "A message"


@pytest.mark.parametrize("error", [refused(401, "authError"), token_refused("invalid_grant")])
def test_a_wrong_clock_comes_before_a_new_sign_in(error: BaseException) -> None:
    translated = translate(error, NOW, clock_wrong=True)
    assert isinstance(translated, LocalTrouble)
    assert translated.code == "clock_wrong"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("30", 30.0), ("Wed, 01 Apr 2026 09:01:00 GMT", 60.0), ("", None), ("soon", None), ("-5", None), ("9" * 30, None)],
)
def test_the_wait_that_google_asks_for_is_kept(told: str, seconds: float | None) -> None:
    translated = translate(refused(429, "rateLimitExceeded", headers={"retry-after": told}), NOW)
    assert isinstance(translated, RetryLater)
    assert translated.after == seconds


def test_a_days_quota_is_filled_again_at_midnight_in_california() -> None:
    translated = translate(refused(403, "dailyLimitExceeded"), NOW)
    assert isinstance(translated, LimitReached)
    assert translated.until == datetime(2026, 4, 2, 7, 0, tzinfo=UTC)


def test_use_limits_pause_for_hours() -> None:
    translated = translate(refused(403, "quotaExceeded"), NOW)
    assert isinstance(translated, LimitReached)
    assert (translated.until - NOW).total_seconds() >= 3600


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_fault_while_writing_leaves_the_outcome_unknown(status: int) -> None:
    translated = translate(refused(status, "backendError", writing=True), NOW)
    assert isinstance(translated, RetryLater)
    assert translated.outcome_unknown


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b'{"error": []}',
        b'{"error": {"errors": 5}}',
        b'{"error": {"errors": [5]}}',
        b'{"error": {"errors": [{"reason": 5}], "details": 7, "status": []}}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_an_error_body_of_any_shape_is_survived(body: bytes) -> None:
    assert isinstance(translate(Refused(403, {}, body), NOW), ServiceFault)


def test_an_error_of_the_port_stays_as_it_is() -> None:
    error = Gone("x")
    assert translate(error, NOW) is error
