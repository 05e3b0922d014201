"""What eSales Manager says, as far as its documents, and the played server, tell."""

from __future__ import annotations

from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    Gone,
    ItemRejected,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Dropped, Http

CHANGE, SIGN_IN = Ask.CHANGE, Ask.SIGN_IN


def told(status: int, code: str, field: str = "") -> Http:
    """A refusal in the form of the played server."""
    return Http.told(status, {"error": {"code": code, "message": "refused", "field": field}})


TWO = {"total": 2, "items": [{"id": 1}, {"id": 2}]}
ESALES = (
    Case("esales/token", told(401, "invalid_token"), SignInRequired("invalid_token")),
    Case("esales/token", Http(401), SignInRequired("http_401"), CHANGE),
    Case("esales/forbidden", told(403, "forbidden"), AdminRequired("forbidden")),
    Case("esales/tenant", told(404, "unknown_tenant"), AdminRequired("unknown_tenant"), SIGN_IN),
    Case("esales/employee", Http.told(200, {"total": 0, "items": []}), AdminRequired("user_not_found"), SIGN_IN),
    Case("esales/employee", Http.told(200, TWO), AdminRequired("user_is_ambiguous"), SIGN_IN),
    Case("esales/profile", told(400, "timezone_missing"), AdminRequired("timezone_missing")),
    Case("esales/profile", told(400, "timezone_unknown"), AdminRequired("timezone_unknown"), SIGN_IN),
    Case("esales/profile", Http(404), AdminRequired("endpoint_not_found")),
    Case("esales/profile", Http(404), AdminRequired("endpoint_not_found"), SIGN_IN),
    Case("esales/gone", told(404, "not_found"), Gone("not_found"), CHANGE),
    Case("esales/conflict", told(409, "changed"), ChangedMeanwhile("changed"), CHANGE),
    Case("esales/item", told(400, "invalid_value", "subject"), ItemRejected("invalid_value", "subject"), CHANGE),
    Case("esales/reading", told(400, "invalid_value", "condition.column"), ServiceFault("invalid_value")),
    Case("all/throttled", Http(429), RetryLater("http_429")),
    Case("all/large", Http(413), ItemRejected("http_413"), CHANGE),
    *(Case("all/misuse", Http(status), ServiceFault(f"http_{status}"), CHANGE) for status in (405, 406, 411, 415)),
    *(Case("all/passing", Http(status), RetryLater(f"http_{status}")) for status in (408, 500, 502, 503, 504)),
    Case("all/page", PAGE, RetryLater("web_page_instead_of_answer")),
    Case("all/offline", Dropped(), RetryLater("answer_lost")),
)
