"""Who may call the Pipedrive-shaped server: API tokens, OAuth grants with fixed scopes, a suspended company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soroe.sandbox.crm.sign_in import SignIn
from soroe.sandbox.pipedrive.refusals import Refusal
from soroe.sandbox.pipedrive.store import Store

SCOPES: Mapping[str, Mapping[str, str]] = {
    "base": {"en": "Read basic information", "ja": "基本情報を読み取る"},
    "activities:read": {"en": "Read activities", "ja": "アクティビティを読み取る"},
    "activities:full": {"en": "Read, create, change and delete activities", "ja": "アクティビティを読み書きする"},
    "users:read": {"en": "Read the users of the company", "ja": "社内のユーザーを読み取る"},
}
READ = frozenset({"activities:read", "activities:full"})
WRITE = frozenset({"activities:full"})
SELF = frozenset({"base", "users:read"})


@dataclass(frozen=True, slots=True)
class Caller:
    user_id: int
    token: str
    oauth: bool
    scopes: frozenset[str]


class Access:
    """Decides who calls; the caller of its methods holds one lock."""

    def __init__(self, store: Store, sign_in: SignIn) -> None:
        self.store = store
        self.sign_in = sign_in
        self.tokens: dict[str, int] = {}
        self.without: set[tuple[int, str]] = set()
        self.suspended = False

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Returns who calls; raises 401 or 402."""
        given = {name.lower(): value for name, value in headers.items()}
        caller = self._by_token(given.get("x-api-token", "")) or self._by_grant(given.get("authorization", ""))
        if caller is None or not self.store.users[caller.user_id].active:
            raise Refusal(401, "unauthorized access", "Please check developers.pipedrive.com")
        if self.suspended:
            raise Refusal(402, "The company account is not open", "Payment required")
        return caller

    def need(self, caller: Caller, any_of: frozenset[str]) -> None:
        """Raises 403 when the caller has none of the scopes."""
        has = {scope for scope in caller.scopes if (caller.user_id, scope) not in self.without}
        if not has & any_of:
            raise Refusal(403, "Scope and URL mismatch", f"Needs one of: {', '.join(sorted(any_of))}", "ERR_FORBIDDEN")

    def _by_token(self, token: str) -> Caller | None:
        user_id = self.tokens.get(token)
        return Caller(user_id, token, False, frozenset(SCOPES)) if user_id is not None else None

    def _by_grant(self, header: str) -> Caller | None:
        scheme, _, token = header.partition(" ")
        found = self.sign_in.access(token) if scheme.lower() == "bearer" else None
        if found is None or not found[1]:
            return None
        return Caller(int(found[0].user_id), token, True, frozenset(found[0].scopes))
