"""What Pipedrive's error answers mean for the engine."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta

from soroe.adapters.crm.documents import at
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

SCOPES_READING = "activities:read"
SCOPES_WRITING = "activities:full"
SHORTEST_WAIT = 2.0
BLOCK = timedelta(minutes=15)
LOOK_AGAIN = timedelta(hours=1)
_PERSISTS = timedelta(minutes=2)
_MISUSES = frozenset({405, 406, 410, 411, 415})
_FIELD = re.compile(r"Validation failed: ([A-Za-z_][\w.\[\]]{0,80}):")
_DAILY_LEFT = "x-daily-ratelimit-token-remaining"


class Refusals:
    """Translates the refusals of one account; remembers how long 429 has lasted, as only that tells a spent budget
    where the headers don't."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: datetime | None = None

    def accepted(self) -> None:
        """A call went through."""
        if self._since is not None:
            with self._lock:
                self._since = None

    def of(self, answer: Answer, now: datetime, *, writes: bool) -> PortError:
        """The port's error for an answer that is no success; `now` is UTC."""
        if answer.status == 429:
            return self._throttled(answer, now)
        return refusal(answer, now, writes=writes)

    def _throttled(self, answer: Answer, now: datetime) -> PortError:
        left = answer.headers.get(_DAILY_LEFT)
        with self._lock:
            self._since = self._since or now
            lasting = now - self._since > _PERSISTS
        if (left is not None and left.strip() == "0") or (left is None and lasting):
            # The day ends at midnight in a zone that Pipedrive does not tell, so we look again every hour.
            return LimitReached("daily_budget", now + LOOK_AGAIN)
        waits = (retry_after(answer.headers, now), _seconds(answer.headers.get("x-ratelimit-reset")), SHORTEST_WAIT)
        return RetryLater("http_429", max(wait for wait in waits if wait is not None))


def refusal(answer: Answer, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer other than 429; `now` is UTC. `writes`: the call could change something."""
    status = answer.status
    if answer.is_page:
        # Too many ignored 429 get us blocked by a page in front of the service, which is no missing permission.
        if status == 403:
            return LimitReached("blocked", now + BLOCK)
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    document = answer.document_or_none()
    code = _text(document, "code") or f"http_{status}"
    match status:
        case 401:
            return SignInRequired(code)
        case 402:
            return AdminRequired("account_not_open")
        case 403:
            return _forbidden(document, code, writes=writes)
        case 404:
            return Gone(code)
        case 400 | 422:
            message = _text(document, "error")
            found = _FIELD.match(message)
            return ItemRejected(code, found.group(1) if found else None, message)
        case _ if status in _MISUSES:
            return ServiceFault(code)
        case _:
            trouble = status_trouble(status, answer.headers, now)
            if isinstance(trouble, RetryLater) and not writes:
                return RetryLater(trouble.reason, trouble.after)
            return trouble


def _forbidden(document: object, code: str, *, writes: bool) -> PortError:
    words = f"{_text(document, 'error')} {_text(document, 'error_info')}".casefold()
    if "scope" in words:
        return ConsentMissing(SCOPES_WRITING if writes else SCOPES_READING)
    return AdminRequired(code)


def _text(document: object, path: str) -> str:
    value = at(document, path)
    return value[:2_000] if isinstance(value, str) else ""


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.strip().isdecimal() and len(text) < 6 else None
