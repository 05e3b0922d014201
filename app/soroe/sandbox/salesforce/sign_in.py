"""Salesforce's OAuth 2: what it answers, and the ways in which it refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from soroe.sandbox.crm.sign_in import BackToProgram, BadRequest, Client, Grant, SignIn, TokenError, back

_SESSION = timedelta(hours=2)
_APPROVALS = 5


@dataclass(slots=True)
class Policies:
    """What an administrator has decided about the program and its users.

    `installed`: the program is installed in the org, or its users may approve programs that are not. `admin_approved`:
    only those users may use it who are named there. `refresh_life`: how long a refresh token lives, and
    `unused_life`: how long one that nobody uses. `rotates`: each refresh gives a new refresh token.
    """

    installed: bool = True
    admin_approved: set[str] | None = None
    refresh_life: timedelta | None = None
    unused_life: timedelta | None = None
    rotates: bool = False
    ip_restricted: bool = False
    inactive: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Refresh:
    grant: Grant
    made: datetime
    used: datetime


class SalesforceSignIn(SignIn):
    """Issues tokens as Salesforce does: no lifetime is told, and a refresh token stays the same.

    `address` is the server's own, for `instance_url` and `id`. At most five approvals of a user live at once; a further
    one ends the oldest.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        scopes: Mapping[str, Mapping[str, str]],
        check_password: Callable[[str, str], str | None],
        org_id: str,
    ) -> None:
        super().__init__(clock, secret, scopes, check_password, _SESSION)
        self.policies = Policies()
        self.address = ""
        self._org_id = org_id
        self._key = secret
        self._refreshes: dict[str, _Refresh] = {}
        self._sessions: dict[str, tuple[Grant, datetime]] = {}

    # ------------------------------------------------------------------ pages
    def decide(self, ticket: str, allowed: bool, scopes: tuple[str, ...]) -> str:
        """Ends the request; the consent page has no boxes: all of it is allowed, or nothing."""
        asked = self.asked(ticket)
        if not self.policies.installed:
            message = "OAUTH_APPROVAL_ERROR_GENERIC: An unexpected error has occured during authentication. "
            raise BadRequest(message + "Please try again.")
        named = self.policies.admin_approved
        if named is not None and asked.user_id not in named:
            told = "user is not admin approved to access this app"
            raise BackToProgram(back(asked, error="OAUTH_APP_ACCESS_DENIED", error_description=told))
        if not allowed:
            raise BackToProgram(back(asked, error="access_denied", error_description="end-user denied authorization"))
        return super().decide(ticket, True, asked.scopes)

    # ------------------------------------------------------------------ tokens
    def exchange(self, form: Mapping[str, str], basic: tuple[str, str] | None) -> dict[str, object]:
        client = self.clients.get(form.get("client_id", "") or (basic or ("", ""))[0])
        if client is None:
            raise TokenError("invalid_client_id", "client identifier invalid")
        match form.get("grant_type"):
            case "authorization_code":
                return self._begin(self._code(form, client))
            case "refresh_token":
                return self._refresh_with(form.get("refresh_token", ""), client)
            case _:
                raise TokenError("unsupported_grant_type", "grant type not supported")

    def give(self, user_id: str, client_id: str, scopes: tuple[str, ...]) -> dict[str, object]:
        return self._begin(Grant(self._key(), user_id, client_id, scopes))

    def access(self, token: str) -> tuple[Grant, bool] | None:
        """The grant behind a session and whether it still lives; a session that is used goes on."""
        found = self._sessions.get(token)
        if found is None:
            return None
        grant, until = found
        lives = self.clock() < until
        if lives:
            self._sessions[token] = (grant, self.clock() + self.access_life)
        return grant, lives

    def revoke(self, token: str) -> None:
        session = self._sessions.get(token)
        grant = self._refreshes[token].grant if token in self._refreshes else session[0] if session else None
        if grant is not None:
            self._end_grants(lambda other: other.family == grant.family)

    def revoke_user(self, user_id: str) -> None:
        self._end_grants(lambda grant: grant.user_id == user_id)

    def expire_access_tokens(self) -> None:
        now = self.clock()
        self._sessions = {token: (grant, now) for token, (grant, _) in self._sessions.items()}

    def signed(self, user_id: str, issued_at: str) -> str:
        """The signature over who signed in and when."""
        digest = hmac.new(b"consumer secret", (self.identity(user_id) + issued_at).encode(), hashlib.sha256)
        return base64.b64encode(digest.digest()).decode()

    def identity(self, user_id: str) -> str:
        """The address of the user's identity."""
        return f"{self.address}/id/{self._org_id}/{user_id}"

    def _code(self, form: Mapping[str, str], client: Client) -> Grant:
        try:
            return self._redeem(form, client)
        except TokenError as problem:
            if "redirect_uri" in problem.description:
                raise TokenError("redirect_uri_mismatch", "redirect_uri must match configuration") from None
            if "code_verifier" in problem.description:
                raise TokenError("invalid_grant", "invalid code verifier") from None
            raise TokenError("invalid_grant", "expired authorization code") from None

    def _begin(self, grant: Grant) -> dict[str, object]:
        self._check(grant)
        answer = self._session(grant)
        if "refresh_token" not in grant.scopes and "offline_access" not in grant.scopes:
            return answer
        mine = [
            token
            for token, each in self._refreshes.items()
            if (each.grant.user_id, each.grant.client_id) == (grant.user_id, grant.client_id)
        ]
        for token in mine[: max(0, len(mine) + 1 - _APPROVALS)]:
            self.revoke(token)
        return answer | {"refresh_token": self._keep(grant)}

    def _refresh_with(self, token: str, client: Client) -> dict[str, object]:
        kept, now = self._refreshes.get(token), self.clock()
        policies = self.policies
        if kept is None or kept.grant.client_id != client.id:
            raise TokenError("invalid_grant", "expired access/refresh token")
        self._check(kept.grant)
        too_old = policies.refresh_life is not None and now - kept.made > policies.refresh_life
        unused = policies.unused_life is not None and now - kept.used > policies.unused_life
        if too_old or unused:
            raise TokenError("invalid_grant", "token validity expired")
        answer = self._session(kept.grant)
        if policies.rotates:
            del self._refreshes[token]
            return answer | {"refresh_token": self._keep(kept.grant)}
        self._refreshes[token] = _Refresh(kept.grant, kept.made, now)
        return answer

    def _check(self, grant: Grant) -> None:
        if grant.user_id in self.policies.inactive:
            raise TokenError("inactive_user", "user is inactive")
        if self.policies.ip_restricted:
            raise TokenError("invalid_grant", "ip restricted")

    def _keep(self, grant: Grant) -> str:
        token = "5Aep" + self._key()
        self._refreshes[token] = _Refresh(grant, self.clock(), self.clock())
        return token

    def _session(self, grant: Grant) -> dict[str, Any]:
        token = f"{self._org_id}!{self._key()}"
        self._sessions[token] = (grant, self.clock() + self.access_life)
        issued_at = str(int(self.clock().timestamp() * 1000))
        return {
            "access_token": token,
            "signature": self.signed(grant.user_id, issued_at),
            "scope": " ".join(grant.scopes),
            "instance_url": self.address,
            "id": self.identity(grant.user_id),
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def _end_grants(self, doomed: Callable[[Grant], bool]) -> None:
        self._refreshes = {t: each for t, each in self._refreshes.items() if not doomed(each.grant)}
        self._sessions = {t: each for t, each in self._sessions.items() if not doomed(each[0])}
