"""What Microsoft 365 says."""

from __future__ import annotations

import base64
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
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .case import PAGE, Ask, Case, Http, NoToken

CHANGE = Ask.CHANGE
LATER = datetime(2026, 5, 12, tzinfo=UTC)
CALENDARS = "Calendars.ReadWrite"
CLAIMS = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}').decode()
CHALLENGE = f'Bearer realm="", error="insufficient_claims", claims="{CLAIMS}"'


def says(status: int, code: str, **headers: str) -> Http:
    """Graph's error body."""
    return Http.told(status, {"error": {"code": code, "message": "A message"}}, **headers)


def entra(*numbers: int, error: str = "invalid_grant") -> NoToken:
    """Entra's error body."""
    texts = " ".join(f"AADSTS{number}: A message." for number in numbers)
    return NoToken(400, {"error": error, "error_codes": list(numbers), "error_description": texts})


def each(row: str, numbers: str, kind: type[PortError], told: str = "AADSTS{}") -> tuple[Case, ...]:
    """A renewal that Entra refuses with each of these numbers."""
    return tuple(Case(row, entra(int(one)), kind(told.format(one))) for one in numbers.split())


MICROSOFT365 = (
    Case("microsoft365/token", says(401, "InvalidAuthenticationToken"), SignInRequired("InvalidAuthenticationToken")),
    *each(
        "microsoft365/sign_in",
        "50055 50058 50072 50074 50076 50078 50079 50085 50089 50132 50133 50135 50144 50173 70000 70008 70043 700082",
        SignInRequired,
    ),
    *each("microsoft365/sign_in", "50126", SignInRequired, "wrong_password:AADSTS{}"),
    Case("microsoft365/sign_in", entra(error="interaction_required"), SignInRequired("interaction_required")),
    Case("microsoft365/sign_in", entra(), SignInRequired("invalid_grant")),
    Case(
        "microsoft365/claims",
        says(401, "InvalidAuthenticationToken", WWW_Authenticate=CHALLENGE),
        SignInRequired("insufficient_claims"),
    ),
    Case("microsoft365/claims", says(403, "insufficient_claims"), SignInRequired("insufficient_claims"), CHANGE),
    Case("microsoft365/consent", entra(65001), ConsentMissing(CALENDARS)),
    Case("microsoft365/consent", entra(65004), ConsentMissing(CALENDARS)),
    Case("microsoft365/consent", entra(error="consent_required"), ConsentMissing(CALENDARS)),
    *each("microsoft365/policy", "90094", AdminRequired, "admin_consent:AADSTS{}"),
    *each("microsoft365/policy", "50105", AdminRequired, "not_assigned:AADSTS{}"),
    *each("microsoft365/policy", "50057", AdminRequired, "account_disabled:AADSTS{}"),
    *each(
        "microsoft365/policy",
        "53000 53001 53002 53003 530035 50131",
        AdminRequired,
        "conditional_access:AADSTS{}",
    ),
    *each("microsoft365/policy", "500212 500213", AdminRequired, "other_organisation:AADSTS{}"),
    *each("microsoft365/policy", "650052 650056 700011 700016", AdminRequired, "application_unknown:AADSTS{}"),
    *each("microsoft365/registration", "50011 700025 7000218 70011 650057 90002", ServiceFault),
    Case("microsoft365/denied", says(403, "Authorization_RequestDenied"), ConsentMissing(CALENDARS)),
    Case(
        "microsoft365/denied",
        says(403, "ErrorAccessDenied"),
        ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value),
        CHANGE,
    ),
    *(
        Case("microsoft365/mailbox", says(404, code), AdminRequired(f"no_mailbox:{code}"))
        for code in (
            *("MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI", "extensionError"),
            "ErrorNonExistentMailbox",
        )
    ),
    Case("microsoft365/cursor", says(400, "syncStateNotFound"), CursorExpired("syncStateNotFound")),
    Case("microsoft365/cursor", says(410, "resyncRequired"), CursorExpired("resyncRequired")),
    Case("microsoft365/cursor", Http(410), CursorExpired("http_410")),
    Case("microsoft365/gone", says(404, "ErrorItemNotFound"), Gone("ErrorItemNotFound"), CHANGE),
    Case("microsoft365/conflict", Http(412), ChangedMeanwhile("http_412"), CHANGE),
    Case("microsoft365/conflict", says(400, "resourceModified"), ChangedMeanwhile("resourceModified"), CHANGE),
    Case(
        "microsoft365/conflict",
        says(409, "ErrorIrresolvableConflict"),
        ChangedMeanwhile("ErrorIrresolvableConflict"),
        CHANGE,
    ),
    *(
        Case("microsoft365/item", says(400, code), ItemRejected(code), CHANGE)
        for code in ("ErrorOccurrenceCrossingBoundary", "ErrorPropertyValidationFailure")
    ),
    Case("microsoft365/busy", Http(429, b"", {"Retry-After": "17"}), RetryLater("http_429", 17.0)),
    Case("microsoft365/busy", says(503, "serviceNotAvailable"), RetryLater("serviceNotAvailable")),
    Case("microsoft365/busy", Http(509), RetryLater("http_509")),
    Case(
        "microsoft365/busy",
        says(500, "ErrorInternalServerTransientError"),
        RetryLater("ErrorInternalServerTransientError"),
        CHANGE,
    ),
    Case("microsoft365/quota", says(507, "quotaLimitReached"), LimitReached("quotaLimitReached", LATER), CHANGE),
    Case("microsoft365/dependency", Http(424), RetryLater("dependency_failed"), CHANGE),
    Case("all/page", PAGE, RetryLater("web_page", 30.0)),
    Case("zoom/teams", Http(403), AdminRequired("teams_policy"), Ask.LINK),
    Case(
        "zoom/teams",
        Http.told(200, {"allowedOnlineMeetingProviders": ["skypeForBusiness"]}),
        AdminRequired("teams_not_licensed"),
        Ask.TEAMS,
    ),
)
