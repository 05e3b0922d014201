"""Permissions given to programs: codes, access tokens, refresh tokens, and the ways they die."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from soroe.sandbox.microsoft365.entra_errors import EntraError
from soroe.sandbox.microsoft365.errors import Json
from soroe.sandbox.microsoft365.model import Account
from soroe.sandbox.microsoft365.scopes import SIGN_IN

CODE_LIFE = timedelta(minutes=10)
UNUSED_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A condition of the company that Graph insists on: `claims` is what a program has to ask the sign-in for.

    With `interactive` a refresh token is not enough, and the person has to sign in again.
    """

    claims: Json
    interactive: bool

    def encoded(self) -> str:
        """The claims as `WWW-Authenticate` carries them: JSON in base64."""
        return base64.b64encode(json.dumps(self.claims).encode()).decode()

    def met_by(self, asked: Json) -> bool:
        given, wanted = asked.get("access_token") or {}, self.claims["access_token"]
        return isinstance(given, dict) and all(given.get(name) == value for name, value in wanted.items())


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code on its way from the browser to the program."""

    account: Account
    client_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    nonce: str
    expires: datetime
    claims: Json


@dataclass(frozen=True, slots=True)
class AccessToken:
    account: Account
    client_id: str
    scopes: tuple[str, ...]
    expires: datetime
    met: tuple[Challenge, ...] = ()


@dataclass(slots=True)
class RefreshToken:
    account: Account
    client_id: str
    scopes: tuple[str, ...]
    used: datetime
    met: tuple[Challenge, ...] = ()
    revoked: bool = False


@dataclass(slots=True)
class Grants:
    """All codes and tokens. The caller holds the lock. `access_life` is how long an access token lives."""

    clock: Callable[[], datetime]
    tenant: str
    issuer: Callable[[], str]
    access_life: timedelta = timedelta(seconds=3599)
    clients: set[str] = field(default_factory=set)
    codes: dict[str, Code] = field(default_factory=dict)
    redeemed: set[str] = field(default_factory=set)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    consented: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def give_code(self, code: Code) -> str:
        text = "1." + secrets.token_urlsafe(96)
        self.codes[text] = code
        held = self.consented.get((code.account.email, code.client_id), frozenset())
        self.consented[(code.account.email, code.client_id)] = held | set(code.scopes)
        return text

    def exchange(self, client_id: str, text: str, redirect_uri: str, verifier: str) -> Json:
        """Turns a code into tokens, once."""
        if text in self.redeemed:
            raise EntraError(54005, "invalid_grant", "OAuth2 Authorization code was already redeemed.")
        code = self.codes.get(text)
        if code is None or code.client_id != client_id:
            raise EntraError(9002313, "invalid_grant", "Invalid request. Request is malformed or invalid.")
        if code.expires <= self.clock():
            raise EntraError(70008, "invalid_grant", "The provided authorization code has expired.")
        if redirect_uri != code.redirect_uri:
            raise EntraError(500112, "invalid_grant", "The reply address does not match the one of the code.")
        if not verifier or _challenge(verifier) != code.challenge:
            raise EntraError(501481, "invalid_grant", "The Code_Verifier does not match the code_challenge.")
        del self.codes[text]
        self.redeemed.add(text)
        met = self._met(code.account, code.claims)
        return self.give(code.account, client_id, code.scopes, met, code.nonce)

    def renew(self, client_id: str, text: str, scopes: tuple[str, ...], claims: Json) -> Json:
        """Makes new tokens of a refresh token, which stays good itself, or tells why it is not."""
        token = self.refresh.get(text)
        if token is None:
            raise EntraError(9002313, "invalid_grant", "Invalid request. Request is malformed or invalid.")
        if token.client_id != client_id:
            raise EntraError(700025, "invalid_grant", "The refresh token was issued to another client.")
        if token.revoked:
            text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
            raise EntraError(50173, "invalid_grant", text)
        if self.clock() - token.used > UNUSED_LIFE:
            raise EntraError(700082, "invalid_grant", "The refresh token has expired due to inactivity.")
        wanted = scopes or token.scopes
        held = self.consented.get((token.account.email, client_id), frozenset())
        if not set(wanted) <= held:
            text = "The user or administrator has not consented to use the application."
            raise EntraError(65001, "invalid_grant", text, "consent_required")
        met = token.met
        challenge = self.challenges.get(token.account.email)
        if challenge is not None and challenge not in met and challenge.met_by(claims):
            if challenge.interactive:
                text = "Due to a configuration change by your administrator, you must use multi-factor authentication."
                raise EntraError(50076, "invalid_grant", text, "basic_action", claims=json.dumps(challenge.claims))
            met = (*met, challenge)
        token.used = self.clock()
        return self.give(token.account, client_id, wanted, met)

    def give(
        self,
        account: Account,
        client_id: str,
        scopes: tuple[str, ...],
        met: tuple[Challenge, ...] = (),
        nonce: str = "",
    ) -> Json:
        """Makes the answer of the token endpoint."""
        now = self.clock()
        access = "eyJ0eXAiOiJKV1QiLCJub25jZSI6I." + secrets.token_urlsafe(600)
        self.access[access] = AccessToken(account, client_id, scopes, now + self.access_life, met)
        life = int(self.access_life.total_seconds())
        shown = [scope for scope in scopes if scope != "offline_access"]
        answer: Json = {
            "token_type": "Bearer",
            "scope": " ".join(shown),
            "expires_in": life,
            "ext_expires_in": life,
            "access_token": access,
        }
        if "offline_access" in scopes:
            refresh = "1.AXEA" + secrets.token_urlsafe(500)
            self.refresh[refresh] = RefreshToken(account, client_id, scopes, now, met)
            answer["refresh_token"] = refresh
        if "openid" in scopes:
            answer["id_token"] = self._id_token(account, client_id, nonce, now)
        return answer

    def client_info(self, account: Account) -> str:
        return _unpadded(json.dumps({"uid": account.object_id, "utid": self.tenant}).encode())

    def holder(self, text: str) -> AccessToken | None:
        """Returns the living access token, or nothing."""
        token = self.access.get(text)
        return token if token is not None and token.expires > self.clock() else None

    def open_challenge(self, token: AccessToken) -> Challenge | None:
        """Returns the condition this token was not made under."""
        challenge = self.challenges.get(token.account.email)
        return challenge if challenge is not None and challenge not in token.met else None

    def withdraw(self, email: str) -> None:
        """Ends all sessions of a person: refresh tokens are refused, access tokens end too."""
        for token in self.refresh.values():
            token.revoked = token.revoked or token.account.email == email
        self.access = {text: one for text, one in self.access.items() if one.account.email != email}

    def _met(self, account: Account, asked: Json) -> tuple[Challenge, ...]:
        challenge = self.challenges.get(account.email)
        return (challenge,) if challenge is not None and challenge.met_by(asked) else ()

    def _id_token(self, account: Account, client_id: str, nonce: str, now: datetime) -> str:
        """Signs with a key of the sandbox's own (HS256): nothing outside takes it for a token of Microsoft's."""
        seconds = int(now.timestamp())
        claims: Json = {
            "aud": client_id,
            "iss": self.issuer(),
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + 3600,
            "name": account.name,
            "oid": account.object_id,
            "preferred_username": account.email,
            "sub": _unpadded(hashlib.sha256(f"{client_id}|{account.object_id}".encode()).digest()),
            "tid": self.tenant,
            "ver": "2.0",
        }
        if nonce:
            claims["nonce"] = nonce
        parts = [{"alg": "HS256", "typ": "JWT"}, claims]
        text = ".".join(_unpadded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return f"{text}.{_unpadded(hmac.new(self.key, text.encode(), hashlib.sha256).digest())}"


def wanted_scopes(scopes: tuple[str, ...]) -> list[str]:
    """The permissions among the scopes, without those that only mean signing in."""
    return [scope for scope in scopes if scope not in SIGN_IN]


def _challenge(verifier: str) -> str:
    return _unpadded(hashlib.sha256(verifier.encode()).digest())


def _unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
