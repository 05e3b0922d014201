"""OAuth 2 sign-in for sandbox servers: code flow with PKCE or a client secret, rotating refresh tokens, revocation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Client:
    """A registered program. Without a secret it is public, needs PKCE, and redirects to any loopback port; with one,
    its addresses and its permissions are fixed by its registration."""

    id: str
    name: str
    secret: str | None = None
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One authorization request on its way through the pages; `user_id` is set once somebody has signed in."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    hint: str
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user allowed a program; `family` is shared by all tokens that came from one consent."""

    family: str
    user_id: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    until: datetime


class BadRequest(Exception):
    """The request cannot even be sent back to the program: the browser shows this error."""


class TokenError(Exception):
    """The token endpoint refuses, with an error code of RFC 6749."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class SignIn:
    """Issues and checks tokens. The caller holds one lock; `clock` tells aware UTC times, `secret` makes texts."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        scopes: Mapping[str, Mapping[str, str]],
        check_password: Callable[[str, str], str | None],
        access_life: timedelta = timedelta(hours=1),
    ) -> None:
        self.clock = clock
        self.scopes = scopes
        self.clients: dict[str, Client] = {}
        self.access_life = access_life
        self.more_in_answers: dict[str, object] = {}
        self._secret = secret
        self._check_password = check_password
        self._asked: dict[str, Asked] = {}
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self._refresh: dict[str, Grant] = {}
        self._used: dict[str, Grant] = {}

    # ------------------------------------------------------------------ pages
    def ask(self, query: Mapping[str, str]) -> str:
        """Checks an authorization request; returns its ticket. Raises BadRequest, or BackToProgram for the program."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise BadRequest("invalid_client: this program is not registered.")
        redirect_uri = query.get("redirect_uri", "")
        if not _may_redirect(client, redirect_uri):
            raise BadRequest("redirect_uri_mismatch: the program is not registered with this address.")
        asked = Asked(
            client,
            redirect_uri,
            tuple(query.get("scope", "").split()),
            query.get("state", ""),
            query.get("code_challenge", ""),
            query.get("login_hint", ""),
        )
        if query.get("response_type") != "code":
            raise BackToProgram(back(asked, error="unsupported_response_type"))
        if client.secret is None:
            if query.get("code_challenge_method") != "S256" or _CHALLENGE.fullmatch(asked.challenge) is None:
                raise BackToProgram(back(asked, error="invalid_request", error_description="PKCE with S256 is needed"))
            if not asked.scopes or any(scope not in self.scopes for scope in asked.scopes):
                raise BackToProgram(back(asked, error="invalid_scope"))
        else:
            asked = replace(asked, scopes=tuple(self.scopes))
        ticket = self._secret()
        self._asked[ticket] = asked
        return ticket

    def asked(self, ticket: str) -> Asked:
        """Returns the request behind a ticket of a page."""
        if ticket not in self._asked:
            raise BadRequest("This sign-in page is too old: start again from the program.")
        return self._asked[ticket]

    def enter(self, ticket: str, email: str, password: str) -> bool:
        """Signs the user in for this request; false when address or password are wrong."""
        asked = self.asked(ticket)
        user_id = self._check_password(email, password)
        if user_id is None:
            return False
        self._asked[ticket] = replace(asked, user_id=user_id)
        return True

    def decide(self, ticket: str, allowed: bool, scopes: tuple[str, ...]) -> str:
        """Ends the request with the user's decision; returns the address to send the browser to."""
        asked = self.asked(ticket)
        if not asked.user_id:
            raise BadRequest("Nobody has signed in on this page.")
        del self._asked[ticket]
        if not allowed:
            return back(asked, error="access_denied")
        fixed = asked.client.secret is not None
        granted = tuple(scope for scope in asked.scopes if fixed or scope in scopes)
        grant = Grant(self._secret(), asked.user_id, asked.client.id, granted)
        code = self._secret()
        self._codes[code] = _Code(grant, asked.redirect_uri, asked.challenge, self.clock() + timedelta(minutes=1))
        return back(asked, code=code)

    # ------------------------------------------------------------------ tokens
    def exchange(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> dict[str, object]:
        """Answers the token endpoint; `basic` is the program's id and secret of an Authorization header."""
        client = self._authenticate(form, basic)
        match form.get("grant_type"):
            case "authorization_code":
                return self._issue(self._redeem(form, client))
            case "refresh_token":
                return self._issue(self._rotate(form, client))
            case _:
                raise TokenError("unsupported_grant_type", "authorization_code or refresh_token is needed.")

    def give(self, user_id: str, client_id: str, scopes: tuple[str, ...]) -> dict[str, object]:
        """What the token endpoint would answer once this user had allowed this program so much."""
        return self._issue(Grant(self._secret(), user_id, client_id, scopes))

    def access(self, token: str) -> tuple[Grant, bool] | None:
        """Returns the grant behind an access token and whether the token is still valid; nothing for unknown ones."""
        found = self._access.get(token)
        return (found[0], self.clock() < found[1]) if found else None

    def revoke(self, token: str) -> None:
        """Ends the grant that the token belongs to (RFC 7009: unknown tokens are no error)."""
        grant = self._refresh.get(token) or self._used.get(token)
        if grant is None and token in self._access:
            grant = self._access[token][0]
        if grant is not None:
            self._end(lambda other: other.family == grant.family)

    def revoke_user(self, user_id: str) -> None:
        """Ends everything this user ever allowed."""
        self._end(lambda grant: grant.user_id == user_id)

    def expire_access_tokens(self) -> None:
        """Lets every access token expire now; refresh tokens stay good."""
        now = self.clock()
        self._access = {token: (grant, now) for token, (grant, _) in self._access.items()}

    def _authenticate(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> Client:
        client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        client = self.clients.get(client_id)
        if client is None or (client.secret is not None and not hmac.compare_digest(client.secret, secret)):
            raise TokenError("invalid_client", "The program is not registered, or its secret is wrong.", 401)
        return client

    def _redeem(self, form: Mapping[str, str], client: Client) -> Grant:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.grant.client_id != client.id or self.clock() > code.until:
            raise TokenError("invalid_grant", "The code is unknown, used, or older than a minute.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise TokenError("invalid_grant", "redirect_uri is another one than in the authorization request.")
        if code.challenge:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
                raise TokenError("invalid_grant", "code_verifier does not fit code_challenge.")
        return code.grant

    def _rotate(self, form: Mapping[str, str], client: Client) -> Grant:
        token = form.get("refresh_token", "")
        if token in self._used:
            self.revoke(token)
            raise TokenError("invalid_grant", "The refresh token was used before: the grant is ended.")
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != client.id:
            raise TokenError("invalid_grant", "The refresh token is unknown or revoked.")
        self._used[token] = self._refresh.pop(token)
        return grant

    def _issue(self, grant: Grant) -> dict[str, object]:
        access, refresh = self._secret(), self._secret()
        self._access[access] = (grant, self.clock() + self.access_life)
        self._refresh[refresh] = grant
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(self.access_life.total_seconds()),
            "refresh_token": refresh,
            "scope": " ".join(grant.scopes),
            **self.more_in_answers,
        }

    def _end(self, doomed: Callable[[Grant], bool]) -> None:
        self._access = {t: v for t, v in self._access.items() if not doomed(v[0])}
        self._refresh = {t: g for t, g in self._refresh.items() if not doomed(g)}
        self._used = {t: g for t, g in self._used.items() if not doomed(g)}


class BackToProgram(Exception):
    """The request is refused, and the program is told at `address`."""

    def __init__(self, address: str) -> None:
        super().__init__("The authorization request is refused.")
        self.address = address


def back(asked: Asked, **answer: str) -> str:
    """Returns the redirect address with the answer and the program's state."""
    if asked.state:
        answer["state"] = asked.state
    return f"{asked.redirect_uri}{'&' if urlsplit(asked.redirect_uri).query else '?'}{urlencode(answer)}"


def _may_redirect(client: Client, address: str) -> bool:
    if client.redirects:
        return address in client.redirects
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK and not parts.fragment
