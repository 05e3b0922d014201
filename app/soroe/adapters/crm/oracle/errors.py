"""What Oracle CRM On Demand's error answers mean for the engine."""

from __future__ import annotations

import re
from datetime import datetime

from soroe.adapters.crm.documents import at
from soroe.adapters.net.exchange import Answer, Json
from soroe.adapters.net.failures import retry_after, status_trouble
from soroe.core.event import ReadOnlyCause
from soroe.ports.errors import (
    AdminRequired,
    ChangedMeanwhile,
    Gone,
    ItemRejected,
    PortError,
    ReadOnly,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

PRIVILEGE = "restful_services_integration"
"""What an administrator has to grant to the user's role: the privilege "Restful Services Integration"."""
FOREIGN = ReadOnlyCause.FOREIGN_ORGANISER.value
_RATE = re.compile(r"(?i)maximum rate of requests|requests per minute")
_SESSION = re.compile(r"(?i)session\b.{0,80}\b(not valid|invalid|expired|timed out|no longer valid)|invalid session")
_PRIVILEGE = re.compile(r"(?i)privilege|restful services")
_RIGHTS = re.compile(r"(?i)access rights|read-only|not allowed to (change|delete)")
_LOCKED = re.compile(r"(?i)\block(ed|out)\b")
_FIELD = re.compile(r"(?i)\bfield '?([A-Za-z_]\w{0,80})'?")
_MISUSES = frozenset({405, 406, 411, 415})
_MARGIN = 1.0


def is_rate(answer: Answer) -> bool:
    """Whether the minute's requests are used up: no document tells the status, so the words count, whatever it is."""
    return answer.status == 429 or (not 200 <= answer.status < 300 and bool(_RATE.search(words(answer))))


def session_ended(answer: Answer) -> bool:
    """Whether a new session may help: the service calls it invalid, or refuses without a reason of its own."""
    if 200 <= answer.status < 300 or answer.is_page or is_rate(answer):
        return False
    return answer.status in {401, 403} or says_so(answer)


def says_so(answer: Answer) -> bool:
    """Whether the service itself calls the session ended; otherwise a new one is only worth a try."""
    return bool(_SESSION.search(words(answer)))


def login_refusal(answer: Answer, now: datetime) -> PortError:
    """The port's error for a login that was no success; `now` is UTC."""
    if answer.is_page or is_rate(answer) or answer.status not in {401, 403}:
        return refusal(answer, now, writes=False)
    said = words(answer)
    if answer.status == 403 and _PRIVILEGE.search(said):
        return AdminRequired(PRIVILEGE)
    return SignInRequired("account_locked" if _LOCKED.search(said) else "password_refused")


def refusal(answer: Answer, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer that is no success; `now` is UTC. `writes`: the call could change something.

    401 and 403 come here only after a new session was refused the same.
    """
    status = answer.status
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    if is_rate(answer):
        return RetryLater("requests_per_minute", max(retry_after(answer.headers, now) or 0.0, _next_minute(now)))
    code = _code(answer) or f"http_{status}"
    match status:
        case 401 | 403:
            return ReadOnly(FOREIGN) if writes and _RIGHTS.search(words(answer)) else AdminRequired(PRIVILEGE)
        case 404 | 410:
            return Gone(code)
        case 409:
            return ChangedMeanwhile(code)
        case 400 | 422:
            said = words(answer)
            found = _FIELD.search(said)
            return ItemRejected(code, found.group(1) if found else None, said)
        case _ if status in _MISUSES:
            return ServiceFault(f"http_{status}")
        case _:
            trouble = status_trouble(status, answer.headers, now)
            if isinstance(trouble, RetryLater) and not writes:
                return RetryLater(trouble.reason, trouble.after)
            return trouble


def words(answer: Answer) -> str:
    """The service's own words on what went wrong; "" where it says none."""
    first = _first(answer)
    for name in ("detail", "title"):
        value = at(first, name)
        if isinstance(value, str) and value:
            return value[:2_000]
    return "" if first is not None else answer.body[:2_000].decode("utf-8", "replace")


def _code(answer: Answer) -> str:
    value = at(_first(answer), "errorCode")
    return value if isinstance(value, str) and re.fullmatch(r"[\w.\-]{1,60}", value) else ""


def _first(answer: Answer) -> Json:
    listed = at(answer.document_or_none(), "Error")
    if isinstance(listed, list):
        return listed[0] if listed else None
    return listed


def _next_minute(now: datetime) -> float:
    """Requests are counted in fixed minutes: the next one begins with nothing used."""
    return 60.0 - now.second - now.microsecond / 1e6 + _MARGIN
