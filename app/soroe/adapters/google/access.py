"""A new access token from the account's refresh token (RFC 6749, section 6).

By our own transport: google-auth would load a tenth of a second's worth of modules (cryptography, asyncio, a parser of
headers) in every tray to send this one form.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from soroe.adapters.net.reading import Json
from soroe.adapters.net.transport import LibraryClient
from soroe.ports.errors import RetryLater

from .errors import TokenRefused, check_page
from .settings import GoogleSecret, GoogleSettings

_EARLY = timedelta(minutes=4)
"""So long before its end a token counts as ended: a call that is sent in time must not arrive too late."""
_USUAL_LIFE = 3600


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What every call shows. `until` is its end (UTC); `refresh` is a new refresh token, where one came with it.

    Google keeps to the first one. A gateway in front of it may give another each time, which ends the one before
    (RFC 6749, section 6).
    """

    text: str = field(repr=False)
    until: datetime
    refresh: str = field(default="", repr=False)

    def holds(self, now: datetime) -> bool:
        """Whether a call sent now still arrives in time."""
        return now < self.until - _EARLY


def _nowhere(_secret: str) -> None:
    """Google keeps to a refresh token: without a gateway in front of it there is nothing to keep anew."""


class Renewal(NamedTuple):
    """What becomes of a refresh token that takes another's place.

    `keep` stores the account's new secret, before its access token is used. `alone` lets one process at a time renew:
    whoever rotates refresh tokens takes a second use of the same one for a theft.
    """

    keep: Callable[[str], None] = _nowhere
    alone: Callable[[], AbstractContextManager[object]] = nullcontext


KEPT_BY_GOOGLE = Renewal()


def access_token(client: LibraryClient, settings: GoogleSettings, secret: GoogleSecret, now: datetime) -> AccessToken:
    """A new token. Raises `TokenRefused`, `WebPage`, `RetryLater` for a garbled answer, and the network's errors."""
    form = urlencode(
        {
            "grant_type": "refresh_token",
            "refresh_token": secret.refresh_token,
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
        }
    )
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    response, content = client.request(settings.token_endpoint, "POST", form, headers)
    check_page(response.status, response, content)
    answer = _document(content)
    if response.status != 200:
        raise TokenRefused(response.status, response, answer)
    text = answer.get("access_token")
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
        raise RetryLater("token_answer_unreadable")
    told = answer.get("expires_in")
    seconds = told if isinstance(told, int) and 0 < told < 10**7 else _USUAL_LIFE
    refresh = answer.get("refresh_token")
    return AccessToken(text, now + timedelta(seconds=seconds), refresh if isinstance(refresh, str) else "")


def _document(content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
