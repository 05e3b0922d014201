"""What Salesforce says."""

from __future__ import annotations

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
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Dropped, Http, NoToken

CHANGE = Ask.CHANGE
SOON = datetime(2026, 5, 12, tzinfo=UTC)
LOCKED = ReadOnlyCause.LOCKED.value


def told(status: int, code: str, message: str = "", *fields: str) -> Http:
    """A refusal as the interface tells it: a list of one error."""
    return Http.told(status, [{"message": message, "errorCode": code, "fields": list(fields)}])


def grant(words: str) -> NoToken:
    """The token endpoint gives no new session."""
    return NoToken(400, {"error": "invalid_grant", "error_description": words})


SALESFORCE = (
    Case("salesforce/session", told(401, "INVALID_SESSION_ID", "Session expired or invalid"),
         SignInRequired("INVALID_SESSION_ID")),
    Case("salesforce/grant", grant("expired access/refresh token"), SignInRequired("invalid_grant")),
    Case("salesforce/grant", grant("token validity expired"), SignInRequired("invalid_grant")),
    Case("salesforce/closed", grant("inactive user"), AdminRequired("inactive_user")),
    Case("salesforce/closed", grant("inactive organization"), AdminRequired("inactive_org")),
    Case("salesforce/closed", grant("ip restricted"), AdminRequired("ip_restricted")),
    Case("salesforce/client", NoToken(400, {"error": "invalid_client_id"}), ServiceFault("invalid_client_id")),
    Case("salesforce/installed", NoToken(400, {"error": "OAUTH_APPROVAL_ERROR_GENERIC"}),
         AdminRequired("OAUTH_APPROVAL_ERROR_GENERIC")),
    Case("salesforce/installed", NoToken(400, {"error": "x", "error_description": "app must be installed into org"}),
         AdminRequired("OAUTH_APPROVAL_ERROR_GENERIC")),
    Case("salesforce/consent", told(403, "FORBIDDEN"), ConsentMissing("api")),
    *(
        Case("salesforce/admin", told(403, code), AdminRequired(code))
        for code in ("API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INVALID_LOGIN")
    ),
    Case("salesforce/admin", told(400, "STORAGE_LIMIT_EXCEEDED"), AdminRequired("STORAGE_LIMIT_EXCEEDED"), CHANGE),
    Case("salesforce/daily", told(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
         LimitReached("org_requests_spent", SOON)),
    Case("salesforce/at_once", told(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
         RetryLater("too_many_at_once", 20.0)),
    Case("salesforce/lock", told(400, "UNABLE_TO_LOCK_ROW"), RetryLater("UNABLE_TO_LOCK_ROW", 3.0), CHANGE),
    *(
        Case("salesforce/busy", told(status, code), RetryLater(code))
        for status, code in ((503, "SERVER_UNAVAILABLE"), (500, "UNKNOWN_EXCEPTION"), (400, "QUERY_TIMEOUT"))
    ),
    *(
        Case("salesforce/access", told(status, code), ReadOnly(LOCKED), CHANGE)
        for status, code in (
            (403, "INSUFFICIENT_ACCESS_OR_READONLY"),
            (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
            (403, "INSUFFICIENT_ACCESS"),
        )
    ),
    Case("salesforce/fields", told(400, "INVALID_FIELD", "No such column 'Location'"), RetryLater("fields_changed")),
    Case("salesforce/fields", told(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update", "Location"),
         ItemRejected("INVALID_FIELD_FOR_INSERT_UPDATE", "Location"), CHANGE),
    *(
        Case("salesforce/item", told(400, code, "No.", "Subject"), ItemRejected(code, "Subject"), CHANGE)
        for code in (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "REQUIRED_FIELD_MISSING",
            "STRING_TOO_LONG",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "FIELD_INTEGRITY_EXCEPTION",
            "FIELD_FILTER_VALIDATION_EXCEPTION",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "DUPLICATE_VALUE",
            "DUPLICATES_DETECTED",
        )
    ),
    *(
        Case("salesforce/gone", told(status, code), Gone(code), CHANGE)
        for status, code in (
            (404, "ENTITY_IS_DELETED"), (404, "NOT_FOUND"), (400, "INVALID_CROSS_REFERENCE_KEY"), (400, "MALFORMED_ID"),
        )
    ),
    Case("salesforce/conflict", Http(412), ChangedMeanwhile("modified_since"), CHANGE),
    *(
        Case("salesforce/cursor", told(400, code), CursorExpired(code))
        for code in ("EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE", "INVALID_QUERY_LOCATOR")
    ),
    *(
        Case("salesforce/misuse", told(status, code), ServiceFault(code))
        for status, code in ((400, "MALFORMED_QUERY"), (400, "JSON_PARSER_ERROR"), (405, "METHOD_NOT_ALLOWED"))
    ),
    Case("all/throttled", Http(429, headers={"Retry-After": "30"}), RetryLater("http_429", 30.0)),
    Case("all/unknown", Http(400), ServiceFault("http_400")),
    Case("all/large", Http(413), ItemRejected("too_large"), CHANGE),
    *(Case("all/misuse", Http(status), ServiceFault(f"http_{status}")) for status in (405, 406, 411, 415)),
    *(Case("all/passing", Http(status), RetryLater(f"http_{status}")) for status in (408, 500, 502, 503, 504)),
    Case("all/page", PAGE, RetryLater("web_page_instead_of_answer")),
    Case("all/offline", Dropped(), RetryLater("answer_lost")),
)  # fmt: skip # short values, several a line
