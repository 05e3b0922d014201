"""Every Microsoft row of the table of errors, from what comes over the wire to what the engine must do."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soroe.adapters.microsoft365.entra_errors import Refusal, refusal_of, refused_sign_in
from soroe.adapters.microsoft365.errors import Refused, WebPage, claims_of, translate
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
CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
ENCODED = base64.b64encode(CLAIMS.encode()).decode()
CHALLENGE = {"www-authenticate": f'Bearer realm="", error="insufficient_claims", claims="{ENCODED}"'}


def refused(
    status: int, code: str = "", inner: str = "", headers: dict[str, str] | None = None, **more: Any
) -> Refused:
    error: dict[str, Any] = {"code": code, "message": "A message"}
    if inner:
        error["innerError"] = {"code": inner}
    return Refused(status, headers or {}, json.dumps({"error": error}).encode() if code else b"", **more)


READ_ONLY = ReadOnlyCause.READ_ONLY_CONTAINER.value
ROWS: list[tuple[BaseException, type[PortError], str]] = [
    # M: 401, claims
    (refused(401, "InvalidAuthenticationToken"), SignInRequired, "InvalidAuthenticationToken"),
    (refused(401), SignInRequired, "unauthenticated"),
    (refused(401, "InvalidAuthenticationToken", headers=CHALLENGE), SignInRequired, "insufficient_claims"),
    (refused(403, "insufficient_claims"), SignInRequired, "insufficient_claims"),
    (refused(403, "accessDenied", headers=CHALLENGE), SignInRequired, "insufficient_claims"),
    # M: 403, missing scope against calendar right
    (refused(403, "ErrorAccessDenied", scope="the.scope", granted=False), ConsentMissing, "the.scope"),
    (refused(403, "ErrorAccessDenied", writing=True), ReadOnly, READ_ONLY),
    (refused(403, "accessDenied", writing=True), ReadOnly, READ_ONLY),
    (refused(403, "ErrorAccessDenied"), AdminRequired, "access_denied:ErrorAccessDenied"),
    (refused(403, "Authorization_RequestDenied", scope="the.scope"), ConsentMissing, "the.scope"),
    (refused(403, "somethingNew"), ServiceFault, "somethingNew"),
    (refused(403), ServiceFault, "http_403"),
    # M: no mailbox
    (refused(404, "MailboxNotEnabledForRESTAPI"), AdminRequired, "no_mailbox:MailboxNotEnabledForRESTAPI"),
    (refused(404, "MailboxNotSupportedForRESTAPI"), AdminRequired, "no_mailbox:MailboxNotSupportedForRESTAPI"),
    (refused(403, "extensionError"), AdminRequired, "no_mailbox:extensionError"),
    (refused(404, "ErrorNonExistentMailbox"), AdminRequired, "no_mailbox:ErrorNonExistentMailbox"),
    (refused(404, "ResourceNotFound"), AdminRequired, "no_mailbox:ResourceNotFound"),
    # M: cursors
    (refused(400, "syncStateNotFound"), CursorExpired, "syncStateNotFound"),
    (refused(404, "SyncStateNotFound"), CursorExpired, "SyncStateNotFound"),
    (refused(400, "ErrorInvalidSyncStateData"), CursorExpired, "ErrorInvalidSyncStateData"),
    (refused(410, "resyncRequired"), CursorExpired, "resyncRequired"),
    (refused(410, "x", "resyncApplyDifferences"), CursorExpired, "resyncApplyDifferences"),
    (refused(410), CursorExpired, "http_410"),
    # M: gone
    (refused(404, "ErrorItemNotFound"), Gone, "ErrorItemNotFound"),
    (refused(404, "itemNotFound"), Gone, "itemNotFound"),
    (refused(400, "ErrorInvalidIdMalformed"), Gone, "ErrorInvalidIdMalformed"),
    (refused(404, "ErrorItemNotFound", calendar=True), AdminRequired, "calendar_not_found"),
    (refused(404), ServiceFault, "http_404"),
    # M: conflicts
    (refused(412, "ErrorIrresolvableConflict"), ChangedMeanwhile, "ErrorIrresolvableConflict"),
    (refused(412), ChangedMeanwhile, "http_412"),
    (refused(409, "ErrorIrresolvableConflict"), ChangedMeanwhile, "ErrorIrresolvableConflict"),
    (refused(400, "generalException", "resourceModified"), ChangedMeanwhile, "resourceModified"),
    # M: items
    (refused(400, "ErrorOccurrenceCrossingBoundary", writing=True), ItemRejected, "ErrorOccurrenceCrossingBoundary"),
    (refused(400, "ErrorPropertyValidationFailure", writing=True), ItemRejected, "ErrorPropertyValidationFailure"),
    (refused(400, "TimeZoneNotSupportedException", writing=True), ItemRejected, "TimeZoneNotSupportedException"),
    (refused(413), ItemRejected, "too_large"),
    # M: ours
    (refused(400, "RequestBodyRead", writing=True), ServiceFault, "RequestBodyRead"),
    (refused(400, "ErrorInvalidUrlQuery"), ServiceFault, "ErrorInvalidUrlQuery"),
    (refused(405), ServiceFault, "http_405"),
    # M: later
    (refused(429), RetryLater, "http_429"),
    (refused(429, "ApplicationThrottled"), RetryLater, "ApplicationThrottled"),
    (refused(429, "activityLimitReached"), RetryLater, "activityLimitReached"),
    (refused(503, "serviceNotAvailable"), RetryLater, "serviceNotAvailable"),
    (refused(503), RetryLater, "http_503"),
    (refused(504), RetryLater, "http_504"),
    (refused(509), RetryLater, "http_509"),
    (refused(500, "ErrorInternalServerTransientError"), RetryLater, "ErrorInternalServerTransientError"),
    (refused(424), RetryLater, "dependency_failed"),
    (refused(507, "quotaLimitReached"), LimitReached, "quotaLimitReached"),
    (refused(507), LimitReached, "http_507"),
    (refused(400, "ErrorQuotaExceeded", writing=True), LimitReached, "ErrorQuotaExceeded"),
    # all
    (refused(407), AdminRequired, "proxy_authentication"),
    (WebPage(200), RetryLater, "web_page"),
    (AnswerLost(), RetryLater, "answer_lost"),
    (socket.gaierror(), RetryLater, "offline"),
    (ssl.SSLCertVerificationError(), AdminRequired, "certificate"),
    (KeyError("x"), ServiceFault, "KeyError"),
]


def told(error: PortError) -> str:
    return str(error)


@pytest.mark.parametrize(("came", "kind", "code"), ROWS, ids=[f"{n}-{row[0]}" for n, row in enumerate(ROWS)])
def test_what_comes_over_the_wire_says_what_to_do(came: BaseException, kind: type[PortError], code: str) -> None:
    found = translate(came, NOW)
    assert type(found) is kind and told(found) == code


REDIRECTS = "AADSTS65004: User declined to consent. Trace ID: 1"
SIGN_IN: list[tuple[dict[str, Any], type[PortError], str]] = [
    *(
        ({"error": "invalid_grant", "error_codes": [number]}, SignInRequired, f"AADSTS{number}")
        for number in (
            *(50055, 50058, 50072, 50074, 50076, 50078, 50079, 50085, 50089, 50132, 50133, 50135, 50144, 50173),
            *(70000, 70008, 70043, 700082),
        )
    ),
    ({"error": "invalid_grant", "error_codes": [50126]}, SignInRequired, "wrong_password:AADSTS50126"),
    ({"error": "interaction_required"}, SignInRequired, "interaction_required"),
    ({"error": "invalid_grant"}, SignInRequired, "invalid_grant"),
    ({"error": "invalid_grant", "error_codes": [65001]}, ConsentMissing, "Calendars.ReadWrite"),
    ({"error": "access_denied", "error_description": REDIRECTS}, ConsentMissing, "Calendars.ReadWrite"),
    ({"error": "consent_required"}, ConsentMissing, "Calendars.ReadWrite"),
    ({"error": "invalid_grant", "suberror": "consent_required"}, ConsentMissing, "Calendars.ReadWrite"),
    ({"error": "invalid_grant", "error_codes": [90094]}, AdminRequired, "admin_consent:AADSTS90094"),
    ({"error": "invalid_grant", "error_codes": [50105]}, AdminRequired, "not_assigned:AADSTS50105"),
    ({"error": "invalid_grant", "error_codes": [50057]}, AdminRequired, "account_disabled:AADSTS50057"),
    *(
        (
            {"error": "interaction_required", "error_codes": [number]},
            AdminRequired,
            f"conditional_access:AADSTS{number}",
        )
        for number in (53000, 53001, 53002, 53003, 530035, 50131, 50097, 50129, 50127)
    ),
    *(
        ({"error": "invalid_grant", "error_codes": [number]}, AdminRequired, f"other_organisation:AADSTS{number}")
        for number in (50020, 50034, 51004, 500212, 500213)
    ),
    *(
        (
            {"error": "unauthorized_client", "error_codes": [number]},
            AdminRequired,
            f"application_unknown:AADSTS{number}",
        )
        for number in (650052, 650056, 70001, 700011, 700016)
    ),
    ({"error": "invalid_request", "error_codes": [500208]}, AdminRequired, "personal_account:AADSTS500208"),
    *(
        ({"error": "invalid_request", "error_codes": [number]}, ServiceFault, f"AADSTS{number}")
        for number in (50011, 700025, 7000218, 70011, 65005, 650057, 90002)
    ),
    *(
        ({"error": "server_error", "error_codes": [number]}, RetryLater, f"AADSTS{number}")
        for number in (50033, 50087, 50088, 70012, 80001, 80002, 80005, 80014)
    ),
    ({"error": "temporarily_unavailable"}, RetryLater, "temporarily_unavailable"),
    ({"error": "invalid_grant", "error_codes": [80013]}, LocalTrouble, "clock_wrong"),
    ({"error": "invalid_grant", "error_codes": [50053]}, LimitReached, "account_locked:AADSTS50053"),
    ({"error": "invalid_client"}, ServiceFault, "invalid_client"),
    ({"error": "invalid_grant", "error_description": "AADSTS700082: expired"}, SignInRequired, "AADSTS700082"),
    ({"error": "invalid_grant", "error_codes": [999999]}, SignInRequired, "AADSTS999999"),
    ({}, SignInRequired, "unknown"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), SIGN_IN, ids=[f"{n}-{row[2]}" for n, row in enumerate(SIGN_IN)])
def test_why_no_token_came_says_what_to_do(answer: dict[str, Any], kind: type[PortError], code: str) -> None:
    found = refused_sign_in(refusal_of(answer), NOW)
    assert type(found) is kind and told(found) == code


def test_a_wrong_clock_is_blamed_before_the_sign_in() -> None:
    for refusal in (Refusal("invalid_grant"), Refusal("invalid_grant", (70008,))):
        assert told(refused_sign_in(refusal, NOW, clock_wrong=True)) == "clock_wrong"
    assert told(translate(refused(401), NOW, clock_wrong=True)) == "clock_wrong"


def test_a_locked_account_is_left_alone_for_an_hour() -> None:
    found = refused_sign_in(Refusal("invalid_grant", (50053,)), NOW)
    assert isinstance(found, LimitReached) and found.until == NOW + timedelta(hours=1)


def test_the_wait_that_graph_asks_for_is_kept() -> None:
    found = translate(refused(429, "ApplicationThrottled", headers={"retry-after": "17"}), NOW)
    assert isinstance(found, RetryLater) and found.after == 17.0


def test_a_lost_write_may_have_happened_and_a_lost_reading_has_not() -> None:
    for status in (500, 503):
        write, reading = translate(refused(status, writing=True), NOW), translate(refused(status), NOW)
        assert isinstance(write, RetryLater) and write.outcome_unknown
        assert isinstance(reading, RetryLater) and not reading.outcome_unknown
    throttled = translate(refused(429, writing=True), NOW)
    assert isinstance(throttled, RetryLater) and not throttled.outcome_unknown


@pytest.mark.parametrize("header", ["", "Bearer", 'Bearer claims="%%%"', 'Bearer claims="bm90IGpzb24="'])
def test_claims_that_nobody_can_read_are_no_claims(header: str) -> None:
    assert claims_of({"www-authenticate": header}) == ""


def test_claims_come_decoded() -> None:
    assert claims_of(CHALLENGE) == CLAIMS


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"error":7}', b'{"error":{"code":7,"innerError":[]}}', b"[" * 9999]
)
def test_a_body_of_any_kind_is_no_trouble(body: bytes) -> None:
    assert told(translate(Refused(400, {}, body), NOW)) == "http_400"
