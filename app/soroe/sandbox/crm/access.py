"""Who may call: API keys, access tokens, permissions, blocks and rate limits of the sandbox CRM."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from soroe.sandbox.crm.problems import Problem
from soroe.sandbox.crm.sign_in import SignIn

SCOPES: Mapping[str, Mapping[str, str]] = {
    "activities:read": {"en": "Read your activities", "ja": "活動を読み取る"},
    "activities:write": {
        "en": "Create, change, delete and restore your activities",
        "ja": "活動を作成・変更・削除・復元する",
    },
    "users:read": {"en": "Read the list of users", "ja": "ユーザー一覧を読み取る"},
    "booking:read": {"en": "Read booking pages and connection health", "ja": "予約ページと接続状態を読み取る"},
    "health:write": {"en": "Report the state of your connections", "ja": "接続状態を報告する"},
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and with what: `scopes` are what the key or token allows."""

    user_id: str
    scopes: frozenset[str]
    token: str


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in any `seconds`, per key or token."""

    requests: int
    seconds: float


class Access:
    """Decides on every request; the caller holds one lock."""

    def __init__(self, clock: Callable[[], datetime], sign_in: SignIn) -> None:
        self.clock = clock
        self.sign_in = sign_in
        self.keys: dict[str, str] = {}
        self.withdrawn: set[tuple[str, str]] = set()
        self.blocked = False
        self.suspended = False
        self.limit: Limit | None = None
        self.daily_limit: int | None = None
        self._recent: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._today: tuple[str, int] = ("", 0)

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Returns who calls; raises 401, 402, 403 or 429 as the contract says."""
        given = {name.lower(): value for name, value in headers.items()}
        token = given.get("x-api-key", "")
        scheme, _, rest = given.get("authorization", "").partition(" ")
        if not token and scheme.lower() == "bearer":
            token = rest.strip()
        if not token:
            raise Problem(401, "token_missing", "An API key or an access token is needed.")
        caller = self._known(token)
        if self.suspended:
            raise Problem(402, "account_suspended", "The company's account is suspended.")
        if self.blocked:
            raise Problem(403, "blocked_by_admin", "Your administrator does not allow this program.")
        self._count(token)
        return caller

    def need(self, caller: Caller, scope: str) -> None:
        """Raises 403 when the caller lacks the permission."""
        if scope not in caller.scopes or (caller.user_id, scope) in self.withdrawn:
            detail = f"The permission {scope} is missing."
            raise Problem(403, "permission_missing", detail, permission=scope)

    def _known(self, token: str) -> Caller:
        if token in self.keys:
            return Caller(self.keys[token], frozenset(SCOPES), token)
        found = self.sign_in.access(token)
        if found is None:
            raise Problem(401, "invalid_token", "The key or token is unknown or was revoked.")
        grant, valid = found
        if not valid:
            raise Problem(401, "token_expired", "The access token has expired: refresh it.")
        return Caller(grant.user_id, frozenset(grant.scopes), token)

    def _count(self, token: str) -> None:
        now = self.clock()
        if self.daily_limit is not None:
            day = f"{now:%Y-%m-%d}"
            used = self._today[1] if self._today[0] == day else 0
            if used >= self.daily_limit:
                midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
                wait = int((midnight - now).total_seconds()) + 1
                detail = "The company's requests of today are used up."
                raise Problem(429, "daily_limit_reached", detail, retry_after=wait)
            self._today = (day, used + 1)
        if self.limit is not None:
            window, recent = timedelta(seconds=self.limit.seconds), self._recent[token]
            while recent and now - recent[0] >= window:
                recent.popleft()
            if len(recent) >= self.limit.requests:
                wait = int((recent[0] + window - now).total_seconds()) + 1
                raise Problem(429, "rate_limited", "Too many requests: wait.", retry_after=wait)
            recent.append(now)
