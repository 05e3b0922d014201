"""Sign accounts in: through the browser, or with a key that was pasted; and find out who it was."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from soroe.engine.accounts import HealthBook
from soroe.engine.health import Health, HealthState
from soroe.engine.sign_in_facts import note_sign_in
from soroe.ports.errors import LocalTrouble, PortError
from soroe.ports.remote import Identity
from soroe.ports.sign_in import BrowserFlow, SignInCancelled, WrongAccount
from soroe.ports.store import Store
from soroe.settings.model import (
    Account,
    CrmAuth,
    ExchangeAccount,
    GoogleAccount,
    Microsoft365Account,
    PipedriveAccount,
    RestAccount,
    SalesforceAccount,
    TeamsAccount,
    ZoomAccount,
)
from soroe.settings.ways import Way, way_of

from .connectors import Connectors, now_utc
from .program import Program
from .salesforce import salesforce_settings
from .service_settings import google_settings, microsoft365_settings, oauth_client, teams_settings, zoom_settings
from .syncs import Syncs, identity_fact

if TYPE_CHECKING:
    from soroe.adapters.microsoft365.settings import Microsoft365Settings
    from soroe.adapters.net.oauth import OAuthClient, Tokens
    from soroe.adapters.net.redirect import RedirectPages

SIGN_IN_SECONDS = 300.0
"""How long a sign-in in the browser may take before it is given up; a closed tab never answers."""


class OtherAccount(PortError):
    """Somebody else signed in than the account to be reconnected: nothing is changed (S-2)."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__("other_account")
        self.expected = expected
        self.found = found


class Cancelled(PortError):
    """The user gave the sign-in up, on the service's page or in ours: nothing has changed, and nothing is wrong."""

    def __init__(self) -> None:
        super().__init__("sign_in_cancelled")


