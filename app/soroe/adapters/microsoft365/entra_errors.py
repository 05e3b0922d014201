"""What a refused sign-in means: the AADSTS numbers of Microsoft Entra, translated once into the port's errors.

The number stays in the code that we tell, because it is what the organisation's IT will ask for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    LimitReached,
    LocalTrouble,
    PortError,
    RetryLater,
    ServiceFault,
    SignInRequired,
)

from .settings import CALENDARS_SCOPE

_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_RECONNECT = frozenset(
    {
        50055, 50058, 50072, 50074, 50076, 50078, 50079, 50085, 50089, 50132, 50133, 50135, 50144, 50173,
        70000, 70008, 70043, 700082,
    }
)  # fmt: skip # short values, several a line
_CONSENT = frozenset({65001, 65004})
_RETRY = frozenset({50033, 50087, 50088, 70012, 80001, 80002, 80005, 80014})
_OURS = frozenset({50011, 65005, 70011, 90002, 650057, 700025, 7000218})
_ADMIN = {
    90094: "admin_consent",
    50105: "not_assigned",
    50057: "account_disabled",
    **dict.fromkeys((53000, 53001, 53002, 53003, 530035, 50131, 50097, 50129, 50127), "conditional_access"),
    **dict.fromkeys((50020, 50034, 51004, 500212, 500213), "other_organisation"),
    **dict.fromkeys((650052, 650056, 70001, 700011, 700016), "application_unknown"),
    500208: "personal_account",
}
_WRONG_PASSWORD = 50126
_LOCKED = 50053
_CLOCK = 80013
_LOCKED_PAUSE = timedelta(hours=1)
_BUSY_CODES = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_CLIENT_CODES = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_response_type"}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no token came: the protocol's code, Entra's numbers, and what the service wants to know of the user."""

    error: str
    numbers: tuple[int, ...] = ()
    suberror: str = ""
    claims: str = ""


def refusal_of(answer: Mapping[str, Any]) -> Refusal:
    """The refusal in what msal, the token endpoint or the redirect tells."""
    told = answer.get("error_codes")
    numbers = [one for one in told if isinstance(one, int)] if isinstance(told, list) else []
    text = answer.get("error_description")
    if isinstance(text, str):
        numbers += [int(one) for one in _NUMBER.findall(text[:4000])]
    return Refusal(
        _text(answer, "error", 60) or "unknown",
        tuple(dict.fromkeys(numbers)),
        _text(answer, "classification", 60) or _text(answer, "suberror", 60),
        _text(answer, "claims", 8000),
    )


def refused_sign_in(
    refusal: Refusal, now: datetime, *, permission: str = CALENDARS_SCOPE, clock_wrong: bool = False
) -> PortError:
    """What a refusal means for the engine: most need the user, some IT, some only time.

    `permission` is the one that the account cannot do without; Entra does not name the one it misses.
    """
    for number in refusal.numbers:
        trouble = _by_number(number, now, permission, clock_wrong)
        if trouble is not None:
            return trouble
    code = f"AADSTS{refusal.numbers[0]}" if refusal.numbers else refusal.error
    if refusal.error == "consent_required" or refusal.suberror == "consent_required":
        return ConsentMissing(permission)
    if refusal.error in _BUSY_CODES:
        return RetryLater(refusal.error)
    if refusal.error in _CLIENT_CODES:
        return ServiceFault(code)
    if clock_wrong:
        return LocalTrouble("clock_wrong")
    return SignInRequired(code)


def _by_number(number: int, now: datetime, permission: str, clock_wrong: bool) -> PortError | None:
    code = f"AADSTS{number}"
    if number == _WRONG_PASSWORD:
        return SignInRequired(f"wrong_password:{code}")
    if number == _LOCKED:
        return LimitReached(f"account_locked:{code}", now + _LOCKED_PAUSE)  # asking again would prolong the lock
    if number == _CLOCK:
        return LocalTrouble("clock_wrong")
    if number in _ADMIN:
        return AdminRequired(f"{_ADMIN[number]}:{code}")
    if number in _CONSENT:
        return ConsentMissing(permission)
    if number in _RETRY:
        return RetryLater(code)
    if number in _OURS:
        return ServiceFault(code)
    if number in _RECONNECT:
        return LocalTrouble("clock_wrong") if clock_wrong else SignInRequired(code)
    return None


def _text(answer: Mapping[str, Any], name: str, longest: int) -> str:
    value = answer.get(name)
    return value[:longest] if isinstance(value, str) else ""
