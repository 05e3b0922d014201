"""What Google says."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime

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
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Dropped, Http, NoToken, Raised, Stumble

SOON = datetime(2026, 5, 12, tzinfo=UTC)
EVENTS = "https://www.googleapis.com/auth/calendar.events"
CHANGE = Ask.CHANGE
FOREIGN, READ_ONLY = ReadOnlyCause.FOREIGN_ORGANISER.value, ReadOnlyCause.READ_ONLY_CONTAINER.value


def says(status: int, reason: str, location: str = "") -> Http:
    """Google's error body."""
    told = {"domain": "global", "reason": reason, "message": "A message", "location": location}
    return Http.told(status, {"error": {"code": status, "message": "A message", "errors": [told]}})


def no_token(code: str, status: int = 400, **more: str) -> NoToken:
    """The token endpoint's error body."""
    return NoToken(status, {"error": code, **more})


GOOGLE = (
    Case("google/token", says(401, "authError"), SignInRequired("authError")),
    Case("google/grant", no_token("invalid_grant"), SignInRequired("invalid_grant")),
    Case("google/grant", no_token("invalid_grant", error_subtype="invalid_rapt"), SignInRequired("invalid_grant")),
    Case("google/token_busy", no_token("internal_failure", 500), RetryLater("internal_failure")),
    Case("google/token_busy", no_token("server_error"), RetryLater("server_error")),
    Case("google/token_busy", no_token("temporarily_unavailable"), RetryLater("temporarily_unavailable")),
    Case("google/client", no_token("unauthorized_client", 401), ServiceFault("unauthorized_client")),
    Case("google/client", no_token("invalid_client", 401), ServiceFault("invalid_client")),
    Case("google/client", no_token("deleted_client", 401), ServiceFault("deleted_client")),
    Case("google/policy", no_token("admin_policy_enforced"), AdminRequired("admin_policy_enforced")),
    Case("google/policy", no_token("org_internal", 403), AdminRequired("org_internal")),
    Case(
        "google/policy",
        no_token("access_denied", error_subtype="access_denied_by_admin"),
        AdminRequired("access_denied_by_admin"),
    ),
    Case("google/unticked", Stumble.ONE_BOX, ConsentMissing(EVENTS), Ask.SIGN_IN),
    Case("local/browser", Stumble.NO_BROWSER, LocalTrouble("browser_not_opened"), Ask.SIGN_IN),
    Case("local/browser", Stumble.NOBODY, LocalTrouble("sign_in_timeout"), Ask.SIGN_IN),
    Case("local/browser", Stumble.PORT, LocalTrouble("loopback_port"), Ask.SIGN_IN),
    Case("google/scope", says(403, "insufficientPermissions"), ConsentMissing(EVENTS)),
    Case("google/scope", says(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ConsentMissing(EVENTS)),
    Case("google/rate", says(403, "userRateLimitExceeded"), RetryLater("userRateLimitExceeded")),
    Case("google/rate", says(403, "rateLimitExceeded"), RetryLater("rateLimitExceeded")),
    Case("google/rate", says(429, "rateLimitExceeded"), RetryLater("rateLimitExceeded"), CHANGE),
    Case("google/quota", says(403, "quotaExceeded"), LimitReached("quotaExceeded", SOON), CHANGE),
    Case("google/quota", says(403, "dailyLimitExceeded"), LimitReached("dailyLimitExceeded", SOON)),
    Case("google/project", says(403, "accessNotConfigured"), ServiceFault("accessNotConfigured")),
    Case("google/project", says(403, "SERVICE_DISABLED"), ServiceFault("SERVICE_DISABLED"), CHANGE),
    Case("google/organiser", says(403, "forbiddenForNonOrganizer"), ReadOnly(FOREIGN), CHANGE),
    Case("google/access", says(403, "requiredAccessLevel"), ReadOnly(READ_ONLY), CHANGE),
    Case("google/access", says(403, "forbidden"), ReadOnly(READ_ONLY), CHANGE),
    Case("google/no_calendar", says(404, "notFound"), AdminRequired("calendar_not_found")),
    Case("google/no_event", says(404, "notFound"), Gone("notFound"), CHANGE),
    Case("google/no_event", says(410, "deleted"), Gone("deleted"), CHANGE),
    Case("google/duplicate", says(409, "duplicate"), ChangedMeanwhile("duplicate"), CHANGE),
    Case("google/clash", says(409, "conflict"), RetryLater("conflict"), CHANGE),
    Case("google/cursor", says(410, "fullSyncRequired"), CursorExpired("fullSyncRequired")),
    Case("google/cursor", says(410, "updatedMinTooLongAgo"), CursorExpired("updatedMinTooLongAgo")),
    Case("google/moved_on", says(412, "conditionNotMet"), ChangedMeanwhile("conditionNotMet"), CHANGE),
    *(
        Case("google/value", says(400, reason, "end"), ItemRejected(reason, "end"), CHANGE)
        for reason in ("timeRangeEmpty", "invalid", "required", "badRequest")
    ),
    Case("google/value", says(400, "badRequest"), ServiceFault("badRequest")),
)

ALL = (
    Case("all/offline", Raised(socket.gaierror("Name or service not known")), RetryLater("offline")),
    Case("all/offline", Raised(ConnectionRefusedError(111, "Connection refused")), RetryLater("offline")),
    Case("all/offline", Raised(TimeoutError("timed out")), RetryLater("offline")),
    Case("all/offline", Dropped(), RetryLater("answer_lost")),
    Case(
        "all/certificate",
        Raised(ssl.SSLCertVerificationError("certificate verify failed: self-signed")),
        AdminRequired("certificate"),
    ),
    Case("all/proxy", Http(407), AdminRequired("proxy_authentication")),
    Case("all/page", PAGE, RetryLater("web_page")),
    Case("all/page", PAGE, AdminRequired("web_page"), times=5),
    Case("all/page", Http(302, b"", {"Location": "http://portal.example/"}), RetryLater("web_page")),
    Case("all/page", Http(403, PAGE.body, PAGE.headers), RetryLater("web_page")),
    *(Case("all/passing", Http(status), RetryLater(f"http_{status}")) for status in (408, 500, 502, 503, 504)),
    Case("all/throttled", Http(429, b"", {"Retry-After": "7"}), RetryLater("http_429", 7.0)),
    Case("all/unknown", says(400, "neverHeardOf"), ServiceFault("neverHeardOf"), CHANGE),
    Case("all/unknown", Http(400, b"nonsense"), ServiceFault("http_400"), CHANGE),
    *(Case("all/misuse", Http(status), ServiceFault(f"http_{status}"), CHANGE) for status in (405, 406, 411, 415)),
    Case("all/large", Http(413), ItemRejected("too_large"), CHANGE),
    Case("local/clock", says(401, "authError"), LocalTrouble("clock_wrong"), clock_off=True),
)