class SignIns:
    """Signs accounts of one program in.

    `open_browser` shows an address in the system's browser, or, where there is none, to the user.
    """

    def __init__(self, program: Program, store: Store, open_browser: Callable[[str], None]) -> None:
        self._program = program
        self._store = store
        self._open_browser = open_browser
        self._cancelled = threading.Event()
        self._give_up: Callable[[], None] = self._cancelled.set
        self._lock = threading.Lock()

    def way(self, account: Account) -> Way:
        """What a sign-in to the account asks for."""
        return way_of(account, lambda crm: method_of(crm, self._program.connectors))

    def needs_browser(self, account: Account) -> bool:
        """Whether the account signs in in the browser, and not with a key or a password."""
        return self.way(account) is Way.BROWSER

    def takes_password(self, account: Account) -> bool:
        """Whether the account signs in with a password, or with the sign-in of this computer."""
        return self.way(account) in {Way.PASSWORD, Way.SYSTEM}

    def needs_secret(self, account: Account) -> bool:
        """Whether something has to be typed: not in the browser, and not with the sign-in of this computer."""
        return self.way(account) in {Way.PASSWORD, Way.KEY}

    def cancel(self) -> None:
        """Give up a sign-in that is under way, from any thread; it raises `Cancelled`."""
        with self._lock:
            self._cancelled.set()
            give_up = self._give_up
        give_up()

    def with_browser(self, account: Account) -> Identity:
        """Sign in in the browser; the links, the queue and the cursor of its syncs stay (S-10).

        Raises `OtherAccount`, `Cancelled`, `ConsentMissing`, `LocalTrouble` and every error of the account.
        """
        expected = self.known(account)
        if isinstance(account, GoogleAccount):
            return self._google(account, expected)
        if isinstance(account, Microsoft365Account):
            return self._microsoft365(account, microsoft365_settings(account), expected)
        if isinstance(account, TeamsAccount):
            return self._microsoft365(account, teams_settings(account), expected)
        if isinstance(account, RestAccount):
            return self._rest(account, expected)
        if isinstance(account, SalesforceAccount):
            return self._salesforce(account, expected)
        if isinstance(account, ZoomAccount):
            return self._zoom(account, expected)
        raise LocalTrouble("sign_in_method_not_offered")

    def with_key(self, account: Account, key: str) -> Identity:
        """Sign in with a key. It is kept only after the service has accepted it, and tried once."""
        if self.needs_browser(account):
            raise LocalTrouble("signs_in_in_the_browser")
        return self._keep_if_right(account, key.strip(), self.known(account))

    def with_password(self, account: Account, password: str) -> Identity:
        """Sign in with a password, which may have spaces at its ends; tried once, kept only once the server took it.

        For an account that uses the sign-in of this computer it is "".
        """
        if not self.takes_password(account):
            raise LocalTrouble("signs_in_in_the_browser")
        expected = self.known(account)
        if not isinstance(account, ExchangeAccount):
            return self._keep_if_right(account, password, expected)
        done = self._program.connectors.exchange_sign_in(account, password)
        if expected is not None and done.identity.key != expected.key:
            raise OtherAccount(expected.name, done.identity.name)
        self._keep(account, done.secret, done.identity, None)
        return done.identity

    def known(self, account: Account) -> Identity | None:
        """Who was signed in before, if anybody."""
        if self._store.fact(identity_fact(account.name)) is None:
            return None
        return Syncs(self._program, self._store).identity(account)

    # --- kinds ---
    def _google(self, account: GoogleAccount, expected: Identity | None) -> Identity:
        from soroe.adapters.google.sign_in import GoogleSignIn

        if not account.client_id:
            raise LocalTrouble("no_client_id")
        flow = GoogleSignIn(google_settings(account), open_browser=self._opened, pages=self._pages(), now=now_utc)
        return self._by_flow(account, flow, expected)

    def _microsoft365(
        self, account: Microsoft365Account | TeamsAccount, settings: Microsoft365Settings, expected: Identity | None
    ) -> Identity:
        from soroe.adapters.microsoft365.sign_in import Microsoft365SignIn

        if not account.client_id:
            raise LocalTrouble("no_client_id")
        flow = Microsoft365SignIn(
            settings,
            open_browser=self._opened,
            pages=self._pages(),
            now=now_utc,
            former=self._program.connectors.known_secret(account.name) or "",
        )
        return self._by_flow(account, flow, expected)

    def _by_flow(
        self,
        account: GoogleAccount | Microsoft365Account | TeamsAccount,
        flow: BrowserFlow,
        expected: Identity | None,
    ) -> Identity:
        """Let a service's own flow come to its end, and keep what it brings."""
        hint = expected or (Identity(account.email, account.email) if account.email else None)
        with self._lock:
            self._give_up = flow.cancel
        if self._cancelled.is_set():
            flow.cancel()
        try:
            done = flow.run(hint, SIGN_IN_SECONDS)
        except SignInCancelled as cancelled:
            raise Cancelled from cancelled
        except WrongAccount as other:
            raise OtherAccount(hint.name if hint else "", other.name) from other
        self._keep(account, done.secret, done.identity, done.ends)
        return done.identity

    def _rest(self, account: RestAccount, expected: Identity | None) -> Identity:
        oauth = self._program.connectors.profile(account).auth.oauth2
        if oauth is None:
            raise LocalTrouble("sign_in_method_not_offered")
        tokens = self._oauth_tokens(oauth_client(account, oauth))
        return self._keep_if_right(account, tokens.secret(), expected, tokens.ends)

    def _salesforce(self, account: SalesforceAccount, expected: Identity | None) -> Identity:
        if not account.client_id:
            raise LocalTrouble("no_client_id")
        tokens = self._oauth_tokens(salesforce_settings(account).client())
        return self._keep_if_right(account, tokens.secret(), expected, tokens.ends)

    def _zoom(self, account: ZoomAccount, expected: Identity | None) -> Identity:
        if not account.client_id:
            raise LocalTrouble("no_client_id")
        tokens = self._oauth_tokens(zoom_settings(account).client())
        return self._keep_if_right(account, tokens.secret(), expected, tokens.ends)

    def _oauth_tokens(self, client: OAuthClient) -> Tokens:
        """What a sign-in in the browser brings."""
        from soroe.adapters.net.oauth import sign_in
        from soroe.adapters.net.transport import LibraryClient, RequestCount

        try:
            with closing(LibraryClient(RequestCount())) as http:
                return sign_in(
                    client, http, self._open_browser, secrets.token_bytes, now_utc, self._pages(),
                    timeout=SIGN_IN_SECONDS, cancelled=self._cancelled.is_set,
                )  # fmt: skip # short values, several a line
        except LocalTrouble as trouble:
            if trouble.code == "sign_in_cancelled":
                raise Cancelled from trouble
            raise

    def _pages(self) -> RedirectPages:
        from soroe.adapters.net.redirect import RedirectPages

        return RedirectPages(self._program.resources / "sign-in")

    def _opened(self, address: str) -> bool:
        self._open_browser(address)
        return True

    # --- keeping ---
    def _keep_if_right(
        self, account: Account, secret: str, expected: Identity | None, ends: datetime | None = None
    ) -> Identity:
        """Keep a secret if the service accepts it and it is the right person's; else the old one stays."""
        connectors = self._program.connectors
        before = connectors.known_secret(account.name)
        connectors.keep_secret(account.name, secret)
        try:
            identity = connectors.identity(account)
            if expected is not None and identity.key != expected.key:
                raise OtherAccount(expected.name, identity.name)
        except PortError:
            connectors.put_back(account.name, before)
            raise
        self._remember(account, identity, ends)
        return identity

    def _keep(self, account: Account, secret: str, identity: Identity, ends: datetime | None) -> None:
        self._program.connectors.keep_secret(account.name, secret)
        self._remember(account, identity, ends)

    def _remember(self, account: Account, identity: Identity, ends: datetime | None) -> None:
        note_sign_in(self._store, account.name, now_utc(), ends)
        Syncs(self._program, self._store).remember_identity(account.name, identity)
        book = HealthBook(self._store, now_utc, lambda _change: None)
        book.set(account.name, Health(HealthState.CONNECTED, now_utc()))


def method_of(account: RestAccount | PipedriveAccount, connectors: Connectors) -> CrmAuth:
    """How a CRM is signed in to: as the account says, or the first way that its profile offers."""
    if account.auth is not None:
        return account.auth
    assert isinstance(account, RestAccount)
    return CrmAuth(connectors.profile(account).auth.methods[0])
