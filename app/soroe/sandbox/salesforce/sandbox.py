"""The Salesforce-shaped sandbox as tests and the demo hold it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

from soroe.sandbox.crm.pages import Pages
from soroe.sandbox.crm.sign_in import Client
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.salesforce.access import Access
from soroe.sandbox.salesforce.administrator import Administrator
from soroe.sandbox.salesforce.api import Api
from soroe.sandbox.salesforce.budget import Budget
from soroe.sandbox.salesforce.identity import IdentityPages
from soroe.sandbox.salesforce.lies import Lies
from soroe.sandbox.salesforce.org import Org, User
from soroe.sandbox.salesforce.person import Person
from soroe.sandbox.salesforce.sign_in import SalesforceSignIn
from soroe.sandbox.salesforce.soap import Soap
from soroe.sandbox.server import LoopbackServer
from soroe.sandbox.site import Site

CLIENT_ID = "3MVG9soroe"
REDIRECTS = tuple(f"http://localhost:{port}/callback" for port in (1717, 1718, 1719))
FOR_PRACTICE = "sandbox"
SCOPES = {
    "api": {"en": "Manage user data via APIs", "ja": "API を使用してユーザーデータを管理"},
    "refresh_token": {"en": "Perform requests at any time", "ja": "いつでも要求を実行"},
    "offline_access": {"en": "Perform requests at any time", "ja": "いつでも要求を実行"},
    "id": {"en": "Access the identity URL service", "ja": "ID URL サービスにアクセス"},
    "openid": {"en": "Access unique user identifiers", "ja": "一意のユーザー識別子にアクセス"},
    "profile": {"en": "Access the profile", "ja": "プロファイルにアクセス"},
    "email": {"en": "Access the email address", "ja": "メールアドレスにアクセス"},
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SalesforceSandbox(OnLoopback, Person, Administrator):
    """A server shaped like one Salesforce org on loopback, from `start` to `stop` (or as a context manager).

    `clock` tells aware UTC times; `secret` makes tokens. The `user_…` methods act as a person in the web page
    (`Person`), the others as an administrator or as the service itself (`Administrator`). The program is registered
    with exact addresses (`redirects`), needs PKCE, and has no secret. `lies` and `faults` make answers go wrong.
    `mails_sent` has the addressee of every mail that a request made the org send: writing events and invitations sends
    none, the action that sends mail does.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = _utc_now,
        port: int = 0,
        secret: Callable[[], str] = secrets.token_urlsafe,
        redirects: tuple[str, ...] = REDIRECTS,
    ) -> None:
        self._lock = threading.RLock()
        self._org = Org(clock)
        self._passwords: dict[str, str] = {}
        self._sign_in = SalesforceSignIn(clock, secret, SCOPES, self._check_password, self._org.id)
        self._sign_in.clients[CLIENT_ID] = Client(CLIENT_ID, "Soroe", None, redirects)
        self._access = Access(self._org, self._sign_in)
        self._budget = Budget(clock)
        self.lies = Lies()
        self.mails_sent: list[str] = []
        self._api = Api(self._org, self._access, self._budget, self.lies, self._lock, self.mails_sent)
        app = Site("soroe.sandbox.salesforce", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._api.install(app)
        Soap(self._org, self._access, self._budget, self._lock).install(app)
        IdentityPages(self._org, self._sign_in, self._lock).install(app)
        Pages(self._sign_in, self._lock, "Sandbox Salesforce", self._passwords, "/services/oauth2").install(app)
        self.server = LoopbackServer(app, port, clock=clock)

    # ------------------------------------------------------------------ the server
    def start(self) -> Self:
        super().start()
        self._sign_in.address = self.url
        return self

    @property
    def authorization_endpoint(self) -> str:
        return self.url + "/services/oauth2/authorize"

    @property
    def token_endpoint(self) -> str:
        return self.url + "/services/oauth2/token"

    @property
    def revocation_endpoint(self) -> str:
        return self.url + "/services/oauth2/revoke"

    # ------------------------------------------------------------------ who may come in
    def add_user(
        self,
        email: str = "sato@example.com",
        name: str = "Sato",
        time_zone: str = "Asia/Tokyo",
        password: str = FOR_PRACTICE,
        sees_all: bool = False,
    ) -> User:
        """Somebody with a licence; who `sees_all` may view and modify all data."""
        with self._lock:
            self._passwords[email] = password
            return self._org.add_user(email, name, time_zone, password, sees_all)

    def session_for(self, user: User) -> str:
        """Returns an access token, as if the user had signed in."""
        return str(self.permission_for(user)["access_token"])

    def permission_for(self, user: User, scopes: tuple[str, ...] = ("api", "refresh_token")) -> dict[str, object]:
        """Returns what the token endpoint answers once the user has allowed so much."""
        with self._lock:
            return self._sign_in.give(user.id, CLIENT_ID, scopes)

    def revoke_consents(self, user: User) -> None:
        with self._lock:
            self._sign_in.revoke_user(user.id)

    def let_sessions_last(self, life: timedelta) -> None:
        """New sessions last so long after their last use, instead of two hours."""
        self._sign_in.access_life = life

    def expire_access_tokens(self) -> None:
        with self._lock:
            self._sign_in.expire_access_tokens()

    def block_uninstalled_programs(self, blocked: bool = True) -> None:
        """The program is not installed in the org, and users may not approve it."""
        self._sign_in.policies.installed = not blocked

    def allow_only(self, *users: User) -> None:
        """Only these users are approved by an administrator to use the program."""
        self._sign_in.policies.admin_approved = {user.id for user in users}

    def expire_refresh_tokens(self, after: timedelta, unused: bool = False) -> None:
        """Refresh tokens end so long after they were made, or after they were last used."""
        if unused:
            self._sign_in.policies.unused_life = after
        else:
            self._sign_in.policies.refresh_life = after

    def rotate_refresh_tokens(self) -> None:
        self._sign_in.policies.rotates = True

    def restrict_addresses(self, restricted: bool = True) -> None:
        """The program's network address is not among those that may sign in."""
        self._sign_in.policies.ip_restricted = restricted

    def deactivate(self, user: User) -> None:
        """An administrator freezes the user: his sessions end, and he gets no new ones."""
        with self._lock:
            self._sign_in.policies.inactive.add(user.id)
            self._org.touch(self._org.tables["User"][user.id], {"IsActive": False})

    def _check_password(self, email: str, password: str) -> str | None:
        user = self._org.user_with(email)
        known = user is not None and user.password == password and self._org.is_active(user.id)
        return user.id if user is not None and known else None
