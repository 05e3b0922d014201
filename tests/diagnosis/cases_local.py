"""What Zoom says, and what is in the way on this computer."""

from __future__ import annotations

from datetime import UTC, datetime

from soroe.ports.errors import (
    AdminRequired,
    ConsentMissing,
    Gone,
    LimitReached,
    LocalTrouble,
    RetryLater,
    SignInRequired,
)

from .case import Ask, Case, Http, NoToken, Raised

LATER = datetime(2026, 5, 12, tzinfo=UTC)
CREATE = "meeting:write:meeting"


def says(status: int, code: int, message: str = "A message", **headers: str) -> Http:
    """Zoom's error body."""
    return Http.told(status, {"code": code, "message": message}, **headers)


def library(name: str, base: type[Exception] = Exception, **about: object) -> Raised:
    """What a keychain's library raises: it is known by its name, because none is there on every system."""
    error = type(name, (base,), about)("text of the library")
    return Raised(error)


ZOOM = (
    Case("zoom/sign_in", says(401, 124, "Invalid access token."), SignInRequired("zoom_124"), Ask.LINK),
    Case("zoom/sign_in", NoToken(400, {"error": "invalid_grant"}), SignInRequired("invalid_grant"), Ask.LINK),
    Case(
        "zoom/scope",
        says(400, 4711, f"Invalid access token, does not contain scopes:[{CREATE}]."),
        ConsentMissing(CREATE),
        Ask.LINK,
    ),
    Case("zoom/scope", says(403, 200, "No permission."), AdminRequired("zoom_200"), Ask.LINK),
    Case("zoom/gone", says(404, 3001), Gone("zoom_3001"), Ask.LINK),
    Case("zoom/throttled", says(429, 429, Retry_After="2"), RetryLater("http_429", 2.0), Ask.LINK),
    Case("zoom/throttled", says(429, 429, Retry_After="7200"), LimitReached("zoom_daily_limit", LATER), Ask.LINK),
)

KEYCHAIN = (
    Case("local/keychain", library("NoKeyringError", RuntimeError), LocalTrouble("keychain_missing")),
    Case("local/keychain", library("KeyringLocked"), LocalTrouble("keychain_locked")),
    Case("local/keychain", library("PasswordSetError"), LocalTrouble("keychain_denied")),
    Case("local/keychain", library("InitError"), LocalTrouble("keychain_denied")),
    Case("local/too_large", library("error", winerror=1783), LocalTrouble("keychain_item_too_large")),
)

KEPT = (Case("local/moved", Raised(ValueError("{not json")), SignInRequired("secret_unreadable"), Ask.SIGN_IN),)
