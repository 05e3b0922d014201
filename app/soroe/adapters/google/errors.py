"""Google's errors, translated once into the port's (the Google rows of the table of errors).

Decided by the reason code first, then by the HTTP status; never by a message's words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPException
from typing import Any
from zoneinfo import ZoneInfo

from soroe.adapters.net.failures import is_web_page, network_trouble, retry_after, status_trouble
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

_RATE = frozenset({"userRateLimitExceeded", "rateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_PROJECT = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_INVALID = frozenset({"timeRangeEmpty", "invalid", "required", "badRequest", "parseError", "invalidParameter"})
_GONE = frozenset({"notFound", "deleted", "NOT_FOUND"})
_OLD_CURSOR = frozenset({"fullSyncRequired", "updatedMinTooLongAgo"})
_ADMIN_CODES = frozenset({"admin_policy_enforced", "org_internal", "access_denied_by_admin"})
_CLIENT_CODES = frozenset({"unauthorized_client", "invalid_client", "deleted_client", "disabled_client"})
_BUSY_CODES = frozenset({"internal_failure", "server_error", "temporarily_unavailable", "slow_down"})
_USAGE_PAUSE = timedelta(hours=4)
_PACIFIC = "America/Los_Angeles"


class WebPage(Exception):
    """Instead of Google's answer came a page for people: a captive portal or a proxy stands in between."""


@dataclass
class Refused(Exception):
    """An answer of Google's that is not a success, with the parts a program decides by.

    `calendar` says that the call was about a whole calendar rather than one event; `writing` that it changed an event;
    `scope` is the permission the call needs.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    calendar: bool = False
    writing: bool = False
    scope: str = ""
    reason: str = field(init=False, default="")
    location: str = field(init=False, default="")
    message: str = field(init=False, default="")

    def __post_init__(self) -> None:
        Exception.__init__(self, self.status)
        self.reason, self.location, self.message = _parts(self.body)

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"

    @property
    def is_gone(self) -> bool:
        """Whether Google itself says that there is no such thing; a 404 of something in between does not count."""
        return self.status in {404, 410} and self.reason in _GONE


@dataclass
class TokenRefused(Exception):
    """The token endpoint's refusal to give a new access token: its status, its headers, and the object it sent."""

    status: int
    headers: Mapping[str, str]
    answer: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The endpoint's code; what an administrator forbade is told beside it."""
        subtype, code = self.answer.get("error_subtype"), self.answer.get("error")
        if isinstance(subtype, str) and subtype in _ADMIN_CODES:
            return subtype
        return code[:60] if isinstance(code, str) else f"http_{self.status}"

    @property
    def retryable(self) -> bool:
        """Whether the same question may be answered later."""
        return self.status >= 500 or self.status in {408, 429}


def translate(error: BaseException, now: datetime, *, clock_wrong: bool = False) -> PortError:
    """What an error of Google's or the network's means for the engine.

    `clock_wrong` says that the server's time was far from this machine's when the error came: then a refused sign-in
    is the clock's fault, and signing in again would not help.
    """
    match error:
        case PortError():
            return error
        case Refused():
            return _refusal(error, now, clock_wrong)
        case WebPage():
            return RetryLater("web_page", 30.0)
        case TokenRefused():
            return sign_in_refusal(error.code, error.retryable, clock_wrong)
        case OSError() | HTTPException():
            return network_trouble(error)
    return ServiceFault(type(error).__name__)


def sign_in_refusal(code: str, retryable: bool, clock_wrong: bool) -> PortError:
    """What an error code of the token endpoint means: most need the user, some IT, some only time."""
    if code in _ADMIN_CODES:
        return AdminRequired(code)
    if code in _CLIENT_CODES:
        return ServiceFault(code)
    if retryable or code in _BUSY_CODES:
        return RetryLater(code)
    if clock_wrong:
        return LocalTrouble("clock_wrong")
    return SignInRequired(code)


