"""When a sign-in will end by itself, as far as anything is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NOTICE_AHEAD = timedelta(days=1)
"""How long before its end a sign-in is told of."""
TRIAL = timedelta(days=7)
TRIAL_SLACK = timedelta(hours=6)
"""A Google client whose consent screen is in "testing" ends every sign-in after seven days (google-calendar: refresh
token). A service does not say so; a sign-in that was refused within these hours of its seventh day tells it."""
UNUSED_LIMITS = {
    "google": timedelta(days=180),
    "microsoft365": timedelta(days=90),
    "teams": timedelta(days=90),
    "zoom": timedelta(days=90),
}
"""How long each kind of account keeps a sign-in that nobody uses: the services' own documents (Google six months,
Entra and Zoom 90 days). Kinds that are not named are not known to end."""


class Basis(StrEnum):
    """What a forecast rests on."""

    TOLD = "told"
    TESTING = "testing"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an account's sign-in, in UTC; None is unknown.

    `at`: the user signed in. `ends`: the end that the service told. `used`: the service last took it, to the day.
    `lasted`: how long the sign-in before this one held, from the user's signing in to the service's refusal.
    """

    at: datetime | None = None
    ends: datetime | None = None
    used: datetime | None = None
    lasted: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """A sign-in will end about `at` (UTC)."""

    at: datetime
    basis: Basis

    def is_near(self, now: datetime) -> bool:
        """Whether the user should sign in before then, within a day."""
        return self.at - NOTICE_AHEAD <= now


def forecast(kind: str, known: Known, now: datetime) -> Forecast | None:
    """The earliest end that something known speaks for; None where nothing does, or where it has passed already."""
    found = [one for one in (_told(known), _testing(kind, known), _unused(kind, known)) if one and one.at > now]
    return min(found, key=lambda one: one.at, default=None)


def _told(known: Known) -> Forecast | None:
    return Forecast(known.ends, Basis.TOLD) if known.ends is not None else None


def _testing(kind: str, known: Known) -> Forecast | None:
    if kind != "google" or known.at is None or known.lasted is None:
        return None
    like_last_time = TRIAL - TRIAL_SLACK <= known.lasted <= TRIAL + TRIAL_SLACK
    return Forecast(known.at + TRIAL, Basis.TESTING) if like_last_time else None


def _unused(kind: str, known: Known) -> Forecast | None:
    limit, moments = UNUSED_LIMITS.get(kind), [at for at in (known.at, known.used) if at is not None]
    return Forecast(max(moments) + limit, Basis.UNUSED) if limit is not None and moments else None
