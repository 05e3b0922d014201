"""The errors of the Calendar API, in the shape of Google's "Handle API errors" guide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class GoogleError(Exception):
    """One refusal: HTTP status, the reason a program decides by, and the message a person reads."""

    status: int
    reason: str
    message: str
    domain: str = "global"
    location_type: str = ""
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    extra: Json = field(default_factory=dict)

    def body(self) -> Json:
        detail: Json = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            detail |= {"locationType": self.location_type, "location": self.location}
        return {"error": {"errors": [detail], "code": self.status, "message": self.message, **self.extra}}


def invalid(message: str, location: str = "", location_type: str = "parameter") -> GoogleError:
    return GoogleError(400, "invalid", message, location_type=location_type, location=location)


def required(message: str, location: str = "") -> GoogleError:
    return GoogleError(400, "required", message, location_type="parameter", location=location)


def bad_request(message: str = "Bad Request", location: str = "") -> GoogleError:
    return GoogleError(400, "badRequest", message, location_type="parameter", location=location)


def time_range_empty(location: str) -> GoogleError:
    return GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", "calendar", "parameter", location)


def invalid_credentials() -> GoogleError:
    return GoogleError(
        401,
        "authError",
        "Invalid Credentials",
        location_type="header",
        location="Authorization",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
        extra={"status": "UNAUTHENTICATED"},
    )


def login_required() -> GoogleError:
    return GoogleError(
        401,
        "required",
        "Login Required.",
        location_type="header",
        location="Authorization",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
        extra={"status": "UNAUTHENTICATED"},
    )


def insufficient_permissions(method: str, scopes: tuple[str, ...]) -> GoogleError:
    """A scope is missing; the newer part of the body names the service and the method."""
    return GoogleError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        headers={
            "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="insufficient_scope", '
            f'scope="{" ".join(scopes)}"'
        },
        extra={
            "status": "PERMISSION_DENIED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                    "metadata": {"service": "calendar-json.googleapis.com", "method": f"calendar.v3.{method}"},
                }
            ],
        },
    )


def required_access_level(role: str) -> GoogleError:
    return GoogleError(403, "requiredAccessLevel", f"You need to have {role} access to this calendar.", "calendar")


def forbidden(message: str = "Forbidden") -> GoogleError:
    return GoogleError(403, "forbidden", message)


def forbidden_for_non_organizer() -> GoogleError:
    return GoogleError(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        "calendar",
    )


def not_found() -> GoogleError:
    return GoogleError(404, "notFound", "Not Found")


def duplicate() -> GoogleError:
    return GoogleError(409, "duplicate", "The requested identifier already exists.")


def conflict() -> GoogleError:
    return GoogleError(409, "conflict", "Conflict")


def deleted() -> GoogleError:
    return GoogleError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> GoogleError:
    return GoogleError(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        "calendar",
        "parameter",
        "syncToken",
    )


def updated_min_too_long_ago() -> GoogleError:
    return GoogleError(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        "calendar",
        "parameter",
        "updatedMin",
    )


def condition_not_met() -> GoogleError:
    return GoogleError(412, "conditionNotMet", "Precondition Failed", location_type="header", location="If-Match")


def rate_limit_exceeded() -> GoogleError:
    return GoogleError(403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")


def user_rate_limit_exceeded() -> GoogleError:
    return GoogleError(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits")


def too_many_requests(retry_after: int) -> GoogleError:
    return GoogleError(
        429,
        "rateLimitExceeded",
        "Rate Limit Exceeded",
        "usageLimits",
        headers={"Retry-After": str(retry_after)},
        extra={"status": "RESOURCE_EXHAUSTED"},
    )


def quota_exceeded() -> GoogleError:
    return GoogleError(403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits")


def backend_error(status: int = 503) -> GoogleError:
    return GoogleError(status, "backendError", "Backend Error")