def _refusal(refused: Refused, now: datetime, clock_wrong: bool) -> PortError:
    reason, status = refused.reason, refused.status
    if reason in _OLD_CURSOR or (status in {400, 410} and refused.location == "syncToken"):
        return CursorExpired(reason)
    if reason in _RATE:
        return RetryLater(reason, retry_after(refused.headers, now))
    match status:
        case 401:
            return LocalTrouble("clock_wrong") if clock_wrong else SignInRequired(reason or "authError")
        case 403:
            return _forbidden(refused, now)
        case 404 | 410 if refused.is_gone:
            return AdminRequired("calendar_not_found") if refused.calendar else Gone(reason)
        case 409:
            return ChangedMeanwhile(reason) if reason == "duplicate" else RetryLater(reason or "conflict")
        case 412:
            return ChangedMeanwhile(reason or "conditionNotMet")
        case 400 if reason in _INVALID and refused.writing:
            return ItemRejected(reason, refused.location or None, refused.message)
        case _:
            if reason and status < 500 and status not in {407, 408, 413, 429}:
                return ServiceFault(reason)
            return status_trouble(status, refused.headers, now)


def _forbidden(refused: Refused, now: datetime) -> PortError:
    match refused.reason:
        case reason if reason in _SCOPE:
            return ConsentMissing(refused.scope or _challenge_scope(refused.headers) or reason)
        case "quotaExceeded":
            # Calendar's general use limits last for hours, and Google does not say how many.
            wait = retry_after(refused.headers, now)
            return LimitReached("quotaExceeded", now + (_USAGE_PAUSE if wait is None else timedelta(seconds=wait)))
        case "dailyLimitExceeded":
            return LimitReached("dailyLimitExceeded", _next_pacific_midnight(now))
        case reason if reason in _PROJECT:
            return ServiceFault(reason)
        case "forbiddenForNonOrganizer":
            return ReadOnly(ReadOnlyCause.FOREIGN_ORGANISER.value)
        case "requiredAccessLevel" | "forbidden" if refused.calendar and not refused.writing:
            return AdminRequired(refused.reason)  # not even reading is allowed any more
        case "requiredAccessLevel" | "forbidden":
            return ReadOnly(ReadOnlyCause.READ_ONLY_CONTAINER.value)
        case "domainPolicy":
            return AdminRequired("domainPolicy")
        case reason:
            # A 403 has too many meanings to guess one (R5).
            return ServiceFault(reason or "http_403")


def _next_pacific_midnight(now: datetime) -> datetime:
    """When a project's daily quota is filled again: Google counts its days in Pacific time."""
    zone = ZoneInfo(_PACIFIC)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def _challenge_scope(headers: Mapping[str, str]) -> str:
    _, found, rest = headers.get("www-authenticate", "").partition('scope="')
    return rest.partition('"')[0].partition(" ")[0] if found else ""


def _parts(body: bytes) -> tuple[str, str, str]:
    """Reason, location and message of an error body; empty where the body is not what Google documents."""
    try:
        error: Any = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", "", ""
    if not isinstance(error, dict):
        return "", "", ""
    first = _first(error.get("errors"))
    detail = next((one for one in _all(error.get("details")) if isinstance(one.get("reason"), str)), {})
    reason = _text(first.get("reason")) or _text(detail.get("reason")) or _text(error.get("status"))
    return reason, _text(first.get("location")), _text(first.get("message"), 300) or _text(error.get("message"), 300)


def _all(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(value: object) -> dict[str, Any]:
    return next(iter(_all(value)), {})


def _text(value: object, longest: int = 60) -> str:
    return value[:longest] if isinstance(value, str) else ""


def check_page(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raises `WebPage` where a page for people, or a redirect to one, came instead of an answer of the API."""
    if 300 <= status < 400 or (status in {200, 403, 404, 410} and is_web_page(headers, body)):
        raise WebPage(status)
