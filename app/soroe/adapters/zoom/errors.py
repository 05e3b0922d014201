"""What Zoom's refusals mean: one table (errors.md, rows Z). The HTTP status decides first, Zoom's own code second."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from soroe.adapters.net.exchange import Answer
from soroe.adapters.net.failures import retry_after, status_trouble
from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    Gone,
    ItemRejected,
    LimitReached,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

MISSING_SCOPE = 4711
NO_USER = frozenset({1001, 1010})
_LONG = timedelta(minutes=10)
"""A wait longer than this is a daily cap and no burst: the account is paused, and not merely late."""
_SCOPE = re.compile(r"scopes?:\s*\[?\s*([A-Za-z0-9_:.]{3,80})")
_FIELD = re.compile(r"Validation Failed:\s*([A-Za-z_.]{1,40})")
_MISUSES = frozenset({405, 406, 411, 415})


def refusal(answer: Answer, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer that is no success; `now` is UTC. A 401 here was refused after a renewal (R3)."""
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    document = answer.document_or_none()
    code, message = _code(document), _message(document)
    if code == MISSING_SCOPE or "does not contain scopes" in message:
        return ConsentMissing(_first(_SCOPE, message) or "scope")
    match answer.status:
        case 401:
            return SignInRequired(f"zoom_{code}" if code else "http_401")
        case 403:
            return AdminRequired(f"zoom_{code}" if code else "http_403")
        case 404:
            return SignInRequired(f"zoom_{code}") if code in NO_USER else Gone(f"zoom_{code or 404}")
        case 400 | 422:
            return ItemRejected(f"zoom_{code or answer.status}", _first(_FIELD, message), message)
        case 429:
            return _throttled(answer, now)
        case status if status in _MISUSES:
            return ServiceFault(f"http_{status}")
    trouble = status_trouble(answer.status, answer.headers, now)
    if isinstance(trouble, RetryLater) and not writes:
        return RetryLater(trouble.reason, trouble.after)
    return trouble


def _throttled(answer: Answer, now: datetime) -> PortError:
    """A burst passes in seconds; the cap of 100 writes a user and day ends with the day (UTC)."""
    wait = retry_after(answer.headers, now)
    if wait is not None and wait > _LONG.total_seconds():
        return LimitReached("zoom_daily_limit", now + timedelta(seconds=wait))
    return RetryLater("http_429", wait)


def _code(document: object) -> int | None:
    code = document.get("code") if isinstance(document, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _message(document: object) -> str:
    message = document.get("message") if isinstance(document, dict) else None
    return message[:500] if isinstance(message, str) else ""


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None
