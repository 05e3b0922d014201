"""What Oracle CRM On Demand's error answers mean for the engine."""

from __future__ import annotations

from datetime import datetime

from soroe.adapters.net.exchange import Answer
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

from .says import code_of, field_named, is_locked, is_rate, lacks_privilege, lacks_rights, words

PRIVILEGE = "restful_services_integration"
"""What an administrator has to grant to the user's role: the privilege "Restful Services Integration"."""
FOREIGN = ReadOnlyCause.FOREIGN_ORGANISER.value
_MISUSES = frozenset({405, 406, 411, 415})
_MARGIN = 1.0


def login_refusal(answer: Answer, now: datetime) -> PortError:
    """The port's error for a login that was no success; `now` is UTC."""
    if answer.is_page or is_rate(answer) or answer.status not in {401, 403}:
        return refusal(answer, now, writes=False)
    if answer.status == 403 and lacks_privilege(answer):
        return AdminRequired(PRIVILEGE)
    return SignInRequired("account_locked" if is_locked(answer) else "password_refused")


def refusal(answer: Answer, now: datetime, *, writes: bool) -> PortError:
    """The port's error for an answer that is no success; `now` is UTC. `writes`: the call could change something.

    401 and 403 come here only after a new session was refused the same.
    """
    status = answer.status
    if answer.is_page:
        return RetryLater("web_page_instead_of_answer", outcome_unknown=writes)
    if is_rate(answer):
        return RetryLater("requests_per_minute", max(retry_after(answer.headers, now) or 0.0, _next_minute(now)))
    code = code_of(answer) or f"http_{status}"
    match status:
        case 401 | 403:
            return ReadOnly(FOREIGN) if writes and lacks_rights(answer) else AdminRequired(PRIVILEGE)
        case 404 | 410:
            return Gone(code)
        case 409:
            return ChangedMeanwhile(code)
        case 400 | 422:
            return ItemRejected(code, field_named(answer), words(answer))
        case _ if status in _MISUSES:
            return ServiceFault(f"http_{status}")
        case _:
            trouble = status_trouble(status, answer.headers, now)
            if isinstance(trouble, RetryLater) and not writes:
                return RetryLater(trouble.reason, trouble.after)
            return trouble


def _next_minute(now: datetime) -> float:
    """Requests are counted in fixed minutes: the next one begins with nothing used."""
    return 60.0 - now.second - now.microsecond / 1e6 + _MARGIN
