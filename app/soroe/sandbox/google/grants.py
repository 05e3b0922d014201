"""Permissions given to programs: codes, access tokens, refresh tokens, and the ways they die."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from soroe.sandbox.google.errors import Json
from soroe.sandbox.google.model import Account

CODE_LIFE = timedelta(minutes=5)
TESTING_LIFE = timedelta(days=7)
UNUSED_LIFE = timedelta(days=183)
MOST_REFRESH_TOKENS = 100


@dataclass(slots=True)
class OAuthError(Exception):
    """A refusal of the token, revocation or token-info endpoint."""

    status: int
    error: str
    description: str

    def body(self) -> Json:
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, slots=True)
class Client:
    """A desktop client as registered in the Cloud console; one in testing has refresh tokens that live seven days."""

    client_id: str
    client_secret: str
    testing: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: for one redirect address, one PKCE challenge, one use, a few minutes."""

    account: Account
    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    challenge_method: str
    offline: bool
    expires: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    account: Account
    client_id: str
    scopes: tuple[str, ...]
    expires: datetime
    offline: bool


@dataclass(slots=True)
class RefreshToken:
    account: Account
    client_id: str
    scopes: tuple[str, ...]
    made: datetime
    used: datetime


@dataclass(slots=True)
class Grants:
    """All permissions of all programs. The caller holds the lock. `access_life` is how long an access token lives."""

    clock: Callable[[], datetime]
    access_life: timedelta = timedelta(seconds=3599)
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    consented: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def client(self, client_id: str, client_secret: str | None) -> Client:
        """Returns the client; a desktop client has a secret too, and the token endpoint wants it."""
        known = self.clients.get(client_id)
        if known is None:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if client_secret is None:
            raise OAuthError(400, "invalid_request", "client_secret is missing.")
        if client_secret != known.client_secret:
            raise OAuthError(401, "invalid_client", "Unauthorized")
        return known

    def give_code(self, code: Code) -> str:
        text = "4/0" + secrets.token_urlsafe(48)
        self.codes[text] = code
        consented = self.consented.get((code.account.email, code.client_id), frozenset())
        self.consented[(code.account.email, code.client_id)] = consented | set(code.scopes)
        return text

    def exchange(self, client: Client, code_text: str, redirect_uri: str, verifier: str | None) -> Json:
        """Turns a code into tokens, once."""
        code = self.codes.pop(code_text, None)
        if code is None or code.expires <= self.clock() or code.client_id != client.client_id:
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        if redirect_uri != code.redirect_uri:
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        if code.challenge is not None and (verifier is None or _challenge(verifier, code) != code.challenge):
            raise OAuthError(
                400, "invalid_grant", "Missing code verifier." if not verifier else "Invalid code verifier."
            )
        answer = self.give_access(code.account, client.client_id, code.scopes, offline=code.offline)
        if code.offline:
            answer["refresh_token"] = self.give_refresh(code.account, client.client_id, code.scopes)
        return answer

    def give_access(self, account: Account, client_id: str, scopes: Iterable[str], *, offline: bool) -> Json:
        text = "ya29." + secrets.token_urlsafe(90)
        now = self.clock()
        self.access[text] = AccessToken(account, client_id, tuple(scopes), now + self.access_life, offline)
        answer: Json = {
            "access_token": text,
            "expires_in": int(self.access_life.total_seconds()),
            "scope": " ".join(scopes),
            "token_type": "Bearer",
        }
        if "openid" in tuple(scopes):
            answer["id_token"] = self._id_token(account, client_id, now)
        return answer

    def give_refresh(self, account: Account, client_id: str, scopes: Iterable[str]) -> str:
        """Makes a refresh token; beyond the hundredth of an account and client the oldest one dies without a word."""
        text = "1//0" + secrets.token_urlsafe(64)
        now = self.clock()
        self.refresh[text] = RefreshToken(account, client_id, tuple(scopes), now, now)
        same = [t for t, r in self.refresh.items() if r.account is account and r.client_id == client_id]
        for oldest in same[:-MOST_REFRESH_TOKENS]:
            del self.refresh[oldest]
        return text

    def renew(self, client: Client, refresh_text: str) -> Json:
        """Makes a new access token, or answers `invalid_grant` for a refresh token that is dead."""
        token = self.refresh.get(refresh_text)
        now = self.clock()
        if token is None or token.client_id != client.client_id:
            raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")
        if now - token.used > UNUSED_LIFE or (client.testing and now - token.made >= TESTING_LIFE):
            del self.refresh[refresh_text]
            raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")
        token.used = now
        return self.give_access(token.account, client.client_id, token.scopes, offline=True)

    def revoke(self, text: str) -> None:
        """Ends the whole permission the token belongs to: the account's tokens for that client all die."""
        token = self.refresh.get(text) or self.access.get(text)
        if token is None:
            raise OAuthError(400, "invalid_token", "Token expired or revoked")
        self.withdraw(token.account.email, token.client_id)

    def withdraw(self, email: str, client_id: str) -> None:
        """The user removes the app from his account."""
        self.refresh = {t: r for t, r in self.refresh.items() if (r.account.email, r.client_id) != (email, client_id)}
        self.access = {t: a for t, a in self.access.items() if (a.account.email, a.client_id) != (email, client_id)}
        self.consented.pop((email, client_id), None)

    def holder(self, text: str) -> AccessToken | None:
        """Returns the living access token, or nothing."""
        token = self.access.get(text)
        return token if token is not None and token.expires > self.clock() else None

    def _id_token(self, account: Account, client_id: str, now: datetime) -> str:
        """Signs with a key of the sandbox's own (HS256), so that nothing outside takes it for a token of Google's."""
        claims = {
            "iss": "https://accounts.google.com",
            "azp": client_id,
            "aud": client_id,
            "sub": account.subject,
            "email": account.email,
            "email_verified": True,
            "name": account.name,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }
        parts = [{"alg": "HS256", "typ": "JWT"}, claims]
        text = ".".join(_unpadded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return f"{text}.{_unpadded(hmac.new(self.key, text.encode(), hashlib.sha256).digest())}"


def _challenge(verifier: str, code: Code) -> str:
    if code.challenge_method == "plain":
        return verifier
    return _unpadded(hashlib.sha256(verifier.encode()).digest())


def _unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
