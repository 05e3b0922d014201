"""The sandbox as the demo and the tests hold it: start it, put people and events into it, look what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from soroe.sandbox.faults import Answer, Faults
from soroe.sandbox.google.api import CalendarApi
from soroe.sandbox.google.batch import Batch
from soroe.sandbox.google.errors import GoogleError, Json
from soroe.sandbox.google.grants import Client, Grants, RefreshToken
from soroe.sandbox.google.lies import Lies
from soroe.sandbox.google.listing import Listings
from soroe.sandbox.google.mailbox import Mail
from soroe.sandbox.google.model import AccessRole, Account, State
from soroe.sandbox.google.people import People
from soroe.sandbox.google.quota import Quota
from soroe.sandbox.google.scopes import PREFIX, SIGN_IN
from soroe.sandbox.google.sign_in import SignIn
from soroe.sandbox.google.web import make_app, serve_api
from soroe.sandbox.google.writes import Writes
from soroe.sandbox.on_loopback import OnLoopback
from soroe.sandbox.server import LoopbackServer

CLIENT_ID = "sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "sandbox-desktop-client"  # noqa: S105 - the secret of a desktop client is public, and this one opens nothing
USUAL_SCOPES = ("openid", SIGN_IN["email"], f"{PREFIX}calendar.events", f"{PREFIX}calendar.calendarlist.readonly")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Permission:
    """Tokens made without a browser, for tests that are not about signing in."""

    email: str
    access_token: str
    refresh_token: str


class GoogleSandbox(OnLoopback, People):
    """A Google of its own on a loopback port. Use it as a context manager, or call `start` and `stop`.

    `clock` returns the present moment with a time zone and rules everything that has a date: `updated`, the life of
    tokens, the quota, the `Date` header. `seed` makes ids repeatable. What the person does in Google's own web page is
    in the methods that start with `user_`; what went over the wire is in `requests`; `faults` and `lies` are the
    switches for what goes wrong.
    """

    def __init__(self, clock: Callable[[], datetime] = _utc_now, port: int = 0, seed: int = 1) -> None:
        state = State(clock, Random(seed))  # noqa: S311 - ids of sandbox events need not be unguessable
        self._mails: list[Mail] = []
        super().__init__(state, Writes(state, self._mails))
        faults = Faults()
        self.lies = Lies()
        self.quota = Quota(clock)
        self.grants = Grants(clock)
        self.sign_in = SignIn(state, self.grants)
        self.add_client(CLIENT_ID, CLIENT_SECRET)
        api = CalendarApi(state, self.grants, self.quota, Listings(state, self.lies), self._writes)
        pages = make_app(state, self.grants, self.sign_in).wsgi_app
        application = serve_api(pages, api, Batch(api.serve, faults, self.lies))
        self.server = LoopbackServer(application, port, clock=clock, faults=faults)

    @property
    def api_endpoint(self) -> str:
        """What google-api-python-client calls `api_endpoint`; ends in a slash."""
        return f"{self.url}/calendar/v3/"

    @property
    def batch_endpoint(self) -> str:
        return f"{self.url}/batch/calendar/v3"

    @property
    def authorization_endpoint(self) -> str:
        return f"{self.url}/o/oauth2/v2/auth"

    @property
    def token_endpoint(self) -> str:
        return f"{self.url}/token"

    @property
    def revocation_endpoint(self) -> str:
        return f"{self.url}/revoke"

    @property
    def userinfo_endpoint(self) -> str:
        return f"{self.url}/oauth2/v3/userinfo"

    def client_config(self, client_id: str = CLIENT_ID) -> Json:
        """Returns what the Cloud console lets a developer download for a desktop client."""
        return {
            "installed": {
                "client_id": client_id,
                "client_secret": self.grants.clients[client_id].client_secret,
                "auth_uri": self.authorization_endpoint,
                "token_uri": self.token_endpoint,
                "redirect_uris": ["http://localhost"],
            }
        }

    def add_client(self, client_id: str, client_secret: str, *, testing: bool = False) -> None:
        """Registers a desktop client; one in testing has refresh tokens that die after seven days."""
        self.grants.clients[client_id] = Client(client_id, client_secret, testing)

    def give_permission(
        self, email: str, scopes: tuple[str, ...] = USUAL_SCOPES, client_id: str = CLIENT_ID
    ) -> Permission:
        """Makes tokens as if the account had gone through the sign-in."""
        with self._state.lock:
            account = self._state.accounts[email]
            access = self.grants.give_access(account, client_id, scopes, offline=True)
            refresh = self.grants.give_refresh(account, client_id, scopes)
            return Permission(email, str(access["access_token"]), refresh)

    def refuse(self, error: GoogleError, method: str = ".*", path: str = "", times: int = 1) -> None:
        """Answers the next matching requests (or parts of batches) with `error` and does not carry them out.

        The makers in `errors` build every refusal of Google's guide, for example `errors.quota_exceeded()`.
        """
        self.faults.add(Answer.as_json(error.status, error.body(), error.headers), method, path, times)

    @property
    def mails_sent(self) -> tuple[Mail, ...]:
        """Every mail to guests that requests of programs have caused."""
        with self._state.lock:
            return tuple(self._mails)

    def expire_sync_tokens(self) -> None:
        """Makes every sync token answer 410 fullSyncRequired."""
        with self._state.lock:
            self._state.token_generation += 1

    def expire_access_tokens(self) -> None:
        """Ends every access token; refresh tokens go on."""
        with self._state.lock:
            self.grants.access.clear()

    def expire_refresh_tokens(self) -> None:
        """Ends every refresh token (`invalid_grant`), and the access tokens with them."""
        with self._state.lock:
            self.grants.refresh.clear()
            self.grants.access.clear()

    def age_refresh_tokens(self, by: timedelta = timedelta(days=7)) -> None:
        """Makes every refresh token `by` older, so that those of a client in testing die without moving the clock."""
        with self._state.lock:
            for token in self.grants.refresh.values():
                token.made, token.used = token.made - by, token.used - by

    def refresh_tokens(self, email: str) -> list[RefreshToken]:
        """Returns the account's living refresh tokens, oldest first."""
        with self._state.lock:
            return [token for token in self.grants.refresh.values() if token.account.email == email]

    def user_removes_app(self, email: str, client_id: str = CLIENT_ID) -> None:
        """The user takes the program's access away in his Google account."""
        with self._state.lock:
            self.grants.withdraw(email, client_id)


__all__ = ["CLIENT_ID", "CLIENT_SECRET", "USUAL_SCOPES", "AccessRole", "Account", "GoogleSandbox", "Permission"]
