"""What Salesforce's error answers mean for the engine: one table, by Salesforce's own codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from soroe.adapters.net.exchange import Answer
from soroe.adapters.net.failures import status_trouble
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

NOT_INSTALLED = "OAUTH_APPROVAL_ERROR_GENERIC"
FIELD_CODES = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"})
"""A field that this user may not see or set, which IT can change at any time: the fields are asked for anew."""
DUPLICATE = "DUPLICATE_VALUE"
LOOK_AGAIN = timedelta(hours=1)
BUSY_SECONDS = 20.0
LOCK_SECONDS = 3.0
_ADMIN = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "INVALID_LOGIN",
        "STORAGE_LIMIT_EXCEEDED",
        "ORG_LOCKED",
        "FUNCTIONALITY_NOT_ENABLED",
        NOT_INSTALLED,
    }
)
_AGAIN = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "APEX_ERROR", "LIMIT_EXCEEDED"})
_LOCKED = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "FIELD_NOT_UPDATABLE",
        "ENTITY_IS_LOCKED",
    }
)
_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"})
_RESYNC = frozenset({"EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE", "INVALID_QUERY_LOCATOR"})
_BUGS = frozenset({"MALFORMED_QUERY", "JSON_PARSER_ERROR", "METHOD_NOT_ALLOWED", "UNSUPPORTED_API_VERSION"})
_OUR_REGISTRATION = frozenset({"invalid_client_id", "invalid_client_credentials", "redirect_uri_mismatch"})
_CLOSED_FOR = {"inactive user": "inactive_user", "inactive org": "inactive_org", "ip restricted": "ip_restricted"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error as Salesforce tells it; `message` is for people and never for a log."""

    code: str
    message: str = ""
    fields: tuple[str, ...] = ()

    @classmethod
    def in_document(cls, document: object, status: int) -> Complaint:
        """The first error of an answer: a list, or the same thing alone."""
        first = document[0] if isinstance(document, list) and document else document
        if not isinstance(first, dict):
            return cls(f"http_{status}")
        code = first.get("errorCode") or first.get("statusCode")
        message, fields = first.get("message"), first.get("fields")
        named = tuple(str(name)[:80] for name in fields[:20]) if isinstance(fields, list) else ()
        return cls(
            code[:80] if isinstance(code, str) and code else f"http_{status}",
            message[:2_000] if isinstance(message, str) else "",
            named,
        )


def refusal(answer: Answer, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer that is no success; `now` is UTC. `writes`: the call could change something."""
    if answer.status == 412:  # it comes without a body, and may call that a page
        return ChangedMeanwhile("modified_since")
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    document = answer.document_or_none()
    complaint = Complaint.in_document(document, answer.status)
    if answer.status == 300:
        return ItemRejected("several_of_one_stamp", "stamp")
    trouble = meaning(complaint, now)
    if trouble is not None:
        return trouble
    if answer.status == 401:
        return SignInRequired(complaint.code)
    if complaint.code == "FORBIDDEN":
        return ConsentMissing("api")  # the session was not granted this interface
    if answer.status == 403:
        return AdminRequired(complaint.code)
    if answer.status == 404:
        return Gone(complaint.code)
    if answer.status == 400:
        return _item_or_bug(complaint)
    found = status_trouble(answer.status, answer.headers, now)
    if isinstance(found, RetryLater) and not writes:
        return RetryLater(found.reason, found.after)
    return found


def record_trouble(complaint: Complaint, now: datetime) -> PortError:
    """The port's error for one record of several that was refused."""
    return meaning(complaint, now) or _item_or_bug(complaint)


def meaning(complaint: Complaint, now: datetime) -> PortError | None:
    """What a code means wherever it is told; None for one of a single item's values, or an unknown one."""
    code = complaint.code
    if code == "INVALID_SESSION_ID":
        return SignInRequired(code)
    if code == "REQUEST_LIMIT_EXCEEDED":
        if "concurrent" in complaint.message.casefold():
            return RetryLater("too_many_at_once", BUSY_SECONDS)
        # A window of 24 hours that rolls: nobody tells when there is room.
        return LimitReached("org_requests_spent", now + LOOK_AGAIN)
    if code == "UNABLE_TO_LOCK_ROW":
        return RetryLater(code, LOCK_SECONDS)
    if code in _AGAIN:
        return RetryLater(code)
    if code in _ADMIN:
        return AdminRequired(code)
    if code in _LOCKED:
        return ReadOnly(ReadOnlyCause.LOCKED.value)
    if code in _GONE:
        return Gone(code)
    if code in _RESYNC:
        return CursorExpired(code)
    return ServiceFault(code) if code in _BUGS else None


def _item_or_bug(complaint: Complaint) -> PortError:
    """A value that is not taken is the item's own trouble, told in Salesforce's words (SF-18)."""
    if complaint.code.startswith("http_"):
        return ServiceFault(complaint.code)
    return ItemRejected(complaint.code, ", ".join(complaint.fields) or None, complaint.message)


def sign_in_refusal(code: str, words: str) -> PortError | None:
    """What a refusal at sign-in, or of a renewal, means; None for what every service means by it."""
    told = words.casefold()
    if code == NOT_INSTALLED or "app must be installed" in told:
        return AdminRequired(NOT_INSTALLED)
    if code in {"inactive_user", "inactive_org"}:
        return AdminRequired(code)
    if code in {"invalid_grant", "access_denied"}:
        closed = next((name for part, name in _CLOSED_FOR.items() if part in told), None)
        return None if closed is None else AdminRequired(closed)
    return ServiceFault(code) if code in _OUR_REGISTRATION else None
