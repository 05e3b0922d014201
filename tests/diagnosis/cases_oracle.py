"""What Oracle CRM On Demand says."""

from __future__ import annotations

from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    Gone,
    ItemRejected,
    LocalTrouble,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Dropped, Http

CHANGE, SIGN_IN = Ask.CHANGE, Ask.SIGN_IN
PRIVILEGE = "restful_services_integration"
TOO_FAST = "The maximum rate of requests was exceeded. A maximum of 30 requests per minute is allowed."


def told(status: int, words: str = "", code: str = "") -> Http:
    """A refusal in the form of the vendor's guide."""
    error = {"title": words, "detail": words, "httpStatus": status}
    return Http.told(status, {"Error": [{**error, "errorCode": code} if code else error]})


ELSEWHERE = Http.told(
    200,
    {"Connection": {"UserId": "1QA2-1", "UserLoginId": "AOKI/SATO", "ServerDate": "2026-05-11T03:00:00Z"}},
    JSESSION="another",
)
ORACLE = (
    Case("oracle/password", told(401, "The user sign-in ID or the password is not valid."),
         SignInRequired("password_refused"), SIGN_IN),
    Case("oracle/password", told(403), SignInRequired("password_refused"), SIGN_IN),
    Case("oracle/locked", told(401, "The user is locked out."), SignInRequired("account_locked"), SIGN_IN),
    Case("oracle/privilege", told(403, "The role lacks the privilege."), AdminRequired(PRIVILEGE), SIGN_IN),
    Case("oracle/times", ELSEWHERE, LocalTrouble("zone_differs"), SIGN_IN),
    Case("oracle/session", told(403, "The session is not valid."), AdminRequired(PRIVILEGE)),
    Case("oracle/session", told(401), AdminRequired(PRIVILEGE)),
    Case("oracle/rights", told(403, "You do not have the access rights that are needed."),
         ReadOnly(ReadOnlyCause.FOREIGN_ORGANISER.value), CHANGE),
    *(
        Case("oracle/rate", told(status, TOO_FAST), RetryLater("requests_per_minute"), ask)
        for status in (400, 403, 429, 503)
        for ask in (Ask.LISTING, CHANGE)
    ),
    Case("oracle/gone", told(404, "Resource not found.", "SBL-DAT-00553"), Gone("SBL-DAT-00553"), CHANGE),
    Case("oracle/conflict", told(409, "Changed."), ChangedMeanwhile("http_409"), CHANGE),
    Case("oracle/item", told(400, "'<field>Subject</field>' is a required field.", "SBL-DAT-00498"),
         ItemRejected("SBL-DAT-00498"), CHANGE),
    Case("oracle/item", told(422, "The value in field Type is wrong."), ItemRejected("http_422", "Type"), CHANGE),
    Case("oracle/reading", told(400, "There is no field Subject."), ServiceFault("http_400:Subject")),
    Case("all/throttled", told(429), RetryLater("requests_per_minute")),
    Case("all/large", Http(413), ItemRejected("too_large"), CHANGE),
    *(Case("all/misuse", Http(status), ServiceFault(f"http_{status}")) for status in (405, 406, 411, 415)),
    *(Case("all/passing", Http(status), RetryLater(f"http_{status}")) for status in (408, 500, 502, 503, 504)),
    Case("all/page", PAGE, RetryLater("web_page_instead_of_answer")),
    Case("all/offline", Dropped(), RetryLater("answer_lost")),
)  # fmt: skip # short values, several a line
